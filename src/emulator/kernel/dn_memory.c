/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver's memory commands: two generations of maps, and donated pages. */
#include <errno.h>

#include <fastrpc/abi/smq.h>

#include "commands.h"
#include "ioctl_downstream.h"

/* Memory of the reserved pool, lent to a static PD. The caller's fd and address mean nothing. */
static long lend_heap(struct emu_file *file, uint32_t flags, int32_t fd, uint64_t len,
		      struct emu_heap_block **ret_block)
{
	const struct emu_heap_request request = {
		.smmu = file->channel->smmu,
		.len = len,
		.limit = emu_driver_get_config(file->driver)->buffer_limit,
		.fd = fd,
		.flags = flags,
		.service = file->static_pd,
	};

	return emu_heap_take(emu_driver_heap(file->driver), &request, ret_block);
}

static bool is_heap(uint32_t flags)
{
	return flags == FRPC_DN_MMAP_HEAP || flags == FRPC_DN_MMAP_REMOTE_HEAP;
}

static long mmap_heap(struct emu_file *file, const struct frpc_task *task, struct frpc_dn_mmap *map)
{
	struct emu_heap *heap = emu_driver_heap(file->driver);
	struct emu_heap_block *block;
	uint64_t address = 0;
	long res;

	res = lend_heap(file, map->flags, map->fd, map->size, &block);
	if (res)
		return res;
	res = emu_call_mmap(file, task, map->flags, 0, block->address, block->size, &address);
	if (res) {
		emu_heap_give_back(heap, block);
		return res;
	}
	block->dsp_address = address;
	emu_heap_list(heap, block);
	map->vaddrout = address;
	return 0;
}

/* XPU protected memory (flag 4) the DSP must unlock itself: it answers with a key. */
static long take_heap_back(struct emu_file *file, const struct frpc_task *task,
			   struct emu_heap_block *block)
{
	struct emu_heap *heap = emu_driver_heap(file->driver);
	int32_t client = (int32_t)file->client_id;
	uint8_t key = 0;
	const struct emu_kernel_arg args[] = {{&client, sizeof(client)}, {&key, sizeof(key)}};
	long res;

	res = emu_call_munmap(file, task, block->dsp_address, block->size);
	if (!res && block->flags == FRPC_DN_MMAP_HEAP)
		res = emu_driver_call(file, task, FRPC_HANDLE_PROCESS_GROUP, FRPC_SC_HEAP_UNMAP,
				      args);
	if (res)
		emu_heap_list(heap, block);
	else
		emu_heap_give_back(heap, block);
	return res;
}

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
		emu_maps_drop(file->maps, record);
		return res;
	}
	emu_maps_keep(file->maps, record, &address);
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
	if (is_heap(map->flags))
		return mmap_heap(file, task, map);
	return mmap_fd(file, task, map);
}

long emu_dn_munmap(struct emu_file *file, const struct frpc_task *task, uint64_t address,
		   uint64_t size)
{
	struct emu_heap_block *block;
	struct emu_map *map;
	bool found;
	long res;

	if (!file->initialised)
		return -EHOSTDOWN;
	res = emu_take_pages_back(file, task, address, size, &found);
	if (found)
		return res;
	block = emu_heap_detach(emu_driver_heap(file->driver), -1, address, size);
	if (block)
		return take_heap_back(file, task, block);
	if (emu_maps_detach(file->maps, -1, address, size, &map))
		return -ETOOMANYREFS;
	res = emu_call_munmap(file, task, address, map->size);
	if (res)
		emu_maps_attach(file->maps, map);
	else
		emu_maps_release(file->maps, map);
	return res;
}

