/* SPDX-License-Identifier: BSD-3-Clause */
/* Threads of the library: detached, and deaf to the app's signals. */
#ifndef FRPC_LIB_THREAD_H
#define FRPC_LIB_THREAD_H

#include <pthread.h>

/* 0 or -errno. @ret_thread may be NULL. */
int frpc_thread_start(pthread_t *ret_thread, void *(*fn)(void *arg), void *arg);

#endif
