/* SPDX-License-Identifier: BSD-3-Clause */
/* What the next session of each domain is made with, as the app has asked for it. Any thread. */
#ifndef FRPC_LIB_SETTINGS_H
#define FRPC_LIB_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

struct frpc_session_settings {
	bool unsigned_pd;
	bool pd_dump;
	bool thread_set;
	uint32_t memory;			/* bytes, 0: default */
	uint32_t thread_priority, thread_stack; /* of the threads that serve calls, if set */
};

/*
 * Changes the settings of sessions not opened yet. @domain 0..7, or FRPC_DOMAINS for all. @change
 * gets each domain's settings; false refuses: AEE_EBADPARM. AEE_EALREADYLOADED: a session is open
 * that would need it otherwise.
 */
int frpc_settings_change(uint32_t domain,
			 bool (*change)(struct frpc_session_settings *settings,
					const void *context),
			 const void *context);
/* @domain 0..7. */
void frpc_settings_get(uint32_t domain, struct frpc_session_settings *ret_settings);

#endif
