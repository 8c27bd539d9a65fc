/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../support/tree.h"
#include "lib/path.h"

#define CDSP 3u
#define ADSP 0u

/* Each file says where it lies. */
static void make_note(const char *name)
{
	make_file(name, name);
}

static void set_path(const char *format)
{
	char path[1024];

	snprintf(path, sizeof(path), format, root, root);
	setenv("DSP_LIBRARY_PATH", path, 1);
}

/* Opens @name and says which of the files it was. */
static const char *which(uint32_t domain, const char *name)
{
	static char text[128];
	ssize_t len;
	int fd = -1;

	if (frpc_path_open(domain, name, NULL, &fd, NULL, 0))
		return "none";
	len = read(fd, text, sizeof(text) - 1);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	text[len > 0 ? len : 0] = 0;
	return text;
}

static int set_up(void **state)
{
	(void)state;
	if (make_root("/tmp/frpc-path-XXXXXX"))
		return -1;
	make_folder("one");
	make_folder("one/cdsp");
	make_folder("two");
	make_folder("two/folder.so");
	make_note("outside.so");
	make_note("one/plain.so");
	make_note("one/both.so");
	make_note("one/cdsp/both.so");
	make_note("two/plain.so");
	make_note("two/second.so");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return remove_tree(root);
}

static void the_domains_own_folder_comes_first_then_the_order_of_the_list(void **state)
{
	(void)state;
	set_path("%s/one;%s/two");
	assert_string_equal(which(CDSP, "both.so"), "one/cdsp/both.so");
	assert_string_equal(which(ADSP, "both.so"), "one/both.so");
	assert_string_equal(which(CDSP, "plain.so"), "one/plain.so");
	assert_string_equal(which(CDSP, "second.so"), "two/second.so");
	set_path("%s/two;%s/one");
	assert_string_equal(which(CDSP, "plain.so"), "two/plain.so");
}

static void the_older_variable_counts_only_where_the_newer_is_not_set(void **state)
{
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/two", root);
	setenv("ADSP_LIBRARY_PATH", path, 1);
	set_path("%s/one");
	assert_string_equal(which(CDSP, "second.so"), "none");
	unsetenv("DSP_LIBRARY_PATH");
	assert_string_equal(which(CDSP, "second.so"), "two/second.so");
	unsetenv("ADSP_LIBRARY_PATH");
}

static void colons_are_taken_as_meant(void **state)
{
	(void)state;
	set_path("%s/one:%s/two");
	assert_string_equal(which(CDSP, "second.so"), "two/second.so");
}

static void names_that_lead_out_of_the_folders_are_refused(void **state)
{
	static const char *const names[] = {
		"",	   "/etc/passwd", "../outside.so", "..", "cdsp/../../outside.so",
		"cdsp/..", "./../x",
	};
	int fd = -1;

	(void)state;
	set_path("%s/one");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_int_equal(frpc_path_open(CDSP, names[i], NULL, &fd, NULL, 0), -EINVAL);
	assert_int_equal(fd, -1);
	/* Dots alone are no reason. */
	assert_string_equal(which(ADSP, "cdsp/both.so"), "one/cdsp/both.so");
	assert_int_equal(frpc_path_open(CDSP, "..x", NULL, &fd, NULL, 0), -ENOENT);
}

static void a_folder_is_no_library_and_the_text_says_what_was_tried(void **state)
{
	char tried[1024], path[256];
	int fd = -1;

	(void)state;
	set_path("%s/one;%s/two");
	assert_int_equal(frpc_path_open(CDSP, "folder.so", NULL, &fd, tried, sizeof(tried)),
			 -EISDIR);
	snprintf(path, sizeof(path), "%s/one/cdsp/folder.so, ", root);
	assert_non_null(strstr(tried, path));
	snprintf(path, sizeof(path), "%s/two/folder.so (", root);
	assert_non_null(strstr(tried, path));
	assert_int_equal(fd, -1);
	assert_int_equal(frpc_path_open(CDSP, "nowhere.so", NULL, &fd, tried, 20), -ENOENT);
	assert_int_equal(strlen(tried), 19);
	assert_int_equal(frpc_path_open(7, "nowhere.so", NULL, &fd, tried, sizeof(tried)), -EINVAL);
}

static void the_extra_folder_is_searched_last(void **state)
{
	char extra[256];
	int fd = -1;

	(void)state;
	snprintf(extra, sizeof(extra), "%s/two", root);
	set_path("%s/one");
	assert_int_equal(frpc_path_open(CDSP, "second.so", extra, &fd, NULL, 0), 0);
	close(fd);
	assert_string_equal(which(CDSP, "plain.so"), "one/plain.so");
}

static void an_absurdly_long_path_is_passed_over(void **state)
{
	static char list[3 * PATH_MAX];
	int used;

	(void)state;
	memset(list, 'x', 2 * PATH_MAX);
	used = snprintf(list + 2 * PATH_MAX, PATH_MAX, ";%s/one", root);
	assert_true(used > 0);
	setenv("DSP_LIBRARY_PATH", list, 1);
	assert_string_equal(which(CDSP, "plain.so"), "one/plain.so");
	memset(list, 'y', PATH_MAX + 10);
	list[PATH_MAX + 10] = 0;
	assert_string_equal(which(CDSP, list), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_domains_own_folder_comes_first_then_the_order_of_the_list),
		cmocka_unit_test(the_older_variable_counts_only_where_the_newer_is_not_set),
		cmocka_unit_test(colons_are_taken_as_meant),
		cmocka_unit_test(names_that_lead_out_of_the_folders_are_refused),
		cmocka_unit_test(a_folder_is_no_library_and_the_text_says_what_was_tried),
		cmocka_unit_test(the_extra_folder_is_searched_last),
		cmocka_unit_test(an_absurdly_long_path_is_passed_over),
	};

	return cmocka_run_group_tests_name("path", tests, set_up, tear_down);
}
