/* SPDX-License-Identifier: BSD-3-Clause */
#include "queue_process.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#include "AEEStdErr.h"
#include "bounded.h"
#include "config.h"
#include "error.h"
#include "maps.h"
#include "notify.h"
#include "queue_agreement.h"
#include "queue_end.h"
#include "queue_rpc.h"
#include "remote.h"
#include "remotectl.h"
#include "session.h"
#include "thread.h"

#define STATE_BYTES ((uint32_t)sizeof(struct frpc_queue_process_state))

static_assert(FRPC_QUEUES == 64, "a session has a word of queue numbers");

struct frpc_queue_process {
	struct frpc_queue_process *next; /* in the list of all */
	_Atomic int refs;		 /* the place's and each thread's */
	uint32_t users;			 /* queues; under the place's lock */
	uint32_t effective;
	struct frpc_session *session; /* we are one of its users */
	struct frpc_queue_service service;
	struct frpc_queue_memory *memory;
	struct frpc_queue_process_state *state;
	/* Under the place's lock: */
	bool receiver, sender;
	struct frpc_queue_agreement agreement;
	pthread_mutex_t lock; /* everything below */
	pthread_cond_t changed;
	dspqueue_t names[FRPC_QUEUES];
	bool signal_wanted, closing;
	int error; /* what it died of */
};

/* One place a session. Its lock is held while the first queue comes or the last one goes. */
static struct place {
	pthread_mutex_t lock;
	struct frpc_queue_process *process;
} places[FRPC_EFFECTIVE];

/* All processes, also dead ones whose queues are not closed yet. */
static struct {
	pthread_mutex_t lock;
	struct frpc_queue_process *first;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER};

static pthread_once_t places_once = PTHREAD_ONCE_INIT;

static void init_places(void)
{
	for (uint32_t i = 0; i < FRPC_EFFECTIVE; i++) {
		pthread_mutex_init(&places[i].lock, NULL);
		places[i].process = NULL;
	}
	pthread_mutex_init(&all.lock, NULL);
	all.first = NULL;
}

static void set_up_places(void)
{
	init_places();
	/* The child has none of the threads: it forgets, as it does its sessions. */
	pthread_atfork(NULL, NULL, init_places);
}

static struct place *place_of(uint32_t effective)
{
	pthread_once(&places_once, set_up_places);
	return &places[effective];
}

struct frpc_session *frpc_queue_process_session(struct frpc_queue_process *process)
{
	return process->session;
}

static void unref(struct frpc_queue_process *process)
{
	if (atomic_fetch_sub(&process->refs, 1) != 1)
		return;
	frpc_queue_memory_unref(process->memory);
	frpc_session_unref(process->service.session);
	pthread_cond_destroy(&process->changed);
	pthread_mutex_destroy(&process->lock);
	free(process);
}

/* ---- signals that are calls ---- */

static void tell_queue(struct frpc_queue_process *process, uint32_t id,
		       enum frpc_queue_signal signal)
{
	struct frpc_queue_end *end;
	dspqueue_t name;

	pthread_mutex_lock(&process->lock);
	name = process->names[id];
	pthread_mutex_unlock(&process->lock);
	if (!name || !frpc_queue_end_get(name, &end))
		return;
	frpc_queue_end_signalled(end, signal);
	frpc_queue_end_put(end);
}

static void die(struct frpc_queue_process *process, int error)
{
	dspqueue_t names[FRPC_QUEUES];
	struct frpc_queue_end *end;

	pthread_mutex_lock(&process->lock);
	if (!process->error)
		process->error = error;
	memcpy(names, process->names, sizeof(names));
	pthread_mutex_unlock(&process->lock);
	for (uint32_t i = 0; i < FRPC_QUEUES; i++) {
		if (!names[i] || !frpc_queue_end_get(names[i], &end))
			continue;
		frpc_queue_end_die(end, error);
		frpc_queue_end_put(end);
	}
}

static int error_of(struct frpc_queue_process *process)
{
	int error;

	pthread_mutex_lock(&process->lock);
	error = process->error;
	pthread_mutex_unlock(&process->lock);
	return error;
}

