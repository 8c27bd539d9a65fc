/* SPDX-License-Identifier: BSD-3-Clause */
/* A signal comes while a mainline client waits for an answer: the call begins anew, or ends. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "rig.h"

static struct rig rig;

struct signaller {
	pthread_t thread, target;
	_Atomic bool stop;
};

static void do_nothing(int number)
{
	(void)number;
}

static void *signal_target(void *arg)
{
	struct signaller *signaller = arg;

	while (!atomic_load(&signaller->stop)) {
		pthread_kill(signaller->target, SIGUSR1);
		usleep(1000);
	}
	return NULL;
}

/* The first call is not answered, and a signal comes whose handler restarts system calls. */
static long call_interrupted(void)
{
	struct sigaction action = {.sa_handler = do_nothing, .sa_flags = SA_RESTART};
	struct signaller signaller = {.target = pthread_self()};
	long res;

	sigaction(SIGUSR1, &action, NULL);
	rig.unanswered = 1;
	assert_int_equal(pthread_create(&signaller.thread, NULL, signal_target, &signaller), 0);
	res = rig_invoke(&rig, FRPC_SC_MAKE(2, 0, 0), NULL, RIG_PLAIN);
	atomic_store(&signaller.stop, true);
	pthread_join(signaller.thread, NULL);
	return res;
}

static int calls(void)
{
	int count = 0;

	for (int i = 0; i < rig.record_count; i++)
		count += rig.records[i].message.handle == RIG_HANDLE;
	return count;
}

static bool always(const struct frpc_task *task)
{
	(void)task;
	return true;
}

static bool never(const struct frpc_task *task)
{
	(void)task;
	return false;
}

static void a_call_is_sent_again_after_a_signal(void **state)
{
	(void)state;
	rig_start(&rig, EMU_MAINLINE, false);
	rig_open(&rig);
	assert_int_equal(call_interrupted(), 0);
	assert_int_equal(calls(), 2);
	rig.task.killed = never;
	assert_int_equal(call_interrupted(), 0);
	assert_int_equal(calls(), 4);
	rig_close(&rig);
	rig_stop(&rig);
}

static void the_call_of_a_killed_task_ends_and_is_not_sent_again(void **state)
{
	(void)state;
	rig_start(&rig, EMU_MAINLINE, false);
	rig_open(&rig);
	rig.task.killed = always;
	assert_int_equal(call_interrupted(), -EINTR);
	assert_int_equal(calls(), 1);
	rig_close(&rig);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_sent_again_after_a_signal),
		cmocka_unit_test(the_call_of_a_killed_task_ends_and_is_not_sent_again),
	};

	return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
