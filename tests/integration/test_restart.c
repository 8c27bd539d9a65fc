/* SPDX-License-Identifier: BSD-3-Clause */
/* The DSP is restarted under an app: its calls end with an error, and opening again works. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "remote.h"
#include "rpcmem.h"
#include "support/dead_skels.h"
#include "support/dsp.h"
#include "support/leaks.h"
#include "support/testmod.h"

#define URI	      TESTMOD_URI "&_dom=cdsp"
#define AEE_CONNRESET 104

static struct resources before;

static struct frpc_emulator *emulator;

static int setup(void **state)
{
	(void)state;
	before = resources_at_rest();
	return dsps_hold(&emulator);
}

static int teardown(void **state)
{
	(void)state;
	frpc_emulator_free(emulator);
	return end_with_resources(&before);
}

static void sum_is_right(remote_handle64 h)
{
	const int32_t vector[] = {20, 22};
	int64_t sum = 0;

	assert_int_equal(testmod_sum(h, vector, 2, &sum), 0);
	assert_int_equal(sum, 42);
}

struct waiter {
	remote_handle64 h;
	unsigned char *gate;
	int result;
};

static void *wait_in_call(void *arg)
{
	struct waiter *waiter = arg;

	waiter->result = testmod_wait(waiter->h, waiter->gate);
	return NULL;
}

static void a_restart_ends_a_waiting_call_and_a_new_open_works(void **state)
{
	struct waiter waiter = {.result = -1};
	uint32_t calls = 0;
	pthread_t thread;
	remote_handle64 h;

	(void)state;
	assert_int_equal(remote_handle64_open(URI, &waiter.h), 0);
	sum_is_right(waiter.h);
	waiter.gate = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 4096);
	assert_non_null(waiter.gate);
	waiter.gate[0] = 0;
	assert_int_equal(testmod_count(waiter.h, &calls), 0);
	assert_int_equal(pthread_create(&thread, NULL, wait_in_call, &waiter), 0);
	assert_int_equal(testmod_await(waiter.h, calls, 1), 0);

	assert_int_equal(dsp_restart(CDSP_DOMAIN_ID), 0);
	pthread_join(thread, NULL);
	assert_int_equal(waiter.result, AEE_CONNRESET);
	if (emulator)
		assert_int_equal(frpc_emulator_processes(emulator, CDSP_DOMAIN_ID), 0);
	assert_int_equal(testmod_call0(waiter.h, TESTMOD_EMPTY), AEE_CONNRESET);

	waiter.gate[0] = 1; /* the skel's thread looks at it still: nothing else can end it */
	remote_handle64_close(waiter.h);
	rpcmem_free(waiter.gate);
	assert_int_equal(remote_handle64_open(URI, &h), 0);
	sum_is_right(h);
	assert_int_equal(remote_handle64_close(h), 0);
}

static void a_domain_that_is_not_there_cannot_be_restarted(void **state)
{
	(void)state;
	if (!emulator)
		skip();
	assert_int_equal(frpc_emulator_restart(emulator, 77), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_restart_ends_a_waiting_call_and_a_new_open_works),
		cmocka_unit_test(a_domain_that_is_not_there_cannot_be_restarted),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
