/* SPDX-License-Identifier: BSD-3-Clause */
#define FASTRPC_SKEL 1

#include "apps_mem.h"

#include <stdlib.h>

#include "../service.h"
#include "HAP_mem.h"

#define SC_REQUEST_MAP_64   0x02010100u
#define SC_REQUEST_UNMAP_64 0x03010000u
#define SC_DMA_HANDLE_MAP   0x06010000u
#define SC_DMA_HANDLE_UNMAP 0x07010000u
#define SYSTEM_HEAP	    25
#define ALLOC_HLOS_FD	    0x10000u

/* A buffer that the CPU has made for us. */
struct requested {
	struct requested *next;
	int fd;
	uint64_t length;
};

struct emu_hap_apps_mem {
	uint32_t handle;	     /* the CPU's number for the service */
	struct requested *requested; /* under hap->lock */
};

void emu_hap_apps_mem_free(struct emu_hap_apps_mem *mem)
{
	struct requested *requested;

	if (!mem)
		return;
	while ((requested = mem->requested)) {
		mem->requested = requested->next;
		free(requested);
	}
	free(mem);
}

/* NULL: no memory, or the CPU has no such service; *@res says which. */
static struct emu_hap_apps_mem *open_service(struct emu_hap *hap, int32_t *res)
{
	struct emu_hap_apps_mem *mem, *other;

	pthread_mutex_lock(&hap->lock);
	mem = hap->apps_mem;
	pthread_mutex_unlock(&hap->lock);
	*res = 0;
	if (mem)
		return mem;
	mem = calloc(1, sizeof(*mem));
	*res = mem ? emu_service_open(hap->config.host->reverse_call, hap->config.context,
				      "apps_mem", &mem->handle)
		   : (int32_t)AEE_ENOMEMORY;
	if (*res) {
		free(mem);
		return NULL;
	}
	pthread_mutex_lock(&hap->lock);
	other = hap->apps_mem;
	if (!other)
		hap->apps_mem = mem;
	pthread_mutex_unlock(&hap->lock);
	if (!other)
		return mem;
	free(mem); /* another thread was faster: the CPU counts by name, and does not mind */
	return other;
}

static int32_t call(struct emu_hap *hap, uint32_t sc, const struct emu_reverse_buffer *buffers)
{
	int32_t res;
	struct emu_hap_apps_mem *mem = open_service(hap, &res);

	return mem ? hap->config.host->reverse_call(hap->config.context, mem->handle, sc, buffers)
		   : res;
}

int32_t emu_hap_apps_mem_map(struct emu_hap *hap, int fd, uint64_t length)
{
	struct {
		int32_t fd, offset, size;
	} in = {fd, 0, (int32_t)length};
	const struct emu_reverse_buffer buffer = {&in, sizeof(in)};

	return call(hap, SC_DMA_HANDLE_MAP, &buffer);
}

void emu_hap_apps_mem_unmap(struct emu_hap *hap, int fd, uint64_t length)
{
	struct {
		int32_t fd, size;
	} in = {fd, (int32_t)length};
	const struct emu_reverse_buffer buffer = {&in, sizeof(in)};

	call(hap, SC_DMA_HANDLE_UNMAP, &buffer);
}

static int32_t unmap_requested(struct emu_hap *hap, int fd, uint64_t length)
{
	uint64_t in[2] = {(uint32_t)fd, length};
	const struct emu_reverse_buffer buffer = {in, sizeof(in)};

	return call(hap, SC_REQUEST_UNMAP_64, &buffer);
}

static void enlist(struct emu_hap *hap, struct requested *requested)
{
	pthread_mutex_lock(&hap->lock);
	requested->next = hap->apps_mem->requested;
	hap->apps_mem->requested = requested;
	pthread_mutex_unlock(&hap->lock);
}

int HAP_apps_mem_request(size_t size, uint32_t flags, int *fd, uint64_t *va)
{
	struct {
		int32_t heap;
		uint32_t lflags, rflags, pad;
		uint64_t vin;
		int64_t length;
	} in = {SYSTEM_HEAP, flags, ALLOC_HLOS_FD, 0, 0, (int64_t)size};
	struct emu_hap *hap = emu_hap_current();
	uint64_t out[2] = {0, 0}; /* where the app sees it; the fd */
	const struct emu_reverse_buffer buffers[2] = {{&in, sizeof(in)}, {out, sizeof(out)}};
	struct requested *requested;
	int32_t res;

	if (!hap || !size || size > INT32_MAX || !fd || !va)
		return AEE_EBADPARM;
	requested = calloc(1, sizeof(*requested));
	if (!requested)
		return AEE_ENOMEMORY;
	res = call(hap, SC_REQUEST_MAP_64, buffers);
	if (res) {
		free(requested);
		return res;
	}
	requested->fd = (int)out[1];
	requested->length = size;
	enlist(hap, requested);
	*fd = requested->fd;
	*va = out[0];
	return AEE_SUCCESS;
}

int HAP_apps_mem_release(int fd)
{
	struct emu_hap *hap = emu_hap_current();
	struct requested **at, *requested = NULL;
	int32_t res;

	if (!hap)
		return AEE_EBADPARM;
	pthread_mutex_lock(&hap->lock);
	if (hap->apps_mem) {
		at = &hap->apps_mem->requested;
		while (*at && (*at)->fd != fd)
			at = &(*at)->next;
		requested = *at;
		if (requested)
			*at = requested->next;
	}
	pthread_mutex_unlock(&hap->lock);
	if (!requested)
		return AEE_ENOSUCHMAP;
	res = unmap_requested(hap, fd, requested->length);
	if (res)
		enlist(hap, requested); /* the CPU has it still */
	else
		free(requested);
	return res;
}
