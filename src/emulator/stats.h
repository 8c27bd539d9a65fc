/* SPDX-License-Identifier: BSD-3-Clause */
/* What a machine counts on the road of its calls. Each counter only grows; any thread. */
#ifndef EMU_STATS_H
#define EMU_STATS_H

#include <stdatomic.h>
#include <stdint.h>

struct emu_stats {
	_Atomic uint64_t nodes_opened;
	_Atomic uint64_t processes_created;
	_Atomic uint64_t calls; /* user calls the driver sent, static handles included */
	_Atomic uint64_t bytes_copied_in;
	_Atomic uint64_t bytes_copied_out;
	_Atomic uint64_t bytes_mapped; /* argument bytes passed without a copy */
	_Atomic uint64_t module_calls; /* methods of loaded skels */
	_Atomic uint64_t modules_loaded;
	_Atomic uint64_t reverse_calls;
	_Atomic uint64_t skel_bytes_read; /* by reverse calls */
	_Atomic uint64_t stray_responses; /* late, duplicate or for no call */
	_Atomic uint64_t dsp_signals;	  /* that reached a DSP */
	_Atomic uint64_t latency_votes;
	_Atomic uint64_t wake_events; /* PM requests, and for how long they keep it awake */
	_Atomic uint64_t wake_ms;
	/* Where the driver's own buffers came from. */
	_Atomic uint64_t buffers_persistent, buffers_cached, buffers_new;
};

static inline void emu_count(_Atomic uint64_t *counter, uint64_t by)
{
	atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

#endif
