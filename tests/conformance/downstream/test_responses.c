/* SPDX-License-Identifier: BSD-3-Clause */
/* What each response of a DSP does to the call that it names; malformed ones; the poll word. */
#include "scripted.h"

#include <string.h>

#define SC_EMPTY     0x02000000u
#define DRIVER_EBADR 53 /* positive: the driver forgot the sign */

/* What the script sends when a call arrives, on the caller's thread: before he waits. */
static struct {
	uint32_t flags[4], count;
	int32_t retval;
	uint32_t word; /* into the poll word first; 0: nothing */
} plan;

static void write_word(struct scripted *dsp, const struct frpc_smq_msg *message, uint32_t word)
{
	uint64_t n = FRPC_SC_LENGTH(message->sc);

	scripted_write(dsp, message->page_addr + FRPC_SMQ_POLL_AT(n), &word, sizeof(word));
}

static bool follow_plan(struct scripted *dsp, const struct frpc_smq_msg *message)
{
	if (message->handle < 3)
		return false;
	if (plan.word)
		write_word(dsp, message, plan.word);
	for (uint32_t i = 0; i < plan.count; i++)
		assert_int_equal(scripted_answer_flags(dsp, message->ctx, plan.retval + (int32_t)i,
						       plan.flags[i]),
				 0);
	return true;
}

static long call_by_plan(struct scripted *dsp, int file, uint32_t word, int32_t retval,
			 uint32_t count, uint32_t first, uint32_t second)
{
	plan.word = word;
	plan.retval = retval;
	plan.count = count;
	plan.flags[0] = first;
	plan.flags[1] = second;
	dsp->script = follow_plan;
	return scripted_call(dsp, file, MODULE, SC_EMPTY);
}

static void short_and_long_normal_responses_complete_a_call(void **state)
{
	struct scripted *dsp = *state;
	struct pending call;
	int file = scripted_open(dsp, CDSP);

	pending_call(&call, dsp, file, MODULE, SC_EMPTY);
	assert_int_equal(scripted_answer(dsp, scripted_await(dsp, 1).ctx, -2147482604), 0);
	assert_int_equal(pending_join(&call), -2147482604); /* a DSP's own number, as it is */
	pending_call(&call, dsp, file, MODULE, SC_EMPTY);
	assert_int_equal(scripted_answer_flags(dsp, scripted_await(dsp, 2).ctx, 14, 0), 0);
	assert_int_equal(pending_join(&call), 14);
	pending_call(&call, dsp, file, MODULE, SC_EMPTY);
	assert_int_equal(scripted_answer_flags(dsp, scripted_await(dsp, 3).ctx, -1,
					       FRPC_SMQ_COMPLETE_SIGNAL),
			 0);
	assert_int_equal(pending_join(&call), -1);
	scripted_close(dsp, file);
}

static void a_response_of_17_to_23_bytes_is_the_short_form(void **state)
{
	struct scripted *dsp = *state;
	unsigned char bytes[24];
	struct pending call;
	int file = scripted_open(dsp, CDSP);

	memset(bytes, 0xff, sizeof(bytes));
	for (uint32_t len = 17; len <= 23; len++) {
		struct frpc_smq_rsp rsp = {.retval = (int32_t)len, .pad = 77};

		pending_call(&call, dsp, file, MODULE, SC_EMPTY);
		rsp.ctx = scripted_await(dsp, len - 16).ctx;
		memcpy(bytes, &rsp, sizeof(rsp));
		assert_int_equal(scripted_send(dsp, CDSP, bytes, len), 0);
		assert_int_equal(pending_join(&call), len);
	}
	scripted_close(dsp, file);
}

static void a_malformed_response_leaves_the_call_pending(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_smq_rsp_v2 rsp = {.retval = 1, .version = 1};
	struct pending call;
	int file = scripted_open(dsp, CDSP);

	pending_call(&call, dsp, file, MODULE, SC_EMPTY);
	rsp.ctx = scripted_await(dsp, 1).ctx;
	for (size_t len = 0; len < 16; len++)
		if (len != 8)
			assert_int_equal(scripted_send(dsp, CDSP, &rsp, len), -EINVAL);
	assert_int_equal(scripted_send(dsp, CDSP, &rsp, sizeof(rsp)), -EINVAL);
	rsp.version = 3;
	assert_int_equal(scripted_send(dsp, CDSP, &rsp, sizeof(rsp)), -EINVAL);
	assert_false(call.returned);
	assert_int_equal(scripted_answer(dsp, rsp.ctx, 2), 0);
	assert_int_equal(pending_join(&call), 2);
	scripted_close(dsp, file);
}

