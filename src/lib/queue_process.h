/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What all queues of a session share: the DSP's queue service (libdspqueue_rpc_skel.so), the memory
 * with the counts of what has happened, what the two sides have agreed on, and, where the driver has
 * no signals, two threads: one waits in a call for the DSP's, one makes the calls that are ours.
 */
#ifndef FRPC_LIB_QUEUE_PROCESS_H
#define FRPC_LIB_QUEUE_PROCESS_H

#include "dspqueue.h"
#include "queue_memory.h"
#include "ring.h"

struct frpc_queue_process;
struct frpc_session;

/* A queue as the DSP's service knows it. */
struct frpc_queue_entry {
	uint32_t id;	   /* 0..63 */
	uint64_t exported; /* by what a skel imports it */
	struct frpc_queue_memory *memory;
	struct frpc_queue_header header; /* as agreed */
};

/* The calling code becomes a user of the session's queues; opens what is needed. AEE code, recorded. */
int frpc_queue_process_get(uint32_t effective, struct frpc_queue_process **ret_process);
/* The last one ends it, and maybe the session. Bounded also with a dead DSP. */
void frpc_queue_process_put(struct frpc_queue_process *process);
struct frpc_session *frpc_queue_process_session(struct frpc_queue_process *process);

/* Makes a queue of @entry->header's layout and @size bytes. AEE code, recorded; nothing is left then. */
int frpc_queue_process_create(struct frpc_queue_process *process, uint32_t size,
			      struct frpc_queue_entry *entry);
/* From now on signals reach @queue. */
void frpc_queue_process_name(struct frpc_queue_process *process, uint32_t id, dspqueue_t queue);
/* Does the DSP still use it? Also false if it cannot be asked. */
bool frpc_queue_process_is_imported(struct frpc_queue_process *process,
				    const struct frpc_queue_entry *entry);
/* Its number stays taken until the DSP has let the queue go. */
void frpc_queue_process_destroy(struct frpc_queue_process *process, struct frpc_queue_entry *entry);
/* The DSP has no queue of that number of @session any more. */
void frpc_queue_return_id(struct frpc_session *session, uint32_t id);

/* Where there are no driver signals: counts what has happened; lets the DSP know, without blocking. */
void frpc_queue_process_count(struct frpc_queue_process *process, uint32_t id,
			      enum frpc_queue_signal signal);
void frpc_queue_process_signal(struct frpc_queue_process *process);

/* The DSP of @session or the process on it is gone: every queue of it gets @error. Does not block. */
void frpc_queue_session_died(struct frpc_session *session, int error);

#endif
