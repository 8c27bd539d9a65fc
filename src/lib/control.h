/* SPDX-License-Identifier: BSD-3-Clause */
/* The control requests of remote.h. AEE codes, recorded. */
#ifndef FRPC_LIB_CONTROL_H
#define FRPC_LIB_CONTROL_H

#include <stdint.h>

int frpc_control_session(uint32_t req, void *data, uint32_t datalen);
int frpc_control_dsp(uint32_t req, void *data, uint32_t datalen);
int frpc_control_handle(uint64_t handle, uint32_t req, void *data, uint32_t datalen);
int frpc_control_capability(uint32_t domain, uint32_t attribute, uint32_t *ret_value);

#endif
