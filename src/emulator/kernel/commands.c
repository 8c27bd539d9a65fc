/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands.h"

#include <errno.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#define MIB UINT64_C(1048576)

#define ATTRIBUTE_DMA_HANDLES 129u

/* @shared: the map of the process's parameters, or NULL. */
static long send_create(struct emu_file *file, const struct frpc_task *task,
			const struct emu_create_request *request, struct emu_buffer *memory,
			const struct emu_map *shared)
{
	struct frpc_smq_page pages[2] = {{memory->address, memory->size}};
	struct frpc_smq_create create = {
		.pgid = (int32_t)file->client_id,
		.filelen = request->filelen,
		.pageslen = shared ? 2 : 1,
		.attrs = (int32_t)request->attrs,
		.siglen = (int32_t)request->siglen,
	};
	uint32_t sc = request->attrs ? FRPC_SC_CREATE_ATTR : FRPC_SC_CREATE;
	struct emu_context *context;
	char comm[16];
	int res;

	emu_user_comm(task, comm);
	create.namelen = (uint32_t)strlen(comm) + 1;
	res = emu_context_new(file, task, FRPC_HANDLE_PROCESS_GROUP, sc, true, &context);
	if (res)
		return res;
	context->args.user[0] = (struct emu_user_arg){(uintptr_t)&create, sizeof(create), -1, 0};
	context->args.user[1] = (struct emu_user_arg){(uintptr_t)comm, create.namelen, -1, 0};
	/* The shell is the only argument that lies in the caller's memory: mapped, never copied. */
	context->args.user[2] = (struct emu_user_arg){request->map_shell ? request->file : 0,
						      request->map_shell ? request->filelen : 0,
						      request->map_shell ? request->filefd : -1, 0};
	if (shared)
		pages[1] = (struct frpc_smq_page){shared->address, shared->size};
	context->args.user[3] =
		(struct emu_user_arg){(uintptr_t)pages, create.pageslen * sizeof(*pages), -1, 0};
	return emu_context_run(file, task, context);
}

/* Parameters that the client has put into a buffer of its own. */
static long map_shared(struct emu_file *file, const struct frpc_task *task,
		       const struct emu_create_request *request, struct emu_map **ret_map)
{
	struct emu_map_request wanted = {
		.fd = request->shared_fd,
		.len = request->shared_size,
		.use = EMU_MAP_HELD,
		.shell = true,
	};

	if (!request->shared_size || request->shared_fd == -1)
		return 0;
	return emu_maps_get(file->maps, task, &wanted, ret_map);
}

static long map_shell(struct emu_file *file, const struct frpc_task *task,
		      const struct emu_create_request *request, struct emu_map **ret_map)
{
	struct emu_map_request wanted = {
		.fd = request->filefd,
		.va = request->file,
		.len = request->filelen,
		.use = EMU_MAP_HELD,
		.shell = true,
	};

	if (!request->map_shell)
		return 0;
	return emu_maps_get(file->maps, task, &wanted, ret_map);
}

/* The process is there: its memory stays until close. */
static void keep_memory(struct emu_file *file, struct emu_buffer *memory)
{
	emu_count(&emu_driver_stats(file->driver)->processes_created, 1);
	pthread_mutex_lock(&file->lock);
	emu_buffers_put(file->buffers, EMU_BUFFER_INIT, file->init_memory);
	file->init_memory = memory;
	pthread_mutex_unlock(&file->lock);
}

long emu_create_process(struct emu_file *file, const struct frpc_task *task,
			const struct emu_create_request *request)
{
	uint64_t wanted = request->memory, four = (uint64_t)request->filelen * 4;
	struct emu_map *shell = NULL, *shared = NULL;
	struct emu_buffer *memory = NULL;
	long res;

	res = map_shell(file, task, request, &shell);
	if (!res)
		res = request->refusal;
	if (res)
		goto out;
	wanted = (wanted > four ? wanted : four) + MIB - 1;
	res = emu_buffers_get(file->buffers, EMU_BUFFER_INIT, wanted & ~(MIB - 1), &memory);
	if (!res)
		res = map_shared(file, task, request, &shared);
	if (res)
		goto out;
	pthread_mutex_lock(&file->lock);
	file->pd = FRPC_SMQ_PD_USER;
	pthread_mutex_unlock(&file->lock);
	res = send_create(file, task, request, memory, shared);
	if (res)
		goto out;
	keep_memory(file, memory);
	memory = NULL;
	emu_maps_keep(file->maps, shared, NULL);
	shared = NULL;
	if (request->keep_shell) {
		emu_maps_keep(file->maps, shell, NULL);
		shell = NULL;
	}
out:
	emu_buffers_put(file->buffers, EMU_BUFFER_INIT, memory);
	emu_maps_drop(file->maps, shared);
	emu_maps_drop(file->maps, shell);
	return res;
}

long emu_attach_process(struct emu_file *file, const struct frpc_task *task, uint32_t pd)
{
	int32_t client = (int32_t)file->client_id;
	const struct emu_kernel_arg arg = {&client, sizeof(client)};

	pthread_mutex_lock(&file->lock);
	file->pd = pd;
	pthread_mutex_unlock(&file->lock);
	return emu_driver_call(file, task, FRPC_HANDLE_PROCESS_GROUP, FRPC_SC_ATTACH, &arg);
}

