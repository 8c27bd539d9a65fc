/* SPDX-License-Identifier: BSD-3-Clause */
#include "memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct dma_handle {
	int32_t fd;
	uint32_t length, attr;
};

static struct {
	pthread_rwlock_t lock;
	struct frpc_buffer_info *buffers; /* by address */
	size_t count, room;
	struct dma_handle handles[FRPC_MAX_DMA_HANDLES];
	uint32_t handle_count;
	pthread_once_t once;
} memory = {.lock = PTHREAD_RWLOCK_INITIALIZER, .once = PTHREAD_ONCE_INIT};

/* The table is whole in a child: nobody else writes while the fork happens. */
static void before_fork(void)
{
	pthread_rwlock_wrlock(&memory.lock);
}

static void after_fork(void)
{
	pthread_rwlock_unlock(&memory.lock);
}

static void after_fork_in_child(void)
{
	/* Some C libraries let only the thread unlock that locked, and the child's is another one. */
	pthread_rwlock_unlock(&memory.lock);
	pthread_rwlock_init(&memory.lock, NULL);
}

static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

/* Index of the first buffer that ends after @address. */
static size_t position(uint64_t address)
{
	size_t low = 0, high = memory.count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct frpc_buffer_info *buffer = &memory.buffers[middle];

		if (buffer->start + buffer->size <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int make_room(void)
{
	size_t room = memory.room ? memory.room * 2 : 64;
	struct frpc_buffer_info *buffers;

	if (memory.count < memory.room)
		return 0;
	buffers = realloc(memory.buffers, room * sizeof(*buffers));
	if (!buffers)
		return -ENOMEM;
	memory.buffers = buffers;
	memory.room = room;
	return 0;
}

int frpc_memory_add(const void *start, uint64_t size, int32_t fd, uint32_t attr)
{
	struct frpc_buffer_info info = {(uintptr_t)start, size, fd, attr, 0, 0};
	uint64_t address = info.start;
	struct stat st;
	size_t at;
	int res;

	if (!start || !size || address + size < address || address + size - 1 > UINTPTR_MAX)
		return -EINVAL;
	if (attr & FRPC_MEMORY_OWN && !fstat(fd, &st)) {
		info.dev = st.st_dev;
		info.ino = st.st_ino;
	}
	pthread_once(&memory.once, watch_forks);
	pthread_rwlock_wrlock(&memory.lock);
	at = position(address);
	res = at < memory.count && memory.buffers[at].start < address + size ? -EEXIST
									     : make_room();
	if (!res) {
		memmove(&memory.buffers[at + 1], &memory.buffers[at],
			(memory.count - at) * sizeof(*memory.buffers));
		memory.buffers[at] = info;
		memory.count++;
	}
	pthread_rwlock_unlock(&memory.lock);
	return res;
}

int frpc_memory_remove(const void *start, uint64_t size, struct frpc_buffer_info *ret_info)
{
	uint64_t address = (uintptr_t)start;
	int res = -ENOENT;
	size_t at;

	pthread_rwlock_wrlock(&memory.lock);
	at = position(address);
	if (at < memory.count && memory.buffers[at].start == address &&
	    (!size || memory.buffers[at].size == size)) {
		*ret_info = memory.buffers[at];
		memory.count--;
		memmove(&memory.buffers[at], &memory.buffers[at + 1],
			(memory.count - at) * sizeof(*memory.buffers));
		res = 0;
	}
	if (!memory.count) {
		free(memory.buffers);
		memory.buffers = NULL;
		memory.room = 0;
	}
	pthread_rwlock_unlock(&memory.lock);
	return res;
}

int frpc_memory_find(const void *address, uint64_t len, struct frpc_buffer_info *ret_info)
{
	uint64_t start = (uintptr_t)address;
	int res = -ENOENT;
	size_t at;

	pthread_rwlock_rdlock(&memory.lock);
	at = position(start);
	if (at < memory.count && memory.buffers[at].start <= start) {
		*ret_info = memory.buffers[at];
		res = len > ret_info->start + ret_info->size - start ? -ERANGE : 0;
	}
	pthread_rwlock_unlock(&memory.lock);
	return res;
}

bool frpc_memory_known_area(uint64_t address, struct frpc_area *ret_area)
{
	const struct frpc_buffer_info *buffer = NULL;
	size_t at;

	pthread_rwlock_rdlock(&memory.lock);
	at = position(address);
	if (at < memory.count && memory.buffers[at].start <= address && memory.buffers[at].ino) {
		buffer = &memory.buffers[at];
		*ret_area = (struct frpc_area){
			.start = buffer->start,
			.end = buffer->start + buffer->size,
			.dev = buffer->dev,
			.ino = buffer->ino,
		};
	}
	pthread_rwlock_unlock(&memory.lock);
	return buffer != NULL;
}

int frpc_memory_find_fd(int32_t fd, struct frpc_buffer_info *ret_info)
{
	int res = -ENOENT;

	pthread_rwlock_rdlock(&memory.lock);
	for (size_t i = 0; i < memory.count && res; i++)
		if (memory.buffers[i].fd == fd) {
			*ret_info = memory.buffers[i];
			res = 0;
		}
	pthread_rwlock_unlock(&memory.lock);
	return res;
}

static struct dma_handle *handle_of(int32_t fd)
{
	for (uint32_t i = 0; i < memory.handle_count; i++)
		if (memory.handles[i].fd == fd)
			return &memory.handles[i];
	return NULL;
}

int frpc_memory_set_handle(int32_t fd, uint32_t length, uint32_t attr)
{
	struct dma_handle *handle;
	int res = 0;

	pthread_once(&memory.once, watch_forks);
	pthread_rwlock_wrlock(&memory.lock);
	handle = handle_of(fd);
	if (!length) {
		if (handle)
			*handle = memory.handles[--memory.handle_count];
		else
			res = -ENOENT;
	} else if (!handle && memory.handle_count == FRPC_MAX_DMA_HANDLES) {
		res = -ENOSPC;
	} else {
		if (!handle)
			handle = &memory.handles[memory.handle_count++];
		*handle = (struct dma_handle){fd, length, attr};
	}
	pthread_rwlock_unlock(&memory.lock);
	return res;
}

int frpc_memory_find_handle(int32_t fd, uint32_t *ret_length, uint32_t *ret_attr)
{
	const struct dma_handle *handle;

	pthread_rwlock_rdlock(&memory.lock);
	handle = handle_of(fd);
	if (handle) {
		*ret_length = handle->length;
		*ret_attr = handle->attr;
	}
	pthread_rwlock_unlock(&memory.lock);
	return handle ? 0 : -ENOENT;
}
