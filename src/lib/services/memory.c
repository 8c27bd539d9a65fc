/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Three kinds of memory: the driver's own, given to the DSP process for its heap; buffers allocated
 * here and shared; and dma-bufs of the app. Of the latter only those that the app has registered for
 * this: a DSP must not reach through any fd of the process.
 */
#include "memory.h"

#include <errno.h>
#include <stdlib.h>

#include "../buffer.h"
#include "../memory.h"
#include "AEEStdErr.h"
#include "args.h"
#include "transport/transport.h"

#define MOST_BYTES (UINT64_C(512) << 20) /* allocated here for one DSP process */

/* Requests' rflags. */
#define HEAP_ADDR	 0x4u
#define REMOTE_HEAP_ADDR 0x8u
#define ADD_PAGES	 0x1000u
#define ADD_PAGES_LLC	 0x3000u
#define ALLOC_HLOS_FD	 0x10000u

struct given {
	struct given *next;
	struct frpc_buffer buffer; /* bytes NULL: the driver's memory, or the app's */
	int32_t fd;		   /* by which the DSP names it, or -1 */
	uint64_t address, length;
	bool by_fd; /* mapped with mem_map, else with mmap */
};

struct frpc_apps_mem {
	struct frpc_remote *remote;
	struct given *given;
	uint64_t allocated;
};

int frpc_apps_mem_new(struct frpc_remote *remote, struct frpc_apps_mem **ret_mem)
{
	struct frpc_apps_mem *mem = calloc(1, sizeof(*mem));

	if (!mem)
		return -ENOMEM;
	mem->remote = remote;
	*ret_mem = mem;
	return 0;
}

void frpc_apps_mem_free(struct frpc_apps_mem *mem)
{
	struct given *given;

	if (!mem)
		return;
	while ((given = mem->given)) {
		mem->given = given->next;
		frpc_buffer_free(&given->buffer);
		free(given);
	}
	free(mem);
}

static int code_of(int res, int32_t status)
{
	if (res == -ENOMEM)
		return AEE_ENORPCMEMORY;
	if (res == -EOPNOTSUPP || res == -ENOTTY)
		return AEE_EUNSUPPORTED;
	return res ? AEE_ERPC : status;
}

static int map(struct frpc_apps_mem *mem, struct given *given, uint32_t flags, uint64_t vin)
{
	const struct frpc_transport_ops *ops = mem->remote->transport->ops;
	const struct frpc_map_params params = {
		.fd = given->fd,
		.flags = flags,
		.vaddr = given->buffer.bytes ? (uintptr_t)given->buffer.bytes : vin,
		.length = given->length,
	};
	int32_t status = 0;
	int res;

	res = (given->by_fd ? ops->mem_map : ops->mmap)(mem->remote, &params, &given->address,
							&status);
	return code_of(res, status);
}

static int unmap(struct frpc_apps_mem *mem, const struct given *given)
{
	const struct frpc_transport_ops *ops = mem->remote->transport->ops;
	int32_t status = 0;
	int res;

	res = given->by_fd ? ops->mem_unmap(mem->remote, given->fd, given->address, given->length,
					    &status)
			   : ops->munmap(mem->remote, given->address, given->length, &status);
	return code_of(res, status);
}

static int allocate(struct frpc_apps_mem *mem, struct given *given)
{
	int res;

	if (given->length > MOST_BYTES - mem->allocated)
		return AEE_ENORPCMEMORY;
	res = frpc_buffer_alloc(mem->remote->transport, given->length, &given->buffer);
	if (res)
		return AEE_ENORPCMEMORY;
	given->fd = given->buffer.fd;
	mem->allocated += given->buffer.size;
	return AEE_SUCCESS;
}

static void release(struct frpc_apps_mem *mem, struct given *given)
{
	if (given->buffer.bytes)
		mem->allocated -= given->buffer.size;
	frpc_buffer_free(&given->buffer);
	free(given);
}

static int give(struct frpc_apps_mem *mem, uint32_t rflags, uint64_t vin, uint64_t length,
		struct given **ret_given)
{
	bool drivers = rflags == HEAP_ADDR || rflags == REMOTE_HEAP_ADDR || rflags == ADD_PAGES ||
		       rflags == ADD_PAGES_LLC;
	struct given *given = calloc(1, sizeof(*given));
	int res = AEE_SUCCESS;

	if (!given)
		return AEE_ENORPCMEMORY;
	given->fd = -1;
	given->length = length;
	if (!drivers) {
		given->by_fd = true;
		res = allocate(mem, given);
	}
	if (!res)
		res = map(mem, given,
			  drivers		    ? rflags
			  : rflags == ALLOC_HLOS_FD ? FASTRPC_MAP_FD_DELAYED
						    : FASTRPC_MAP_STATIC,
			  vin);
	if (res) {
		release(mem, given);
		return res;
	}
	given->next = mem->given;
	mem->given = given;
	*ret_given = given;
	return AEE_SUCCESS;
}

static int take_back(struct frpc_apps_mem *mem, struct given **at)
{
	struct given *given = *at;
	int res;

	if (!given)
		return AEE_ENOSUCHMAP;
	res = unmap(mem, given);
	if (res)
		return res;
	*at = given->next;
	release(mem, given);
	return AEE_SUCCESS;
}