long emu_attach_by_name(struct emu_file *file, const struct frpc_task *task, uint32_t pd)
{
	struct frpc_smq_attach_name attach = {.pgid = file->client_id};
	char comm[16];

	emu_user_comm(task, comm);
	attach.namelen = (uint32_t)strlen(comm) + 1;
	pthread_mutex_lock(&file->lock);
	file->pd = pd;
	pthread_mutex_unlock(&file->lock);
	return emu_driver_call(file, task, FRPC_HANDLE_PROCESS_GROUP, FRPC_SC_ATTACH_NAME,
			       (struct emu_kernel_arg[]){{&attach, sizeof(attach)},
							 {comm, attach.namelen}});
}

long emu_call_mmap(struct emu_file *file, const struct frpc_task *task, uint32_t flags,
		   uint64_t vaddr, uint64_t address, uint64_t size, uint64_t *ret_address)
{
	struct frpc_smq_mmap map = {
		.pid = (int32_t)file->client_id,
		.flags = flags,
		.vaddrin = vaddr,
		.num = sizeof(struct frpc_smq_page),
	};
	struct frpc_smq_page page = {address, size};
	const struct emu_kernel_arg args[] = {
		{&map, sizeof(map)},
		{&page, sizeof(page)},
		{ret_address, sizeof(*ret_address)},
	};

	return emu_driver_call(file, task, FRPC_HANDLE_PROCESS_GROUP, FRPC_SC_MMAP, args);
}

long emu_call_munmap(struct emu_file *file, const struct frpc_task *task, uint64_t address,
		     uint64_t size)
{
	struct frpc_smq_munmap unmap = {
		.pid = (int32_t)file->client_id,
		.vaddrout = address,
		.size = size,
	};
	const struct emu_kernel_arg arg = {&unmap, sizeof(unmap)};

	return emu_driver_call(file, task, FRPC_HANDLE_PROCESS_GROUP, FRPC_SC_MUNMAP, &arg);
}

long emu_donate_pages(struct emu_file *file, const struct frpc_task *task, uint32_t flags,
		      uint64_t size, uint64_t *ret_address)
{
	struct emu_buffer *pages;
	long res;

	res = emu_buffers_get(file->buffers, EMU_BUFFER_HEAP, size, &pages);
	if (res)
		return res;
	*ret_address = 0;
	res = emu_call_mmap(file, task, flags, 0, pages->address, pages->size, ret_address);
	if (res) {
		emu_buffers_put(file->buffers, EMU_BUFFER_HEAP, pages);
		return res;
	}
	pages->dsp_address = *ret_address;
	emu_file_add_pages(file, pages);
	return 0;
}

long emu_take_pages_back(struct emu_file *file, const struct frpc_task *task, uint64_t address,
			 uint64_t size, bool *ret_found)
{
	struct emu_buffer *pages = emu_file_take_pages(file, address, size);
	long res;

	*ret_found = pages != NULL;
	if (!pages)
		return 0;
	res = emu_call_munmap(file, task, address, pages->size);
	if (res)
		emu_file_add_pages(file, pages);
	else
		emu_buffers_put(file->buffers, EMU_BUFFER_HEAP, pages);
	return res;
}

long emu_announce(struct emu_file *file, const struct frpc_task *task,
		  const struct emu_announce *announce, uint64_t *ret_address)
{
	struct frpc_smq_mem_map request = {
		.pid = (int32_t)file->client_id,
		.fd = announce->fd,
		.offset = announce->offset,
		.flags = announce->flags,
		.vaddrin = announce->vaddr,
		.num = sizeof(struct frpc_smq_page),
	};
	struct frpc_smq_page page = {announce->page_address, announce->page_size};
	const struct emu_kernel_arg args[] = {
		{&request, sizeof(request)},
		{&page, sizeof(page)},
		{&page, 0},
		{ret_address, sizeof(*ret_address)},
	};

	return emu_driver_call(file, task, FRPC_HANDLE_PROCESS_GROUP, FRPC_SC_MEM_MAP, args);
}

long emu_announce_map(struct emu_file *file, const struct frpc_task *task, struct emu_map *map,
		      const struct emu_announce *announce, uint64_t *ret_address)
{
	struct emu_announce told = *announce;

	told.page_address = map->address;
	return emu_announce(file, task, &told, ret_address);
}

long emu_revoke_map(struct emu_file *file, const struct frpc_task *task, const struct emu_map *map,
		    uint64_t length)
{
	struct frpc_smq_mem_unmap request = {
		.pid = (int32_t)file->client_id,
		.fd = map->fd,
		.vaddrin = map->dsp_address,
		.len = length,
	};
	const struct emu_kernel_arg arg = {&request, sizeof(request)};

	return emu_driver_call(file, task, FRPC_HANDLE_PROCESS_GROUP, FRPC_SC_MEM_UNMAP, &arg);
}

long emu_query_capabilities(struct emu_file *file, const struct frpc_task *task,
			    struct emu_channel *channel)
{
	uint32_t count = EMU_CAPABILITIES - 1, values[EMU_CAPABILITIES - 1] = {0};
	const struct emu_kernel_arg args[] = {
		{&count, sizeof(count)},
		{values, sizeof(values)},
	};
	long res;

	res = emu_driver_call(file, task, FRPC_HANDLE_DSP_UTILITIES, FRPC_SC_CAPABILITIES, args);
	if (res)
		return res;
	pthread_mutex_lock(&channel->lock);
	memcpy(&channel->capabilities[1], values, sizeof(values));
	channel->capabilities_known = true;
	atomic_store(&channel->handles_unmapped, channel->capabilities[ATTRIBUTE_DMA_HANDLES] != 0);
	pthread_mutex_unlock(&channel->lock);
	return 0;
}
