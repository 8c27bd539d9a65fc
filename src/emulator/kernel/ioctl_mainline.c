/* SPDX-License-Identifier: BSD-3-Clause */
/* The mainline driver's commands, of versions 6.1, 6.12 and 7.3: which there are, and calls. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <fastrpc/abi/mainline.h>
#include <fastrpc/abi/second.h>
#include <fastrpc/abi/smq.h>

#include "ioctl_mainline.h"

#define DOMAIN_MODEM	1u
#define DOMAINS_6_1	4u
#define DOMAINS_6_12	5u
#define OPTION_POLL	1u
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
				.attr = few[i].attr & FRPC_ML_ATTR_SECUREMAP,
			};
		done += batch;
	}
	return 0;
}

static long invoke_once(struct emu_file *file, const struct frpc_task *task, uint64_t arg,
			bool *ret_again)
{
	struct emu_context *context;
	struct frpc_ml_invoke request;
	struct emu_window window;
	int res;

	if (emu_window_open(&window, task, arg, sizeof(request)))
		return -EFAULT;
	memcpy(&request, window.bytes, sizeof(request));
	res = emu_context_new(file, task, request.handle, request.sc, false, &context);
	if (res)
		return res;
	res = read_args(&window, task, context, request.args);
	if (!res && emu_file_is_stale(file))
		res = -EPIPE;
	if (!res && request.handle == FRPC_HANDLE_PROCESS_GROUP)
		res = -EPERM;
	if (res) {
		emu_context_free(file, context);
		return res;
	}
	return emu_context_run_restartable(file, task, context, ret_again);
}

static bool is_killed(const struct frpc_task *task)
{
	return task->killed && task->killed(task);
}

/* After a signal whose handler restarts system calls the command begins anew; not for who was killed. */
long emu_ml_invoke(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	bool again;
	long res;

	do {
		again = false;
		res = invoke_once(file, task, arg, &again);
	} while (again && !is_killed(task));
	return res;
}

static long alloc_dma_buff(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_ml_alloc_dma_buf request;
	struct emu_dmabuf *dmabuf;
	int fd, res;

	(void)file;
	if (emu_user_read(task, &request, arg, sizeof(request)))
		return -EFAULT;
	/* The real one needs no descriptor to make a buffer, and has one word for all that it lacks then. */
	res = emu_dmabuf_new("fastrpc-dmabuf", request.size, &dmabuf);
	if (res)
		return res == -EMFILE ? -EINVAL : res;
	/* The caller's descriptor; the buffer lives as long as it, or a map of it, does. */
	fd = fcntl(dmabuf->fd, F_DUPFD, 3); /* the driver does not ask for close-on-exec */
	emu_dmabuf_put(dmabuf);
	if (fd < 0)
		return -EINVAL;
	request.fd = fd;
	return emu_user_write(task, arg, &request, sizeof(request)) ? -EFAULT : 0;
}

static long get_dsp_info(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct emu_channel *channel = file->channel;
	enum emu_version version = channel->config->version;
	struct frpc_ml_capability request;
	bool known, stale;
	long res;

	if (emu_user_read(task, &request, arg, sizeof(request)))
		return -EFAULT;
	request.capability = 0;
	if (version < EMU_ML_7_3 &&
	    (request.domain >= (version < EMU_ML_6_12 ? DOMAINS_6_1 : DOMAINS_6_12) ||
	     request.domain == DOMAIN_MODEM))
		return -ECHRNG;
	if (request.attribute_id >= EMU_CAPABILITIES)
		return -EOVERFLOW;
	stale = emu_file_is_stale(file);
	pthread_mutex_lock(&channel->lock);
	known = stale ? channel->old_capabilities_known : channel->capabilities_known;
	pthread_mutex_unlock(&channel->lock);
	if (!known) {
		res = emu_query_capabilities(file, task, channel);
		if (res)
			return res == DSP_UNSUPPORTED ? -EOPNOTSUPP : res;
	}
	if (request.attribute_id) {
		pthread_mutex_lock(&channel->lock);
		request.capability = stale ? channel->old_capabilities[request.attribute_id]
					   : channel->capabilities[request.attribute_id];
		pthread_mutex_unlock(&channel->lock);
	}
	return emu_user_write(task, arg, &request, sizeof(request)) ? -EFAULT : 0;
}

