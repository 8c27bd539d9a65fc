/* SPDX-License-Identifier: BSD-3-Clause */
/* adspmsgd_apps: what DSP modules log, to the sink of frpc_set_log(). */
#ifndef FRPC_LIB_SERVICES_MESSAGES_H
#define FRPC_LIB_SERVICES_MESSAGES_H

#include "services.h"

int frpc_messages_call(uint32_t domain, const struct frpc_reverse_call *call);

#endif
