/* SPDX-License-Identifier: BSD-3-Clause */
#include "notify.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <fastrpc/abi/smq.h>

#include "AEEStdErr.h"
#include "config.h"
#include "error.h"
#include "library.h"
#include "session.h"
#include "thread.h"

#define HEAR_MS 200u /* for a last notification, when the DSP may not send one */

struct watcher {
	struct watcher *next;
	uint32_t effective;
	fastrpc_notif_fn_t fn;
	void *context;
};

static struct {
	pthread_once_t once;
	pthread_mutex_t lock;
	pthread_cond_t changed;	  /* a thread has heard something, or has ended */
	struct watcher *watchers; /* in order of registration; never removed */
} notifications = {.once = PTHREAD_ONCE_INIT};

/* Of one session. */
struct frpc_notify {
	_Atomic int refs;
	struct frpc_session *session;
	pthread_t thread;
	/* Under notifications.lock. */
	bool heard_end, ended;
	unsigned int kills; /* being made */
	bool killed;
};

static void init_lock(void)
{
	pthread_mutex_init(&notifications.lock, NULL);
	frpc_cond_init(&notifications.changed);
}

static void set_up(void)
{
	init_lock();
	/* Who has registered is told of the child's own sessions, too. */
	pthread_atfork(NULL, NULL, init_lock);
}

static void lock(void)
{
	pthread_once(&notifications.once, set_up);
	pthread_mutex_lock(&notifications.lock);
}

static void unlock(void)
{
	pthread_mutex_unlock(&notifications.lock);
}

static bool wants(const struct watcher *watcher, uint32_t effective)
{
	return watcher->effective == effective || watcher->effective == (effective & 7);
}

static void unref(struct frpc_notify *notify)
{
	if (atomic_fetch_sub(&notify->refs, 1) == 1)
		free(notify);
}

/* The list only grows at its end: it can be walked without the lock between two of them. */
static void tell(uint32_t effective, uint32_t status)
{
	struct watcher *watcher;

	lock();
	watcher = notifications.watchers;
	while (watcher) {
		unlock();
		if (wants(watcher, effective))
			watcher->fn(watcher->context, (int)(effective & 7), (int)(effective >> 3),
				    (remote_rpc_status_flags_t)status);
		lock();
		watcher = watcher->next;
	}
	unlock();
}

static void hear(struct frpc_notify *notify, uint32_t status)
{
	uint32_t effective = frpc_session_effective(notify->session);

	if (status > FASTRPC_DSP_SSR)
		return; /* nothing that we know */
	/* A file hears of a restart also if its process was made after that. */
	if (status == FASTRPC_DSP_SSR && frpc_session_answers(notify->session))
		return;
	if (status != FASTRPC_USER_PD_UP)
		frpc_session_died(notify->session,
				  status == FASTRPC_DSP_SSR ? AEE_ECONNRESET : AEE_ENOSUCH);
	tell(effective, status);
	if (status == FASTRPC_USER_PD_UP)
		return;
	lock();
	notify->heard_end = true;
	pthread_cond_broadcast(&notifications.changed);
	unlock();
}

/*
 * The driver tells of a kill only who waits at that moment: a thread that was telling the watchers of
 * something else then is refused when it asks again.
 */
static bool missed_the_kill(struct frpc_notify *notify)
{
	bool missed;

	lock();
	while (notify->kills)
		pthread_cond_wait(&notifications.changed, &notifications.lock);
	missed = notify->killed && !notify->heard_end;
	unlock();
	return missed;
}

static void *run(void *arg)
{
	struct frpc_notify *notify = arg;
	struct frpc_session *session = notify->session;
	struct frpc_remote *remote = frpc_session_remote(session);
	uint32_t status;
	int res;

	lock(); /* the creator enters our name under it */
	unlock();
	do {
		res = remote->transport->ops->notification(remote, &status);
		if (!res)
			hear(notify, status);
	} while (!res || res == -EINTR);
	if (missed_the_kill(notify))
		hear(notify, FASTRPC_USER_PD_FORCE_KILL);
	/* First: who waits for us may rely on the session's file being closed with it. */
	frpc_session_unref(session);
	lock();
	notify->ended = true;
	pthread_cond_broadcast(&notifications.changed);
	unlock();
	unref(notify);
	return NULL;
}

/* Asks the DSP to tell. One that does not know that request may tell all the same. */
static void enable(struct frpc_session *session)
{
	const struct frpc_call call = {
		.handle = FRPC_HANDLE_CURRENT_PROCESS1,
		.sc = FRPC_SC_MAKE(10, 0, 0),
	};
	struct frpc_remote *remote = frpc_session_remote(session);
	int32_t status;

	remote->transport->ops->invoke(remote, &call, &status);
}

static struct frpc_notify *start(struct frpc_session *session)
{
	struct frpc_notify *notify = calloc(1, sizeof(*notify));
	int res;

	if (!notify)
		return NULL;
	atomic_init(&notify->refs, 2);
	notify->session = frpc_session_ref(session);
	lock();
	res = frpc_thread_start(&notify->thread, run, notify);
	unlock();
	if (!res)
		return notify;
	frpc_session_unref(session);
	free(notify);
	return NULL;
}

