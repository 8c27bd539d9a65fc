/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The interface by which a process on the CPU tells its DSP side of its dspqueues: what the library
 * calls and the DSP model answers. One buffer each way at most.
 */
#ifndef FRPC_LIB_QUEUE_METHODS_H
#define FRPC_LIB_QUEUE_METHODS_H

#include <assert.h>
#include <stdint.h>

enum frpc_queue_method {
	FRPC_QUEUES_INIT = 2,	     /* in: the fd of struct frpc_queue_process_state */
	FRPC_QUEUES_CREATE = 3,	     /* in: struct frpc_queue_creation; out: uint64_t, its name */
	FRPC_QUEUES_DESTROY = 4,     /* in: that name */
	FRPC_QUEUES_IS_IMPORTED = 5, /* in: that name; out: 0 or 1 */
	FRPC_QUEUES_WAIT = 6,	     /* out: the number of a signal to the CPU, once there is one */
	FRPC_QUEUES_CANCEL = 7,	     /* ends that wait */
	FRPC_QUEUES_SIGNAL = 8,	     /* to the DSP: look at the counts */
};

struct frpc_queue_creation {
	uint32_t id;
	int32_t fd;	/* of the queue's memory */
	uint32_t count; /* how many the process has made so far */
};

static_assert(sizeof(struct frpc_queue_creation) == 12, "dspqueue: creation");

#endif
