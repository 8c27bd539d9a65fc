/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sessions: one process of ours on a DSP each, named by an effective domain id. The first user opens
 * it, the last one closes it. Counted twice: users keep it open, references keep the struct.
 */
#ifndef FRPC_LIB_SESSION_H
#define FRPC_LIB_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transport/transport.h"

struct frpc_session;

/* What the next session of a domain is made with. */
struct frpc_session_settings {
	bool unsigned_pd;
	bool pd_dump;
	bool thread_set;
	uint32_t memory;			/* bytes, 0: default */
	uint32_t thread_priority, thread_stack; /* of the threads that serve calls, if set */
};

/* Makes the calling code a user of the session; opens it if need be. An AEE code. */
int frpc_session_open(uint32_t effective, struct frpc_session **ret_session);
/* The session if it is open, as a user. False: it is not. */
bool frpc_session_open_existing(uint32_t effective, struct frpc_session **ret_session);
/* One user less; the last ends the session: AEE_EEXPIRED if the DSP did not let it go in time. */
int frpc_session_close(struct frpc_session *session);

struct frpc_session *frpc_session_ref(struct frpc_session *session);
/* Takes NULL. The last one closes the device file. */
void frpc_session_unref(struct frpc_session *session);

uint32_t frpc_session_effective(const struct frpc_session *session);
struct frpc_remote *frpc_session_remote(const struct frpc_session *session);
/* Where the DSP last looked for a file in vain. */
void frpc_session_tried(struct frpc_session *session, char *text, size_t textlen);

/* remotectl: a module's handle on the DSP. An AEE or DSP code, recorded. */
int frpc_session_open_module(struct frpc_session *session, const char *name, uint32_t *ret_handle);
int frpc_session_close_module(struct frpc_session *session, uint32_t handle);

/*
 * Changes the settings of sessions not opened yet. @domain 0..7, or FRPC_DOMAINS for all. @change
 * gets each domain's settings; false refuses: AEE_EBADPARM. AEE_EALREADYLOADED: a session is open
 * that would need it otherwise.
 */
int frpc_settings_change(uint32_t domain,
			 bool (*change)(struct frpc_session_settings *settings,
					const void *context),
			 const void *context);
void frpc_settings_get(uint32_t domain, struct frpc_session_settings *ret_settings);

/* Takes a session number of @domain that nobody has opened or reserved: AEE_ENOSESSION if none. */
int frpc_session_reserve(uint32_t domain, uint32_t *ret_session);

#endif
