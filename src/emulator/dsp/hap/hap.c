/* SPDX-License-Identifier: BSD-3-Clause */
#include "hap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contexts.h"
#include "park.h"

#define FLUSH_MS	500u
#define WORKER_PRIORITY 192u
#define WORKER_STACK	(16u << 10)

static _Thread_local struct emu_hap_thread *current;

/* All processes alive here, for threads that nobody introduced. */
static struct {
	pthread_mutex_t lock;
	struct emu_hap *first;
} alive = {.lock = PTHREAD_MUTEX_INITIALIZER};

int emu_hap_new(const struct emu_hap_config *config, struct emu_hap **ret_hap)
{
	struct emu_hap *hap = calloc(1, sizeof(*hap));
	int res;

	if (!hap)
		return -ENOMEM;
	hap->config = *config;
	hap->next_id = 1;
	hap->call_priority = WORKER_PRIORITY;
	atomic_init(&hap->call_stack, WORKER_STACK);
	snprintf(hap->name, sizeof(hap->name), "pid-%u", config->pid);
	pthread_mutex_init(&hap->lock, NULL);
	res = emu_hap_log_new(hap, &hap->log);
	if (!res)
		res = emu_hap_memory_new(&hap->memory);
	pthread_mutex_lock(&alive.lock);
	hap->next = alive.first;
	alive.first = hap;
	pthread_mutex_unlock(&alive.lock);
	if (res) {
		emu_hap_free(hap);
		return res;
	}
	*ret_hap = hap;
	return 0;
}

void emu_hap_end(struct emu_hap *hap)
{
	atomic_store(&hap->ended, true);
	emu_hap_log_end(hap->log);
	emu_hap_timers_end(hap);
	emu_vtcm_wake(hap->config.vtcm);
	emu_lots_kill(hap);
	emu_hap_queues_end(hap);
}

void emu_hap_give_back(struct emu_hap *hap)
{
	emu_vtcm_give_hvx(hap->config.vtcm, hap->hvx_reserved);
	hap->hvx_reserved = hap->hvx_reserved_free = 0;
	emu_vtcm_give_cache(hap->config.vtcm, hap->remote_cache);
	if (hap->remote_hmx)
		emu_vtcm_give_hmx(hap->config.vtcm);
	hap->remote_cache = hap->remote_hmx = 0;
	emu_hap_cache_free(hap);
	/* The last: others wait for it. */
	emu_vtcm_release_all(hap->config.vtcm, hap);
	emu_hap_contexts_free(hap);
}

void emu_hap_free(struct emu_hap *hap)
{
	struct emu_hap **at;

	if (!hap)
		return;
	pthread_mutex_lock(&alive.lock);
	at = &alive.first;
	while (*at != hap)
		at = &(*at)->next;
	*at = hap->next;
	pthread_mutex_unlock(&alive.lock);
	emu_hap_give_back(hap);
	emu_hap_timers_free(hap->timers);
	emu_hap_threads_free(hap->made);
	emu_hap_power_free(hap->power);
	emu_hap_memory_free(hap);
	emu_hap_apps_mem_free(hap->apps_mem);
	emu_hap_log_free(hap->log);
	pthread_mutex_destroy(&hap->lock);
	free(hap);
}

void emu_hap_thread_add(struct emu_hap_thread *thread, struct emu_hap *hap, const char *name,
			uint32_t priority)
{
	memset(thread, 0, sizeof(*thread));
	thread->hap = hap;
	thread->hvx_mode = -1;
	thread->serves_calls = !priority;
	snprintf(thread->name, sizeof(thread->name), "%s", name);
	pthread_mutex_lock(&hap->lock);
	atomic_init(&thread->priority, priority ? priority : hap->call_priority);
	thread->id = hap->next_id++;
	thread->next = hap->threads;
	hap->threads = thread;
	pthread_mutex_unlock(&hap->lock);
}

int emu_hap_set_call_threads(struct emu_hap *hap, uint32_t priority, uint32_t stack_size)
{
	uint32_t ceiling = emu_hap_priority_ceiling(hap);

	pthread_mutex_lock(&hap->lock);
	hap->call_priority = priority < ceiling ? ceiling : priority;
	for (struct emu_hap_thread *thread = hap->threads; thread; thread = thread->next)
		if (thread->serves_calls)
			atomic_store(&thread->priority, hap->call_priority);
	pthread_mutex_unlock(&hap->lock);
	atomic_store(&hap->call_stack, stack_size);
	return hap->remote
		       ? hap->remote->set_call_threads(hap->remote_context, priority, stack_size)
		       : 0;
}

