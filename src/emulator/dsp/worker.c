/* SPDX-License-Identifier: BSD-3-Clause */
#include "worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "../futex.h"
#include "answers.h"
#include "hap/hap.h"

#define IDLE_SECONDS 5
#define STACK_BYTES  (1024u * 1024u) /* beside what skels may need: a host's frames are large */
/* Spinning is for calls that come one after the other; those of more bytes than this cost more. */
#define MOST_COPIED	(8u << 20)
#define COPIED_PER_SPIN 256u

/*
 * How much longer it is worth looking for the next call after @last: another one like that takes longer
 * to come the more has to be copied for it.
 */
static uint32_t more_spins_after(const struct frpc_smq_msg *last)
{
	uint64_t copied = last->page_size < MOST_COPIED ? last->page_size : MOST_COPIED;

	return (uint32_t)(copied / COPIED_PER_SPIN);
}

static bool is_over(const struct emu_worker *worker)
{
	return worker->process ? atomic_load(&worker->process->ended)
			       : emu_answers_are_closed(emu_subsystem_answers(worker->subsystem));
}

/* Has the CPU asked for larger stacks meanwhile? The next call is one for a new thread. */
static bool is_too_small(const struct emu_worker *worker)
{
	return worker->served && worker->process &&
	       atomic_load(&worker->process->hap->call_stack) > worker->stack;
}

/* The next message, after *@message. False: none came for long, or the process has ended; the worker is leaving. */
static bool next_message(struct emu_worker *worker, struct frpc_smq_msg *message)
{
	const struct timespec idle = {.tv_sec = IDLE_SECONDS};
	uint32_t more = more_spins_after(message);

	for (int res = 0;;) {
		uint32_t seen = atomic_load_explicit(&worker->signal, memory_order_acquire);
		bool found;

		pthread_mutex_lock(&worker->lock);
		found = worker->count > 0;
		if (found) {
			*message = worker->queue[worker->first];
			atomic_store(&worker->current, message->ctx);
			worker->first = (worker->first + 1) % EMU_WORKER_QUEUE;
			worker->count--;
		} else if (is_over(worker) || is_too_small(worker) ||
			   (res == -ETIMEDOUT && worker->process)) {
			worker->leaving = true;
		}
		pthread_mutex_unlock(&worker->lock);
		if (found || worker->leaving)
			return found;
		if (emu_spin_longer(&worker->signal, seen, more))
			continue;
		atomic_store(&worker->sleeping, 1);
		res = emu_futex_wait(&worker->signal, seen, &idle);
		atomic_store(&worker->sleeping, 0);
	}
}

static void serve(struct emu_worker *worker, const struct frpc_smq_msg *message,
		  struct emu_engine *engine)
{
	struct emu_answers *answers = emu_subsystem_answers(worker->subsystem);
	bool announced = false;
	int32_t result;

	result = worker->process ? emu_process_call(worker->process, message, &announced)
				 : emu_root_pd_call(worker->subsystem, engine, message);
	/*
	 * Unless somebody has answered for it, or it was never to be answered. Under the lock: after a
	 * crash has taken our calls, none of them is being answered, not even slowly.
	 */
	pthread_mutex_lock(&worker->lock);
	worker->served = true;
	if (atomic_exchange(&worker->current, 0)) {
		if (announced)
			emu_answers_complete(answers, message->ctx, result);
		else
			emu_answers_respond(answers, message->ctx, result);
	}
	pthread_mutex_unlock(&worker->lock);
}

static void *run(void *arg)
{
	struct emu_worker *worker = arg;
	struct emu_subsystem *subsystem = worker->subsystem;
	struct emu_engine *root_engine = NULL;
	struct emu_hap_thread thread;
	struct frpc_smq_msg message = {0};
	char name[16];

	snprintf(name, sizeof(name), "dsp-%u", worker->tid);
	pthread_setname_np(pthread_self(), name);
	/* The root PD sees memory through an address space of its own. */
	if (!worker->process &&
	    emu_engine_native_new(emu_subsystem_memory(subsystem), &root_engine))
		root_engine = NULL;
	if (worker->process) {
		emu_hap_thread_add(&thread, worker->process->hap, name, 0);
		emu_hap_thread_enter(&thread);
	}
	while (next_message(worker, &message))
		serve(worker, &message, root_engine);
	if (worker->process)
		emu_hap_thread_remove(&thread);
	emu_subsystem_forget_worker(subsystem, worker);
	if (root_engine)
		root_engine->ops->free(root_engine);
	if (worker->process)
		emu_process_unref(worker->process);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
	emu_subsystem_thread_ends(subsystem);
	emu_subsystem_unref(subsystem);
	return NULL;
}

int emu_worker_new(struct emu_subsystem *subsystem, struct emu_process *process, uint32_t tid,
		   struct emu_worker **ret_worker)
{
	static const int own_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
	struct emu_worker *worker = calloc(1, sizeof(*worker));
	sigset_t all, old;
	pthread_attr_t attr;
	pthread_t thread;
	int res;

	if (!worker)
		return -ENOMEM;
	worker->subsystem = emu_subsystem_ref(subsystem);
	worker->process = process ? emu_process_ref(process) : NULL;
	worker->tid = tid;
	worker->stack = process ? atomic_load(&process->hap->call_stack) : 0;
	pthread_mutex_init(&worker->lock, NULL);
	/* The app's signals are not the DSP's; those that a thread raises itself stay. */
	sigfillset(&all);
	for (size_t i = 0; i < sizeof(own_signals) / sizeof(*own_signals); i++)
		sigdelset(&all, own_signals[i]);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_BYTES + worker->stack);
	emu_subsystem_thread_begins(subsystem);
	res = pthread_create(&thread, &attr, run, worker);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (res) {
		emu_subsystem_thread_ends(subsystem);
		pthread_mutex_destroy(&worker->lock);
		if (process)
			emu_process_unref(process);
		emu_subsystem_unref(subsystem);
		free(worker);
		return -res;
	}
	*ret_worker = worker;
	return 0;
}

void emu_worker_nudge(struct emu_worker *worker)
{
	atomic_fetch_add(&worker->signal, 1);
	if (atomic_load(&worker->sleeping))
		emu_futex_wake(&worker->signal, 1);
}

int emu_worker_post(struct emu_worker *worker, const struct frpc_smq_msg *message)
{
	int res = 0;

	pthread_mutex_lock(&worker->lock);
	if (worker->leaving)
		res = -ESRCH;
	else if (worker->count == EMU_WORKER_QUEUE)
		res = -EBUSY;
	else
		worker->queue[(worker->first + worker->count++) % EMU_WORKER_QUEUE] = *message;
	pthread_mutex_unlock(&worker->lock);
	if (!res)
		emu_worker_nudge(worker);
	return res;
}

uint32_t emu_worker_abandon(struct emu_worker *worker, uint64_t *ctxs)
{
	uint64_t current;
	uint32_t count = 0;

	pthread_mutex_lock(&worker->lock);
	for (uint32_t i = 0; i < worker->count; i++)
		ctxs[count++] = worker->queue[(worker->first + i) % EMU_WORKER_QUEUE].ctx;
	worker->count = 0;
	current = atomic_exchange(&worker->current, 0);
	pthread_mutex_unlock(&worker->lock);
	if (current)
		ctxs[count++] = current;
	return count;
}
