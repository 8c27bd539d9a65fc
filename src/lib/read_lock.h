/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A lock for what every call reads and few things write: readers go in by one instruction and out by
 * another. They must be quick and may not call out, least of all into the app: a writer waits for them.
 */
#ifndef FRPC_LIB_READ_LOCK_H
#define FRPC_LIB_READ_LOCK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

struct frpc_read_lock {
	_Atomic uint32_t state;	 /* readers inside, and whether a writer is or wants to be */
	pthread_mutex_t writers; /* the writer's; readers that find one wait here */
};

#define FRPC_READ_LOCK_INITIALIZER           \
	{                                    \
		0, PTHREAD_MUTEX_INITIALIZER \
	}
#define FRPC_READ_LOCK_WRITER 0x80000000u

/* Also for a lock that a fork has cut off from whoever held it. */
void frpc_read_lock_init(struct frpc_read_lock *lock);

static inline void frpc_read_unlock(struct frpc_read_lock *lock)
{
	atomic_fetch_sub_explicit(&lock->state, 1, memory_order_release);
}

/* Behind the writer. */
void frpc_read_lock_wait(struct frpc_read_lock *lock);

static inline void frpc_read_lock(struct frpc_read_lock *lock)
{
	if (atomic_fetch_add_explicit(&lock->state, 1, memory_order_acquire) &
	    FRPC_READ_LOCK_WRITER)
		frpc_read_lock_wait(lock);
}

void frpc_write_lock(struct frpc_read_lock *lock);
void frpc_write_unlock(struct frpc_read_lock *lock);

#endif