static void a_longer_response_is_read_as_far_as_it_is_known(void **state)
{
	struct scripted *dsp = *state;
	unsigned char bytes[100] = {0};
	struct frpc_smq_rsp_v2 rsp = {.retval = 6, .version = FRPC_SMQ_RSP_VERSION};
	struct pending call;
	int file = scripted_open(dsp, CDSP);

	pending_call(&call, dsp, file, MODULE, SC_EMPTY);
	rsp.ctx = scripted_await(dsp, 1).ctx;
	memcpy(bytes, &rsp, sizeof(rsp));
	assert_int_equal(scripted_send(dsp, CDSP, bytes, sizeof(bytes)), 0);
	assert_int_equal(pending_join(&call), 6);
	scripted_close(dsp, file);
}

static void an_early_response_completes_once_the_poll_word_announces_it(void **state)
{
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, CDSP);

	assert_int_equal(call_by_plan(dsp, file, FRPC_SMQ_POLL_EARLY, 44, 1,
				      FRPC_SMQ_EARLY_RESPONSE, 0),
			 44);
	scripted_close(dsp, file);
}

static void the_done_word_makes_an_early_response_a_success(void **state)
{
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, CDSP);

	assert_int_equal(
		call_by_plan(dsp, file, FRPC_SMQ_POLL_DONE, 44, 1, FRPC_SMQ_EARLY_RESPONSE, 0), 0);
	scripted_close(dsp, file);
}

/* A call is answered with the flags @first, which end nothing for @ns, and then with @second. */
static void expect_wait(struct scripted *dsp, int file, uint32_t first, uint64_t ns,
			uint32_t second)
{
	struct pending call;
	uint64_t ctx;

	pending_call(&call, dsp, file, MODULE, SC_EMPTY);
	ctx = scripted_await(dsp, 1).ctx;
	assert_int_equal(scripted_answer_flags(dsp, ctx, 1, first), 0);
	emu_clock_advance(dsp->clock, ns);
	assert_false(call.returned);
	assert_int_equal(scripted_answer_flags(dsp, ctx, 2, second), 0);
	assert_int_equal(pending_join(&call), 2);
}

static void an_early_response_without_a_poll_word_waits_for_completion(void **state)
{
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, CDSP);

	/* More than 4000 steps of polling. */
	expect_wait(dsp, file, FRPC_SMQ_EARLY_RESPONSE, 5000000, FRPC_SMQ_COMPLETE_SIGNAL);
	/* The signal that follows a call that is done already is dropped. */
	assert_int_equal(
		call_by_plan(dsp, file, FRPC_SMQ_POLL_EARLY, 3, 1, FRPC_SMQ_EARLY_RESPONSE, 0), 3);
	scripted_close(dsp, file);
}

static void a_users_early_signal_completes_nothing(void **state)
{
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, CDSP);

	expect_wait(dsp, file, FRPC_SMQ_USER_EARLY_SIGNAL, 1000000, FRPC_SMQ_NORMAL_RESPONSE);
	assert_int_equal(call_by_plan(dsp, file, 0, 5, 2, FRPC_SMQ_USER_EARLY_SIGNAL,
				      FRPC_SMQ_COMPLETE_SIGNAL),
			 6);
	scripted_close(dsp, file);
}

static void unknown_flags_end_a_call_that_does_not_wait_yet(void **state)
{
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, CDSP);

	assert_int_equal(call_by_plan(dsp, file, 0, 5, 1, FRPC_SMQ_STATUS_RESPONSE, 0),
			 DRIVER_EBADR);
	assert_int_equal(call_by_plan(dsp, file, 0, 5, 1, 6, 0), DRIVER_EBADR);
	assert_int_equal(call_by_plan(dsp, file, 0, 5, 1, UINT32_MAX, 0), DRIVER_EBADR);
	/* A right answer behind them overwrites them. */
	assert_int_equal(call_by_plan(dsp, file, 0, 5, 2, FRPC_SMQ_STATUS_RESPONSE,
				      FRPC_SMQ_NORMAL_RESPONSE),
			 6);
	assert_int_equal(call_by_plan(dsp, file, 0, 5, 2, 77, FRPC_SMQ_COMPLETE_SIGNAL), 6);
	scripted_close(dsp, file);
}

static void unknown_flags_wake_nobody_who_waits(void **state)
{
	struct scripted *dsp = *state;
	struct pending calls[8];
	int file = scripted_open(dsp, CDSP);

	/* Whoever of them waits already goes on; whoever does not yet ends with 53. */
	for (uint32_t i = 0; i < 8; i++)
		pending_call(&calls[i], dsp, file, MODULE, SC_EMPTY);
	scripted_await(dsp, 8);
	for (uint32_t i = 0; i < 8; i++)
		scripted_answer_flags(dsp, dsp->messages[i].ctx, 1, 9);
	for (uint32_t i = 0; i < 8; i++)
		scripted_answer(dsp, dsp->messages[i].ctx, 2);
	for (uint32_t i = 0; i < 8; i++) {
		long res = pending_join(&calls[i]);

		assert_true(res == 2 || res == DRIVER_EBADR);
	}
	scripted_close(dsp, file);
}

