/* SPDX-License-Identifier: BSD-3-Clause */
/* What becomes of DSP processes: notifications, one answer of every old handle, and opening again. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "dspqueue.h"
#include "fastrpc.h"
#include "queuetest.h"
#include "remote.h"
#include "rpcmem.h"
#include "support/counts.h"
#include "support/dead_skels.h"
#include "support/dsp.h"
#include "support/leaks.h"
#include "support/ok.h"
#include "support/testmod.h"

#define CDSP 3

static bool downstream;
static struct frpc_emulator *emulator;

/* How often each status has been told, of session 0 and of session 1. */
struct told {
	_Atomic int count[2][5];
	_Atomic int wrong;
};
static struct told told;
static _Atomic bool up_takes_long; /* whoever is told that a process is up is kept by it */

static int note(void *context, int domain, int session, remote_rpc_status_flags_t status)
{
	struct told *to = context;

	if (domain != CDSP || session < 0 || session > 1 || status > FASTRPC_DSP_SSR)
		to->wrong++;
	else
		to->count[session][status]++;
	while (status == FASTRPC_USER_PD_UP && up_takes_long)
		usleep(100);
	return 0;
}

static void await(int session, remote_rpc_status_flags_t status, int count)
{
	while (told.count[session][status] < count)
		usleep(100);
	assert_int_equal(told.wrong, 0);
}

static int watch(int domain)
{
	remote_rpc_notif_register_t request = {
		.context = &told,
		.domain = domain,
		.notifier_fn = note,
	};

	return remote_session_control(FASTRPC_REGISTER_STATUS_NOTIFICATIONS, &request,
				      sizeof(request));
}

static void registering_is_refused_where_nobody_tells_or_asks_nonsense(void **state)
{
	remote_rpc_notif_register_t request = {.domain = CDSP};

	(void)state;
	assert_int_equal(remote_session_control(FASTRPC_REGISTER_STATUS_NOTIFICATIONS, &request,
						sizeof(request)),
			 AEE_EBADPARM);
	assert_int_equal(watch(77), AEE_EBADPARM);
	assert_int_equal(watch(CDSP), downstream ? 0 : AEE_EUNSUPPORTED);
	assert_int_equal(watch(CDSP), downstream ? 0 : AEE_EUNSUPPORTED);
}

static void up_and_exit_are_told_of_each_session(void **state)
{
	remote_handle64 first, second;

	(void)state;
	if (!downstream)
		skip();
	memset(&told, 0, sizeof(told));
	first = open_on_cdsp(TESTMOD_URI, 0);
	second = open_on_cdsp(TESTMOD_URI, 1);
	await(0, FASTRPC_USER_PD_UP, 1);
	await(1, FASTRPC_USER_PD_UP, 1);
	OK(remote_handle64_close(second));
	await(1, FASTRPC_USER_PD_EXIT, 1);
	assert_int_equal(told.count[0][FASTRPC_USER_PD_EXIT], 0);
	OK(testmod_call0(first, TESTMOD_EMPTY));
	OK(remote_handle64_close(first));
	await(0, FASTRPC_USER_PD_EXIT, 1);
}

/* Every function of an old handle has the one answer; closing it works; a new one works. */
static void expect_recovery(remote_handle64 old, remote_handle64 second_old)
{
	remote_handle64 h;

	assert_int_equal(testmod_call0(old, TESTMOD_EMPTY), AEE_ECONNRESET);
	assert_int_equal(testmod_call0(old, TESTMOD_EMPTY), AEE_ECONNRESET);
	assert_int_equal(testmod_call0(second_old, TESTMOD_EMPTY), AEE_ECONNRESET);
	h = open_on_cdsp(TESTMOD_URI, 0); /* with old handles still open */
	OK(testmod_call0(h, TESTMOD_EMPTY));
	assert_int_equal(testmod_call0(old, TESTMOD_EMPTY), AEE_ECONNRESET);
	OK(remote_handle64_close(old));
	OK(testmod_call0(h, TESTMOD_EMPTY));
	OK(remote_handle64_close(second_old));
	OK(testmod_call0(h, TESTMOD_EMPTY));
	assert_int_equal(remote_handle64_close(old), AEE_EINVHANDLE);
	OK(remote_handle64_close(h));
}

