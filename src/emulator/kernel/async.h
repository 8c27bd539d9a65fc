/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Asynchronous jobs that have their answer, until somebody reads it. Last in, first out, as in the
 * real driver. A job counts as active until it has been read.
 */
#ifndef EMU_KERNEL_ASYNC_H
#define EMU_KERNEL_ASYNC_H

#include <fastrpc/abi/downstream.h>

#include "context.h"

void emu_async_init(struct emu_async *async);
void emu_async_destroy(struct emu_async *async);

/* With the channel's lock held. A job is queued once, also if it is answered early and then again. */
void emu_async_push(struct emu_context *context);
/* Takes the job @id out again, if @context is still it. True: it is the caller's now. */
bool emu_async_withdraw(struct emu_async *async, const struct emu_context *context, uint64_t id);

/*
 * Waits for a job, takes its answer into the memory of @task and frees it. 0; -EFAULT once
 * emu_async_wake() has been called; -EBADF: the file is being closed; -EINTR.
 */
long emu_async_read(struct emu_file *file, const struct frpc_task *task,
		    struct frpc_dn_async_response *ret_response);
/* From now on nobody waits any more. */
void emu_async_wake(struct emu_async *async);

uint32_t emu_async_count(struct emu_async *async);

#endif
