/* SPDX-License-Identifier: BSD-3-Clause */
/* Signals of which one thread waits for all; they are cleared for it. */
#ifndef QURT_ALLSIGNAL_H
#define QURT_ALLSIGNAL_H

#include "qurt_signal.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef qurt_signal_t qurt_allsignal_t;

static inline void qurt_allsignal_init(qurt_allsignal_t *signal)
{
	qurt_signal_init(signal);
}

static inline void qurt_allsignal_destroy(qurt_allsignal_t *signal)
{
	qurt_signal_destroy(signal);
}

static inline unsigned int qurt_allsignal_get(qurt_allsignal_t *signal)
{
	return qurt_signal_get(signal);
}

static inline void qurt_allsignal_set(qurt_allsignal_t *signal, unsigned int mask)
{
	qurt_signal_set(signal, mask);
}

static inline void qurt_allsignal_wait(qurt_allsignal_t *signal, unsigned int mask)
{
	qurt_signal_wait(signal, mask, QURT_SIGNAL_ATTR_WAIT_ALL);
	qurt_signal_clear(signal, mask);
}

#ifdef __cplusplus
}
#endif

#endif
