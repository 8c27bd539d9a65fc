/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A queue over the domains of a context: one ordinary queue a domain, its members, under one name.
 * What is written goes to every member or to none; what is read comes from any of them, in turn. It
 * lives as long as all of them: with the first that dies it is dead. Names are of the kind
 * FRPC_QUEUE_MULTI (queue_table.h); functions do what those of queue_end.h do for one end.
 */
#ifndef FRPC_LIB_QUEUE_MULTI_H
#define FRPC_LIB_QUEUE_MULTI_H

#include "dspqueue.h"
#include "queue_end.h"

/* DSPQUEUE_CREATE. An AEE code, recorded; on failure nothing is left. */
int frpc_queue_multi_create(dspqueue_create_req *request);
/* AEE_EBADPARM: no such queue, or a skel has one of the members imported. */
int frpc_queue_multi_close(dspqueue_t queue);

int frpc_queue_multi_write(dspqueue_t queue, uint32_t flags, uint32_t num_buffers,
			   const struct dspqueue_buffer *buffers, uint32_t message_length,
			   const uint8_t *message, int64_t timeout_us);
int frpc_queue_multi_early_wakeup(dspqueue_t queue, uint32_t delay_us, uint32_t flags);
int frpc_queue_multi_read(dspqueue_t queue, const struct frpc_queue_want *want, uint32_t *ret_flags,
			  uint32_t *ret_buffers, uint32_t *ret_message, int64_t timeout_us);
/* Of what is read the sum; of what is written the fullest member's; of signalling the worst. */
int frpc_queue_multi_stat(dspqueue_t queue, enum dspqueue_stat stat, uint64_t *ret_value);

#endif
