/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Buffers that a DSP process knows beyond one call: those the CPU has mapped for it, by fd or address,
 * and those passed as handle arguments. A handle that the process still has mapped when its call
 * returns stays with it; the driver is told when it is done with.
 */
#ifndef EMU_DSP_SHARED_H
#define EMU_DSP_SHARED_H

#include "call.h"

struct emu_shared;

struct emu_shared_view {
	void *bytes;
	uint64_t length;
	uint64_t address; /* the device address */
};

/* @engine is borrowed. */
int emu_shared_new(struct emu_engine *engine, struct emu_shared **ret_shared);
/* Takes NULL. */
void emu_shared_free(struct emu_shared *shared);

/*
 * The CPU has mapped @length bytes at device address @address, for its @fd (-1: none). With @now they
 * are shown to the process at once and *@ret_where is where; else when somebody asks. 0 or a DSP error.
 */
int32_t emu_shared_announce(struct emu_shared *shared, int32_t fd, uint64_t address,
			    uint64_t length, bool now, uint64_t *ret_where);
/* The CPU takes it back: by @fd, or if that is negative by where it is. 0 or a DSP error. */
int32_t emu_shared_withdraw(struct emu_shared *shared, int32_t fd, uint64_t where);

/* The handle arguments of a call come, and what is done with goes onto its fd list. */
int32_t emu_shared_call_begins(struct emu_shared *shared, const struct emu_call *call);
void emu_shared_call_ends(struct emu_shared *shared, const struct emu_call *call);

/* Counted. 0, -ENOENT (no such fd), -EFAULT, -ENOMEM. */
int emu_shared_get(struct emu_shared *shared, int32_t fd, struct emu_shared_view *ret_view);
int emu_shared_put(struct emu_shared *shared, int32_t fd);
/* The length that came with the handle argument @fd, or that was mapped. -ENOENT. */
int emu_shared_length(struct emu_shared *shared, int32_t fd, uint64_t *ret_length);

#endif
