/* SPDX-License-Identifier: BSD-3-Clause */
#include "bounded.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

/* Freed by whichever of the two leaves last. */
struct bounded {
	void (*fn)(void *arg), (*unref)(void *arg);
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t done_cond;
	bool done, abandoned;
};

static void destroy(struct bounded *bounded)
{
	pthread_cond_destroy(&bounded->done_cond);
	pthread_mutex_destroy(&bounded->lock);
	free(bounded);
}

static void *run(void *arg)
{
	struct bounded *bounded = arg;
	bool abandoned;

	bounded->fn(bounded->arg);
	bounded->unref(bounded->arg);
	pthread_mutex_lock(&bounded->lock);
	bounded->done = true;
	abandoned = bounded->abandoned;
	pthread_cond_signal(&bounded->done_cond);
	pthread_mutex_unlock(&bounded->lock);
	if (abandoned)
		destroy(bounded);
	return NULL;
}

static int start(struct bounded *bounded)
{
	pthread_attr_t attr;
	sigset_t all, old;
	pthread_t thread;
	int res;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	res = pthread_create(&thread, &attr, run, bounded);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -res;
}

static int wait_for(struct bounded *bounded, unsigned int timeout_ms)
{
	struct timespec until;
	int res = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&bounded->lock);
	while (!bounded->done && res != ETIMEDOUT)
		res = pthread_cond_timedwait(&bounded->done_cond, &bounded->lock, &until);
	bounded->abandoned = !bounded->done;
	res = bounded->done ? 0 : -ETIMEDOUT;
	pthread_mutex_unlock(&bounded->lock);
	return res;
}

int frpc_run_bounded(void (*fn)(void *arg), void (*ref)(void *arg), void (*unref)(void *arg),
		     void *arg, unsigned int timeout_ms)
{
	struct bounded *bounded = calloc(1, sizeof(*bounded));
	int res;

	if (!bounded)
		return -ENOMEM;
	bounded->fn = fn;
	bounded->unref = unref;
	bounded->arg = arg;
	pthread_mutex_init(&bounded->lock, NULL);
	pthread_cond_init(&bounded->done_cond, NULL);
	ref(arg);
	res = start(bounded);
	if (res) {
		unref(arg);
		destroy(bounded);
		return res;
	}
	res = wait_for(bounded, timeout_ms);
	if (!res)
		destroy(bounded);
	return res;
}
