/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Mutexes: recursive when held by the same thread, handed to the most urgent waiter, the earliest
 * of equals. qurt_mutex_t, qurt_rmutex_*, qurt_rmutex2_*, qurt_pimutex_* and qurt_pimutex2_* are
 * one kind here; the last two do not lend priorities, since the host schedules.
 */
#ifndef QURT_MUTEX_H
#define QURT_MUTEX_H

#include "qurt_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef union qurt_mutex_aligned8 {
	__extension__ struct {
		unsigned int holder;
		unsigned int count;
		unsigned int queue;
		unsigned int wait_count;
	};
	unsigned long long int raw[2];
} qurt_mutex_t;

#define QURTK_MUTEX_MAGIC 0xfe
#define QURTK_MUTEX_FREE  0x1f
#define QURT_MUTEX_INIT                                           \
	{                                                         \
		{                                                 \
			QURTK_MUTEX_MAGIC, 0, QURTK_MUTEX_FREE, 0 \
		}                                                 \
	}

void qurt_mutex_init(qurt_mutex_t *lock) FRPC_DSP_SIDE(qurt_mutex_init);
void qurt_mutex_destroy(qurt_mutex_t *lock) FRPC_DSP_SIDE(qurt_mutex_destroy);
void qurt_mutex_lock(qurt_mutex_t *lock) FRPC_DSP_SIDE(qurt_mutex_lock);
/* 0: it is ours. */
int qurt_mutex_try_lock(qurt_mutex_t *lock) FRPC_DSP_SIDE(qurt_mutex_try_lock);
/* QURT_EOK, QURT_ETIMEDOUT, QURT_EVAL (no mutex). @duration in microseconds. */
int qurt_mutex_lock_timed(qurt_mutex_t *lock, unsigned long long int duration)
	FRPC_DSP_SIDE(qurt_mutex_lock_timed);
/* By its holder; anybody else's call is reported and changes nothing. */
void qurt_mutex_unlock(qurt_mutex_t *lock) FRPC_DSP_SIDE(qurt_mutex_unlock);

static inline void qurt_rmutex_init(qurt_mutex_t *lock)
{
	qurt_mutex_init(lock);
}

static inline void qurt_rmutex_destroy(qurt_mutex_t *lock)
{
	qurt_mutex_destroy(lock);
}

static inline void qurt_rmutex_lock(qurt_mutex_t *lock)
{
	qurt_mutex_lock(lock);
}

static inline int qurt_rmutex_try_lock(qurt_mutex_t *lock)
{
	return qurt_mutex_try_lock(lock);
}

static inline void qurt_rmutex_unlock(qurt_mutex_t *lock)
{
	qurt_mutex_unlock(lock);
}

static inline void qurt_pimutex_init(qurt_mutex_t *lock)
{
	qurt_mutex_init(lock);
}

static inline void qurt_pimutex_destroy(qurt_mutex_t *lock)
{
	qurt_mutex_destroy(lock);
}

static inline void qurt_pimutex_lock(qurt_mutex_t *lock)
{
	qurt_mutex_lock(lock);
}

static inline int qurt_pimutex_try_lock(qurt_mutex_t *lock)
{
	return qurt_mutex_try_lock(lock);
}

static inline void qurt_pimutex_unlock(qurt_mutex_t *lock)
{
	qurt_mutex_unlock(lock);
}

typedef qurt_mutex_t qurt_rmutex2_t;

static inline void qurt_rmutex2_init(qurt_rmutex2_t *lock)
{
	qurt_mutex_init(lock);
}

static inline void qurt_rmutex2_destroy(qurt_rmutex2_t *lock)
{
	qurt_mutex_destroy(lock);
}

static inline void qurt_rmutex2_lock(qurt_rmutex2_t *lock)
{
	qurt_mutex_lock(lock);
}

static inline int qurt_rmutex2_try_lock(qurt_rmutex2_t *lock)
{
	return qurt_mutex_try_lock(lock);
}

static inline void qurt_rmutex2_unlock(qurt_rmutex2_t *lock)
{
	qurt_mutex_unlock(lock);
}

typedef qurt_mutex_t qurt_pimutex2_t;

static inline void qurt_pimutex2_init(qurt_pimutex2_t *lock)
{
	qurt_mutex_init(lock);
}

static inline void qurt_pimutex2_destroy(qurt_pimutex2_t *lock)
{
	qurt_mutex_destroy(lock);
}

static inline void qurt_pimutex2_lock(qurt_pimutex2_t *lock)
{
	qurt_mutex_lock(lock);
}

static inline int qurt_pimutex2_try_lock(qurt_pimutex2_t *lock)
{
	return qurt_mutex_try_lock(lock);
}

static inline void qurt_pimutex2_unlock(qurt_pimutex2_t *lock)
{
	qurt_mutex_unlock(lock);
}

#ifdef __cplusplus
}
#endif

#endif
