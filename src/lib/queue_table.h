/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The names of open queue ends: dspqueue_t values that are index and generation, not addresses. A
 * look-up makes the caller a user of the end; closing waits until the others have left. In a forked
 * child every inherited name is unknown.
 */
#ifndef FRPC_LIB_QUEUE_TABLE_H
#define FRPC_LIB_QUEUE_TABLE_H

#include <stdbool.h>

#include "dspqueue.h"

struct frpc_queue_end;

/* 0 or -ENOSPC. */
int frpc_queue_table_add(struct frpc_queue_end *end, dspqueue_t *ret_queue);
/* NULL: no such queue. Otherwise to be given back. */
struct frpc_queue_end *frpc_queue_table_get(dspqueue_t queue);
void frpc_queue_table_put(dspqueue_t queue);

/* The caller, a user of it, is the one who closes. False: somebody else does. */
bool frpc_queue_table_claim(dspqueue_t queue);
void frpc_queue_table_unclaim(dspqueue_t queue);
/* Takes the name away from everybody who comes later. */
void frpc_queue_table_hide(dspqueue_t queue);
/* Waits until the caller is the last user, and forgets the name. */
void frpc_queue_table_remove(dspqueue_t queue);

#endif
