/* SPDX-License-Identifier: BSD-3-Clause */
/* Threads of the library: detached, and deaf to the app's signals. Waits that end in time. */
#ifndef FRPC_LIB_THREAD_H
#define FRPC_LIB_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* 0 or -errno. @ret_thread may be NULL. */
int frpc_thread_start(pthread_t *ret_thread, void *(*fn)(void *arg), void *arg);

/* A condition whose timed waits go by frpc_deadline(), which no change of the date moves. 0 or -errno. */
int frpc_cond_init(pthread_cond_t *cond);
/* @timeout_us from now. */
struct timespec frpc_deadline(uint64_t timeout_us);
/* With @lock held: until *@flag is set, or the time is over. Is it set? */
bool frpc_cond_await(pthread_cond_t *cond, pthread_mutex_t *lock, const bool *flag,
		     unsigned int timeout_ms);

#endif
