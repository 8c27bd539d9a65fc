/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The way down by hand leads where the kernel's openat2() leads: every name of up to four parts out
 * of folders, files, dots and links that stay or lead out, with several flags.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../support/remove_tree.h"
#include "lib/services/beneath.h"
#include "support/counts.h"

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

static char scene[] = "/tmp/fastrpc-beneath-XXXXXX";
static int root;

static const char *const parts[] = {
	"a",	 "b",	  "file", "..",	  "missing", "to-b",  "to-file", "up",
	"above", "round", "far",  "dead", ".",	     "slash", "",	 "deep",
};

static const struct {
	const char *name, *text;
} links[] = {
	{"to-b", "b"},		 {"to-file", "file"}, {"up", ".."},
	{"above", "../outside"}, {"round", "round"},  {"far", "/tmp"},
	{"dead", "nowhere"},	 {"slash", "b/"},     {"deep", "../a/./b/../to-b"},
};

static void join(char path[400], const char *folder, const char *name)
{
	int len = snprintf(path, 400, "%s/%s", folder, name);

	assert_in_range(len, 1, 399);
}

/* The same names on every level. */
static void furnish(const char *folder, int levels)
{
	char path[400];
	int fd;

	mkdir(folder, 0700);
	join(path, folder, "file");
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		join(path, folder, links[i].name);
		assert_int_equal(symlink(links[i].text, path), 0);
	}
	for (int i = 0; levels && i < 2; i++) {
		join(path, folder, i ? "b" : "a");
		furnish(path, levels - 1);
	}
}

static int set_up(void **state)
{
	char path[200];

	(void)state;
	assert_non_null(mkdtemp(scene));
	snprintf(path, sizeof(path), "%s/outside", scene);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/root", scene);
	furnish(path, 2);
	root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return root < 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(root);
	return remove_tree(scene);
}

static int ask_kernel(const char *name, int flags)
{
	const struct {
		uint64_t flags, mode, resolve;
	} how = {(uint32_t)flags | O_CLOEXEC, 0, 0x02 | 0x08};
	int fd;

	do /* somebody else moves a folder: it says so */
		fd = (int)syscall(SYS_openat2, root, name, &how, sizeof(how));
	while (fd < 0 && errno == EAGAIN);
	return fd < 0 ? -errno : fd;
}

static void compare(const char *name, int flags)
{
	int kernel = ask_kernel(name, flags), ours = frpc_walk_beneath(root, name, flags, 0);
	struct stat want, got;

	if (kernel < 0 || ours < 0) {
		if (kernel != ours)
			fail_msg("%s, 0x%x: %d, the kernel %d", name, (unsigned int)flags, ours,
				 kernel);
		return;
	}
	assert_int_equal(fstat(kernel, &want) | fstat(ours, &got), 0);
	if (want.st_ino != got.st_ino || fcntl(ours, F_GETFD) != FD_CLOEXEC)
		fail_msg("%s, 0x%x: another file", name, (unsigned int)flags);
	close(kernel);
	close(ours);
}

#define PARTS (sizeof(parts) / sizeof(*parts))

static void every_way_down_leads_where_the_kernels_leads(void **state)
{
	static const int flags[] = {O_RDONLY, O_RDONLY | O_DIRECTORY, O_PATH, O_WRONLY,
				    O_RDONLY | O_NOFOLLOW};
	char name[200];

	(void)state;
	if (ask_kernel(".", O_RDONLY) == -ENOSYS || ask_kernel(".", O_RDONLY) == -EPERM) {
		print_message("this kernel has no openat2()\n");
		skip();
	}
	/* Some of them daily, in steps that meet every part in every place. */
	for (size_t i = 0; i < PARTS * PARTS * PARTS * PARTS; i += (size_t)count_of(1, 3, 7)) {
		size_t left = i;
		int used = 0;

		for (int k = 0; k < 4; k++, left /= PARTS)
			used += snprintf(name + used, sizeof(name) - (size_t)used, "%s%s",
					 k ? "/" : "", parts[left % PARTS]);
		compare(name, flags[i / PARTS % 5]);
	}
	for (size_t i = 0; i < PARTS; i++)
		for (size_t k = 0; *parts[i] && k < 5; k++)
			compare(parts[i], flags[k]);
}

static void what_is_too_long_or_absolute_is_refused(void **state)
{
	char name[5000] = "";

	(void)state;
	assert_int_equal(frpc_walk_beneath(root, "/tmp", O_RDONLY, 0), -EXDEV);
	memset(name, 'x', 300);
	assert_int_equal(frpc_walk_beneath(root, name, O_RDONLY, 0), -ENAMETOOLONG);
	memset(name, '/', 4999);
	assert_int_equal(frpc_walk_beneath(root, name + 1, O_RDONLY, 0), -EXDEV);
	memset(name, 'x', 4999);
	assert_int_equal(frpc_walk_beneath(root, name, O_RDONLY, 0), -ENAMETOOLONG);
}

static void a_file_is_made_where_the_name_or_a_link_says(void **state)
{
	int fd;

	(void)state;
	fd = frpc_walk_beneath(root, "to-b/new", O_CREAT | O_EXCL | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(faccessat(root, "b/new", F_OK, 0), 0);
	fd = frpc_walk_beneath(root, "dead", O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(faccessat(root, "nowhere", F_OK, 0), 0);
	assert_int_equal(frpc_walk_beneath(root, "above", O_CREAT | O_WRONLY, 0600), -EXDEV);
	assert_int_equal(frpc_walk_beneath(root, "b/new/", O_RDONLY, 0), -ENOTDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_down_leads_where_the_kernels_leads),
		cmocka_unit_test(what_is_too_long_or_absolute_is_refused),
		cmocka_unit_test(a_file_is_made_where_the_name_or_a_link_says),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
