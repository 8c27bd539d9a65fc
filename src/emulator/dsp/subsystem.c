/* SPDX-License-Identifier: BSD-3-Clause */
/* One DSP: the table of its processes, and the way of messages to their workers and back. */
#include "subsystem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "queues.h"
#include "listener.h"
#include "root_pd.h"
#include "testmod/testmod.h"
#include "vtcm.h"
#include "worker.h"

#define PROCESS_BUCKETS 64u
#define END_MS		2000u

/* What the calls of a process that has died are answered with. Not offset, unlike other errors. */
#define PROCESS_GONE 39
#define SIGNAL_BYTES 8u

/* A downstream context id says whether it is a job; its table index follows. */
#define JOB_BIT		0x10u
#define JOB_INDEX_SHIFT 6u
#define JOB_THREAD	0x80000000u /* no thread id of a client */
#define JOB_THREADS	8u

/* An answer that a silent DSP has kept to itself. */
struct held {
	struct held *next;
	struct frpc_smq_rsp rsp;
};

struct emu_subsystem {
	struct emu_subsystem_config config;
	struct emu_end *end;
	struct emu_memory *memory;
	struct emu_stats *stats, own_stats;
	struct emu_testmod *testmod; /* or NULL */
	_Atomic int refs;	     /* the owner's, each thread's, each process's */
	struct emu_vtcm *vtcm;
	_Atomic uint32_t faults;
	_Atomic int threads;
	pthread_rwlock_t link_lock; /* read: sending; write: going down */
	_Atomic bool down;
	_Atomic bool crashed;
	pthread_mutex_t lock; /* everything below */
	struct emu_process *processes[PROCESS_BUCKETS];
	uint32_t process_count;
	struct emu_process *default_process; /* a reference, or NULL */
	struct emu_worker *root;	     /* the root PD's thread */
	struct held *held, **held_last;
};

static uint32_t bucket_of(uint32_t bank, uint32_t pid)
{
	return (bank * 31 + pid) % PROCESS_BUCKETS;
}

/* With the lock held. */
static struct emu_process *find_process(struct emu_subsystem *subsystem, uint32_t bank,
					uint32_t pid)
{
	struct emu_process *process = subsystem->processes[bucket_of(bank, pid)];

	while (process && (process->bank != bank || process->pid != pid))
		process = process->next;
	return process;
}

/* Hands @message to a worker of the list @workers, or to a new one. With the lock held. */
static int post(struct emu_subsystem *subsystem, struct emu_process *process,
		struct emu_worker **workers, uint32_t tid, const struct frpc_smq_msg *message)
{
	struct emu_worker *worker;
	int res;

	for (worker = *workers; worker; worker = worker->next)
		if (worker->tid == tid) {
			res = emu_worker_post(worker, message);
			if (res != -ESRCH)
				return res;
		}
	res = emu_worker_new(subsystem, process, tid, &worker);
	if (res)
		return res;
	worker->next = *workers;
	*workers = worker;
	return emu_worker_post(worker, message);
}

/* The CPU's process, by the number that it has on this DSP alone: signals do not name a bank. */
static struct emu_process *find_by_pid(struct emu_subsystem *subsystem, uint32_t pid)
{
	struct emu_process *process = NULL;

	pthread_mutex_lock(&subsystem->lock);
	for (uint32_t i = 0; i < PROCESS_BUCKETS && !process; i++)
		for (process = subsystem->processes[i]; process && process->pid != pid;)
			process = process->next;
	if (process)
		emu_process_ref(process);
	pthread_mutex_unlock(&subsystem->lock);
	return process;
}

static int receive_signal(struct emu_subsystem *subsystem, uint64_t signal)
{
	struct emu_process *process = find_by_pid(subsystem, (uint32_t)(signal >> 32));

	if (!process)
		return -ENOENT;
	emu_queues_signalled(process->queues, (uint32_t)signal);
	emu_process_unref(process);
	return 0;
}

void emu_subsystem_signal(struct emu_subsystem *subsystem, uint32_t pid, uint32_t id)
{
	const uint64_t signal = (uint64_t)pid << 32 | id;

	pthread_rwlock_rdlock(&subsystem->link_lock);
	if (!atomic_load(&subsystem->down) && !emu_subsystem_has_fault(subsystem, EMU_DSP_SILENT))
		emu_end_send(subsystem->end, &signal, sizeof(signal));
	pthread_rwlock_unlock(&subsystem->link_lock);
}

bool emu_subsystem_has_signals(struct emu_subsystem *subsystem)
{
	return subsystem->config.extended && subsystem->config.attributes[130];
}

