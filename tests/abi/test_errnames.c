/* SPDX-License-Identifier: BSD-3-Clause */
/* The error names have their numbers on both sides, and frpc_strerror() knows every one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "errnames.h"
#include "fastrpc.h"

#define COUNT(array)  (sizeof(array) / sizeof(*(array)))
#define DSP_OFFSET    0x80000400u
#define AEE_NAMES     191
#define PLAIN_NUMBERS 8

struct name {
	const char *name;
	int ours, expected, offset;
};

#define AEE(name, number)   {#name, name, number, 1},
#define PLAIN(name, number) {#name, name, number, 0},
static const struct name names[] = {
#include "aee_names.h"
};

static void all_191_names_have_their_numbers_on_the_cpu(void **state)
{
	(void)state;
	assert_int_equal(COUNT(names), AEE_NAMES + PLAIN_NUMBERS);
	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].ours != names[i].expected)
			fail_msg("%s is 0x%x", names[i].name, (unsigned int)names[i].ours);
}

static void all_names_but_the_plain_ones_carry_the_offset_on_the_dsp(void **state)
{
	(void)state;
	assert_int_equal(dsp_count, COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++) {
		uint32_t expected = (uint32_t)names[i].expected;

		if (names[i].offset)
			expected += DSP_OFFSET;
		if ((uint32_t)dsp_numbers[i] != expected)
			fail_msg("%s is 0x%x on the DSP, not 0x%x", names[i].name,
				 (unsigned int)dsp_numbers[i], expected);
	}
	assert_int_equal(DSP_AEE_EOFFSET, DSP_OFFSET);
}

/* Does @text begin with @name as a whole word, or with another name of that number? */
static int tells(const char *text, int code)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		size_t len = strlen(names[i].name);

		if (names[i].expected == code && !strncmp(text, names[i].name, len) &&
		    (text[len] == ':' || text[len] == ' '))
			return 1;
	}
	return 0;
}

static void frpc_strerror_names_every_error_of_the_cpu_and_of_the_dsp(void **state)
{
	const char *text;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		if (names[i].expected == KERNEL_ERRNO_START || names[i].expected == HLOS_ERR_END)
			continue; /* limits, no errors */
		text = frpc_strerror(names[i].expected);
		if (!tells(text, names[i].expected) || strlen(text) < strlen(names[i].name) + 5)
			fail_msg("%s (0x%x) reads \"%s\"", names[i].name,
				 (unsigned int)names[i].expected, text);
		if (!names[i].offset)
			continue;
		text = frpc_strerror(dsp_numbers[i]);
		if (!tells(text, names[i].expected) || !strstr(text, "DSP"))
			fail_msg("%s (0x%x) reads \"%s\"", names[i].name,
				 (unsigned int)dsp_numbers[i], text);
	}
}

static void the_number_that_means_two_things_is_told_with_both_names(void **state)
{
	(void)state;
	assert_int_equal(AEE_ECONNRESET, AEE_ENORPCMEMORY);
	assert_non_null(strstr(frpc_strerror(104), "AEE_ENORPCMEMORY"));
	assert_non_null(strstr(frpc_strerror(104), "AEE_ECONNRESET"));
}

static void errnos_and_unknown_numbers_are_told_too(void **state)
{
	(void)state;
	assert_non_null(strstr(frpc_strerror(-13), "errno 13"));
	assert_non_null(strstr(frpc_strerror(-13), "ermission denied"));
	assert_non_null(strstr(frpc_strerror(0x12345678), "0x12345678"));
	assert_non_null(frpc_strerror(-2000));
	for (int code = -70000; code < 70000; code += 7)
		assert_true(strlen(frpc_strerror(code)) > 0);
}

static void the_version_is_the_projects(void **state)
{
	(void)state;
	assert_string_equal(frpc_version(), EXPECTED_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_191_names_have_their_numbers_on_the_cpu),
		cmocka_unit_test(all_names_but_the_plain_ones_carry_the_offset_on_the_dsp),
		cmocka_unit_test(frpc_strerror_names_every_error_of_the_cpu_and_of_the_dsp),
		cmocka_unit_test(the_number_that_means_two_things_is_told_with_both_names),
		cmocka_unit_test(errnos_and_unknown_numbers_are_told_too),
		cmocka_unit_test(the_version_is_the_projects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
