/* SPDX-License-Identifier: BSD-3-Clause */
#include "log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static frpc_log_fn *sink;
static void *sink_context;
static _Atomic int sink_level = -1; /* -1: no sink */

void frpc_set_log(frpc_log_fn *fn, void *context, int level)
{
	/* Held for reading while a sink runs: nobody is in the old one afterwards. */
	pthread_rwlock_wrlock(&lock);
	sink = fn;
	sink_context = context;
	atomic_store(&sink_level, fn ? level : -1);
	pthread_rwlock_unlock(&lock);
}

void frpc_log(int level, const char *format, ...)
{
	char text[2200];
	va_list list;

	if (level > atomic_load_explicit(&sink_level, memory_order_relaxed))
		return;
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	pthread_rwlock_rdlock(&lock);
	if (sink)
		sink(sink_context, level, text);
	pthread_rwlock_unlock(&lock);
}
