/* SPDX-License-Identifier: BSD-3-Clause */
/* QuRT timers: one thread a process, that sleeps until the next one is due. */
#define FASTRPC_SKEL 1

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "HAP_perf.h"
#include "../../deadline.h"
#include "hap.h"
#include "qurt_timer.h"

#define MOST_TIMERS 64u
#define MAGIC	    0x74616d72u
#define HOUR	    (UINT64_C(19200000) * 3600)

struct timer {
	uint32_t id; /* 0: free */
	uint64_t due;
	uint64_t period; /* ticks; 0: once */
	uint64_t duration;
	bool armed;
	qurt_anysignal_t *signal;
	uint32_t mask;
};

struct emu_hap_timers {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct timer timers[MOST_TIMERS];
	uint32_t next_id;
	bool running, ended;
};

static struct emu_hap_timers *timers_of(struct emu_hap *hap)
{
	struct emu_hap_timers *timers;

	pthread_mutex_lock(&hap->lock);
	if (!hap->timers) {
		hap->timers = calloc(1, sizeof(*hap->timers));
		if (hap->timers) {
			hap->timers->next_id = 1;
			hap->timers->ended = atomic_load(&hap->ended);
			pthread_mutex_init(&hap->timers->lock, NULL);
			emu_cond_init(&hap->timers->changed);
		}
	}
	timers = hap->timers;
	pthread_mutex_unlock(&hap->lock);
	return timers;
}

bool emu_hap_timers_are_set(struct emu_hap_timers *timers)
{
	bool set = false;

	pthread_mutex_lock(&timers->lock);
	for (uint32_t i = 0; i < MOST_TIMERS; i++)
		set |= timers->timers[i].id && timers->timers[i].armed;
	pthread_mutex_unlock(&timers->lock);
	return set;
}

void emu_hap_timers_end(struct emu_hap *hap)
{
	struct emu_hap_timers *timers;

	pthread_mutex_lock(&hap->lock);
	timers = hap->timers;
	pthread_mutex_unlock(&hap->lock);
	if (!timers)
		return;
	pthread_mutex_lock(&timers->lock);
	timers->ended = true;
	pthread_cond_broadcast(&timers->changed);
	pthread_mutex_unlock(&timers->lock);
}

void emu_hap_timers_free(struct emu_hap_timers *timers)
{
	if (!timers)
		return;
	pthread_cond_destroy(&timers->changed);
	pthread_mutex_destroy(&timers->lock);
	free(timers);
}

/* The armed timer that is due first, or NULL. */
static struct timer *first_due(struct emu_hap_timers *timers)
{
	struct timer *first = NULL;

	for (uint32_t i = 0; i < MOST_TIMERS; i++) {
		struct timer *timer = &timers->timers[i];

		if (timer->id && timer->armed && (!first || timer->due < first->due))
			first = timer;
	}
	return first;
}

/* Waits for @ticks of 19.2 MHz at most; for fewer if they are more than an hour's. */
static void wait_ticks(struct emu_hap_timers *timers, uint64_t ticks)
{
	uint64_t some = ticks < HOUR ? ticks : HOUR;
	const struct timespec until = emu_deadline_ns(some / 96 * 5000 + some % 96 * 5000 / 96 + 1);

	pthread_cond_timedwait(&timers->changed, &timers->lock, &until);
}

/* It goes off. The times that it has missed it has missed: nobody waits until they are made up for. */
static void go_off(struct timer *timer, uint64_t now)
{
	timer->armed = timer->period != 0;
	if (timer->period)
		timer->due += ((now - timer->due) / timer->period + 1) * timer->period;
	/* With the lock held: who has deleted a timer gets no signal of it any more. */
	qurt_anysignal_set(timer->signal, timer->mask);
}

static void *run(void *arg)
{
	struct emu_hap *hap = arg;
	struct emu_hap_timers *timers = hap->timers;

	pthread_mutex_lock(&timers->lock);
	while (!timers->ended) {
		struct timer *timer = first_due(timers);
		uint64_t now = HAP_perf_get_qtimer_count();

		if (!timer) {
			pthread_cond_wait(&timers->changed, &timers->lock);
		} else if (timer->due > now) {
			wait_ticks(timers, timer->due - now);
		} else {
			go_off(timer, now);
		}
	}
	pthread_mutex_unlock(&timers->lock);
	hap->config.host->thread_ends(hap->config.context);
	return NULL;
}

/* With the lock held. */
static bool start(struct emu_hap *hap, struct emu_hap_timers *timers)
{
	pthread_attr_t attr;
	sigset_t all, old;
	pthread_t thread;

	if (timers->running)
		return true;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	hap->config.host->thread_begins(hap->config.context);
	timers->running = !pthread_create(&thread, &attr, run, hap);
	if (!timers->running)
		hap->config.host->thread_ends(hap->config.context);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return timers->running;
}