/* MEM_MAP takes the heap flags as well; such memory cannot be returned with MEM_UNMAP. */
static long mem_map_heap(struct emu_file *file, const struct frpc_task *task,
			 const struct emu_announce *announce, uint64_t len, uint64_t *ret_address)
{
	struct emu_heap *heap = emu_driver_heap(file->driver);
	struct emu_announce told = *announce;
	struct emu_heap_block *block;
	long res;

	res = lend_heap(file, announce->flags, announce->fd, len, &block);
	if (res)
		return res;
	told.page_address = block->address;
	told.page_size = block->size;
	res = emu_announce(file, task, &told, ret_address);
	if (res) {
		emu_heap_give_back(heap, block);
		return res;
	}
	block->dsp_address = *ret_address;
	emu_heap_list(heap, block);
	return 0;
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
	if (is_heap(request->flags)) {
		res = mem_map_heap(file, task, &announce, request->length, &address);
		request->vaddrout = address;
		return res;
	}
	res = emu_maps_get(file->maps, task, &wanted, &map);
	if (res)
		return res;
	if (map->dsp_address) {
		emu_maps_drop(file->maps, map);
		return -EEXIST;
	}
	announce.page_size = map->size;
	res = emu_announce_map(file, task, map, &announce, &address);
	if (res) {
		emu_maps_drop(file->maps, map);
		return res;
	}
	emu_maps_keep(file->maps, map, &address);
	request->vaddrout = address;
	return 0;
}

long emu_dn_mem_unmap(struct emu_file *file, const struct frpc_task *task,
		      const struct frpc_dn_mem_unmap *request)
{
	struct emu_heap *heap = emu_driver_heap(file->driver);
	struct emu_heap_block *block;
	struct emu_map *map;
	long res;

	if (!file->initialised)
		return EBADR;
	block = emu_heap_detach(heap, request->fd, request->vaddr, request->length);
	if (block) {
		emu_heap_list(heap, block);
		return -EBADMSG;
	}
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

static long set_headers(struct emu_file *file, const struct frpc_task *task, uint32_t count)
{
	struct emu_announce announce = {.fd = -1, .flags = FRPC_DN_MMAP_PERSIST_HDR};
	struct emu_buffer *block;
	uint64_t address = 0;
	long res;

	if (!count || emu_buffers_have_headers(file->buffers))
		return 0;
	res = emu_buffers_get(file->buffers, EMU_BUFFER_HEAP, count * UINT64_C(4096), &block);
	if (res)
		return res;
	announce.page_address = block->address;
	announce.page_size = block->size;
	res = emu_announce(file, task, &announce, &address);
	if (!res)
		res = emu_buffers_set_headers(file->buffers, block);
	if (res)
		emu_buffers_put(file->buffers, EMU_BUFFER_HEAP, block);
	return res;
}

long emu_dn_kernel_optimizations(struct emu_file *file, const struct frpc_task *task,
				 const struct frpc_dn_invoke2 *invoke2)
{
	uint32_t concurrency;
	long res;

	if (invoke2->size != sizeof(concurrency))
		return -EBADE;
	/* As everywhere in INVOKE2: the number of bytes that could not be copied. */
	if (emu_user_read(task, &concurrency, invoke2->invparam, sizeof(concurrency)))
		return sizeof(concurrency);
	if (!emu_file_is_chosen(file))
		return -EBADR;
	pthread_mutex_lock(&file->map_lock);
	res = set_headers(file, task,
			  concurrency < EMU_HEADERS_MOST ? concurrency : EMU_HEADERS_MOST);
	pthread_mutex_unlock(&file->map_lock);
	return res;
}

long emu_dn_proc_sharedbuf(struct emu_file *file, const struct frpc_task *task,
			   const struct frpc_dn_invoke2 *invoke2)
{
	struct frpc_dn_proc_sharedbuf info;

	if (invoke2->size > sizeof(info))
		return -EBADE;
	if (emu_user_read(task, &info, invoke2->invparam, sizeof(info)))
		return sizeof(info);
	pthread_mutex_lock(&file->lock);
	file->shared_fd = info.buf_fd;
	file->shared_size = (uint32_t)info.buf_size;
	pthread_mutex_unlock(&file->lock);
	return 0;
}

long emu_dn_munmap_fd(struct emu_file *file, const struct frpc_dn_munmap_fd *request)
{
	if (!file->initialised)
		return -EHOSTDOWN;
	return emu_maps_drop_kept(file->maps, request->fd, request->va, request->len);
}
