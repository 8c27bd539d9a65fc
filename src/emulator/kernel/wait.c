/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a caller waits for the answer to his call. Mainline: it comes, or a signal, or the time-out.
 * Downstream the last response's flags say what to do next, and an early response is found in the
 * poll word behind the arguments, which the DSP writes.
 */
#include <errno.h>
#include <sched.h>

#include <fastrpc/abi/smq.h>

#include "../futex.h"
#include "async.h"

#define DRIVER_CALL_NS	 UINT64_C(10000000000) /* mainline's patience with its own calls */
#define USER_EARLY_US	 UINT64_C(500)
#define MAINLINE_POLL_US UINT64_C(10000)
#define LAST_UNPOLLED	 20u /* handle: polling is for those of modules */
#define YIELD_EVERY	 64u

static bool is_done(struct emu_context *context)
{
	return atomic_load_explicit(&context->state, memory_order_acquire) == EMU_CONTEXT_DONE;
}

void emu_context_complete(struct emu_context *context, int32_t retval)
{
	context->retval = retval;
	if (atomic_exchange_explicit(&context->state, EMU_CONTEXT_DONE, memory_order_acq_rel) ==
	    EMU_CONTEXT_SLEEPING)
		emu_futex_wake(&context->state, INT_MAX);
	if (context->async)
		emu_async_push(context);
}

void emu_context_hint(struct emu_context *context)
{
	if (atomic_exchange_explicit(&context->state, EMU_CONTEXT_HINTED, memory_order_acq_rel) ==
	    EMU_CONTEXT_SLEEPING)
		emu_futex_wake(&context->state, INT_MAX);
}

/* The DSP's own word for it: done with what the early response said, or with success. */
static void complete_by_word(struct emu_context *context, uint32_t word)
{
	struct emu_channel *channel = context->file->channel;

	pthread_mutex_lock(&channel->lock);
	if (!is_done(context))
		emu_context_complete(context, word == FRPC_SMQ_POLL_DONE ? 0 : context->retval);
	pthread_mutex_unlock(&channel->lock);
}

bool emu_context_poll(struct emu_context *context, uint32_t flags, uint64_t us)
{
	struct emu_clock *clock = emu_driver_clock(context->file->driver);
	uint64_t deadline = emu_clock_now_ns(clock) + us * 1000;
	const uint32_t *at = (const uint32_t *)(context->args.meta->bytes +
						FRPC_SMQ_POLL_AT(context->args.count));

	for (unsigned int i = 1; !is_done(context); i++) {
		uint32_t word = __atomic_load_n(at, __ATOMIC_ACQUIRE);

		if (word == FRPC_SMQ_POLL_DONE ||
		    (word == FRPC_SMQ_POLL_EARLY && flags == FRPC_SMQ_EARLY_RESPONSE)) {
			complete_by_word(context, word);
			return true;
		}
		if (atomic_load_explicit(&context->flags, memory_order_relaxed) != flags)
			return is_done(context);
		/* In poll mode an announced early response keeps the thread here. */
		if (word != FRPC_SMQ_POLL_EARLY && emu_clock_now_ns(clock) >= deadline)
			return is_done(context);
		if (i % YIELD_EVERY)
			emu_cpu_relax();
		else
			sched_yield();
	}
	return true;
}

/* The user said when the answer comes: worth spinning for. */
static void spin_for_user(struct emu_context *context)
{
	struct emu_clock *clock = emu_driver_clock(context->file->driver);
	uint64_t deadline = emu_clock_now_ns(clock) + USER_EARLY_US * 1000;

	while (!is_done(context) && emu_clock_now_ns(clock) < deadline)
		emu_cpu_relax();
}

/* From here on what has been stored is @flags, unless a newer response came. */
static void settle(struct emu_context *context, uint32_t from, uint32_t flags)
{
	atomic_compare_exchange_strong(&context->flags, &from, flags);
}

