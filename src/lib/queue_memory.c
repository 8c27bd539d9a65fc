/* SPDX-License-Identifier: BSD-3-Clause */
#include "queue_memory.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "AEEStdErr.h"
#include "error.h"
#include "remote.h"
#include "session.h"

struct frpc_queue_memory {
	_Atomic int refs;
	_Atomic bool mapped;
	struct frpc_session *session;	 /* a reference */
	struct frpc_kept_buffer *keeper; /* holds the buffer */
	uint64_t dsp_address;
};

static int map(struct frpc_queue_memory *memory)
{
	struct frpc_remote *remote = frpc_session_remote(memory->session);
	const struct frpc_buffer *buffer = &memory->keeper->buffer;
	const struct frpc_map_params params = {
		.fd = buffer->fd,
		.vaddr = (uintptr_t)buffer->bytes,
		.length = buffer->size,
		.flags = FASTRPC_MAP_FD,
	};
	int32_t status = 0;
	int res;

	res = remote->transport->ops->mem_map(remote, &params, &memory->dsp_address, &status);
	memory->mapped = !res && !status;
	if (res)
		return frpc_fail_driver(res, "a queue's memory cannot be mapped for the DSP");
	if (status)
		return frpc_fail(status, FRPC_ORIGIN_DSP, 0,
				 "a queue's memory is not mapped (0x%x)", (unsigned int)status);
	return AEE_SUCCESS;
}

int frpc_queue_memory_new(struct frpc_session *session, uint32_t size,
			  struct frpc_queue_memory **ret_memory)
{
	struct frpc_queue_memory *memory = calloc(1, sizeof(*memory));
	struct frpc_kept_buffer *keeper = calloc(1, sizeof(*keeper));
	int res = -ENOMEM;

	if (memory && keeper)
		res = frpc_buffer_alloc(frpc_session_remote(session)->transport, size,
					&keeper->buffer);
	if (res) {
		free(memory);
		free(keeper);
		return frpc_fail(AEE_ENOMEMORY, FRPC_ORIGIN_LIBRARY, res,
				 "no %u bytes of shared memory for a queue", size);
	}
	atomic_init(&memory->refs, 1);
	memory->session = frpc_session_ref(session);
	memory->keeper = keeper;
	res = map(memory);
	if (res) {
		frpc_queue_memory_unref(memory);
		return res;
	}
	*ret_memory = memory;
	return AEE_SUCCESS;
}

const struct frpc_buffer *frpc_queue_memory_buffer(const struct frpc_queue_memory *memory)
{
	return &memory->keeper->buffer;
}

void frpc_queue_memory_unmap(struct frpc_queue_memory *memory)
{
	struct frpc_remote *remote;
	int32_t status = 0;

	if (!memory)
		return;
	remote = frpc_session_remote(memory->session);
	if (!remote->transport->ops->mem_unmap(remote, memory->keeper->buffer.fd,
					       memory->dsp_address, memory->keeper->buffer.size,
					       &status) &&
	    !status)
		memory->mapped = false;
}

struct frpc_queue_memory *frpc_queue_memory_ref(struct frpc_queue_memory *memory)
{
	if (memory)
		atomic_fetch_add_explicit(&memory->refs, 1, memory_order_relaxed);
	return memory;
}

void frpc_queue_memory_unref(struct frpc_queue_memory *memory)
{
	if (!memory || atomic_fetch_sub_explicit(&memory->refs, 1, memory_order_acq_rel) != 1)
		return;
	if (memory->mapped) {
		frpc_session_keep(memory->session, memory->keeper);
	} else {
		frpc_buffer_free(&memory->keeper->buffer);
		free(memory->keeper);
	}
	frpc_session_unref(memory->session);
	free(memory);
}
