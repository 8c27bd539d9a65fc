/* SPDX-License-Identifier: BSD-3-Clause */
/* One call under way, from its arguments to its answer. */
#ifndef EMU_KERNEL_CONTEXT_H
#define EMU_KERNEL_CONTEXT_H

#include "file.h"
#include "perf.h"

enum emu_context_state {
	EMU_CONTEXT_PENDING,
	EMU_CONTEXT_DONE,
	EMU_CONTEXT_SLEEPING, /* pending, and its caller must be woken */
	EMU_CONTEXT_HINTED,   /* pending, and a response has come that does not complete it */
};

/* How long an early response is waited for in the poll word. */
#define EMU_EARLY_POLL_US UINT64_C(4000)

/* What the caller wants besides his arguments: addresses in his memory, 0 = not wanted. */
struct emu_wanted {
	uint64_t crc, perf_kernel, perf_dsp;
};

/*
 * The receiver writes retval, flags, early_wake_us and the async fields under the channel's lock
 * until the state is DONE; the waiting caller owns the rest.
 */
struct emu_context {
	struct emu_context *next; /* interrupted, spare, or done jobs */
	struct emu_file *file;
	struct emu_args args;
	struct emu_wanted wanted;
	struct emu_perf perf; /* only where args.perf points to it */
	uint64_t id;	      /* without the PD type */
	uint32_t index;
	bool entered; /* in the channel's table; under its lock */
	uint32_t handle;
	pid_t tid;
	_Atomic uint32_t state;
	_Atomic uint32_t flags; /* of the last response: enum frpc_smq_rsp_flags */
	int32_t retval;
	uint32_t early_wake_us;
	/* Asynchronous jobs. */
	bool async;
	bool sent;   /* a restart answers only those */
	bool queued; /* among the done jobs of the file */
	uint64_t job;
};

/*
 * A context for a call of @sc, to be filled in (args.user). User calls count against the file's
 * limit: -EDQUOT; -ENOMEM.
 */
int emu_context_new(struct emu_file *file, const struct frpc_task *task, uint32_t handle,
		    uint32_t sc, bool kernel, struct emu_context **ret_context);

/*
 * Sends the call, waits, and frees the context (unless a signal or the driver's time-out left it
 * behind). The result is the ioctl's.
 */
long emu_context_run(struct emu_file *file, const struct frpc_task *task,
		     struct emu_context *context);

/* The same; *ret_again: a signal came whose handler has it sent again, as another context. */
long emu_context_run_restartable(struct emu_file *file, const struct frpc_task *task,
				 struct emu_context *context, bool *ret_again);

/* Sends an asynchronous job and returns: 0, or why it was not sent; the context is freed then. */
long emu_context_submit(struct emu_file *file, const struct frpc_task *task,
			struct emu_context *context);

/* Takes the answer out of a call that is done, into the memory of @task. 0 or -EFAULT. */
int emu_context_deliver(struct emu_context *context, const struct frpc_task *task);
/* Where they were asked for, the driver's counters of the call. */
void emu_context_tell_counters(struct emu_context *context, const struct frpc_task *task);

/* Frees one that nobody waits for. */
void emu_context_free(struct emu_file *file, struct emu_context *context);

/*
 * Downstream: continues the call of this thread that a signal interrupted. False: there is none.
 * With another sc the result is -EINVAL.
 */
bool emu_context_resume(struct emu_file *file, const struct frpc_task *task, uint32_t sc,
			long *ret_result);

/* Frees everything left behind, at close. */
void emu_contexts_free(struct emu_file *file);

/*
 * Waits for the answer as the dialect does: who may interrupt, and for how long, and what early
 * responses mean. 0 (DONE), -EINTR, -ERESTART (mainline: sent again), -ETIMEDOUT (mainline), or
 * EBADR: an answer nobody understands.
 */
int emu_context_wait(struct emu_context *context);
/*
 * Looks at the call's poll word for @us microseconds, as long as the last response's flags are
 * @flags. True: the call is done, because the DSP wrote so there or because its answer has come.
 */
bool emu_context_poll(struct emu_context *context, uint32_t flags, uint64_t us);

/*
 * Both with the channel's lock held: then the caller cannot free the context before we are done
 * with it. The call has its answer (a job goes to the done ones); a response came that is none yet.
 */
void emu_context_complete(struct emu_context *context, int32_t retval);
void emu_context_hint(struct emu_context *context);

/* One argument of a call that the driver makes itself. */
struct emu_kernel_arg {
	void *bytes;
	uint64_t len;
};

/* A call of the driver's own, @args in the order in, out. Header pid 0, except @release downstream. */
long emu_driver_call(struct emu_file *file, const struct frpc_task *task, uint32_t handle,
		     uint32_t sc, const struct emu_kernel_arg *args);

#endif
