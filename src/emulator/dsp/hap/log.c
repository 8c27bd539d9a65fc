/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages on their way to the CPU: a queue, and a thread that carries it over by reverse calls to
 * adspmsgd_apps. Who logs never waits for the CPU; when the queue is full the oldest are lost, and
 * their number is told.
 */
#define FASTRPC_SKEL 1

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../service.h"
#include "../../deadline.h"
#include "HAP_debug.h"
#include "hap.h"
#include "lib/services/log_record.h"

#define QUEUE  256u
#define BATCH  32u
#define SC_LOG 0x00020000u

struct emu_hap_log {
	struct emu_hap *hap;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct frpc_log_record *records; /* made with the first message */
	uint32_t first, count, lost;
	bool running, sending;
	bool off; /* the CPU has no such service, or it is over */
	uint32_t mask;
	char **files;
	uint32_t file_count;
};

int emu_hap_log_new(struct emu_hap *hap, struct emu_hap_log **ret_log)
{
	struct emu_hap_log *log = calloc(1, sizeof(*log));

	if (!log)
		return -ENOMEM;
	log->hap = hap;
	pthread_mutex_init(&log->lock, NULL);
	emu_cond_init(&log->changed);
	*ret_log = log;
	return 0;
}

static void free_files(char **files, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		free(files[i]);
	free(files);
}

void emu_hap_log_end(struct emu_hap_log *log)
{
	pthread_mutex_lock(&log->lock);
	log->off = true;
	pthread_cond_broadcast(&log->changed);
	pthread_mutex_unlock(&log->lock);
}

void emu_hap_log_free(struct emu_hap_log *log)
{
	if (!log)
		return;
	free_files(log->files, log->file_count);
	free(log->records);
	pthread_cond_destroy(&log->changed);
	pthread_mutex_destroy(&log->lock);
	free(log);
}

void emu_hap_log_drain(struct emu_hap_log *log, unsigned int bounded_ms)
{
	const struct timespec until = emu_deadline_ns(bounded_ms * UINT64_C(1000000));
	int res = 0;

	pthread_mutex_lock(&log->lock);
	while ((log->count || log->sending) && !log->off && res != ETIMEDOUT)
		res = pthread_cond_timedwait(&log->changed, &log->lock, &until);
	pthread_mutex_unlock(&log->lock);
}

static int32_t send(struct emu_hap *hap, uint32_t handle, struct frpc_log_record *records,
		    uint32_t count)
{
	uint32_t bytes = count * (uint32_t)sizeof(*records);
	const struct emu_reverse_buffer buffers[] = {
		{&bytes, sizeof(bytes)},
		{records, bytes},
	};

	return hap->config.host->reverse_call(hap->config.context, handle, SC_LOG, buffers);
}

static void note_lost(struct emu_hap_log *log, struct frpc_log_record *record)
{
	*record = (struct frpc_log_record){.level = HAP_LEVEL_ERROR};
	snprintf(record->text, sizeof(record->text), "%u messages lost: too many at a time",
		 log->lost);
	log->lost = 0;
}

/* With the lock held. How many there are in @batch now. */
static uint32_t take_batch(struct emu_hap_log *log, struct frpc_log_record *batch)
{
	uint32_t taken = 0;

	if (log->lost)
		note_lost(log, &batch[taken++]);
	while (log->count && taken < BATCH) {
		batch[taken++] = log->records[log->first];
		log->first = (log->first + 1) % QUEUE;
		log->count--;
	}
	return taken;
}

static void *run(void *arg)
{
	struct emu_hap_log *log = arg;
	struct emu_hap *hap = log->hap;
	struct frpc_log_record batch[BATCH];
	uint32_t handle = 0;
	bool ready;

	ready = !emu_service_open(hap->config.host->reverse_call, hap->config.context,
				  "adspmsgd_apps", &handle);
	pthread_mutex_lock(&log->lock);
	log->off |= !ready;
	while (!log->off) {
		uint32_t taken;

		if (!log->count) {
			pthread_cond_wait(&log->changed, &log->lock);
			continue;
		}
		taken = take_batch(log, batch);
		log->sending = true;
		pthread_mutex_unlock(&log->lock);
		send(hap, handle, batch, taken);
		pthread_mutex_lock(&log->lock);
		log->sending = false;
		if (!log->count)
			atomic_store(&hap->log_waits, false);
		pthread_cond_broadcast(&log->changed);
	}
	pthread_cond_broadcast(&log->changed);
	pthread_mutex_unlock(&log->lock);
	hap->config.host->thread_ends(hap->config.context);
	return NULL;
}