static void after_a_restart_old_handles_have_one_answer_and_new_ones_work(void **state)
{
	remote_handle64 first = open_on_cdsp(TESTMOD_URI, 0), second = open_on_cdsp(TESTMOD_URI, 0);

	(void)state;
	memset(&told, 0, sizeof(told));
	OK(dsp_restart(CDSP));
	if (downstream)
		await(0, FASTRPC_DSP_SSR, 1);
	expect_recovery(first, second);
}

static void after_an_exception_old_handles_have_one_answer_and_new_ones_work(void **state)
{
	remote_rpc_process_exception request = {.domain = CDSP};
	remote_handle64 first = open_on_cdsp(TESTMOD_URI, 0), second = open_on_cdsp(TESTMOD_URI, 0);

	(void)state;
	memset(&told, 0, sizeof(told));
	OK(remote_session_control(FASTRPC_REMOTE_PROCESS_EXCEPTION, &request, sizeof(request)));
	if (downstream)
		await(0, FASTRPC_USER_PD_EXCEPTION, 1);
	expect_recovery(first, second);
	assert_int_equal(remote_session_control(FASTRPC_REMOTE_PROCESS_EXCEPTION, &request,
						sizeof(request)),
			 AEE_ENOSESSION);
	request.domain = 77;
	assert_int_equal(remote_session_control(FASTRPC_REMOTE_PROCESS_EXCEPTION, &request,
						sizeof(request)),
			 AEE_EBADPARM);
}

static void after_a_kill_old_handles_have_one_answer_and_new_ones_work(void **state)
{
	struct remote_rpc_process_clean_params request = {.domain = CDSP};
	remote_handle64 first = open_on_cdsp(TESTMOD_URI, 0), second = open_on_cdsp(TESTMOD_URI, 0);
	int res;

	(void)state;
	memset(&told, 0, sizeof(told));
	res = remote_session_control(FASTRPC_REMOTE_PROCESS_KILL, &request, sizeof(request));
	if (!downstream) {
		assert_int_equal(res, AEE_EUNSUPPORTED);
		OK(remote_handle64_close(first));
		OK(remote_handle64_close(second));
		return;
	}
	assert_int_equal(res, 0);
	await(0, FASTRPC_USER_PD_FORCE_KILL, 1);
	expect_recovery(first, second);
}

/* The driver refuses who asks for notifications of a process that has been killed. */
static void a_kill_is_told_also_to_who_was_busy_with_another_notification(void **state)
{
	struct remote_rpc_process_clean_params request = {.domain = CDSP};
	remote_handle64 h;

	(void)state;
	if (!downstream)
		skip();
	memset(&told, 0, sizeof(told));
	up_takes_long = true;
	h = open_on_cdsp(TESTMOD_URI, 0);
	await(0, FASTRPC_USER_PD_UP, 1);
	OK(remote_session_control(FASTRPC_REMOTE_PROCESS_KILL, &request, sizeof(request)));
	up_takes_long = false;
	await(0, FASTRPC_USER_PD_FORCE_KILL, 1);
	OK(remote_handle64_close(h));
	assert_int_equal(told.count[0][FASTRPC_USER_PD_FORCE_KILL], 1);
}

/* Nobody tells (mainline), or nobody has been told yet: the next call or open finds it out. */
/* Restarts the DSP while a session opens: its node has been opened, its process not yet made. */
static void restart_before_process(void *context, int level, const char *text)
{
	bool *restarted = context;

	(void)level;
	if (*restarted || !strstr(text, "process with a shell"))
		return;
	*restarted = true;
	assert_int_equal(dsp_restart(CDSP), 0);
}

static void a_restart_just_before_the_process_was_made_is_not_its_end(void **state)
{
	bool restarted = false;
	remote_handle64 h;
	dspqueue_t queue;

	(void)state;
	if (!downstream)
		skip();
	memset(&told, 0, sizeof(told));
	frpc_set_log(restart_before_process, &restarted, FRPC_LOG_DEBUG);
	h = open_on_cdsp(TESTMOD_URI, 0);
	frpc_set_log(NULL, NULL, 0);
	assert_true(restarted);
	await(0, FASTRPC_USER_PD_UP, 1);
	OK(testmod_call0(h, TESTMOD_EMPTY));
	OK(dspqueue_create(CDSP, 0, 0, 0, NULL, NULL, NULL, &queue));
	OK(dspqueue_close(queue));
	OK(remote_handle64_close(h));
	await(0, FASTRPC_USER_PD_EXIT, 1);
	assert_int_equal(told.count[0][FASTRPC_DSP_SSR], 0);
}

