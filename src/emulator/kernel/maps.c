/* SPDX-License-Identifier: BSD-3-Clause */
#include "maps.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/mainline.h>

#include "areas.h"
#include "attachments.h"

#define PAGE		 UINT64_C(4096)
#define MAP_FLAG_DELAYED 3u

struct emu_maps {
	struct emu_maps_config config;
	pthread_mutex_t lock;
	struct emu_map *list;
	struct emu_map *spare; /* structs to use again */
	struct emu_attachments attachments;
	struct emu_areas areas;
};

static bool is_downstream(const struct emu_maps *maps)
{
	return maps->config.dialect == EMU_DOWNSTREAM;
}

int emu_maps_new(const struct emu_maps_config *config, struct emu_maps **ret_maps)
{
	struct emu_maps *maps = calloc(1, sizeof(*maps));

	if (!maps)
		return -ENOMEM;
	maps->config = *config;
	pthread_mutex_init(&maps->lock, NULL);
	emu_attachments_init(&maps->attachments, &maps->config);
	emu_areas_init(&maps->areas);
	*ret_maps = maps;
	return 0;
}

static void release(struct emu_maps *maps, struct emu_map *map)
{
	emu_attachments_detach(&maps->attachments, map);
	map->next = maps->spare;
	maps->spare = map;
}

void emu_maps_free(struct emu_maps *maps)
{
	struct emu_map *map;

	if (!maps)
		return;
	while ((map = maps->list)) {
		maps->list = map->next;
		release(maps, map);
	}
	while ((map = maps->spare)) {
		maps->spare = map->next;
		free(map);
	}
	emu_attachments_destroy(&maps->attachments);
	emu_areas_destroy(&maps->areas);
	pthread_mutex_destroy(&maps->lock);
	free(maps);
}

static struct emu_map *take_spare(struct emu_maps *maps)
{
	struct emu_map *map = maps->spare;

	if (!map)
		return calloc(1, sizeof(*map));
	maps->spare = map->next;
	memset(map, 0, sizeof(*map));
	return map;
}

static void unlist(struct emu_maps *maps, struct emu_map *map)
{
	struct emu_map **at = &maps->list;

	while (*at && *at != map)
		at = &(*at)->next;
	if (*at)
		*at = map->next;
	map->listed = false;
}

static void list(struct emu_maps *maps, struct emu_map *map)
{
	struct emu_map **at = &maps->list;

	/* Mainline finds the oldest of several, downstream the newest. */
	while (!is_downstream(maps) && *at)
		at = &(*at)->next;
	map->next = *at;
	*at = map;
	map->listed = true;
}

static bool matches(struct emu_maps *maps, const struct frpc_task *task,
		    const struct emu_map_request *request, const struct emu_map *map)
{
	if (request->dmabuf) /* a kernel driver's: by the buffer alone */
		return map->flags == request->flags &&
		       map->smmu_map->dmabuf->ino == request->dmabuf->ino &&
		       map->smmu_map->dmabuf->dev == request->dmabuf->dev;
	if (map->fd != request->fd)
		return false;
	if (!is_downstream(maps))
		return request->use != EMU_MAP_HANDLE &&
		       emu_dmabuf_is(map->smmu_map->dmabuf, task, request->fd);
	return map->va <= request->va && request->va + request->len >= request->va &&
	       request->va + request->len <= map->va + map->len;
}

static int make(struct emu_maps *maps, const struct frpc_task *task,
		const struct emu_map_request *request, struct emu_map **ret_map)
{
	bool kept = is_downstream(maps) && (request->attrs & FRPC_DN_ATTR_KEEP_MAP);
	struct emu_map *map;
	int res;

	if (kept && request->flags == EMU_MAP_NOMAP)
		return -EINVAL;
	map = take_spare(maps);
	if (!map)
		return -ENOMEM;
	res = emu_attachments_attach(&maps->attachments, task, request, map);
	if (res) {
		free(map);
		return res;
	}
	map->fd = request->fd;
	map->va = request->va;
	map->len = request->len;
	map->attrs = request->attrs;
	map->flags = request->flags == EMU_MAP_NOMAP ? MAP_FLAG_DELAYED : request->flags;
	map->refs = kept ? 1 : 0;
	list(maps, map);
	*ret_map = map;
	return 0;
}

