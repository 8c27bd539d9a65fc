/* SPDX-License-Identifier: BSD-3-Clause */
/* Modules: opened by name, called and closed by handle, of either width. AEE codes, recorded. */
#ifndef FRPC_LIB_MODULE_H
#define FRPC_LIB_MODULE_H

#include <stdbool.h>
#include <stdint.h>

#include "remote.h"

int frpc_module_open(const char *name, bool wide, uint64_t *ret_handle);
int frpc_module_invoke(uint64_t handle, bool wide, uint32_t sc, const remote_arg *pra);
int frpc_module_close(uint64_t handle, bool wide);
/* Closes every module of a session: FASTRPC_SESSION_CLOSE. */
int frpc_module_close_all(uint32_t effective);
/* The effective domain of an open handle. */
int frpc_module_domain(uint64_t handle, uint32_t *ret_effective);

/* Starts a call that is not waited for (async.h). */
int frpc_module_invoke_async(uint64_t handle, bool wide, fastrpc_async_descriptor_t *desc,
			     uint32_t sc, const remote_arg *pra);

#endif
