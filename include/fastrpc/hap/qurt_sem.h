/* SPDX-License-Identifier: BSD-3-Clause */
/* Counting semaphores; the most urgent waiter goes first. */
#ifndef QURT_SEM_H
#define QURT_SEM_H

#include "qurt_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef union {
	unsigned int raw[4] __attribute__((aligned(8)));
	__extension__ struct {
		unsigned short count;
		unsigned short n_waiting;
		unsigned int magic;
	};
} qurt_sem_t;

void qurt_sem_init(qurt_sem_t *sem) FRPC_DSP_SIDE(qurt_sem_init); /* to 1 */
void qurt_sem_init_val(qurt_sem_t *sem, unsigned short val) FRPC_DSP_SIDE(qurt_sem_init_val);
void qurt_sem_destroy(qurt_sem_t *sem) FRPC_DSP_SIDE(qurt_sem_destroy);
/* Adds @amt, at most up to 65535. QURT_EVAL: it would go beyond, or there is no semaphore. */
int qurt_sem_add(qurt_sem_t *sem, unsigned int amt) FRPC_DSP_SIDE(qurt_sem_add);
int qurt_sem_down(qurt_sem_t *sem) FRPC_DSP_SIDE(qurt_sem_down);
/* 0, or QURT_EFATAL: it is 0. */
int qurt_sem_try_down(qurt_sem_t *sem) FRPC_DSP_SIDE(qurt_sem_try_down);
int qurt_sem_down_timed(qurt_sem_t *sem, unsigned long long int duration)
	FRPC_DSP_SIDE(qurt_sem_down_timed);

static inline int qurt_sem_up(qurt_sem_t *sem)
{
	return qurt_sem_add(sem, 1);
}

#ifdef __cplusplus
}
#endif

#endif
