/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A DSP calls modules of the app's own: a skel makes the calls, the module is a library of the search
 * path. Names, styles and hostile ones: tests/unit/lib/test_app_modules.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "remote.h"

#include "dead_skels.h"
#include "diary.h"
#include "dsp.h"
#include "dsp_files.h"
#include "testmod.h"

#define CDSP 3u

static struct frpc_emulator *emulator;
/* What the module asks for with APPMOD_BACK: a step of the running test's. */
static appmod_hook_fn *hook;
int appmod_hook(void);
int appmod_hook(void)
{
	return hook();
}

static void begin_module(struct wire *wire)
{
	begin(wire);
	strcpy(wire->call.module, APPMOD_URI);
}

/* The DSP opens it and leaves it open. */
static void leave_open(void)
{
	struct wire wire;

	begin_module(&wire);
	wire.call.keep = 1;
	put(&wire, &(int32_t){0}, 4);
	assert_int_equal(run(&wire, APPMOD_FAIL), 0);
	expect_diary("open\n");
}

/* ---- the tests ---- */

static void the_dsp_calls_a_module_of_the_app(void **state)
{
	struct wire wire;

	(void)state;
	begin_module(&wire);
	put(&wire, "seven b", 7);
	put(&wire, "", 0);
	put(&wire, "a text", 6);
	room(&wire, 7);
	room(&wire, 0);
	room(&wire, 6);
	assert_int_equal(run(&wire, APPMOD_ECHO), 0);
	assert_memory_equal(wire.out, "seven ba text", 13);
	expect_diary("open\nclose\nunload\n");
}

static void the_dsp_gets_what_the_module_answers(void **state)
{
	struct wire wire;

	(void)state;
	begin_module(&wire);
	put(&wire, &(int32_t){1234}, 4);
	assert_int_equal(run(&wire, APPMOD_FAIL), 1234);
	strcpy(wire.call.module, "file:///libmissing_skel.so?missing_skel_invoke");
	assert_int_equal(run(&wire, APPMOD_FAIL), AEE_EINVHANDLE);
	strcpy(wire.call.module, "file:///libappmod_skel.so?missing_skel_invoke");
	assert_int_equal(run(&wire, APPMOD_FAIL), AEE_ENOSUCHSYMBOL);
	expect_diary("open\nclose\nunload\nunload\n");
}

static remote_handle64 testmod;

static int call_the_dsp(void)
{
	const int32_t vector[] = {20, 22};
	int64_t sum = 0;
	int res = testmod_sum(testmod, vector, 2, &sum);

	return res ? res : (int)sum;
}

static void a_module_may_call_the_dsp_that_calls_it(void **state)
{
	struct wire wire;

	(void)state;
	assert_int_equal(remote_handle64_open(TESTMOD_URI CDSP_DOMAIN, &testmod), 0);
	hook = call_the_dsp;
	begin_module(&wire);
	assert_int_equal(run(&wire, APPMOD_BACK), 42);
	assert_int_equal(remote_handle64_close(testmod), 0);
	expect_diary("open\nclose\nunload\n");
}

static int default_domain(void)
{
	remote_rpc_get_domain_t domain = {.domain = -1};

	if (remote_handle_control(DSPRPC_GET_DOMAIN, &domain, sizeof(domain)))
		return -1;
	return domain.domain;
}

static void a_modules_thread_belongs_to_the_session_that_it_serves(void **state)
{
	remote_handle64 first = proxy;
	struct wire wire;

	(void)state;
	hook = default_domain;
	assert_int_equal(remote_handle64_open(PROXY_URI CDSP_DOMAIN "&_session=1", &proxy), 0);
	begin_module(&wire);
	assert_int_equal(run(&wire, APPMOD_BACK), 11);
	assert_int_equal(remote_handle64_close(proxy), 0);
	proxy = first;
	assert_int_equal(run(&wire, APPMOD_BACK), 3);
	expect_diary("open\nclose\nunload\nopen\nclose\nunload\n");
}

static void the_end_of_a_session_closes_and_unloads_its_modules(void **state)
{
	(void)state;
	leave_open();
	assert_int_equal(remote_handle64_close(proxy), 0);
	expect_diary("close\nunload\n");
	assert_int_equal(remote_handle64_open(PROXY_URI CDSP_DOMAIN, &proxy), 0);
}

static void the_end_of_the_dsp_closes_and_unloads_its_modules(void **state)
{
	(void)state;
	leave_open();
	assert_int_equal(dsp_restart(CDSP), 0);
	remote_handle64_close(proxy);
	expect_diary("close\nunload\n");
	assert_int_equal(remote_handle64_open(PROXY_URI CDSP_DOMAIN, &proxy), 0);
}

static int closed;

static int close_the_session(void)
{
	closed = remote_handle64_close(proxy);
	return 0;
}

static void a_module_may_end_the_session_that_it_serves(void **state)
{
	struct proxy_call call = {.module = APPMOD_URI,
				  .sc = REMOTE_SCALARS_MAKE(APPMOD_BACK, 0, 0)};
	unsigned char in[4], out[4];
	int32_t result = 0;
	int res;
	remote_arg args[4] = {
		{.buf = {&call, sizeof(call)}},
		{.buf = {in, sizeof(in)}},
		{.buf = {&result, sizeof(result)}},
		{.buf = {out, sizeof(out)}},
	};

	(void)state;
	hook = close_the_session;
	closed = -1;
	res = remote_handle64_invoke(proxy, REMOTE_SCALARS_MAKE(PROXY_METHOD, 2, 2), args);
	/* Who waits there is told so, by the driver or by the skel, whose own call has failed. */
	assert_true(res || result);
	assert_int_equal(remote_handle64_open(PROXY_URI CDSP_DOMAIN, &proxy), 0);
	assert_int_equal(closed, 0);
}

static int set_up_modules(void **state)
{
	if (dsps_hold(&emulator) || set_up(state))
		return -1;
	return keep_diary();
}

static int tear_down_modules(void **state)
{
	int res = tear_down(state);

	frpc_emulator_free(emulator);
	return res;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_dsp_calls_a_module_of_the_app),
		cmocka_unit_test(the_dsp_gets_what_the_module_answers),
		cmocka_unit_test(a_module_may_call_the_dsp_that_calls_it),
		cmocka_unit_test(a_modules_thread_belongs_to_the_session_that_it_serves),
		cmocka_unit_test(the_end_of_a_session_closes_and_unloads_its_modules),
		cmocka_unit_test(the_end_of_the_dsp_closes_and_unloads_its_modules),
		cmocka_unit_test(a_module_may_end_the_session_that_it_serves),
	};

	setenv("SKELS", getenv("DSP_LIBRARY_PATH") ? getenv("DSP_LIBRARY_PATH") : ".", 1);
	return cmocka_run_group_tests(tests, set_up_modules, tear_down_modules);
}
