/* SPDX-License-Identifier: BSD-3-Clause */
/* One call: what the app passed, checked and written as a call of the transport. */
#ifndef FRPC_LIB_INVOKE_H
#define FRPC_LIB_INVOKE_H

#include <stdint.h>

#include "remote.h"

struct frpc_session;

/* Calls @handle of the DSP. An AEE code (recorded), or what the DSP returned. */
int frpc_invoke(struct frpc_session *session, uint32_t handle, uint32_t sc, const remote_arg *pra);

/* Sends it as job @job and does not wait. Out buffers must lie in registered memory. */
int frpc_invoke_submit(struct frpc_session *session, uint32_t handle, uint32_t sc,
		       const remote_arg *pra, uint64_t job);

#endif
