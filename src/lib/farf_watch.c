/* SPDX-License-Identifier: BSD-3-Clause */
#include "farf_watch.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "bounded.h"
#include "config.h"
#include "log.h"
#include "path.h"
#include "program_files.h"
#include "session.h"
#include "thread.h"
#include "transport/transport.h"

#define MOST_FOLDERS 32u
#define SEND_MS	     2000u
#define CHANGES	     (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)

/* A domain's folders in the order in which they are searched. */
struct folders {
	char *paths[MOST_FOLDERS];
	uint32_t count;
};

/* Of the thread, which frees it when it ends. */
struct watch {
	int changes, over; /* inotify, eventfd */
	pthread_mutex_t lock;
	struct folders domains[FRPC_DOMAINS];
};

static struct {
	pthread_once_t once;
	pthread_mutex_t lock;
	struct watch *watch; /* NULL: nobody watches */
	uint32_t sessions;
} watching = {.once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER};

static void forget_folders(struct folders *folders)
{
	while (folders->count)
		free(folders->paths[--folders->count]);
}

static void destroy(struct watch *watch)
{
	for (uint32_t i = 0; i < FRPC_DOMAINS; i++)
		forget_folders(&watch->domains[i]);
	if (watch->changes >= 0)
		close(watch->changes);
	if (watch->over >= 0)
		close(watch->over);
	pthread_mutex_destroy(&watch->lock);
	free(watch);
}

static void before_fork(void)
{
	pthread_mutex_lock(&watching.lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&watching.lock);
}

/* The child has neither the thread nor the sessions. */
static void after_fork_in_child(void)
{
	if (watching.watch) {
		close(watching.watch->changes);
		close(watching.watch->over);
	}
	watching.watch = NULL;
	watching.sessions = 0;
	pthread_mutex_init(&watching.lock, NULL);
}

