/* SPDX-License-Identifier: BSD-3-Clause */
/* What a DSP must not reach on the CPU: names, codings and races that lead out of the folders. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "dsp_files.h"

#include "AEEStdErr.h"
#include "support/counts.h"

/* Ways to name a file: as they are, and beneath the folder of the test. */
static const char *const names[] = {
	"/etc/passwd",
	"../secret/key",
	"cdsp/../../secret/key",
	"./../secret/key",
	"absolute",
	"relative",
	"folder/key",
	"folder",
	"/",
	"//",
	"/..",
	"..",
	".//..//..",
	"/proc/self/environ",
	"/proc/self/root/etc/passwd",
	"/dev/null",
	"fifo",
	"/etc/../etc/passwd",
	"folder/../secret/key",
	"dangling",
	"",
	"search/both",
};
static const char *const in_root[] = {
	"secret/key",
	"secret",
	"searchx/both",
	"search/../secret/key",
	"search/absolute",
	"work/folder/key",
	"work/dangling",
	"work/../secret/key",
	"",
	"search/folder/key",
	"work/folder/new",
	"read/../secret/key",
};

/* Every call that takes a name fails with @path. How many there were. */
static int expect_out_of_reach(const char *path)
{
	unsigned char exists = 0;
	char out[96];
	int32_t fd;

	assert_int_not_equal(std_fopen(path, "r", &fd), 0);
	assert_int_not_equal(std_fopen(path, "r+", &fd), 0);
	assert_int_not_equal(std_fopen_with_env("ADSP_LIBRARY_PATH", path, &fd), 0);
	assert_int_not_equal(std_name(26, path, 0, out, 8), 0);
	assert_int_not_equal(std_name(31, path, 0, out, 96), 0);
	assert_int_equal(std_name(22, path, 0, &exists, 1), 0);
	assert_int_equal(exists, 0);
	/* Other names could be those of new files in the folder for writing. */
	if (!strchr(path, '/') && strcmp(path, "dangling") && *path)
		return 6;
	assert_int_not_equal(std_fopen(path, "w", &fd), 0);
	assert_int_not_equal(std_fopen(path, "a", &fd), 0);
	assert_int_not_equal(std_name(29, path, 0755, NULL, 0), 0);
	return 9;
}

/* Every way to name a file, crossed with every call that takes a name. None may succeed. */
static void nothing_outside_of_the_folders_is_reached(void **state)
{
	int attempts = 0;
	struct stat st;
	char path[256];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		attempts += expect_out_of_reach(names[i]);
	for (size_t i = 0; i < sizeof(in_root) / sizeof(*in_root); i++) {
		path_of(path, in_root[i]);
		attempts += expect_out_of_reach(path);
	}
	assert_true(attempts >= 200);
	path_of(path, "secret/key");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 11);
	path_of(path, "secret/new");
	assert_int_not_equal(stat(path, &st), 0);
}

static void what_may_be_read_may_not_be_written(void **state)
{
	static const char *const read_only[] = {"search/lines", "read/note"};
	char path[256], to[256];
	struct stat st;
	int32_t fd;

	(void)state;
	path_of(to, "work/taken");
	for (int i = 0; i < 2; i++) {
		path_of(path, read_only[i]);
		assert_int_equal(std_fopen(path, "r+", &fd), AEE_EBADPERMS);
		assert_int_equal(std_fopen(path, "w", &fd), AEE_EBADPERMS);
		assert_int_equal(std_fopen(path, "a", &fd), AEE_EBADPERMS);
		assert_int_equal(std_name(24, path, 0, NULL, 0), AEE_EBADPERMS);
		assert_int_equal(std_rename(path, to), AEE_EBADPERMS);
	}
	path_of(path, "read/made");
	assert_int_not_equal(std_fopen(path, "w", &fd), 0);
	assert_int_not_equal(std_name(29, path, 0755, NULL, 0), 0);
	assert_int_not_equal(stat(path, &st), 0);
	assert_int_equal(std_fopen("both", "x", &fd), AEE_EBADPARM);
}

/* Ways to write "one up", "from the root" and "this folder" that some layer might undo. */
static void no_coding_of_a_name_reaches_out_of_the_folders(void **state)
{
	static const char *const ups[] = {
		"..",
		"../.",
		"./..",
		"..//",
		"%2e%2e",
		"%2e.",
		".%2E",
		"%252e%252e",
		"\\x2e\\x2e",
		"..\\..",
		"\xc0\xae\xc0\xae",
		"\xe2\x80\xa5",
		". .",
		".. ",
		" ..",
		"..\n",
		"...",
		"....",
		"..;",
		"..:",
		"~",
		"$HOME",
		"`..`",
		"..\x7f",
	};
	static const char *const slashes[] = {"/",  "//",	"/./",	       "%2f",
					      "\\", "\xc0\xaf", "\xe2\x88\x95"};
	static const char *const begins[] = {"", "/", "cdsp/", "file:///", "file://", "./", "\\"};
	int attempts = 0;

	(void)state;
	for (size_t up = 0; up < sizeof(ups) / sizeof(*ups); up++)
		for (size_t slash = 0; slash < sizeof(slashes) / sizeof(*slashes); slash++) {
			const char *begin =
				begins[(up + slash) % (sizeof(begins) / sizeof(*begins))];
			const char *s = slashes[slash];
			bool twice = up & 1;
			char name[256], out[96];
			int32_t fd;

			snprintf(name, sizeof(name), "%s%s%s%s%ssecret%skey", begin, ups[up], s,
				 twice ? ups[up] : "", twice ? s : "", s);
			assert_int_not_equal(std_fopen(name, "r", &fd), 0);
			assert_int_not_equal(std_name(31, name, 0, out, 96), 0);
			attempts += 2;
		}
	assert_true(attempts >= 200);
}

