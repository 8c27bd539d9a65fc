/* SPDX-License-Identifier: BSD-3-Clause */
#include "session.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "AEEStdErr.h"
#include "async.h"
#include "bounded.h"
#include "buffer.h"
#include "config.h"
#include "error.h"
#include "farf_watch.h"
#include "library.h"
#include "listener.h"
#include "log.h"
#include "maps.h"
#include "notify.h"
#include "program_files.h"
#include "queue_process.h"
#include "remotectl.h"
#include "static_maps.h"

#define END_MS 2000u

struct frpc_session {
	_Atomic int refs;
	unsigned int users; /* under the slot's lock */
	struct frpc_pd pd;
	uint32_t generation; /* of the process that opened it */
	struct frpc_listener *listener;
	struct frpc_bounded *bounded;
	struct frpc_session_parts parts;
	_Atomic int dead;  /* AEE code of why */
	bool watches_farf; /* changes of the program's .farf file */
	_Atomic(struct frpc_kept_buffer *) kept;
	_Atomic uint64_t queue_ids;
};

/* One place for each effective domain. Its lock is held while a session opens or closes. */
static struct slot {
	pthread_mutex_t lock;
	struct frpc_session *session;
	bool reserved;
} slots[FRPC_EFFECTIVE];

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void init_locks(void)
{
	for (uint32_t i = 0; i < FRPC_EFFECTIVE; i++)
		pthread_mutex_init(&slots[i].lock, NULL);
}

/* The child has no threads that serve these sessions: they are forgotten, not closed. */
static void after_fork_in_child(void)
{
	init_locks();
	for (uint32_t i = 0; i < FRPC_EFFECTIVE; i++)
		slots[i].session = NULL;
}

static void set_up(void)
{
	init_locks();
	pthread_atfork(NULL, NULL, after_fork_in_child);
}

static struct slot *slot_of(uint32_t effective)
{
	pthread_once(&once, set_up);
	return &slots[effective];
}

uint32_t frpc_session_effective(const struct frpc_session *session)
{
	return session->pd.effective;
}

struct frpc_remote *frpc_session_remote(const struct frpc_session *session)
{
	return session->pd.remote;
}

struct frpc_remote *frpc_session_alive(const struct frpc_session *session)
{
	return atomic_load_explicit(&session->dead, memory_order_acquire) ? NULL
									  : session->pd.remote;
}

struct frpc_session_parts *frpc_session_parts(struct frpc_session *session)
{
	return &session->parts;
}

_Atomic uint64_t *frpc_session_queue_ids(struct frpc_session *session)
{
	return &session->queue_ids;
}

struct frpc_bounded *frpc_session_bounded(const struct frpc_session *session)
{
	return session->bounded;
}

void frpc_session_tried(struct frpc_session *session, char *text, size_t textlen)
{
	text[0] = 0;
	if (session->listener)
		frpc_listener_tried(session->listener, text, textlen);
}

struct frpc_session *frpc_session_ref(struct frpc_session *session)
{
	atomic_fetch_add_explicit(&session->refs, 1, memory_order_relaxed);
	return session;
}

void frpc_session_keep(struct frpc_session *session, struct frpc_kept_buffer *kept)
{
	kept->next = atomic_load(&session->kept);
	while (!atomic_compare_exchange_weak(&session->kept, &kept->next, kept))
		;
}

static void free_kept(struct frpc_session *session)
{
	struct frpc_kept_buffer *kept = session->kept, *next;

	for (; kept; kept = next) {
		next = kept->next;
		frpc_buffer_free(&kept->buffer);
		free(kept);
	}
}

/* Apart, so that the calls that are not the last do not save registers for it. */
static __attribute__((noinline)) void destroy(struct frpc_session *session)
{
	frpc_pd_close(&session->pd);
	frpc_static_maps_session_ended(session);
	free_kept(session);
	frpc_bounded_free(session->bounded);
	frpc_qos_destroy(&session->parts.qos);
	pthread_mutex_destroy(&session->parts.lock);
	frpc_transport_put(session->pd.transport);
	free(session);
}

