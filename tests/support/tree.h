/* SPDX-License-Identifier: BSD-3-Clause */
/* A test's folder, and what it puts there by names relative to it. Included once. */
#ifndef TEST_TREE_H
#define TEST_TREE_H

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

#include "remove_tree.h"

static char root[64];

/* @template as mkdtemp() takes it. Group set-ups call this: -1 where an assertion would be lost. */
static inline int make_root(const char *template)
{
	snprintf(root, sizeof(root), "%s", template);
	return mkdtemp(root) ? 0 : -1;
}

static inline void path_of(char *path, const char *name)
{
	snprintf(path, 256, "%s/%s", root, name);
}

static inline void make_folder(const char *name)
{
	char path[256];

	path_of(path, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

static inline void make_file(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	path_of(path, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static inline void link_to(const char *target, const char *name)
{
	char path[256];

	path_of(path, name);
	assert_int_equal(symlink(target, path), 0);
}

#endif
