/* SPDX-License-Identifier: BSD-3-Clause */
#include "maps.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/mainline.h>

#define PAGE		 UINT64_C(4096)
#define IDLE_MAPS	 32u
#define IDLE_BYTES	 (UINT64_C(512) << 20)
#define CACHED_AREAS	 8u
#define MAP_FLAG_NOMAP	 16u
#define MAP_FLAG_DELAYED 3u

struct emu_maps {
	struct emu_maps_config config;
	pthread_mutex_t lock;
	struct emu_map *list;
	struct emu_map *spare; /* structs to use again */
	/* Device mappings of buffers nobody uses now, newest first, hidden from the DSP. */
	struct emu_smmu_map *idle[IDLE_MAPS];
	uint32_t idle_count;
	uint64_t idle_bytes;
	struct frpc_area areas[CACHED_AREAS];
	uint32_t next_area;
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
	*ret_maps = maps;
	return 0;
}

static void unassign(struct emu_maps *maps, struct emu_map *map)
{
	if (map->assigned)
		emu_traits_unassign(maps->config.traits, map->smmu_map->dmabuf);
	map->assigned = false;
}

void emu_maps_free(struct emu_maps *maps)
{
	struct emu_map *map;

	if (!maps)
		return;
	while ((map = maps->list)) {
		maps->list = map->next;
		unassign(maps, map);
		emu_smmu_unmap(maps->config.smmu, map->smmu_map);
		free(map);
	}
	while ((map = maps->spare)) {
		maps->spare = map->next;
		free(map);
	}
	for (uint32_t i = 0; i < maps->idle_count; i++)
		emu_smmu_unmap(maps->config.smmu, maps->idle[i]);
	pthread_mutex_destroy(&maps->lock);
	free(maps);
}

static void drop_oldest_idle(struct emu_maps *maps)
{
	struct emu_smmu_map *oldest = maps->idle[--maps->idle_count];

	maps->idle_bytes -= oldest->size;
	emu_smmu_unmap(maps->config.smmu, oldest);
}

static void keep_idle(struct emu_maps *maps, struct emu_smmu_map *smmu_map)
{
	emu_smmu_show(maps->config.smmu, smmu_map, false);
	if (smmu_map->size > IDLE_BYTES) {
		emu_smmu_unmap(maps->config.smmu, smmu_map);
		return;
	}
	while (maps->idle_count == IDLE_MAPS || maps->idle_bytes + smmu_map->size > IDLE_BYTES)
		drop_oldest_idle(maps);
	for (uint32_t i = maps->idle_count++; i; i--)
		maps->idle[i] = maps->idle[i - 1];
	maps->idle[0] = smmu_map;
	maps->idle_bytes += smmu_map->size;
}

/* Which memory the caller's @fd is, as far as that can be told without opening it. */
static bool identify(const struct frpc_task *task, const struct emu_map_request *request,
		     uint64_t *ret_dev, uint64_t *ret_ino)
{
	struct stat st;

	/* Only who mapped a buffer himself knows that an address and his fd are the same memory. */
	if (request->area && request->area->ino && request->area->fd == request->fd) {
		*ret_dev = request->area->dev;
		*ret_ino = request->area->ino;
		return true;
	}
	if (task->tgid != frpc_own_pid() || fstat(request->fd, &st))
		return false;
	*ret_dev = st.st_dev;
	*ret_ino = st.st_ino;
	return true;
}

/* The idle device mapping of the very buffer that is asked for, in the file's own bank, or NULL. */
static struct emu_smmu_map *take_idle(struct emu_maps *maps, const struct frpc_task *task,
				      const struct emu_map_request *request)
{
	struct emu_smmu_map *found = NULL;
	uint64_t dev, ino;

	if (!maps->idle_count || !identify(task, request, &dev, &ino))
		return NULL;
	for (uint32_t i = 0; i < maps->idle_count; i++) {
		const struct emu_dmabuf *dmabuf = maps->idle[i]->dmabuf;

		if (!found && dmabuf->ino == ino && dmabuf->dev == dev) {
			found = maps->idle[i];
			maps->idle_bytes -= found->size;
		} else if (found) {
			maps->idle[i - 1] = maps->idle[i];
		}
	}
	if (found) {
		maps->idle_count--;
		emu_smmu_show(maps->config.smmu, found, true);
	}
	return found;
}

