/* SPDX-License-Identifier: BSD-3-Clause */
#include "smmu.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE	   UINT64_C(4096)
#define FIRST_IOVA UINT64_C(0x00100000)
#define LAST_IOVA  UINT64_C(0xfff00000)

struct emu_smmu {
	struct emu_memory memory;
	pthread_rwlock_t lock;
	struct emu_smmu_map **maps; /* by iova, ascending */
	uint32_t count, room;
	uint64_t next; /* where the next search begins */
	const uint64_t *fixed;
	uint32_t fixed_count;
};

static uint64_t iova_of(const struct emu_smmu_map *map)
{
	return map->address & UINT32_MAX;
}

/* Index of the first map whose end lies above @iova. */
static uint32_t find(const struct emu_smmu *smmu, uint64_t iova)
{
	uint32_t low = 0, high = smmu->count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (iova_of(smmu->maps[middle]) + smmu->maps[middle]->size <= iova)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int resolve(struct emu_memory *memory, uint64_t address, uint64_t length, bool want_fd,
		   struct emu_backing *ret_backing)
{
	struct emu_smmu *smmu = (struct emu_smmu *)memory;
	uint64_t iova = address & UINT32_MAX, offset;
	const struct emu_smmu_map *map;
	int res = -EFAULT;
	uint32_t at;

	pthread_rwlock_rdlock(&smmu->lock);
	at = find(smmu, iova);
	if (at == smmu->count)
		goto out;
	map = smmu->maps[at];
	if (address < map->address || !atomic_load_explicit(&map->visible, memory_order_acquire))
		goto out;
	offset = address - map->address;
	if (offset >= map->size || length > map->size - offset)
		goto out;
	*ret_backing = (struct emu_backing){
		.dev = map->seen->dev,
		.ino = map->seen->ino,
		.offset = offset,
		.size = map->size,
		.fd = -1,
	};
	res = 0;
	if (want_fd) {
		ret_backing->fd = fcntl(map->seen->fd, F_DUPFD_CLOEXEC, 3);
		if (ret_backing->fd < 0)
			res = -EMFILE;
	}
out:
	pthread_rwlock_unlock(&smmu->lock);
	return res;
}

static void memory_free(struct emu_memory *memory)
{
	(void)memory; /* the channel's smmu frees itself */
}

static const struct emu_memory_ops memory_ops = {
	.resolve = resolve,
	.free = memory_free,
};

int emu_smmu_new(struct emu_smmu **ret_smmu)
{
	struct emu_smmu *smmu = calloc(1, sizeof(*smmu));

	if (!smmu)
		return -ENOMEM;
	smmu->memory.ops = &memory_ops;
	smmu->next = FIRST_IOVA;
	pthread_rwlock_init(&smmu->lock, NULL);
	*ret_smmu = smmu;
	return 0;
}

void emu_smmu_free(struct emu_smmu *smmu)
{
	if (!smmu)
		return;
	pthread_rwlock_destroy(&smmu->lock);
	free(smmu->maps);
	free(smmu);
}

struct emu_memory *emu_smmu_memory(struct emu_smmu *smmu)
{
	return &smmu->memory;
}

/* The lowest free place of @size bytes at or above @from, or 0. */
static uint64_t find_place(const struct emu_smmu *smmu, uint64_t from, uint64_t size)
{
	uint64_t place = from;

	for (uint32_t i = find(smmu, from); i < smmu->count; i++) {
		uint64_t start = iova_of(smmu->maps[i]);

		if (place + size + PAGE <= start)
			break;
		place = start + smmu->maps[i]->size + PAGE;
	}
	return place + size + PAGE <= LAST_IOVA ? place : 0;
}

/* Where a mapping of @size bytes goes, or 0. */
static uint64_t choose_place(struct emu_smmu *smmu, uint64_t size)
{
	uint64_t iova;

	if (smmu->fixed_count) {
		iova = *smmu->fixed++;
		smmu->fixed_count--;
		return find_place(smmu, iova, size) == iova ? iova : 0;
	}
	iova = find_place(smmu, smmu->next, size);
	if (!iova)
		iova = find_place(smmu, FIRST_IOVA, size);
	if (iova)
		smmu->next = iova + size + PAGE;
	return iova;
}

static int insert(struct emu_smmu *smmu, struct emu_smmu_map *map)
{
	uint32_t at;

	if (smmu->count == smmu->room) {
		uint32_t room = smmu->room ? smmu->room * 2 : 32;
		struct emu_smmu_map **maps = realloc(smmu->maps, room * sizeof(*maps));

		if (!maps)
			return -ENOMEM;
		smmu->maps = maps;
		smmu->room = room;
	}
	at = find(smmu, iova_of(map));
	memmove(&smmu->maps[at + 1], &smmu->maps[at], (smmu->count - at) * sizeof(*smmu->maps));
	smmu->maps[at] = map;
	smmu->count++;
	return 0;
}

int emu_smmu_map(struct emu_smmu *smmu, uint32_t bank, struct emu_dmabuf *dmabuf,
		 struct emu_smmu_map **ret_map)
{
	struct emu_smmu_map *map = calloc(1, sizeof(*map));
	uint64_t iova;
	int res = -ENOMEM;

	if (!map)
		return -ENOMEM;
	map->size = (dmabuf->size + PAGE - 1) & ~(PAGE - 1);
	map->bank = bank;
	pthread_rwlock_wrlock(&smmu->lock);
	iova = map->size ? choose_place(smmu, map->size) : 0;
	if (!iova)
		goto out;
	map->address = iova | (uint64_t)bank << 32;
	res = insert(smmu, map);
	if (res)
		goto out;
	map->dmabuf = emu_dmabuf_ref(dmabuf);
	map->seen = emu_dmabuf_ref(dmabuf);
	atomic_init(&map->visible, true);
	*ret_map = map;
out:
	pthread_rwlock_unlock(&smmu->lock);
	if (res)
		free(map);
	return res;
}

void emu_smmu_set_seen(struct emu_smmu *smmu, struct emu_smmu_map *map, struct emu_dmabuf *seen)
{
	struct emu_dmabuf *before;

	pthread_rwlock_wrlock(&smmu->lock);
	before = map->seen;
	map->seen = emu_dmabuf_ref(seen);
	pthread_rwlock_unlock(&smmu->lock);
	emu_dmabuf_put(before);
}

void emu_smmu_show(struct emu_smmu *smmu, struct emu_smmu_map *map, bool visible)
{
	(void)smmu;
	atomic_store_explicit(&map->visible, visible, memory_order_release);
}

void emu_smmu_unmap(struct emu_smmu *smmu, struct emu_smmu_map *map)
{
	uint32_t at;

	if (!map)
		return;
	pthread_rwlock_wrlock(&smmu->lock);
	at = find(smmu, iova_of(map));
	memmove(&smmu->maps[at], &smmu->maps[at + 1], (smmu->count - at - 1) * sizeof(*smmu->maps));
	smmu->count--;
	pthread_rwlock_unlock(&smmu->lock);
	emu_dmabuf_put(map->seen);
	emu_dmabuf_put(map->dmabuf);
	free(map);
}

void emu_smmu_fix_next(struct emu_smmu *smmu, const uint64_t *iovas, uint32_t count)
{
	pthread_rwlock_wrlock(&smmu->lock);
	smmu->fixed = iovas;
	smmu->fixed_count = count;
	pthread_rwlock_unlock(&smmu->lock);
}

uint32_t emu_smmu_count(struct emu_smmu *smmu)
{
	uint32_t count;

	pthread_rwlock_rdlock(&smmu->lock);
	count = smmu->count;
	pthread_rwlock_unlock(&smmu->lock);
	return count;
}
