/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver's commands, on the layouts of 64-bit clients. */
#include "ioctl_downstream.h"

#include <errno.h>
#include <string.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/smq.h>

#include "commands.h"

#define CHANNELS	  5u
#define DOMAIN_MODEM	  1u
#define DRIVER_ATTRIBUTES 256u
#define LAST_ATTRIBUTE	  259u

static int read_entries(const struct frpc_task *task, struct emu_context *context,
			const struct emu_dn_invoke *request)
{
	uint32_t count = context->args.count;

	context->args.no_fds = !request->fds;
	for (uint32_t first = 0; first < count; first += EMU_INLINE_ARGS) {
		uint32_t batch = count - first < EMU_INLINE_ARGS ? count - first : EMU_INLINE_ARGS;
		struct frpc_dn32_arg narrow[EMU_INLINE_ARGS];
		struct frpc_dn_arg wide[EMU_INLINE_ARGS];
		uint32_t attrs[EMU_INLINE_ARGS] = {0};
		int32_t fds[EMU_INLINE_ARGS];
		size_t size = task->compat ? sizeof(*narrow) : sizeof(*wide);
		memset(fds, 0xff, sizeof(fds));
		if (emu_window_read(request->window, task, task->compat ? (void *)narrow : wide,
				    request->pra + first * size, batch * size) ||
		    (request->fds && emu_window_read(request->window, task, fds,
						     request->fds + first * 4u, batch * 4u)) ||
		    (request->attrs && emu_window_read(request->window, task, attrs,
						       request->attrs + first * 4u, batch * 4u)))
			return -EFAULT;
		for (uint32_t i = 0; i < batch; i++)
			context->args.user[first + i] = (struct emu_user_arg){
				.ptr = task->compat ? narrow[i].pv : wide[i].pv,
				.len = task->compat ? narrow[i].len : wide[i].len,
				.fd = fds[i],
				.attr = attrs[i],
			};
	}
	return 0;
}

long emu_dn_invoke(struct emu_file *file, const struct frpc_task *task,
		   const struct emu_dn_invoke *request)
{
	struct emu_context *context;
	long res;

	if (!emu_file_is_chosen(file))
		return -EBADR;
	if (request->handle == FRPC_HANDLE_PROCESS_GROUP ||
	    request->handle == FRPC_HANDLE_DSP_UTILITIES)
		return -EINVAL;
	if (emu_context_resume(file, task, request->sc, &res))
		return res;
	res = emu_context_new(file, task, request->handle, request->sc, false, &context);
	if (res)
		return res;
	res = read_entries(task, context, request);
	if (res) {
		emu_context_free(file, context);
		return res;
	}
	return emu_context_run(file, task, context);
}

long emu_dn_setmode(struct emu_file *file, uint64_t mode)
{
	switch (mode) {
	case 0: /* PARALLEL */
	case 1: /* SERIAL: no behaviour of the driver depends on either */
		return 0;
	case 4: /* SESSION */
		pthread_mutex_lock(&file->lock);
		if (!file->sess_info_used)
			file->session_id = 1;
		pthread_mutex_unlock(&file->lock);
		return 0;
	default: /* PROFILE needs counters, which are not built yet */
		return -ENOTTY;
	}
}

long emu_dn_get_dsp_info(struct emu_file *file, const struct frpc_task *task,
			 struct frpc_dn_capability *request)
{
	static const uint32_t driver_attributes[] = {2, 1, 1, 0 /* signals: not built yet */};
	struct emu_channel *channel;
	bool known;
	long res;

	request->capability = 0;
	if (request->domain >= CHANNELS)
		return -ECHRNG;
	if (request->attribute_id > LAST_ATTRIBUTE)
		return -EOVERFLOW;
	if (request->attribute_id >= DRIVER_ATTRIBUTES) {
		request->capability = driver_attributes[request->attribute_id - DRIVER_ATTRIBUTES];
		return 0;
	}
	if (request->domain == DOMAIN_MODEM)
		return 0;
	channel = emu_driver_channel(file->driver, EMU_DOWNSTREAM, request->domain);
	if (!channel)
		return -ECONNREFUSED;
	pthread_mutex_lock(&channel->lock);
	known = channel->capabilities_known;
	pthread_mutex_unlock(&channel->lock);
	if (!known) {
		if (!emu_file_is_chosen(file))
			return -EBADR;
		/* The question goes to the file's DSP, the answer is kept for the domain asked. */
		res = emu_query_capabilities(file, task, channel);
		if (res)
			return res;
	}
	if (request->attribute_id) {
		pthread_mutex_lock(&channel->lock);
		request->capability = channel->capabilities[request->attribute_id];
		pthread_mutex_unlock(&channel->lock);
	}
	return 0;
}
