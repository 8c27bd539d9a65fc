/* SPDX-License-Identifier: BSD-3-Clause */
#include "async.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#define FIRST_COUNTED_HANDLE 20u /* downstream: below it calls use reserved entries, uncounted */
#define ACTIVE_LIMIT	     64u

static bool is_counted(const struct emu_file *file, uint32_t handle, bool kernel)
{
	return file->dialect == EMU_DOWNSTREAM && !kernel && handle >= FIRST_COUNTED_HANDLE;
}

/* Counters and polling are for the handles of modules only; 20 itself is neither. */
static bool is_module(const struct emu_context *context)
{
	return !context->args.kernel && context->handle > FIRST_COUNTED_HANDLE;
}

static void reset(struct emu_context *context, struct emu_file *file, const struct frpc_task *task,
		  uint32_t handle)
{
	context->next = NULL;
	context->file = file;
	context->wanted = (struct emu_wanted){0};
	context->entered = false;
	context->handle = handle;
	context->tid = task->tid;
	atomic_store_explicit(&context->state, EMU_CONTEXT_PENDING, memory_order_relaxed);
	atomic_store_explicit(&context->flags, FRPC_SMQ_NORMAL_RESPONSE, memory_order_relaxed);
	context->retval = 0;
	context->async = context->sent = context->queued = false;
}

int emu_context_new(struct emu_file *file, const struct frpc_task *task, uint32_t handle,
		    uint32_t sc, bool kernel, struct emu_context **ret_context)
{
	struct emu_context *context;
	int res = 0;

	pthread_mutex_lock(&file->lock);
	if (is_counted(file, handle, kernel)) {
		if (file->active > ACTIVE_LIMIT)
			res = -EDQUOT;
		else
			file->active++;
	}
	context = res ? NULL : file->spare;
	if (context)
		file->spare = context->next;
	pthread_mutex_unlock(&file->lock);
	if (res)
		return res;
	if (!context)
		context = malloc(sizeof(*context));
	if (context) {
		reset(context, file, task, handle);
		res = emu_args_init(&context->args, &file->source, sc);
		context->args.kernel = kernel;
		if (!res) {
			*ret_context = context;
			return 0;
		}
		emu_args_release(&context->args);
		free(context);
	}
	if (is_counted(file, handle, kernel)) {
		pthread_mutex_lock(&file->lock);
		file->active--;
		pthread_mutex_unlock(&file->lock);
	}
	return -ENOMEM;
}

void emu_context_free(struct emu_file *file, struct emu_context *context)
{
	bool counted = is_counted(file, context->handle, context->args.kernel);

	emu_channel_leave(file->channel, context);
	emu_args_release(&context->args);
	pthread_mutex_lock(&file->lock);
	file->active -= counted;
	context->next = file->spare;
	file->spare = context;
	pthread_mutex_unlock(&file->lock);
}

static int send_message(struct emu_file *file, const struct frpc_task *task,
			struct emu_context *context)
{
	bool kernel = context->args.kernel;
	bool release = context->handle == FRPC_HANDLE_PROCESS_GROUP &&
		       context->args.sc == FRPC_SC_RELEASE && kernel;
	struct frpc_smq_msg message = {
		.pid = kernel && !(release && file->dialect == EMU_DOWNSTREAM) ? 0
									       : file->client_id,
		.tid = (uint32_t)task->tid,
		.ctx = context->id | file->pd,
		.handle = context->handle,
		.sc = context->args.sc,
		.page_addr = context->args.page_addr,
		.page_size = context->args.page_size,
	};
	int res;

	if (emu_file_is_stale(file))
		return file->dialect == EMU_DOWNSTREAM ? -ECONNRESET : -EPIPE;
	if (file->guest_os)
		return -ECHRNG;
	emu_args_sending(&context->args);
	res = emu_end_send(file->channel->end, &message, sizeof(message));
	if (res == -ENODEV && file->dialect == EMU_MAINLINE)
		return -EPIPE;
	return res;
}

/* Mainline: a signal makes the driver lose track of the pages it had donated. */
static void lose_pages(struct emu_file *file)
{
	struct emu_buffer **at = &file->lost_pages;

	if (file->channel->config->version < EMU_ML_6_12)
		return;
	while (*at)
		at = &(*at)->next;
	*at = file->pages;
	file->pages = NULL;
}

