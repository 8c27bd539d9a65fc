/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fastrpc/abi/smq.h>

#include "../../support/reverse_request.h"
#include "AEEStdErr.h"
#include "lib/reverse.h"

/* In "abc", empty, "12345678"; out 5, 0, 16 bytes. */
static const uint32_t sc = FRPC_SC_MAKE(7, 3, 3);

static void make_request(struct request *request)
{
	memset(request, 0, sizeof(*request));
	add_in(request, "abc", 3);
	add_in(request, NULL, 0);
	add_in(request, "12345678", 8);
	add_length(request, 5);
	add_length(request, 0);
	add_length(request, 16);
}

static void a_request_unpacks_without_a_copy(void **state)
{
	struct frpc_reverse_call call;
	struct request request;

	(void)state;
	make_request(&request);
	assert_int_equal(frpc_reverse_open(&call, 9, sc, request.bytes, request.len), 0);
	assert_int_equal(call.handle, 9);
	assert_int_equal(call.sc, sc);
	assert_ptr_equal(call.args[0].buf.pv, request.bytes + 8);
	assert_int_equal(call.args[0].buf.nLen, 3);
	assert_null(call.args[1].buf.pv);
	assert_int_equal(call.args[1].buf.nLen, 0);
	/* Length at 11, unaligned, right after the three bytes; the empty one's before it. */
	assert_ptr_equal(call.args[2].buf.pv, request.bytes + 24);
	assert_memory_equal(call.args[2].buf.pv, "12345678", 8);
	frpc_reverse_close(&call);
}

static void the_answer_holds_lengths_and_room_for_each_out_buffer(void **state)
{
	static const unsigned char expected[] = {5, 0, 0, 0, 0, 0, 0, 0, 'h', 'e', 'l', 'l', 'o',
						 /* the empty one, right after, then the last */
						 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0};
	struct frpc_reverse_call call;
	struct request request;

	(void)state;
	make_request(&request);
	assert_int_equal(frpc_reverse_open(&call, 9, sc, request.bytes, request.len), 0);
	assert_int_equal(call.answer_len, sizeof(expected) + 16);
	assert_int_equal(call.args[3].buf.nLen, 5);
	memcpy(call.args[3].buf.pv, "hello", 5);
	assert_null(call.args[4].buf.pv);
	assert_ptr_equal(call.args[5].buf.pv, call.answer + sizeof(expected));
	assert_memory_equal(call.answer, expected, sizeof(expected));
	frpc_reverse_close(&call);
}

static void a_request_cut_short_anywhere_is_refused(void **state)
{
	struct frpc_reverse_call call;
	struct request request;

	(void)state;
	make_request(&request);
	for (size_t len = 0; len < request.len; len++) {
		/* Its own allocation, so that a sanitizer sees a byte read too far. */
		unsigned char *cut = malloc(len ? len : 1);

		memcpy(cut, request.bytes, len);
		assert_int_equal(frpc_reverse_open(&call, 9, sc, cut, len), AEE_EBADPARM);
		frpc_reverse_close(&call);
		free(cut);
	}
}

static void lengths_that_no_request_can_have_are_refused(void **state)
{
	static const uint32_t lengths[] = {0xffffffff, 0xfffffff8, 0x80000000, 250};
	struct frpc_reverse_call call;
	struct request request;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		make_request(&request);
		memcpy(request.bytes, &lengths[i], 4);
		assert_int_equal(frpc_reverse_open(&call, 9, sc, request.bytes, request.len),
				 AEE_EBADPARM);
		frpc_reverse_close(&call);
	}
	make_request(&request);
	memcpy(request.bytes + request.len - 4, &(uint32_t){FRPC_REVERSE_LARGEST + 1}, 4);
	assert_int_equal(frpc_reverse_open(&call, 9, sc, request.bytes, request.len), AEE_EBADSIZE);
	frpc_reverse_close(&call);
}

static void many_large_out_buffers_are_refused_before_memory_is_taken(void **state)
{
	struct frpc_reverse_call call;
	uint32_t lengths[255];

	(void)state;
	for (int i = 0; i < 255; i++)
		lengths[i] = FRPC_REVERSE_LARGEST;
	assert_int_equal(frpc_reverse_open(&call, 9, FRPC_SC_MAKE(2, 0, 255), lengths,
					   sizeof(lengths)),
			 AEE_EBADSIZE);
	assert_null(call.answer);
	frpc_reverse_close(&call);
}

static void handles_do_not_pass_through_reverse_calls(void **state)
{
	struct frpc_reverse_call call;

	(void)state;
	assert_int_equal(frpc_reverse_open(&call, 9, FRPC_SC_MAKEX(2, 0, 0, 1, 0), "", 0),
			 AEE_EBADPARM);
	frpc_reverse_close(&call);
	assert_int_equal(frpc_reverse_open(&call, 9, FRPC_SC_MAKEX(2, 0, 0, 0, 1), "", 0),
			 AEE_EBADPARM);
	frpc_reverse_close(&call);
}

static void a_request_without_arguments_is_one(void **state)
{
	struct frpc_reverse_call call;

	(void)state;
	assert_int_equal(frpc_reverse_open(&call, 9, FRPC_SC_MAKE(2, 0, 0), NULL, 0), 0);
	assert_int_equal(call.answer_len, 0);
	/* A service may look at what was not sent. */
	assert_null(call.args[0].buf.pv);
	frpc_reverse_close(&call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_unpacks_without_a_copy),
		cmocka_unit_test(the_answer_holds_lengths_and_room_for_each_out_buffer),
		cmocka_unit_test(a_request_cut_short_anywhere_is_refused),
		cmocka_unit_test(lengths_that_no_request_can_have_are_refused),
		cmocka_unit_test(many_large_out_buffers_are_refused_before_memory_is_taken),
		cmocka_unit_test(handles_do_not_pass_through_reverse_calls),
		cmocka_unit_test(a_request_without_arguments_is_one),
	};

	return cmocka_run_group_tests_name("reverse", tests, NULL, NULL);
}
