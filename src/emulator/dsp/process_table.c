/* SPDX-License-Identifier: BSD-3-Clause */
#include "process_table.h"

#include <errno.h>
#include <stdlib.h>

#include "listener.h"

#define BUCKETS 64u

struct emu_process_table {
	pthread_mutex_t lock;
	struct emu_process *buckets[BUCKETS];
	uint32_t count;
	struct emu_process *default_process; /* a reference, or NULL */
	struct emu_worker *root;	     /* the root PD's threads */
};

int emu_process_table_new(struct emu_process_table **ret_table)
{
	struct emu_process_table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	pthread_mutex_init(&table->lock, NULL);
	*ret_table = table;
	return 0;
}

void emu_process_table_free(struct emu_process_table *table)
{
	if (!table)
		return;
	pthread_mutex_destroy(&table->lock);
	free(table);
}

uint32_t emu_process_table_count(struct emu_process_table *table)
{
	uint32_t count;

	pthread_mutex_lock(&table->lock);
	count = table->count;
	pthread_mutex_unlock(&table->lock);
	return count;
}

static struct emu_process **bucket_of(struct emu_process_table *table, uint32_t bank, uint32_t pid)
{
	return &table->buckets[(bank * 31 + pid) % BUCKETS];
}

/* Where that process is, or where its bucket ends. With the lock held. */
static struct emu_process **find(struct emu_process_table *table, uint32_t bank, uint32_t pid)
{
	struct emu_process **at = bucket_of(table, bank, pid);

	while (*at && ((*at)->bank != bank || (*at)->pid != pid))
		at = &(*at)->next;
	return at;
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

int emu_process_table_post_root(struct emu_process_table *table, struct emu_subsystem *subsystem,
				const struct frpc_smq_msg *message)
{
	int res;

	pthread_mutex_lock(&table->lock);
	res = post(subsystem, NULL, &table->root, 0, message);
	pthread_mutex_unlock(&table->lock);
	return res;
}

int emu_process_table_post(struct emu_process_table *table, struct emu_subsystem *subsystem,
			   uint32_t tid, const struct frpc_smq_msg *message)
{
	struct emu_process *process;
	int res = -ESRCH;

	pthread_mutex_lock(&table->lock);
	process = *find(table, emu_address_bank(message->page_addr), message->pid);
	if (process && !atomic_load(&process->ended))
		res = post(subsystem, process, &process->workers, tid, message);
	pthread_mutex_unlock(&table->lock);
	return res;
}

void emu_process_table_forget(struct emu_process_table *table, struct emu_worker *worker)
{
	struct emu_worker **at;

	pthread_mutex_lock(&table->lock);
	at = worker->process ? &worker->process->workers : &table->root;
	while (*at && *at != worker)
		at = &(*at)->next;
	if (*at)
		*at = worker->next;
	pthread_mutex_unlock(&table->lock);
}

struct emu_process *emu_process_table_find(struct emu_process_table *table, uint32_t bank,
					   uint32_t pid)
{
	struct emu_process *process;

	pthread_mutex_lock(&table->lock);
	process = *find(table, bank, pid);
	if (process)
		emu_process_ref(process);
	pthread_mutex_unlock(&table->lock);
	return process;
}

struct emu_process *emu_process_table_find_pid(struct emu_process_table *table, uint32_t pid)
{
	struct emu_process *process = NULL;

	pthread_mutex_lock(&table->lock);
	for (uint32_t i = 0; i < BUCKETS && !process; i++)
		for (process = table->buckets[i]; process && process->pid != pid;)
			process = process->next;
	if (process)
		emu_process_ref(process);
	pthread_mutex_unlock(&table->lock);
	return process;
}

/* Is the root PD still in its call @ctx? With the lock held. */
static bool is_in_call(struct emu_process_table *table, uint64_t ctx)
{
	struct emu_worker *worker = table->root;

	while (worker && atomic_load(&worker->current) != ctx)
		worker = worker->next;
	return worker != NULL;
}

int emu_process_table_add(struct emu_process_table *table, uint64_t ctx,
			  struct emu_process *process)
{
	struct emu_process **bucket = bucket_of(table, process->bank, process->pid);
	int res = 0;