/* A name that ends, for C, before it ends: what is checked must be what is opened. */
static int open_with_nul(const char *name, size_t len)
{
	uint32_t in[2] = {(uint32_t)len, 2};
	struct wire wire;

	begin(&wire);
	put(&wire, in, sizeof(in));
	put(&wire, name, len);
	put_text(&wire, "r");
	room(&wire, 4);
	return run(&wire, 0);
}

static bool still_as_it_was(const char *name, off_t size)
{
	char path[256];
	struct stat st;

	path_of(path, name);
	return !lstat(path, &st) && st.st_size == size;
}

static void no_call_changes_what_lies_outside_of_the_folders(void **state)
{
	static const char *const outside[] = {
		"secret/key",		"secret",	   "work/folder/key", "work/../secret/key",
		"work/./../secret/key", "search/relative", "search/folder",   "searchx",
		"work/folder/.",	"work/folder/..",  "work/..",	      "work/.",
	};
	static const char nul[] = "nothing\0/../../secret/key";
	char path[256], inside[256], out[96];
	int32_t fd;

	(void)state;
	assert_int_not_equal(open_with_nul(nul, sizeof(nul)), 0);
	assert_int_not_equal(open_with_nul("\0/etc/passwd", 13), 0);
	path_of(inside, "work/own");
	make_file("work/own", "mine");
	for (size_t i = 0; i < sizeof(outside) / sizeof(*outside); i++) {
		path_of(path, outside[i]);
		assert_int_not_equal(std_name(24, path, 0, NULL, 0), 0); /* unlink */
		assert_int_not_equal(std_name(30, path, 0, NULL, 0), 0); /* rmdir */
		assert_int_not_equal(std_name(29, path, 0755, NULL, 0), 0);
		assert_int_not_equal(std_rename(path, inside), 0);
		assert_int_not_equal(std_rename(inside, path), 0);
		assert_int_not_equal(std_fopen(path, "w+", &fd), 0);
		assert_int_not_equal(std_fopen(path, "a+", &fd), 0);
	}
	assert_true(still_as_it_was("work/own", 4));
	assert_true(still_as_it_was("secret/key", 11));
	/* A link itself is the folder's own: it goes, and what it leads to stays. */
	path_of(path, "work/dangling");
	assert_int_equal(std_name(24, path, 0, out, 0), 0);
	link_to("../secret/new", "work/dangling");
	assert_true(still_as_it_was("secret/key", 11));
	assert_int_equal(std_name(24, inside, 0, NULL, 0), 0);
}

/* Swaps a folder for a link to another one, as fast as it can. */
struct swapper {
	_Atomic bool over;
	_Atomic unsigned long swaps;
};

static void *swap(void *arg)
{
	struct swapper *swapper = arg;
	char folder[256], link[256];

	path_of(folder, "work/swap");
	path_of(link, "work/swap-link");
	while (!swapper->over) {
		if (renameat2(AT_FDCWD, folder, AT_FDCWD, link, RENAME_EXCHANGE))
			break;
		swapper->swaps++;
	}
	return NULL;
}

static void a_folder_that_becomes_a_link_meanwhile_leads_nowhere(void **state)
{
	int attempts = count_of(200000, 20000, 500), reached = 0;
	struct swapper swapper = {.over = false};
	char path[256], bytes[16];
	int32_t fd, words[2];
	pthread_t thread;

	(void)state;
	make_folder("work/swap");
	make_file("work/swap/key", "allowed");
	link_to("../secret", "work/swap-link");
	hold_std();
	assert_int_equal(pthread_create(&thread, NULL, swap, &swapper), 0);
	path_of(path, "work/swap/key");
	for (int i = 0; i < attempts; i++) {
		if (!std_fopen(i & 1 ? path : "swap/key", i % 3 ? "r" : "r+", &fd)) {
			assert_int_equal(std_read(4, fd, bytes, 16, words, 2), 0);
			assert_int_equal(words[0], 7);
			assert_memory_equal(bytes, "allowed", 7);
			assert_int_equal(std_fclose(fd), 0);
			reached++;
		}
		if (i % 5)
			continue;
		path_of(path, "work/swap/new");
		if (!std_fopen(path, "w", &fd))
			assert_int_equal(std_fclose(fd), 0);
		std_name(24, path, 0, NULL, 0);
		std_name(29, path, 0755, NULL, 0);
		std_name(30, path, 0, NULL, 0);
		path_of(path, "secret/new");
		assert_int_not_equal(access(path, F_OK), 0);
		path_of(path, "work/swap/key");
	}
	swapper.over = true;
	pthread_join(thread, NULL);
	assert_true(still_as_it_was("secret/key", 11));
	assert_true(reached > 0);
	assert_true(swapper.swaps > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_outside_of_the_folders_is_reached),
		cmocka_unit_test(no_coding_of_a_name_reaches_out_of_the_folders),
		cmocka_unit_test(no_call_changes_what_lies_outside_of_the_folders),
		cmocka_unit_test(a_folder_that_becomes_a_link_meanwhile_leads_nowhere),
		cmocka_unit_test(what_may_be_read_may_not_be_written),
	};

	setenv("SKELS", getenv("DSP_LIBRARY_PATH") ? getenv("DSP_LIBRARY_PATH") : ".", 1);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
