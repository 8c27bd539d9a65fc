/* SPDX-License-Identifier: BSD-3-Clause */
#include "map_cache.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "low_memory.h"

/* How often the other process may have something of its own where we would put a buffer. */
#define PLACES 64u

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

/* Maps @backing where both we and the watcher have room. With the lock held. */
static int place(struct emu_map_cache *cache, const struct emu_backing *backing,
		 unsigned char **ret_bytes)
{
	unsigned char *bytes;
	int res = 0;

	for (uint32_t tried = 0; tried < PLACES; tried++) {
		do
			bytes = emu_low_map(backing->fd, backing->fd_offset, backing->size);
		while (bytes == MAP_FAILED && errno != EFAULT && drop_oldest(cache));
		if (bytes == MAP_FAILED)
			return errno == EFAULT ? -EFAULT : -ENOMEM;
		*ret_bytes = bytes;
		res = cache->watch
			      ? cache->watch->mapped(cache->watch_context, bytes, backing->size,
						     backing->fd, backing->fd_offset)
			      : 0;
		if (!res)
			return 0;
		munmap(bytes, (size_t)backing->size);
		if (res != -EEXIST)
			return res;
	}
	return -ENOMEM;
}

/* Maps @backing, and closes what it has opened, as a new entry outside the list. With the lock held. */
static int make_entry(struct emu_map_cache *cache, const struct emu_backing *backing,
		      struct emu_pin **ret_entry)
{
	struct emu_pin *entry = calloc(1, sizeof(*entry));
	int res = entry ? place(cache, backing, &entry->bytes) : -ENOMEM;

	if (!backing->passing)
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
