/* SPDX-License-Identifier: BSD-3-Clause */
/* What DSPs there are: remote_system_request(). */
#ifndef FRPC_LIB_SYSTEM_H
#define FRPC_LIB_SYSTEM_H

#include "remote.h"

/* An AEE code, recorded. */
int frpc_system_request(system_req_payload *request);

#endif