static void a_process_that_is_found_dead_is_replaced(void **state)
{
	remote_handle64 first, second, third;

	(void)state;
	if (!emulator)
		skip(); /* nobody kills processes there */
	first = open_on_cdsp(TESTMOD_URI, 0);
	second = open_on_cdsp(TESTMOD_URI, 0);
	OK(frpc_emulator_kill_processes(emulator, CDSP, 0, FASTRPC_USER_PD_FORCE_KILL));
	third = open_on_cdsp(TESTMOD_URI, 0);
	OK(testmod_call0(third, TESTMOD_EMPTY));
	expect_recovery(first, second);
	OK(remote_handle64_close(third));
}

static void a_method_that_answers_as_a_dead_process_would_does_no_harm(void **state)
{
	remote_handle64 h = open_on_cdsp(TESTMOD_URI, 0);

	(void)state;
	assert_int_equal(testmod_return(h, AEE_ENOSUCH), AEE_ENOSUCH);
	assert_int_equal(testmod_return(h, (int)0x8000040d), (int)0x8000040d);
	OK(testmod_call0(h, TESTMOD_EMPTY));
	OK(remote_handle64_close(h));
}

static void *wait_at_gate(void *arg)
{
	unsigned char *gate = arg;
	remote_handle64 h = open_on_cdsp(TESTMOD_URI, 0);
	int res = testmod_wait(h, gate);

	remote_handle64_close(h);
	return (void *)(intptr_t)res;
}

static void a_call_under_way_ends_with_the_same_answer(void **state)
{
	unsigned char *gate = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 4096);
	remote_handle64 h = open_on_cdsp(TESTMOD_URI, 0);
	uint32_t before = 0;
	pthread_t thread;
	void *res;

	(void)state;
	*gate = 0;
	OK(testmod_count(h, &before));
	pthread_create(&thread, NULL, wait_at_gate, gate);
	OK(testmod_await(h, before, 1));
	OK(dsp_restart(CDSP));
	pthread_join(thread, &res);
	assert_int_equal((intptr_t)res, AEE_ECONNRESET);
	__atomic_store_n(gate, 1, __ATOMIC_RELEASE);
	assert_int_equal(testmod_call0(h, TESTMOD_EMPTY), AEE_ECONNRESET);
	OK(remote_handle64_close(h));
	usleep(2000);
	rpcmem_free(gate);
}

static void maps_are_forgotten_with_the_process(void **state)
{
	unsigned char *bytes = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 4096);
	int fd = rpcmem_to_fd(bytes);
	remote_handle64 h = open_on_cdsp(TESTMOD_URI, 0);

	(void)state;
	OK(fastrpc_mmap(CDSP, fd, bytes, 0, 4096, FASTRPC_MAP_FD));
	OK(dsp_restart(CDSP));
	assert_int_equal(testmod_call0(h, TESTMOD_EMPTY), AEE_ECONNRESET);
	assert_int_equal(fastrpc_munmap(CDSP, fd, bytes, 4096), AEE_ENOSUCHMAP);
	OK(remote_handle64_close(h));
	OK(fastrpc_mmap(CDSP, fd, bytes, 0, 4096, FASTRPC_MAP_FD));
	OK(fastrpc_munmap(CDSP, fd, bytes, 4096));
	rpcmem_free(bytes);
}

struct queue_error {
	_Atomic int calls, error;
};

static void on_error(dspqueue_t queue, AEEResult error, void *context)
{
	struct queue_error *seen = context;

	(void)queue;
	seen->error = error;
	seen->calls++;
}

