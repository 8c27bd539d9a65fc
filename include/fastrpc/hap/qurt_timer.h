/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Timers that set signals, and the system clock of 19.2 MHz. A process has at most 64 timers.
 * Devices do not offer timers to unsigned processes, so there qurt_timer_create() fails as it does
 * on them.
 */
#ifndef QURT_TIMER_H
#define QURT_TIMER_H

#include "qurt_anysignal.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned int qurt_timer_t;
typedef unsigned long long qurt_timer_duration_t; /* microseconds */
typedef unsigned long long qurt_timer_time_t;	  /* ticks */

typedef enum {
	QURT_TIMER_ONESHOT = 0,
	QURT_TIMER_PERIODIC = 1,
} qurt_timer_type_t;

#define QURT_TIMER_MIN_DURATION		   100u
#define QURT_TIMER_MAX_DURATION		   (3600000000000ULL)
#define QURT_TIMER_DEFAULT_TYPE		   QURT_TIMER_ONESHOT
#define QURT_TIMER_DEFAULT_GROUP	   0
#define QURT_TIMER_DEFAULT_DURATION	   1000ULL
#define QURT_TIMER_TIMETICK_FROM_US(us)	   (((us)*192) / 10)
#define QURT_TIMER_TIMETICK_TO_US(ticks)   (((ticks)*10) / 192)
#define QURT_SYSCLOCK_TIMETICK_FROM_US(us) QURT_TIMER_TIMETICK_FROM_US(us)

typedef struct {
	unsigned int magic;
	qurt_timer_duration_t duration;
	qurt_timer_time_t expiry; /* ticks at which it goes off first; 0: after duration */
	qurt_timer_duration_t remaining;
	qurt_timer_type_t type;
	unsigned int group;
} qurt_timer_attr_t;

static inline void qurt_timer_attr_init(qurt_timer_attr_t *attr)
{
	attr->magic = 0x74616d72;
	attr->duration = QURT_TIMER_DEFAULT_DURATION;
	attr->expiry = 0;
	attr->remaining = 0;
	attr->type = QURT_TIMER_DEFAULT_TYPE;
	attr->group = QURT_TIMER_DEFAULT_GROUP;
}

static inline void qurt_timer_attr_set_duration(qurt_timer_attr_t *attr,
						qurt_timer_duration_t duration)
{
	attr->duration = duration;
}

static inline void qurt_timer_attr_set_expiry(qurt_timer_attr_t *attr, qurt_timer_time_t time)
{
	attr->expiry = time;
}

static inline void qurt_timer_attr_set_type(qurt_timer_attr_t *attr, qurt_timer_type_t type)
{
	attr->type = type;
}

static inline void qurt_timer_attr_get_duration(qurt_timer_attr_t *attr,
						qurt_timer_duration_t *duration)
{
	*duration = attr->duration;
}

static inline void qurt_timer_attr_get_remaining(qurt_timer_attr_t *attr,
						 qurt_timer_duration_t *remaining)
{
	*remaining = attr->remaining;
}

static inline void qurt_timer_attr_get_type(qurt_timer_attr_t *attr, qurt_timer_type_t *type)
{
	*type = attr->type;
}

/*
 * Sets @mask of @signal each time it goes off; for times that it has missed it does not make up.
 * QURT_EVAL, QURT_EMEM, QURT_ENOTALLOWED.
 */
int qurt_timer_create(qurt_timer_t *timer, const qurt_timer_attr_t *attr,
		      const qurt_anysignal_t *signal, unsigned int mask)
	FRPC_DSP_SIDE(qurt_timer_create);
int qurt_timer_delete(qurt_timer_t timer) FRPC_DSP_SIDE(qurt_timer_delete);
/* It goes off no more until it is restarted. */
int qurt_timer_stop(qurt_timer_t timer) FRPC_DSP_SIDE(qurt_timer_stop);
/* How it was made, and the microseconds that remain; 0: it is stopped, or has gone off. */
int qurt_timer_get_attr(qurt_timer_t timer, qurt_timer_attr_t *attr)
	FRPC_DSP_SIDE(qurt_timer_get_attr);
int qurt_timer_restart(qurt_timer_t timer, qurt_timer_duration_t duration)
	FRPC_DSP_SIDE(qurt_timer_restart);
int qurt_timer_sleep(qurt_timer_duration_t duration) FRPC_DSP_SIDE(qurt_timer_sleep);

qurt_time_t qurt_sysclock_get_hw_ticks(void) FRPC_DSP_SIDE(qurt_sysclock_get_hw_ticks);

static inline qurt_timer_time_t qurt_timer_get_ticks(void)
{
	return qurt_sysclock_get_hw_ticks();
}

unsigned long long int qurt_get_core_pcycles(void) FRPC_DSP_SIDE(qurt_get_core_pcycles);

#ifdef __cplusplus
}
#endif

#endif
