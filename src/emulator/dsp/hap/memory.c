/* SPDX-License-Identifier: BSD-3-Clause */
/* HAP_mem: the CPU's buffers by fd, reserved address space, numbers about heap and stack. */
#define FASTRPC_SKEL 1

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../low_memory.h"
#include "HAP_mem.h"
#include "apps_mem.h"
#include "hap.h"

#define FAILED ((void *)-1)
#define PAGE   4096u

/* What HAP_mmap() or HAP_mem_request() has handed out. */
struct mapping {
	struct mapping *next;
	unsigned char *bytes;
	uint64_t length;
	uint64_t asked_for; /* so much the CPU has mapped at our request */
	int fd;
};

/* A buffer that HAP_mmap_get() has referred to, and how often. */
struct referred {
	struct referred *next;
	int fd;
	uint64_t count;
};

/* Address space without memory. */
struct reserved {
	struct reserved *next;
	unsigned char *bytes;
	uint64_t length;
};

struct emu_hap_memory {
	pthread_mutex_t lock;
	struct mapping *mappings;
	struct referred *referred;
	struct reserved *reserved;
	uint64_t grow_min, grow_max;
};

int emu_hap_memory_new(struct emu_hap_memory **ret_memory)
{
	struct emu_hap_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return -ENOMEM;
	memory->grow_min = 1 << 20;
	memory->grow_max = 16 << 20;
	pthread_mutex_init(&memory->lock, NULL);
	*ret_memory = memory;
	return 0;
}

void emu_hap_memory_free(struct emu_hap *hap)
{
	struct emu_hap_memory *memory = hap->memory;
	struct referred *referred;
	struct reserved *reserved;
	struct mapping *mapping;

	if (!memory)
		return;
	while ((mapping = memory->mappings)) {
		memory->mappings = mapping->next;
		hap->config.host->buffer_put(hap->config.context, mapping->fd);
		free(mapping);
	}
	while ((referred = memory->referred)) {
		memory->referred = referred->next;
		for (uint64_t i = 0; i < referred->count; i++)
			hap->config.host->buffer_put(hap->config.context, referred->fd);
		free(referred);
	}
	while ((reserved = memory->reserved)) {
		memory->reserved = reserved->next;
		munmap(reserved->bytes, (size_t)reserved->length);
		free(reserved);
	}
	pthread_mutex_destroy(&memory->lock);
	free(memory);
}

static void *map(size_t length, int prot, int fd)
{
	struct emu_hap *hap = emu_hap_current();
	struct emu_hap_view view;
	struct mapping *mapping;
	bool asked_for = false;
	uint64_t known;
	int res;

	if (!hap || !length || (prot & HAP_PROT_EXEC) || fd < 0)
		return FAILED;
	res = hap->config.host->buffer_get(hap->config.context, fd, &view);
	if (res == -ENOENT && !hap->config.host->buffer_length(hap->config.context, fd, &known) &&
	    length <= known && known <= INT32_MAX) {
		asked_for = !emu_hap_apps_mem_map(hap, fd, known);
		if (asked_for)
			res = hap->config.host->buffer_get(hap->config.context, fd, &view);
	}
	mapping = !res && length <= view.length ? calloc(1, sizeof(*mapping)) : NULL;
	if (!mapping) {
		if (!res)
			hap->config.host->buffer_put(hap->config.context, fd);
		if (asked_for)
			emu_hap_apps_mem_unmap(hap, fd, known);
		return FAILED;
	}
	*mapping = (struct mapping){NULL, view.bytes, length, asked_for ? known : 0, fd};
	pthread_mutex_lock(&hap->memory->lock);
	mapping->next = hap->memory->mappings;
	hap->memory->mappings = mapping;
	pthread_mutex_unlock(&hap->memory->lock);
	return view.bytes;
}

static int unmap(void *address, size_t length)
{
	struct emu_hap *hap = emu_hap_current();
	struct mapping **at, *mapping;

	if (!hap)
		return AEE_EBADPARM;
	pthread_mutex_lock(&hap->memory->lock);
	at = &hap->memory->mappings;
	while (*at && ((*at)->bytes != address || (*at)->length != length))
		at = &(*at)->next;
	mapping = *at;
	if (mapping)
		*at = mapping->next;
	pthread_mutex_unlock(&hap->memory->lock);
	if (!mapping)
		return AEE_EBADPARM;
	hap->config.host->buffer_put(hap->config.context, mapping->fd);
	if (mapping->asked_for)
		emu_hap_apps_mem_unmap(hap, mapping->fd, mapping->asked_for);
	free(mapping);
	return AEE_SUCCESS;
}

