/* SPDX-License-Identifier: BSD-3-Clause */
/* Waits that end in time, whatever becomes of the date: what they wait on, and until when. */
#ifndef EMU_DEADLINE_H
#define EMU_DEADLINE_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* A condition whose timed waits go by emu_deadline_ns(). */
static inline void emu_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

/* @ns from now. */
static inline struct timespec emu_deadline_ns(uint64_t ns)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(ns / 1000000000);
	until.tv_nsec += (long)(ns % 1000000000);
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	return until;
}

/* @us from now; or as far off as can be said. */
static inline struct timespec emu_deadline_us(uint64_t us)
{
	return emu_deadline_ns(us > UINT64_MAX / 1000 ? UINT64_MAX : us * 1000);
}

#endif
