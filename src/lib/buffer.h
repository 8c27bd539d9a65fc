/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory that a DSP can map: from a dma-buf heap, else from the FastRPC driver, else (only the
 * emulator can use it) a memfd.
 */
#ifndef FRPC_LIB_BUFFER_H
#define FRPC_LIB_BUFFER_H

#include <stdint.h>

struct frpc_transport;

struct frpc_buffer {
	void *bytes;   /* mapped for the CPU, from the dma-buf's beginning */
	uint64_t size; /* whole pages */
	int32_t fd;    /* O_CLOEXEC, never 0 */
};

/* One that its last user leaves to somebody who ends later. */
struct frpc_kept_buffer {
	struct frpc_kept_buffer *next;
	struct frpc_buffer buffer;
};

/* @transport (NULL: none) may be asked. 0, -ENOMEM, or the last back end's errno. */
int frpc_buffer_alloc(struct frpc_transport *transport, uint64_t size,
		      struct frpc_buffer *ret_buffer);
void frpc_buffer_free(struct frpc_buffer *buffer);
/*
 * A driver keeps a map of @fd that it cannot be told to end: it would take a new buffer of that number
 * for the old one. From now on none gets it.
 */
void frpc_buffer_avoid_fd(int32_t fd);

#endif
