/* SPDX-License-Identifier: BSD-3-Clause */
/* Barriers, used again and again by the same number of threads. */
#ifndef QURT_BARRIER_H
#define QURT_BARRIER_H

#include "qurt_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef union {
	__extension__ struct {
		unsigned int threads_left;
		unsigned int count;
		unsigned int threads_total;
		unsigned int magic;
	};
	unsigned long long int raw[2];
} qurt_barrier_t;

/* QURT_EVAL: no threads. */
int qurt_barrier_init(qurt_barrier_t *barrier, unsigned int threads_total)
	FRPC_DSP_SIDE(qurt_barrier_init);
int qurt_barrier_destroy(qurt_barrier_t *barrier) FRPC_DSP_SIDE(qurt_barrier_destroy);
int qurt_barrier_wait(qurt_barrier_t *barrier) FRPC_DSP_SIDE(qurt_barrier_wait);

#ifdef __cplusplus
}
#endif

#endif
