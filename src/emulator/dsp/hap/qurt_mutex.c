/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * QuRT mutexes and condition variables. The words of a mutex: holder is the magic number, count how
 * often its holder has it, queue who that is (or free), wait_count how many wait. An unlock hands it
 * to the most urgent waiter, who need not compete for it again.
 */
#define FASTRPC_SKEL 1

#include <errno.h>

#include "hap.h"
#include "park.h"
#include "qurt_cond.h"
#include "qurt_mutex.h"

#define COND_MAGIC 0xcdu

void qurt_mutex_init(qurt_mutex_t *lock)
{
	struct emu_lot *lot = emu_lot_lock(lock);

	*lock = (qurt_mutex_t)QURT_MUTEX_INIT;
	emu_lot_unlock(lot);
}

void qurt_mutex_destroy(qurt_mutex_t *lock)
{
	struct emu_lot *lot = emu_lot_lock(lock);
	bool busy = lock->count || lock->wait_count;

	lock->holder = 0;
	emu_lot_unlock(lot);
	if (busy)
		emu_hap_complain("qurt_mutex_destroy: the mutex at %p is in use", (void *)lock);
}

/* Ours when it is free or ours already. With the lot locked. */
static bool take(qurt_mutex_t *lock, uint32_t self)
{
	if (lock->count && lock->queue != self)
		return false;
	lock->queue = self;
	lock->count++;
	return true;
}

/* Whoever uses a mutex that was never made gets a fresh one, and is told. */
static bool make_usable(qurt_mutex_t *lock)
{
	if (lock->holder == QURTK_MUTEX_MAGIC)
		return true;
	*lock = (qurt_mutex_t)QURT_MUTEX_INIT;
	return false;
}

static int lock_for(qurt_mutex_t *lock, uint64_t us)
{
	struct emu_lot *lot = emu_lot_lock(lock);
	bool usable = make_usable(lock);
	struct emu_parked parked;
	int res = 0;

	if (!take(lock, emu_hap_thread_id())) {
		if (us) {
			__atomic_fetch_add(&lock->wait_count, 1,
					   __ATOMIC_RELEASE); /* skels look at it */
			emu_lot_enter(lot, &parked, lock);
			res = emu_lot_wait(lot, &parked, us); /* woken: it is ours */
			__atomic_fetch_sub(&lock->wait_count, 1, __ATOMIC_RELEASE);
		} else {
			res = -ETIMEDOUT;
		}
	}
	emu_lot_unlock(lot);
	if (!usable)
		emu_hap_complain("the mutex at %p was not initialised", (void *)lock);
	return res;
}

void qurt_mutex_lock(qurt_mutex_t *lock)
{
	lock_for(lock, EMU_PARK_FOREVER);
}

int qurt_mutex_try_lock(qurt_mutex_t *lock)
{
	return !lock || lock_for(lock, 0) ? QURT_EFATAL : QURT_EOK;
}

int qurt_mutex_lock_timed(qurt_mutex_t *lock, unsigned long long int duration)
{
	if (!lock)
		return QURT_EVAL;
	return lock_for(lock, duration) ? QURT_ETIMEDOUT : QURT_EOK;
}

/* Returns false if it is not ours. With the lot locked. */
static bool give(struct emu_lot *lot, qurt_mutex_t *lock)
{
	struct emu_parked *next;

	if (lock->holder != QURTK_MUTEX_MAGIC || !lock->count || lock->queue != emu_hap_thread_id())
		return false;
	if (--lock->count)
		return true;
	next = emu_lot_next(lot, lock, NULL);
	lock->queue = next ? next->thread_id : QURTK_MUTEX_FREE;
	if (next) {
		lock->count = 1;
		emu_lot_wake(lot, next);
	}
	return true;
}

void qurt_mutex_unlock(qurt_mutex_t *lock)
{
	struct emu_lot *lot = emu_lot_lock(lock);
	bool given = give(lot, lock);

	emu_lot_unlock(lot);
	if (!given)
		emu_hap_complain("qurt_mutex_unlock: the caller does not hold the mutex at %p",
				 (void *)lock);
}

void qurt_cond_init(qurt_cond_t *cond)
{
	struct emu_lot *lot = emu_lot_lock(cond);

	cond->raw[0] = cond->raw[1] = 0;
	cond->magic = COND_MAGIC;
	emu_lot_unlock(lot);
}

void qurt_cond_destroy(qurt_cond_t *cond)
{
	struct emu_lot *lot = emu_lot_lock(cond);
	bool busy = emu_lot_next(lot, cond, NULL) != NULL;

	cond->magic = 0;
	emu_lot_unlock(lot);
	if (busy)
		emu_hap_complain("qurt_cond_destroy: somebody waits at %p", (void *)cond);
}

void qurt_cond_signal(qurt_cond_t *cond)
{
	struct emu_lot *lot = emu_lot_lock(cond);
	struct emu_parked *first = emu_lot_next(lot, cond, NULL);

	if (first)
		emu_lot_wake(lot, first);
	emu_lot_unlock(lot);
}

void qurt_cond_broadcast(qurt_cond_t *cond)
{
	struct emu_lot *lot = emu_lot_lock(cond);
	struct emu_parked *parked;

	while ((parked = emu_lot_next(lot, cond, NULL)))
		emu_lot_wake(lot, parked);
	emu_lot_unlock(lot);
}

void qurt_cond_wait(qurt_cond_t *cond, qurt_mutex_t *mutex)
{
	struct emu_lot *lot = emu_lot_lock(cond);
	struct emu_parked parked;

	/* In the queue before the mutex is free: no signal is missed. */
	emu_lot_enter(lot, &parked, cond);
	emu_lot_unlock(lot);
	qurt_mutex_unlock(mutex);
	lot = emu_lot_lock(cond);
	emu_lot_wait(lot, &parked, EMU_PARK_FOREVER);
	emu_lot_unlock(lot);
	qurt_mutex_lock(mutex);
}