	pthread_mutex_lock(&table->lock);
	if (*find(table, process->bank, process->pid))
		res = -EEXIST;
	else if (!is_in_call(table, ctx))
		res = -ESTALE;
	if (!res) {
		process->next = *bucket;
		*bucket = process;
		table->count++;
	}
	pthread_mutex_unlock(&table->lock);
	return res;
}

void emu_process_table_set_default(struct emu_process_table *table, struct emu_process *process)
{
	struct emu_process *before;

	pthread_mutex_lock(&table->lock);
	before = table->default_process;
	table->default_process = emu_process_ref(process);
	pthread_mutex_unlock(&table->lock);
	if (before)
		emu_process_unref(before);
}

struct emu_process *emu_process_table_get_default(struct emu_process_table *table)
{
	struct emu_process *process;

	pthread_mutex_lock(&table->lock);
	process = table->default_process;
	if (process)
		emu_process_ref(process);
	pthread_mutex_unlock(&table->lock);
	return process;
}

/* Off the table, ended, its idle workers told. With the lock held. */
static struct emu_process *end(struct emu_process_table *table, struct emu_process **at)
{
	struct emu_process *process = *at;

	*at = process->next;
	table->count--;
	emu_process_end(process);
	if (table->default_process == process) {
		table->default_process = NULL;
		emu_process_unref(process); /* not the last one: the table's is there still */
	}
	for (struct emu_worker *worker = process->workers; worker; worker = worker->next)
		emu_worker_nudge(worker);
	return process;
}

void emu_process_table_end(struct emu_process_table *table, uint64_t ctx, uint32_t bank,
			   uint32_t pid)
{
	struct emu_process **at, *process = NULL;

	pthread_mutex_lock(&table->lock);
	at = find(table, bank, pid);
	if (*at && is_in_call(table, ctx))
		process = end(table, at);
	pthread_mutex_unlock(&table->lock);
	if (process)
		emu_process_unref(process);
}

static bool is_meant(const struct emu_process *process, struct emu_which which)
{
	return (!which.process || process == which.process) &&
	       (!which.pid || process->pid == which.pid);
}

/* Before the process ends, so that its threads have nothing left to answer. With the lock held. */
static void collect_orphans(const struct emu_process *process, struct emu_orphans **list)
{
	for (struct emu_worker *worker = process->workers; worker; worker = worker->next) {
		struct emu_orphans *orphans = calloc(1, sizeof(*orphans));

		if (!orphans)
			continue; /* then the thread answers by itself, if ever */
		orphans->count = emu_worker_abandon(worker, orphans->ctxs);
		orphans->next = *list;
		*list = orphans;
	}
}

struct emu_process *emu_process_table_take(struct emu_process_table *table, struct emu_which which,
					   struct emu_orphans **ret_orphans)
{
	struct emu_process *process, *ended = NULL;

	pthread_mutex_lock(&table->lock);
	for (uint32_t i = 0; i < BUCKETS; i++)
		for (struct emu_process **at = &table->buckets[i]; (process = *at);) {
			if (!is_meant(process, which)) {
				at = &process->next;
				continue;
			}
			if (ret_orphans)
				collect_orphans(process, ret_orphans);
			end(table, at);
			process->next = ended;
			ended = process;
		}
	pthread_mutex_unlock(&table->lock);
	return ended;
}

void emu_process_table_nudge_root(struct emu_process_table *table)
{
	pthread_mutex_lock(&table->lock);
	for (struct emu_worker *worker = table->root; worker; worker = worker->next)
		emu_worker_nudge(worker);
	pthread_mutex_unlock(&table->lock);
}

void emu_process_table_silence_root(struct emu_process_table *table)
{
	uint64_t dropped[EMU_WORKER_QUEUE + 1];

	pthread_mutex_lock(&table->lock);
	for (struct emu_worker *worker = table->root; worker; worker = worker->next)
		emu_worker_abandon(worker, dropped);
	pthread_mutex_unlock(&table->lock);
}

void emu_process_table_nudge_listeners(struct emu_process_table *table)
{
	pthread_mutex_lock(&table->lock);
	for (uint32_t i = 0; i < BUCKETS; i++)
		for (struct emu_process *process = table->buckets[i]; process;
		     process = process->next)
			emu_listener_nudge(process->listener);
	pthread_mutex_unlock(&table->lock);
}
