/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../support/tree.h"
#include "fastrpc.h"
#include "lib/debug_config.h"
#include "lib/machine_folder.h"
#include "lib/program_files.h"

static void a_farf_file_is_a_mask_and_names(void **state)
{
	struct frpc_farf farf;

	(void)state;
	assert_int_equal(frpc_farf_parse("0x1f001f", &farf), 0);
	assert_int_equal(farf.mask, 0x1f001f);
	assert_int_equal(farf.count, 0);
	assert_int_equal(frpc_farf_parse("1f0000001f,one.c, two.c,\n", &farf), 0);
	assert_int_equal(farf.mask >> 32, 0x1f);
	assert_int_equal(farf.count, 2);
	assert_string_equal(farf.names[0], "one.c");
	assert_string_equal(farf.names[1], "two.c");
}

static void what_is_no_farf_file_is_refused(void **state)
{
	char many[4 * FRPC_FARF_FILES + 8] = "1", longer[100] = "1,";
	struct frpc_farf farf;

	(void)state;
	for (uint32_t i = 0; i <= FRPC_FARF_FILES; i++)
		strcat(many, ",a.c");
	memset(longer + 2, 'x', 80);
	assert_int_equal(frpc_farf_parse("", &farf), -EINVAL);
	assert_int_equal(frpc_farf_parse("levels", &farf), -EINVAL);
	assert_int_equal(frpc_farf_parse("-1", &farf), -EINVAL);
	assert_int_equal(frpc_farf_parse("11111111111111111", &farf), -EINVAL);
	assert_int_equal(frpc_farf_parse("1f\nmore", &farf), -EINVAL);
	assert_int_equal(frpc_farf_parse(many, &farf), -EINVAL);
	assert_int_equal(frpc_farf_parse(longer, &farf), -EINVAL);
}

static uint32_t parse(const char *text)
{
	return frpc_debug_config_parse("app.debugconfig", text);
}

static void a_debugconfig_file_sets_process_attributes(void **state)
{
	(void)state;
	assert_int_equal(parse(""), 0);
	assert_int_equal(parse("pddump=1\n"), 1 << 7);
	assert_int_equal(parse("# nothing\n  perfdsp = 1\ncallerlevel=5\n"), 1 << 10 | 5 << 13);
	assert_int_equal(parse("leak_detect=3\nleak_detect=0"), 0);
	assert_int_equal(parse("callerlevel=8\nnonsense\n=1\nfoo=1\npddump=\npddump= \n"
			       "pddump=-1\nperfdsp=1x\nuafenabled=1"),
			 1 << 16);
}

struct warnings {
	int count;
	char last[300];
};

static void take(void *context, int level, const char *text)
{
	struct warnings *warnings = context;

	assert_int_equal(level, FRPC_LOG_WARNING);
	warnings->count++;
	snprintf(warnings->last, sizeof(warnings->last), "%s", text);
}

static void a_line_without_effect_warns_once_with_its_file_and_key(void **state)
{
	static const char *const lines[] = {
		"rpctimeout=100",
		"collectRuntimeFARF=0x1f",
		"collectUserspaceRuntimeFARF=0x1f",
		"debuglogging=1",
		"errcodes=0x80000401,0x80000402",
		"setdmabufname=1",
		"pddumb=1",
		"pddump",
		"uafenabled =2",
		"perfkernel=yes",
		"callerlevel=8",
	};
	struct warnings warnings = {0};

	(void)state;
	frpc_set_log(take, &warnings, FRPC_LOG_WARNING);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		int before = warnings.count;
		char text[100];

		snprintf(text, sizeof(text), "qtftracing=1\n\t%s\r\n# %zu\n", lines[i], i);
		assert_int_equal(frpc_debug_config_parse("/dsp/one.debugconfig", text), 1 << 12);
		if (warnings.count != before + 1)
			fail_msg("%s: %d warnings", lines[i], warnings.count - before);
		assert_non_null(strstr(warnings.last, "/dsp/one.debugconfig: "));
		assert_non_null(strstr(warnings.last, lines[i]));
		if (i < 6)
			assert_non_null(strstr(warnings.last, "does not act on the key"));
		assert_int_equal(frpc_debug_config_parse("/dsp/one.debugconfig", text), 1 << 12);
		assert_int_equal(warnings.count, before + 1);
		assert_int_equal(frpc_debug_config_parse("/dsp/two.debugconfig", text), 1 << 12);
		assert_int_equal(warnings.count, before + 2);
	}
	frpc_set_log(NULL, NULL, 0);
}

static void what_works_warns_of_nothing(void **state)
{
	struct warnings warnings = {0};

	(void)state;
	frpc_set_log(take, &warnings, FRPC_LOG_WARNING);
	parse("pddump=1\nperfkernel=1\nperfdsp=1\nlogiregion=1\nqtftracing=1\ncallerlevel=7\n"
	      "uafenabled=1\nlogPackets=1\nleak_detect=3\nnum_call_stack=7\n"
	      "sysmonreservedbit=1\n\n \n# rpctimeout=1\n");
	frpc_set_log(NULL, NULL, 0);
	assert_int_equal(warnings.count, 0);
}

static void the_last_file_that_names_the_board_says_where_its_libraries_are(void **state)
{
	char path[256], folder[256];

	(void)state;
	assert_int_equal(make_root("/tmp/frpc-machine-XXXXXX"), 0);
	assert_int_equal(frpc_machine_folder_find(root, "Board", folder, sizeof(folder)), -ENOENT);
	make_folder("conf.d");
	make_file("conf.d/10-a.yaml",
		  "# boards\nmachines:\n  Board One: # the first\n    DSP_LIBRARY_PATH: one\n"
		  "  \"Board: Two\":\n    - DSP_LIBRARY_PATH: 'two/dsp'\n"
		  "  Board:\n    OTHER: x\n    DSP_LIBRARY_PATH: /absolute\n");
	make_file("conf.d/20-b.yml", "machines:\n  Board:\n    DSP_LIBRARY_PATH: later\n");
	make_file("conf.d/30-c.txt", "machines:\n  Board:\n    DSP_LIBRARY_PATH: never\n");
	assert_int_equal(frpc_machine_folder_find(root, "Board", folder, sizeof(folder)), 0);
	path_of(path, "later");
	assert_string_equal(folder, path);
	assert_int_equal(frpc_machine_folder_find(root, "Board: Two", folder, sizeof(folder)), 0);
	path_of(path, "two/dsp");
	assert_string_equal(folder, path);
	assert_int_equal(frpc_machine_folder_find(root, "Board Three", folder, sizeof(folder)),
			 -ENOENT);
	assert_int_equal(frpc_machine_folder_find(root, "machines", folder, sizeof(folder)),
			 -ENOENT);
	assert_int_equal(frpc_machine_folder_find(root, "Board", folder, 4), -ENAMETOOLONG);
	assert_int_equal(remove_tree(root), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_farf_file_is_a_mask_and_names),
		cmocka_unit_test(what_is_no_farf_file_is_refused),
		cmocka_unit_test(a_debugconfig_file_sets_process_attributes),
		cmocka_unit_test(a_line_without_effect_warns_once_with_its_file_and_key),
		cmocka_unit_test(what_works_warns_of_nothing),
		cmocka_unit_test(the_last_file_that_names_the_board_says_where_its_libraries_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