void frpc_queue_session_died(struct frpc_session *session, int error)
{
	struct frpc_queue_process *process;

	pthread_mutex_lock(&all.lock);
	process = all.first;
	while (process && process->session != session)
		process = process->next;
	if (process)
		atomic_fetch_add(&process->refs, 1);
	pthread_mutex_unlock(&all.lock);
	if (!process)
		return;
	die(process, error);
	unref(process);
}

static void enter_list(struct frpc_queue_process *process)
{
	pthread_mutex_lock(&all.lock);
	process->next = all.first;
	all.first = process;
	pthread_mutex_unlock(&all.lock);
}

static void leave_list(struct frpc_queue_process *process)
{
	struct frpc_queue_process **at = &all.first;

	pthread_mutex_lock(&all.lock);
	while (*at && *at != process)
		at = &(*at)->next;
	if (*at)
		*at = process->next;
	pthread_mutex_unlock(&all.lock);
}

static bool is_closing(struct frpc_queue_process *process)
{
	bool closing;

	pthread_mutex_lock(&process->lock);
	closing = process->closing;
	pthread_mutex_unlock(&process->lock);
	return closing;
}

/* Which counts of the DSP's have moved since last time. */
static void look_at_counts(struct frpc_queue_process *process, uint32_t (*seen)[FRPC_QUEUES])
{
	const uint32_t *counts[] = {process->state->response_packets,
				    process->state->request_space};
	static const enum frpc_queue_signal signals[] = {FRPC_RESPONSE_PACKET, FRPC_REQUEST_SPACE};

	for (uint32_t i = 0; i < FRPC_QUEUES; i++)
		for (uint32_t kind = 0; kind < 2; kind++) {
			uint32_t now = __atomic_load_n(&counts[kind][i], __ATOMIC_ACQUIRE);

			if (now == seen[kind][i])
				continue;
			seen[kind][i] = now;
			tell_queue(process, i, signals[kind]);
		}
}

/*
 * A call of the service's own ended with @error, or with 0 as the last of its kind: the DSP or its
 * process has gone, and the session knows which of them. Whoever found that out may still be about to
 * tell its queues.
 */
static void lost(struct frpc_queue_process *process, int error)
{
	struct frpc_session *session = process->service.session;
	int death;

	if (!frpc_session_lost(session, error))
		frpc_session_is_gone(session, error ? error : AEE_ENOSUCH);
	death = frpc_session_death(session);
	die(process, death ? death : AEE_ECONNRESET);
}

static void *receive_signals(void *arg)
{
	struct frpc_queue_process *process = arg;
	uint32_t seen[2][FRPC_QUEUES] = {{0}};
	int32_t signal;
	int error = 0;

	do {
		signal = -1;
		error = frpc_queue_rpc_wait(&process->service, &signal);
		look_at_counts(process, seen);
	} while (!error && signal != -1);
	if (!is_closing(process))
		lost(process, error);
	unref(process);
	return NULL;
}

static void *send_signals(void *arg)
{
	struct frpc_queue_process *process = arg;
	int error = 0;

	pthread_mutex_lock(&process->lock);
	while (!process->closing && !error) {
		if (!process->signal_wanted) {
			pthread_cond_wait(&process->changed, &process->lock);
			continue;
		}
		process->signal_wanted = false;
		pthread_mutex_unlock(&process->lock);
		error = frpc_queue_rpc_signal(&process->service);
		pthread_mutex_lock(&process->lock);
	}
	error = process->closing ? 0 : error;
	pthread_mutex_unlock(&process->lock);
	if (error)
		lost(process, error);
	unref(process);
	return NULL;
}

void frpc_queue_process_count(struct frpc_queue_process *process, uint32_t id,
			      enum frpc_queue_signal signal)
{
	struct frpc_queue_process_state *state = process->state;

	__atomic_fetch_add(signal == FRPC_REQUEST_PACKET ? &state->request_packets[id]
							 : &state->response_space[id],
			   1, __ATOMIC_SEQ_CST);
}

void frpc_queue_process_signal(struct frpc_queue_process *process)
{
	pthread_mutex_lock(&process->lock);
	process->signal_wanted = true;
	pthread_cond_signal(&process->changed);
	pthread_mutex_unlock(&process->lock);
}

