/* SPDX-License-Identifier: BSD-3-Clause */
/* The driver's own counters of one call, in the order in which the caller gets them. Nanoseconds. */
#ifndef EMU_KERNEL_PERF_H
#define EMU_KERNEL_PERF_H

#include <stdint.h>

#include "../clock.h"

enum emu_perf_counter {
	EMU_PERF_COUNT, /* of calls: 1 */
	EMU_PERF_FLUSH, /* 0 where banks are coherent */
	EMU_PERF_MAP,
	EMU_PERF_COPY,
	EMU_PERF_LINK, /* sending */
	EMU_PERF_GETARGS,
	EMU_PERF_PUTARGS,
	EMU_PERF_INVARGS, /* as FLUSH */
	EMU_PERF_INVOKE,  /* all of it */
	EMU_PERF_TID,	  /* the caller's process */
	EMU_PERF_COUNTERS,
};

struct emu_perf {
	struct emu_clock *clock;
	uint64_t counters[EMU_PERF_COUNTERS];
};

/* Without @perf nothing is measured, and nothing is spent on it. */
static inline uint64_t emu_perf_start(const struct emu_perf *perf)
{
	return perf ? emu_clock_now_ns(perf->clock) : 0;
}

static inline void emu_perf_add(struct emu_perf *perf, enum emu_perf_counter counter,
				uint64_t started)
{
	if (perf)
		perf->counters[counter] += emu_clock_now_ns(perf->clock) - started;
}

#endif