static void set_up(void)
{
	pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

/* ---- on the thread ---- */

/* What one session is to be told, on a thread that its DSP may keep. */
struct order {
	_Atomic int refs;
	struct frpc_session *session;
	bool there;
	char text[FRPC_FARF_BYTES + 1];
};

static void ref_order(void *arg)
{
	atomic_fetch_add(&((struct order *)arg)->refs, 1);
}

static void unref_order(void *arg)
{
	struct order *order = arg;

	if (atomic_fetch_sub(&order->refs, 1) != 1)
		return;
	frpc_session_unref(order->session);
	free(order);
}

static void carry_out(void *arg)
{
	struct order *order = arg;

	frpc_farf_apply(frpc_session_remote(order->session),
			frpc_session_effective(order->session) & 7,
			order->there ? order->text : NULL);
}

/* The first file of that name in the domain's folders. */
static bool read_first(struct watch *watch, uint32_t domain, const char *name, char *text)
{
	const struct folders *folders = &watch->domains[domain];
	bool found = false;

	pthread_mutex_lock(&watch->lock);
	for (uint32_t i = 0; i < folders->count && !found; i++) {
		char path[PATH_MAX];

		if ((size_t)snprintf(path, sizeof(path), "%s/%s", folders->paths[i], name) <
		    sizeof(path))
			found = frpc_farf_read(path, text);
	}
	pthread_mutex_unlock(&watch->lock);
	return found;
}

static void tell(struct watch *watch, struct frpc_session *session)
{
	struct order *order = calloc(1, sizeof(*order));
	uint32_t domain = frpc_session_effective(session) & 7;
	const struct frpc_bounded_job job = {
		.fn = carry_out,
		.ref = ref_order,
		.unref = unref_order,
		.arg = order,
		.timeout_ms = SEND_MS,
	};
	struct frpc_farf_names names;

	if (!order)
		return;
	atomic_init(&order->refs, 1);
	order->session = frpc_session_ref(session);
	frpc_farf_names(&names);
	order->there =
		(*names.by_program && read_first(watch, domain, names.by_program, order->text)) ||
		read_first(watch, domain, names.by_process, order->text);
	if (frpc_bounded_run(frpc_session_bounded(session), &job))
		frpc_log(FRPC_LOG_INFO, "%s was not told of a changed .farf file",
			 frpc_domain_name(domain));
	unref_order(order);
}

/* No user of a session while its DSP is told: who closes it meanwhile ends it. */
static void tell_all(struct watch *watch)
{
	for (uint32_t i = 0; i < FRPC_EFFECTIVE; i++) {
		struct frpc_session *session;

		if (!frpc_session_open_existing(i, &session))
			continue;
		frpc_session_ref(session);
		frpc_session_close(session);
		tell(watch, session);
		frpc_session_unref(session);
	}
}

/* Reads what has happened: is a file of ours among it? */
static bool is_ours(int changes)
{
	union {
		struct inotify_event event;
		char bytes[4096];
	} buffer;
	struct frpc_farf_names names;
	ssize_t got = read(changes, buffer.bytes, sizeof(buffer.bytes));
	bool ours = false;

	frpc_farf_names(&names);
	for (ssize_t at = 0; at < got;) {
		const struct inotify_event *event = (const void *)(buffer.bytes + at);

		/* Too many to be told one by one: it may be among them. */
		ours |= event->mask & IN_Q_OVERFLOW ||
			(event->len && (!strcmp(event->name, names.by_program) ||
					!strcmp(event->name, names.by_process)));
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	return ours;
}

static void *run(void *arg)
{
	struct watch *watch = arg;
	struct pollfd fds[] = {{watch->changes, POLLIN, 0}, {watch->over, POLLIN, 0}};

	while (!fds[1].revents) {
		if (poll(fds, 2, -1) < 0) {
			if (errno != EINTR)
				break;
			fds[1].revents = 0;
		} else if (fds[0].revents & POLLIN && is_ours(watch->changes)) {
			tell_all(watch);
		}
	}
	/* Who said that it is over is done with it when he lets go of this; unless nobody did. */
	pthread_mutex_lock(&watching.lock);
	if (watching.watch == watch)
		watching.watch = NULL;
	pthread_mutex_unlock(&watching.lock);
	destroy(watch);
	return NULL;
}

/* ---- by sessions ---- */

/* Sessions go on without: they read the files when they open. */
static void warn(int err, const char *what)
{
	static atomic_int warned;

	frpc_warn_once(&warned, "changes of .farf files will not be noticed: no %s (errno %d)",
		       what, err);
}

static struct watch *start(void)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	int err;

	if (!watch) {
		warn(ENOMEM, "memory");
		return NULL;
	}
	pthread_mutex_init(&watch->lock, NULL);
	watch->over = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (watch->over < 0)
		warn(errno, "eventfd");
	watch->changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->changes < 0)
		warn(errno,
		     "inotify instance: fs.inotify.max_user_instances says how many there are");
	if (watch->over >= 0 && watch->changes >= 0) {
		err = frpc_thread_start(NULL, run, watch);
		if (!err)
			return watch;
		warn(-err, "thread");
	}
	destroy(watch);
	return NULL;
}

static int add_folder(void *context, const char *path)
{
	struct folders *folders = context;

	if (folders->count < MOST_FOLDERS) {
		folders->paths[folders->count] = strdup(path);
		folders->count += folders->paths[folders->count] != NULL;
	}
	return 0;
}

/* The order of search is what it was when the domain's last session opened. */
static void watch_folders(struct watch *watch, uint32_t domain)
{
	struct folders *folders = &watch->domains[domain];

	pthread_mutex_lock(&watch->lock);
	forget_folders(folders);
	frpc_path_each(domain, NULL, add_folder, folders);
	for (uint32_t i = 0; i < folders->count; i++)
		if (inotify_add_watch(watch->changes, folders->paths[i], CHANGES | IN_ONLYDIR) <
			    0 &&
		    (errno == ENOSPC || errno == ENOMEM)) /* else there is no such folder */
			warn(errno,
			     "inotify watch: fs.inotify.max_user_watches says how many there are");
	pthread_mutex_unlock(&watch->lock);
}

void frpc_farf_watch_begin(uint32_t domain)
{
	pthread_once(&watching.once, set_up);
	pthread_mutex_lock(&watching.lock);
	watching.sessions++;
	if (!watching.watch)
		watching.watch = start();
	if (watching.watch)
		watch_folders(watching.watch, domain);
	pthread_mutex_unlock(&watching.lock);
}

void frpc_farf_watch_end(void)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&watching.lock);
	if (--watching.sessions == 0 && watching.watch) {
		/* From now on it is the thread's alone. */
		if (write(watching.watch->over, &one, sizeof(one)) < 0)
			frpc_log(FRPC_LOG_DEBUG, "eventfd: errno %d", errno);
		watching.watch = NULL;
	}
	pthread_mutex_unlock(&watching.lock);
}
