/* SPDX-License-Identifier: BSD-3-Clause */
/* Removing a folder with all that is in it; a rig's guest has no shell to do it. */
#ifndef TEST_REMOVE_TREE_H
#define TEST_REMOVE_TREE_H

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

static inline int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

/* 0, or -1 with errno. Links are removed, not followed. */
static inline int remove_tree(const char *path)
{
	return nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
