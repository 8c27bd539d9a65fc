/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * QuRT semaphores, barriers, signals and futexes. An object that is none is refused where a function
 * can say so; elsewhere it faults, as it does on the DSP.
 */
#define FASTRPC_SKEL 1

#include <errno.h>
#include <string.h>

#include "hap.h"
#include "park.h"
#include "qurt_allsignal.h"
#include "qurt_anysignal.h"
#include "qurt_barrier.h"
#include "qurt_futex.h"
#include "qurt_sem.h"

#define SEM_MAGIC    0x5e3au
#define SIGNAL_MAGIC 0x516eu

/* ---- semaphores ---- */

void qurt_sem_init_val(qurt_sem_t *sem, unsigned short val)
{
	struct emu_lot *lot = emu_lot_lock(sem);

	memset(sem, 0, sizeof(*sem));
	sem->count = val;
	sem->magic = SEM_MAGIC;
	emu_lot_unlock(lot);
}

void qurt_sem_init(qurt_sem_t *sem)
{
	qurt_sem_init_val(sem, 1);
}

void qurt_sem_destroy(qurt_sem_t *sem)
{
	struct emu_lot *lot = emu_lot_lock(sem);
	bool busy = emu_lot_next(lot, sem, NULL) != NULL;

	sem->magic = 0;
	emu_lot_unlock(lot);
	if (busy)
		emu_hap_complain("qurt_sem_destroy: somebody waits at %p", (void *)sem);
}

int qurt_sem_add(qurt_sem_t *sem, unsigned int amt)
{
	struct emu_parked *next;
	struct emu_lot *lot;
	int res = QURT_EVAL;

	if (!sem)
		return QURT_EVAL;
	lot = emu_lot_lock(sem);
	if (sem->magic == SEM_MAGIC && amt <= (unsigned int)UINT16_MAX - sem->count) {
		sem->count = (unsigned short)(sem->count + amt);
		while (sem->count && (next = emu_lot_next(lot, sem, NULL))) {
			sem->count--;
			emu_lot_wake(lot, next);
		}
		res = QURT_EOK;
	}
	emu_lot_unlock(lot);
	return res;
}

static int down(qurt_sem_t *sem, uint64_t us)
{
	struct emu_parked parked;
	struct emu_lot *lot;
	int res = 0;

	if (!sem)
		return -EINVAL;
	lot = emu_lot_lock(sem);
	if (sem->magic != SEM_MAGIC) {
		res = -EINVAL;
	} else if (sem->count) {
		sem->count--;
	} else if (us) {
		sem->n_waiting++;
		emu_lot_enter(lot, &parked, sem);
		res = emu_lot_wait(lot, &parked, us);
		sem->n_waiting--;
	} else {
		res = -ETIMEDOUT;
	}
	emu_lot_unlock(lot);
	return res;
}

int qurt_sem_down(qurt_sem_t *sem)
{
	return down(sem, EMU_PARK_FOREVER) ? QURT_EINVALID : QURT_EOK;
}

int qurt_sem_try_down(qurt_sem_t *sem)
{
	return down(sem, 0) ? QURT_EFATAL : QURT_EOK;
}

int qurt_sem_down_timed(qurt_sem_t *sem, unsigned long long int duration)
{
	int res = down(sem, duration);

	return res == -ETIMEDOUT ? QURT_ETIMEDOUT : res ? QURT_EINVALID : QURT_EOK;
}

/* ---- barriers ---- */

int qurt_barrier_init(qurt_barrier_t *barrier, unsigned int threads_total)
{
	struct emu_lot *lot;

	if (!barrier || !threads_total)
		return QURT_EVAL;
	lot = emu_lot_lock(barrier);
	barrier->raw[0] = barrier->raw[1] = 0;
	barrier->threads_total = barrier->threads_left = threads_total;
	emu_lot_unlock(lot);
	return QURT_EOK;
}

int qurt_barrier_destroy(qurt_barrier_t *barrier)
{
	struct emu_lot *lot;
	bool busy;

	if (!barrier)
		return QURT_EVAL;
	lot = emu_lot_lock(barrier);
	busy = emu_lot_next(lot, barrier, NULL) != NULL;
	if (!busy)
		barrier->threads_total = 0;
	emu_lot_unlock(lot);
	return busy ? QURT_ENOTALLOWED : QURT_EOK;
}

