/* SPDX-License-Identifier: BSD-3-Clause */
#include "queue_wait.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "thread.h"

#define NS_PER_SECOND	   UINT64_C(1000000000)
#define INTERRUPTED_NAP_NS UINT64_C(2000000)

int frpc_queue_wait_init(struct frpc_queue_wait *wait)
{
	int res;

	memset(wait, 0, sizeof(*wait));
	res = frpc_cond_init(&wait->changed);
	if (!res)
		pthread_mutex_init(&wait->lock, NULL);
	return res;
}

void frpc_queue_wait_destroy(struct frpc_queue_wait *wait)
{
	pthread_cond_destroy(&wait->changed);
	pthread_mutex_destroy(&wait->lock);
}

uint64_t frpc_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

uint64_t frpc_deadline_ns(uint32_t timeout_us)
{
	return timeout_us == UINT32_MAX ? FRPC_FOREVER
					: frpc_now_ns() + (uint64_t)timeout_us * 1000;
}

uint32_t frpc_queue_wait_token(struct frpc_queue_wait *wait, enum frpc_queue_signal signal)
{
	uint32_t token;

	pthread_mutex_lock(&wait->lock);
	token = wait->sequence[signal];
	pthread_mutex_unlock(&wait->lock);
	return token;
}

uint32_t frpc_left_us(uint64_t deadline_ns)
{
	uint64_t now = frpc_now_ns(), us;

	if (deadline_ns == FRPC_FOREVER)
		return UINT32_MAX;
	us = deadline_ns > now ? (deadline_ns - now + 999) / 1000 : 0;
	return us < UINT32_MAX ? (uint32_t)us : UINT32_MAX - 1;
}

static void sleep_on_cond(struct frpc_queue_wait *wait, uint64_t deadline_ns)
{
	struct timespec until = {
		.tv_sec = (time_t)(deadline_ns / NS_PER_SECOND),
		.tv_nsec = (long)(deadline_ns % NS_PER_SECOND),
	};

	if (deadline_ns == FRPC_FOREVER)
		pthread_cond_wait(&wait->changed, &wait->lock);
	else
		pthread_cond_timedwait(&wait->changed, &wait->lock, &until);
}

/* A signal handler ran, or the driver cancels every sleep from now on: no reason to spin. */
static void nap(struct frpc_queue_wait *wait)
{
	sleep_on_cond(wait, frpc_now_ns() + INTERRUPTED_NAP_NS);
}

/* Makes the blocking operation for everybody. With the lock held; it is given up meanwhile. */
static int sleep_for_all(struct frpc_queue_wait *wait, enum frpc_queue_signal signal,
			 uint64_t deadline_ns)
{
	int res;

	wait->sleeping[signal] = true;
	pthread_mutex_unlock(&wait->lock);
	res = wait->sleep(wait->context, signal, frpc_left_us(deadline_ns));
	pthread_mutex_lock(&wait->lock);
	wait->sleeping[signal] = false;
	if (!res)
		wait->sequence[signal]++;
	/* Also without a signal: one of the others has to go on sleeping. */
	pthread_cond_broadcast(&wait->changed);
	if (res == -EINTR && !wait->over)
		nap(wait);
	return res == -EINTR || res == -ETIMEDOUT ? 0 : res;
}

int frpc_queue_wait_for(struct frpc_queue_wait *wait, enum frpc_queue_signal signal, uint32_t token,
			uint64_t deadline_ns)
{
	int res = 0;

	pthread_mutex_lock(&wait->lock);
	while (!res && !wait->over && wait->sequence[signal] == token) {
		if (deadline_ns != FRPC_FOREVER && frpc_now_ns() >= deadline_ns)
			res = -ETIMEDOUT;
		else if (wait->sleep && !wait->sleeping[signal])
			res = sleep_for_all(wait, signal, deadline_ns);
		else
			sleep_on_cond(wait, deadline_ns);
	}
	pthread_mutex_unlock(&wait->lock);
	return res;
}

void frpc_queue_wait_for_end(struct frpc_queue_wait *wait)
{
	pthread_mutex_lock(&wait->lock);
	while (!wait->over)
		pthread_cond_wait(&wait->changed, &wait->lock);
	pthread_mutex_unlock(&wait->lock);
}

void frpc_queue_wait_post(struct frpc_queue_wait *wait, enum frpc_queue_signal signal)
{
	pthread_mutex_lock(&wait->lock);
	wait->sequence[signal]++;
	pthread_cond_broadcast(&wait->changed);
	pthread_mutex_unlock(&wait->lock);
}

void frpc_queue_wait_end(struct frpc_queue_wait *wait)
{
	pthread_mutex_lock(&wait->lock);
	wait->over = true;
	pthread_cond_broadcast(&wait->changed);
	pthread_mutex_unlock(&wait->lock);
}
