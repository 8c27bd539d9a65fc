/* SPDX-License-Identifier: BSD-3-Clause */
#include "dspsignal.h"

#include <errno.h>
#include <stdlib.h>

#include "../futex.h"

#define FOR_ALL UINT32_MAX /* as complete_all(): never used up */

enum state {
	UNUSED,
	PENDING,
	SIGNALED,
	CANCELED, /* until it is destroyed */
};

struct emu_dspsignal {
	enum state state;
	uint32_t wakeups;	 /* left for those who wait */
	_Atomic uint32_t events; /* changes with each wake-up */
};

void emu_dspsignals_init(struct emu_dspsignals *signals)
{
	pthread_mutex_init(&signals->lock, NULL);
}

void emu_dspsignals_destroy(struct emu_dspsignals *signals)
{
	for (unsigned int i = 0; i < EMU_DSPSIGNALS / EMU_DSPSIGNAL_GROUP; i++)
		free(signals->groups[i]);
	pthread_mutex_destroy(&signals->lock);
}

/* With the lock held. NULL: @id is too large, or its group was never made. */
static struct emu_dspsignal *find(struct emu_dspsignals *signals, uint32_t id)
{
	struct emu_dspsignal *group;

	if (id >= EMU_DSPSIGNALS)
		return NULL;
	group = signals->groups[id / EMU_DSPSIGNAL_GROUP];
	return group ? &group[id % EMU_DSPSIGNAL_GROUP] : NULL;
}

/* With the lock held. */
static void wake(struct emu_dspsignal *signal, uint32_t wakeups)
{
	if (wakeups == FOR_ALL)
		signal->wakeups = FOR_ALL;
	else if (signal->wakeups < FOR_ALL - 1)
		signal->wakeups += wakeups;
	atomic_fetch_add(&signal->events, 1);
	emu_futex_wake(&signal->events, INT_MAX);
}

int emu_dspsignals_create(struct emu_dspsignals *signals, uint32_t id)
{
	struct emu_dspsignal **group, *signal;
	int res = 0;

	if (id >= EMU_DSPSIGNALS)
		return -EINVAL;
	pthread_mutex_lock(&signals->lock);
	group = &signals->groups[id / EMU_DSPSIGNAL_GROUP];
	if (!*group)
		*group = calloc(EMU_DSPSIGNAL_GROUP, sizeof(**group));
	signal = find(signals, id);
	if (!signal) {
		res = -ENOMEM;
	} else if (signal->state != UNUSED) {
		res = -EBUSY;
	} else {
		signal->state = PENDING;
		signal->wakeups = 0;
	}
	pthread_mutex_unlock(&signals->lock);
	return res;
}

/* SIGNALED wakes one who waits for @id. UNUSED and CANCELED end its life: all wake. */
static int change(struct emu_dspsignals *signals, uint32_t id, enum state state)
{
	struct emu_dspsignal *signal;
	int res = 0;

	if (id >= EMU_DSPSIGNALS)
		return -EINVAL;
	pthread_mutex_lock(&signals->lock);
	signal = find(signals, id);
	if (!signal || signal->state == UNUSED) {
		res = -ENOENT;
	} else if (signal->state != CANCELED || state != SIGNALED) {
		signal->state = state;
		wake(signal, state == SIGNALED ? 1 : FOR_ALL);
	}
	pthread_mutex_unlock(&signals->lock);
	return res;
}

int emu_dspsignals_remove(struct emu_dspsignals *signals, uint32_t id)
{
	return change(signals, id, UNUSED);
}

int emu_dspsignals_cancel(struct emu_dspsignals *signals, uint32_t id)
{
	return change(signals, id, CANCELED);
}

void emu_dspsignals_cancel_all(struct emu_dspsignals *signals)
{
	for (uint32_t id = 0; id < EMU_DSPSIGNALS; id++)
		change(signals, id, CANCELED);
}

int emu_dspsignals_raise(struct emu_dspsignals *signals, uint32_t id)
{
	return change(signals, id, SIGNALED);
}

/* Before it sleeps: 0 done, -EAGAIN to go to sleep, or an error. With the lock held. */
static int look(struct emu_dspsignal *signal)
{
	if (!signal || signal->state == UNUSED)
		return -ENOENT;
	if (signal->state == CANCELED)
		return -EINTR;
	if (signal->state != SIGNALED)
		return -EAGAIN;
	signal->state = PENDING;
	signal->wakeups = 0;
	return 0;
}

/* A wake-up was there for this waiter. With the lock held. */
static int woken(struct emu_dspsignal *signal)
{
	if (signal->wakeups != FOR_ALL)
		signal->wakeups--;
	if (signal->state == CANCELED || signal->state == UNUSED)
		return -EINTR;
	signal->state = PENDING;
	return 0;
}

/* -ERESTART: a handler with SA_RESTART ran. Without a time-out the kernel restarts by itself. */
static int wait_once(struct emu_dspsignals *signals, struct emu_clock *clock, uint32_t id,
		     uint32_t timeout_us)
{
	bool forever = timeout_us == EMU_DSPSIGNAL_FOREVER;
	uint64_t deadline = EMU_FOREVER;
	struct emu_dspsignal *signal;
	int res;

	if (!forever)
		deadline = emu_clock_now_ns(clock) + (uint64_t)timeout_us * 1000;
	pthread_mutex_lock(&signals->lock);
	signal = find(signals, id);
	res = look(signal);
	while (res == -EAGAIN) {
		uint32_t seen = atomic_load(&signal->events);

		if (signal->wakeups) {
			res = woken(signal);
			break;
		}
		pthread_mutex_unlock(&signals->lock);
		res = emu_clock_wait(clock, &signal->events, seen, deadline,
				     forever ? EMU_INTERRUPTIBLE : EMU_RESTARTABLE);
		pthread_mutex_lock(&signals->lock);
		/* A wake-up that came together with the time-out or a handler counts. */
		if (!res || signal->wakeups)
			res = -EAGAIN;
	}
	pthread_mutex_unlock(&signals->lock);
	return res;
}

/* A restarted command begins anew, and so does its time. */
int emu_dspsignals_wait(struct emu_dspsignals *signals, struct emu_clock *clock, uint32_t id,
			uint32_t timeout_us)
{
	int res;

	if (id >= EMU_DSPSIGNALS)
		return -EINVAL;
	do
		res = wait_once(signals, clock, id, timeout_us);
	while (res == -ERESTART);
	return res;
}

uint32_t emu_dspsignals_count(struct emu_dspsignals *signals)
{
	uint32_t count = 0;

	pthread_mutex_lock(&signals->lock);
	for (uint32_t id = 0; id < EMU_DSPSIGNALS; id++) {
		const struct emu_dspsignal *signal = find(signals, id);

		count += signal && signal->state != UNUSED;
	}
	pthread_mutex_unlock(&signals->lock);
	return count;
}
