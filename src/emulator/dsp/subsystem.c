/* SPDX-License-Identifier: BSD-3-Clause */
/* One DSP: the way of messages to its processes, how these end, and what it offers them. */
#include "subsystem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "answers.h"
#include "process_table.h"
#include "queues.h"
#include "root_pd.h"
#include "testmod/testmod.h"
#include "vtcm.h"

#define END_MS 2000u

/* What the calls of a process that has died are answered with. Not offset, unlike other errors. */
#define PROCESS_GONE 39
#define SIGNAL_BYTES 8u

/* A downstream context id says whether it is a job; its table index follows. */
#define JOB_BIT		0x10u
#define JOB_INDEX_SHIFT 6u
#define JOB_THREAD	0x80000000u /* no thread id of a client */
#define JOB_THREADS	8u

struct emu_subsystem {
	struct emu_subsystem_config config;
	struct emu_end *end;
	struct emu_memory *memory;
	struct emu_stats *stats, own_stats;
	struct emu_testmod *testmod; /* or NULL */
	struct emu_answers *answers;
	struct emu_process_table *processes;
	struct emu_vtcm *vtcm;
	_Atomic int refs; /* the owner's, each thread's, each process's */
	_Atomic int threads;
	_Atomic bool crashed;
};

/* ---- messages ---- */

static int receive_signal(struct emu_subsystem *subsystem, const void *bytes)
{
	struct emu_process *process;
	uint64_t signal;

	memcpy(&signal, bytes, sizeof(signal));
	emu_count(&subsystem->stats->dsp_signals, 1);
	if (subsystem->testmod)
		emu_testmod_signalled(subsystem->testmod, signal);
	process = emu_process_table_find_pid(subsystem->processes, (uint32_t)(signal >> 32));
	if (!process)
		return -ENOENT;
	emu_queues_signalled(process->queues, (uint32_t)signal);
	emu_process_unref(process);
	return 0;
}

/*
 * Calls of one client thread are served in order by one thread of ours. Jobs that nobody waits for
 * must not keep it: they have threads of their own.
 */
static uint32_t thread_for(struct emu_subsystem *subsystem, const struct frpc_smq_msg *message)
{
	if (!subsystem->config.extended || !(message->ctx & JOB_BIT))
		return message->tid;
	return JOB_THREAD | (uint32_t)(message->ctx >> JOB_INDEX_SHIFT) % JOB_THREADS;
}

/* To the thread that is to serve it. 0, or what it is answered with at once. */
static int32_t hand_on(struct emu_subsystem *subsystem, const struct frpc_smq_msg *message)
{
	int res;

	if (message->handle == FRPC_HANDLE_PROCESS_GROUP ||
	    message->handle == FRPC_HANDLE_DSP_UTILITIES)
		res = emu_process_table_post_root(subsystem->processes, subsystem, message);
	else
		res = emu_process_table_post(subsystem->processes, subsystem,
					     thread_for(subsystem, message), message);
	if (res == -ESRCH)
		return EMU_DSP_EBADSTATE;
	return res ? EMU_DSP_ENOMEMORY : 0;
}

static int receive(void *context, const void *bytes, size_t len)
{
	struct emu_subsystem *subsystem = context;
	struct frpc_smq_msg message;
	int32_t refused = 0;
	bool answer = true;

	if (atomic_load(&subsystem->crashed))
		return 0;
	if (len == SIGNAL_BYTES && subsystem->config.extended)
		return receive_signal(subsystem, bytes);
	if (len != sizeof(message))
		return -EINVAL;
	memcpy(&message, bytes, sizeof(message));
	if (!subsystem->testmod ||
	    !emu_testmod_takes(subsystem->testmod, &message, &answer, &refused)) {
		refused = hand_on(subsystem, &message);
		answer = refused != 0;
	}
	if (answer)
		emu_subsystem_respond(subsystem, message.ctx, refused);
	return 0;
}

int emu_subsystem_send(struct emu_subsystem *subsystem, const void *bytes, size_t len)
{
	return emu_answers_send(subsystem->answers, bytes, len);
}

void emu_subsystem_respond(struct emu_subsystem *subsystem, uint64_t ctx, int32_t retval)
{
	emu_answers_respond(subsystem->answers, ctx, retval);
}

struct emu_answers *emu_subsystem_answers(struct emu_subsystem *subsystem)
{
	return subsystem->answers;
}

/* ---- what it is, for its processes ---- */

bool emu_subsystem_has_signals(struct emu_subsystem *subsystem)
{
	return subsystem->config.extended && subsystem->config.attributes[130];
}

