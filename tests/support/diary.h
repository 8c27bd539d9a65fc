/* SPDX-License-Identifier: BSD-3-Clause */
/* What the module of the app (modules/appmod.c) writes down of its life, as a test reads it. */
#ifndef TEST_DIARY_H
#define TEST_DIARY_H

#include "modules/appmod.h"
#include "tree.h"

static char diary[256];

/* In the test's folder, which is there already. */
static inline int keep_diary(void)
{
	path_of(diary, "diary");
	return setenv(APPMOD_DIARY, diary, 1);
}

/* Since this was last asked. */
static inline void expect_diary(const char *text)
{
	char words[256] = "";
	FILE *file = fopen(diary, "r");

	if (file) {
		size_t got = fread(words, 1, sizeof(words) - 1, file);

		words[got] = 0;
		fclose(file);
		unlink(diary);
	}
	assert_string_equal(words, text);
}

#endif
