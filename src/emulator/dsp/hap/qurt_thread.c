/* SPDX-License-Identifier: BSD-3-Clause */
/* QuRT threads: host threads that know their process, with numbers, names, priorities and results. */
#define FASTRPC_SKEL 1

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "HAP_user_pd.h"
#include "hap.h"
#include "park.h"
#include "qurt_thread.h"

#define MOST_THREADS 128u
#define LEAST_STACK  (256u << 10) /* a host's frames, and its sanitizers', are larger than a DSP's */
#define LEAST_URGENT 255

/* One made by qurt_thread_create(), kept until it is joined, or has ended detached. */
struct made {
	struct made *next;
	struct emu_hap *hap;
	void (*entry)(void *);
	void *arg;
	int status;
	uint32_t stack_size; /* as it was asked for */
	bool joinable;	     /* kept until somebody joins it; else it can be joined while it runs */
	bool detached, joining, ended;
	bool done; /* it is touched no more; under the lot of its address */
	struct emu_hap_thread thread;
};

struct emu_hap_threads {
	pthread_mutex_t lock;
	struct made *first;
	uint32_t count; /* alive */
};

static _Thread_local struct made *self;

void emu_hap_threads_free(struct emu_hap_threads *threads)
{
	struct made *made;

	if (!threads)
		return;
	while ((made = threads->first)) {
		threads->first = made->next;
		free(made);
	}
	pthread_mutex_destroy(&threads->lock);
	free(threads);
}

bool emu_hap_threads_are_alive(struct emu_hap_threads *threads)
{
	bool alive;

	pthread_mutex_lock(&threads->lock);
	alive = threads->count > 0;
	pthread_mutex_unlock(&threads->lock);
	return alive;
}

static struct emu_hap_threads *threads_of(struct emu_hap *hap)
{
	struct emu_hap_threads *threads;

	pthread_mutex_lock(&hap->lock);
	if (!hap->made) {
		hap->made = calloc(1, sizeof(*hap->made));
		if (hap->made)
			pthread_mutex_init(&hap->made->lock, NULL);
	}
	threads = hap->made;
	pthread_mutex_unlock(&hap->lock);
	return threads;
}

/* Off the list. With the lock held. */
static void unlink_made(struct emu_hap_threads *threads, struct made *made)
{
	struct made **at = &threads->first;

	while (*at && *at != made)
		at = &(*at)->next;
	if (*at)
		*at = made->next;
}

/* A destructor that waits when the process ends, or exits, is taken out of it: the thread has to end. */
static void run_destructors(struct emu_hap_thread *thread)
{
	jmp_buf escape;

	if (!setjmp(escape)) {
		thread->escape = &escape;
		emu_hap_tls_end(thread);
	}
	thread->escape = NULL;
}

/* It runs no more, or never has: gone, or left to who joins it. */
static void part(struct made *made)
{
	struct emu_hap_threads *threads = made->hap->made;
	struct emu_parked *joiner;
	struct emu_lot *lot;
	bool last;

	emu_hap_thread_remove(&made->thread);
	pthread_mutex_lock(&threads->lock);
	threads->count--;
	made->ended = true;
	last = !made->joining && !made->joinable;
	if (last)
		unlink_made(threads, made);
	pthread_mutex_unlock(&threads->lock);
	if (last) {
		free(made);
	} else {
		lot = emu_lot_lock(made);
		made->done = true;
		while ((joiner = emu_lot_next(lot, made, NULL)))
			emu_lot_wake(lot, joiner);
		emu_lot_unlock(lot);
	}
}

/* Also where a thread comes by that exits, or that ends with its process. */
static void finish(void *arg)
{
	struct made *made = arg;
	struct emu_hap *hap = made->hap;

	run_destructors(&made->thread);
	part(made);
	hap->config.host->thread_ends(hap->config.context);
}

static void *run(void *arg)
{
	struct made *made = arg;

	self = made;
	emu_hap_thread_enter(&made->thread);
	pthread_setname_np(pthread_self(), made->thread.name[0] ? made->thread.name : "qurt");
	pthread_cleanup_push(finish, made);
	made->entry(made->arg);
	pthread_cleanup_pop(1);
	return NULL;
}