int qurt_barrier_wait(qurt_barrier_t *barrier)
{
	struct emu_parked parked, *other;
	struct emu_lot *lot;

	if (!barrier)
		return QURT_EINVALID;
	lot = emu_lot_lock(barrier);
	if (!barrier->threads_total) {
		emu_lot_unlock(lot);
		return QURT_EINVALID;
	}
	if (--barrier->threads_left) {
		emu_lot_enter(lot, &parked, barrier);
		emu_lot_wait(lot, &parked, EMU_PARK_FOREVER);
	} else {
		barrier->threads_left = barrier->threads_total;
		barrier->count++;
		while ((other = emu_lot_next(lot, barrier, NULL)))
			emu_lot_wake(lot, other);
	}
	emu_lot_unlock(lot);
	return QURT_EOK;
}

/* ---- signals ---- */

void qurt_signal_init(qurt_signal_t *signal)
{
	struct emu_lot *lot = emu_lot_lock(signal);

	memset(signal, 0, sizeof(*signal));
	signal->X.magic = SIGNAL_MAGIC;
	emu_lot_unlock(lot);
}

void qurt_signal_destroy(qurt_signal_t *signal)
{
	struct emu_lot *lot = emu_lot_lock(signal);
	bool busy = emu_lot_next(lot, signal, NULL) != NULL;

	signal->X.magic = 0;
	emu_lot_unlock(lot);
	if (busy)
		emu_hap_complain("qurt_signal_destroy: somebody waits at %p", (void *)signal);
}

static bool is_met(const qurt_signal_t *signal, uint32_t mask, uint32_t attribute)
{
	uint32_t set = signal->X.signals & mask;

	return attribute == QURT_SIGNAL_ATTR_WAIT_ALL ? set == mask : set != 0;
}

static int wait_for(qurt_signal_t *signal, uint32_t mask, uint32_t attribute, uint64_t us,
		    uint32_t *ret_signals)
{
	struct emu_lot *lot = emu_lot_lock(signal);
	struct emu_parked parked = {.want = mask, .how = attribute};
	int res = 0;

	if (is_met(signal, mask, attribute)) {
		*ret_signals = signal->X.signals;
	} else if (!us) {
		*ret_signals = signal->X.signals;
		res = -ETIMEDOUT;
	} else {
		signal->X.waiting |= mask;
		emu_lot_enter(lot, &parked, signal);
		res = emu_lot_wait(lot, &parked, us);
		/* What it was when it was met: another thread may have cleared it since. */
		*ret_signals = res ? signal->X.signals : (uint32_t)parked.want;
		if (!emu_lot_next(lot, signal, NULL))
			signal->X.waiting = 0;
	}
	emu_lot_unlock(lot);
	return res;
}

unsigned int qurt_signal_wait(qurt_signal_t *signal, unsigned int mask, unsigned int attribute)
{
	uint32_t signals = 0;

	wait_for(signal, mask, attribute, EMU_PARK_FOREVER, &signals);
	return signals;
}

int qurt_signal_wait_timed(qurt_signal_t *signal, unsigned int mask, unsigned int attribute,
			   unsigned int *signals, unsigned long long int duration)
{
	uint32_t set = 0;
	int res;

	if (!signal)
		return QURT_EVAL;
	res = wait_for(signal, mask, attribute, duration, &set);
	if (signals)
		*signals = set;
	return res ? QURT_ETIMEDOUT : QURT_EOK;
}

unsigned int qurt_anysignal_set(qurt_anysignal_t *signal, unsigned int mask)
{
	struct emu_lot *lot = emu_lot_lock(signal);
	struct emu_parked *parked, *next;
	uint32_t before = signal->X.signals;

	signal->X.signals |= mask;
	for (parked = emu_lot_next(lot, signal, NULL); parked; parked = next) {
		next = emu_lot_next(lot, signal, parked);
		if (!is_met(signal, (uint32_t)parked->want, parked->how))
			continue;
		parked->want = signal->X.signals;
		emu_lot_wake(lot, parked);
	}
	emu_lot_unlock(lot);
	return before;
}

unsigned int qurt_anysignal_clear(qurt_anysignal_t *signal, unsigned int mask)
{
	struct emu_lot *lot = emu_lot_lock(signal);
	uint32_t before = signal->X.signals;

	signal->X.signals &= ~mask;
	emu_lot_unlock(lot);
	return before;
}

