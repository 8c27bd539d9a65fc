/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <cmocka.h>

#include "lib/bounded.h"

struct work {
	_Atomic int refs, runs;
	bool masked;
	pthread_t thread;
	sem_t go, gone;
	bool hangs;
};

static void ref(void *arg)
{
	struct work *work = arg;

	work->refs++;
}

static void unref(void *arg)
{
	struct work *work = arg;

	if (--work->refs == 0)
		sem_post(&work->gone);
}

static void run(void *arg)
{
	struct work *work = arg;
	sigset_t set;

	work->thread = pthread_self();
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	work->masked = sigismember(&set, SIGALRM) && sigismember(&set, SIGUSR1);
	if (work->hangs)
		while (sem_wait(&work->go))
			;
	work->runs++;
}

static void init(struct work *work, bool hangs)
{
	work->hangs = hangs;
	assert_int_equal(sem_init(&work->go, 0, 0), 0);
	assert_int_equal(sem_init(&work->gone, 0, 0), 0);
}

static void what_returns_is_waited_for_on_a_thread_that_takes_no_signals(void **state)
{
	struct work work = {0};

	(void)state;
	init(&work, false);
	assert_int_equal(frpc_run_bounded(run, ref, unref, &work, 60000), 0);
	assert_int_equal(work.runs, 1);
	assert_int_equal(work.refs, 0);
	assert_true(work.masked);
	assert_false(pthread_equal(work.thread, pthread_self()));
}

static void what_does_not_return_is_left_with_its_reference(void **state)
{
	struct work work = {0};

	(void)state;
	init(&work, true);
	assert_int_equal(frpc_run_bounded(run, ref, unref, &work, 1), -ETIMEDOUT);
	assert_int_equal(work.runs, 0);
	assert_int_equal(work.refs, 1);
	sem_post(&work.go);
	while (sem_wait(&work.gone))
		;
	assert_int_equal(work.runs, 1);
	assert_int_equal(work.refs, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_returns_is_waited_for_on_a_thread_that_takes_no_signals),
		cmocka_unit_test(what_does_not_return_is_left_with_its_reference),
	};

	return cmocka_run_group_tests_name("bounded", tests, NULL, NULL);
}
