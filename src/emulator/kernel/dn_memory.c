/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver's memory commands: two generations of maps, and donated pages. */
#include <errno.h>

#include "commands.h"
#include "ioctl_downstream.h"

/* A dma-buf announced with the older map call. */
static long mmap_fd(struct emu_file *file, const struct frpc_task *task, struct frpc_dn_mmap *map)
{
	struct emu_map_request request = {
		.fd = map->fd,
		.va = map->vaddrin,
		.len = map->size,
		.flags = map->flags,
		.use = EMU_MAP_HELD,
	};
	struct emu_map *record;
	uint64_t address = 0;
	long res;

	res = emu_maps_get(file->maps, task, &request, &record);
	if (res)
		return res;
	res = emu_call_mmap(file, task, map->flags, map->vaddrin, record->address, record->size,
			    &address);
	if (res) {
		emu_maps_put(file->maps, record, EMU_MAP_HELD);
		return res;
	}
	record->dsp_address = address;
	map->vaddrout = address;
	return 0;
}

long emu_dn_mmap(struct emu_file *file, const struct frpc_task *task, struct frpc_dn_mmap *map)
{
	uint64_t address = 0;
	long res;

	if (!file->initialised)
		return -EHOSTDOWN;
	if ((map->flags == FRPC_DN_MMAP_ADD_PAGES || map->flags == FRPC_DN_MMAP_ADD_PAGES_LLC) &&
	    !file->unsigned_pd) {
		if (map->vaddrin)
			return -EINVAL;
		res = emu_donate_pages(file, task, map->flags, map->size, &address);
		map->vaddrout = address;
		return res;
	}
	if (map->flags == FRPC_DN_MMAP_REMOTE_HEAP && file->unsigned_pd)
		return -EINVAL;
	if (map->flags == FRPC_DN_MMAP_HEAP || map->flags == FRPC_DN_MMAP_REMOTE_HEAP)
		return -ENODEV; /* no pool is reserved on this machine */
	return mmap_fd(file, task, map);
}

long emu_dn_munmap(struct emu_file *file, const struct frpc_task *task, uint64_t address,
		   uint64_t size)
{
	struct emu_map *map;
	bool found;
	long res;

	if (!file->initialised)
		return -EHOSTDOWN;
	res = emu_take_pages_back(file, task, address, size, &found);
	if (found)
		return res;
	if (emu_maps_detach(file->maps, -1, address, size, &map))
		return -ETOOMANYREFS;
	res = emu_call_munmap(file, task, address, map->size);
	if (res)
		emu_maps_attach(file->maps, map);
	else
		emu_maps_release(file->maps, map);
	return res;
}

long emu_dn_mem_map(struct emu_file *file, const struct frpc_task *task,
		    struct frpc_dn_mem_map *request)
{
	struct emu_map_request wanted = {
		.fd = request->fd,
		.va = request->vaddrin,
		.len = request->length,
		.attrs = (uint32_t)request->attrs,
		.flags = request->flags,
		.use = EMU_MAP_HELD,
	};
	struct emu_announce announce = {
		.fd = request->fd,
		.offset = request->offset,
		.flags = request->flags,
		.vaddr = request->vaddrin,
	};
	struct emu_map *map;
	uint64_t address = 0;
	long res;

	if (!file->initialised)
		return EBADR; /* positive: the driver forgot the sign */
	res = emu_maps_get(file->maps, task, &wanted, &map);
	if (res)
		return res;
	if (map->dsp_address) {
		emu_maps_put(file->maps, map, EMU_MAP_HELD);
		return -EEXIST;
	}
	announce.page_size = map->size;
	res = emu_announce_map(file, task, map, &announce, &address);
	if (res) {
		emu_maps_put(file->maps, map, EMU_MAP_HELD);
		return res;
	}
	map->dsp_address = address;
	request->vaddrout = address;
	return 0;
}

long emu_dn_mem_unmap(struct emu_file *file, const struct frpc_task *task,
		      const struct frpc_dn_mem_unmap *request)
{
	struct emu_map *map;
	long res;

	if (!file->initialised)
		return EBADR;
	if (emu_maps_detach(file->maps, request->fd, request->vaddr, request->length, &map))
		return -ETOOMANYREFS;
	if (map->flags != 0 && map->flags != 2 && map->flags != 3) {
		emu_maps_attach(file->maps, map);
		return -EBADMSG;
	}
	res = emu_revoke_map(file, task, map, map->size);
	if (res)
		emu_maps_attach(file->maps, map);
	else
		emu_maps_release(file->maps, map);
	return res;
}

long emu_dn_munmap_fd(struct emu_file *file, const struct frpc_dn_munmap_fd *request)
{
	if (!file->initialised)
		return -EHOSTDOWN;
	return emu_maps_drop_kept(file->maps, request->fd, request->va, request->len);
}
