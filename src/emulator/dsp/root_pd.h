/* SPDX-License-Identifier: BSD-3-Clause */
/* What the root PD does to its subsystem. */
#ifndef EMU_DSP_ROOT_PD_H
#define EMU_DSP_ROOT_PD_H

#include "process.h"

/*
 * In the root PD's call @ctx: if that is no more, after a crash, nothing is done. 0, also if that
 * process exists: then it is another session's, or a second create. -ENOMEM.
 */
int emu_subsystem_add_process(struct emu_subsystem *subsystem, uint64_t ctx, uint32_t bank,
			      uint32_t pid, uint32_t attrs);
/* A reference to a process that has not ended, or NULL. */
struct emu_process *emu_subsystem_find_process(struct emu_subsystem *subsystem, uint32_t bank,
					       uint32_t pid);
/* In such a call, too. Nothing if there is none. */
void emu_subsystem_end_process(struct emu_subsystem *subsystem, uint64_t ctx, uint32_t bank,
			       uint32_t pid);
const uint32_t *emu_subsystem_attributes(struct emu_subsystem *subsystem);

#endif
