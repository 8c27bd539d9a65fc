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

#define MOST 4 /* threads of one object, but for urgent jobs */

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

static void await(sem_t *sem)
{
	while (sem_wait(sem))
		;
}

static void run(void *arg)
{
	struct work *work = arg;
	sigset_t set;

	work->thread = pthread_self();
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	work->masked = sigismember(&set, SIGALRM) && sigismember(&set, SIGUSR1);
	if (work->hangs)
		await(&work->go);
	work->runs++;
}

static void init(struct work *work, bool hangs)
{
	*work = (struct work){.hangs = hangs};
	assert_int_equal(sem_init(&work->go, 0, 0), 0);
	assert_int_equal(sem_init(&work->gone, 0, 0), 0);
}

static int run_for(struct frpc_bounded *bounded, struct work *work, unsigned int timeout_ms,
		   bool urgent)
{
	const struct frpc_bounded_job job = {run, ref, unref, work, timeout_ms, urgent};

	return frpc_bounded_run(bounded, &job);
}

/* Has it hang: a busy machine may need more than one try to begin it. */
static void get_stuck(struct frpc_bounded *bounded, struct work *work, bool urgent)
{
	do {
		init(work, true);
		assert_int_equal(run_for(bounded, work, 200, urgent), -ETIMEDOUT);
	} while (!work->refs);
}

static void what_returns_is_waited_for_on_a_thread_that_takes_no_signals(void **state)
{
	struct frpc_bounded *bounded = frpc_bounded_new();
	struct work work;

	(void)state;
	init(&work, false);
	assert_int_equal(run_for(bounded, &work, 60000, false), 0);
	assert_int_equal(work.runs, 1);
	assert_int_equal(work.refs, 0);
	assert_true(work.masked);
	assert_false(pthread_equal(work.thread, pthread_self()));
	frpc_bounded_free(bounded);
}

static void what_does_not_return_is_left_with_its_reference(void **state)
{
	struct frpc_bounded *bounded = frpc_bounded_new();
	struct work work;

	(void)state;
	get_stuck(bounded, &work, false);
	assert_int_equal(work.runs, 0);
	assert_int_equal(work.refs, 1);
	frpc_bounded_free(bounded);
	sem_post(&work.go);
	await(&work.gone);
	assert_int_equal(work.runs, 1);
	assert_int_equal(work.refs, 0);
}

static void one_thread_does_what_comes_one_after_the_other(void **state)
{
	struct frpc_bounded *bounded = frpc_bounded_new();
	pthread_t first;
	struct work work;

	(void)state;
	init(&work, false);
	assert_int_equal(run_for(bounded, &work, 60000, false), 0);
	first = work.thread;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(run_for(bounded, &work, 60000, false), 0);
		assert_true(pthread_equal(work.thread, first));
	}
	frpc_bounded_free(bounded);
}

static void beside_a_stuck_thread_others_work_up_to_a_number(void **state)
{
	struct frpc_bounded *bounded = frpc_bounded_new();
	struct work stuck[MOST + 1], work;

	(void)state;
	init(&work, false);
	for (int i = 0; i < MOST; i++) {
		assert_int_equal(run_for(bounded, &work, 60000, false), 0);
		get_stuck(bounded, &stuck[i], false);
	}
	/* No thread is left: the job goes away unrun, with its reference. */
	assert_int_equal(run_for(bounded, &work, 100, false), -ETIMEDOUT);
	assert_int_equal(work.runs, MOST);
	assert_int_equal(work.refs, 0);
	/* What frees the stuck ones finds one all the same, and so does the next such job. */
	get_stuck(bounded, &stuck[MOST], true);
	assert_int_equal(run_for(bounded, &work, 60000, true), 0);
	for (int i = 0; i <= MOST; i++) {
		sem_post(&stuck[i].go);
		await(&stuck[i].gone);
	}
	assert_int_equal(run_for(bounded, &work, 60000, false), 0);
	assert_int_equal(work.runs, MOST + 2);
	frpc_bounded_free(bounded);
}

static void a_retired_object_still_runs_what_comes(void **state)
{
	struct frpc_bounded *bounded = frpc_bounded_new();
	struct work work;

	(void)state;
	init(&work, false);
	frpc_bounded_retire(bounded);
	assert_int_equal(run_for(bounded, &work, 60000, false), 0);
	frpc_bounded_retire(bounded);
	assert_int_equal(run_for(bounded, &work, 60000, false), 0);
	assert_int_equal(work.runs, 2);
	frpc_bounded_free(bounded);
	frpc_bounded_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_returns_is_waited_for_on_a_thread_that_takes_no_signals),
		cmocka_unit_test(what_does_not_return_is_left_with_its_reference),
		cmocka_unit_test(one_thread_does_what_comes_one_after_the_other),
		cmocka_unit_test(beside_a_stuck_thread_others_work_up_to_a_number),
		cmocka_unit_test(a_retired_object_still_runs_what_comes),
	};

	return cmocka_run_group_tests_name("bounded", tests, NULL, NULL);
}
