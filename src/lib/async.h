/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Asynchronous calls. The driver runs them; a thread of the session fetches what has ended, in no
 * particular order, and calls the callbacks, one at a time and never on the caller's stack.
 *
 * When a session ends, jobs still under way end with AEE_EINTERRUPTED, once the DSP's process has
 * been told to exit; when the DSP goes down, with AEE_ECONNRESET. Each job ends exactly once.
 */
#ifndef FRPC_LIB_ASYNC_H
#define FRPC_LIB_ASYNC_H

#include <stdint.h>

#include "remote.h"

struct frpc_async;
struct frpc_session;

/* Calls @handle of the DSP. AEE code, recorded: then there is no job. */
int frpc_async_submit(struct frpc_session *session, uint32_t handle,
		      fastrpc_async_descriptor_t *desc, uint32_t sc, const remote_arg *pra);
int frpc_async_status(fastrpc_async_jobid id, int timeout_us, int *ret_result);
int frpc_async_release(fastrpc_async_jobid id);

/* The session is about to end: what ends from now on because of that is told so. Takes NULL. */
void frpc_async_closing(struct frpc_async *async);
/*
 * The session's process has been told to exit: ends what is left, waiting for the thread at most
 * @timeout_ms (a callback may last), unless it is the thread that asks. Takes NULL.
 */
void frpc_async_end(struct frpc_async *async, unsigned int timeout_ms);

#endif