/* Sleeps until something comes. 0, -EINTR or -ETIMEDOUT. */
static int sleep_for_answer(struct emu_context *context, uint64_t deadline)
{
	struct emu_clock *clock = emu_driver_clock(context->file->driver);
	uint32_t seen = EMU_CONTEXT_PENDING;
	int res = 0;

	if (!emu_spin(&context->state, EMU_CONTEXT_PENDING) &&
	    atomic_compare_exchange_strong(&context->state, &seen, EMU_CONTEXT_SLEEPING))
		res = emu_clock_wait(clock, &context->state, EMU_CONTEXT_SLEEPING, deadline,
				     context->args.kernel		      ? EMU_UNINTERRUPTIBLE
				     : context->file->dialect == EMU_MAINLINE ? EMU_RESTARTABLE
									      : EMU_INTERRUPTIBLE);
	seen = EMU_CONTEXT_HINTED;
	if (!atomic_compare_exchange_strong(&context->state, &seen, EMU_CONTEXT_PENDING) &&
	    seen == EMU_CONTEXT_SLEEPING)
		atomic_compare_exchange_strong(&context->state, &seen, EMU_CONTEXT_PENDING);
	return res;
}

/* Mainline 7.3: the DSP may write its "done" behind the arguments instead of an answer. */
static void poll_mainline(struct emu_context *context)
{
	struct emu_clock *clock = emu_driver_clock(context->file->driver);
	uint64_t deadline = emu_clock_now_ns(clock) + MAINLINE_POLL_US * 1000;
	const uint32_t *at = (const uint32_t *)(context->args.meta->bytes +
						FRPC_SMQ_POLL_AT(context->args.count));

	for (unsigned int i = 1; !is_done(context) && emu_clock_now_ns(clock) < deadline; i++) {
		if (__atomic_load_n(at, __ATOMIC_ACQUIRE) == FRPC_SMQ_POLL_DONE)
			complete_by_word(context, FRPC_SMQ_POLL_DONE);
		else if (i % YIELD_EVERY)
			emu_cpu_relax();
		else
			sched_yield();
	}
}

static bool may_poll(const struct emu_context *context)
{
	return context->file->dialect == EMU_MAINLINE && !context->args.kernel &&
	       context->handle > LAST_UNPOLLED && atomic_load(&context->file->polls) &&
	       context->file->pd == FRPC_SMQ_PD_USER;
}

int emu_context_wait(struct emu_context *context)
{
	struct emu_file *file = context->file;
	uint64_t deadline = EMU_FOREVER;

	if (context->args.kernel && file->dialect == EMU_MAINLINE)
		deadline = emu_clock_now_ns(emu_driver_clock(file->driver)) + DRIVER_CALL_NS;
	if (may_poll(context))
		poll_mainline(context);
	while (!is_done(context)) {
		uint32_t flags = atomic_load_explicit(&context->flags, memory_order_relaxed);
		int res;

		switch (flags) {
		case FRPC_SMQ_EARLY_RESPONSE:
			if (!emu_context_poll(context, flags, EMU_EARLY_POLL_US))
				settle(context, flags, FRPC_SMQ_COMPLETE_SIGNAL);
			continue;
		case FRPC_SMQ_POLL_MODE:
			if (!emu_context_poll(context, flags, atomic_load(&file->poll_us)))
				settle(context, flags, FRPC_SMQ_NORMAL_RESPONSE);
			continue;
		case FRPC_SMQ_USER_EARLY_SIGNAL:
			spin_for_user(context);
			settle(context, flags, FRPC_SMQ_NORMAL_RESPONSE);
			continue;
		case FRPC_SMQ_NORMAL_RESPONSE:
		case FRPC_SMQ_COMPLETE_SIGNAL:
			break;
		default:
			return EBADR; /* positive: the driver forgot the sign */
		}
		res = sleep_for_answer(context, deadline);
		if (res && !is_done(context))
			return res;
	}
	return 0;
}
