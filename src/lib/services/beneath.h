/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening what lies beneath a folder, and nothing else, whatever names and links say. */
#ifndef FRPC_LIB_SERVICES_BENEATH_H
#define FRPC_LIB_SERVICES_BENEATH_H

#include <sys/types.h>

/*
 * Opens @name, relative to the folder @root, with O_CLOEXEC. Links are followed as long as they, and
 * every "..", stay beneath @root. A descriptor or -errno; -EXDEV: it leads out.
 */
int frpc_open_beneath(int root, const char *name, int flags, mode_t mode);

/* The same on kernels before 5.6, which cannot do it for us. */
int frpc_walk_beneath(int root, const char *name, int flags, mode_t mode);

#endif
