/* SPDX-License-Identifier: BSD-3-Clause */
/* The processes of one DSP and their threads, the root PD's among them. */
#ifndef EMU_DSP_PROCESS_TABLE_H
#define EMU_DSP_PROCESS_TABLE_H

#include "process.h"
#include "worker.h"

struct emu_process_table;

int emu_process_table_new(struct emu_process_table **ret_table);
/* It must be empty. Takes NULL. */
void emu_process_table_free(struct emu_process_table *table);
uint32_t emu_process_table_count(struct emu_process_table *table);

/* Hands @message to a thread of the root PD. 0 or -errno: there is none, or no room. */
int emu_process_table_post_root(struct emu_process_table *table, struct emu_subsystem *subsystem,
				const struct frpc_smq_msg *message);
/* To thread @tid of the process that it names. -ESRCH: there is no such process. */
int emu_process_table_post(struct emu_process_table *table, struct emu_subsystem *subsystem,
			   uint32_t tid, const struct frpc_smq_msg *message);
/* Takes a worker that leaves off its list. */
void emu_process_table_forget(struct emu_process_table *table, struct emu_worker *worker);

/* A reference, or NULL. */
struct emu_process *emu_process_table_find(struct emu_process_table *table, uint32_t bank,
					   uint32_t pid);
/* By the number that it has on this DSP alone: signals do not name a bank. */
struct emu_process *emu_process_table_find_pid(struct emu_process_table *table, uint32_t pid);
/*
 * Processes are added and ended in the root PD's call @ctx. If a crash has taken that call away,
 * nothing is done: what it named may belong to the life after.
 */
/* Takes the reference over. -EEXIST: there is one of that name; -ESTALE: the call is no more. */
int emu_process_table_add(struct emu_process_table *table, uint64_t ctx,
			  struct emu_process *process);

/* Whose listener serves processes that have none. It holds a reference until that one ends. */
void emu_process_table_set_default(struct emu_process_table *table, struct emu_process *process);
struct emu_process *emu_process_table_get_default(struct emu_process_table *table);

/* Calls that died with one thread, to be answered by whoever ended their process. */
struct emu_orphans {
	uint64_t ctxs[EMU_WORKER_QUEUE + 1];
	uint32_t count;
	struct emu_orphans *next;
};

/* Which processes: one, those of one number, or all. */
struct emu_which {
	const struct emu_process *process;
	uint32_t pid;
};

/*
 * Takes processes off the table and ends them; a list of references. *ret_orphans: a list of their
 * calls, to be freed; NULL: their threads answer by themselves.
 */
struct emu_process *emu_process_table_take(struct emu_process_table *table, struct emu_which which,
					   struct emu_orphans **ret_orphans);
/* Ends one. Nothing if there is none. */
void emu_process_table_end(struct emu_process_table *table, uint64_t ctx, uint32_t bank,
			   uint32_t pid);
/* The root PD's threads look up; or they lose their calls, which nobody answers. */
void emu_process_table_nudge_root(struct emu_process_table *table);
void emu_process_table_silence_root(struct emu_process_table *table);
void emu_process_table_nudge_listeners(struct emu_process_table *table);

#endif
