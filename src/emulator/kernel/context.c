/* SPDX-License-Identifier: BSD-3-Clause */
#include "context.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#include "../futex.h"

#define FIRST_COUNTED_HANDLE 20u /* downstream: below it calls use reserved entries, uncounted */
#define ACTIVE_LIMIT	     64u
#define DRIVER_CALL_NS	     UINT64_C(10000000000) /* mainline's patience with its own calls */

static bool is_counted(const struct emu_file *file, uint32_t handle, bool kernel)
{
	return file->dialect == EMU_DOWNSTREAM && !kernel && handle >= FIRST_COUNTED_HANDLE;
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
		context->next = NULL;
		context->entered = false;
		context->handle = handle;
		context->tid = task->tid;
		atomic_store_explicit(&context->state, EMU_CONTEXT_PENDING, memory_order_relaxed);
		context->retval = 0;
		context->args.kernel = kernel;
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

	context->args.sent = true;
	res = emu_end_send(file->channel->end, &message, sizeof(message));
	if (res == -ENODEV && file->dialect == EMU_MAINLINE)
		return -EPIPE;
	return res;
}

/* Waits for the answer as the dialect does: who may interrupt, and for how long. */
static int wait_for_answer(struct emu_file *file, struct emu_context *context)
{
	struct emu_clock *clock = emu_driver_clock(file->driver);
	bool kernel = context->args.kernel;
	uint64_t deadline = EMU_FOREVER;
	uint32_t pending = EMU_CONTEXT_PENDING;

	if (atomic_load_explicit(&context->state, memory_order_acquire) == EMU_CONTEXT_DONE ||
	    emu_spin(&context->state, EMU_CONTEXT_PENDING)) {
		if (atomic_load_explicit(&context->state, memory_order_acquire) == EMU_CONTEXT_DONE)
			return 0;
	}
	if (!atomic_compare_exchange_strong(&context->state, &pending, EMU_CONTEXT_SLEEPING) &&
	    pending == EMU_CONTEXT_DONE)
		return 0;
	if (kernel && file->dialect == EMU_MAINLINE)
		deadline = emu_clock_now_ns(clock) + DRIVER_CALL_NS;
	return emu_clock_wait(clock, &context->state, EMU_CONTEXT_SLEEPING, deadline, !kernel);
}

/* Mainline: a signal makes the driver lose track of the pages it had donated. */
static void lose_pages(struct emu_file *file)
{
	struct emu_buffer **at = &file->lost_pages;

	while (*at)
		at = &(*at)->next;
	*at = file->pages;
	file->pages = NULL;
}

static long wait_and_finish(struct emu_file *file, const struct frpc_task *task,
			    struct emu_context *context)
{
	long res = wait_for_answer(file, context);

	if (res) {
		pthread_mutex_lock(&file->lock);
		context->next = file->interrupted;
		file->interrupted = context;
		if (file->dialect == EMU_MAINLINE && res == -EINTR)
			lose_pages(file);
		pthread_mutex_unlock(&file->lock);
		return res;
	}
	res = emu_args_finish(&context->args, task);
	if (!res)
		res = context->retval;
	emu_context_free(file, context);
	return res;
}

long emu_context_run(struct emu_file *file, const struct frpc_task *task,
		     struct emu_context *context)
{
	bool reserved = context->args.kernel || context->handle < FIRST_COUNTED_HANDLE;
	int res;

	res = emu_channel_enter(file->channel, context, reserved);
	if (!res)
		res = emu_args_pack(&context->args, task);
	if (!res)
		res = send_message(file, task, context);
	if (res) {
		emu_context_free(file, context);
		return res;
	}
	if (!context->args.kernel)
		emu_count(&emu_driver_stats(file->driver)->calls, 1);
	return wait_and_finish(file, task, context);
}

bool emu_context_resume(struct emu_file *file, const struct frpc_task *task, uint32_t sc,
			long *ret_result)
{
	struct emu_context *context = NULL, **at;
	bool found = false;

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
		*ret_result = context ? wait_and_finish(file, task, context) : -EINVAL;
	return found;
}

void emu_contexts_free(struct emu_file *file)
{
	struct emu_context *context;

	while ((context = file->interrupted)) {
		file->interrupted = context->next;
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
