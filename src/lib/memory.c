/* SPDX-License-Identifier: BSD-3-Clause */
#include "memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "read_lock.h"

struct dma_handle {
	int32_t fd;
	uint32_t length, attr;
};

/* A registered buffer, found by its first byte in a bucket, by any other one in their order. */
struct record {
	struct frpc_buffer_info info;
	struct record *next; /* in the same bucket */
};

#define FEWEST_BUCKETS 2u

static struct record *first_buckets[FEWEST_BUCKETS];

static struct {
	struct frpc_read_lock lock;
	struct record **sorted; /* by address */
	size_t count, room;
	struct record **buckets;   /* by start: a power of 2, twice as many as there is room */
	unsigned int bucket_shift; /* 64 - its logarithm */
	struct dma_handle handles[FRPC_MAX_DMA_HANDLES];
	uint32_t handle_count;
	pthread_once_t once;
} memory = {
	.lock = FRPC_READ_LOCK_INITIALIZER,
	.buckets = first_buckets,
	.bucket_shift = 63,
	.once = PTHREAD_ONCE_INIT,
};

/* The table is whole in a child: nobody else writes while the fork happens. */
static void before_fork(void)
{
	frpc_write_lock(&memory.lock);
}

static void after_fork(void)
{
	frpc_write_unlock(&memory.lock);
}

static void after_fork_in_child(void)
{
	frpc_read_lock_init(&memory.lock);
}

static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

void frpc_memory_enter(void)
{
	frpc_read_lock(&memory.lock);
}

void frpc_memory_leave(void)
{
	frpc_read_unlock(&memory.lock);
}

/* Buffers begin at pages mostly, one behind the other: those go into different buckets. */
static inline struct record **bucket_of(uint64_t start)
{
	uint64_t page = start >> 12 | start << 52;

	return &memory.buckets[page * UINT64_C(0x9e3779b97f4a7c15) >> memory.bucket_shift];
}