static int start_thread(struct frpc_queue_process *process, void *(*fn)(void *))
{
	int res;

	atomic_fetch_add(&process->refs, 1);
	res = frpc_thread_start(NULL, fn, process);
	if (res)
		atomic_fetch_sub(&process->refs, 1); /* not the last: the caller has one */
	return res;
}

static int start_threads(struct frpc_queue_process *process)
{
	if (process->agreement.flags & FRPC_QUEUE_DRIVER_SIGNALS) {
		/* No call of ours fails when the DSP goes down: the driver has to tell. */
		frpc_notify_watch(process->session);
		return AEE_SUCCESS;
	}
	if (!process->receiver)
		process->receiver = !start_thread(process, receive_signals);
	if (!process->sender)
		process->sender = !start_thread(process, send_signals);
	if (process->receiver && process->sender)
		return AEE_SUCCESS;
	return frpc_fail(AEE_ENOMEMORY, FRPC_ORIGIN_LIBRARY, EAGAIN,
			 "no threads for a queue's signals");
}

/* ---- the first queue, and the last ---- */

static int open_service(struct frpc_queue_process *process)
{
	char uri[160];
	int res;

	snprintf(uri, sizeof(uri), FRPC_QUEUE_RPC_URI "&_dom=%s",
		 frpc_domain_name(process->effective & 7));
	if (process->effective >> 3)
		snprintf(uri + strlen(uri), sizeof(uri) - strlen(uri), "&_session=%u",
			 process->effective >> 3);
	res = frpc_remotectl_open(process->session, uri, &process->service.handle);
	if (res == (int)(DSP_AEE_EOFFSET + 6) || res == (int)(DSP_AEE_EOFFSET + 0x14)) {
		/* The record of why stays; the code says what it means for the caller. */
		frpc_fail(AEE_EUNSUPPORTED, FRPC_ORIGIN_DSP, 0,
			  "%s has no queues: its library libdspqueue_rpc_skel.so cannot be opened",
			  frpc_domain_name(process->effective & 7));
		return AEE_EUNSUPPORTED;
	}
	return res;
}

static int open_state(struct frpc_queue_process *process)
{
	int res, error;

	res = frpc_queue_memory_new(process->session, STATE_BYTES, &process->memory);
	if (res)
		return res;
	process->state = frpc_queue_memory_buffer(process->memory)->bytes;
	memset(process->state, 0, sizeof(*process->state));
	error = frpc_queue_rpc_init(&process->service,
				    frpc_queue_memory_buffer(process->memory)->fd);
	return error ? frpc_queue_rpc_fail(error, "the DSP's queue service does not start") : 0;
}

/* *@ret_dead: the session that was there had died, which is known only now. */
static int make(uint32_t effective, struct frpc_queue_process **ret_process, bool *ret_dead)
{
	struct frpc_queue_process *process = calloc(1, sizeof(*process));
	struct frpc_error_saved saved;
	int res, death;

	if (!process)
		return frpc_fail(AEE_ENOMEMORY, FRPC_ORIGIN_LIBRARY, ENOMEM,
				 "no memory for queues");
	atomic_init(&process->refs, 1);
	process->effective = effective;
	pthread_mutex_init(&process->lock, NULL);
	pthread_cond_init(&process->changed, NULL);
	res = frpc_session_open(effective, &process->session);
	if (res) {
		unref(process);
		return res;
	}
	process->service.session = frpc_session_ref(process->session);
	res = open_service(process);
	if (!res) {
		res = open_state(process);
		if (res)
			frpc_queue_rpc_end(&process->service, process->memory);
	}
	if (res) {
		frpc_error_save(&saved);
		*ret_dead = frpc_session_is_dead(process->session);
		frpc_session_close(process->session);
		frpc_error_restore(&saved);
		unref(process);
		return res;
	}
	enter_list(process);
	death = frpc_session_death(process->session);
	if (death)
		die(process, death);
	*ret_process = process;
	return AEE_SUCCESS;
}