uint32_t emu_subsystem_queue_version(struct emu_subsystem *subsystem)
{
	return subsystem->config.queue_version ? subsystem->config.queue_version : 2;
}

struct emu_memory *emu_subsystem_memory(struct emu_subsystem *subsystem)
{
	return subsystem->memory;
}

struct emu_vtcm *emu_subsystem_vtcm(struct emu_subsystem *subsystem)
{
	return subsystem->vtcm;
}

const char *emu_subsystem_program(struct emu_subsystem *subsystem)
{
	return subsystem->config.program;
}

struct emu_stats *emu_subsystem_stats(struct emu_subsystem *subsystem)
{
	return subsystem->stats;
}

bool emu_subsystem_is_modern(struct emu_subsystem *subsystem)
{
	return !subsystem->config.no_modern_handles;
}

struct emu_testmod *emu_subsystem_testmod(struct emu_subsystem *subsystem)
{
	return subsystem->testmod;
}

int32_t emu_subsystem_restart(struct emu_subsystem *subsystem)
{
	const struct emu_subsystem_config *config = &subsystem->config;

	if (!config->restart)
		return EMU_DSP_EUNSUPPORTED;
	return config->restart(config->restart_context) ? EMU_DSP_ENOMEMORY : 0;
}

bool emu_subsystem_is_extended(struct emu_subsystem *subsystem)
{
	return subsystem->config.extended;
}

bool emu_subsystem_has_poll_word(struct emu_subsystem *subsystem)
{
	return subsystem->config.extended || subsystem->config.poll_word;
}

const uint32_t *emu_subsystem_attributes(struct emu_subsystem *subsystem)
{
	return subsystem->config.attributes;
}

/* ---- its processes ---- */

struct emu_process *emu_subsystem_find_process(struct emu_subsystem *subsystem, uint32_t bank,
					       uint32_t pid)
{
	return emu_process_table_find(subsystem->processes, bank, pid);
}

int emu_subsystem_add_process(struct emu_subsystem *subsystem, uint64_t ctx, uint32_t bank,
			      uint32_t pid, uint32_t attrs)
{
	struct emu_process *process;
	int res = emu_process_new(subsystem, bank, pid, attrs, &process);

	if (res)
		return res;
	if (emu_process_table_add(subsystem->processes, ctx, process))
		emu_process_unref(process);
	return 0;
}

void emu_subsystem_end_process(struct emu_subsystem *subsystem, uint64_t ctx, uint32_t bank,
			       uint32_t pid)
{
	emu_process_table_end(subsystem->processes, ctx, bank, pid);
}

void emu_subsystem_set_default(struct emu_subsystem *subsystem, struct emu_process *process)
{
	emu_process_table_set_default(subsystem->processes, process);
}

struct emu_process *emu_subsystem_get_default(struct emu_subsystem *subsystem)
{
	return emu_process_table_get_default(subsystem->processes);
}

void emu_subsystem_forget_worker(struct emu_subsystem *subsystem, struct emu_worker *worker)
{
	emu_process_table_forget(subsystem->processes, worker);
}

uint32_t emu_subsystem_processes(struct emu_subsystem *subsystem)
{
	return emu_process_table_count(subsystem->processes);
}

static void unref_list(struct emu_process *ended)
{
	struct emu_process *process;

	while ((process = ended)) {
		ended = process->next;
		emu_process_unref(process);
	}
}

/* All with 39, but the one that raised the exception itself with what the peer expects. */
static void answer_orphans(struct emu_subsystem *subsystem, const struct emu_orphans *orphans,
			   uint64_t raiser)
{
	for (; orphans; orphans = orphans->next)
		for (uint32_t i = 0; i < orphans->count; i++)
			emu_subsystem_respond(subsystem, orphans->ctxs[i],
					      orphans->ctxs[i] == raiser ? EMU_DSP_EBADSTATE
									 : PROCESS_GONE);
}

static void free_orphans(struct emu_orphans *list)
{
	struct emu_orphans *orphans;

	while ((orphans = list)) {
		list = orphans->next;
		free(orphans);
	}
}

static int kill_processes(struct emu_subsystem *subsystem, struct emu_which which,
			  enum emu_dsp_status status, uint64_t raiser)
{
	struct emu_orphans *orphans = NULL;
	struct emu_process *ended = emu_process_table_take(subsystem->processes, which, &orphans);
	int res = ended ? 0 : -ESRCH;

	for (struct emu_process *process = ended; process; process = process->next)
		emu_answers_notify(subsystem->answers, process->pid, status);
	answer_orphans(subsystem, orphans, raiser);
	free_orphans(orphans);
	unref_list(ended);
	return res;
}

