/* SPDX-License-Identifier: BSD-3-Clause */
/* The rpcmem family: shared buffers for apps. */
#include "rpcmem.h"

#include <errno.h>
#include <linux/dma-buf.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "AEEStdErr.h"
#include "buffer.h"
#include "error.h"
#include "library.h"
#include "memory.h"
#include "remote.h"
#include "static_maps.h"

/* One allocation. Found by its address in a hash table of its own. */
struct allocation {
	struct allocation *next;
	struct frpc_buffer buffer;
	struct frpc_transport *transport; /* kept while its driver's memory is used; may be NULL */
	uint32_t generation;
	bool registered;
};

#define BUCKETS 1024u

static struct {
	pthread_mutex_t lock;
	pthread_once_t once;
	struct allocation *buckets[BUCKETS];
} allocations = {.lock = PTHREAD_MUTEX_INITIALIZER, .once = PTHREAD_ONCE_INIT};

static void before_fork(void)
{
	pthread_mutex_lock(&allocations.lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&allocations.lock);
}

static void after_fork_in_child(void)
{
	pthread_mutex_init(&allocations.lock, NULL);
}

static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

static struct allocation **bucket_of(const void *address)
{
	return &allocations.buckets[((uintptr_t)address >> 12) % BUCKETS];
}

void rpcmem_init(void)
{
	/* Everything is made when it is first needed. */
}

void rpcmem_deinit(void)
{
	/* Buffers belong to who allocated them, also after this. */
}

static const uint32_t known_flags = RPCMEM_FLAG_CACHED | RPCMEM_HEAP_DEFAULT | RPCMEM_HEAP_NOREG |
				    RPCMEM_HEAP_NONCOHERENT | RPCMEM_FORCE_NOFLUSH |
				    RPCMEM_FORCE_NOINVALIDATE | RPCMEM_TRY_MAP_STATIC;

static bool check(int heap, uint32_t flags, size_t size)
{
	if (!size) {
		frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0, "rpcmem_alloc: size is 0");
		return false;
	}
	if (heap != RPCMEM_HEAP_ID_SYSTEM && heap != RPCMEM_DEFAULT_HEAP &&
	    heap != RPCMEM_HEAP_ID_CONTIG) {
		frpc_fail(AEE_EUNSUPPORTED, FRPC_ORIGIN_LIBRARY, 0,
			  "rpcmem_alloc: heap %d is not supported; use RPCMEM_HEAP_ID_SYSTEM",
			  heap);
		return false;
	}
	if (flags & RPCMEM_TRY_MAP_STATIC && flags & RPCMEM_HEAP_NOREG) {
		frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
			  "rpcmem_alloc: what is not registered is not mapped statically either");
		return false;
	}
	if (flags & ~known_flags) {
		frpc_fail(AEE_EUNSUPPORTED, FRPC_ORIGIN_LIBRARY, 0,
			  "rpcmem_alloc: flags 0x%x are not supported", flags & ~known_flags);
		return false;
	}
	return true;
}

static uint32_t attributes(uint32_t flags)
{
	return (flags & RPCMEM_HEAP_NONCOHERENT ? FASTRPC_ATTR_NON_COHERENT : 0) |
	       (flags & RPCMEM_FORCE_NOFLUSH ? FASTRPC_ATTR_FORCE_NOFLUSH : 0) |
	       (flags & RPCMEM_FORCE_NOINVALIDATE ? FASTRPC_ATTR_FORCE_NOINVALIDATE : 0) |
	       (flags & RPCMEM_TRY_MAP_STATIC ? FASTRPC_ATTR_TRY_MAP_STATIC : 0);
}

