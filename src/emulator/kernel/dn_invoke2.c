/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * INVOKE2, the downstream driver's command for everything younger: a request number, an address
 * and a size. A fault on that address gives the number of bytes that were not copied, as the real
 * driver lets it out. 32-bit clients know four of the requests, and every mistake is EPERM.
 */
#include <errno.h>
#include <string.h>

#include <fastrpc/abi/downstream.h>

#include "async.h"
#include "ioctl_downstream.h"

#define DOMAIN_CDSP	3u
#define ATTRIBUTE_ASYNC 9u

/* Jobs are for the compute DSP, once somebody has asked it whether it knows them. */
static int check_async(struct emu_file *file)
{
	bool known;

	if (!emu_file_is_chosen(file) || file->channel->domain != DOMAIN_CDSP)
		return -EBADR;
	pthread_mutex_lock(&file->channel->lock);
	known = file->channel->capabilities[ATTRIBUTE_ASYNC] == 1;
	pthread_mutex_unlock(&file->channel->lock);
	return known ? 0 : -EPROTONOSUPPORT;
}

static long submit(struct emu_file *file, const struct frpc_task *task,
		   const struct frpc_dn_invoke_async *request)
{
	const struct emu_window window = {0};

	return emu_dn_invoke(file, task,
			     &(struct emu_dn_invoke){
				     .handle = request->inv.handle,
				     .sc = request->inv.sc,
				     .pra = request->inv.pra,
				     .fds = request->fds,
				     .attrs = request->attrs,
				     .crc = request->crc,
				     .perf_kernel = request->perf_kernel,
				     .perf_dsp = request->perf_dsp,
				     .job = request->job,
				     .window = &window,
			     });
}

static long async_native(struct emu_file *file, const struct frpc_task *task,
			 const struct frpc_dn_invoke2 *invoke2)
{
	struct frpc_dn_invoke_async_no_perf old;
	struct frpc_dn_invoke_async request = {0};
	int res = check_async(file);

	if (res)
		return res;
	if (invoke2->size > sizeof(request))
		return -EBADE;
	if (invoke2->size == sizeof(request)) {
		if (emu_user_read(task, &request, invoke2->invparam, sizeof(request)))
			return sizeof(request);
	} else {
		if (emu_user_read(task, &old, invoke2->invparam, sizeof(old)))
			return sizeof(old);
		request.inv = old.inv;
		request.fds = old.fds;
		request.attrs = old.attrs;
		request.crc = old.crc;
		request.job = old.job;
	}
	return submit(file, task, &request);
}

static long async_compat(struct emu_file *file, const struct frpc_task *task,
			 const struct frpc_dn_invoke2 *invoke2)
{
	struct frpc_dn32_invoke_async_no_perf old;
	struct frpc_dn32_invoke_async narrow = {0};
	struct frpc_dn_invoke_async request;
	int res;

	if (invoke2->size > sizeof(narrow))
		return -EPERM;
	if (invoke2->size == sizeof(narrow)) {
		if (emu_user_read(task, &narrow, invoke2->invparam, sizeof(narrow)))
			return -EPERM;
		narrow.crc = 0; /* the widening forgets it, in this form only */
	} else {
		if (emu_user_read(task, &old, invoke2->invparam, sizeof(old)))
			return -EPERM;
		memcpy(&narrow, &old, offsetof(struct frpc_dn32_invoke_async_no_perf, job));
		narrow.job = old.job;
	}
	if (emu_dn_check_narrow_args(task, narrow.inv.pra, narrow.inv.sc))
		return -EPERM;
	res = check_async(file);
	if (res)
		return res;
	request = (struct frpc_dn_invoke_async){
		.inv = {narrow.inv.handle, narrow.inv.sc, narrow.inv.pra},
		.fds = narrow.fds,
		.attrs = narrow.attrs,
		.crc = narrow.crc,
		.perf_kernel = narrow.perf_kernel,
		.perf_dsp = narrow.perf_dsp,
		.job = narrow.job,
	};
	return submit(file, task, &request);
}