void frpc_session_unref(struct frpc_session *session)
{
	if (session && atomic_fetch_sub_explicit(&session->refs, 1, memory_order_acq_rel) == 1)
		destroy(session);
}

static const char *name_of(const struct frpc_session *session)
{
	return frpc_pd_domain_name(&session->pd);
}

static void ref_owner(void *owner)
{
	frpc_session_ref(owner);
}

static void unref_owner(void *owner)
{
	frpc_session_unref(owner);
}

/* On a thread that may stay behind: a dead DSP must not keep the closer. */
static void send_exit(void *arg)
{
	const struct frpc_session *session = arg;

	frpc_pd_exit(&session->pd);
}

/*
 * Threads of the process may wait for us for ever: it is ended, so that their calls come back. Where the
 * DSP has gone down that is refused, and does no harm.
 */
static void listener_lost(void *owner, bool restarted)
{
	struct frpc_session *session = owner;

	frpc_log(restarted ? FRPC_LOG_INFO : FRPC_LOG_ERROR,
		 "%s: the listener cannot talk to the DSP any more; its session ends",
		 name_of(session));
	if (session->pd.kind == FRPC_PD_USER)
		send_exit(session);
}

/* Nobody serves an attached PD any more: who attaches again is to get a new session. */
static void listener_ended(void *owner)
{
	struct frpc_session *session = owner;

	if (session->pd.kind == FRPC_PD_USER)
		return;
	frpc_session_died(session, AEE_ECONNRESET);
	frpc_session_close(session); /* its own use of itself */
}

static int start_listener(struct frpc_session *session)
{
	const struct frpc_listener_config config = {
		.remote = session->pd.remote,
		.effective = session->pd.effective,
		.data_dir = frpc_pd_data_dir(&session->pd),
		.ref = ref_owner,
		.unref = unref_owner,
		.lost = listener_lost,
		.ended = listener_ended,
		.owner = session,
	};
	int32_t status;
	int res;

	res = frpc_listener_start(&config, &session->listener, &status);
	if (res)
		return frpc_fail_driver(res, "no session on %s: the listener cannot be started",
					name_of(session));
	if (status)
		return frpc_pd_fail_refused(&session->pd, status, "the listener");
	return AEE_SUCCESS;
}

/* The threads that fetch answers: after the exit has been sent, before the file is let go. */
static void end_parts(struct frpc_session *session)
{
	struct frpc_session_parts *parts = &session->parts;
	struct frpc_notify *notify;
	struct frpc_async *async;

	pthread_mutex_lock(&parts->lock);
	parts->closed = true;
	async = parts->async;
	notify = parts->notify;
	parts->async = NULL;
	parts->notify = NULL;
	pthread_mutex_unlock(&parts->lock);
	frpc_qos_end(&parts->qos);
	frpc_async_end(async, END_MS);
	frpc_notify_end(notify, END_MS);
}

/* Ends the process on the DSP. The file is closed with the last reference. */
static int end(struct frpc_session *session)
{
	const struct frpc_bounded_job job = {
		.fn = send_exit,
		.ref = ref_owner,
		.unref = unref_owner,
		.arg = session,
		.timeout_ms = END_MS,
		.urgent = true, /* it ends what the others are stuck in */
	};
	int res = 0;

	frpc_async_closing(session->parts.async); /* nobody else is left who could make it now */
	/* Also a session that was found dead: what is wrongly believed dead would live on for ever. */
	if (session->pd.kind == FRPC_PD_USER)
		res = frpc_bounded_run(session->bounded, &job);
	end_parts(session);
	if (!res)
		res = frpc_listener_stop(session->listener, END_MS);
	else
		frpc_listener_stop(session->listener, 0);
	if (res == -ETIMEDOUT)
		res = frpc_fail(
			AEE_EEXPIRED, FRPC_ORIGIN_DSP, ETIMEDOUT,
			"the session on %s was closed, but its DSP did not end it within %u ms: "
			"its listener is left behind; is the DSP down?",
			name_of(session), END_MS);
	else if (res)
		res = frpc_fail(frpc_code_from_errno(res), FRPC_ORIGIN_LIBRARY, res,
				"the session on %s was closed without telling the DSP",
				name_of(session));
	session->listener = NULL;
	frpc_bounded_retire(session->bounded);
	if (session->watches_farf)
		frpc_farf_watch_end();
	frpc_session_unref(session);
	return res;
}

