/* SPDX-License-Identifier: BSD-3-Clause */
/* What a DSP process can learn about itself. */
#ifndef HAP_USER_PD_H
#define HAP_USER_PD_H

#include <stdint.h>

#include "dsp_side.h"

#ifdef __cplusplus
extern "C" {
#endif

enum HAP_userpd_req_id {
	HAP_USERPD_PID = 1, /* of the CPU's process, as its driver numbers it */
};

typedef struct {
	int32_t req_id; /* enum HAP_userpd_req_id */
	__extension__ union {
		int32_t pid; /* out */
	};
} HAP_get_userpd_params_req_t;

/* 0, AEE_EUNSUPPORTED: no such request. */
int HAP_get_userpd_params(HAP_get_userpd_params_req_t *request)
	FRPC_DSP_SIDE(HAP_get_userpd_params);

/* The most urgent (lowest) priority a thread of this process may have: 64 in an unsigned one. */
int HAP_get_thread_priority_ceiling(void) FRPC_DSP_SIDE(HAP_get_thread_priority_ceiling);

/* 7: a user's process. */
int HAP_get_pd_type(void) FRPC_DSP_SIDE(HAP_get_pd_type);

/* The process's name, at most 31 characters; NULL is AEE_EBADPARM. */
int HAP_set_process_name(const char *name) FRPC_DSP_SIDE(HAP_set_process_name);

#ifdef __cplusplus
}
#endif

#endif
