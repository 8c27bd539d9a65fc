/* SPDX-License-Identifier: BSD-3-Clause */
/* The methods of the test skel, and calls to them as a generated stub would make them. */
#ifndef TESTMOD_H
#define TESTMOD_H

#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "remote.h"

#define TESTMOD_URI "file:///libtestmod_skel.so?testmod_skel_handle_invoke&_modver=1.0"

enum testmod_method {
	TESTMOD_OPEN,
	TESTMOD_CLOSE,
	TESTMOD_EMPTY,	/* () */
	TESTMOD_SUM,	/* in: int32 vector; out: int64 */
	TESTMOD_ECHO,	/* in: bytes; out: as many bytes */
	TESTMOD_ENDS,	/* in: bytes, reads the first; out: bytes, writes the last */
	TESTMOD_COUNT,	/* out: uint32, one more at each call of this DSP process */
	TESTMOD_RETURN, /* in: int32, which it returns */
	TESTMOD_WAIT,	/* in: shared memory; returns once its first byte is not 0 */
	TESTMOD_SPAN,	/* in: any number of buffers; out: uint64 sum of all their bytes */
	TESTMOD_TOUCH,	/* out: bytes, of which it reads the first and writes the last */
	TESTMOD_HOLD,	/* this handle's close waits */
	TESTMOD_LET_GO, /* ... until this is called on another of the session */
	TESTMOD_SPOIL,	/* any arguments: overwrites what it was given of them, but not their bytes */
	TESTMOD_LAST
};

/* Calls without buffers. */
static inline int testmod_call0(remote_handle64 h, uint32_t method)
{
	return remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(method, 0, 0), NULL);
}

static inline int testmod_sum(remote_handle64 h, const int32_t *vector, uint32_t count,
			      int64_t *ret_sum)
{
	uint32_t prim = count;
	remote_arg args[3] = {
		{.buf = {&prim, sizeof(prim)}},
		{.buf = {(void *)(uintptr_t)vector, count * sizeof(*vector)}},
		{.buf = {ret_sum, sizeof(*ret_sum)}},
	};

	return remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(TESTMOD_SUM, 2, 1), args);
}

/* TESTMOD_ECHO and TESTMOD_ENDS. */
static inline int testmod_pass(remote_handle64 h, uint32_t method, const void *in, size_t inlen,
			       void *out, size_t outlen)
{
	remote_arg args[2] = {
		{.buf = {(void *)(uintptr_t)in, inlen}},
		{.buf = {out, outlen}},
	};

	return remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(method, 1, 1), args);
}

static inline int testmod_touch(remote_handle64 h, void *bytes, size_t len)
{
	remote_arg arg = {.buf = {bytes, len}};

	return remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(TESTMOD_TOUCH, 0, 1), &arg);
}

static inline int testmod_count(remote_handle64 h, uint32_t *ret_count)
{
	remote_arg arg = {.buf = {ret_count, sizeof(*ret_count)}};

	return remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(TESTMOD_COUNT, 0, 1), &arg);
}

/* Until @others calls of somebody else have begun in the module since its count was @before. */
static inline int testmod_await(remote_handle64 h, uint32_t before, uint32_t others)
{
	uint32_t now = before, mine = 0;
	int res;

	do {
		res = testmod_count(h, &now);
		mine++;
	} while (!res && now - before < mine + others && !usleep(100));
	return res;
}

static inline int testmod_wait(remote_handle64 h, unsigned char *gate)
{
	remote_arg arg = {.buf = {gate, 1}};

	return remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(TESTMOD_WAIT, 1, 0), &arg);
}

static inline int testmod_return(remote_handle64 h, int32_t value)
{
	remote_arg arg = {.buf = {&value, sizeof(value)}};

	return remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(TESTMOD_RETURN, 1, 0), &arg);
}

#endif
