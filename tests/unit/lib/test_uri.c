/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/uri.h"

static void check_part(const char *part, size_t len, const char *expected)
{
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(part, expected, len);
}

static void a_uri_comes_apart_into_library_entry_domain_and_session(void **state)
{
	struct frpc_uri uri;
	const char *why = "";

	(void)state;
	assert_int_equal(
		frpc_uri_parse("file:///libcalculator_skel.so?calculator_skel_handle_invoke"
			       "&_modver=1.0&_dom=cdsp&_session=1",
			       &uri, &why),
		0);
	assert_null(why);
	check_part(uri.file, uri.file_len, "libcalculator_skel.so");
	check_part(uri.symbol, uri.symbol_len, "calculator_skel_handle_invoke");
	assert_true(uri.has_domain && uri.has_session && uri.handle_style);
	assert_int_equal(uri.domain, 3);
	assert_int_equal(uri.session, 1);
}

static void keys_are_known_by_their_whole_name_and_in_the_query_only(void **state)
{
	struct frpc_uri uri;
	const char *why;

	(void)state;
	/* A library or an entry that contains a key's text, and keys that only begin or end like one. */
	assert_int_equal(frpc_uri_parse("file:///lib&_dom=adsp.so?entry_dom=adsp", &uri, &why), 0);
	assert_false(uri.has_domain);
	check_part(uri.file, uri.file_len, "lib&_dom=adsp.so");
	assert_int_equal(frpc_uri_parse("file:///l.so?e&x_dom=adsp&_domx=adsp&_dom_=1", &uri, &why),
			 0);
	assert_false(uri.has_domain);
	assert_false(uri.handle_style);
	assert_int_equal(frpc_uri_parse("file:///l.so?e&_sessions=2&a=_session=2", &uri, &why), 0);
	assert_false(uri.has_session);
}

static void each_domain_has_its_name_and_no_prefix_of_it(void **state)
{
	static const char *const names[] = {"adsp",  "mdsp",  "sdsp", "cdsp",
					    "cdsp1", "gdsp0", "gdsp1"};
	struct frpc_uri uri;
	const char *why;
	char text[64];

	(void)state;
	for (uint32_t i = 0; i < 7; i++) {
		snprintf(text, sizeof(text), "file:///l.so?e&_dom=%s", names[i]);
		assert_int_equal(frpc_uri_parse(text, &uri, &why), 0);
		assert_int_equal(uri.domain, i);
		text[strlen(text) - 1] = 0;
		/* "cdsp" is the one name that is another's beginning. */
		assert_int_equal(frpc_uri_parse(text, &uri, &why), i == 4 ? 0 : -EINVAL);
	}
}

static void a_slash_fewer_and_empty_keys_do_no_harm(void **state)
{
	struct frpc_uri uri;
	const char *why;

	(void)state;
	assert_int_equal(frpc_uri_parse("file://l.so?e", &uri, &why), 0);
	check_part(uri.file, uri.file_len, "l.so");
	assert_int_equal(frpc_uri_parse("file:///l.so?e&&=&key&=value&", &uri, &why), 0);
	check_part(uri.symbol, uri.symbol_len, "e");
}

static void what_is_wrong_with_a_uri_is_said(void **state)
{
	static const struct {
		const char *uri, *part_of_why;
	} wrong[] = {
		{"", "file://"},
		{"libx.so?e", "file://"},
		{"FILE:///libx.so?e", "file://"},
		{"file://", "LIBRARY?ENTRY"},
		{"file:///", "LIBRARY?ENTRY"},
		{"file:///?e", "LIBRARY?ENTRY"},
		{"file:///libx.so", "LIBRARY?ENTRY"},
		{"file:///libx.so?", "entry"},
		{"file:///libx.so?&_dom=cdsp", "entry"},
		{"file:///libx.so?e&_dom", "_dom"},
		{"file:///libx.so?e&_dom=", "_dom"},
		{"file:///libx.so?e&_dom=CDSP", "_dom"},
		{"file:///libx.so?e&_dom=cdsp=", "_dom"},
		{"file:///libx.so?e&_dom=cdsp&_dom=cdsp", "twice"},
		{"file:///libx.so?e&_session=4", "0 to 3"},
		{"file:///libx.so?e&_session=", "0 to 3"},
		{"file:///libx.so?e&_session=01", "0 to 3"},
		{"file:///libx.so?e&_session=-1", "0 to 3"},
		{"file:///libx.so?e&_session=1&_session=1", "twice"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct frpc_uri uri;
		const char *why = NULL;

		assert_int_equal(frpc_uri_parse(wrong[i].uri, &uri, &why), -EINVAL);
		assert_non_null(why);
		assert_non_null(strstr(why, wrong[i].part_of_why));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_uri_comes_apart_into_library_entry_domain_and_session),
		cmocka_unit_test(keys_are_known_by_their_whole_name_and_in_the_query_only),
		cmocka_unit_test(each_domain_has_its_name_and_no_prefix_of_it),
		cmocka_unit_test(a_slash_fewer_and_empty_keys_do_no_harm),
		cmocka_unit_test(what_is_wrong_with_a_uri_is_said),
	};

	return cmocka_run_group_tests_name("uri", tests, NULL, NULL);
}
