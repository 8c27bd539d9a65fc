/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What becomes of the process on the DSP: registered callbacks, and a thread a session that fetches
 * the driver's notifications where it has them. The library itself learns by it that a session is
 * dead.
 */
#ifndef FRPC_LIB_NOTIFY_H
#define FRPC_LIB_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "remote.h"

struct frpc_notify;
struct frpc_session;

/*
 * Calls @fn for every session of the domain @effective belongs to (that session alone if it is not
 * the first), open or opened later. AEE code, recorded: AEE_EUNSUPPORTED where the driver cannot tell.
 */
int frpc_notify_register(uint32_t effective, fastrpc_notif_fn_t fn, void *context);

/* A session has just been opened: watches it if anybody has asked for that. */
void frpc_notify_opened(struct frpc_session *session);
/* Watches it in any case, if the driver can. */
void frpc_notify_watch(struct frpc_session *session);

/*
 * Around a kill of the session's process: its thread tells of it whatever the driver does. What the
 * first one returns, NULL or not, is for the second one.
 */
struct frpc_notify *frpc_notify_kill_begin(struct frpc_session *session);
void frpc_notify_kill_end(struct frpc_notify *notify, bool killed);

/*
 * The session's process has been told to exit: waits until the thread has heard of it, then ends the
 * thread; at most @timeout_ms, unless it is the thread that asks. Takes NULL.
 */
void frpc_notify_end(struct frpc_notify *notify, unsigned int timeout_ms);

#endif
