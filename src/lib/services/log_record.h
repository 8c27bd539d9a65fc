/* SPDX-License-Identifier: BSD-3-Clause */
/* What a DSP's messages are in a call of adspmsgd_apps: the DSP model writes them, the library reads. */
#ifndef FRPC_LIB_SERVICES_LOG_RECORD_H
#define FRPC_LIB_SERVICES_LOG_RECORD_H

#include <assert.h>
#include <stdint.h>

/* Neither text need end with a NUL. */
struct frpc_log_record {
	int32_t level;
	uint16_t line, thread;
	char text[218];
	char file[30];
};

static_assert(sizeof(struct frpc_log_record) == 256, "record of adspmsgd_apps.log");

#endif
