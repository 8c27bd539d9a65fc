/* SPDX-License-Identifier: BSD-3-Clause */
#include "read_lock.h"

#include <sched.h>
#include <time.h>

/* A reader with less priority on the same CPU gets on only while the writer sleeps. */
#define YIELDS 64u

void frpc_read_lock_init(struct frpc_read_lock *lock)
{
	atomic_init(&lock->state, 0);
	pthread_mutex_init(&lock->writers, NULL);
}

void frpc_read_lock_wait(struct frpc_read_lock *lock)
{
	frpc_read_unlock(lock);
	/* While we hold this there is no writer. */
	pthread_mutex_lock(&lock->writers);
	atomic_fetch_add_explicit(&lock->state, 1, memory_order_acquire);
	pthread_mutex_unlock(&lock->writers);
}

void frpc_write_lock(struct frpc_read_lock *lock)
{
	const struct timespec pause = {.tv_nsec = 20000};
	unsigned int looks = 0;

	pthread_mutex_lock(&lock->writers);
	atomic_fetch_or_explicit(&lock->state, FRPC_READ_LOCK_WRITER, memory_order_acquire);
	while (atomic_load_explicit(&lock->state, memory_order_acquire) != FRPC_READ_LOCK_WRITER) {
		if (looks++ < YIELDS)
			sched_yield();
		else
			nanosleep(&pause, NULL);
	}
}

void frpc_write_unlock(struct frpc_read_lock *lock)
{
	atomic_fetch_and_explicit(&lock->state, ~FRPC_READ_LOCK_WRITER, memory_order_release);
	pthread_mutex_unlock(&lock->writers);
}