void *HAP_mmap(void *addr, int len, int prot, int flags, int fd, long offset)
{
	return len < 0 ? FAILED : HAP_mmap2(addr, (size_t)len, prot, flags, fd, offset);
}

void *HAP_mmap2(void *addr, size_t len, int prot, int flags, int fd, long offset)
{
	(void)flags; /* how it is cached: the host's memory is coherent */
	return addr || offset ? FAILED : map(len, prot, fd);
}

int HAP_munmap(void *addr, int len)
{
	return len < 0 ? (int)AEE_EBADPARM : unmap(addr, (size_t)len);
}

int HAP_munmap2(void *addr, size_t len)
{
	return unmap(addr, len);
}

/* Where the buffer's is, or where the list ends. With the lock held. */
static struct referred **find_referred(struct emu_hap_memory *memory, int fd)
{
	struct referred **at = &memory->referred;

	while (*at && (*at)->fd != fd)
		at = &(*at)->next;
	return at;
}

/* One more of the skel's references to that buffer. False: no memory. */
static bool refer(struct emu_hap_memory *memory, int fd)
{
	struct referred **at, *referred;

	pthread_mutex_lock(&memory->lock);
	at = find_referred(memory, fd);
	if (!*at)
		*at = calloc(1, sizeof(**at));
	referred = *at;
	if (referred) {
		referred->fd = fd;
		referred->count++;
	}
	pthread_mutex_unlock(&memory->lock);
	return referred != NULL;
}

/* One less. False: the skel has none, whoever else may. */
static bool unrefer(struct emu_hap_memory *memory, int fd)
{
	struct referred **at, *referred, *last = NULL;

	pthread_mutex_lock(&memory->lock);
	at = find_referred(memory, fd);
	referred = *at;
	if (referred && !--referred->count) {
		last = referred;
		*at = last->next;
	}
	pthread_mutex_unlock(&memory->lock);
	free(last);
	return referred != NULL;
}

int HAP_mmap_get(int fd, void **vaddr, uint64_t *paddr)
{
	struct emu_hap *hap = emu_hap_current();
	struct emu_hap_view view;
	int res;

	if (!hap || fd < 0)
		return AEE_EBADPARM;
	res = hap->config.host->buffer_get(hap->config.context, fd, &view);
	if (res)
		return res == -ENOENT	? AEE_ENOSUCHMAP
		       : res == -ENOMEM ? AEE_ENOMEMORY
					: AEE_EFAILED;
	if (!refer(hap->memory, fd)) {
		hap->config.host->buffer_put(hap->config.context, fd);
		return AEE_ENOMEMORY;
	}
	if (vaddr)
		*vaddr = view.bytes;
	if (paddr)
		*paddr = view.address;
	return AEE_SUCCESS;
}

int HAP_mmap_put(int fd)
{
	struct emu_hap *hap = emu_hap_current();

	if (!hap || fd < 0)
		return AEE_EBADPARM;
	if (!unrefer(hap->memory, fd))
		return AEE_ENOSUCHMAP;
	return hap->config.host->buffer_put(hap->config.context, fd) ? AEE_ENOSUCHMAP : AEE_SUCCESS;
}

int adsp_mmap_fd_getinfo(int fd, uint32_t *len)
{
	struct emu_hap *hap = emu_hap_current();
	uint64_t length;

	if (!hap || !len || hap->config.host->buffer_length(hap->config.context, fd, &length) ||
	    length > UINT32_MAX)
		return AEE_EBADPARM;
	*len = (uint32_t)length;
	return AEE_SUCCESS;
}

int adsp_addref_mmap(void *address, int length, uint32_t flags)
{
	(void)address, (void)length, (void)flags;
	return AEE_EUNSUPPORTED;
}

int adsp_release_mmap(void *address, int length)
{
	(void)address, (void)length;
	return AEE_EUNSUPPORTED;
}

