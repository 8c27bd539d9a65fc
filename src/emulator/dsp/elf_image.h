/* SPDX-License-Identifier: BSD-3-Clause */
/* A shared object in memory: is it one the host's loader may be given, and whose names win in it. */
#ifndef EMU_DSP_ELF_IMAGE_H
#define EMU_DSP_ELF_IMAGE_H

#include <stddef.h>

/*
 * The host's loader trusts what the file says of itself; this does not. 0, or -ENOEXEC with @text:
 * no ELF, another machine's, not a shared object, truncated.
 */
int emu_elf_check(const void *image, size_t size, char *text, size_t textlen);

/*
 * Marks the checked @image so that the library's own definitions win over the program's
 * (DT_SYMBOLIC). 0, or -ENOSPC: the dynamic section has no room for the mark.
 */
int emu_elf_make_symbolic(void *image, size_t size);

#endif
