/* SPDX-License-Identifier: BSD-3-Clause */
#include "shadows.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE	   UINT64_C(4096)
#define REMEMBERED 256u

/* The buffer is held as well: so its inode number means this one. */
struct shadow {
	struct shadow *next; /* the newest first */
	struct emu_dmabuf *of, *shadow;
};

struct emu_shadows {
	pthread_mutex_t lock;
	struct shadow *list;
};

int emu_shadows_new(struct emu_shadows **ret_shadows)
{
	struct emu_shadows *shadows = calloc(1, sizeof(*shadows));

	if (!shadows)
		return -ENOMEM;
	pthread_mutex_init(&shadows->lock, NULL);
	*ret_shadows = shadows;
	return 0;
}

static void forget(struct shadow **at)
{
	struct shadow *entry = *at;

	*at = entry->next;
	emu_dmabuf_put(entry->of);
	emu_dmabuf_put(entry->shadow);
	free(entry);
}

void emu_shadows_free(struct emu_shadows *shadows)
{
	if (!shadows)
		return;
	while (shadows->list)
		forget(&shadows->list);
	pthread_mutex_destroy(&shadows->lock);
	free(shadows);
}

/* Of those that nobody maps only the newest stay. With the lock held. */
static void forget_oldest(struct emu_shadows *shadows)
{
	struct shadow **at = &shadows->list;
	uint32_t idle = 0;

	while (*at)
		if (atomic_load(&(*at)->shadow->refs) == 1 && ++idle > REMEMBERED)
			forget(at);
		else
			at = &(*at)->next;
}

/* With the lock held. */
static int add(struct emu_shadows *shadows, struct emu_dmabuf *dmabuf)
{
	struct shadow *entry = calloc(1, sizeof(*entry));
	int res;

	if (!entry)
		return -ENOMEM;
	res = emu_dmabuf_new("fastrpc-shadow", dmabuf->size, &entry->shadow);
	if (res) {
		free(entry);
		return res;
	}
	entry->of = emu_dmabuf_ref(dmabuf);
	entry->next = shadows->list;
	shadows->list = entry;
	forget_oldest(shadows);
	return 0;
}

/* With the lock held. */
static struct shadow *find(struct emu_shadows *shadows, const struct emu_dmabuf *dmabuf)
{
	struct shadow *entry = shadows->list;

	while (entry && (entry->of->ino != dmabuf->ino || entry->of->dev != dmabuf->dev))
		entry = entry->next;
	return entry;
}

int emu_shadows_get(struct emu_shadows *shadows, struct emu_dmabuf *dmabuf,
		    struct emu_dmabuf **ret_shadow)
{
	int res = 0;

	pthread_mutex_lock(&shadows->lock);
	if (!find(shadows, dmabuf))
		res = add(shadows, dmabuf);
	if (!res)
		*ret_shadow = emu_dmabuf_ref(find(shadows, dmabuf)->shadow);
	pthread_mutex_unlock(&shadows->lock);
	return res;
}

bool emu_shadowed(const struct emu_smmu_map *map)
{
	return map->seen != map->dmabuf;
}

static void copy(const struct emu_dmabuf *to, const struct emu_dmabuf *from, uint64_t offset,
		 uint64_t len)
{
	uint64_t start = offset & ~(PAGE - 1), inside = offset - start;
	unsigned char *target, *source;

	if (offset >= to->size)
		return;
	if (len > to->size - offset)
		len = to->size - offset;
	target = mmap(NULL, (size_t)(inside + len), PROT_READ | PROT_WRITE, MAP_SHARED, to->fd,
		      (off_t)start);
	source = mmap(NULL, (size_t)(inside + len), PROT_READ, MAP_SHARED, from->fd, (off_t)start);
	if (target != MAP_FAILED && source != MAP_FAILED)
		memcpy(target + inside, source + inside, (size_t)len);
	if (target != MAP_FAILED)
		munmap(target, (size_t)(inside + len));
	if (source != MAP_FAILED)
		munmap(source, (size_t)(inside + len));
}

void emu_shadow_clean(const struct emu_smmu_map *map, uint64_t offset, uint64_t len)
{
	if (emu_shadowed(map))
		copy(map->seen, map->dmabuf, offset, len);
}

void emu_shadow_invalidate(const struct emu_smmu_map *map, uint64_t offset, uint64_t len)
{
	if (emu_shadowed(map))
		copy(map->dmabuf, map->seen, offset, len);
}
