/* SPDX-License-Identifier: BSD-3-Clause */
/* The driver's clock: runs with CLOCK_MONOTONIC, and a test can turn it forward. */
#ifndef EMU_CLOCK_H
#define EMU_CLOCK_H

#include <stdint.h>

struct emu_clock;

int emu_clock_new(struct emu_clock **ret_clock);
void emu_clock_free(struct emu_clock *clock);
uint64_t emu_clock_now_ns(struct emu_clock *clock);
/* Turns it forward; waits whose deadline has come return at once. */
void emu_clock_advance(struct emu_clock *clock, uint64_t ns);

#define EMU_FOREVER UINT64_MAX

enum emu_interruption {
	EMU_UNINTERRUPTIBLE,
	EMU_INTERRUPTIBLE, /* by handlers without SA_RESTART */
	EMU_RESTARTABLE,   /* by all; -ERESTART: the handlers have SA_RESTART */
};

/*
 * Waits while *@word == @value, at most until @deadline_ns on @clock (EMU_FOREVER: without end).
 * 0 (changed, or woken), -ETIMEDOUT, or -EINTR or -ERESTART: a signal was handled. Never a
 * cancellation point. Wake with emu_clock_wake().
 */
int emu_clock_wait(struct emu_clock *clock, _Atomic uint32_t *word, uint32_t value,
		   uint64_t deadline_ns, enum emu_interruption interruption);
void emu_clock_wake(struct emu_clock *clock, _Atomic uint32_t *word);

#endif