static void queues_hear_of_it_once_and_new_ones_work(void **state)
{
	struct queue_error seen = {0};
	dspqueue_t queue, fresh;
	uint32_t value = 1;

	(void)state;
	OK(dspqueue_create(CDSP, 0, 4096, 4096, NULL, on_error, &seen, &queue));
	OK(dsp_restart(CDSP));
	while (!seen.calls)
		usleep(100);
	assert_int_equal(seen.error, AEE_ECONNRESET);
	assert_int_equal(dspqueue_write(queue, 0, 0, NULL, 4, (uint8_t *)&value, 1000),
			 AEE_EBADSTATE);
	assert_int_equal(dspqueue_read(queue, NULL, 0, NULL, NULL, 4, NULL, (uint8_t *)&value,
				       DSPQUEUE_TIMEOUT_NONE),
			 AEE_EBADSTATE);
	OK(dspqueue_create(CDSP, 0, 4096, 4096, NULL, NULL, NULL, &fresh));
	OK(dspqueue_write(fresh, 0, 0, NULL, 4, (uint8_t *)&value, 1000));
	OK(dspqueue_close(queue));
	OK(dspqueue_close(fresh));
	assert_int_equal(seen.calls, 1);
}

static _Atomic bool restarting;

/* Opens, calls and closes while the DSP restarts again and again: one code, or success. */
static void *use_it(void *arg)
{
	_Atomic int *wrong = arg;

	while (restarting) {
		remote_handle64 h;
		int res = remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h);

		if (!res) {
			res = testmod_call0(h, TESTMOD_EMPTY);
			if (remote_handle64_close(h))
				(*wrong)++;
		}
		if (res && res != AEE_ECONNRESET && res != AEE_ECONNREFUSED)
			(*wrong)++;
	}
	return NULL;
}

static void threads_survive_restarts_in_between(void **state)
{
	_Atomic int wrong = 0;
	pthread_t threads[4];

	(void)state;
	restarting = true;
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, use_it, &wrong);
	for (int i = 0; i < count_of(100, 20, 5); i++) {
		usleep(5000);
		OK(dsp_restart(CDSP));
	}
	restarting = false;
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	after_a_restart_old_handles_have_one_answer_and_new_ones_work(state);
}

/* On a machine that ends with its last session, as it does in a program. */
static void on_a_machine_of_its_own(void (*story)(void **state), void **state)
{
	OK(dsps_hold(&emulator));
	story(state);
	frpc_emulator_free(emulator);
}

static void nothing_is_left_behind(void **state)
{
	struct resources before;

	frpc_emulator_free(emulator);
	on_a_machine_of_its_own(after_a_restart_old_handles_have_one_answer_and_new_ones_work,
				state);
	before = resources_at_rest();
	for (int i = 0; i < 3; i++) {
		on_a_machine_of_its_own(
			after_a_restart_old_handles_have_one_answer_and_new_ones_work, state);
		on_a_machine_of_its_own(queues_hear_of_it_once_and_new_ones_work, state);
		on_a_machine_of_its_own(maps_are_forgotten_with_the_process, state);
	}
	assert_resources_are_back(&before);
	OK(dsps_hold(&emulator));
}

static int set_up(void **state)
{
	(void)state;
	downstream = !strcmp(getenv("FRPC_TRANSPORT"), "downstream@emulator");
	return dsps_hold(&emulator);
}

static int tear_down(void **state)
{
	(void)state;
	frpc_emulator_free(emulator);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registering_is_refused_where_nobody_tells_or_asks_nonsense),
		cmocka_unit_test(up_and_exit_are_told_of_each_session),
		cmocka_unit_test(after_a_restart_old_handles_have_one_answer_and_new_ones_work),
		cmocka_unit_test(after_an_exception_old_handles_have_one_answer_and_new_ones_work),
		cmocka_unit_test(after_a_kill_old_handles_have_one_answer_and_new_ones_work),
		cmocka_unit_test(a_kill_is_told_also_to_who_was_busy_with_another_notification),
		cmocka_unit_test(a_restart_just_before_the_process_was_made_is_not_its_end),
		cmocka_unit_test(a_process_that_is_found_dead_is_replaced),
		cmocka_unit_test(a_method_that_answers_as_a_dead_process_would_does_no_harm),
		cmocka_unit_test(a_call_under_way_ends_with_the_same_answer),
		cmocka_unit_test(maps_are_forgotten_with_the_process),
		cmocka_unit_test(queues_hear_of_it_once_and_new_ones_work),
		cmocka_unit_test(threads_survive_restarts_in_between),
		cmocka_unit_test(nothing_is_left_behind),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