/* ---- poll mode ---- */

static void poll_mode(struct scripted *dsp, int file, uint32_t us)
{
	struct frpc_dn_control control = {.req = FRPC_DN_CONTROL_RPC_POLL, .lp = {1, us}};

	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_CONTROL, &control), 0);
}

static void in_poll_mode_the_done_word_alone_completes_a_call(void **state)
{
	struct scripted *dsp = *state;
	int file = scripted_create(dsp, CDSP);

	poll_mode(dsp, file, 10000);
	assert_int_equal(call_by_plan(dsp, file, FRPC_SMQ_POLL_DONE, 0, 0, 0, 0), 0);
	/* A late message for it is dropped. */
	dsp->script = NULL;
	scripted_close(dsp, file);
}

static void in_poll_mode_the_early_word_does_not_complete_a_call(void **state)
{
	struct scripted *dsp = *state;
	struct pending call;
	struct frpc_smq_msg message;
	int file = scripted_create(dsp, CDSP);

	poll_mode(dsp, file, 1);
	pending_call(&call, dsp, file, MODULE, SC_EMPTY);
	message = scripted_await(dsp, 1);
	write_word(dsp, &message, FRPC_SMQ_POLL_EARLY);
	assert_false(call.returned);
	scripted_answer(dsp, message.ctx, 12);
	assert_int_equal(pending_join(&call), 12);
	scripted_close(dsp, file);
}

static void after_its_time_a_polling_call_waits_for_a_message(void **state)
{
	struct scripted *dsp = *state;
	struct pending call;
	int file = scripted_create(dsp, CDSP);

	poll_mode(dsp, file, 0);
	pending_call(&call, dsp, file, MODULE, SC_EMPTY);
	scripted_answer(dsp, scripted_await(dsp, 1).ctx, 8);
	assert_int_equal(pending_join(&call), 8);
	scripted_close(dsp, file);
}

static void handle_20_and_lower_ones_are_not_polled_for(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_smq_msg message;
	struct pending call;
	int file = scripted_create(dsp, CDSP);

	poll_mode(dsp, file, 10000);
	pending_call(&call, dsp, file, 20, SC_EMPTY);
	message = scripted_await(dsp, 1);
	write_word(dsp, &message, FRPC_SMQ_POLL_DONE);
	scripted_answer(dsp, message.ctx, 31); /* would be 0 by the word */
	assert_int_equal(pending_join(&call), 31);
	scripted_close(dsp, file);
}

/* ---- a real DSP that misbehaves is in test_restart.c; here: bytes for nobody ---- */

static void garbage_of_every_length_harms_nothing(void **state)
{
	struct scripted *dsp = *state;
	unsigned char bytes[256];
	struct pending call;
	int file = scripted_open(dsp, CDSP);

	pending_call(&call, dsp, file, MODULE, SC_EMPTY);
	scripted_await(dsp, 1);
	for (int fill = 0; fill < 256; fill += 51) {
		memset(bytes, fill, sizeof(bytes));
		for (size_t len = 0; len <= sizeof(bytes); len++)
			assert_int_not_equal(scripted_send(dsp, CDSP, bytes, len), 0);
	}
	assert_false(call.returned);
	scripted_answer(dsp, dsp->messages[0].ctx, 0);
	assert_int_equal(pending_join(&call), 0);
	scripted_close(dsp, file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(short_and_long_normal_responses_complete_a_call),		   /* A5.2 */
		TEST(a_response_of_17_to_23_bytes_is_the_short_form),		   /* A5.2 */
		TEST(a_malformed_response_leaves_the_call_pending),		   /* A5.2 */
		TEST(a_longer_response_is_read_as_far_as_it_is_known),		   /* A5.2 */
		TEST(an_early_response_completes_once_the_poll_word_announces_it), /* A5.2 */
		TEST(the_done_word_makes_an_early_response_a_success),		   /* A5.2 */
		TEST(an_early_response_without_a_poll_word_waits_for_completion),  /* A5.2 */
		TEST(a_users_early_signal_completes_nothing),			   /* A5.2 */
		TEST(unknown_flags_end_a_call_that_does_not_wait_yet),		   /* A5.2 */
		TEST(unknown_flags_wake_nobody_who_waits),			   /* A5.2 */
		TEST(in_poll_mode_the_done_word_alone_completes_a_call),	   /* A11.4 */
		TEST(in_poll_mode_the_early_word_does_not_complete_a_call),	   /* A11.4 */
		TEST(after_its_time_a_polling_call_waits_for_a_message),	   /* A11.4 */
		TEST(handle_20_and_lower_ones_are_not_polled_for),		   /* A11.4 */
		TEST(garbage_of_every_length_harms_nothing),			   /* A5.2 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
