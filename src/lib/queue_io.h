/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the parts of a queue's end share: queue_end.c (its life), queue_io.c (its packets), and
 * queue_multi.c, which writes to several ends at once.
 */
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

/* A packet on its way out, with the records of its buffers for the end that it goes to. */
struct frpc_queue_packet {
	uint32_t flags, count, length;
	const struct frpc_ring_buffer *records;
	const void *message;
};

/* What dspqueue.h lets an app write; the records are still to come. AEE code. */
int frpc_queue_packet_init(struct frpc_queue_packet *packet, uint32_t flags, uint32_t num_buffers,
			   const struct dspqueue_buffer *buffers, uint32_t message_length,
			   const uint8_t *message);
/* An early wake-up; @delay_us is borrowed. */
int frpc_queue_packet_init_wakeup(struct frpc_queue_packet *packet, const uint32_t *delay_us,
				  uint32_t flags);
/* Checks and completes the buffers, and writes them as records. On failure none has been sent. */
int frpc_queue_send_buffers(struct frpc_queue_end *end, struct dspqueue_buffer *buffers,
			    uint32_t count, struct frpc_ring_buffer *records);
void frpc_queue_unsend_buffers(struct frpc_queue_end *end, const struct dspqueue_buffer *buffers,
			       uint32_t count);
/* Writes it, or only waits until there is room. An AEE code of dspqueue_write(). */
int frpc_queue_packet_write(struct frpc_queue_end *end, struct frpc_queue_packet *packet,
			    int64_t timeout_us);
int frpc_queue_packet_room(struct frpc_queue_end *end, struct frpc_queue_packet *packet,
			   int64_t timeout_us);

#endif