void qurt_signal_set(qurt_signal_t *signal, unsigned int mask)
{
	qurt_anysignal_set(signal, mask);
}

void qurt_signal_clear(qurt_signal_t *signal, unsigned int mask)
{
	qurt_anysignal_clear(signal, mask);
}

unsigned int qurt_signal_get(qurt_signal_t *signal)
{
	struct emu_lot *lot = emu_lot_lock(signal);
	uint32_t signals = signal->X.signals;

	emu_lot_unlock(lot);
	return signals;
}

/* ---- signals of 64 bits ---- */

void qurt_signal_64_init(qurt_signal_64_t *signal)
{
	struct emu_lot *lot = emu_lot_lock(signal);

	memset(signal, 0, sizeof(*signal));
	signal->signal_sum.X.magic = SIGNAL_MAGIC;
	emu_lot_unlock(lot);
}

void qurt_signal_64_destroy(qurt_signal_64_t *signal)
{
	qurt_signal_destroy(&signal->signal_sum); /* at the same address */
}

static bool is_met_64(const qurt_signal_64_t *signal, uint64_t mask, uint32_t attribute)
{
	uint64_t set = signal->signals & mask;

	return attribute == QURT_SIGNAL_ATTR_WAIT_ALL ? set == mask : set != 0;
}

unsigned long long int qurt_signal_64_wait(qurt_signal_64_t *signal, unsigned long long int mask,
					   unsigned int attribute)
{
	struct emu_lot *lot = emu_lot_lock(signal);
	struct emu_parked parked = {.want = mask, .how = attribute};
	uint64_t signals = signal->signals;

	if (!is_met_64(signal, mask, attribute)) {
		/* The object is the skel's, which may look at it. */
		__atomic_fetch_or(&signal->waiting, mask, __ATOMIC_RELEASE);
		emu_lot_enter(lot, &parked, signal);
		emu_lot_wait(lot, &parked, EMU_PARK_FOREVER);
		signals = parked.want; /* as it was when it was met */
		if (!emu_lot_next(lot, signal, NULL))
			__atomic_store_n(&signal->waiting, 0, __ATOMIC_RELEASE);
	}
	emu_lot_unlock(lot);
	return signals;
}

void qurt_signal_64_set(qurt_signal_64_t *signal, unsigned long long int mask)
{
	struct emu_lot *lot = emu_lot_lock(signal);
	struct emu_parked *parked, *next;

	signal->signals |= mask;
	for (parked = emu_lot_next(lot, signal, NULL); parked; parked = next) {
		next = emu_lot_next(lot, signal, parked);
		if (!is_met_64(signal, parked->want, parked->how))
			continue;
		parked->want = signal->signals;
		emu_lot_wake(lot, parked);
	}
	emu_lot_unlock(lot);
}

unsigned long long int qurt_signal_64_get(qurt_signal_64_t *signal)
{
	struct emu_lot *lot = emu_lot_lock(signal);
	uint64_t signals = signal->signals;

	emu_lot_unlock(lot);
	return signals;
}

void qurt_signal_64_clear(qurt_signal_64_t *signal, unsigned long long int mask)
{
	struct emu_lot *lot = emu_lot_lock(signal);

	signal->signals &= ~(uint64_t)mask;
	emu_lot_unlock(lot);
}

/* ---- futexes ---- */

int qurt_futex_wait(void *lock, int val_to_match)
{
	struct emu_lot *lot;
	struct emu_parked parked;
	int res = QURT_EFAILED;

	if (!lock)
		return QURT_EVAL;
	lot = emu_lot_lock(lock);
	/* Whoever changes it wakes afterwards, and needs the lot for that. */
	if (__atomic_load_n((int *)lock, __ATOMIC_ACQUIRE) == val_to_match) {
		emu_lot_enter(lot, &parked, lock);
		emu_lot_wait(lot, &parked, EMU_PARK_FOREVER);
		res = QURT_EOK;
	}
	emu_lot_unlock(lot);
	return res;
}

int qurt_futex_wake(void *lock, int n_to_wake)
{
	struct emu_lot *lot = emu_lot_lock(lock);
	struct emu_parked *next;
	int woken = 0;

	while (woken < n_to_wake && (next = emu_lot_next(lot, lock, NULL))) {
		emu_lot_wake(lot, next);
		woken++;
	}
	emu_lot_unlock(lot);
	return woken;
}
