/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Large memory mapped so that the kernel can give it huge pages: where each system call flushes the
 * TLB (page table isolation without process ids), a copy of a megabyte else walks the page tables anew.
 */
#ifndef EMU_KERNEL_HUGEPAGES_H
#define EMU_KERNEL_HUGEPAGES_H

#include <stdint.h>

/* Maps @size bytes of @fd for reading and writing; MAP_FAILED with errno as mmap(). */
void *emu_hugepages_map(int fd, uint64_t size);
/* Takes what emu_hugepages_map() gave. */
void emu_hugepages_unmap(void *bytes, uint64_t size);
/*
 * Asks for huge pages, once the memory has been used and is used again: this may wait for the kernel.
 * What is too small, and a kernel that has none, are left as they are.
 */
void emu_hugepages_collapse(void *bytes, uint64_t size);

#endif