static int start(struct made *made, uint32_t stack)
{
	pthread_attr_t attr;
	sigset_t all, old;
	pthread_t thread;
	int res;

	sigfillset(&all);
	for (int signal = 1; signal < NSIG; signal++)
		if (signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL ||
		    signal == SIGTRAP || signal == SIGABRT)
			sigdelset(&all, signal); /* what a thread raises itself */
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, stack < LEAST_STACK ? LEAST_STACK : stack);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	res = pthread_create(&thread, &attr, run, made);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return res;
}

static bool enlist(struct emu_hap_threads *threads, struct made *made)
{
	bool room;

	pthread_mutex_lock(&threads->lock);
	room = threads->count < MOST_THREADS;
	if (room) {
		threads->count++;
		made->next = threads->first;
		threads->first = made;
	}
	pthread_mutex_unlock(&threads->lock);
	return room;
}

int qurt_thread_create(qurt_thread_t *thread_id, qurt_thread_attr_t *attr,
		       void (*entrypoint)(void *), void *arg)
{
	struct emu_hap *hap = emu_hap_current();
	char name[QURT_THREAD_ATTR_NAME_MAXLEN + 1] = "";
	struct emu_hap_threads *threads;
	struct made *made;

	if (!hap || !thread_id || !attr || !entrypoint || !attr->stack_size ||
	    attr->priority > LEAST_URGENT || !attr->priority ||
	    attr->priority < HAP_get_thread_priority_ceiling())
		return QURT_EVAL;
	threads = threads_of(hap);
	made = threads ? calloc(1, sizeof(*made)) : NULL;
	if (!made)
		return QURT_EMEM;
	made->hap = hap;
	made->entry = entrypoint;
	made->arg = arg;
	made->stack_size = attr->stack_size;
	made->joinable = attr->detach_state == QURT_THREAD_ATTR_CREATE_JOINABLE;
	made->detached = attr->detach_state == QURT_THREAD_ATTR_CREATE_DETACHED;
	memcpy(name, attr->name, sizeof(attr->name));
	emu_hap_thread_add(&made->thread, hap, name, attr->priority);
	if (!enlist(threads, made)) {
		emu_hap_thread_remove(&made->thread);
		free(made);
		return QURT_EMEM;
	}
	*thread_id = made->thread.id; /* it may be gone when start() returns */
	hap->config.host->thread_begins(hap->config.context);
	if (start(made, made->stack_size)) {
		made->joinable = false; /* but somebody may wait for it already */
		part(made);
		hap->config.host->thread_ends(hap->config.context);
		return QURT_EMEM;
	}
	return QURT_EOK;
}

void qurt_thread_exit(int status)
{
	if (self)
		self->status = status;
	else
		emu_hap_complain("qurt_thread_exit: not a thread of qurt_thread_create()");
	emu_hap_escape();
}

/* The thread that can be joined or detached. With the lock held. */
static struct made *find(struct emu_hap_threads *threads, uint32_t id)
{
	struct made *made = threads->first;

	while (made && (made->thread.id != id || made->detached || made->joining))
		made = made->next;
	return made;
}

/* Waits until nobody touches it any more, and frees it. If the process ends meanwhile, that does. */
static void bury(struct emu_hap_threads *threads, struct made *made, int *status)
{
	struct emu_lot *lot = emu_lot_lock(made);
	struct emu_parked parked;

	if (!made->done) {
		emu_lot_enter(lot, &parked, made);
		emu_lot_wait(lot, &parked, EMU_PARK_FOREVER);
	}
	emu_lot_unlock(lot);
	if (status)
		*status = made->status;
	pthread_mutex_lock(&threads->lock);
	unlink_made(threads, made);
	pthread_mutex_unlock(&threads->lock);
	free(made);
}

int qurt_thread_join(unsigned int tid, int *status)
{
	struct emu_hap *hap = emu_hap_current();
	struct emu_hap_threads *threads = hap ? threads_of(hap) : NULL;
	struct made *made;

	if (!threads || tid == emu_hap_thread_id())
		return QURT_ENOTHREAD;
	pthread_mutex_lock(&threads->lock);
	made = find(threads, tid);
	if (made)
		made->joining = true; /* ours to free */
	pthread_mutex_unlock(&threads->lock);
	if (!made)
		return QURT_ENOTHREAD;
	bury(threads, made, status);
	return QURT_EOK;
}