static void release(struct emu_maps *maps, struct emu_map *map)
{
	unassign(maps, map);
	/* Only plain mappings in the file's own bank are good for the next map of the buffer. */
	if (map->secure || !map->smmu_map->visible || !maps->config.bank)
		emu_smmu_unmap(maps->config.smmu, map->smmu_map);
	else
		keep_idle(maps, map->smmu_map);
	map->next = maps->spare;
	maps->spare = map;
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

/* The drivers report the same troubles with different numbers. */
static int map_error(const struct emu_maps *maps, int res)
{
	if (!is_downstream(maps))
		return res;
	return res == -ENOMEM ? -EFAULT : -EBADFD;
}

/* Which bank the buffer belongs into, and whether the driver can take it at all. */
static int choose_bank(struct emu_maps *maps, struct emu_map *map, const struct emu_dmabuf *dmabuf,
		       bool nomap, uint32_t *ret_bank)
{
	uint32_t traits = emu_traits_get(maps->config.traits, dmabuf);

	*ret_bank = maps->config.bank;
	if (!is_downstream(maps)) {
		/* The DSP's VM reaches it by its physical address, which 6.1 does not send yet. */
		if (map->secure && !maps->config.believing)
			*ret_bank = 0;
		return 0;
	}
	if (nomap) {
		*ret_bank = 0;
		return traits & EMU_BUFFER_SCATTERED ? -EFAULT : 0;
	}
	if (traits & EMU_BUFFER_UNQUERIED)
		return -EBADFD;
	map->secure = traits & EMU_BUFFER_SECURE;
	if (map->secure) {
		int res = maps->config.secure_bank(maps->config.context, ret_bank);

		if (res)
			return res;
	}
	return !*ret_bank && (traits & EMU_BUFFER_SCATTERED) ? -EFAULT : 0;
}

/* The DSP gets a copy of its own, which only cache maintenance brings up to date. */
static int shadow(struct emu_maps *maps, struct emu_smmu_map *smmu_map)
{
	struct emu_dmabuf *seen;
	int res = emu_shadows_get(maps->config.shadows, smmu_map->dmabuf, &seen);

	if (res) {
		emu_smmu_unmap(maps->config.smmu, smmu_map);
		return res;
	}
	emu_smmu_set_seen(maps->config.smmu, smmu_map, seen);
	emu_dmabuf_put(seen);
	return 0;
}

static int map_dmabuf(struct emu_maps *maps, struct emu_map *map, struct emu_dmabuf *dmabuf,
		      uint32_t flags)
{
	bool nomap = is_downstream(maps) && flags == MAP_FLAG_NOMAP;
	uint32_t bank;
	int res;

	if (!dmabuf->size)
		return map_error(maps, -EINVAL);
	res = choose_bank(maps, map, dmabuf, nomap, &bank);
	if (res)
		return res;
	if (!nomap && emu_inject_fails(maps->config.inject, EMU_INJECT_MAP))
		return map_error(maps, -ENOMEM);
	res = emu_smmu_map(maps->config.smmu, bank, dmabuf, &map->smmu_map);
	while (res == -ENOMEM && maps->idle_count) {
		drop_oldest_idle(maps);
		res = emu_smmu_map(maps->config.smmu, bank, dmabuf, &map->smmu_map);
	}
	if (!res && maps->config.shadows)
		res = shadow(maps, map->smmu_map);
	if (res)
		return map_error(maps, res);
	/* Unmapped by flag 16: it has a physical address, which no DSP process can reach. */
	if (nomap)
		emu_smmu_show(maps->config.smmu, map->smmu_map, false);
	return 0;
}

/* Mainline's attribute; downstream asks who owns the buffer. */
static bool is_secure(const struct emu_maps *maps, const struct emu_map_request *request)
{
	return !is_downstream(maps) && (request->attrs & FRPC_ML_ATTR_SECUREMAP);
}

static int attach(struct emu_maps *maps, const struct frpc_task *task,
		  const struct emu_map_request *request, struct emu_map *map)
{
	struct emu_dmabuf *dmabuf;
	int res = 0;

	map->secure = is_secure(maps, request);
	if (!map->secure && (request->flags != MAP_FLAG_NOMAP || !is_downstream(maps))) {
		map->smmu_map = take_idle(maps, task, request);
		if (map->smmu_map && !emu_traits_get(maps->config.traits, map->smmu_map->dmabuf) &&
		    !emu_inject_fails(maps->config.inject, EMU_INJECT_MAP))
			return 0;
		if (map->smmu_map) /* something about it has changed: as if seen for the first time */
			emu_smmu_unmap(maps->config.smmu, map->smmu_map);
		map->smmu_map = NULL;
	}
	if (request->dmabuf)
		dmabuf = emu_dmabuf_ref(request->dmabuf);
	else
		res = emu_dmabuf_get(task, request->fd, &dmabuf);
	if (res)
		return is_downstream(maps) && res != -ENOMEM ? -EBADFD : res;
	res = map_dmabuf(maps, map, dmabuf, request->flags);
	emu_dmabuf_put(dmabuf);
	return res;
}

/* The size that the driver goes by, which depends on how the buffer was mapped. */
static uint64_t mapped_size(const struct emu_maps *maps, const struct emu_map *map,
			    const struct emu_map_request *request)
{
	uint64_t rounded = (request->len + PAGE - 1) & ~(PAGE - 1);

	if (!is_downstream(maps))
		return maps->config.believing ? request->len : map->smmu_map->size;
	if (request->flags == MAP_FLAG_NOMAP)
		return request->len;
	if (emu_address_bank(map->smmu_map->address))
		return map->smmu_map->size;
	return rounded ? rounded : PAGE;
}

static int check_size(const struct emu_maps *maps, const struct emu_map *map,
		      const struct emu_map_request *request)
{
	if (!is_downstream(maps))
		return request->len > map->smmu_map->dmabuf->size && !maps->config.believing
			       ? -EINVAL
			       : 0;
	return map->size < request->len || map->size >= maps->config.limit ? -EFAULT : 0;
}

static int make(struct emu_maps *maps, const struct frpc_task *task,
		const struct emu_map_request *request, struct emu_map **ret_map)
{
	bool kept = is_downstream(maps) && (request->attrs & FRPC_DN_ATTR_KEEP_MAP);
	struct emu_map *map;
	int res;

	if (kept && request->flags == MAP_FLAG_NOMAP)
		return -EINVAL;
	map = take_spare(maps);
	if (!map)
		return -ENOMEM;
	res = attach(maps, task, request, map);
	if (res) {
		free(map);
		return res;
	}
	map->size = mapped_size(maps, map, request);
	res = check_size(maps, map, request);
	if (!res && (is_secure(maps, request) ||
		     (maps->config.assign && request->flags != MAP_FLAG_NOMAP))) {
		res = emu_traits_assign(maps->config.traits, map->smmu_map->dmabuf);
		map->assigned = !res;
	}
	if (res) {
		release(maps, map);
		return res;
	}
	map->fd = request->fd;
	map->va = request->va;
	map->len = request->len;
	map->address = map->smmu_map->address;
	map->attrs = request->attrs;
	map->flags = request->flags == MAP_FLAG_NOMAP ? MAP_FLAG_DELAYED : request->flags;
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

/* The caller's area around @address: from the cache if it is still the same area. */
static int find_area(struct emu_maps *maps, const struct frpc_task *task, uint64_t address,
		     struct frpc_area *ret_area)
{
	struct frpc_area area = {0};
	int res;

	if (emu_user_quick_area(task, address, ret_area))
		return 0;
	if (emu_user_area_is_cheap(task))
		return -EFAULT;
	pthread_mutex_lock(&maps->lock);
	for (uint32_t i = 0; i < CACHED_AREAS; i++)
		if (address >= maps->areas[i].start && address < maps->areas[i].end)
			area = maps->areas[i];
	pthread_mutex_unlock(&maps->lock);
	if (area.end && emu_user_area_valid(task, &area)) {
		*ret_area = area;
		return 0;
	}
	res = emu_user_area(task, address, ret_area);
	if (res)
		return res;
	pthread_mutex_lock(&maps->lock);
	for (uint32_t i = 0; i < CACHED_AREAS; i++)
		if (maps->areas[i].start < ret_area->end && ret_area->start < maps->areas[i].end)
			maps->areas[i] = (struct frpc_area){0}; /* of another time */
	maps->areas[maps->next_area++ % CACHED_AREAS] = *ret_area;
	pthread_mutex_unlock(&maps->lock);
	return 0;
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
			res = find_area(maps, task, inside, &area);
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
