/* SPDX-License-Identifier: BSD-3-Clause */
/* What a session's DSP process is asked for: modules, and threads of a kind. */
#ifndef FRPC_LIB_REMOTECTL_H
#define FRPC_LIB_REMOTECTL_H

#include <stdbool.h>
#include <stdint.h>

struct frpc_session;

/* Loads a module and has it opened: its handle on the DSP. An AEE or DSP code, recorded. */
int frpc_remotectl_open(struct frpc_session *session, const char *name, uint32_t *ret_handle);
/* Waits as long as the module's own close takes. */
int frpc_remotectl_close(struct frpc_session *session, uint32_t handle);
/*
 * Waits not longer than five seconds; AEE_EEXPIRED: the close is left behind. It runs on a thread of
 * the library, hence on another of the DSP than the caller's calls.
 */
int frpc_remotectl_close_bounded(struct frpc_session *session, uint32_t handle);

/* Tells the DSP how its threads for our calls are to be. One that has no such threads goes without. */
int frpc_remotectl_send_thread_params(struct frpc_session *session);

/* Whether the DSP is to adapt to how often calls come. An AEE or DSP code, recorded. */
int frpc_remotectl_set_adaptive(struct frpc_session *session, bool on);

#endif
