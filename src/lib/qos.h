/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How soon calls of a session are to be answered (DSPRPC_CONTROL_LATENCY): votes against deep sleep, an
 * adaptive DSP, and polling for answers. And the wakelock, where the system has such.
 */
#ifndef FRPC_LIB_QOS_H
#define FRPC_LIB_QOS_H

#include <pthread.h>
#include <stdint.h>

struct frpc_session;

/* What a session has asked for. */
struct frpc_qos {
	pthread_mutex_t lock; /* over a request, which its DSP may never answer */
	int vote;	      /* of this process with the system, or -1 */
	uint32_t modes;
};

void frpc_qos_init(struct frpc_qos *qos);
void frpc_qos_destroy(struct frpc_qos *qos);
/* @enable: enum remote_rpc_latency_flags. An AEE or DSP code, recorded. */
int frpc_qos_set(struct frpc_session *session, uint32_t enable, uint32_t latency_us);
/* The session has ended, with nobody inside: its DSP has forgotten, the system has not. */
void frpc_qos_end(struct frpc_qos *qos);

/* Keeps the system awake, or no longer. AEE_EUNSUPPORTED: it has no wakelocks. */
int frpc_wakelock(uint32_t enable);

#endif
