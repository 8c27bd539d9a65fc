/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libc's clone() under the name that no sanitizer replaces. TSan's clone() takes every child for a
 * fork's: it makes the child ignore all locks from then on and forget all descriptors. Where parent and
 * child are one memory, it would be the parent's thread that ignores them.
 */
#ifndef EMU_DSP_LIBC_CLONE_H
#define EMU_DSP_LIBC_CLONE_H

#include <sched.h>

#ifdef __GLIBC__
int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...);
#define LIBC_CLONE __clone
#else
#define LIBC_CLONE clone
#endif

#endif
