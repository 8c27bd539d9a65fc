/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For tests that kill DSP processes, included once: a skel's process that is gone without exit leaves
 * what the skel had, because its threads are this process's. LeakSanitizer must not count that.
 */
#ifndef DEAD_SKELS_H
#define DEAD_SKELS_H

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:call_open\n";
}

#endif