void emu_hap_thread_enter(struct emu_hap_thread *thread)
{
	current = thread;
}

void emu_hap_thread_remove(struct emu_hap_thread *thread)
{
	struct emu_hap_thread **at;

	emu_hap_hvx_drop(thread);
	emu_hap_hmx_drop(thread);
	emu_hap_tls_free(thread);
	pthread_mutex_lock(&thread->hap->lock);
	at = &thread->hap->threads;
	while (*at != thread)
		at = &(*at)->next;
	*at = thread->next;
	pthread_mutex_unlock(&thread->hap->lock);
	if (thread->hap->remote)
		thread->hap->remote->thread_removed(thread->hap->remote_context, thread->id);
	if (current == thread)
		current = NULL;
}

bool emu_hap_is_at_work(struct emu_hap *hap)
{
	struct emu_hap_threads *threads;
	struct emu_hap_timers *timers;

	if (hap->remote)
		return hap->remote->is_at_work(hap->remote_context);
	pthread_mutex_lock(&hap->lock);
	threads = hap->made;
	timers = hap->timers;
	pthread_mutex_unlock(&hap->lock);
	return emu_hap_contexts_can_be_asked(hap) ||
	       (threads && emu_hap_threads_are_alive(threads)) ||
	       (timers && emu_hap_timers_are_set(timers));
}

struct emu_hap_thread *emu_hap_thread(void)
{
	return current;
}

struct emu_hap *emu_hap_current(void)
{
	struct emu_hap *only;

	if (current)
		return current->hap;
	pthread_mutex_lock(&alive.lock);
	only = alive.first && !alive.first->next ? alive.first : NULL;
	pthread_mutex_unlock(&alive.lock);
	return only;
}

uint32_t emu_hap_thread_id(void)
{
	/* Threads from elsewhere get numbers that no process gives. */
	static _Atomic uint32_t next = 0x40000000;
	static _Thread_local uint32_t own;

	if (current)
		return current->id;
	if (!own)
		own = atomic_fetch_add(&next, 1);
	return own;
}

uint32_t emu_hap_thread_priority(void)
{
	return current ? atomic_load(&current->priority) : WORKER_PRIORITY;
}

void emu_hap_escape(void)
{
	if (current && current->escape)
		longjmp(*current->escape, 1);
	pthread_exit(NULL);
}

static void call_begins(void)
{
	if (!current)
		return;
	current->nested = current->hap->config.host->reverse_busy(current->hap->config.context);
}

static void call_returns(void)
{
	/* A call that serves a reverse call must not wait for the one thread that serves those. */
	if (current && !current->nested && atomic_load(&current->hap->log_waits))
		emu_hap_log_drain(current->hap->log, FLUSH_MS);
}

int32_t emu_hap_run(uintptr_t entry, bool with_handle, uint64_t h, uint32_t sc, remote_arg *args)
{
	jmp_buf escape, *outer = current ? current->escape : NULL;
	volatile int32_t res = EMU_DSP_EBADSTATE; /* if the process ends while the skel waits */

	call_begins();
	if (!current || !setjmp(escape)) {
		if (current)
			current->escape = &escape;
		res = with_handle ? ((int (*)(remote_handle64, uint32_t, remote_arg *))entry)(h, sc,
											      args)
				  : ((int (*)(uint32_t, remote_arg *))entry)(sc, args);
	}
	if (current)
		current->escape = outer;
	call_returns();
	return res;
}

int emu_hap_visit(struct emu_hap *hap, int (*function)(unsigned int number, void *context),
		  unsigned int number, void *context)
{
	struct emu_hap_thread visitor, *const own = current;
	volatile int res = -1;
	jmp_buf escape;

	if (own && own->hap == hap)
		return function(number, context);
	emu_hap_thread_add(&visitor, hap, "visitor", emu_hap_thread_priority());
	visitor.escape = &escape;
	emu_hap_thread_enter(&visitor);
	if (!setjmp(escape))
		res = function(number, context);
	emu_hap_thread_remove(&visitor);
	current = own;
	return res;
}

void emu_hap_flush(struct emu_hap *hap)
{
	if (hap->config.host->reverse_busy(hap->config.context))
		return;
	if (hap->remote)
		hap->remote->flush(hap->remote_context);
	else
		emu_hap_log_drain(hap->log, FLUSH_MS);
}