void frpc_notify_watch(struct frpc_session *session)
{
	struct frpc_session_parts *parts = frpc_session_parts(session);
	bool started = false;

	if (!frpc_session_remote(session)->transport->ops->notification)
		return;
	pthread_mutex_lock(&parts->lock);
	if (!parts->notify && !parts->closed) {
		parts->notify = start(session);
		started = parts->notify != NULL;
	}
	pthread_mutex_unlock(&parts->lock);
	if (started)
		enable(session);
}

struct frpc_notify *frpc_notify_kill_begin(struct frpc_session *session)
{
	struct frpc_session_parts *parts = frpc_session_parts(session);
	struct frpc_notify *notify;

	pthread_mutex_lock(&parts->lock);
	notify = parts->notify;
	if (notify)
		atomic_fetch_add(&notify->refs, 1);
	pthread_mutex_unlock(&parts->lock);
	if (!notify)
		return NULL;
	lock();
	notify->kills++;
	unlock();
	return notify;
}

void frpc_notify_kill_end(struct frpc_notify *notify, bool killed)
{
	if (!notify)
		return;
	lock();
	notify->kills--;
	notify->killed |= killed;
	pthread_cond_broadcast(&notifications.changed);
	unlock();
	unref(notify);
}

void frpc_notify_opened(struct frpc_session *session)
{
	uint32_t effective = frpc_session_effective(session);
	bool wanted = false;

	lock();
	for (struct watcher *w = notifications.watchers; w && !wanted; w = w->next)
		wanted = wants(w, effective);
	unlock();
	if (wanted)
		frpc_notify_watch(session);
}

static int answer(bool can)
{
	if (can)
		return AEE_SUCCESS;
	return frpc_fail(AEE_EUNSUPPORTED, FRPC_ORIGIN_LIBRARY, 0,
			 "this kernel driver does not tell what becomes of DSP processes");
}

/* Whether the domain's driver can tell: asked of a session, or on a node opened for that. */
static int check_support(uint32_t domain)
{
	struct frpc_session *session;
	struct frpc_open_report report = {.text = ""};
	struct frpc_transport *transport;
	struct frpc_remote *remote;
	bool can;
	int res;

	for (uint32_t i = domain; i < FRPC_EFFECTIVE; i += FRPC_DOMAINS)
		if (frpc_session_open_existing(i, &session)) {
			can = frpc_session_remote(session)->transport->ops->notification != NULL;
			frpc_session_close(session);
			return answer(can);
		}
	res = frpc_transport_get(&transport);
	if (res)
		return res;
	res = transport->ops->open(transport, domain, 0, &report, &remote);
	if (res) {
		frpc_transport_put(transport);
		return frpc_fail(frpc_code_from_errno(res), FRPC_ORIGIN_DRIVER, res,
				 "status notifications: no device node could be opened (%s)",
				 report.text);
	}
	can = remote->transport->ops->notification != NULL;
	remote->transport->ops->close(remote);
	frpc_transport_put(transport);
	return answer(can);
}

static int add(uint32_t effective, fastrpc_notif_fn_t fn, void *context)
{
	struct watcher *watcher = calloc(1, sizeof(*watcher)), **at = &notifications.watchers;

	if (!watcher)
		return frpc_fail(AEE_ENOMEMORY, FRPC_ORIGIN_LIBRARY, ENOMEM,
				 "status notifications: no memory");
	*watcher = (struct watcher){.effective = effective, .fn = fn, .context = context};
	lock();
	while (*at &&
	       ((*at)->effective != effective || (*at)->fn != fn || (*at)->context != context))
		at = &(*at)->next;
	if (!*at) {
		*at = watcher;
		watcher = NULL;
	}
	unlock();
	free(watcher); /* the same once more: it is told once */
	return AEE_SUCCESS;
}

int frpc_notify_register(uint32_t effective, fastrpc_notif_fn_t fn, void *context)
{
	struct frpc_session *session;
	int res;

	res = check_support(effective & 7);
	if (!res)
		res = add(effective, fn, context);
	if (res)
		return res;
	for (uint32_t i = effective; i < FRPC_EFFECTIVE; i += FRPC_DOMAINS) {
		if (frpc_session_open_existing(i, &session)) {
			frpc_notify_watch(session);
			frpc_session_close(session);
		}
		if (effective >= FRPC_DOMAINS)
			break;
	}
	return AEE_SUCCESS;
}

/* With the lock held: until *@flag is set, or the time is over. */
static void wait_for(const bool *flag, unsigned int timeout_ms)
{
	frpc_cond_await(&notifications.changed, &notifications.lock, flag, timeout_ms);
}

void frpc_notify_end(struct frpc_notify *notify, unsigned int timeout_ms)
{
	struct frpc_remote *remote;
	bool self;

	if (!notify)
		return;
	remote = frpc_session_remote(notify->session);
	lock();
	self = pthread_equal(notify->thread, pthread_self());
	if (!self && !notify->ended)
		wait_for(&notify->heard_end, timeout_ms < HEAR_MS ? timeout_ms : HEAR_MS);
	unlock();
	remote->transport->ops->notification_wake(remote);
	lock();
	if (!self)
		wait_for(&notify->ended, timeout_ms);
	unlock();
	unref(notify);
}