static void save_interrupted(struct emu_file *file, struct emu_context *context, int reason)
{
	pthread_mutex_lock(&file->lock);
	context->next = file->interrupted;
	file->interrupted = context;
	if (file->dialect == EMU_MAINLINE && reason != -ETIMEDOUT)
		lose_pages(file);
	pthread_mutex_unlock(&file->lock);
}

/* The 64 CRC words; the DSP's counters, whose loss is no error. */
static int deliver_lists(struct emu_context *context, const struct frpc_task *task)
{
	const unsigned char *meta = context->args.meta->bytes;
	uint64_t n = context->args.count;

	if (context->wanted.crc &&
	    emu_user_write(task, context->wanted.crc, meta + FRPC_SMQ_CRC_AT(n),
			   FRPC_SMQ_MAX_CRC * sizeof(uint32_t)))
		return -EFAULT;
	if (context->wanted.perf_dsp)
		emu_user_write(task, context->wanted.perf_dsp, meta + FRPC_SMQ_COUNTERS_AT(n),
			       FRPC_SMQ_MAX_COUNTERS * sizeof(uint64_t));
	return 0;
}

int emu_context_deliver(struct emu_context *context, const struct frpc_task *task)
{
	uint64_t started = emu_perf_start(context->args.perf);
	int res = emu_args_finish(&context->args, task);

	if (!res)
		res = deliver_lists(context, task);
	emu_perf_add(context->args.perf, EMU_PERF_PUTARGS, started);
	return res;
}

void emu_context_tell_counters(struct emu_context *context, const struct frpc_task *task)
{
	if (context->args.perf)
		emu_user_write(task, context->wanted.perf_kernel, context->perf.counters,
			       sizeof(context->perf.counters));
}

static long wait_and_finish(struct emu_file *file, const struct frpc_task *task,
			    struct emu_context *context, uint64_t started, bool *ret_again)
{
	long res = emu_context_wait(context);

	if (res == -EINTR || res == -ERESTART || res == -ETIMEDOUT) {
		save_interrupted(file, context, (int)res);
		*ret_again = res == -ERESTART;
		return res == -ERESTART ? -EINTR : res;
	}
	if (!res)
		res = emu_context_deliver(context, task);
	if (!res)
		res = context->retval;
	emu_perf_add(context->args.perf, EMU_PERF_INVOKE, started);
	emu_context_tell_counters(context, task);
	emu_context_free(file, context);
	return res;
}

/* What the file's modes mean for this call. When it began, for its counters. */
static uint64_t apply_modes(struct emu_file *file, const struct frpc_task *task,
			    struct emu_context *context)
{
	if (!is_module(context) || file->dialect != EMU_DOWNSTREAM)
		return 0;
	if (atomic_load(&file->poll_on) && !context->async)
		atomic_store(&context->flags, FRPC_SMQ_POLL_MODE);
	if (!context->wanted.perf_kernel || !atomic_load(&file->profile))
		return 0;
	context->perf = (struct emu_perf){.clock = emu_driver_clock(file->driver)};
	context->perf.counters[EMU_PERF_COUNT] = 1;
	context->perf.counters[EMU_PERF_TID] = (uint64_t)task->tgid;
	context->args.perf = &context->perf;
	return emu_perf_start(context->args.perf);
}

/* Up to the moment when it can be sent. */
static int prepare(struct emu_file *file, const struct frpc_task *task, struct emu_context *context)
{
	bool reserved = context->args.kernel || context->handle < FIRST_COUNTED_HANDLE;
	uint64_t started = emu_perf_start(context->args.perf);
	int res;

	res = emu_channel_enter(file->channel, context, reserved);
	/* A client of a static PD waits for it; to take leave of it nobody needs to. */
	if (!res && !(context->args.kernel && context->args.sc == FRPC_SC_RELEASE))
		res = emu_static_pd_wait(file->static_pd, emu_driver_clock(file->driver));
	if (!res)
		res = emu_args_pack(&context->args, task);
	emu_perf_add(context->args.perf, EMU_PERF_GETARGS, started);
	return res;
}