int frpc_queue_process_get(uint32_t effective, struct frpc_queue_process **ret_process)
{
	struct place *place = place_of(effective);
	int res = AEE_SUCCESS;
	bool dead = false;

	pthread_mutex_lock(&place->lock);
	/* One that has died serves its queues until they are closed; new ones get a new one. */
	if (place->process && error_of(place->process))
		place->process = NULL;
	if (!place->process)
		res = make(effective, &place->process, &dead);
	if (res && dead)
		res = make(effective, &place->process, &dead);
	if (!res) {
		place->process->users++;
		*ret_process = place->process;
	}
	pthread_mutex_unlock(&place->lock);
	return res;
}

static void end(struct frpc_queue_process *process)
{
	struct frpc_error_saved saved;

	pthread_mutex_lock(&process->lock);
	process->closing = true;
	pthread_cond_broadcast(&process->changed);
	pthread_mutex_unlock(&process->lock);
	leave_list(process);
	frpc_error_save(&saved);
	frpc_queue_rpc_end(&process->service, process->memory);
	frpc_maps_unrefer_all(process->session);
	frpc_session_close(process->session);
	frpc_error_restore(&saved);
	unref(process);
}

void frpc_queue_process_put(struct frpc_queue_process *process)
{
	struct place *place = place_of(process->effective);
	bool last;

	pthread_mutex_lock(&place->lock);
	last = --process->users == 0;
	if (last) {
		if (place->process == process)
			place->process = NULL;
		end(process);
	}
	pthread_mutex_unlock(&place->lock);
}

/* ---- queues ---- */

static int take_id(struct frpc_queue_process *process, uint32_t *ret_id)
{
	_Atomic uint64_t *ids = frpc_session_queue_ids(process->session);
	uint64_t taken = atomic_load(ids), free_one;

	do {
		free_one = ~taken & (taken + 1);
		if (!free_one)
			return frpc_fail(AEE_ENOMORE, FRPC_ORIGIN_LIBRARY, 0,
					 "the session has %u queues already", FRPC_QUEUES);
	} while (!atomic_compare_exchange_weak(ids, &taken, taken | free_one));
	for (*ret_id = 0; free_one >> *ret_id != 1;)
		++*ret_id;
	return AEE_SUCCESS;
}

void frpc_queue_return_id(struct frpc_session *session, uint32_t id)
{
	atomic_fetch_and(frpc_session_queue_ids(session), ~(UINT64_C(1) << id));
}

int frpc_queue_process_create(struct frpc_queue_process *process, uint32_t size,
			      struct frpc_queue_entry *entry)
{
	struct place *place = place_of(process->effective);
	int res, error;

	res = take_id(process, &entry->id);
	if (res)
		return res;
	res = frpc_queue_memory_new(process->session, size, &entry->memory);
	if (res) {
		frpc_queue_return_id(process->session, entry->id);
		return res;
	}
	pthread_mutex_lock(&place->lock);
	error = frpc_queue_agreement_create(&process->agreement, &process->service,
					    process->effective, entry);
	if (!error)
		res = start_threads(process);
	pthread_mutex_unlock(&place->lock);
	if (error)
		res = frpc_queue_rpc_fail(error, "the DSP does not take the queue");
	if (res) {
		struct frpc_error_saved saved;

		frpc_error_save(&saved);
		frpc_queue_process_destroy(process, entry);
		frpc_error_restore(&saved);
	}
	return res;
}

void frpc_queue_process_name(struct frpc_queue_process *process, uint32_t id, dspqueue_t queue)
{
	int error;

	pthread_mutex_lock(&process->lock);
	process->names[id] = queue;
	error = process->error;
	pthread_mutex_unlock(&process->lock);
	if (error)
		die(process, error);
}

bool frpc_queue_process_is_imported(struct frpc_queue_process *process,
				    const struct frpc_queue_entry *entry)
{
	return frpc_queue_rpc_is_imported(&process->service, entry->exported);
}

void frpc_queue_process_destroy(struct frpc_queue_process *process, struct frpc_queue_entry *entry)
{
	pthread_mutex_lock(&process->lock);
	process->names[entry->id] = NULL;
	pthread_mutex_unlock(&process->lock);
	if (!entry->exported) /* the DSP never had it */
		frpc_queue_return_id(process->session, entry->id);
	frpc_queue_rpc_remove(&process->service, entry);
	frpc_queue_memory_unref(entry->memory);
}
