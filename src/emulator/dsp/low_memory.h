/* SPDX-License-Identifier: BSD-3-Clause */
/* Address space below 4 GiB: what a DSP process sees lies there, so that 32-bit fields hold it. */
#ifndef EMU_DSP_LOW_MEMORY_H
#define EMU_DSP_LOW_MEMORY_H

#include <stdint.h>

/*
 * Maps @size bytes of @fd from @fd_offset, shared; with @fd -1 memory of nobody else. MAP_FAILED with
 * errno: ENOMEM (no room), or what mmap() says. The caller's to munmap().
 */
void *emu_low_map(int fd, uint64_t fd_offset, uint64_t size);

#endif
