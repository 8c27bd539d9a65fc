/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sessions: one process of ours on a DSP each, named by an effective domain id. The first user opens
 * it, the last one closes it. Counted twice: users keep it open, references keep the struct.
 */
#ifndef FRPC_LIB_SESSION_H
#define FRPC_LIB_SESSION_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pd.h"
#include "qos.h"

struct frpc_async;
struct frpc_bounded;
struct frpc_notify;
struct frpc_session;

/* Makes the calling code a user of the session; opens it if need be. An AEE code. */
int frpc_session_open(uint32_t effective, struct frpc_session **ret_session);
/* The session if it is open, as a user. False: it is not. */
bool frpc_session_open_existing(uint32_t effective, struct frpc_session **ret_session);
/* One user less; the last ends the session: AEE_EEXPIRED if the DSP did not let it go in time. */
int frpc_session_close(struct frpc_session *session);

/* As frpc_session_open(); AEE_EALREADYLOADED: it is open as another kind. */
int frpc_session_attach(uint32_t effective, enum frpc_pd_kind kind,
			struct frpc_session **ret_session);
/* Readable (with 0xff in it) once the DSP calls us no more. The session's; -errno. */
int frpc_session_event(struct frpc_session *session);

struct frpc_session *frpc_session_ref(struct frpc_session *session);
/* Takes NULL. The last one closes the device file. */
void frpc_session_unref(struct frpc_session *session);

/* Frees @kept and its buffer once the session and with it the driver's file has ended. */
struct frpc_kept_buffer;
void frpc_session_keep(struct frpc_session *session, struct frpc_kept_buffer *kept);

/* What else belongs to a session, made when it is first needed. */
struct frpc_session_parts {
	pthread_mutex_t lock;
	bool closed; /* nothing is made any more */
	struct frpc_async *async;
	struct frpc_notify *notify;
	struct frpc_qos qos;
};
struct frpc_session_parts *frpc_session_parts(struct frpc_session *session);

/*
 * A session dies when its DSP (AEE_ECONNRESET) or its process on it (AEE_ENOSUCH) goes down. Handles
 * on it then answer AEE_ECONNRESET, its queues are told, its maps are forgotten, and the next open
 * makes a new session in its place; the dead one ends with its last user. Any thread, but none that
 * opens or closes a session.
 */
void frpc_session_died(struct frpc_session *session, int error);
bool frpc_session_is_dead(const struct frpc_session *session);
/* What it died of; 0: it lives. */
int frpc_session_death(const struct frpc_session *session);
/* Does @error of the driver mean that it is dead? */
bool frpc_session_lost(struct frpc_session *session, int error);
/* Does @status, which a call was answered with, mean that? The DSP is asked if it may. */
bool frpc_session_is_gone(struct frpc_session *session, int32_t status);
/* Asks its process, which is there if it says so. Blocks as a call does. */
bool frpc_session_answers(struct frpc_session *session);

/* Has the DSP raise an exception in the process; it is dead then. An AEE code, recorded. */
int frpc_session_exception(struct frpc_session *session);

uint32_t frpc_session_effective(const struct frpc_session *session);
struct frpc_remote *frpc_session_remote(const struct frpc_session *session);
/* The same, or NULL if it is dead. */
struct frpc_remote *frpc_session_alive(const struct frpc_session *session);
/* Threads for what its DSP may never answer. */
struct frpc_bounded *frpc_session_bounded(const struct frpc_session *session);
/* A bit for each number that a queue of its process has, or may have as far as anybody knows. */
_Atomic uint64_t *frpc_session_queue_ids(struct frpc_session *session);
/* Where the DSP last looked for a file in vain. */
void frpc_session_tried(struct frpc_session *session, char *text, size_t textlen);

/* Is a session of @domain (0..7) open, whichever its number? */
bool frpc_session_is_open(uint32_t domain);
/* Takes a session number of @domain that nobody has opened or reserved: AEE_ENOSESSION if none. */
int frpc_session_reserve(uint32_t domain, uint32_t *ret_session);

#endif
