/* SPDX-License-Identifier: BSD-3-Clause */
/* Mainline: memory that the driver gives a DSP process, and buffers that it announces there. */
#include <errno.h>

#include <fastrpc/abi/mainline.h>
#include <fastrpc/abi/smq.h>

#include "ioctl_mainline.h"

static long take_back(struct emu_file *file, const struct frpc_task *task, uint64_t address,
		      uint64_t size)
{
	struct emu_buffer *pages = emu_file_take_pages(file, address, size);
	long res;

	if (!pages)
		return -EINVAL;
	res = emu_call_munmap(file, task, address, pages->wanted);
	if (res)
		emu_file_add_pages(file, pages);
	else
		emu_buffers_put_pages(pages);
	return res;
}

long emu_ml_mmap(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	bool has_heap = file->channel->config->version >= EMU_ML_6_12;
	struct frpc_ml_req_mmap request;
	struct emu_buffer *pages;
	uint64_t address = 0;
	bool heap;
	long res;

	if (emu_user_read(task, &request, arg, sizeof(request)))
		return -EFAULT;
	heap = has_heap && request.flags == FRPC_ML_MMAP_REMOTE_HEAP;
	if ((request.flags != FRPC_ML_MMAP_ADD_PAGES && !heap) || request.vaddrin)
		return -EINVAL;
	res = heap ? emu_ml_heap_get(file->channel, request.size, &pages)
		   : emu_buffers_get(file->buffers, EMU_BUFFER_HEAP, request.size, &pages);
	if (res)
		return res;
	res = emu_call_mmap(file, task, request.flags, 0, pages->address, pages->wanted, &address);
	if (res) {
		emu_buffers_put_pages(pages);
		return res;
	}
	pages->dsp_address = request.vaddrout = address;
	emu_file_add_pages(file, pages);
	if (!emu_user_write(task, arg, &request, sizeof(request)))
		return 0;
	take_back(file, task, address, request.size);
	return -EFAULT;
}

long emu_ml_munmap(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_ml_req_munmap request;

	if (emu_user_read(task, &request, arg, sizeof(request)))
		return -EFAULT;
	return take_back(file, task, request.vaddrout, request.size);
}

long emu_ml_mem_map(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_ml_mem_map request;
	struct emu_map_request wanted = {.use = EMU_MAP_HELD};
	struct emu_announce announce;
	struct emu_map *map;
	uint64_t address = 0;
	long res;

	if (emu_user_read(task, &request, arg, sizeof(request)))
		return -EFAULT;
	wanted.fd = request.fd;
	wanted.va = request.vaddrin;
	wanted.len = request.length;
	res = emu_maps_get(file->maps, task, &wanted, &map);
	if (res)
		return res;
	announce = (struct emu_announce){
		.fd = request.fd,
		.offset = request.offset,
		.flags = request.flags,
		.vaddr = request.vaddrin,
		.page_size = request.length,
	};
	res = emu_announce_map(file, task, map, &announce, &address);
	if (res) {
		emu_maps_drop(file->maps, map);
		return res;
	}
	emu_maps_keep(file->maps, map, &address);
	request.vaddrout = address;
	return emu_user_write(task, arg, &request, sizeof(request)) ? -EFAULT : 0;
}

long emu_ml_mem_unmap(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_ml_mem_unmap request;
	struct emu_map *map;
	long res;

	if (emu_user_read(task, &request, arg, sizeof(request)))
		return -EFAULT;
	if (emu_maps_detach(file->maps, request.fd, request.vaddr, request.length, &map))
		return -EINVAL;
	res = emu_revoke_map(file, task, map, map->len);
	if (res)
		emu_maps_attach(file->maps, map);
	else
		emu_maps_release(file->maps, map);
	return res;
}