/* Index of the first buffer that ends after @address. */
static size_t position(uint64_t address)
{
	size_t low = 0, high = memory.count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct frpc_buffer_info *buffer = &memory.sorted[middle]->info;

		if (buffer->end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The buffer around @address that does not begin there. */
static const struct frpc_buffer_info *look_within(uint64_t address)
{
	size_t at = position(address);

	return at < memory.count && memory.sorted[at]->info.start <= address
		       ? &memory.sorted[at]->info
		       : NULL;
}

const struct frpc_buffer_info *frpc_memory_look(const void *address)
{
	uint64_t start = (uintptr_t)address;
	const struct record *record = *bucket_of(start);

	while (record && record->info.start != start)
		record = record->next;
	return record ? &record->info : look_within(start);
}

/* Room for one more, and buckets to go with it. */
static int make_room(void)
{
	size_t room = memory.room ? memory.room * 2 : 64;
	struct record **sorted, **buckets;

	if (memory.count < memory.room)
		return 0;
	sorted = realloc(memory.sorted, room * sizeof(struct record *));
	if (!sorted)
		return -ENOMEM;
	memory.sorted = sorted;
	buckets = calloc(room * 2, sizeof(struct record *));
	if (!buckets)
		return -ENOMEM;
	if (memory.buckets != first_buckets)
		free(memory.buckets);
	memory.buckets = buckets;
	memory.bucket_shift = 64;
	for (size_t left = room * 2; left > 1; left /= 2)
		memory.bucket_shift--;
	memory.room = room;
	for (size_t i = 0; i < memory.count; i++) {
		struct record **bucket = bucket_of(sorted[i]->info.start);

		sorted[i]->next = *bucket;
		*bucket = sorted[i];
	}
	return 0;
}

static void enter(struct record *record, size_t at)
{
	struct record **bucket = bucket_of(record->info.start);

	record->next = *bucket;
	*bucket = record;
	memmove(&memory.sorted[at + 1], &memory.sorted[at],
		(memory.count - at) * sizeof(struct record *));
	memory.sorted[at] = record;
	memory.count++;
}

int frpc_memory_add(const void *start, uint64_t size, int32_t fd, uint32_t attr)
{
	const uint64_t address = (uintptr_t)start;
	struct frpc_buffer_info info = {address, size, fd, attr, 0, 0, address + size};
	struct record *record;
	struct stat st;
	size_t at;
	int res;

	if (!start || !size || address + size < address || address + size - 1 > UINTPTR_MAX)
		return -EINVAL;
	record = malloc(sizeof(*record));
	if (!record)
		return -ENOMEM;
	if (attr & FRPC_MEMORY_OWN && !fstat(fd, &st)) {
		info.dev = st.st_dev;
		info.ino = st.st_ino;
	}
	record->info = info;
	pthread_once(&memory.once, watch_forks);
	frpc_write_lock(&memory.lock);
	at = position(address);
	res = at < memory.count && memory.sorted[at]->info.start < address + size ? -EEXIST
										  : make_room();
	if (!res)
		enter(record, at);
	frpc_write_unlock(&memory.lock);
	if (res)
		free(record);
	return res;
}

static struct record *take_out(size_t at)
{
	struct record *record = memory.sorted[at], **link = bucket_of(record->info.start);

	while (*link != record)
		link = &(*link)->next;
	*link = record->next;
	memory.count--;
	memmove(&memory.sorted[at], &memory.sorted[at + 1],
		(memory.count - at) * sizeof(struct record *));
	return record;
}

/* Nothing is left behind when nothing is registered. */
static void give_back_room(void)
{
	free(memory.sorted);
	if (memory.buckets != first_buckets)
		free(memory.buckets);
	memory.sorted = NULL;
	memory.room = 0;
	memory.buckets = first_buckets;
	memory.bucket_shift = 63;
}

int frpc_memory_remove(const void *start, uint64_t size, struct frpc_buffer_info *ret_info)
{
	uint64_t address = (uintptr_t)start;
	struct record *record = NULL;
	size_t at;

	frpc_write_lock(&memory.lock);
	at = position(address);
	if (at < memory.count && memory.sorted[at]->info.start == address &&
	    (!size || memory.sorted[at]->info.size == size)) {
		record = take_out(at);
		*ret_info = record->info;
	}
	if (!memory.count)
		give_back_room();
	frpc_write_unlock(&memory.lock);
	if (!record)
		return -ENOENT;
	free(record);
	return 0;
}

int frpc_memory_find(const void *address, uint64_t len, struct frpc_buffer_info *ret_info)
{
	uint64_t start = (uintptr_t)address;
	const struct frpc_buffer_info *info;
	int res = -ENOENT;

	frpc_memory_enter();
	info = frpc_memory_look(address);
	if (info) {
		*ret_info = *info;
		res = len > info->end - start ? -ERANGE : 0;
	}
	frpc_memory_leave();
	return res;
}

bool frpc_memory_known_area(uint64_t address, struct frpc_area *ret_area)
{
	const struct frpc_buffer_info *buffer;
	bool known = false;

	frpc_memory_enter();
	buffer = frpc_memory_look((void *)(uintptr_t)address);
	if (buffer && buffer->ino) {
		known = true;
		*ret_area = (struct frpc_area){
			.start = buffer->start,
			.end = buffer->end,
			.dev = buffer->dev,
			.ino = buffer->ino,
			.fd = buffer->fd,
		};
	}
	frpc_memory_leave();
	return known;
}

int frpc_memory_find_fd(int32_t fd, struct frpc_buffer_info *ret_info)
{
	int res = -ENOENT;

	frpc_memory_enter();
	for (size_t i = 0; i < memory.count && res; i++)
		if (memory.sorted[i]->info.fd == fd) {
			*ret_info = memory.sorted[i]->info;
			res = 0;
		}
	frpc_memory_leave();
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
	frpc_write_lock(&memory.lock);
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
	frpc_write_unlock(&memory.lock);
	return res;
}

int frpc_memory_find_handle(int32_t fd, uint32_t *ret_length, uint32_t *ret_attr)
{
	const struct dma_handle *handle;

	frpc_memory_enter();
	handle = handle_of(fd);
	if (handle) {
		*ret_length = handle->length;
		*ret_attr = handle->attr;
	}
	frpc_memory_leave();
	return handle ? 0 : -ENOENT;
}
