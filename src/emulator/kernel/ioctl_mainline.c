/* SPDX-License-Identifier: BSD-3-Clause */
/* The mainline driver's commands, version 6.12: checks, layouts and errors of its own. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <fastrpc/abi/mainline.h>
#include <fastrpc/abi/smq.h>

#include "commands.h"

#define SHELL_LIMIT	(2u << 20)
#define MEMORY_MIN	(UINT64_C(2) << 20)
#define DOMAIN_MODEM	1u
#define DSP_UNSUPPORTED ((int32_t)0x80000414)

static int read_args(const struct emu_window *window, const struct frpc_task *task,
		     struct emu_context *context, uint64_t address)
{
	struct frpc_ml_invoke_args few[EMU_INLINE_ARGS];
	uint32_t count = context->args.count, done = 0;

	while (done < count) {
		uint32_t batch = count - done < EMU_INLINE_ARGS ? count - done : EMU_INLINE_ARGS;

		if (emu_window_read(window, task, few, address + done * sizeof(*few),
				    batch * sizeof(*few)))
			return -EFAULT;
		for (uint32_t i = 0; i < batch; i++)
			context->args.user[done + i] = (struct emu_user_arg){
				.ptr = few[i].ptr,
				.len = few[i].length,
				.fd = few[i].fd,
			};
		done += batch;
	}
	return 0;
}

static long invoke(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct emu_context *context;
	struct frpc_ml_invoke request;
	struct emu_window window;
	int res;

	if (emu_window_open(&window, task, arg, sizeof(request)))
		return -EFAULT;
	memcpy(&request, window.bytes, sizeof(request));
	if (request.handle == FRPC_HANDLE_PROCESS_GROUP)
		return -EPERM;
	res = emu_context_new(file, task, request.handle, request.sc, false, &context);
	if (res)
		return res;
	res = read_args(&window, task, context, request.args);
	if (res) {
		emu_context_free(file, context);
		return res;
	}
	return emu_context_run(file, task, context);
}

static long init_create(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_ml_init_create init;
	struct emu_create_request request;

	if (emu_user_read(task, &init, arg, sizeof(init)))
		return -EFAULT;
	if (file->channel->config->secure && !file->secure_node &&
	    !(file->channel->config->unsigned_ok && (init.attrs & 8)))
		return -ECONNREFUSED;
	if (init.filelen > SHELL_LIMIT)
		return -EINVAL;
	/* With no fd the real driver reads user memory without checking: we refuse that. */
	if (init.filelen && !init.filefd)
		return -EFAULT;
	request = (struct emu_create_request){
		.file = init.file,
		.filelen = init.filelen,
		.filefd = init.filefd,
		.attrs = init.attrs,
		.siglen = init.siglen,
		.memory = MEMORY_MIN,
		.map_shell = init.filelen && init.filefd,
		.keep_shell = true,
	};
	return emu_create_process(file, task, &request);
}

static long alloc_dma_buff(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_ml_alloc_dma_buf request;
	struct emu_dmabuf *dmabuf;
	int fd, res;

	(void)file;
	if (emu_user_read(task, &request, arg, sizeof(request)))
		return -EFAULT;
	res = emu_dmabuf_new("fastrpc-dmabuf", (request.size + 4095) & ~UINT64_C(4095), &dmabuf);
	if (res)
		return res;
	/* The caller's descriptor; the buffer lives as long as it, or a map of it, does. */
	fd = fcntl(dmabuf->fd, F_DUPFD_CLOEXEC, 3);
	emu_dmabuf_put(dmabuf);
	if (fd < 0)
		return -EMFILE;
	request.fd = fd;
	return emu_user_write(task, arg, &request, sizeof(request)) ? -EFAULT : 0;
}

