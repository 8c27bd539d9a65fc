/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An app (linked with -rdynamic) that defines the same names as its skels, with two sessions open:
 * each skel runs its own code on its own globals, per DSP process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fastrpc.h"
#include "remote.h"

int twin_value = -1;
int twin_count = -500;
int twin_answer(void);

int twin_answer(void)
{
	return -1;
}

static remote_handle64 open_twin(const char *uri)
{
	remote_handle64 h = 0;

	if (remote_handle64_open(uri, &h))
		fail_msg("%s", frpc_last_error());
	return h;
}

static int ask(remote_handle64 h)
{
	int32_t answer = 0;
	remote_arg arg = {.buf = {&answer, sizeof(answer)}};

	assert_int_equal(remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(2, 0, 1), &arg), 0);
	return answer;
}

#define URI(number, session)                              \
	"file:///libtwin" #number "_skel.so?twin" #number \
	"_skel_handle_invoke&_modver=1.0&_dom=cdsp&_session=" #session

static void each_skel_gets_its_own_code_and_its_own_globals_in_each_session(void **state)
{
	remote_handle64 one, two, one_again;

	(void)state;
	one = open_twin(URI(1, 0));
	two = open_twin(URI(2, 0));
	one_again = open_twin(URI(1, 1));
	assert_int_equal(ask(one), 1001);
	assert_int_equal(ask(one), 1002);
	assert_int_equal(ask(two), 2001);
	assert_int_equal(ask(one_again), 1001); /* another process on the DSP */
	assert_int_equal(ask(one), 1003);
	assert_int_equal(ask(two), 2002);
	assert_int_equal(twin_answer(), -1);
	assert_int_equal(twin_count, -500);
	assert_int_equal(twin_value, -1);
	assert_int_equal(remote_handle64_close(one), 0);
	assert_int_equal(remote_handle64_close(two), 0);
	assert_int_equal(ask(one_again), 1002);
	assert_int_equal(remote_handle64_close(one_again), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_skel_gets_its_own_code_and_its_own_globals_in_each_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
