/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a session's DSP and this library have agreed on for their queues: found out with the first one,
 * the same for all. DSPs of the first kind know no versions; newer ones may have driver signals. The
 * caller serialises.
 */
#ifndef FRPC_LIB_QUEUE_AGREEMENT_H
#define FRPC_LIB_QUEUE_AGREEMENT_H

#include <stdbool.h>
#include <stdint.h>

struct frpc_queue_entry;
struct frpc_queue_service;

/* All zero: no queue yet. */
struct frpc_queue_agreement {
	bool reached;
	uint32_t version, flags;
	uint32_t created; /* queues that the DSP has been asked for */
};

/*
 * Has the DSP make the queue of @entry, whose header then says what both go by. @effective is the
 * session's. An error as those of queue_rpc.h.
 */
int frpc_queue_agreement_create(struct frpc_queue_agreement *agreement,
				const struct frpc_queue_service *service, uint32_t effective,
				struct frpc_queue_entry *entry);

#endif