/* The process exists, but cannot be used as asked: it is ended, and the failure told. */
static int end_failed(struct frpc_session *session, int res)
{
	struct frpc_error_saved saved;

	frpc_error_save(&saved);
	end(session);
	frpc_error_restore(&saved);
	return res;
}

static struct frpc_session *new_session(uint32_t effective, enum frpc_pd_kind kind)
{
	struct frpc_session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->bounded = frpc_bounded_new();
	if (!session->bounded) {
		free(session);
		return NULL;
	}
	atomic_init(&session->refs, 1);
	session->pd.effective = effective;
	session->pd.kind = kind;
	session->generation = frpc_fork_generation();
	frpc_qos_init(&session->parts.qos);
	pthread_mutex_init(&session->parts.lock, NULL);
	return session;
}

/* Its process answers: what it is told first, and who wants to know of it. */
static int introduce(struct frpc_session *session)
{
	uint32_t domain = session->pd.effective & 7;
	int res;

	if (session->pd.kind == FRPC_PD_USER) {
		res = frpc_remotectl_send_thread_params(session);
		if (res)
			return res;
	}
	frpc_static_maps_session_opened(session);
	frpc_farf_watch_begin(domain);
	session->watches_farf = true;
	frpc_farf_send(session->pd.remote, domain);
	frpc_notify_opened(session);
	return AEE_SUCCESS;
}

static int make(uint32_t effective, enum frpc_pd_kind kind, struct frpc_session **ret_session)
{
	struct frpc_session *session = new_session(effective, kind);
	int res;

	if (!session)
		return frpc_fail(AEE_ENOMEMORY, FRPC_ORIGIN_LIBRARY, ENOMEM,
				 "no memory for a session");
	res = frpc_transport_get(&session->pd.transport);
	if (!res)
		res = frpc_pd_open(&session->pd);
	if (!res)
		res = start_listener(session);
	if (res) {
		frpc_session_unref(session);
		return res;
	}
	res = introduce(session);
	if (res)
		return end_failed(session, res);
	*ret_session = session;
	return AEE_SUCCESS;
}

/* With the slot's lock held. */
static int make_in(struct slot *slot, uint32_t effective, enum frpc_pd_kind kind)
{
	int res = make(effective, kind, &slot->session);

	/* An attached one uses itself: until its listener has ended. */
	if (!res && kind != FRPC_PD_USER)
		slot->session->users++;
	return res;
}

/* @kind NULL: of whatever kind it is. */
static int open_session(uint32_t effective, const enum frpc_pd_kind *kind,
			struct frpc_session **ret_session)
{
	struct slot *slot = slot_of(effective);
	int res = AEE_SUCCESS;

	pthread_mutex_lock(&slot->lock);
	/* A dead one is left to its users, who close it one by one. */
	if (slot->session && frpc_session_is_dead(slot->session))
		slot->session = NULL;
	if (!slot->session)
		res = make_in(slot, effective, kind ? *kind : FRPC_PD_USER);
	else if (kind && slot->session->pd.kind != *kind)
		res = frpc_fail(AEE_EALREADYLOADED, FRPC_ORIGIN_LIBRARY, 0,
				"the session on %s is open as another kind of process",
				name_of(slot->session));
	if (!res) {
		slot->session->users++;
		*ret_session = slot->session;
	}
	pthread_mutex_unlock(&slot->lock);
	return res;
}

int frpc_session_open(uint32_t effective, struct frpc_session **ret_session)
{
	return open_session(effective, NULL, ret_session);
}

int frpc_session_attach(uint32_t effective, enum frpc_pd_kind kind,
			struct frpc_session **ret_session)
{
	return open_session(effective, &kind, ret_session);
}

int frpc_session_event(struct frpc_session *session)
{
	return frpc_listener_event(session->listener);
}

