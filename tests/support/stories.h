/* SPDX-License-Identifier: BSD-3-Clause */
/* Tests run again, to see that they leave nothing behind. */
#ifndef TEST_STORIES_H
#define TEST_STORIES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "leaks.h"

typedef void story_fn(void **state);

/* Each of @stories, @rounds times. What the first sets up for good, before they are counted, may stay. */
static inline void assert_nothing_is_left(story_fn *const *stories, size_t count, int rounds,
					  void **state)
{
	struct resources before;

	stories[0](state);
	before = resources_at_rest();
	for (int round = 0; round < rounds; round++)
		for (size_t i = 0; i < count; i++)
			stories[i](state);
	assert_resources_are_back(&before);
}

#endif
