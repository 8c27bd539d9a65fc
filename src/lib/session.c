/* SPDX-License-Identifier: BSD-3-Clause */
#include "session.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/smq.h>

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
#include "program_files.h"
#include "maps.h"
#include "notify.h"
#include "queue_process.h"
#include "remotectl.h"
#include "shell.h"
#include "static_maps.h"

#define END_MS	      2000u
#define ERROR_TEXT    255u
#define MEMORY_SIGNED (3u << 20)
#define DSP_EBADSTATE ((int32_t)0x8000040d)

struct frpc_session {
	_Atomic int refs;
	unsigned int users; /* under the slot's lock */
	uint32_t effective;
	enum frpc_session_kind kind;
	uint32_t generation; /* of the process that opened it */
	struct frpc_transport *transport;
	struct frpc_remote *remote;
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

static struct {
	pthread_once_t once;
	pthread_mutex_t lock; /* settings */
	struct frpc_session_settings settings[FRPC_DOMAINS];
} sessions = {.once = PTHREAD_ONCE_INIT};

static void init_locks(void)
{
	pthread_mutex_init(&sessions.lock, NULL);
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
	pthread_once(&sessions.once, set_up);
	return &slots[effective];
}

uint32_t frpc_session_effective(const struct frpc_session *session)
{
	return session->effective;
}

struct frpc_remote *frpc_session_remote(const struct frpc_session *session)
{
	return session->remote;
}

struct frpc_remote *frpc_session_alive(const struct frpc_session *session)
{
	return atomic_load_explicit(&session->dead, memory_order_acquire) ? NULL : session->remote;
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
	if (session->remote)
		session->remote->transport->ops->close(session->remote);
	frpc_static_maps_session_ended(session);
	free_kept(session);
	frpc_bounded_free(session->bounded);
	frpc_qos_destroy(&session->parts.qos);
	pthread_mutex_destroy(&session->parts.lock);
	frpc_transport_put(session->transport);
	free(session);
}

void frpc_session_unref(struct frpc_session *session)
{
	if (session && atomic_fetch_sub_explicit(&session->refs, 1, memory_order_acq_rel) == 1)
		destroy(session);
}

static const char *name_of(const struct frpc_session *session)
{
	return frpc_domain_name(session->effective & 7);
}

static const char *data_dir_of(const struct frpc_session *session)
{
	struct frpc_device *device = session->transport->device;

	return device ? device->ops->data_dir(device) : NULL;
}

static int open_device(struct frpc_session *session)
{
	struct frpc_open_report report = {.text = ""};
	int res;

	res = session->transport->ops->open(session->transport, session->effective & 7,
					    session->effective >> 3, &report, &session->remote);
	if (!res)
		return AEE_SUCCESS;
	if (report.text[0])
		return frpc_fail(res == -ENOENT ? AEE_ENOSUCHDEVICE : frpc_code_from_errno(res),
				 FRPC_ORIGIN_DRIVER, res,
				 "no session on %s: no device node could be opened (%s); %s",
				 name_of(session), report.text,
				 data_dir_of(session)
					 ? "the emulated machine has the domains that "
					   "FRPC_EMULATOR=domains=... names"
					 : "to run on the emulator set FRPC_TRANSPORT=emulator");
	return frpc_fail_driver(res, "no session on %s: it cannot be chosen on its device node",
				name_of(session));
}

/* MDSP needs no shell, SDSP may go without; the others cannot make a process from nothing. */
static int load_shell(struct frpc_session *session, bool unsigned_pd, struct frpc_shell *shell)
{
	uint32_t domain = session->effective & 7;
	char tried[1024] = "";
	int res;

	res = frpc_shell_load(session->transport, domain, unsigned_pd, data_dir_of(session), shell,
			      tried, sizeof(tried));
	if (!res || (res == -ENOENT && (domain == 1 || domain == 2)))
		return AEE_SUCCESS;
	if (res == -ENOENT)
		return frpc_fail(
			AEE_ENOSUCHFILE, FRPC_ORIGIN_LIBRARY, ENOENT,
			"no session on %s: no shell file; tried %s; set DSP_LIBRARY_PATH to "
			"the folder that has it",
			name_of(session), tried);
	return frpc_fail(frpc_code_from_errno(res), FRPC_ORIGIN_LIBRARY, res,
			 "no session on %s: the shell file cannot be read (errno %d)%s%s",
			 name_of(session), -res, *tried ? "; tried " : "", tried);
}

static int create_process(struct frpc_session *session)
{
	struct frpc_process_params params = {.shell_fd = -1};
	struct frpc_session_settings settings;
	struct frpc_shell shell;
	int32_t status = 0;
	int res;

	frpc_settings_get(session->effective & 7, &settings);
	res = load_shell(session, settings.unsigned_pd, &shell);
	if (res)
		return res;
	frpc_log(FRPC_LOG_DEBUG, "%s: %s process with a shell of %u bytes", name_of(session),
		 settings.unsigned_pd ? "an unsigned" : "a signed", shell.length);
	params.attrs = (settings.unsigned_pd ? FRPC_PROC_ATTR_UNSIGNED : 0) |
		       (settings.pd_dump ? FRPC_PROC_ATTR_PD_DUMP : 0) |
		       frpc_debug_attributes(session->effective & 7);
	params.memlen = settings.unsigned_pd ? 0
			: settings.memory    ? settings.memory
					     : MEMORY_SIGNED;
	if (shell.length) {
		params.shell = shell.buffer.bytes;
		params.shell_len = shell.length;
		params.shell_fd = shell.buffer.fd;
	}
	res = session->remote->transport->ops->create(session->remote, &params, &status);
	frpc_shell_free(&shell);
	if (res)
		return frpc_fail_driver(res, "no session on %s: no %s process could be created",
					name_of(session),
					settings.unsigned_pd ? "unsigned" : "signed");
	if (status)
		return frpc_fail(status, FRPC_ORIGIN_DSP, 0,
				 "no session on %s: the DSP refused to create a process (0x%x)",
				 name_of(session), (unsigned int)status);
	return AEE_SUCCESS;
}

/* For daemons: the PD is there already, or is made for all. */
static int attach_process(struct frpc_session *session)
{
	static const enum frpc_attach_kind kinds[] = {
		[FRPC_SESSION_ROOT] = FRPC_ATTACH_ROOT,
		[FRPC_SESSION_SENSORS] = FRPC_ATTACH_SENSORS,
		[FRPC_SESSION_AUDIO] = FRPC_ATTACH_AUDIO,
	};
	int32_t status = 0;
	int res = session->remote->transport->ops->attach(session->remote, kinds[session->kind],
							  &status);

	if (res)
		return frpc_fail_driver(res, "no session on %s: its PD cannot be attached to",
					name_of(session));
	if (status)
		return frpc_fail(status, FRPC_ORIGIN_DSP, 0,
				 "no session on %s: the DSP refused to attach us (0x%x)",
				 name_of(session), (unsigned int)status);
	return AEE_SUCCESS;
}

static void ref_owner(void *owner)
{
	frpc_session_ref(owner);
}

static void unref_owner(void *owner)
{
	frpc_session_unref(owner);
}

static int invoke(struct frpc_session *session, uint32_t handle, uint32_t sc,
		  const struct frpc_arg *args, int32_t *ret_status)
{
	return frpc_remote_invoke(session->remote, handle, sc, args, ret_status);
}

/* Is that the DSP's word for a process that is no more? */
static bool means_gone(int32_t status)
{
	return status == AEE_ENOSUCH || status == DSP_EBADSTATE;
}

/* On a thread that may stay behind: a dead DSP must not keep the closer. */
static void send_exit(void *arg)
{
	struct frpc_session *session = arg;
	bool ended = false;

	/* Worth a second try: what is not ended keeps its file for ever. */
	for (int i = 0; i < 2 && !ended; i++) {
		int32_t status = 0;
		int res = invoke(session, FRPC_HANDLE_CURRENT_PROCESS1, 2u << 24, NULL, &status);

		ended = res ? res == -EPIPE || res == -ECONNRESET : !status || means_gone(status);
	}
}

/* Threads of the process may wait for us for ever: it is ended, so that their calls come back. */
static void listener_lost(void *owner)
{
	struct frpc_session *session = owner;

	frpc_log(FRPC_LOG_ERROR,
		 "%s: the listener cannot talk to the DSP any more; its session ends",
		 name_of(session));
	if (session->kind == FRPC_SESSION_USER)
		send_exit(session);
}

/* Nobody serves an attached PD any more: who attaches again is to get a new session. */
static void listener_ended(void *owner)
{
	struct frpc_session *session = owner;

	if (session->kind == FRPC_SESSION_USER)
		return;
	frpc_session_died(session, AEE_ECONNRESET);
	frpc_session_close(session); /* its own use of itself */
}

static int start_listener(struct frpc_session *session)
{
	const struct frpc_listener_config config = {
		.remote = session->remote,
		.effective = session->effective,
		.data_dir = data_dir_of(session),
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
		return frpc_fail(status, FRPC_ORIGIN_DSP, 0,
				 "no session on %s: the DSP refused the listener (0x%x)",
				 name_of(session), (unsigned int)status);
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
	if (session->kind == FRPC_SESSION_USER)
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

static int make(uint32_t effective, enum frpc_session_kind kind, struct frpc_session **ret_session)
{
	struct frpc_session *session = calloc(1, sizeof(*session));
	int res;

	if (session)
		session->bounded = frpc_bounded_new();
	if (!session || !session->bounded) {
		free(session);
		return frpc_fail(AEE_ENOMEMORY, FRPC_ORIGIN_LIBRARY, ENOMEM,
				 "no memory for a session");
	}
	atomic_init(&session->refs, 1);
	session->effective = effective;
	session->kind = kind;
	session->generation = frpc_fork_generation();
	frpc_qos_init(&session->parts.qos);
	pthread_mutex_init(&session->parts.lock, NULL);
	res = frpc_transport_get(&session->transport);
	if (res) {
		frpc_bounded_free(session->bounded);
		free(session);
		return res;
	}
	res = open_device(session);
	if (!res)
		res = kind == FRPC_SESSION_USER ? create_process(session) : attach_process(session);
	if (!res)
		res = start_listener(session);
	if (!res) {
		if (kind == FRPC_SESSION_USER)
			res = frpc_remotectl_send_thread_params(session);
		if (res)
			return end_failed(session, res);
		frpc_static_maps_session_opened(session);
		frpc_farf_watch_begin(session->effective & 7);
		session->watches_farf = true;
		frpc_farf_send(session->remote, session->effective & 7);
		frpc_notify_opened(session);
	}
	if (res) {
		frpc_session_unref(session);
		return res;
	}
	*ret_session = session;
	return AEE_SUCCESS;
}

/* With the slot's lock held. */
static int make_in(struct slot *slot, uint32_t effective, enum frpc_session_kind kind)
{
	int res = make(effective, kind, &slot->session);

	/* An attached one uses itself: until its listener has ended. */
	if (!res && kind != FRPC_SESSION_USER)
		slot->session->users++;
	return res;
}

/* @kind NULL: of whatever kind it is. */
static int open_session(uint32_t effective, const enum frpc_session_kind *kind,
			struct frpc_session **ret_session)
{
	struct slot *slot = slot_of(effective);
	int res = AEE_SUCCESS;

	pthread_mutex_lock(&slot->lock);
	/* A dead one is left to its users, who close it one by one. */
	if (slot->session && frpc_session_is_dead(slot->session))
		slot->session = NULL;
	if (!slot->session)
		res = make_in(slot, effective, kind ? *kind : FRPC_SESSION_USER);
	else if (kind && slot->session->kind != *kind)
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

int frpc_session_attach(uint32_t effective, enum frpc_session_kind kind,
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
	struct slot *slot = slot_of(session->effective);
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

bool frpc_session_is_dead(const struct frpc_session *session)
{
	return atomic_load_explicit(&session->dead, memory_order_acquire) != 0;
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
	if (error == -ECONNRESET || error == -EPIPE || error == -ESHUTDOWN || error == -ENODEV)
		frpc_session_died(session, AEE_ECONNRESET);
	return frpc_session_is_dead(session);
}

/* Asks the process for what every process can tell. 0 or -errno, and what it answered. */
static int ask_for_life(struct frpc_session *session, int32_t *ret_status)
{
	uint32_t asid;
	const struct frpc_arg arg = frpc_arg_plain(&asid, sizeof(asid));

	*ret_status = 0;
	return invoke(session, FRPC_HANDLE_CURRENT_PROCESS1, 0x05000100, &arg, ret_status);
}

bool frpc_session_is_gone(struct frpc_session *session, int32_t status)
{
	int32_t asked;
	int res;

	if (!means_gone(status))
		return false;
	if (frpc_session_is_dead(session))
		return true;
	/* A method may answer that, too. A process that is no more answers nothing else to anything. */
	res = ask_for_life(session, &asked);
	if (res)
		return frpc_session_lost(session, res);
	if (means_gone(asked))
		frpc_session_died(session, AEE_ENOSUCH);
	return frpc_session_is_dead(session);
}

bool frpc_session_answers(struct frpc_session *session)
{
	int32_t asked;

	return !frpc_session_is_dead(session) && !ask_for_life(session, &asked) &&
	       !means_gone(asked);
}

int frpc_session_exception(struct frpc_session *session)
{
	int32_t status = 0;
	int res;

	res = invoke(session, FRPC_HANDLE_CURRENT_PROCESS1, 7u << 24, NULL, &status);
	if (res)
		return frpc_fail_driver(res, "%s: no exception could be raised", name_of(session));
	/* A process that has raised it cannot say that all went well. */
	if (!means_gone(status))
		return frpc_fail(status ? status : AEE_EFAILED, FRPC_ORIGIN_DSP, 0,
				 "%s: the DSP raised no exception (0x%x)", name_of(session),
				 (unsigned int)status);
	frpc_session_died(session, AEE_ENOSUCH);
	return AEE_SUCCESS;
}

static bool is_open(uint32_t domain)
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

int frpc_settings_change(uint32_t domain,
			 bool (*change)(struct frpc_session_settings *settings,
					const void *context),
			 const void *context)
{
	uint32_t first = domain == FRPC_DOMAINS ? 0 : domain;
	uint32_t last = domain == FRPC_DOMAINS ? FRPC_DOMAINS : domain + 1;
	int res = AEE_SUCCESS;

	pthread_once(&sessions.once, set_up);
	for (uint32_t i = first; i < last && !res; i++) {
		struct frpc_session_settings settings;
		bool open = is_open(i);

		pthread_mutex_lock(&sessions.lock);
		settings = sessions.settings[i];
		if (!change(&settings, context))
			res = AEE_EBADPARM;
		else if (open && memcmp(&settings, &sessions.settings[i], sizeof(settings)))
			res = AEE_EALREADYLOADED;
		else
			sessions.settings[i] = settings;
		pthread_mutex_unlock(&sessions.lock);
	}
	return res;
}

void frpc_settings_get(uint32_t domain, struct frpc_session_settings *ret_settings)
{
	pthread_once(&sessions.once, set_up);
	pthread_mutex_lock(&sessions.lock);
	*ret_settings = sessions.settings[domain];
	pthread_mutex_unlock(&sessions.lock);
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