static long mmap_pages(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_ml_req_mmap request;
	uint64_t address;
	bool found;
	long res;

	if (emu_user_read(task, &request, arg, sizeof(request)))
		return -EFAULT;
	if ((request.flags != FRPC_ML_MMAP_ADD_PAGES &&
	     request.flags != FRPC_ML_MMAP_REMOTE_HEAP) ||
	    request.vaddrin)
		return -EINVAL;
	res = emu_donate_pages(file, task, request.flags, request.size, &address);
	if (res)
		return res;
	request.vaddrout = address;
	if (!emu_user_write(task, arg, &request, sizeof(request)))
		return 0;
	emu_take_pages_back(file, task, address, request.size, &found);
	return -EFAULT;
}

static long munmap_pages(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_ml_req_munmap request;
	bool found;
	long res;

	if (emu_user_read(task, &request, arg, sizeof(request)))
		return -EFAULT;
	res = emu_take_pages_back(file, task, request.vaddrout, request.size, &found);
	return found ? res : -EINVAL;
}

static long mem_map(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
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
		emu_maps_put(file->maps, map, EMU_MAP_HELD);
		return res;
	}
	map->dsp_address = address;
	request.vaddrout = address;
	return emu_user_write(task, arg, &request, sizeof(request)) ? -EFAULT : 0;
}

static long mem_unmap(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
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

static long get_dsp_info(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct emu_channel *channel = file->channel;
	struct frpc_ml_capability request;
	bool known;
	long res;

	if (emu_user_read(task, &request, arg, sizeof(request)))
		return -EFAULT;
	request.capability = 0;
	if (request.domain >= EMU_DOMAINS || request.domain == DOMAIN_MODEM)
		return -ECHRNG;
	if (request.attribute_id >= EMU_CAPABILITIES)
		return -EOVERFLOW;
	pthread_mutex_lock(&channel->lock);
	known = channel->capabilities_known;
	pthread_mutex_unlock(&channel->lock);
	if (!known) {
		res = emu_query_capabilities(file, task, channel);
		if (res)
			return res == DSP_UNSUPPORTED ? -EOPNOTSUPP : res;
	}
	if (request.attribute_id) {
		pthread_mutex_lock(&channel->lock);
		request.capability = channel->capabilities[request.attribute_id];
		pthread_mutex_unlock(&channel->lock);
	}
	return emu_user_write(task, arg, &request, sizeof(request)) ? -EFAULT : 0;
}

/* Commands that change maps or create processes one at a time per file. */
static long run_serialised(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			   uint64_t arg)
{
	switch (cmd) {
	case FRPC_ML_IOCTL_INIT_ATTACH:
		return emu_attach_process(file, task, FRPC_SMQ_PD_ROOT);
	case FRPC_ML_IOCTL_INIT_CREATE:
		return init_create(file, task, arg);
	case FRPC_ML_IOCTL_MMAP:
		return mmap_pages(file, task, arg);
	case FRPC_ML_IOCTL_MUNMAP:
		return munmap_pages(file, task, arg);
	case FRPC_ML_IOCTL_MEM_MAP:
		return mem_map(file, task, arg);
	default:
		return mem_unmap(file, task, arg);
	}
}

long emu_ioctl_mainline(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			uint64_t arg)
{
	long res;

	switch (cmd) {
	case FRPC_ML_IOCTL_INVOKE:
		return invoke(file, task, arg);
	case FRPC_ML_IOCTL_ALLOC_DMA_BUFF:
		return alloc_dma_buff(file, task, arg);
	case FRPC_ML_IOCTL_GET_DSP_INFO:
		return get_dsp_info(file, task, arg);
	case FRPC_ML_IOCTL_INIT_ATTACH:
	case FRPC_ML_IOCTL_INIT_CREATE:
	case FRPC_ML_IOCTL_MMAP:
	case FRPC_ML_IOCTL_MUNMAP:
	case FRPC_ML_IOCTL_MEM_MAP:
	case FRPC_ML_IOCTL_MEM_UNMAP:
		pthread_mutex_lock(&file->map_lock);
		res = run_serialised(file, task, cmd, arg);
		pthread_mutex_unlock(&file->map_lock);
		return res;
	default: /* INIT_ATTACH_SNS and INIT_CREATE_STATIC are not built yet */
		return -ENOTTY;
	}
}