int emu_subsystem_kill(struct emu_subsystem *subsystem, uint32_t pid, enum emu_dsp_status status)
{
	return kill_processes(subsystem, (struct emu_which){.pid = pid}, status, 0);
}

void emu_subsystem_exception(struct emu_subsystem *subsystem, const struct emu_process *process,
			     uint64_t ctx)
{
	kill_processes(subsystem, (struct emu_which){.process = process}, EMU_DSP_PD_EXCEPTION,
		       ctx);
}

void emu_subsystem_crash(struct emu_subsystem *subsystem)
{
	struct emu_orphans *orphans = NULL;
	struct emu_process *ended;

	atomic_store(&subsystem->crashed, true);
	if (subsystem->testmod)
		emu_testmod_forget(subsystem->testmod);
	ended = emu_process_table_take(subsystem->processes, (struct emu_which){0}, &orphans);
	emu_process_table_silence_root(subsystem->processes);
	free_orphans(orphans);
	emu_answers_forget(subsystem->answers);
	emu_answers_set_early(subsystem->answers, false);
	unref_list(ended);
}

void emu_subsystem_boot(struct emu_subsystem *subsystem)
{
	atomic_store(&subsystem->crashed, false);
}

void emu_subsystem_set_faults(struct emu_subsystem *subsystem, uint32_t faults)
{
	uint32_t old = emu_answers_set_faults(subsystem->answers, faults);

	if (old & ~faults & EMU_DSP_KEEP_LISTENER)
		emu_process_table_nudge_listeners(subsystem->processes);
}

/* ---- its life ---- */

int emu_subsystem_new(const struct emu_subsystem_config *config, struct emu_end *end,
		      struct emu_memory *memory, struct emu_stats *stats,
		      struct emu_subsystem **ret_subsystem)
{
	struct emu_subsystem *subsystem = calloc(1, sizeof(*subsystem));
	int res;

	if (!subsystem)
		return -ENOMEM;
	subsystem->config = *config;
	subsystem->end = end;
	subsystem->memory = memory;
	subsystem->stats = stats ? stats : &subsystem->own_stats;
	atomic_init(&subsystem->refs, 1);
	res = emu_vtcm_new(config->attributes[4] * config->attributes[5], config->attributes[3],
			   &subsystem->vtcm);
	if (!res)
		res = emu_answers_new(config, end, &subsystem->answers);
	if (!res)
		res = emu_process_table_new(&subsystem->processes);
	if (!res && config->test_module)
		res = emu_testmod_new(subsystem, &subsystem->testmod);
	if (res) {
		emu_subsystem_unref(subsystem);
		return -ENOMEM;
	}
	emu_end_connect(end, receive, subsystem);
	*ret_subsystem = subsystem;
	return 0;
}

void emu_subsystem_thread_begins(struct emu_subsystem *subsystem)
{
	atomic_fetch_add(&subsystem->threads, 1);
}

void emu_subsystem_thread_ends(struct emu_subsystem *subsystem)
{
	atomic_fetch_sub(&subsystem->threads, 1);
}

struct emu_subsystem *emu_subsystem_ref(struct emu_subsystem *subsystem)
{
	atomic_fetch_add_explicit(&subsystem->refs, 1, memory_order_relaxed);
	return subsystem;
}

void emu_subsystem_unref(struct emu_subsystem *subsystem)
{
	if (atomic_fetch_sub_explicit(&subsystem->refs, 1, memory_order_acq_rel) != 1)
		return;
	emu_testmod_free(subsystem->testmod);
	emu_process_table_free(subsystem->processes);
	emu_answers_free(subsystem->answers);
	emu_vtcm_free(subsystem->vtcm);
	free(subsystem);
}

void emu_subsystem_free(struct emu_subsystem *subsystem)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	if (!subsystem)
		return;
	emu_end_connect(subsystem->end, NULL, NULL);
	emu_subsystem_set_faults(subsystem, 0);
	emu_answers_close(subsystem->answers);
	unref_list(emu_process_table_take(subsystem->processes, (struct emu_which){0}, NULL));
	emu_process_table_nudge_root(subsystem->processes);
	emu_testmod_stop(subsystem->testmod);
	/* A thread that is stuck in a skel is left behind, with what it still needs. */
	for (unsigned int i = 0; i < END_MS && atomic_load(&subsystem->threads) > 0; i++)
		nanosleep(&pause, NULL);
	emu_subsystem_unref(subsystem);
}
