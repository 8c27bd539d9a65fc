/* SPDX-License-Identifier: BSD-3-Clause */
/* What the two halves of a queue's end share: queue_end.c (its life) and queue_io.c (its packets). */
#ifndef FRPC_LIB_QUEUE_IO_H
#define FRPC_LIB_QUEUE_IO_H

#include <pthread.h>
#include <stdatomic.h>

#include "queue_end.h"
#include "queue_wait.h"

enum frpc_end_state {
	FRPC_END_OPEN,
	FRPC_END_DEAD, /* the other end is gone; to be closed */
	FRPC_END_CLOSED,
};

struct frpc_queue_end {
	struct frpc_queue_end_config config;
	dspqueue_t name;
	struct frpc_queue_wait wait;
	pthread_mutex_t read_lock, write_lock; /* the ring of each */
	struct frpc_ring in, out;
	enum frpc_queue_signal packet_in, space_in, packet_out, space_out;
	_Atomic int state; /* enum frpc_end_state; only grows */
	_Atomic int error; /* what it died of */
	_Atomic uint64_t wakeup_wait_us, wakeup_misses;
	pthread_t thread;
	bool has_thread;
	uint32_t seen;			/* packets that the callback has been called for */
	bool thread_done, thread_frees; /* under wait.lock */
};

/*
 * The callbacks' thread, one round: calls the packet callback if there are packets it has not been
 * called for, else sleeps until something happens.
 */
void frpc_queue_serve_packets(struct frpc_queue_end *end);

#endif
