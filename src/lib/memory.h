/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What lies behind the app's addresses: registered buffers, by address range, and the lengths of
 * fds that are passed as handles. A buffer is found at once by its first byte, by any other one in time
 * by the logarithm of their number; any number of threads look at once. Usable in a forked child.
 */
#ifndef FRPC_LIB_MEMORY_H
#define FRPC_LIB_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transport/device.h"

#define FRPC_MAX_DMA_HANDLES 256u

/* Attribute of an address range that only stands for an fd (remote_register_fd()). */
#define FRPC_MEMORY_PLACEHOLDER 0x10000u
/* Attribute of memory that this library mapped, whole and from its fd's beginning. */
#define FRPC_MEMORY_OWN 0x20000u

struct frpc_buffer_info {
	uint64_t start, size;
	int32_t fd;
	uint32_t attr;
	uint64_t dev, ino; /* of the fd, for memory of our own */
	uint64_t end;	   /* start + size */
};

/* 0, -EINVAL (size 0 or beyond the address space), -EEXIST (overlaps another one), -ENOMEM. */
int frpc_memory_add(const void *start, uint64_t size, int32_t fd, uint32_t attr);
/* Forgets the buffer that begins at @start (and has @size bytes, unless 0). 0 or -ENOENT. */
int frpc_memory_remove(const void *start, uint64_t size, struct frpc_buffer_info *ret_info);
/*
 * The buffer that holds @len bytes at @address. -ENOENT: none begins there; -ERANGE: @address lies in
 * one, the range ends beyond it.
 */
int frpc_memory_find(const void *address, uint64_t len, struct frpc_buffer_info *ret_info);
/* For several look-ups in a row: in between nothing is registered or forgotten, and nobody called. */
void frpc_memory_enter(void);
/* The buffer around @address, or NULL. Until frpc_memory_leave(). */
const struct frpc_buffer_info *frpc_memory_look(const void *address);
void frpc_memory_leave(void);
/* Is there memory of our own at @address? Then how it is mapped: see transport/device.h. */
bool frpc_memory_known_area(uint64_t address, struct frpc_area *ret_area);
/* The registered buffer of @fd: 0 or -ENOENT. */
int frpc_memory_find_fd(int32_t fd, struct frpc_buffer_info *ret_info);

/* Lengths of handles; length 0 forgets. 0, -ENOSPC, -ENOENT. */
int frpc_memory_set_handle(int32_t fd, uint32_t length, uint32_t attr);
int frpc_memory_find_handle(int32_t fd, uint32_t *ret_length, uint32_t *ret_attr);

#endif