int emu_maps_get(struct emu_maps *maps, const struct frpc_task *task,
		 const struct emu_map_request *request, struct emu_map **ret_map)
{
	struct emu_map *map;
	int res = 0;

	pthread_mutex_lock(&maps->lock);
	for (map = maps->list; map; map = map->next)
		if (matches(maps, task, request, map))
			break;
	if (!map)
		res = make(maps, task, request, &map);
	if (!res) {
		map->refs++;
		map->ctx_refs += request->use == EMU_MAP_BUFFER;
		map->handle_refs += request->use == EMU_MAP_HANDLE;
		map->pins += request->use != EMU_MAP_BUFFER;
		map->shell |= request->shell;
		*ret_map = map;
	}
	pthread_mutex_unlock(&maps->lock);
	return res;
}

static void release_unused(struct emu_maps *maps, struct emu_map *map)
{
	if (map->refs || map->ctx_refs || map->handle_refs || map->pins)
		return;
	if (map->listed)
		unlist(maps, map);
	release(maps, map);
}

static void put_locked(struct emu_maps *maps, struct emu_map *map, enum emu_map_use use)
{
	if (map->refs)
		map->refs--;
	if (use == EMU_MAP_BUFFER && map->ctx_refs)
		map->ctx_refs--;
	if (use == EMU_MAP_HANDLE)
		map->handle_refs = 0;
	release_unused(maps, map);
}

void emu_maps_keep(struct emu_maps *maps, struct emu_map *map, const uint64_t *dsp_address)
{
	if (!map)
		return;
	pthread_mutex_lock(&maps->lock);
	if (dsp_address)
		map->dsp_address = *dsp_address;
	map->pins--;
	release_unused(maps, map);
	pthread_mutex_unlock(&maps->lock);
}

void emu_maps_sent(struct emu_maps *maps, struct emu_map *map)
{
	emu_maps_keep(maps, map, NULL);
}

static void drop(struct emu_maps *maps, struct emu_map *map, enum emu_map_use use)
{
	if (!map)
		return;
	pthread_mutex_lock(&maps->lock);
	map->pins--;
	put_locked(maps, map, use);
	pthread_mutex_unlock(&maps->lock);
}

void emu_maps_drop(struct emu_maps *maps, struct emu_map *map)
{
	drop(maps, map, EMU_MAP_HELD);
}

void emu_maps_drop_handle(struct emu_maps *maps, struct emu_map *map)
{
	drop(maps, map, EMU_MAP_HANDLE);
}

void emu_maps_put(struct emu_maps *maps, struct emu_map *map, enum emu_map_use use)
{
	if (!map)
		return;
	pthread_mutex_lock(&maps->lock);
	put_locked(maps, map, use);
	pthread_mutex_unlock(&maps->lock);
}

int emu_maps_page(struct emu_maps *maps, const struct frpc_task *task, const struct emu_map *map,
		  const struct frpc_area *known, uint64_t va, uint64_t len, uint64_t *ret_address,
		  uint64_t *ret_size)
{
	uint64_t start = va & ~(PAGE - 1), last = (va + len - 1) & ~(PAGE - 1), offset = 0;
	bool downstream = is_downstream(maps);
	struct frpc_area area;

	*ret_size = last - start + PAGE;
	if (!(downstream && (map->attrs & FRPC_DN_ATTR_NOVA))) {
		uint64_t inside = downstream ? map->va : va;
		int res = 0;

		if (known && known->end && inside >= known->start && inside < known->end)
			area = *known;
		else
			res = emu_areas_find(&maps->areas, task, inside, &area);
		if (!res)
			offset = start - area.start;
		else if (downstream)
			return -EFAULT;
		if (downstream &&
		    (area.start > va || offset >= map->size || len > map->size - offset))
			return -EFAULT;
	}
	*ret_address = map->address + offset;
	return 0;
}

int emu_maps_detach(struct emu_maps *maps, int32_t fd, uint64_t dsp_address, uint64_t len,
		    struct emu_map **ret_map)
{
	bool downstream = is_downstream(maps);
	struct emu_map *map;

