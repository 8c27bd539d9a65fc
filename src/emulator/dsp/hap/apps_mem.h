/* SPDX-License-Identifier: BSD-3-Clause */
/* The CPU's service for memory, as a DSP process calls it. */
#ifndef EMU_DSP_HAP_APPS_MEM_H
#define EMU_DSP_HAP_APPS_MEM_H

#include "hap.h"

/* Asks the CPU to map a buffer of its app's, of which only the fd has come over. 0 or an error. */
int32_t emu_hap_apps_mem_map(struct emu_hap *hap, int fd, uint64_t length);
void emu_hap_apps_mem_unmap(struct emu_hap *hap, int fd, uint64_t length);

#endif