static struct timer *find(struct emu_hap_timers *timers, uint32_t id)
{
	for (uint32_t i = 0; i < MOST_TIMERS; i++)
		if (timers->timers[i].id == id)
			return &timers->timers[i];
	return NULL;
}

/* A number that no timer has; 0 is none. */
static uint32_t free_id(struct emu_hap_timers *timers)
{
	uint32_t id;

	do
		id = timers->next_id++;
	while (!id || find(timers, id));
	return id;
}

static uint64_t due_in(uint64_t duration)
{
	return HAP_perf_get_qtimer_count() + QURT_TIMER_TIMETICK_FROM_US(duration);
}

static bool is_duration(uint64_t duration)
{
	return duration >= QURT_TIMER_MIN_DURATION && duration <= QURT_TIMER_MAX_DURATION;
}

int qurt_timer_create(qurt_timer_t *timer, const qurt_timer_attr_t *attr,
		      const qurt_anysignal_t *signal, unsigned int mask)
{
	struct emu_hap *hap = emu_hap_current();
	struct emu_hap_timers *timers;
	struct timer *slot;
	int res = QURT_EMEM;

	if (!hap || !timer || !attr || attr->magic != MAGIC || !signal || !mask ||
	    !is_duration(attr->duration))
		return QURT_EVAL;
	if (hap->config.is_unsigned)
		return QURT_ENOTALLOWED;
	timers = timers_of(hap);
	if (!timers)
		return QURT_EMEM;
	pthread_mutex_lock(&timers->lock);
	slot = find(timers, 0);
	if (slot && start(hap, timers)) {
		*slot = (struct timer){
			.id = free_id(timers),
			.due = attr->expiry ? attr->expiry : due_in(attr->duration),
			.period = attr->type == QURT_TIMER_PERIODIC
					  ? QURT_TIMER_TIMETICK_FROM_US(attr->duration)
					  : 0,
			.duration = attr->duration,
			.armed = true,
			.signal = (qurt_anysignal_t *)(uintptr_t)signal,
			.mask = mask,
		};
		*timer = slot->id;
		pthread_cond_broadcast(&timers->changed);
		res = QURT_EOK;
	}
	pthread_mutex_unlock(&timers->lock);
	return res;
}

/* The caller's timer, with the lock of its *@ret_timers held; NULL, without: there is none. */
static struct timer *lock_timer(qurt_timer_t id, struct emu_hap_timers **ret_timers)
{
	struct emu_hap *hap = emu_hap_current();
	struct emu_hap_timers *timers = hap ? timers_of(hap) : NULL;
	struct timer *timer;

	if (!timers || !id)
		return NULL;
	pthread_mutex_lock(&timers->lock);
	timer = find(timers, id);
	if (!timer)
		pthread_mutex_unlock(&timers->lock);
	*ret_timers = timers;
	return timer;
}

int qurt_timer_delete(qurt_timer_t timer)
{
	struct emu_hap_timers *timers;
	struct timer *slot = lock_timer(timer, &timers);

	if (!slot)
		return QURT_EVAL;
	slot->id = 0;
	pthread_mutex_unlock(&timers->lock);
	return QURT_EOK;
}

int qurt_timer_stop(qurt_timer_t timer)
{
	struct emu_hap_timers *timers;
	struct timer *slot = lock_timer(timer, &timers);

	if (!slot)
		return QURT_EVAL;
	slot->armed = false;
	pthread_mutex_unlock(&timers->lock);
	return QURT_EOK;
}

int qurt_timer_get_attr(qurt_timer_t timer, qurt_timer_attr_t *attr)
{
	uint64_t now = HAP_perf_get_qtimer_count();
	struct emu_hap_timers *timers;
	struct timer *slot = attr ? lock_timer(timer, &timers) : NULL;

	if (!slot)
		return QURT_EVAL;
	qurt_timer_attr_init(attr);
	attr->duration = slot->duration;
	attr->expiry = slot->due;
	attr->remaining =
		slot->armed && slot->due > now ? QURT_TIMER_TIMETICK_TO_US(slot->due - now) : 0;
	attr->type = slot->period ? QURT_TIMER_PERIODIC : QURT_TIMER_ONESHOT;
	pthread_mutex_unlock(&timers->lock);
	return QURT_EOK;
}

int qurt_timer_restart(qurt_timer_t timer, qurt_timer_duration_t duration)
{
	struct emu_hap_timers *timers;
	struct timer *slot = is_duration(duration) ? lock_timer(timer, &timers) : NULL;

	if (!slot)
		return QURT_EVAL;
	slot->due = due_in(duration);
	slot->duration = duration;
	slot->armed = true;
	pthread_cond_broadcast(&timers->changed);
	pthread_mutex_unlock(&timers->lock);
	return QURT_EOK;
}
