/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A DSP thread: serves the calls of one thread of the client, in order. Without work for a while it
 * ends. With process NULL it is the root PD's.
 */
#ifndef EMU_DSP_WORKER_H
#define EMU_DSP_WORKER_H

#include "process.h"

#define EMU_WORKER_QUEUE 16u

struct emu_worker {
	struct emu_worker *next; /* under the subsystem's lock */
	struct emu_subsystem *subsystem;
	struct emu_process *process; /* a reference, or NULL: the root PD */
	uint32_t tid;
	uint32_t stack;	      /* bytes that it has for skels */
	pthread_mutex_t lock; /* queue; held while answering */
	struct frpc_smq_msg queue[EMU_WORKER_QUEUE];
	uint32_t first, count;
	bool leaving;		   /* takes no more work */
	bool served;		   /* a call at least: the one that it was made for */
	_Atomic uint64_t current;  /* the call it is in; whoever takes it out answers it. 0: none */
	_Atomic uint32_t signal;   /* changes when there is something new */
	_Atomic uint32_t sleeping; /* somebody has to wake it */
};

/* Starts the thread. 0, -ENOMEM, -EAGAIN. */
int emu_worker_new(struct emu_subsystem *subsystem, struct emu_process *process, uint32_t tid,
		   struct emu_worker **ret_worker);
/* 0; -EBUSY: the queue is full; -ESRCH: it is leaving. Called with the subsystem's lock held. */
int emu_worker_post(struct emu_worker *worker, const struct frpc_smq_msg *message);
/* Makes it look up: its process has ended. */
void emu_worker_nudge(struct emu_worker *worker);
/*
 * Takes its calls away: those that wait, and the one that runs. They go to @ctxs, which has room for
 * EMU_WORKER_QUEUE + 1; their number. Called with the subsystem's lock held.
 */
uint32_t emu_worker_abandon(struct emu_worker *worker, uint64_t *ctxs);

/* Takes a worker that leaves off its list. From subsystem.c. */
void emu_subsystem_forget_worker(struct emu_subsystem *subsystem, struct emu_worker *worker);
/* Runs a driver's call. From root_pd.c. */
int32_t emu_root_pd_call(struct emu_subsystem *subsystem, struct emu_engine *engine,
			 const struct frpc_smq_msg *message);

#endif
