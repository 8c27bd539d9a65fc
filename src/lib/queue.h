/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The CPU's side of queues: each is a pair of rings shared with one session's process, known to the
 * DSP's queue service. Reading and writing is done at its end (queue_end.h), under the same name.
 * AEE codes, recorded unless said otherwise.
 */
#ifndef FRPC_LIB_QUEUE_H
#define FRPC_LIB_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "dspqueue.h"

struct frpc_queue_request {
	uint32_t effective;
	uint32_t request_size, response_size; /* 0: default */
	dspqueue_callback_t packet_callback, error_callback;
	void *callback_context;
	/* Optional: the queue is no more and no callback of it runs. On any thread. */
	void (*released)(void *callback_context);
};

/* Opens the session if need be and keeps it open. On failure released() is not called. */
int frpc_queue_create(const struct frpc_queue_request *request, dspqueue_t *ret_queue);
/* Not recorded. AEE_EBADPARM: no such queue, or @ask and a skel has it imported. */
int frpc_queue_close(dspqueue_t queue, bool ask);
/* The id for dspqueue_import(). Not recorded. */
int frpc_queue_export(dspqueue_t queue, uint64_t *ret_id);
/* Does a skel use it? Also false if the DSP cannot be asked. */
bool frpc_queue_is_imported(dspqueue_t queue);

#endif
