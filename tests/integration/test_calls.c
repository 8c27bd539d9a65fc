/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls through the public API to the test module, over the transport the environment names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "fastrpc.h"
#include "remote.h"
#include "rpcmem.h"
#include "support/leaks.h"
#include "support/testmod.h"

static remote_handle64 open_module(void)
{
	remote_handle64 h = 0;
	int res = remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h);

	if (res)
		fail_msg("open: %s: %s", frpc_strerror(res), frpc_last_error());
	assert_true(h != 0);
	return h;
}

/* A handle is longer than a pointer of a 32-bit program. */
static int setup(void **state)
{
	static remote_handle64 h;

	h = open_module();
	*state = &h;
	return 0;
}

static remote_handle64 handle_of(void **state)
{
	return *(const remote_handle64 *)*state;
}

static int teardown(void **state)
{
	return remote_handle64_close(handle_of(state));
}

static void a_call_without_arguments_returns_zero(void **state)
{
	assert_int_equal(testmod_call0(handle_of(state), TESTMOD_EMPTY), 0);
}

static void a_sum_comes_back(void **state)
{
	int32_t vector[100];
	int64_t sum = 0;

	for (int i = 0; i < 100; i++)
		vector[i] = i - 30;
	assert_int_equal(testmod_sum(handle_of(state), vector, 100, &sum), 0);
	assert_int_equal(sum, 4950 - 3000);
}

static void an_empty_vector_sums_to_zero(void **state)
{
	int64_t sum = 5;

	assert_int_equal(testmod_sum(handle_of(state), NULL, 0, &sum), 0);
	assert_int_equal(sum, 0);
}

static void every_size_of_payload_is_echoed(void **state)
{
	static const size_t sizes[] = {1,    2,	   127,	  128,	 129,	  4095,	   4096,
				       4097, 8191, 65535, 65537, 1 << 20, 16 << 20};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		unsigned char *in = malloc(sizes[i]), *out = calloc(1, sizes[i]);

		assert_non_null(in);
		assert_non_null(out);
		for (size_t k = 0; k < sizes[i]; k++)
			in[k] = (unsigned char)(k * 7 + i);
		assert_int_equal(testmod_pass(handle_of(state), TESTMOD_ECHO, in, sizes[i], out,
					      sizes[i]),
				 0);
		assert_memory_equal(in, out, sizes[i]);
		free(in);
		free(out);
	}
}

static void rpcmem_buffers_are_echoed_in_place(void **state)
{
	size_t size = 1 << 20;
	unsigned char *in = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, (int)size);
	unsigned char *out = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, (int)size);

	assert_non_null(in);
	assert_non_null(out);
	assert_true(rpcmem_to_fd(in) >= 0);
	for (size_t k = 0; k < size; k++)
		in[k] = (unsigned char)(k * 13);
	assert_int_equal(testmod_pass(handle_of(state), TESTMOD_ECHO, in, size, out, size), 0);
	assert_memory_equal(in, out, size);
	/* Also from the middle of a buffer, at odd offsets. */
	memset(out, 0, size);
	assert_int_equal(testmod_pass(handle_of(state), TESTMOD_ECHO, in + 4097, 10001, out + 333,
				      10001),
			 0);
	assert_memory_equal(in + 4097, out + 333, 10001);
	assert_int_equal(out[332], 0);
	assert_int_equal(out[333 + 10001], 0);
	rpcmem_free(in);
	rpcmem_free(out);
}

static void overlapping_inputs_arrive_whole(void **state)
{
	unsigned char bytes[600];
	uint64_t total = 0, expected = 0;
	remote_arg args[4] = {
		{.buf = {bytes, 400}},
		{.buf = {bytes + 200, 400}},
		{.buf = {bytes + 100, 50}},
		{.buf = {&total, sizeof(total)}},
	};

	for (size_t k = 0; k < sizeof(bytes); k++)
		bytes[k] = (unsigned char)(k * 3);
	for (int i = 0; i < 3; i++)
		for (size_t k = 0; k < args[i].buf.nLen; k++)
			expected += ((unsigned char *)args[i].buf.pv)[k];
	assert_int_equal(remote_handle64_invoke(handle_of(state),
						REMOTE_SCALARS_MAKE(TESTMOD_SPAN, 3, 1), args),
			 0);
	assert_int_equal(total, expected);
}

