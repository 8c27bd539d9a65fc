/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory of queues that both sides see. It ends with its last user, or, while the driver or the DSP
 * still may have it mapped, with its session: a new buffer at its address, with its descriptor, would be
 * taken for it.
 */
#ifndef FRPC_LIB_QUEUE_MEMORY_H
#define FRPC_LIB_QUEUE_MEMORY_H

#include <stdint.h>

#include "buffer.h"

struct frpc_session;
struct frpc_queue_memory;

/* @size bytes, mapped for @session's process, with a reference. AEE code, recorded. Blocks as a call. */
int frpc_queue_memory_new(struct frpc_session *session, uint32_t size,
			  struct frpc_queue_memory **ret_memory);
const struct frpc_buffer *frpc_queue_memory_buffer(const struct frpc_queue_memory *memory);
/* The DSP has it no more, if the driver and the DSP agree. Takes NULL. Blocks as a call. */
void frpc_queue_memory_unmap(struct frpc_queue_memory *memory);
/* Both take NULL. */
struct frpc_queue_memory *frpc_queue_memory_ref(struct frpc_queue_memory *memory);
void frpc_queue_memory_unref(struct frpc_queue_memory *memory);

#endif