	pthread_mutex_lock(&maps->lock);
	for (map = maps->list; map; map = map->next) {
		/* Only numbers are compared: 0 finds a map that was never announced. */
		if (map->dsp_address != dsp_address || (fd >= 0 && map->fd != fd))
			continue;
		if (!downstream || (map->len == len && map->refs == 1 && !map->ctx_refs &&
				    !map->handle_refs && !map->shell))
			break;
	}
	if (map && downstream)
		unlist(maps, map);
	if (map)
		map->pins++;
	pthread_mutex_unlock(&maps->lock);
	*ret_map = map;
	return map ? 0 : -ENOENT;
}

void emu_maps_attach(struct emu_maps *maps, struct emu_map *map)
{
	pthread_mutex_lock(&maps->lock);
	if (is_downstream(maps))
		list(maps, map);
	map->pins--;
	release_unused(maps, map);
	pthread_mutex_unlock(&maps->lock);
}

void emu_maps_release(struct emu_maps *maps, struct emu_map *map)
{
	pthread_mutex_lock(&maps->lock);
	/* Mainline: what was announced twice stays, and is found again. */
	if (is_downstream(maps))
		map->dsp_address = 0;
	map->pins--;
	put_locked(maps, map, EMU_MAP_HELD);
	pthread_mutex_unlock(&maps->lock);
}

struct emu_map *emu_maps_find(struct emu_maps *maps, const struct emu_dmabuf *dmabuf,
			      uint32_t flags)
{
	struct emu_map *map;

	pthread_mutex_lock(&maps->lock);
	for (map = maps->list; map; map = map->next)
		if (map->flags == flags && map->fd == -1 &&
		    map->smmu_map->dmabuf->ino == dmabuf->ino &&
		    map->smmu_map->dmabuf->dev == dmabuf->dev)
			break;
	pthread_mutex_unlock(&maps->lock);
	return map;
}

void emu_maps_handles_done(struct emu_maps *maps, int32_t fd)
{
	struct emu_map *map;

	pthread_mutex_lock(&maps->lock);
	for (map = maps->list; map; map = map->next)
		if (map->fd == fd && !map->va && map->handle_refs)
			break;
	if (map)
		put_locked(maps, map, EMU_MAP_HANDLE);
	pthread_mutex_unlock(&maps->lock);
}

void emu_maps_fd_done(struct emu_maps *maps, const struct frpc_task *task, int32_t fd)
{
	const struct emu_map_request request = {.fd = fd};
	struct emu_map *map;

	pthread_mutex_lock(&maps->lock);
	for (map = maps->list; map; map = map->next)
		if (matches(maps, task, &request, map))
			break;
	if (map)
		put_locked(maps, map, map->handle_refs ? EMU_MAP_HANDLE : EMU_MAP_HELD);
	pthread_mutex_unlock(&maps->lock);
}

int emu_maps_drop_kept(struct emu_maps *maps, int32_t fd, uint64_t va, uint64_t len)
{
	const struct emu_map_request request = {.fd = fd, .va = va, .len = len};
	struct emu_map *map;

	if (va + len < va)
		return -EFAULT;
	pthread_mutex_lock(&maps->lock);
	for (map = maps->list; map; map = map->next)
		if (matches(maps, NULL, &request, map))
			break;
	if (map && (map->attrs & FRPC_DN_ATTR_KEEP_MAP)) {
		map->attrs &= ~FRPC_DN_ATTR_KEEP_MAP;
		put_locked(maps, map, EMU_MAP_HELD);
	}
	pthread_mutex_unlock(&maps->lock);
	return map ? 0 : -ENXIO;
}

uint32_t emu_maps_read(struct emu_maps *maps, struct emu_map *copies, uint32_t most)
{
	uint32_t count = 0;

	pthread_mutex_lock(&maps->lock);
	for (const struct emu_map *map = maps->list; map; map = map->next, count++)
		if (count < most) {
			copies[count] = *map;
			copies[count].next = NULL;
			copies[count].smmu_map = NULL;
		}
	pthread_mutex_unlock(&maps->lock);
	return count;
}

uint32_t emu_maps_count(struct emu_maps *maps)
{
	return emu_maps_read(maps, NULL, 0);
}