static void two_hundred_and_fifty_buffers_cross_in_one_call(void **state)
{
	unsigned char bytes[250];
	remote_arg args[251];
	uint64_t total = 0, expected = 0;

	for (int i = 0; i < 250; i++) {
		bytes[i] = (unsigned char)(i * 5 + 1);
		expected += bytes[i];
		args[i] = (remote_arg){.buf = {&bytes[i], 1}};
	}
	args[250] = (remote_arg){.buf = {&total, sizeof(total)}};
	assert_int_equal(remote_handle64_invoke(handle_of(state),
						REMOTE_SCALARS_MAKE(TESTMOD_SPAN, 250, 1), args),
			 0);
	assert_int_equal(total, expected);
}

static void what_the_skel_returns_reaches_the_app_unchanged(void **state)
{
	assert_int_equal(testmod_return(handle_of(state), 0), 0);
	assert_int_equal(testmod_return(handle_of(state), 7), 7);
	assert_int_equal(testmod_return(handle_of(state), 0x12345), 0x12345);
	assert_int_equal(testmod_return(handle_of(state), -70000), -70000);
}

static void a_skels_small_negative_result_looks_like_the_drivers_errno(void **state)
{
	/* -1..-4095 cannot be told from an errno in an ioctl's result, on a phone either. */
	assert_int_equal(testmod_return(handle_of(state), -1), AEE_EBADPERMS);
}

static void a_skels_bad_parameter_arrives_with_the_dsp_offset(void **state)
{
	struct frpc_error error = {.size = sizeof(error)};
	char one = 0, two[2];

	/* Lengths differ: the skel answers its own AEE_EBADPARM. */
	assert_int_equal(testmod_pass(handle_of(state), TESTMOD_ECHO, &one, 1, two, 2),
			 (int)0x8000040e);
	assert_int_equal(frpc_last_error_detail(&error), 0);
	assert_int_equal(error.code, (int)0x8000040e);
	assert_int_equal(error.origin, FRPC_ORIGIN_DSP);
}

static void two_handles_of_one_module_share_its_globals(void **state)
{
	remote_handle64 other = open_module();
	uint32_t first = 0, second = 0;

	assert_int_equal(testmod_count(handle_of(state), &first), 0);
	assert_int_equal(testmod_count(other, &second), 0);
	assert_int_equal(second, first + 1);
	assert_int_equal(remote_handle64_close(other), 0);
}

static void a_session_opened_again_begins_with_fresh_globals(void **state)
{
	remote_handle64 h;
	uint32_t count = 99;

	(void)state;
	h = open_module();
	assert_int_equal(testmod_count(h, &count), 0);
	assert_int_equal(remote_handle64_close(h), 0);
	h = open_module();
	assert_int_equal(testmod_count(h, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(remote_handle64_close(h), 0);
}

static void opening_and_closing_leaves_nothing_behind(void **state)
{
	struct resources before;

	(void)state;
	remote_handle64_close(open_module());
	before = resources_at_rest();
	for (int i = 0; i < 20; i++) {
		remote_handle64 h = open_module();

		assert_int_equal(testmod_call0(h, TESTMOD_EMPTY), 0);
		assert_int_equal(remote_handle64_close(h), 0);
	}
	assert_resources_are_back(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_call_without_arguments_returns_zero, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_sum_comes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(an_empty_vector_sums_to_zero, setup, teardown),
		cmocka_unit_test_setup_teardown(every_size_of_payload_is_echoed, setup, teardown),
		cmocka_unit_test_setup_teardown(rpcmem_buffers_are_echoed_in_place, setup,
						teardown),
		cmocka_unit_test_setup_teardown(overlapping_inputs_arrive_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(two_hundred_and_fifty_buffers_cross_in_one_call,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_the_skel_returns_reaches_the_app_unchanged,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_skels_small_negative_result_looks_like_the_drivers_errno, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_skels_bad_parameter_arrives_with_the_dsp_offset,
						setup, teardown),
		cmocka_unit_test_setup_teardown(two_handles_of_one_module_share_its_globals, setup,
						teardown),
		cmocka_unit_test(a_session_opened_again_begins_with_fresh_globals),
		cmocka_unit_test(opening_and_closing_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