static long async_response(struct emu_file *file, const struct frpc_task *task,
			   const struct frpc_dn_invoke2 *invoke2)
{
	struct frpc_dn_async_response response;
	long res = check_async(file);

	if (res)
		return res;
	if (invoke2->size > sizeof(response))
		return -EBADE;
	memset(&response, 0, sizeof(response));
	res = emu_async_read(file, task, &response);
	if (res)
		return res;
	return emu_user_write(task, invoke2->invparam, &response, sizeof(response))
		       ? (long)sizeof(response)
		       : 0;
}

static long status_notif(struct emu_file *file, const struct frpc_task *task,
			 const struct frpc_dn_invoke2 *invoke2)
{
	struct frpc_dn_notif_rsp rsp = {.domain = -1};
	long res;

	if (invoke2->size > sizeof(rsp))
		return -EBADE;
	if (atomic_load(&file->cleaned))
		return -EBADF;
	res = emu_notifs_read(&file->notifs, emu_driver_clock(file->driver), &rsp.status);
	if (res)
		return res;
	if (emu_file_is_chosen(file))
		rsp.domain = (int32_t)file->channel->domain;
	pthread_mutex_lock(&file->lock);
	rsp.session = (int32_t)file->session_id;
	pthread_mutex_unlock(&file->lock);
	return emu_user_write(task, invoke2->invparam, &rsp, sizeof(rsp)) ? (long)sizeof(rsp) : 0;
}

static long sess_info(struct emu_file *file, const struct frpc_task *task,
		      const struct frpc_dn_invoke2 *invoke2)
{
	if (invoke2->size > sizeof(struct frpc_dn_sess_info))
		return -EBADE;
	return emu_dn_sess_info(file, task, invoke2->invparam);
}

long emu_dn_invoke2_native(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			   uint64_t arg)
{
	struct frpc_dn_invoke2 invoke2;

	(void)cmd;
	if (emu_user_read(task, &invoke2, arg, sizeof(invoke2)))
		return -EFAULT;
	switch (invoke2.req) {
	case FRPC_DN_INVOKE2_ASYNC:
		return async_native(file, task, &invoke2);
	case FRPC_DN_INVOKE2_ASYNC_RESPONSE:
		return async_response(file, task, &invoke2);
	case FRPC_DN_INVOKE2_STATUS_NOTIF:
		return status_notif(file, task, &invoke2);
	case FRPC_DN_INVOKE2_KERNEL_OPTIMIZATIONS:
		return emu_dn_kernel_optimizations(file, task, &invoke2);
	case FRPC_DN_INVOKE2_PROC_SHAREDBUF_INFO:
		return emu_dn_proc_sharedbuf(file, task, &invoke2);
	case FRPC_DN_INVOKE2_SESS_INFO:
		return sess_info(file, task, &invoke2);
	default:
		return -ENOTTY;
	}
}

/* The widening reads the word, and names no error of its own. */
static long compat_optimizations(struct emu_file *file, const struct frpc_task *task,
				 const struct frpc_dn_invoke2 *invoke2)
{
	uint32_t word;

	if (invoke2->size != sizeof(word) ||
	    emu_user_read(task, &word, invoke2->invparam, sizeof(word)))
		return -EPERM;
	return emu_dn_kernel_optimizations(file, task, invoke2);
}

long emu_dn_invoke2_compat(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			   uint64_t arg)
{
	struct frpc_dn32_invoke2 narrow;
	struct frpc_dn_invoke2 invoke2;

	(void)cmd;
	if (emu_user_read(task, &narrow, arg, sizeof(narrow)))
		return -EPERM;
	invoke2 = (struct frpc_dn_invoke2){
		.req = narrow.req, .invparam = narrow.invparam, .size = narrow.size};
	switch (narrow.req) {
	case FRPC_DN_INVOKE2_ASYNC:
		return async_compat(file, task, &invoke2);
	case FRPC_DN_INVOKE2_ASYNC_RESPONSE:
		if (narrow.size > sizeof(struct frpc_dn32_async_response))
			return -EPERM;
		return async_response(file, task, &invoke2);
	case FRPC_DN_INVOKE2_KERNEL_OPTIMIZATIONS:
		return compat_optimizations(file, task, &invoke2);
	case FRPC_DN_INVOKE2_STATUS_NOTIF:
		return narrow.size == sizeof(struct frpc_dn_notif_rsp)
			       ? status_notif(file, task, &invoke2)
			       : -EPERM;
	default: /* also those that only 64-bit clients know */
		return -EPERM;
	}
}
