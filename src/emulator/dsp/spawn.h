/* SPDX-License-Identifier: BSD-3-Clause */
/* How the program that runs a DSP process is started. */
#ifndef EMU_DSP_SPAWN_H
#define EMU_DSP_SPAWN_H

#include <stddef.h>

/*
 * Starts @program with @control as its EMU_CHILD_CONTROL_FD, and before everything else in it the
 * sanitizer's runtime that the library @image needs, if any. It is nobody's child: the app gets no
 * SIGCHLD, and its wait() sees nothing. The pidfd, or -ENOMEM.
 */
int emu_spawn(const char *program, const void *image, size_t size, int control);

#endif
