/* SPDX-License-Identifier: BSD-3-Clause */
/* Condition variables with qurt_mutex_t, which its caller holds once. */
#ifndef QURT_COND_H
#define QURT_COND_H

#include "qurt_mutex.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef union {
	unsigned long long int raw[2];
	__extension__ struct {
		unsigned int magic;
		unsigned int waiters;
	};
} qurt_cond_t;

void qurt_cond_init(qurt_cond_t *cond) FRPC_DSP_SIDE(qurt_cond_init);
void qurt_cond_destroy(qurt_cond_t *cond) FRPC_DSP_SIDE(qurt_cond_destroy);
void qurt_cond_signal(qurt_cond_t *cond) FRPC_DSP_SIDE(qurt_cond_signal);
void qurt_cond_broadcast(qurt_cond_t *cond) FRPC_DSP_SIDE(qurt_cond_broadcast);
void qurt_cond_wait(qurt_cond_t *cond, qurt_mutex_t *mutex) FRPC_DSP_SIDE(qurt_cond_wait);

static inline void qurt_cond_wait2(qurt_cond_t *cond, qurt_rmutex2_t *mutex)
{
	qurt_cond_wait(cond, mutex);
}

#ifdef __cplusplus
}
#endif

#endif
