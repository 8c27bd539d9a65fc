/* SPDX-License-Identifier: BSD-3-Clause */
/* Buffers of one call that share bytes: as the caller has laid them out, they reach the DSP. */
#ifndef EMU_KERNEL_OVERLAPS_H
#define EMU_KERNEL_OVERLAPS_H

#include "args.h"

/*
 * Sorts the buffers of @args by address, and finds which part of each is new, and which lies in bytes
 * that another one brings along. 0; -EFAULT: one wraps around the end of memory.
 */
int emu_overlaps_find(struct emu_args *args);

#endif