long emu_context_run(struct emu_file *file, const struct frpc_task *task,
		     struct emu_context *context)
{
	bool again; /* only mainline's clients' calls are sent again */

	return emu_context_run_restartable(file, task, context, &again);
}

long emu_context_run_restartable(struct emu_file *file, const struct frpc_task *task,
				 struct emu_context *context, bool *ret_again)
{
	uint64_t started = apply_modes(file, task, context), sending;
	int res;

	res = prepare(file, task, context);
	sending = emu_perf_start(context->args.perf);
	if (!res)
		res = send_message(file, task, context);
	if (res) {
		emu_context_free(file, context);
		return res;
	}
	emu_perf_add(context->args.perf, EMU_PERF_LINK, sending);
	emu_args_look_ahead(&context->args, task);
	if (!context->args.kernel)
		emu_count(&emu_driver_stats(file->driver)->calls, 1);
	return wait_and_finish(file, task, context, started, ret_again);
}

/*
 * A job was not sent. It may have been answered all the same: by a restart, or by a DSP that
 * guesses. True: it is still the caller's; else whoever reads jobs has it.
 */
static bool take_back(struct emu_file *file, const struct emu_context *context, uint32_t index,
		      uint64_t id)
{
	struct emu_channel *channel = file->channel;
	bool mine;

	pthread_mutex_lock(&channel->lock);
	mine = channel->table[index] == context && context->id == id &&
	       (!context->queued || emu_async_withdraw(&file->async, context, id));
	if (mine)
		channel->table[index]->sent = false;
	pthread_mutex_unlock(&channel->lock);
	return mine;
}

long emu_context_submit(struct emu_file *file, const struct frpc_task *task,
			struct emu_context *context)
{
	uint32_t index;
	uint64_t id;
	int res;

	apply_modes(file, task, context);
	res = prepare(file, task, context);
	if (res) {
		emu_context_free(file, context);
		return res;
	}
	index = context->index;
	id = context->id;
	pthread_mutex_lock(&file->channel->lock);
	context->sent = true;
	pthread_mutex_unlock(&file->channel->lock);
	/* Once it has been sent it may be answered, read and freed at any time. */
	res = send_message(file, task, context);
	if (!res)
		emu_count(&emu_driver_stats(file->driver)->calls, 1);
	else if (take_back(file, context, index, id))
		emu_context_free(file, context);
	return res;
}

bool emu_context_resume(struct emu_file *file, const struct frpc_task *task, uint32_t sc,
			long *ret_result)
{
	struct emu_context *context = NULL, **at;
	bool found = false, again;

	pthread_mutex_lock(&file->lock);
	at = &file->interrupted;
	while (*at && (*at)->tid != task->tid)
		at = &(*at)->next;
	found = *at != NULL;
	if (found && (*at)->args.sc == sc) {
		context = *at;
		*at = context->next;
	}
	pthread_mutex_unlock(&file->lock);
	if (found)
		*ret_result = context ? wait_and_finish(file, task, context,
							emu_perf_start(context->args.perf), &again)
				      : -EINVAL;
	return found;
}

void emu_contexts_free(struct emu_file *file)
{
	struct emu_context *context, *next;

	/* Interrupted calls, jobs without an answer, jobs whose answer nobody has read. */
	file->interrupted = NULL;
	for (context = emu_channel_evict(file->channel, file); context; context = next) {
		next = context->next;
		emu_context_free(file, context);
	}
	while ((context = file->spare)) {
		file->spare = context->next;
		free(context);
	}
}

long emu_driver_call(struct emu_file *file, const struct frpc_task *task, uint32_t handle,
		     uint32_t sc, const struct emu_kernel_arg *args)
{
	struct emu_context *context;
	int res;

	res = emu_context_new(file, task, handle, sc, true, &context);
	if (res)
		return res;
	for (uint32_t i = 0; i < FRPC_SC_BUFS(sc); i++)
		context->args.user[i] = (struct emu_user_arg){
			.ptr = (uintptr_t)args[i].bytes,
			.len = args[i].len,
			.fd = -1,
		};
	return emu_context_run(file, task, context);
}