/* With the lock held. */
static bool start(struct emu_hap_log *log)
{
	struct emu_hap *hap = log->hap;
	pthread_attr_t attr;
	sigset_t all, old;
	pthread_t thread;
	int res;

	if (log->running)
		return true;
	if (!log->records)
		log->records = calloc(QUEUE, sizeof(*log->records));
	if (!log->records)
		return false;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	hap->config.host->thread_begins(hap->config.context);
	res = pthread_create(&thread, &attr, run, log);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (res)
		hap->config.host->thread_ends(hap->config.context);
	log->running = !res;
	return log->running;
}

static void put(struct emu_hap_log *log, const struct frpc_log_record *record)
{
	pthread_mutex_lock(&log->lock);
	if (!log->off && start(log)) {
		if (log->count == QUEUE) {
			log->first = (log->first + 1) % QUEUE;
			log->count--;
			log->lost++;
		}
		log->records[(log->first + log->count++) % QUEUE] = *record;
		atomic_store(&log->hap->log_waits, true);
		pthread_cond_broadcast(&log->changed);
	}
	pthread_mutex_unlock(&log->lock);
}

static void copy_name(char *to, size_t room, const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	snprintf(to, room, "%s", slash ? slash + 1 : path ? path : "");
}

static void message(int level, const char *file, int line, const char *format, va_list list)
{
	struct frpc_log_record record = {.level = level & ~HAP_LEVEL_RUNTIME,
					 .line = (uint16_t)line};
	struct emu_hap *hap = emu_hap_current();

	if (!hap || !format)
		return;
	/* Nothing of our stack goes with it: behind the words there are zeros. */
	vsnprintf(record.text, sizeof(record.text), format, list);
	record.thread = (uint16_t)emu_hap_thread_id();
	copy_name(record.file, sizeof(record.file), file);
	put(hap->log, &record);
}

static bool lets_through(struct emu_hap_log *log, int level, const char *file)
{
	char name[sizeof(((struct frpc_log_record *)0)->file)];
	bool through;

	level &= ~HAP_LEVEL_RUNTIME;
	copy_name(name, sizeof(name), file);
	pthread_mutex_lock(&log->lock);
	through = level >= 0 && level < 32 && (log->mask >> level & 1);
	if (through && log->file_count) {
		through = false;
		for (uint32_t i = 0; i < log->file_count && !through; i++)
			through = !strcmp(log->files[i], name);
	}
	pthread_mutex_unlock(&log->lock);
	return through;
}

int emu_hap_set_logging(struct emu_hap *hap, uint32_t mask, const char *const *files,
			uint32_t count)
{
	struct emu_hap_log *log = hap->log;
	char **copies, **old;
	uint32_t old_count;

	if (hap->remote)
		return hap->remote->set_logging(hap->remote_context, mask, files, count);
	copies = calloc(count ? count : 1, sizeof(*copies));
	if (!copies)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		const char *file = files[i], *slash = strrchr(file, '/');

		copies[i] = strdup(slash ? slash + 1 : file);
		if (!copies[i]) {
			free_files(copies, i);
			return -ENOMEM;
		}
	}
	pthread_mutex_lock(&log->lock);
	old = log->files;
	old_count = log->file_count;
	log->files = copies;
	log->file_count = count;
	log->mask = mask;
	pthread_mutex_unlock(&log->lock);
	free_files(old, old_count);
	return 0;
}

void emu_hap_complain(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	message(HAP_LEVEL_ERROR, "qurt", 0, format, list);
	va_end(list);
}

void HAP_debug_v2(int level, const char *file, int line, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	message(level, file, line, format, list);
	va_end(list);
}

void HAP_debug_runtime(int level, const char *file, int line, const char *format, ...)
{
	struct emu_hap *hap = emu_hap_current();
	va_list list;

	if (!hap || !lets_through(hap->log, level, file))
		return;
	va_start(list, format);
	message(level, file, line, format, list);
	va_end(list);
}

void HAP_debug(const char *msg, int level, const char *filename, int line)
{
	if (msg)
		HAP_debug_v2(level, filename, line, "%s", msg);
}

int HAP_setFARFRuntimeLoggingParams(unsigned int mask, const char *files[],
				    unsigned short numberOfFiles)
{
	struct emu_hap *hap = emu_hap_current();

	if (!hap || (numberOfFiles && !files))
		return EMU_DSP_EBADPARM;
	for (unsigned short i = 0; i < numberOfFiles; i++)
		if (!files[i])
			return EMU_DSP_EBADPARM;
	return emu_hap_set_logging(hap, mask, files, numberOfFiles) ? EMU_DSP_ENOMEMORY : 0;
}

bool HAP_log_data_packet(unsigned short log_code_type, unsigned int dataLen, unsigned char *data)
{
	(void)log_code_type, (void)dataLen, (void)data;
	return false;
}