bool frpc_session_open_existing(uint32_t effective, struct frpc_session **ret_session)
{
	struct slot *slot = slot_of(effective);

	pthread_mutex_lock(&slot->lock);
	*ret_session = slot->session && !frpc_session_is_dead(slot->session) ? slot->session : NULL;
	if (*ret_session)
		slot->session->users++;
	pthread_mutex_unlock(&slot->lock);
	return *ret_session != NULL;
}

int frpc_session_close(struct frpc_session *session)
{
	struct slot *slot = slot_of(session->pd.effective);
	int res = AEE_SUCCESS;

	if (session->generation != frpc_fork_generation())
		return AEE_SUCCESS; /* inherited: not ours */
	pthread_mutex_lock(&slot->lock);
	if (--session->users == 0) {
		if (!slot->session || slot->session == session)
			slot->reserved = false;
		if (slot->session == session)
			slot->session = NULL;
		res = end(session);
	}
	pthread_mutex_unlock(&slot->lock);
	return res;
}

int frpc_session_death(const struct frpc_session *session)
{
	return atomic_load_explicit(&session->dead, memory_order_acquire);
}

bool frpc_session_is_dead(const struct frpc_session *session)
{
	return frpc_session_death(session) != 0;
}

void frpc_session_died(struct frpc_session *session, int error)
{
	int alive = 0;

	if (!atomic_compare_exchange_strong(&session->dead, &alive, error))
		return;
	frpc_log(FRPC_LOG_INFO, "%s: the session is dead (%s)", name_of(session),
		 frpc_strerror(error));
	frpc_queue_session_died(session, error);
	/* Each map was a user; the caller's own hold keeps the session from ending under it. */
	for (uint32_t maps = frpc_maps_forget(session); maps; maps--)
		frpc_session_close(session);
}

bool frpc_session_lost(struct frpc_session *session, int error)
{
	if (frpc_means_down(error))
		frpc_session_died(session, AEE_ECONNRESET);
	return frpc_session_is_dead(session);
}

bool frpc_session_is_gone(struct frpc_session *session, int32_t status)
{
	int32_t asked;
	int res;

	if (!frpc_pd_means_gone(status))
		return false;
	if (frpc_session_is_dead(session))
		return true;
	/* A method may answer that, too. A process that is no more answers nothing else to anything. */
	res = frpc_pd_ask(&session->pd, &asked);
	if (res)
		return frpc_session_lost(session, res);
	if (frpc_pd_means_gone(asked))
		frpc_session_died(session, AEE_ENOSUCH);
	return frpc_session_is_dead(session);
}

bool frpc_session_answers(struct frpc_session *session)
{
	int32_t asked;

	return !frpc_session_is_dead(session) && !frpc_pd_ask(&session->pd, &asked) &&
	       !frpc_pd_means_gone(asked);
}

int frpc_session_exception(struct frpc_session *session)
{
	int res = frpc_pd_raise(&session->pd);

	if (!res)
		frpc_session_died(session, AEE_ENOSUCH);
	return res;
}

bool frpc_session_is_open(uint32_t domain)
{
	bool open = false;

	for (uint32_t effective = domain; effective < FRPC_EFFECTIVE; effective += FRPC_DOMAINS) {
		struct slot *slot = slot_of(effective);

		pthread_mutex_lock(&slot->lock);
		open |= slot->session != NULL;
		pthread_mutex_unlock(&slot->lock);
	}
	return open;
}

int frpc_session_reserve(uint32_t domain, uint32_t *ret_session)
{
	/* Session 0 is everybody's. */
	for (uint32_t session = 1; session < FRPC_SESSIONS; session++) {
		struct slot *slot = slot_of(domain + session * FRPC_DOMAINS);
		bool taken;

		pthread_mutex_lock(&slot->lock);
		taken = slot->session || slot->reserved;
		slot->reserved |= !taken;
		pthread_mutex_unlock(&slot->lock);
		if (taken)
			continue;
		*ret_session = session;
		return AEE_SUCCESS;
	}
	return AEE_ENOSESSION;
}
