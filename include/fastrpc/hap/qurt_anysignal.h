/* SPDX-License-Identifier: BSD-3-Clause */
/* Signals of which one thread waits for any. */
#ifndef QURT_ANYSIGNAL_H
#define QURT_ANYSIGNAL_H

#include "qurt_signal.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef qurt_signal_t qurt_anysignal_t;

static inline void qurt_anysignal_init(qurt_anysignal_t *signal)
{
	qurt_signal_init(signal);
}

static inline void qurt_anysignal_destroy(qurt_anysignal_t *signal)
{
	qurt_signal_destroy(signal);
}

static inline unsigned int qurt_anysignal_wait(qurt_anysignal_t *signal, unsigned int mask)
{
	return qurt_signal_wait(signal, mask, QURT_SIGNAL_ATTR_WAIT_ANY);
}

static inline unsigned int qurt_anysignal_get(qurt_anysignal_t *signal)
{
	return qurt_signal_get(signal);
}

/* Both return the bits that were set before. */
unsigned int qurt_anysignal_set(qurt_anysignal_t *signal, unsigned int mask)
	FRPC_DSP_SIDE(qurt_anysignal_set);
unsigned int qurt_anysignal_clear(qurt_anysignal_t *signal, unsigned int mask)
	FRPC_DSP_SIDE(qurt_anysignal_clear);

static inline int qurt_anysignal_wait_timed(qurt_anysignal_t *signal, unsigned int mask,
					    unsigned int *signals, unsigned long long int duration)
{
	return qurt_signal_wait_timed(signal, mask, QURT_SIGNAL_ATTR_WAIT_ANY, signals, duration);
}

#ifdef __cplusplus
}
#endif

#endif
