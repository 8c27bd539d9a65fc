/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The device files that a preloaded program sees: FastRPC nodes of the emulated machine, and a heap
 * for dma-bufs where the kernel has none. An open one is a real descriptor, on /dev/null, which like
 * a FastRPC node cannot be mapped and is always ready; a table says what it stands for. A forked
 * child has the descriptors of its parent but not what they stand for: they answer ENODEV.
 *
 * Functions return what the system call would: a result, or -errno.
 */
#ifndef FRPC_PRELOAD_NODES_H
#define FRPC_PRELOAD_NODES_H

#include <stdbool.h>
#include <stdint.h>

/* Is @path one that this library answers for? */
bool frpc_nodes_know(const char *path);
/* Is it there, on the machine as described? 0 or -errno. */
int frpc_nodes_look(const char *path);
int frpc_nodes_open(const char *path, int flags);

/* Does @fd stand for something? */
bool frpc_nodes_have(int fd);
long frpc_nodes_ioctl(int fd, uint32_t cmd, void *arg);
/* @fd is about to be closed, or to become something else. */
void frpc_nodes_forget(int fd);
/* @copy has become a second name of @fd. */
void frpc_nodes_copy(int fd, int copy);
/* Forgets all of @first..@last. */
void frpc_nodes_forget_range(unsigned int first, unsigned int last);

#endif