uint32_t emu_subsystem_queue_version(struct emu_subsystem *subsystem)
{
	return subsystem->config.queue_version ? subsystem->config.queue_version : 2;
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

static int receive(void *context, const void *bytes, size_t len)
{
	struct emu_subsystem *subsystem = context;
	struct frpc_smq_msg message;
	struct emu_process *process;
	int32_t refused = 0;
	bool answer;
	int res = 0;

	if (atomic_load(&subsystem->crashed))
		return 0;
	if (len == SIGNAL_BYTES && subsystem->config.extended) {
		uint64_t signal;

		memcpy(&signal, bytes, sizeof(signal));
		emu_count(&subsystem->stats->dsp_signals, 1);
		if (subsystem->testmod)
			emu_testmod_signalled(subsystem->testmod, signal);
		return receive_signal(subsystem, signal);
	}
	if (len != sizeof(message))
		return -EINVAL;
	memcpy(&message, bytes, sizeof(message));
	if (subsystem->testmod &&
	    emu_testmod_takes(subsystem->testmod, &message, &answer, &refused)) {
		if (answer)
			emu_subsystem_respond(subsystem, message.ctx, refused);
		return 0;
	}
	pthread_mutex_lock(&subsystem->lock);
	if (message.handle == FRPC_HANDLE_PROCESS_GROUP ||
	    message.handle == FRPC_HANDLE_DSP_UTILITIES) {
		res = post(subsystem, NULL, &subsystem->root, 0, &message);
	} else {
		process = find_process(subsystem, emu_address_bank(message.page_addr), message.pid);
		if (process && !atomic_load(&process->ended))
			res = post(subsystem, process, &process->workers,
				   thread_for(subsystem, &message), &message);
		else
			refused = EMU_DSP_EBADSTATE;
	}
	pthread_mutex_unlock(&subsystem->lock);
	if (res)
		refused = EMU_DSP_ENOMEMORY;
	if (refused)
		emu_subsystem_respond(subsystem, message.ctx, refused);
	return 0;
}

int emu_subsystem_send(struct emu_subsystem *subsystem, const void *bytes, size_t len)
{
	int res = -ENODEV;

	pthread_rwlock_rdlock(&subsystem->link_lock);
	if (!atomic_load(&subsystem->down))
		res = emu_end_send(subsystem->end, bytes, len);
	pthread_rwlock_unlock(&subsystem->link_lock);
	return res;
}

/* Answers that no driver has asked for: for calls that there are not, and no answers at all. */
static void send_garbage(struct emu_subsystem *subsystem, const struct frpc_smq_rsp *rsp)
{
	unsigned char bytes[64];

	/* A mainline driver takes all but a few of these bits for its own. */
	for (unsigned int bit = 4; subsystem->config.extended && bit < 64; bit++) {
		struct frpc_smq_rsp wrong = {.ctx = rsp->ctx ^ UINT64_C(1) << bit, .retval = -1};

		emu_subsystem_send(subsystem, &wrong, sizeof(wrong));
	}
	memset(bytes, 0xff, sizeof(bytes));
	for (size_t len = 0; len <= sizeof(bytes); len++)
		emu_subsystem_send(subsystem, bytes, len);
}

static void send_response(struct emu_subsystem *subsystem, const struct frpc_smq_rsp *rsp)
{
	const struct frpc_smq_rsp_v2 with_flags = {
		.ctx = rsp->ctx,
		.retval = rsp->retval,
		.flags = FRPC_SMQ_NORMAL_RESPONSE,
		.version = FRPC_SMQ_RSP_VERSION,
	};
	bool twice = emu_subsystem_has_fault(subsystem, EMU_DSP_DUPLICATE);

	if (emu_subsystem_has_fault(subsystem, EMU_DSP_TRUNCATE))
		emu_subsystem_send(subsystem, rsp, sizeof(*rsp) - 4);
	if (emu_subsystem_has_fault(subsystem, EMU_DSP_HOSTILE))
		send_garbage(subsystem, rsp);
	for (int i = 0; i < (twice ? 2 : 1); i++)
		if (subsystem->config.long_responses ||
		    emu_subsystem_has_fault(subsystem, EMU_DSP_LONG))
			emu_subsystem_send(subsystem, &with_flags, sizeof(with_flags));
		else
			emu_subsystem_send(subsystem, rsp, sizeof(*rsp));
}

void emu_subsystem_notify(struct emu_subsystem *subsystem, uint32_t pid, enum emu_dsp_status status)
{
	const struct frpc_smq_notif notif = {
		.ctx = FRPC_SMQ_NOTIF_CTX,
		.type = FRPC_SMQ_NOTIF_TYPE,
		.pid = pid,
		.status = status,
	};

	if (subsystem->config.extended)
		emu_subsystem_send(subsystem, &notif, sizeof(notif));
}

void emu_subsystem_respond(struct emu_subsystem *subsystem, uint64_t ctx, int32_t retval)
{
	const struct frpc_smq_rsp rsp = {.ctx = ctx, .retval = retval};
	struct held *held;

	if (!emu_subsystem_has_fault(subsystem, EMU_DSP_SILENT)) {
		send_response(subsystem, &rsp);
		return;
	}
	held = calloc(1, sizeof(*held));
	if (!held)
		return;
	held->rsp = rsp;
	pthread_mutex_lock(&subsystem->lock);
	*subsystem->held_last = held;
	subsystem->held_last = &held->next;
	pthread_mutex_unlock(&subsystem->lock);
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

bool emu_subsystem_has_fault(struct emu_subsystem *subsystem, uint32_t fault)
{
	return atomic_load_explicit(&subsystem->faults, memory_order_relaxed) & fault;
}

bool emu_subsystem_is_down(struct emu_subsystem *subsystem)
{
	return atomic_load(&subsystem->down);
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

const uint32_t *emu_subsystem_attributes(struct emu_subsystem *subsystem)
{
	return subsystem->config.attributes;
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

static void free_held(struct emu_subsystem *subsystem, bool send)
{
	struct held *held, *next;

	pthread_mutex_lock(&subsystem->lock);
	held = subsystem->held;
	subsystem->held = NULL;
	subsystem->held_last = &subsystem->held;
	pthread_mutex_unlock(&subsystem->lock);
	for (; held; held = next) {
		next = held->next;
		if (send)
			send_response(subsystem, &held->rsp);
		free(held);
	}
}

void emu_subsystem_unref(struct emu_subsystem *subsystem)
{
	if (atomic_fetch_sub_explicit(&subsystem->refs, 1, memory_order_acq_rel) != 1)
		return;
	free_held(subsystem, false);
	emu_testmod_free(subsystem->testmod);
	emu_vtcm_free(subsystem->vtcm);
	pthread_rwlock_destroy(&subsystem->link_lock);
	pthread_mutex_destroy(&subsystem->lock);
	free(subsystem);
}

void emu_subsystem_forget_worker(struct emu_subsystem *subsystem, struct emu_worker *worker)
{
	struct emu_worker **at;

	pthread_mutex_lock(&subsystem->lock);
	at = worker->process ? &worker->process->workers : &subsystem->root;
	while (*at && *at != worker)
		at = &(*at)->next;
	if (*at)
		*at = worker->next;
	pthread_mutex_unlock(&subsystem->lock);
}

struct emu_process *emu_subsystem_find_process(struct emu_subsystem *subsystem, uint32_t bank,
					       uint32_t pid)
{
	struct emu_process *process;

	pthread_mutex_lock(&subsystem->lock);
	process = find_process(subsystem, bank, pid);
	if (process)
		emu_process_ref(process);
	pthread_mutex_unlock(&subsystem->lock);
	return process;
}

int emu_subsystem_add_process(struct emu_subsystem *subsystem, uint32_t bank, uint32_t pid,
			      uint32_t attrs)
{
	struct emu_process *process, **bucket = &subsystem->processes[bucket_of(bank, pid)];
	bool there;
	int res;

	res = emu_process_new(subsystem, bank, pid, attrs, &process);
	if (res)
		return res;
	pthread_mutex_lock(&subsystem->lock);
	there = find_process(subsystem, bank, pid) != NULL;
	if (!there) {
		process->next = *bucket;
		*bucket = process;
		subsystem->process_count++;
	}
	pthread_mutex_unlock(&subsystem->lock);
	if (there)
		emu_process_unref(process);
	return 0;
}

void emu_subsystem_set_default(struct emu_subsystem *subsystem, struct emu_process *process)
{
	struct emu_process *before;

	pthread_mutex_lock(&subsystem->lock);
	before = subsystem->default_process;
	subsystem->default_process = emu_process_ref(process);
	pthread_mutex_unlock(&subsystem->lock);
	if (before)
		emu_process_unref(before);
}

struct emu_process *emu_subsystem_get_default(struct emu_subsystem *subsystem)
{
	struct emu_process *process;

	pthread_mutex_lock(&subsystem->lock);
	process = subsystem->default_process;
	if (process)
		emu_process_ref(process);
	pthread_mutex_unlock(&subsystem->lock);
	return process;
}

/* Off the table, ended, its idle workers told. */
static void end_process(struct emu_subsystem *subsystem, struct emu_process **at)
{
	struct emu_process *process = *at;

	*at = process->next;
	subsystem->process_count--;
	emu_process_end(process);
	if (subsystem->default_process == process) {
		subsystem->default_process = NULL;
		emu_process_unref(process); /* not the last one: the table's is there still */
	}
	for (struct emu_worker *worker = process->workers; worker; worker = worker->next)
		emu_worker_nudge(worker);
}

void emu_subsystem_end_process(struct emu_subsystem *subsystem, uint32_t bank, uint32_t pid)
{
	struct emu_process **at = &subsystem->processes[bucket_of(bank, pid)], *process;

	pthread_mutex_lock(&subsystem->lock);
	while (*at && ((*at)->bank != bank || (*at)->pid != pid))
		at = &(*at)->next;
	process = *at;
	if (process)
		end_process(subsystem, at);
	pthread_mutex_unlock(&subsystem->lock);
	if (process)
		emu_process_unref(process);
}

int emu_subsystem_new(const struct emu_subsystem_config *config, struct emu_end *end,
		      struct emu_memory *memory, struct emu_stats *stats,
		      struct emu_subsystem **ret_subsystem)
{
	struct emu_subsystem *subsystem = calloc(1, sizeof(*subsystem));

	if (!subsystem)
		return -ENOMEM;
	if (emu_vtcm_new(config->attributes[4] * config->attributes[5], config->attributes[3],
			 &subsystem->vtcm)) {
		free(subsystem);
		return -ENOMEM;
	}
	subsystem->config = *config;
	subsystem->end = end;
	subsystem->memory = memory;
	subsystem->stats = stats ? stats : &subsystem->own_stats;
	subsystem->held_last = &subsystem->held;
	atomic_init(&subsystem->refs, 1);
	pthread_rwlock_init(&subsystem->link_lock, NULL);
	pthread_mutex_init(&subsystem->lock, NULL);
	if (config->test_module && emu_testmod_new(subsystem, &subsystem->testmod)) {
		emu_subsystem_unref(subsystem);
		return -ENOMEM;
	}
	emu_end_connect(end, receive, subsystem);
	*ret_subsystem = subsystem;
	return 0;
}

/* Which processes: one, those of one pid, or all. */
struct which {
	const struct emu_process *process;
	uint32_t pid;
};

static bool is_meant(const struct emu_process *process, struct which which)
{
	return (!which.process || process == which.process) &&
	       (!which.pid || process->pid == which.pid);
}

/* Takes them off the table; the list of them. With the lock held. */
static struct emu_process *end_processes(struct emu_subsystem *subsystem, struct which which)
{
	struct emu_process *process, *ended = NULL;

	for (uint32_t i = 0; i < PROCESS_BUCKETS; i++)
		for (struct emu_process **at = &subsystem->processes[i]; (process = *at);) {
			if (!is_meant(process, which)) {
				at = &process->next;
				continue;
			}
			end_process(subsystem, at);
			process->next = ended;
			ended = process;
		}
	return ended;
}

static void unref_list(struct emu_process *ended)
{
	struct emu_process *process;

	while ((process = ended)) {
		ended = process->next;
		emu_process_unref(process);
	}
}

static void end_all_processes(struct emu_subsystem *subsystem)
{
	struct emu_process *ended;

	pthread_mutex_lock(&subsystem->lock);
	ended = end_processes(subsystem, (struct which){0});
	for (struct emu_worker *worker = subsystem->root; worker; worker = worker->next)
		emu_worker_nudge(worker);
	pthread_mutex_unlock(&subsystem->lock);
	unref_list(ended);
}

/* Calls of one dead process, to be answered without the lock. */
struct orphans {
	uint64_t ctxs[EMU_WORKER_QUEUE + 1];
	uint32_t count;
	struct orphans *next;
};

/* Before the process ends, so that its threads have nothing left to answer. With the lock held. */
static void collect_orphans(struct emu_subsystem *subsystem, struct which which,
			    struct orphans **list)
{
	for (uint32_t i = 0; i < PROCESS_BUCKETS; i++)
		for (struct emu_process *p = subsystem->processes[i]; p; p = p->next) {
			if (!is_meant(p, which))
				continue;
			for (struct emu_worker *w = p->workers; w; w = w->next) {
				struct orphans *orphans = calloc(1, sizeof(*orphans));

				if (!orphans)
					continue; /* then the thread answers by itself, if ever */
				orphans->count = emu_worker_abandon(w, orphans->ctxs);
				orphans->next = *list;
				*list = orphans;
			}
		}
}

/* All with 39, but the one that raised the exception itself with what the peer expects. */
static void answer_orphans(struct emu_subsystem *subsystem, struct orphans *list, uint64_t raiser)
{
	struct orphans *orphans;

	while ((orphans = list)) {
		list = orphans->next;
		for (uint32_t i = 0; i < orphans->count; i++)
			emu_subsystem_respond(subsystem, orphans->ctxs[i],
					      orphans->ctxs[i] == raiser ? EMU_DSP_EBADSTATE
									 : PROCESS_GONE);
		free(orphans);
	}
}

static int kill_processes(struct emu_subsystem *subsystem, struct which which,
			  enum emu_dsp_status status, uint64_t raiser)
{
	struct orphans *orphans = NULL;
	struct emu_process *ended;
	int res;

	pthread_mutex_lock(&subsystem->lock);
	collect_orphans(subsystem, which, &orphans);
	ended = end_processes(subsystem, which);
	pthread_mutex_unlock(&subsystem->lock);
	res = ended ? 0 : -ESRCH;
	for (struct emu_process *process = ended; process; process = process->next)
		emu_subsystem_notify(subsystem, process->pid, status);
	answer_orphans(subsystem, orphans, raiser);
	unref_list(ended);
	return res;
}

int emu_subsystem_kill(struct emu_subsystem *subsystem, uint32_t pid, enum emu_dsp_status status)
{
	return kill_processes(subsystem, (struct which){.pid = pid}, status, 0);
}

void emu_subsystem_exception(struct emu_subsystem *subsystem, const struct emu_process *process,
			     uint64_t ctx)
{
	kill_processes(subsystem, (struct which){.process = process}, EMU_DSP_PD_EXCEPTION, ctx);
}

static void forget_orphans(struct orphans *list)
{
	struct orphans *orphans;

	while ((orphans = list)) {
		list = orphans->next;
		free(orphans);
	}
}

void emu_subsystem_crash(struct emu_subsystem *subsystem)
{
	uint64_t dropped[EMU_WORKER_QUEUE + 1];
	struct orphans *orphans = NULL;
	struct emu_process *ended;

	atomic_store(&subsystem->crashed, true);
	if (subsystem->testmod)
		emu_testmod_forget(subsystem->testmod);
	pthread_mutex_lock(&subsystem->lock);
	collect_orphans(subsystem, (struct which){0}, &orphans);
	ended = end_processes(subsystem, (struct which){0});
	for (struct emu_worker *worker = subsystem->root; worker; worker = worker->next)
		emu_worker_abandon(worker, dropped);
	pthread_mutex_unlock(&subsystem->lock);
	forget_orphans(orphans);
	free_held(subsystem, false);
	unref_list(ended);
}

void emu_subsystem_boot(struct emu_subsystem *subsystem)
{
	atomic_store(&subsystem->crashed, false);
}

void emu_subsystem_free(struct emu_subsystem *subsystem)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	if (!subsystem)
		return;
	emu_end_connect(subsystem->end, NULL, NULL);
	emu_subsystem_set_faults(subsystem, 0);
	pthread_rwlock_wrlock(&subsystem->link_lock);
	atomic_store(&subsystem->down, true);
	pthread_rwlock_unlock(&subsystem->link_lock);
	end_all_processes(subsystem);
	emu_testmod_stop(subsystem->testmod);
	/* A thread that is stuck in a skel is left behind, with what it still needs. */
	for (unsigned int i = 0; i < END_MS && atomic_load(&subsystem->threads) > 0; i++)
		nanosleep(&pause, NULL);
	emu_subsystem_unref(subsystem);
}

static void nudge_listeners(struct emu_subsystem *subsystem)
{
	pthread_mutex_lock(&subsystem->lock);
	for (uint32_t i = 0; i < PROCESS_BUCKETS; i++)
		for (struct emu_process *p = subsystem->processes[i]; p; p = p->next)
			emu_listener_nudge(p->listener);
	pthread_mutex_unlock(&subsystem->lock);
}

void emu_subsystem_set_faults(struct emu_subsystem *subsystem, uint32_t faults)
{
	uint32_t old = atomic_exchange(&subsystem->faults, faults);

	if (old & ~faults & EMU_DSP_KEEP_LISTENER)
		nudge_listeners(subsystem);
	if (old & ~faults & EMU_DSP_SILENT)
		free_held(subsystem, true);
}

uint32_t emu_subsystem_processes(struct emu_subsystem *subsystem)
{
	uint32_t count;

	pthread_mutex_lock(&subsystem->lock);
	count = subsystem->process_count;
	pthread_mutex_unlock(&subsystem->lock);
	return count;
}
