/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "fastrpc.h"

static void assert_says(int code, const char *part)
{
	const char *text = frpc_strerror(code);

	assert_non_null(text);
	if (!strstr(text, part))
		fail_msg("%#x: \"%s\" does not say \"%s\"", (unsigned int)code, text, part);
}

static void a_number_is_told_by_name_and_sentence(void **state)
{
	(void)state;
	assert_string_equal(frpc_strerror(0), "AEE_SUCCESS: success");
	assert_says(AEE_EBADPARM, "AEE_EBADPARM: ");
	assert_says(AEE_EUNSUPPORTED, "AEE_EUNSUPPORTED: ");
	assert_says(AEE_EEXPIRED, "AEE_EEXPIRED: ");
}

static void a_dsps_number_says_so(void **state)
{
	(void)state;
	assert_says((int)0x8000040e, "AEE_EBADPARM on the DSP (0x8000040e)");
	assert_says((int)0x80000406, "AEE_EUNABLETOLOAD on the DSP");
	assert_says((int)0x80000414, "AEE_EUNSUPPORTED on the DSP");
}

static void an_errno_is_told_in_words(void **state)
{
	(void)state;
	assert_says(-EACCES, strerror(EACCES));
	assert_says(-EDQUOT, "errno 122");
}

static void any_other_number_is_shown_as_it_is(void **state)
{
	(void)state;
	/* The DSP's offset alone, or beyond its range, is no AEE error. */
	assert_says((int)0x80000400, "0x80000400: no error of FastRPC");
	assert_says((int)0x80000800, "0x80000800");
	assert_says(INT_MIN, "0x80000000");
	assert_says(INT_MAX, "0x7fffffff");
	for (long long code = INT_MIN; code <= INT_MAX; code += 10007) {
		assert_non_null(frpc_strerror((int)code));
		assert_true(strlen(frpc_strerror((int)code)) > 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_told_by_name_and_sentence),
		cmocka_unit_test(a_dsps_number_says_so),
		cmocka_unit_test(an_errno_is_told_in_words),
		cmocka_unit_test(any_other_number_is_shown_as_it_is),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
