/* SPDX-License-Identifier: BSD-3-Clause */
#include "thread.h"

#include <signal.h>

int frpc_thread_start(pthread_t *ret_thread, void *(*fn)(void *arg), void *arg)
{
	pthread_attr_t attr;
	sigset_t all, old;
	pthread_t thread;
	int res;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	res = pthread_create(ret_thread ? ret_thread : &thread, &attr, fn, arg);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -res;
}

int frpc_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;
	int res;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	res = pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
	return -res;
}

struct timespec frpc_deadline(uint64_t timeout_us)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(timeout_us / 1000000);
	until.tv_nsec += (long)(timeout_us % 1000000) * 1000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	return until;
}

bool frpc_cond_await(pthread_cond_t *cond, pthread_mutex_t *lock, const bool *flag,
		     unsigned int timeout_ms)
{
	const struct timespec until = frpc_deadline((uint64_t)timeout_ms * 1000);
	int res = 0;

	while (!*flag && !res)
		res = pthread_cond_timedwait(cond, lock, &until);
	return *flag;
}
