/* SPDX-License-Identifier: BSD-3-Clause */
#include "bounded.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "thread.h"

#define MOST_THREADS 4u
#define PATIENCE_MS  50u /* so long a job waits for a busy thread before it gets another */

/* Freed by its waiter, or by the thread that comes back to find it abandoned. */
struct task {
	struct task *next;
	struct frpc_bounded_job job;
	bool begun, done, abandoned;
};

struct frpc_bounded {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* anything below, or of a task */
	struct task *first;	/* not begun yet */
	uint32_t threads;
	bool retired, freed;
};

struct frpc_bounded *frpc_bounded_new(void)
{
	struct frpc_bounded *bounded = calloc(1, sizeof(*bounded));

	if (!bounded)
		return NULL;
	if (frpc_cond_init(&bounded->changed)) {
		free(bounded);
		return NULL;
	}
	pthread_mutex_init(&bounded->lock, NULL);
	return bounded;
}

/* Gives up the lock, and the object with it if nobody has it any more. */
static void unlock(struct frpc_bounded *bounded)
{
	bool last = bounded->freed && !bounded->threads;

	pthread_mutex_unlock(&bounded->lock);
	if (!last)
		return;
	pthread_cond_destroy(&bounded->changed);
	pthread_mutex_destroy(&bounded->lock);
	free(bounded);
}

/* With the lock held; given up meanwhile. */
static void run_first(struct frpc_bounded *bounded)
{
	struct task *task = bounded->first;

	bounded->first = task->next;
	task->begun = true;
	pthread_cond_broadcast(&bounded->changed);
	pthread_mutex_unlock(&bounded->lock);
	task->job.fn(task->job.arg);
	/* First: who is told that it is done may rely on what the reference kept. */
	task->job.unref(task->job.arg);
	pthread_mutex_lock(&bounded->lock);
	task->done = true;
	if (task->abandoned)
		free(task);
	else
		pthread_cond_broadcast(&bounded->changed);
}

static void *run(void *arg)
{
	struct frpc_bounded *bounded = arg;

	pthread_mutex_lock(&bounded->lock);
	while (bounded->first || !bounded->retired) {
		if (bounded->first)
			run_first(bounded);
		else
			pthread_cond_wait(&bounded->changed, &bounded->lock);
	}
	bounded->threads--;
	unlock(bounded);
	return NULL;
}

/* With the lock held: until *@flag is set, or the time is over. */
static void await(struct frpc_bounded *bounded, const bool *flag, unsigned int timeout_ms)
{
	frpc_cond_await(&bounded->changed, &bounded->lock, flag, timeout_ms);
}

static void append(struct frpc_bounded *bounded, struct task *task)
{
	struct task **at = &bounded->first;

	while (*at)
		at = &(*at)->next;
	*at = task;
	pthread_cond_broadcast(&bounded->changed);
}

static void withdraw(struct frpc_bounded *bounded, const struct task *task)
{
	struct task **at = &bounded->first;

	while (*at != task)
		at = &(*at)->next;
	*at = task->next;
}

/* Sees to it that a thread takes up the task. With the lock held. */
static int find_thread(struct frpc_bounded *bounded, const struct task *task)
{
	const struct frpc_bounded_job *job = &task->job;
	int res;

	if (bounded->threads)
		await(bounded, &task->begun,
		      job->timeout_ms < PATIENCE_MS ? job->timeout_ms : PATIENCE_MS);
	if (task->begun || (bounded->threads >= MOST_THREADS && !job->urgent))
		return 0;
	res = frpc_thread_start(NULL, run, bounded);
	if (!res)
		bounded->threads++;
	return bounded->threads ? 0 : res;
}

int frpc_bounded_run(struct frpc_bounded *bounded, const struct frpc_bounded_job *job)
{
	struct task *task = calloc(1, sizeof(*task));
	bool begun, done;
	int res;

	if (!task)
		return -ENOMEM;
	task->job = *job;
	job->ref(job->arg);
	pthread_mutex_lock(&bounded->lock);
	append(bounded, task);
	res = find_thread(bounded, task);
	if (!res)
		await(bounded, &task->done, job->timeout_ms);
	begun = task->begun;
	done = task->done;
	task->abandoned = begun && !done;
	if (!begun)
		withdraw(bounded, task);
	pthread_mutex_unlock(&bounded->lock);
	if (!begun)
		job->unref(job->arg);
	if (!begun || done)
		free(task);
	return res ? res : done ? 0 : -ETIMEDOUT;
}

void frpc_bounded_retire(struct frpc_bounded *bounded)
{
	pthread_mutex_lock(&bounded->lock);
	bounded->retired = true;
	pthread_cond_broadcast(&bounded->changed);
	pthread_mutex_unlock(&bounded->lock);
}

void frpc_bounded_free(struct frpc_bounded *bounded)
{
	if (!bounded)
		return;
	pthread_mutex_lock(&bounded->lock);
	bounded->retired = true;
	bounded->freed = true;
	pthread_cond_broadcast(&bounded->changed);
	unlock(bounded);
}
