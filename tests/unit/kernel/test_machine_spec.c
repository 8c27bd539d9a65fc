/* SPDX-License-Identifier: BSD-3-Clause */
/* What FRPC_EMULATOR may say. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator/machine_spec.h"

static struct emu_machine_spec spec;
static char why[512];

static int parse(const char *text)
{
	why[0] = 0;
	return emu_machine_spec_parse(text, &spec, why, sizeof(why));
}

static void nothing_said_is_a_machine_with_everything(void **state)
{
	static const char *const nothing[] = {NULL, ""};

	(void)state;
	for (size_t i = 0; i < sizeof(nothing) / sizeof(*nothing); i++) {
		assert_int_equal(parse(nothing[i]), 0);
		for (uint32_t domain = 0; domain < EMU_DOMAINS; domain++)
			assert_true(spec.domains[domain]);
		assert_true(spec.dialects[EMU_MAINLINE] && spec.dialects[EMU_DOWNSTREAM]);
		assert_true(spec.banks > 0 && spec.banks <= EMU_MAX_BANKS);
	}
}

static void keys_say_one_thing_each(void **state)
{
	(void)state;
	assert_int_equal(parse("domains=adsp+cdsp1, abi = mainline ,banks=3,arch=73,,report=-"), 0);
	assert_true(spec.domains[0] && spec.domains[4]);
	assert_false(spec.domains[1] || spec.domains[2] || spec.domains[3]);
	assert_true(spec.dialects[EMU_MAINLINE]);
	assert_false(spec.dialects[EMU_DOWNSTREAM]);
	assert_int_equal(spec.banks, 3);
	assert_int_equal(spec.arch, 73);
	assert_string_equal(spec.report, "-");
	assert_false(spec.qrtr);
	assert_int_equal(parse("link=qrtr"), 0);
	assert_true(spec.qrtr && !spec.qrtr_local);
	assert_int_equal(parse("link=qrtr-local"), 0);
	assert_true(spec.qrtr && spec.qrtr_local);
}

static void a_file_says_the_same_line_by_line(void **state)
{
	char path[] = "/tmp/frpc-spec-XXXXXX", missing[64];
	int fd = mkstemp(path);
	FILE *file;

	(void)state;
	assert_true(fd >= 0);
	file = fdopen(fd, "w");
	assert_non_null(file);
	fputs("# a machine\n[machine]\n\n  domains = cdsp  \r\n; a remark\nabi=downstream", file);
	fclose(file);
	assert_int_equal(parse(path), 0);
	assert_true(spec.domains[3] && !spec.domains[0]);
	assert_true(spec.dialects[EMU_DOWNSTREAM] && !spec.dialects[EMU_MAINLINE]);
	unlink(path);
	snprintf(missing, sizeof(missing), "%s", path);
	assert_int_equal(parse(missing), -ENOENT);
	assert_non_null(strstr(why, missing));
}

static void what_is_wrong_is_said_with_what_is_possible(void **state)
{
	static const char *const wrong[][2] = {
		{"domains=gpu", "cdsp1"},
		{"domains=cdsp+", NULL},
		{"abi=upstream", "downstream"},
		{"banks=15", "14"},
		{"banks=-1", "14"},
		{"banks=", "14"},
		{"banks=2x", "14"},
		{"arch=abc", "arch"},
		{"banks=99999999999999999999", "14"},
		{"colour=red", "domains"},
		{"version=5.4", "6.12"},
		{"engine=fast", "native"},
		{"link=wire", "qrtr-local"},
		{"domains=cdsp,abi", "KEY=VALUE"},
		{"=", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		int res = parse(wrong[i][0]);

		if (!wrong[i][1])
			continue; /* it must only come back */
		assert_int_equal(res, -EINVAL);
		assert_non_null(strstr(why, "FRPC_EMULATOR"));
		if (!strstr(why, wrong[i][1]))
			fail_msg("%s: \"%s\" does not say \"%s\"", wrong[i][0], why, wrong[i][1]);
	}
	/* Without room for the reason it is as wrong. */
	assert_int_equal(emu_machine_spec_parse("abi=x", &spec, NULL, 0), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_said_is_a_machine_with_everything),
		cmocka_unit_test(keys_say_one_thing_each),
		cmocka_unit_test(a_file_says_the_same_line_by_line),
		cmocka_unit_test(what_is_wrong_is_said_with_what_is_possible),
	};

	return cmocka_run_group_tests_name("machine spec", tests, NULL, NULL);
}
