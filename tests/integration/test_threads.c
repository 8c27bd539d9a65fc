/* SPDX-License-Identifier: BSD-3-Clause */
/* Many threads at once: opening and closing, calling, and more calls than the driver lets through. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "fastrpc.h"
#include "remote.h"
#include "rpcmem.h"
#include "support/counts.h"
#include "support/leaks.h"
#include "support/testmod.h"

#define OPENERS 8
#define CALLERS 64
#define CROWD	80

static _Atomic int failures;
static _Atomic int first_failure;
static char first_text[512];

static void note(int code, const char *where)
{
	int none = 0;

	atomic_fetch_add(&failures, 1);
	if (atomic_compare_exchange_strong(&first_failure, &none, code ? code : -1))
		snprintf(first_text, sizeof(first_text), "%s: 0x%x %s", where, (unsigned)code,
			 frpc_last_error());
}

static void expect_none(void)
{
	if (failures)
		fail_msg("%d failures; the first: %s", failures, first_text);
}

static void run_threads(int count, void *(*fn)(void *), void *arg)
{
	pthread_t threads[CROWD];

	failures = 0;
	first_failure = 0;
	for (int i = 0; i < count; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, fn, arg), 0);
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

static void *open_call_close(void *arg)
{
	int cycles = *(int *)arg;

	for (int i = 0; i < cycles; i++) {
		int32_t vector[3] = {i, 2, 3};
		remote_handle64 h = 0;
		int64_t sum = 0;
		int res = remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h);

		if (res) {
			note(res, "open");
			continue;
		}
		res = testmod_sum(h, vector, 3, &sum);
		if (res || sum != i + 5)
			note(res, "sum");
		res = remote_handle64_close(h);
		if (res)
			note(res, "close");
	}
	return NULL;
}

static void eight_threads_open_call_and_close_without_a_failure_or_leak(void **state)
{
	int cycles = count_of(10000, 500, 150);
	struct resources before;
	int warm_up = 1;

	(void)state;
	open_call_close(&warm_up);
	before = resources_at_rest();
	run_threads(OPENERS, open_call_close, &cycles);
	expect_none();
	assert_resources_are_back(&before);
}

struct caller_job {
	remote_handle64 h;
	int calls;
};

static void *call_many(void *arg)
{
	const struct caller_job *job = arg;

	for (int i = 0; i < job->calls; i++) {
		int32_t vector[4] = {i, 1, 2, (int32_t)(uintptr_t)&job & 0xffff};
		int64_t sum = 0;
		int res = testmod_sum(job->h, vector, 4, &sum);

		if (res || sum != (int64_t)i + 3 + vector[3])
			note(res, "sum");
	}
	return NULL;
}

static void sixty_four_threads_call_one_session_and_get_their_own_results(void **state)
{
	struct caller_job job = {.calls = count_of(10000, 500, 300)};

	(void)state;
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &job.h), 0);
	run_threads(CALLERS, call_many, &job);
	expect_none();
	assert_int_equal(remote_handle64_close(job.h), 0);
}

/* Counts how the crowd's calls ended: all wait in the DSP until the last has tried. */
struct crowd {
	remote_handle64 h;
	unsigned char *gate; /* in shared memory: the skel waits until it is not 0 */
	_Atomic int entered, refused, other;
};

static void *call_and_wait(void *arg)
{
	struct crowd *crowd = arg;
	int res;

	atomic_fetch_add(&crowd->entered, 1);
	res = testmod_wait(crowd->h, crowd->gate);
	if (res == AEE_EEXPIRED)
		atomic_fetch_add(&crowd->refused, 1);
	else if (res)
		atomic_fetch_add(&crowd->other, 1);
	return NULL;
}

static void release_all(const struct crowd *crowd, pthread_t *threads)
{
	__atomic_store_n(crowd->gate, 1, __ATOMIC_RELEASE);
	for (int i = 0; i < CROWD; i++)
		pthread_join(threads[i], NULL);
}

static void calls_beyond_the_drivers_limit_are_refused_and_nothing_else_suffers(void **state)
{
	bool downstream = !strcmp(getenv("FRPC_TRANSPORT"), "downstream@emulator");
	struct crowd crowd = {0};
	pthread_t threads[CROWD];
	struct frpc_error error = {.size = sizeof(error)};

	(void)state;
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &crowd.h), 0);
	crowd.gate = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 4096);
	assert_non_null(crowd.gate);
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call_and_wait, &crowd), 0);
	if (downstream) {
		/* 65 are let in, the others come back; what the skel's own thread sees is not hurt. */
		while (crowd.refused < CROWD - 65)
			usleep(1000);
		assert_int_equal(testmod_call0(crowd.h, TESTMOD_EMPTY), AEE_EEXPIRED);
		assert_int_equal(frpc_last_error_detail(&error), 0);
		assert_int_equal(error.origin, FRPC_ORIGIN_DRIVER);
		assert_int_equal(error.error_number, EDQUOT);
	}
	release_all(&crowd, threads);
	assert_int_equal(crowd.refused, downstream ? CROWD - 65 : 0);
	assert_int_equal(crowd.other, 0);
	assert_int_equal(testmod_call0(crowd.h, TESTMOD_EMPTY), 0);
	assert_int_equal(remote_handle64_close(crowd.h), 0);
	rpcmem_free(crowd.gate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eight_threads_open_call_and_close_without_a_failure_or_leak),
		cmocka_unit_test(sixty_four_threads_call_one_session_and_get_their_own_results),
		cmocka_unit_test(
			calls_beyond_the_drivers_limit_are_refused_and_nothing_else_suffers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
