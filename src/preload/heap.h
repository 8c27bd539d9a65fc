/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A dma-buf heap for machines whose kernel has none: its buffers are memfds, which is what the
 * emulator takes dma-bufs to be. A kernel that has the heap is asked first.
 */
#ifndef FRPC_PRELOAD_HEAP_H
#define FRPC_PRELOAD_HEAP_H

#include <stdbool.h>
#include <stdint.h>

/* A heap's path, and this kernel has no such heap? */
bool frpc_heap_is(const char *path);
/* 0 or -errno. */
int frpc_heap_ioctl(uint32_t cmd, void *arg);
/* DMA_BUF_IOCTL_SYNC on @fd, which the kernel does not know it for. 0, -EINVAL, or -ENOTTY: no memfd. */
int frpc_heap_sync(int fd, const void *arg);

#endif
