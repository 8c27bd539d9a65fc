/* SPDX-License-Identifier: BSD-3-Clause */
#include "async.h"

#include <errno.h>

#include <fastrpc/abi/smq.h>

#include "../futex.h"

void emu_async_init(struct emu_async *async)
{
	pthread_mutex_init(&async->lock, NULL);
}

void emu_async_destroy(struct emu_async *async)
{
	pthread_mutex_destroy(&async->lock);
}

static void tell_waiters(struct emu_async *async)
{
	atomic_fetch_add(&async->events, 1);
	emu_futex_wake(&async->events, INT_MAX);
}

void emu_async_push(struct emu_context *context)
{
	struct emu_async *async = &context->file->async;

	if (context->queued)
		return;
	context->queued = true;
	pthread_mutex_lock(&async->lock);
	context->next = async->done;
	async->done = context;
	pthread_mutex_unlock(&async->lock);
	tell_waiters(async);
}

bool emu_async_withdraw(struct emu_async *async, const struct emu_context *context, uint64_t id)
{
	struct emu_context **at;
	bool found;

	pthread_mutex_lock(&async->lock);
	at = &async->done;
	while (*at && (*at != context || (*at)->id != id))
		at = &(*at)->next;
	found = *at != NULL;
	if (found)
		*at = (*at)->next;
	pthread_mutex_unlock(&async->lock);
	return found;
}

void emu_async_wake(struct emu_async *async)
{
	atomic_store(&async->woken, true);
	tell_waiters(async);
}

uint32_t emu_async_count(struct emu_async *async)
{
	uint32_t count = 0;

	pthread_mutex_lock(&async->lock);
	for (struct emu_context *context = async->done; context; context = context->next)
		count++;
	pthread_mutex_unlock(&async->lock);
	return count;
}

/* Waits for the newest job. */
static int take(struct emu_file *file, struct emu_context **ret_context)
{
	struct emu_clock *clock = emu_driver_clock(file->driver);
	struct emu_async *async = &file->async;

	for (;;) {
		uint32_t seen = atomic_load(&async->events);
		struct emu_context *context;

		if (atomic_load(&async->woken))
			return -EFAULT;
		pthread_mutex_lock(&async->lock);
		context = async->done;
		if (context)
			async->done = context->next;
		pthread_mutex_unlock(&async->lock);
		if (context) {
			*ret_context = context;
			return 0;
		}
		if (emu_clock_wait(clock, &async->events, seen, EMU_FOREVER, true))
			return -EINTR;
	}
}

/*
 * A job that was only announced: the poll word tells whether it is done by now. If not, it is left
 * alone until its answer comes.
 */
static bool is_really_done(struct emu_context *context)
{
	struct emu_channel *channel = context->file->channel;
	bool done;

	if (emu_context_poll(context, FRPC_SMQ_EARLY_RESPONSE, EMU_EARLY_POLL_US))
		return true;
	pthread_mutex_lock(&channel->lock);
	done = atomic_load(&context->state) == EMU_CONTEXT_DONE;
	if (!done) {
		atomic_store(&context->flags, FRPC_SMQ_COMPLETE_SIGNAL);
		context->queued = false;
	}
	pthread_mutex_unlock(&channel->lock);
	return done;
}

long emu_async_read(struct emu_file *file, const struct frpc_task *task,
		    struct frpc_dn_async_response *ret_response)
{
	struct emu_context *context;
	int res;

	if (atomic_load(&file->cleaned))
		return -EBADF;
	do {
		res = take(file, &context);
		if (res)
			return res;
	} while (!is_really_done(context));
	/* Unlike a call that was waited for, a failed job delivers no outputs. */
	if (!context->retval)
		context->retval = emu_context_deliver(context, task);
	emu_context_tell_counters(context, task);
	*ret_response = (struct frpc_dn_async_response){
		.jobid = context->job,
		.result = context->retval,
		.perf_kernel = context->wanted.perf_kernel,
		.perf_dsp = context->wanted.perf_dsp,
		.handle = context->handle,
		.sc = context->args.sc,
	};
	emu_context_free(file, context);
	return 0;
}
