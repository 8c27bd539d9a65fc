/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sleeping until the other end of a queue has sent a signal. A signal that comes between taking the
 * token and sleeping is not missed. Where signals arrive by an operation that blocks (@sleep), one
 * of the sleepers makes it for all.
 */
#ifndef FRPC_LIB_QUEUE_WAIT_H
#define FRPC_LIB_QUEUE_WAIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "ring.h"

#define FRPC_FOREVER UINT64_MAX

struct frpc_queue_wait {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint32_t sequence[FRPC_QUEUE_SIGNALS];
	bool sleeping[FRPC_QUEUE_SIGNALS]; /* somebody is inside sleep() */
	bool over;			   /* nobody sleeps any more */
	int (*sleep)(void *context, enum frpc_queue_signal signal,
		     uint32_t timeout_us); /* or NULL */
	void *context;
};

int frpc_queue_wait_init(struct frpc_queue_wait *wait);
void frpc_queue_wait_destroy(struct frpc_queue_wait *wait);

/* CLOCK_MONOTONIC, in nanoseconds; a timeout of dspqueue.h from now, or FRPC_FOREVER. */
uint64_t frpc_now_ns(void);
uint64_t frpc_deadline_ns(uint32_t timeout_us);
/* What is left until @deadline_ns, rounded up; never "for ever" by accident. */
uint32_t frpc_left_us(uint64_t deadline_ns);

uint32_t frpc_queue_wait_token(struct frpc_queue_wait *wait, enum frpc_queue_signal signal);
/* 0: look again (also when it is over); -ETIMEDOUT; or what sleep() failed with. */
int frpc_queue_wait_for(struct frpc_queue_wait *wait, enum frpc_queue_signal signal, uint32_t token,
			uint64_t deadline_ns);
/* Sleeps until it is over. */
void frpc_queue_wait_for_end(struct frpc_queue_wait *wait);
void frpc_queue_wait_post(struct frpc_queue_wait *wait, enum frpc_queue_signal signal);
void frpc_queue_wait_end(struct frpc_queue_wait *wait);

#endif
