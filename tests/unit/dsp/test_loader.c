/* SPDX-License-Identifier: BSD-3-Clause */
/* What a DSP understands by the name of a module. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "emulator/dsp/loader.h"

static void a_plain_name_stands_for_its_skel_and_the_older_entry(void **state)
{
	struct emu_module_name name;

	(void)state;
	assert_int_equal(emu_module_name_parse("calculator", &name), 0);
	assert_string_equal(name.file, "libcalculator_skel.so");
	assert_string_equal(name.symbol, "calculator_skel_invoke");
	assert_false(name.with_handle);
}

static void a_uri_names_file_entry_and_style(void **state)
{
	static const struct {
		const char *uri;
		bool with_handle;
	} uris[] = {
		{"file:///libx.so?x_invoke", false},
		{"file://libx.so?x_invoke", false},
		{"file:///libx.so?x_invoke&_modver=1.0", true},
		{"file:///libx.so?x_invoke&_modver=1.0&_dom=cdsp", true},
		{"file:///libx.so?x_invoke&_dom=cdsp&_modver=1.0", true},
		{"file:///libx.so?x_invoke&_modver=1.05", false},
		{"file:///libx.so?x_invoke&_modver=", false},
		{"file:///libx.so?x_invoke&x_modver=1.0", false},
		{"file:///libx.so?x_invoke&&&_modver=1.0&", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(uris) / sizeof(*uris); i++) {
		struct emu_module_name name;

		assert_int_equal(emu_module_name_parse(uris[i].uri, &name), 0);
		assert_string_equal(name.file, "libx.so");
		assert_string_equal(name.symbol, "x_invoke");
		assert_int_equal(name.with_handle, uris[i].with_handle);
	}
}

static void what_names_no_module_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"a/b",
		"../x",
		"x?y",
		"x&y",
		"http://x?y",
		"file:",
		"file://",
		"file:///",
		"file:///?x",
		"file:///libx.so",
		"file:///libx.so?",
		"file:///libx.so?&_modver=1.0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct emu_module_name name;

		assert_int_equal(emu_module_name_parse(wrong[i], &name), -EINVAL);
	}
}

static void names_that_do_not_fit_are_refused_not_cut(void **state)
{
	struct emu_module_name name;
	char text[600], part[300];

	(void)state;
	memset(part, 'x', sizeof(part));
	part[255] = 0;
	snprintf(text, sizeof(text), "file:///%s?e", part);
	assert_int_equal(emu_module_name_parse(text, &name), 0);
	assert_int_equal(strlen(name.file), 255);
	snprintf(text, sizeof(text), "file:///%sx?e", part);
	assert_int_equal(emu_module_name_parse(text, &name), -EINVAL);
	snprintf(text, sizeof(text), "file:///l?%s&_modver=1.0", part);
	assert_int_equal(emu_module_name_parse(text, &name), 0);
	snprintf(text, sizeof(text), "file:///l?%sx&_modver=1.0", part);
	assert_int_equal(emu_module_name_parse(text, &name), -EINVAL);
	/* What is put around a plain name counts, too. */
	assert_int_equal(emu_module_name_parse(part, &name), -EINVAL);
	part[243] = 0;
	assert_int_equal(emu_module_name_parse(part, &name), 0);
	part[243] = 'x';
	part[244] = 0;
	assert_int_equal(emu_module_name_parse(part, &name), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_name_stands_for_its_skel_and_the_older_entry),
		cmocka_unit_test(a_uri_names_file_entry_and_style),
		cmocka_unit_test(what_names_no_module_is_refused),
		cmocka_unit_test(names_that_do_not_fit_are_refused_not_cut),
	};

	return cmocka_run_group_tests_name("loader", tests, NULL, NULL);
}
