/* SPDX-License-Identifier: BSD-3-Clause */
#include "steps.h"

#include <pthread.h>
#include <stddef.h>

/* The linker has calls of the one go to the other (--wrap). */
int __real_pthread_mutex_lock(pthread_mutex_t *mutex);
int __real_pthread_mutex_unlock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex);

static _Thread_local struct {
	uint32_t left; /* 0: not armed, or done */
	uint32_t held, most_held;
	steps_fn *fn;
	void *context;
} steps;

void steps_arm(uint32_t number, uint32_t most_held, steps_fn *fn, void *context)
{
	steps.left = number;
	steps.held = 0;
	steps.most_held = most_held;
	steps.fn = fn;
	steps.context = context;
}

bool steps_disarm(void)
{
	bool done = !steps.left;

	steps.left = 0;
	return done;
}

static void step(void)
{
	if (steps.held <= steps.most_held && steps.left && !--steps.left)
		steps.fn(steps.context);
}

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
	step();
	if (steps.left)
		steps.held++;
	return __real_pthread_mutex_lock(mutex);
}

int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	int res = __real_pthread_mutex_unlock(mutex);

	if (steps.left && steps.held) {
		steps.held--;
		step();
	}
	return res;
}
