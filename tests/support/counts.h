/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How much of a stress test is done: all of it with FRPC_SOAK=1 (./dev soak), a part of it in ./dev
 * test, a tenth of that with FRPC_BRIEF=1, in a guest, where a call takes a millisecond.
 */
#ifndef TEST_COUNTS_H
#define TEST_COUNTS_H

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER 1
#else
#define UNDER_SANITIZER 0
#endif

/* @full in a soak, or @sanitized of it under a sanitizer; @part in the daily run. */
static inline int count_of(int full, int sanitized, int part)
{
	const char *soak = getenv("FRPC_SOAK"), *brief = getenv("FRPC_BRIEF");

	if (brief && *brief == '1')
		return part / 10 + 1;
	if (!soak || *soak != '1')
		return part < sanitized || !UNDER_SANITIZER ? part : sanitized;
	return UNDER_SANITIZER ? sanitized : full;
}

#endif