void *rpcmem_alloc2(int heapid, uint32_t flags, size_t size)
{
	struct allocation *allocation;
	int res;

	if (!check(heapid, flags, size))
		return NULL;
	pthread_once(&allocations.once, watch_forks);
	allocation = calloc(1, sizeof(*allocation));
	if (!allocation) {
		frpc_fail(AEE_ENOMEMORY, FRPC_ORIGIN_LIBRARY, ENOMEM, "rpcmem_alloc: no memory");
		return NULL;
	}
	/* Without a transport there are still heaps, and memfds. */
	if (frpc_transport_get(&allocation->transport))
		allocation->transport = NULL;
	allocation->generation = frpc_fork_generation();
	res = frpc_buffer_alloc(allocation->transport, size, &allocation->buffer);
	if (!res && !(flags & RPCMEM_HEAP_NOREG)) {
		res = frpc_memory_add(allocation->buffer.bytes, allocation->buffer.size,
				      allocation->buffer.fd, attributes(flags) | FRPC_MEMORY_OWN);
		allocation->registered = !res;
		if (res)
			frpc_buffer_free(&allocation->buffer);
	}
	if (res) {
		frpc_transport_put(allocation->transport);
		free(allocation);
		frpc_fail(frpc_code_from_errno(res), FRPC_ORIGIN_LIBRARY, res,
			  "rpcmem_alloc: %zu bytes cannot be had", size);
		return NULL;
	}
	pthread_mutex_lock(&allocations.lock);
	allocation->next = *bucket_of(allocation->buffer.bytes);
	*bucket_of(allocation->buffer.bytes) = allocation;
	pthread_mutex_unlock(&allocations.lock);
	if (allocation->registered && flags & RPCMEM_TRY_MAP_STATIC)
		frpc_static_maps_add(allocation->buffer.bytes, allocation->buffer.size,
				     allocation->buffer.fd);
	return allocation->buffer.bytes;
}

void *rpcmem_alloc(int heapid, uint32_t flags, int size)
{
	if (size <= 0) {
		frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0, "rpcmem_alloc: size is %d", size);
		return NULL;
	}
	return rpcmem_alloc2(heapid, flags, (size_t)size);
}

void rpcmem_free(void *po)
{
	struct frpc_buffer_info info;
	struct allocation **at, *found;

	if (!po)
		return;
	pthread_mutex_lock(&allocations.lock);
	at = bucket_of(po);
	while (*at && (*at)->buffer.bytes != po)
		at = &(*at)->next;
	found = *at;
	if (found)
		*at = found->next;
	pthread_mutex_unlock(&allocations.lock);
	if (!found) {
		frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
			  "rpcmem_free: %p was not allocated by rpcmem, or has been freed", po);
		return;
	}
	if (found->registered && !frpc_memory_remove(po, 0, &info) &&
	    info.attr & FASTRPC_ATTR_TRY_MAP_STATIC)
		frpc_static_maps_remove(po);
	frpc_buffer_free(&found->buffer);
	if (found->generation == frpc_fork_generation())
		frpc_transport_put(found->transport);
	free(found);
}

int rpcmem_to_fd(void *po)
{
	struct allocation *allocation;
	int fd = -1;

	pthread_mutex_lock(&allocations.lock);
	allocation = *bucket_of(po);
	while (allocation && allocation->buffer.bytes != po)
		allocation = allocation->next;
	if (allocation)
		fd = allocation->buffer.fd;
	pthread_mutex_unlock(&allocations.lock);
	if (fd < 0)
		frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
			  "rpcmem_to_fd: no rpcmem buffer begins at %p", po);
	return fd;
}

/* Where the buffer is no dma-buf (memfd), CPU and DSP see the same memory anyway. */
static int synchronise(const char *what, void *buffer, int size, uint64_t flags)
{
	struct dma_buf_sync sync = {.flags = flags};
	struct frpc_buffer_info info;

	if (!buffer || size < 0 || frpc_memory_find(buffer, (uint64_t)size, &info))
		return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
				 "%s: %d bytes at %p are not inside an rpcmem buffer", what, size,
				 buffer);
	if (ioctl(info.fd, DMA_BUF_IOCTL_SYNC, &sync) && errno != ENOTTY && errno != EINVAL &&
	    errno != ENOSYS /* qemu-user, of all requests it does not know */)
		return frpc_fail(AEE_EFAILED, FRPC_ORIGIN_DRIVER, errno, "%s: dma-buf sync failed",
				 what);
	return AEE_SUCCESS;
}

int rpcmem_cache_flush(void *buffer, int size)
{
	return synchronise("rpcmem_cache_flush", buffer, size,
			   DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE);
}

int rpcmem_cache_invalidate(void *buffer, int size)
{
	return synchronise("rpcmem_cache_invalidate", buffer, size,
			   DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
}
