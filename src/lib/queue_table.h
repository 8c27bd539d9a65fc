/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The names of open queues: dspqueue_t values that are index, generation and kind, not addresses. A
 * look-up makes the caller a user of the queue; closing waits until the others have left. In a forked
 * child every inherited name is unknown.
 */
#ifndef FRPC_LIB_QUEUE_TABLE_H
#define FRPC_LIB_QUEUE_TABLE_H

#include <stdbool.h>

#include "dspqueue.h"

enum frpc_queue_kind {
	FRPC_QUEUE_SINGLE, /* struct frpc_queue_end */
	FRPC_QUEUE_MULTI,  /* struct frpc_queue_multi */
};

/* 0 or -ENOSPC. */
int frpc_queue_table_add(void *object, enum frpc_queue_kind kind, dspqueue_t *ret_queue);
/* Which kind the name says it is; there need not be such a queue. */
enum frpc_queue_kind frpc_queue_table_kind(dspqueue_t queue);
/* NULL: no such queue of that kind. Otherwise to be given back. */
void *frpc_queue_table_get(dspqueue_t queue, enum frpc_queue_kind kind);
void frpc_queue_table_put(dspqueue_t queue);

/* The caller, a user of it, is the one who closes. False: somebody else does. */
bool frpc_queue_table_claim(dspqueue_t queue);
void frpc_queue_table_unclaim(dspqueue_t queue);
/* Takes the name away from everybody who comes later. */
void frpc_queue_table_hide(dspqueue_t queue);
/* Waits until the caller is the last user, and forgets the name. */
void frpc_queue_table_remove(dspqueue_t queue);

#endif
