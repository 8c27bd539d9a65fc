/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A process on the DSP: its engine, modules, listener and threads. Counted: the subsystem's table
 * holds one reference, each of its threads one; the last frees it. Nothing waits for a thread that
 * is stuck in a skel.
 */
#ifndef EMU_DSP_PROCESS_H
#define EMU_DSP_PROCESS_H

#include <pthread.h>
#include <stdatomic.h>

#include "call.h"
#include "engine.h"
#include "subsystem.h"

struct emu_answers;
struct emu_hap;
struct emu_listener;
struct emu_modules;
struct emu_queues;
struct emu_reverse_buffer;
struct emu_shared;
struct emu_vtcm;
struct emu_worker;

struct emu_process {
	struct emu_process *next; /* in the subsystem's table, under its lock */
	struct emu_subsystem *subsystem;
	uint32_t bank, pid;
	uint32_t attrs; /* FRPC_PROC_ATTR_*, given at its creation */
	_Atomic int refs;
	struct emu_engine *engine;
	struct emu_listener *listener;
	struct emu_modules *modules;
	struct emu_shared *shared;
	struct emu_hap *hap;
	struct emu_queues *queues;
	_Atomic bool ended;	    /* exit or release: calls are refused */
	_Atomic bool polled;	    /* the CPU looks for the poll word of its calls */
	struct emu_worker *workers; /* under the subsystem's lock */
};

int emu_process_new(struct emu_subsystem *subsystem, uint32_t bank, uint32_t pid, uint32_t attrs,
		    struct emu_process **ret_process);
struct emu_process *emu_process_ref(struct emu_process *process);
void emu_process_unref(struct emu_process *process);
/* Ends it: no further calls, the listener and everybody who waits for it are let go. */
void emu_process_end(struct emu_process *process);

/*
 * Runs one call of a client and returns its result. On the worker of the calling thread.
 * *ret_announced: the driver has been told the result early, and the answer completes it.
 */
int32_t emu_process_call(struct emu_process *process, const struct frpc_smq_msg *message,
			 bool *ret_announced);

/* A reverse call; without a listener of its own the process uses that of the CPU's daemon, if any. */
int32_t emu_process_reverse_call(struct emu_process *process, uint32_t handle, uint32_t sc,
				 const struct emu_reverse_buffer *buffers);

/* What a subsystem offers its processes. */
/* Whose listener serves processes that have none. It holds a reference until that one ends. */
void emu_subsystem_set_default(struct emu_subsystem *subsystem, struct emu_process *process);
/* A reference to it, or NULL. */
struct emu_process *emu_subsystem_get_default(struct emu_subsystem *subsystem);
/* What it says to the driver (answers.h). */
struct emu_answers *emu_subsystem_answers(struct emu_subsystem *subsystem);
void emu_subsystem_respond(struct emu_subsystem *subsystem, uint64_t ctx, int32_t retval);
/* Asks for a restart of the whole DSP: 0, or the DSP's error if it has no way to. */
int32_t emu_subsystem_restart(struct emu_subsystem *subsystem);
/* The program that runs processes, NULL: they are run by threads here. */
const char *emu_subsystem_program(struct emu_subsystem *subsystem);
/* The test module, NULL unless it was asked for. */
struct emu_testmod *emu_subsystem_testmod(struct emu_subsystem *subsystem);
/* @process has raised an exception in its call @ctx: it ends, and its calls with it. */
void emu_subsystem_exception(struct emu_subsystem *subsystem, const struct emu_process *process,
			     uint64_t ctx);
bool emu_subsystem_is_extended(struct emu_subsystem *subsystem);
/* Has the driver left room for a poll word behind the arguments of a call? */
bool emu_subsystem_has_poll_word(struct emu_subsystem *subsystem);
struct emu_memory *emu_subsystem_memory(struct emu_subsystem *subsystem);
struct emu_vtcm *emu_subsystem_vtcm(struct emu_subsystem *subsystem);
const uint32_t *emu_subsystem_attributes(struct emu_subsystem *subsystem);
struct emu_stats *emu_subsystem_stats(struct emu_subsystem *subsystem); /* never NULL */
bool emu_subsystem_is_modern(struct emu_subsystem *subsystem);
bool emu_subsystem_has_signals(struct emu_subsystem *subsystem);
uint32_t emu_subsystem_queue_version(struct emu_subsystem *subsystem);
struct emu_subsystem *emu_subsystem_ref(struct emu_subsystem *subsystem);
void emu_subsystem_unref(struct emu_subsystem *subsystem);
/* Counts threads, so that the subsystem knows when all are gone. */
void emu_subsystem_thread_begins(struct emu_subsystem *subsystem);
void emu_subsystem_thread_ends(struct emu_subsystem *subsystem);

#endif
