/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * apps_std: the environment as a DSP process sees it: of the app's the variables about DSPs, over
 * them what the DSP has set itself. The app's own environment is only read.
 */
#ifndef FRPC_LIB_SERVICES_ENVIRONMENT_H
#define FRPC_LIB_SERVICES_ENVIRONMENT_H

#include "std.h"

int frpc_environment_new(struct frpc_environment **ret_environment);
void frpc_environment_free(struct frpc_environment *environment);
int frpc_environment_call(struct frpc_std *std, uint32_t method,
			  const struct frpc_reverse_call *call);

#endif
