/* SPDX-License-Identifier: BSD-3-Clause */
/* FARF on the CPU: messages to the sink of frpc_set_log(). */
#include "hap_debug.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "AEEStdErr.h"
#include "HAP_debug.h"
#include "log.h"

/* The mask for runtime messages is one for the process, as it is on a device. */
static struct {
	pthread_mutex_t lock;
	_Atomic uint32_t mask;
	char **files;
	uint32_t count;
} runtime = {.lock = PTHREAD_MUTEX_INITIALIZER};

int frpc_hap_log_level(int level)
{
	switch (level & 15) {
	case HAP_LEVEL_ERROR:
	case HAP_LEVEL_FATAL:
	case HAP_LEVEL_CRITICAL:
		return FRPC_LOG_ERROR;
	default:
		return FRPC_LOG_INFO;
	}
}

const char *frpc_hap_level_name(int level)
{
	static const char *const names[] = {"LOW", "MEDIUM", "HIGH", "ERROR", "FATAL", "CRITICAL"};
	unsigned int index = (unsigned int)level & 15u;

	return index < sizeof(names) / sizeof(*names) && level >= 0 ? names[index] : "?";
}

static const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "";
}

void frpc_hap_debug(int level, const char *file, int line, const char *format, va_list list)
{
	char text[MAX_FARF_LEN];

	if (!format)
		return;
	level &= ~HAP_LEVEL_RUNTIME;
	vsnprintf(text, sizeof(text), format, list);
	frpc_log(frpc_hap_log_level(level), "%s:%d: %s: %s", base_name(file), line,
		 frpc_hap_level_name(level), text);
}

static bool is_let_through(int level, const char *file)
{
	bool through;

	level &= ~HAP_LEVEL_RUNTIME;
	if (level < 0 || level > 31 || !(atomic_load(&runtime.mask) >> level & 1))
		return false;
	pthread_mutex_lock(&runtime.lock);
	through = !runtime.count;
	for (uint32_t i = 0; i < runtime.count && !through; i++)
		through = !strcmp(runtime.files[i], base_name(file));
	pthread_mutex_unlock(&runtime.lock);
	return through;
}

void frpc_hap_debug_runtime(int level, const char *file, int line, const char *format, va_list list)
{
	if (is_let_through(level, file))
		frpc_hap_debug(level, file, line, format, list);
}

void HAP_debug_v2(int level, const char *file, int line, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	frpc_hap_debug(level, file, line, format, list);
	va_end(list);
}

void HAP_debug_runtime(int level, const char *file, int line, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	frpc_hap_debug_runtime(level, file, line, format, list);
	va_end(list);
}

void HAP_debug(const char *msg, int level, const char *filename, int line)
{
	if (msg)
		frpc_log(frpc_hap_log_level(level), "%s:%d: %s: %s", base_name(filename), line,
			 frpc_hap_level_name(level & ~HAP_LEVEL_RUNTIME), msg);
}

static void free_names(char **names, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

int HAP_setFARFRuntimeLoggingParams(unsigned int mask, const char *files[],
				    unsigned short numberOfFiles)
{
	char **names = calloc(numberOfFiles ? numberOfFiles : 1u, sizeof(*names)), **old;
	uint32_t old_count, made = 0;

	if (!names)
		return AEE_ENOMEMORY;
	while (made < numberOfFiles && files && files[made]) {
		names[made] = strdup(base_name(files[made]));
		if (!names[made])
			break;
		made++;
	}
	if (made < numberOfFiles) {
		bool missing = !files || !files[made];

		free_names(names, made);
		return missing ? AEE_EBADPARM : AEE_ENOMEMORY;
	}
	pthread_mutex_lock(&runtime.lock);
	old = runtime.files;
	old_count = runtime.count;
	runtime.files = names;
	runtime.count = numberOfFiles;
	atomic_store(&runtime.mask, mask);
	pthread_mutex_unlock(&runtime.lock);
	free_names(old, old_count);
	return AEE_SUCCESS;
}

bool HAP_log_data_packet(unsigned short log_code_type, unsigned int dataLen, unsigned char *data)
{
	(void)log_code_type, (void)dataLen, (void)data;
	return false;
}
