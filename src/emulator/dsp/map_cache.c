/* SPDX-License-Identifier: BSD-3-Clause */
#include "map_cache.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* ASan's shadow begins at 0x7fff8000 on x86-64; i386 programs have their own things further up. */
#define FIRST_ADDRESS UINT64_C(0x10000000)
#define LAST_ADDRESS  UINT64_C(0x7fff0000)
#define STEP	      UINT64_C(0x100000)

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

struct emu_pin {
	struct emu_pin *next; /* newest first */
	uint64_t dev, ino;    /* not used again by another buffer while we have it mapped */
	unsigned char *bytes;
	uint64_t size;
	uint32_t pins;
	bool passing; /* not in the list: one pin's own */
};

struct emu_map_cache {
	struct emu_memory *memory;
	pthread_mutex_t lock;
	struct emu_pin *entries;
	uint32_t count;
	uint64_t bytes;
	const struct emu_map_watch *watch;
	void *watch_context;
};

int emu_map_cache_new(struct emu_memory *memory, struct emu_map_cache **ret_cache)
{
	struct emu_map_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return -ENOMEM;
	cache->memory = memory;
	pthread_mutex_init(&cache->lock, NULL);
	*ret_cache = cache;
	return 0;
}

void emu_map_cache_watch(struct emu_map_cache *cache, const struct emu_map_watch *watch,
			 void *context)
{
	cache->watch = watch;
	cache->watch_context = context;
}

static void destroy(struct emu_map_cache *cache, struct emu_pin *entry)
{
	if (!entry->passing) {
		cache->count--;
		cache->bytes -= entry->size;
	}
	if (cache->watch)
		cache->watch->unmapped(cache->watch_context, entry->bytes, entry->size);
	munmap(entry->bytes, (size_t)entry->size);
	free(entry);
}

void emu_map_cache_free(struct emu_map_cache *cache)
{
	struct emu_pin *entry;

	if (!cache)
		return;
	while ((entry = cache->entries)) {
		cache->entries = entry->next;
		destroy(cache, entry);
	}
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

/* The first free place from a moving start: all DSP processes of this process share the range. */
static void *map_low(int fd, uint64_t fd_offset, uint64_t size)
{
	static _Atomic uint64_t next = FIRST_ADDRESS;
	int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	uint64_t at = atomic_load(&next);

	errno = ENOMEM;
	if (size > LAST_ADDRESS - FIRST_ADDRESS)
		return MAP_FAILED;
	for (uint64_t tried = 0; tried < LAST_ADDRESS - FIRST_ADDRESS + size; tried += STEP) {
		void *place;

		if (at < FIRST_ADDRESS || at + size > LAST_ADDRESS)
			at = FIRST_ADDRESS;
		place = mmap((void *)(uintptr_t)at, (size_t)size, PROT_READ | PROT_WRITE,
			     flags | MAP_FIXED_NOREPLACE, fd, (off_t)fd_offset);
		if (place == (void *)(uintptr_t)at) {
			atomic_store(&next, at + ((size + STEP) & ~(STEP - 1)));
			return place;
		}
		if (place != MAP_FAILED)
			munmap(place, (size_t)size); /* a kernel that does not know the flag */
		else if (errno != EEXIST)
			return MAP_FAILED;
		at += STEP;
	}
	errno = ENOMEM;
	return MAP_FAILED;
}

void *emu_map_low(uint64_t size)
{
	return map_low(-1, 0, size);
}

/* Drops the oldest entry without pins. False: all are pinned. */
static bool drop_oldest(struct emu_map_cache *cache)
{
	struct emu_pin **oldest = NULL, *entry;

	for (struct emu_pin **at = &cache->entries; *at; at = &(*at)->next)
		if (!(*at)->pins)
			oldest = at;
	if (!oldest)
		return false;
	entry = *oldest;
	*oldest = entry->next;
	destroy(cache, entry);
	return true;
}

/* Maps @backing, whose fd is closed, as a new entry outside the list. With the lock held. */
static int make_entry(struct emu_map_cache *cache, const struct emu_backing *backing,
		      struct emu_pin **ret_entry)
{
	struct emu_pin *entry = calloc(1, sizeof(*entry));
	int res = entry ? 0 : -ENOMEM;

	if (entry) {
		do
			entry->bytes = map_low(backing->fd, backing->fd_offset, backing->size);
		while (entry->bytes == MAP_FAILED && errno != EFAULT && drop_oldest(cache));
		if (entry->bytes == MAP_FAILED)
			res = errno == EFAULT ? -EFAULT : -ENOMEM;
	}
	if (!res && cache->watch) {
		res = cache->watch->mapped(cache->watch_context, entry->bytes, backing->size,
					   backing->fd, backing->fd_offset);
		if (res)
			munmap(entry->bytes, (size_t)backing->size);
	}
	close(backing->fd);
	if (res) {
		free(entry);
		return res;
	}
	entry->dev = backing->dev;
	entry->ino = backing->ino;
	entry->size = backing->size;
	entry->passing = backing->passing;
	*ret_entry = entry;
	return 0;
}

static int add(struct emu_map_cache *cache, uint64_t address, uint64_t length,
	       struct emu_pin **ret_entry)
{
	struct emu_backing backing;
	struct emu_pin *entry;
	int res;

	res = emu_memory_resolve(cache->memory, address, length, true, &backing);
	if (res)
		return res == -EFAULT ? -EFAULT : -ENOMEM;
	if (backing.passing)
		return make_entry(cache, &backing, ret_entry);
	while ((cache->count >= EMU_MAP_CACHE_ENTRIES ||
		cache->bytes + backing.size > EMU_MAP_CACHE_BYTES) &&
	       drop_oldest(cache))
		;
	res = make_entry(cache, &backing, &entry);
	if (res)
		return res;
	entry->next = cache->entries;
	cache->entries = entry;
	cache->count++;
	cache->bytes += entry->size;
	*ret_entry = entry;
	return 0;
}

static struct emu_pin *find(struct emu_map_cache *cache, const struct emu_backing *backing)
{
	for (struct emu_pin **at = &cache->entries; *at; at = &(*at)->next) {
		struct emu_pin *entry = *at;

		if (entry->ino != backing->ino || entry->dev != backing->dev)
			continue;
		*at = entry->next; /* to the front */
		entry->next = cache->entries;
		cache->entries = entry;
		return entry;
	}
	return NULL;
}

int emu_map_cache_pin(struct emu_map_cache *cache, uint64_t address, uint64_t length,
		      struct emu_pin **ret_pin, void **ret_bytes)
{
	struct emu_backing backing;
	struct emu_pin *entry;
	int res;

	res = emu_memory_resolve(cache->memory, address, length, false, &backing);
	if (res)
		return -EFAULT;
	pthread_mutex_lock(&cache->lock);
	entry = backing.passing ? NULL : find(cache, &backing);
	if (!entry)
		res = add(cache, address, length, &entry);
	if (!res) {
		entry->pins++;
		*ret_pin = entry;
		*ret_bytes = entry->bytes + backing.offset;
	}
	pthread_mutex_unlock(&cache->lock);
	return res;
}

void emu_map_cache_unpin(struct emu_map_cache *cache, struct emu_pin *pin)
{
	if (!pin)
		return;
	pthread_mutex_lock(&cache->lock);
	if (!--pin->pins && pin->passing)
		destroy(cache, pin);
	pthread_mutex_unlock(&cache->lock);
}