/* Whole pages. 0: none, or more than can be said. */
static uint64_t pages_of(uint64_t length)
{
	return length > UINT64_MAX - PAGE ? 0 : (length + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

static int reserve(struct emu_hap *hap, hap_mem_request_payload_t *request)
{
	struct reserved *reserved = calloc(1, sizeof(*reserved));
	uint64_t length = pages_of(request->reserve.len);

	if (!reserved)
		return AEE_ENOMEMORY;
	if (!length) {
		free(reserved);
		return AEE_EBADPARM;
	}
	reserved->bytes = emu_low_map(-1, 0, length);
	if (reserved->bytes == MAP_FAILED) {
		free(reserved);
		return AEE_ENOMEMORY;
	}
	reserved->length = length;
	mprotect(reserved->bytes, (size_t)length, PROT_NONE);
	pthread_mutex_lock(&hap->memory->lock);
	reserved->next = hap->memory->reserved;
	hap->memory->reserved = reserved;
	pthread_mutex_unlock(&hap->memory->lock);
	request->reserve.va = (uintptr_t)reserved->bytes;
	return AEE_SUCCESS;
}

static int unreserve(struct emu_hap *hap, const hap_mem_request_payload_t *request)
{
	uint64_t va = request->unreserve.va, length = pages_of(request->unreserve.len);
	struct reserved **at, *reserved;

	pthread_mutex_lock(&hap->memory->lock);
	at = &hap->memory->reserved;
	while (*at && ((uintptr_t)(*at)->bytes != va || (*at)->length != length))
		at = &(*at)->next;
	reserved = *at;
	if (reserved)
		*at = reserved->next;
	pthread_mutex_unlock(&hap->memory->lock);
	if (!reserved)
		return AEE_EBADPARM;
	munmap(reserved->bytes, (size_t)reserved->length);
	free(reserved);
	return AEE_SUCCESS;
}

int HAP_mem_request(hap_mem_request_payload_t *request)
{
	struct emu_hap *hap = emu_hap_current();
	void *bytes;

	if (!hap || !request)
		return AEE_EBADPARM;
	switch (request->id) {
	case REQUEST_MAP:
		/* A buffer is mapped once in a process: it cannot be moved into a reserved range. */
		if (request->map.addr)
			return AEE_EUNSUPPORTED;
		if (request->map.len != (size_t)request->map.len)
			return AEE_EBADPARM;
		bytes = map((size_t)request->map.len, request->map.prot, request->map.fd);
		if (bytes == FAILED)
			return AEE_EBADPARM;
		request->map.dsp_va = (uintptr_t)bytes;
		return AEE_SUCCESS;
	case REQUEST_UNMAP:
		if (request->unmap.va != (uintptr_t)request->unmap.va ||
		    request->unmap.len != (size_t)request->unmap.len)
			return AEE_EBADPARM;
		return unmap((void *)(uintptr_t)request->unmap.va, (size_t)request->unmap.len);
	case REQUEST_RESERVE_VA:
		return reserve(hap, request);
	case REQUEST_UNRESERVE_VA:
		return unreserve(hap, request);
	default:
		return AEE_EUNSUPPORTED;
	}
}

int HAP_mem_get_stats(struct HAP_mem_stats *stats)
{
	struct emu_hap *hap = emu_hap_current();

	if (!hap || !stats)
		return AEE_EBADPARM;
#if defined(__GLIBC__)
	struct mallinfo2 info = mallinfo2();

	stats->bytes_free = info.fordblks;
	stats->bytes_used = info.uordblks + info.hblkhd;
	stats->seg_free = info.ordblks;
	stats->seg_used = info.hblks;
	pthread_mutex_lock(&hap->memory->lock);
	stats->min_grow_bytes = hap->memory->grow_min;
	pthread_mutex_unlock(&hap->memory->lock);
	return AEE_SUCCESS;
#else
	return AEE_EUNSUPPORTED; /* this C library counts nothing */
#endif
}

int HAP_mem_set_grow_size(uint64_t min, uint64_t max)
{
	struct emu_hap *hap = emu_hap_current();

	if (!hap || !min || min > max)
		return AEE_EBADPARM;
	pthread_mutex_lock(&hap->memory->lock);
	hap->memory->grow_min = min;
	hap->memory->grow_max = max;
	pthread_mutex_unlock(&hap->memory->lock);
	return AEE_SUCCESS;
}

/* The host's heap has neither thresholds nor a place of its own. */
int HAP_mem_set_heap_thresholds(unsigned int low, unsigned int high)
{
	(void)low, (void)high;
	return AEE_EUNSUPPORTED;
}

int HAP_mem_get_heap_info(void *info)
{
	(void)info;
	return AEE_EUNSUPPORTED;
}

uint64_t HAP_mem_available_stack(void)
{
	pthread_attr_t attr;
	uint64_t left = 0;
	void *bottom;
	size_t size;

	if (pthread_getattr_np(pthread_self(), &attr))
		return 0;
	if (!pthread_attr_getstack(&attr, &bottom, &size))
		left = (uintptr_t)__builtin_frame_address(0) - (uintptr_t)bottom;
	pthread_attr_destroy(&attr);
	return left <= size ? left : 0; /* under ASan a frame may lie on a stack of its own */
}
