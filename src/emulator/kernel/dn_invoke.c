/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls to the DSP, downstream: INVOKE, _FD, _ATTRS, _CRC, _PERF and INVOKE2's asynchronous form
 * are one operation. What a form lacks counts as not wanted.
 */
#include <errno.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#include "context.h"
#include "ioctl_downstream.h"

/* A 32-bit client's entry reads the arguments while it still widens them, and forgets the error. */
static int bad_arguments(const struct frpc_task *task)
{
	return task->compat ? -EPERM : -EFAULT;
}

static int read_batch(const struct frpc_task *task, struct emu_context *context,
		      const struct emu_dn_invoke *request, uint32_t first, uint32_t batch)
{
	struct frpc_dn32_arg narrow[EMU_INLINE_ARGS];
	struct frpc_dn_arg wide[EMU_INLINE_ARGS];
	uint32_t attrs[EMU_INLINE_ARGS] = {0};
	int32_t fds[EMU_INLINE_ARGS];
	size_t size = task->compat ? sizeof(*narrow) : sizeof(*wide);

	memset(fds, 0xff, sizeof(fds));
	if (emu_window_read(request->window, task, task->compat ? (void *)narrow : wide,
			    request->pra + first * size, batch * size))
		return bad_arguments(task);
	if ((request->fds &&
	     emu_window_read(request->window, task, fds, request->fds + first * 4u, batch * 4u)) ||
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
	return 0;
}

static int read_entries(const struct frpc_task *task, struct emu_context *context,
			const struct emu_dn_invoke *request)
{
	uint32_t count = context->args.count;
	int res = 0;

	context->args.no_fds = !request->fds;
	for (uint32_t first = 0; first < count && !res; first += EMU_INLINE_ARGS) {
		uint32_t left = count - first;

		res = read_batch(task, context, request, first,
				 left < EMU_INLINE_ARGS ? left : EMU_INLINE_ARGS);
	}
	return res;
}

/* 0, or what the driver makes of a job that cannot be read: the number of bytes it missed. */
static int read_job(const struct frpc_task *task, struct emu_context *context, uint64_t address)
{
	struct frpc_dn_async_job job;

	if (!address)
		return 0;
	if (emu_user_read(task, &job, address, sizeof(job)))
		return sizeof(job);
	context->async = job.isasyncjob != 0;
	context->job = job.jobid;
	return 0;
}

static long invoke(struct emu_file *file, const struct frpc_task *task,
		   const struct emu_dn_invoke *request)
{
	struct emu_context *context;
	long res;

	if (request->handle == FRPC_HANDLE_PROCESS_GROUP ||
	    request->handle == FRPC_HANDLE_DSP_UTILITIES)
		return -EINVAL;
	if (emu_context_resume(file, task, request->sc, &res))
		return res;
	res = emu_context_new(file, task, request->handle, request->sc, false, &context);
	if (res)
		return res;
	context->wanted = (struct emu_wanted){
		.crc = request->crc,
		.perf_kernel = request->perf_kernel,
		.perf_dsp = request->perf_dsp,
	};
	res = read_entries(task, context, request);
	if (!res)
		res = read_job(task, context, request->job);
	if (res) {
		emu_context_free(file, context);
		return res;
	}
	return context->async ? emu_context_submit(file, task, context)
			      : emu_context_run(file, task, context);
}

long emu_dn_invoke(struct emu_file *file, const struct frpc_task *task,
		   const struct emu_dn_invoke *request)
{
	long res;

	if (!emu_file_is_chosen(file))
		return -EBADR;
	res = invoke(file, task, request);
	/* Whatever came of it: a restart in between is what the caller must know. */
	return emu_file_is_stale(file) ? -ECONNRESET : res;
}

long emu_dn_invoke_native(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			  uint64_t arg)
{
	struct frpc_dn_invoke_perf request = {0};
	struct emu_window window;

	if (emu_window_open(&window, task, arg, FRPC_ABI_SIZE(cmd)))
		return -EFAULT;
	memcpy(&request, window.bytes, FRPC_ABI_SIZE(cmd));
	return emu_dn_invoke(file, task,
			     &(struct emu_dn_invoke){
				     .handle = request.inv.handle,
				     .sc = request.inv.sc,
				     .pra = request.inv.pra,
				     .fds = request.fds,
				     .attrs = request.attrs,
				     .crc = request.crc,
				     .perf_kernel = request.perf_kernel,
				     .perf_dsp = request.perf_dsp,
				     .window = &window,
			     });
}

int emu_dn_check_narrow_args(const struct frpc_task *task, uint64_t pra, uint32_t sc)
{
	struct frpc_dn32_arg args[FRPC_SC_MAX_ARGS];

	return emu_user_read(task, args, pra, FRPC_SC_LENGTH(sc) * sizeof(*args)) ? -EPERM : 0;
}

long emu_dn_invoke_compat(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			  uint64_t arg)
{
	struct frpc_dn32_invoke_perf request = {0};
	struct emu_window window;
	uint32_t sc;

	if (emu_window_open(&window, task, arg, FRPC_ABI_SIZE(cmd))) {
		/* The scalars word is read first, and alone has its error named. */
		return emu_user_read(task, &sc, arg + offsetof(struct frpc_dn32_invoke, sc),
				     sizeof(sc))
			       ? -EFAULT
			       : -EPERM;
	}
	memcpy(&request, window.bytes, FRPC_ABI_SIZE(cmd));
	if (emu_dn_check_narrow_args(task, request.inv.pra, request.inv.sc))
		return -EPERM;
	return emu_dn_invoke(file, task,
			     &(struct emu_dn_invoke){
				     .handle = request.inv.handle,
				     .sc = request.inv.sc,
				     .pra = request.inv.pra,
				     .fds = request.fds,
				     .attrs = request.attrs,
				     .crc = request.crc,
				     .perf_kernel = request.perf_kernel,
				     .perf_dsp = request.perf_dsp,
				     .window = &window,
			     });
}
