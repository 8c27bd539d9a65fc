/* SPDX-License-Identifier: BSD-3-Clause */
/* One call under way, from its arguments to its answer. */
#ifndef EMU_KERNEL_CONTEXT_H
#define EMU_KERNEL_CONTEXT_H

#include "file.h"

enum emu_context_state {
	EMU_CONTEXT_PENDING,
	EMU_CONTEXT_DONE,
	EMU_CONTEXT_SLEEPING, /* pending, and its caller must be woken */
};

struct emu_context {
	struct emu_context *next;
	struct emu_args args;
	uint64_t id; /* without the PD type */
	uint32_t index;
	bool entered; /* in the channel's table; under its lock */
	uint32_t handle;
	pid_t tid;
	_Atomic uint32_t state;
	int32_t retval;
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

/* Frees one that was not run. */
void emu_context_free(struct emu_file *file, struct emu_context *context);

/*
 * Downstream: continues the call of this thread that a signal interrupted. False: there is none.
 * With another sc the result is -EINVAL.
 */
bool emu_context_resume(struct emu_file *file, const struct frpc_task *task, uint32_t sc,
			long *ret_result);

/* Frees everything left behind, at close. */
void emu_contexts_free(struct emu_file *file);

/* One argument of a call that the driver makes itself. */
struct emu_kernel_arg {
	void *bytes;
	uint64_t len;
};

/* A call of the driver's own, @args in the order in, out. Header pid 0, except @release downstream. */
long emu_driver_call(struct emu_file *file, const struct frpc_task *task, uint32_t handle,
		     uint32_t sc, const struct emu_kernel_arg *args);

#endif