static long set_option(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_ml_set_option request;
	int32_t reserved = 0;

	if (emu_user_read(task, &request, arg, sizeof(request)))
		return -EFAULT;
	for (size_t i = 0; i < sizeof(request.reserved) / sizeof(*request.reserved); i++)
		reserved |= request.reserved[i];
	if (request.request_id != OPTION_POLL || request.value > 1 || reserved)
		return -EINVAL;
	if (!file->channel->config->poll_capable)
		return -EOPNOTSUPP;
	atomic_store(&file->polls, request.value);
	return 0;
}

/* Commands that change maps or create processes one at a time per file. */
static long run_serialised(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			   uint64_t arg)
{
	switch (cmd) {
	case FRPC_ML_IOCTL_INIT_ATTACH:
		return emu_attach_process(file, task, FRPC_SMQ_PD_ROOT);
	case FRPC_ML_IOCTL_INIT_ATTACH_SNS:
		return emu_attach_process(file, task, FRPC_SMQ_PD_SENSORS);
	case FRPC_ML_IOCTL_INIT_CREATE:
		return emu_ml_init_create(file, task, arg);
	case FRPC_ML_IOCTL_INIT_CREATE_STATIC:
		return emu_ml_init_create_static(file, task, arg);
	case FRPC_ML_IOCTL_MMAP:
		return emu_ml_mmap(file, task, arg);
	case FRPC_ML_IOCTL_MUNMAP:
		return emu_ml_munmap(file, task, arg);
	case FRPC_ML_IOCTL_MEM_MAP:
		return emu_ml_mem_map(file, task, arg);
	default:
		return emu_ml_mem_unmap(file, task, arg);
	}
}

long emu_ioctl_mainline(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			uint64_t arg)
{
	enum emu_version version = file->channel->config->version;
	long res;

	if ((cmd == FRPC_ML_IOCTL_INIT_CREATE_STATIC && version < EMU_ML_6_12) ||
	    (cmd == FRPC_ML_IOCTL_SET_OPTION && version < EMU_ML_7_3))
		return -ENOTTY;
	if (cmd == FRPC_DN2_IOCTL_MULTIMODE_INVOKE && file->channel->config->multimode)
		return emu_ml_multimode(file, task, arg);
	switch (cmd) {
	case FRPC_ML_IOCTL_INVOKE:
		return emu_ml_invoke(file, task, arg);
	case FRPC_ML_IOCTL_ALLOC_DMA_BUFF:
		return alloc_dma_buff(file, task, arg);
	case FRPC_ML_IOCTL_GET_DSP_INFO:
		return get_dsp_info(file, task, arg);
	case FRPC_ML_IOCTL_SET_OPTION:
		return set_option(file, task, arg);
	case FRPC_ML_IOCTL_INIT_ATTACH:
	case FRPC_ML_IOCTL_INIT_ATTACH_SNS:
	case FRPC_ML_IOCTL_INIT_CREATE:
	case FRPC_ML_IOCTL_INIT_CREATE_STATIC:
	case FRPC_ML_IOCTL_MMAP:
	case FRPC_ML_IOCTL_MUNMAP:
	case FRPC_ML_IOCTL_MEM_MAP:
	case FRPC_ML_IOCTL_MEM_UNMAP:
		pthread_mutex_lock(&file->map_lock);
		res = run_serialised(file, task, cmd, arg);
		pthread_mutex_unlock(&file->map_lock);
		return res;
	default:
		return -ENOTTY;
	}
}
