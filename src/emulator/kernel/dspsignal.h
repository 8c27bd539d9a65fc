/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DSP signals of one file: 1024 of them, made in groups of 256 when first needed. A signal counts
 * its wake-ups as a kernel completion does: what was signalled more often than it was waited for
 * may end one wait more than expected.
 */
#ifndef EMU_KERNEL_DSPSIGNAL_H
#define EMU_KERNEL_DSPSIGNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "../clock.h"

#define EMU_DSPSIGNALS	      1024u
#define EMU_DSPSIGNAL_GROUP   256u
#define EMU_DSPSIGNAL_FOREVER UINT32_MAX /* microseconds */

struct emu_dspsignal;

struct emu_dspsignals {
	pthread_mutex_t lock;
	struct emu_dspsignal *groups[EMU_DSPSIGNALS / EMU_DSPSIGNAL_GROUP];
};

void emu_dspsignals_init(struct emu_dspsignals *signals);
/* Nobody may wait any more. */
void emu_dspsignals_destroy(struct emu_dspsignals *signals);

/* 0; -EINVAL: no such id; -EBUSY: it exists; -ENOMEM. */
int emu_dspsignals_create(struct emu_dspsignals *signals, uint32_t id);
/* Wakes who waits for it. 0, -EINVAL, -ENOENT. */
int emu_dspsignals_remove(struct emu_dspsignals *signals, uint32_t id);
/* Wakes who waits for it and refuses who comes, until it is removed. 0, -EINVAL, -ENOENT. */
int emu_dspsignals_cancel(struct emu_dspsignals *signals, uint32_t id);
/* Cancels all there are: their DSP has been restarted. */
void emu_dspsignals_cancel_all(struct emu_dspsignals *signals);
/* The DSP signals. 0; -EINVAL: no such id; -ENOENT: it does not exist. Ignored when cancelled. */
int emu_dspsignals_raise(struct emu_dspsignals *signals, uint32_t id);
/*
 * Waits @timeout_us microseconds. 0; -ETIMEDOUT; -EINTR: cancelled, removed, or a signal handler
 * ran; -EINVAL; -ENOENT.
 */
int emu_dspsignals_wait(struct emu_dspsignals *signals, struct emu_clock *clock, uint32_t id,
			uint32_t timeout_us);

uint32_t emu_dspsignals_count(struct emu_dspsignals *signals);

#endif