static int request_map(struct frpc_apps_mem *mem, const struct frpc_reverse_call *call, bool wide)
{
	struct given *given;
	uint64_t out[2], length;
	uint32_t rflags, narrow[2];
	int res;

	if (!frpc_args_shape(call, 1, 1, wide ? 32 : 20, wide ? 16 : 8))
		return AEE_EBADPARM;
	rflags = frpc_args_u32(call, 8);
	length = wide ? frpc_args_u64(call, 24) : frpc_args_u32(call, 16);
	if (!length || length > INT32_MAX)
		return AEE_EBADSIZE;
	res = give(mem, rflags, wide ? frpc_args_u64(call, 16) : frpc_args_u32(call, 12), length,
		   &given);
	if (res)
		return res;
	out[0] = (uintptr_t)given->buffer.bytes;
	out[1] = rflags == ALLOC_HLOS_FD ? (uint32_t)given->fd : given->address;
	if (wide) {
		frpc_args_put(call, 0, out, sizeof(out));
		return AEE_SUCCESS;
	}
	/* The older form holds no more than 32 bits; the CPU's address is of no use to a DSP anyway. */
	narrow[0] = (uint32_t)out[0];
	narrow[1] = (uint32_t)out[1];
	frpc_args_put(call, 0, narrow, sizeof(narrow));
	return AEE_SUCCESS;
}

static int request_unmap(struct frpc_apps_mem *mem, const struct frpc_reverse_call *call, bool wide)
{
	struct given **at = &mem->given;
	uint64_t address, length;

	if (!frpc_args_shape(call, 1, 0, wide ? 16 : 8, 0))
		return AEE_EBADPARM;
	address = wide ? frpc_args_u64(call, 0) : frpc_args_u32(call, 0);
	length = wide ? frpc_args_u64(call, 8) : frpc_args_u32(call, 4);
	while (*at && (((*at)->address != address && (uint32_t)(*at)->fd != address) ||
		       (*at)->length != length))
		at = &(*at)->next;
	return take_back(mem, at);
}

/* May the DSP have this dma-buf, and how long is it? Only what the app passes around itself. */
static bool is_offered(int32_t fd, uint64_t *ret_length)
{
	struct frpc_buffer_info info;
	uint32_t length, attr;

	if (fd < 0)
		return false;
	if (!frpc_memory_find_handle(fd, &length, &attr)) {
		*ret_length = length;
		return true;
	}
	if (frpc_memory_find_fd(fd, &info))
		return false;
	*ret_length = info.size;
	return true;
}

/* A dma-buf of the app's: share_map tells addresses, dma_handle_map does not. */
static int map_fd(struct frpc_apps_mem *mem, const struct frpc_reverse_call *call, bool tells)
{
	struct given *given;
	uint64_t offered, out[2];
	int32_t fd, size;
	int res;

	if (!(tells ? frpc_args_shape(call, 1, 1, 8, 16) : frpc_args_shape(call, 1, 0, 12, 0)))
		return AEE_EBADPARM;
	fd = (int32_t)frpc_args_u32(call, 0);
	size = (int32_t)frpc_args_u32(call, tells ? 4 : 8);
	if (size <= 0 || !is_offered(fd, &offered) || (uint64_t)size > offered ||
	    (!tells && frpc_args_u32(call, 4)))
		return AEE_EBADPARM;
	given = calloc(1, sizeof(*given));
	if (!given)
		return AEE_ENORPCMEMORY;
	given->fd = fd;
	given->length = (uint64_t)size;
	given->by_fd = true;
	res = map(mem, given, tells ? FASTRPC_MAP_STATIC : FASTRPC_MAP_FD, 0);
	if (res) {
		release(mem, given);
		return res;
	}
	given->next = mem->given;
	mem->given = given;
	out[0] = 0;
	out[1] = given->address;
	if (tells)
		frpc_args_put(call, 0, out, sizeof(out));
	return AEE_SUCCESS;
}

static int share_unmap(struct frpc_apps_mem *mem, const struct frpc_reverse_call *call)
{
	struct given **at = &mem->given;

	if (!frpc_args_shape(call, 1, 0, 12, 0))
		return AEE_EBADPARM;
	while (*at && ((*at)->buffer.bytes || (*at)->address != frpc_args_u64(call, 0) ||
		       (*at)->length != frpc_args_u32(call, 8)))
		at = &(*at)->next;
	return take_back(mem, at);
}

static int dma_handle_unmap(struct frpc_apps_mem *mem, const struct frpc_reverse_call *call)
{
	struct given **at = &mem->given;

	if (!frpc_args_shape(call, 1, 0, 8, 0))
		return AEE_EBADPARM;
	while (*at && ((*at)->buffer.bytes || (uint32_t)(*at)->fd != frpc_args_u32(call, 0) ||
		       (*at)->length != frpc_args_u32(call, 4)))
		at = &(*at)->next;
	return take_back(mem, at);
}

int frpc_apps_mem_call(struct frpc_apps_mem *mem, const struct frpc_reverse_call *call)
{
	switch (FRPC_SC_METHOD(call->sc)) {
	case 0:
		return request_map(mem, call, false);
	case 1:
		return request_unmap(mem, call, false);
	case 2:
		return request_map(mem, call, true);
	case 3:
		return request_unmap(mem, call, true);
	case 4:
		return map_fd(mem, call, true);
	case 5:
		return share_unmap(mem, call);
	case 6:
		return map_fd(mem, call, false);
	case 7:
		return dma_handle_unmap(mem, call);
	default:
		return AEE_EUNSUPPORTED;
	}
}
