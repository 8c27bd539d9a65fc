/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cache maintenance of the buffers that a call maps, where the DSP's view is not coherent with the
 * CPU's: each is a copy that is brought up to date here, and nowhere else.
 */
#ifndef EMU_KERNEL_MAINTENANCE_H
#define EMU_KERNEL_MAINTENANCE_H

#include "args.h"

/* What the CPU has written to the inputs is for the DSP to see. Once packed, before it is sent. */
void emu_maintenance_clean(struct emu_args *args);
/* What the DSP has written to the outputs is for the CPU to see. */
void emu_maintenance_invalidate(struct emu_args *args);

#endif
