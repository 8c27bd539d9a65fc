/* SPDX-License-Identifier: BSD-3-Clause */
/* The matrix unit: one thread of the whole DSP has it, for a compute context (not 0) or for itself. */
#ifndef EMU_DSP_HAP_HMX_H
#define EMU_DSP_HAP_HMX_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Counted. 0; -EINVAL: the thread is not the DSP's; -EBUSY: another has it (and not @wait), or this
 * thread has it for something else. Does not return if the process ends.
 */
int emu_hap_hmx_lock(uint32_t context, bool wait);
/* -EPERM: the calling thread has not locked it for @context. */
int emu_hap_hmx_unlock(uint32_t context);

#endif
