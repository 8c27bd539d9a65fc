/* SPDX-License-Identifier: BSD-3-Clause */
/* Sleeping at an address as long as a word has a value. */
#ifndef QURT_FUTEX_H
#define QURT_FUTEX_H

#include "qurt_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Sleeps until it is woken, if the int at @lock is @val_to_match. QURT_EOK; QURT_EFAILED: it is
 * not.
 */
int qurt_futex_wait(void *lock, int val_to_match) FRPC_DSP_SIDE(qurt_futex_wait);
/* Wakes up to @n_to_wake that sleep there, the most urgent first. How many it woke. */
int qurt_futex_wake(void *lock, int n_to_wake) FRPC_DSP_SIDE(qurt_futex_wake);

#ifdef __cplusplus
}
#endif

#endif
