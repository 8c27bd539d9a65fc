/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signals: 32 bits that threads set, and one thread or more wait for. Waiting changes no bit; who
 * waited clears those it has seen. qurt_signal2_t is the same.
 */
#ifndef QURT_SIGNAL_H
#define QURT_SIGNAL_H

#include "qurt_types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define QURT_SIGNAL_ATTR_WAIT_ANY 0x00000000
#define QURT_SIGNAL_ATTR_WAIT_ALL 0x00000001

typedef union {
	unsigned long long int raw;
	__extension__ struct {
		unsigned int signals;
		unsigned int waiting;
		unsigned int magic;
		unsigned int attribute;
	} X;
} qurt_signal_t;

typedef qurt_signal_t qurt_signal2_t;

void qurt_signal_init(qurt_signal_t *signal) FRPC_DSP_SIDE(qurt_signal_init);
void qurt_signal_destroy(qurt_signal_t *signal) FRPC_DSP_SIDE(qurt_signal_destroy);
/* Waits until any bit of @mask (or all of them) is set, and returns all the bits that are. */
unsigned int qurt_signal_wait(qurt_signal_t *signal, unsigned int mask, unsigned int attribute)
	FRPC_DSP_SIDE(qurt_signal_wait);
/* QURT_EOK, QURT_ETIMEDOUT, QURT_EVAL (no signal); *@signals gets the bits. @duration in us. */
int qurt_signal_wait_timed(qurt_signal_t *signal, unsigned int mask, unsigned int attribute,
			   unsigned int *signals, unsigned long long int duration)
	FRPC_DSP_SIDE(qurt_signal_wait_timed);
void qurt_signal_set(qurt_signal_t *signal, unsigned int mask) FRPC_DSP_SIDE(qurt_signal_set);
unsigned int qurt_signal_get(qurt_signal_t *signal) FRPC_DSP_SIDE(qurt_signal_get);
void qurt_signal_clear(qurt_signal_t *signal, unsigned int mask) FRPC_DSP_SIDE(qurt_signal_clear);

static inline unsigned int qurt_signal_wait_any(qurt_signal_t *signal, unsigned int mask)
{
	return qurt_signal_wait(signal, mask, QURT_SIGNAL_ATTR_WAIT_ANY);
}

static inline unsigned int qurt_signal_wait_all(qurt_signal_t *signal, unsigned int mask)
{
	return qurt_signal_wait(signal, mask, QURT_SIGNAL_ATTR_WAIT_ALL);
}

/* A wait ends with its process and is not cancelled before: QURT_EOK. */
static inline int qurt_signal_wait_cancellable(qurt_signal_t *signal, unsigned int mask,
					       unsigned int attribute, unsigned int *return_mask)
{
	*return_mask = qurt_signal_wait(signal, mask, attribute);
	return QURT_EOK;
}

/* The same with 64 bits. */
typedef struct {
	qurt_signal_t signal_sum;
	unsigned long long int signals;
	unsigned long long int waiting;
} qurt_signal_64_t;

void qurt_signal_64_init(qurt_signal_64_t *signal) FRPC_DSP_SIDE(qurt_signal_64_init);
void qurt_signal_64_destroy(qurt_signal_64_t *signal) FRPC_DSP_SIDE(qurt_signal_64_destroy);
unsigned long long int qurt_signal_64_wait(qurt_signal_64_t *signal, unsigned long long int mask,
					   unsigned int attribute)
	FRPC_DSP_SIDE(qurt_signal_64_wait);
void qurt_signal_64_set(qurt_signal_64_t *signal, unsigned long long int mask)
	FRPC_DSP_SIDE(qurt_signal_64_set);
unsigned long long int qurt_signal_64_get(qurt_signal_64_t *signal)
	FRPC_DSP_SIDE(qurt_signal_64_get);
void qurt_signal_64_clear(qurt_signal_64_t *signal, unsigned long long int mask)
	FRPC_DSP_SIDE(qurt_signal_64_clear);

#define qurt_signal2_init    qurt_signal_init
#define qurt_signal2_destroy qurt_signal_destroy
#define qurt_signal2_wait    qurt_signal_wait
#define qurt_signal2_set     qurt_signal_set
#define qurt_signal2_get     qurt_signal_get
#define qurt_signal2_clear   qurt_signal_clear

#ifdef __cplusplus
}
#endif

#endif
