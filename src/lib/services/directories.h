/* SPDX-License-Identifier: BSD-3-Clause */
/* apps_std: folders, and what is done to files by name. */
#ifndef FRPC_LIB_SERVICES_DIRECTORIES_H
#define FRPC_LIB_SERVICES_DIRECTORIES_H

#include "std.h"

int frpc_directories_new(struct frpc_folders **ret_folders);
void frpc_directories_free(struct frpc_folders *folders);
int frpc_directories_call(struct frpc_std *std, uint32_t method,
			  const struct frpc_reverse_call *call);

#endif