int qurt_thread_detach(qurt_thread_t tid)
{
	struct emu_hap *hap = emu_hap_current();
	struct emu_hap_threads *threads = hap ? threads_of(hap) : NULL;
	struct made *made, *ended = NULL;

	if (!threads)
		return QURT_ENOTHREAD;
	pthread_mutex_lock(&threads->lock);
	made = find(threads, tid);
	if (made) {
		made->detached = true;
		made->joinable = false;
		if (made->ended)
			ended = made; /* ours to free */
	}
	pthread_mutex_unlock(&threads->lock);
	if (ended)
		bury(threads, ended, NULL);
	return made ? QURT_EOK : QURT_ENOTHREAD;
}

qurt_thread_t qurt_thread_get_id(void)
{
	return emu_hap_thread_id();
}

void qurt_thread_get_name(char *name, unsigned char max_len)
{
	if (name && max_len)
		snprintf(name, max_len, "%s", emu_hap_thread() ? emu_hap_thread()->name : "");
}

/* The running thread @id, under the process's lock. NULL: none. */
static struct emu_hap_thread *running(struct emu_hap *hap, uint32_t id)
{
	struct emu_hap_thread *thread = hap->threads;

	while (thread && thread->id != id)
		thread = thread->next;
	return thread;
}

int qurt_thread_get_priority(qurt_thread_t thread_id)
{
	struct emu_hap *hap = emu_hap_current();
	struct emu_hap_thread *thread;
	int priority = -1;

	if (!hap)
		return -1;
	pthread_mutex_lock(&hap->lock);
	thread = running(hap, thread_id);
	if (thread)
		priority = (int)atomic_load(&thread->priority);
	pthread_mutex_unlock(&hap->lock);
	return priority;
}

/* Of the thread that qurt_thread_create() made, if it was. */
static void fill_made(struct emu_hap *hap, uint32_t id, qurt_thread_attr_t *attr)
{
	struct emu_hap_threads *threads = threads_of(hap);
	struct made *made;

	if (!threads)
		return;
	pthread_mutex_lock(&threads->lock);
	made = threads->first;
	while (made && made->thread.id != id)
		made = made->next;
	if (made) {
		attr->stack_size = made->stack_size;
		attr->detach_state = made->detached   ? QURT_THREAD_ATTR_CREATE_DETACHED
				     : made->joinable ? QURT_THREAD_ATTR_CREATE_JOINABLE
						      : QURT_THREAD_ATTR_CREATE_LEGACY;
	}
	pthread_mutex_unlock(&threads->lock);
}

int qurt_thread_attr_get(qurt_thread_t thread_id, qurt_thread_attr_t *attr)
{
	struct emu_hap *hap = emu_hap_current();
	struct emu_hap_thread *thread;

	if (!hap || !attr)
		return QURT_EVAL;
	qurt_thread_attr_init(attr);
	pthread_mutex_lock(&hap->lock);
	thread = running(hap, thread_id);
	if (thread) {
		qurt_thread_attr_set_name(attr, thread->name);
		attr->priority = (unsigned short)atomic_load(&thread->priority);
	}
	pthread_mutex_unlock(&hap->lock);
	if (thread)
		fill_made(hap, thread_id, attr);
	return thread ? QURT_EOK : QURT_ENOTHREAD;
}

int qurt_thread_set_priority(qurt_thread_t thread_id, unsigned short newprio)
{
	struct emu_hap *hap = emu_hap_current();
	struct emu_hap_thread *thread;

	if (!hap || !newprio || newprio > LEAST_URGENT ||
	    newprio < HAP_get_thread_priority_ceiling())
		return QURT_EVAL;
	pthread_mutex_lock(&hap->lock);
	thread = running(hap, thread_id);
	if (thread)
		atomic_store(&thread->priority, newprio);
	pthread_mutex_unlock(&hap->lock);
	return thread ? QURT_EOK : QURT_ENOTHREAD;
}
