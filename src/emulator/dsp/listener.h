/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The listener tunnel of a DSP process: its threads call functions on the CPU, and the CPU's
 * listener fetches the requests and brings the answers with ordinary calls.
 */
#ifndef EMU_DSP_LISTENER_H
#define EMU_DSP_LISTENER_H

#include "call.h"

struct emu_listener;
struct emu_subsystem;

int emu_listener_new(struct emu_subsystem *subsystem, struct emu_listener **ret_listener);
/* Nobody may be inside it. Takes NULL. */
void emu_listener_free(struct emu_listener *listener);
/* From now on every call of it, also one that waits, fails with bad state. */
void emu_listener_end(struct emu_listener *listener);
/* Has the CPU taken a request that it has not answered? Any thread, without waiting. */
bool emu_listener_is_busy(struct emu_listener *listener);
/* Faults were changed. */
void emu_listener_nudge(struct emu_listener *listener);

/* The CPU's side: methods of adsp_listener, numbered as in the old interface (init 2 .. 5). */
int32_t emu_listener_call(struct emu_listener *listener, uint32_t method,
			  const struct emu_call *call);

struct emu_reverse_buffer {
	void *bytes;
	uint32_t len;
};

/*
 * Calls @sc of module @handle on the CPU: in buffers, then out buffers, filled in on success.
 * Blocks until the CPU has answered. The CPU's result, or a DSP error: no listener, process ended.
 */
int32_t emu_reverse_call(struct emu_listener *listener, uint32_t handle, uint32_t sc,
			 const struct emu_reverse_buffer *buffers);

#endif
