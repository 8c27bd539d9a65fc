/* SPDX-License-Identifier: BSD-3-Clause */
/* apps_mem: memory that the DSP process asks the CPU for. */
#ifndef FRPC_LIB_SERVICES_MEMORY_H
#define FRPC_LIB_SERVICES_MEMORY_H

#include "services.h"

struct frpc_apps_mem;
struct frpc_remote;

/* @remote is borrowed: the session's. */
int frpc_apps_mem_new(struct frpc_remote *remote, struct frpc_apps_mem **ret_mem);
/* Frees what the DSP has not given back; the session must have ended on the DSP. Takes NULL. */
void frpc_apps_mem_free(struct frpc_apps_mem *mem);
int frpc_apps_mem_call(struct frpc_apps_mem *mem, const struct frpc_reverse_call *call);

#endif
