/* SPDX-License-Identifier: BSD-3-Clause */
/* The skel of the queue tests: its methods, and calls to them as a generated stub would make them. */
#ifndef QUEUETEST_H
#define QUEUETEST_H

#include <stdint.h>

#include "remote.h"

#define QUEUETEST_URI "file:///libqueuetest_skel.so?queuetest_skel_handle_invoke&_modver=1.0"

enum queuetest_method {
	QUEUETEST_OPEN,
	QUEUETEST_CLOSE,
	QUEUETEST_ECHO,	 /* imports; sends back every packet until stopped */
	QUEUETEST_STOP,	 /* closes what ECHO of this handle has imported */
	QUEUETEST_FLOOD, /* imports, writes count numbers, closes */
	QUEUETEST_DRAIN, /* imports, reads count numbers, closes; fails at the first out of order */
	QUEUETEST_READ,	 /* imports, reads one packet, closes: its code */
	QUEUETEST_WAKEUP, /* imports, reads count packets, closes; value: early wake-ups missed */
	QUEUETEST_LEAVE,  /* imports and leaves it open, with callbacks */
};

enum queuetest_mode {
	QUEUETEST_CALLBACK, /* a packet callback reads without blocking */
	QUEUETEST_THREAD,   /* a thread reads, blocking */
};

struct queuetest_in {
	uint64_t queue;
	uint32_t mode, count;
	uint32_t timeout_us;
	uint32_t pad;
};

struct queuetest_out {
	int32_t code; /* of the function that failed */
	uint32_t value;
};

static inline int queuetest_call(remote_handle64 h, uint32_t method, const struct queuetest_in *in,
				 struct queuetest_out *out)
{
	remote_arg args[2] = {
		{.buf = {(void *)(uintptr_t)in, sizeof(*in)}},
		{.buf = {out, sizeof(*out)}},
	};

	return remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(method, 1, 1), args);
}

#endif
