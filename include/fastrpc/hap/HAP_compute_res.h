/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Resources that all processes of a DSP share: VTCM, HMX, and the right to run alone. A context
 * holds what one attribute object asked for, from acquire to release. Functions return 0 or an
 * error with the DSP's offset, if nothing else is said; any thread.
 */
#ifndef HAP_COMPUTE_RES_H
#define HAP_COMPUTE_RES_H

#include <stdint.h>

#include "AEEStdErr.h"
#include "dsp_side.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HAP_COMPUTE_RES_NOT_SUPPORTED	   AEE_EVERSIONNOTSUPPORT
#define HAP_COMPUTE_RES_MAX_PAGE	   8u
#define HAP_COMPUTE_RES_VTCM_MIN_PAGE_SIZE 0x1000u

/* Opaque. */
typedef struct compute_res_attr_t {
	uint64_t private_data[8];
} compute_res_attr_t;

typedef struct compute_res_vtcm_page_t {
	unsigned int page_list_len;
	__extension__ struct {
		unsigned int page_size;
		unsigned int num_pages;
	} page_list[HAP_COMPUTE_RES_MAX_PAGE];
} compute_res_vtcm_page_t;

/* Asked to give a context back: returns 0 and releases it soon. */
typedef int (*compute_res_release_fn)(unsigned int context_id, void *client_context);

int HAP_compute_res_attr_init(compute_res_attr_t *attr) FRPC_DSP_SIDE(compute_resource_attr_init);
/* No other context that asks for it exists at the same time. */
int HAP_compute_res_attr_set_serialize(compute_res_attr_t *attr, unsigned char serialize)
	FRPC_DSP_SIDE(compute_resource_attr_set_serialize);
int HAP_compute_res_attr_set_vtcm_param(compute_res_attr_t *attr, unsigned int vtcm_size,
					unsigned char single_page)
	FRPC_DSP_SIDE(compute_resource_attr_set_vtcm_param);
/*
 * Any size from @min_vtcm_size to @vtcm_size, the more the better; pages of @min_page_size, 0: any.
 */
int HAP_compute_res_attr_set_vtcm_param_v2(compute_res_attr_t *attr, unsigned int vtcm_size,
					   unsigned int min_page_size, unsigned int min_vtcm_size)
	FRPC_DSP_SIDE(compute_resource_attr_set_vtcm_param_v2);
/* After acquire: where the VTCM is. NULL: none. */
void *HAP_compute_res_attr_get_vtcm_ptr(compute_res_attr_t *attr)
	FRPC_DSP_SIDE(compute_resource_attr_get_vtcm_ptr);
int HAP_compute_res_attr_get_vtcm_ptr_v2(compute_res_attr_t *attr, void **vtcm_ptr,
					 unsigned int *vtcm_size)
	FRPC_DSP_SIDE(compute_resource_attr_get_vtcm_ptr_v2);
int HAP_compute_res_attr_set_hmx_param(compute_res_attr_t *attr, unsigned char use_hmx)
	FRPC_DSP_SIDE(compute_resource_attr_set_hmx_param);
/*
 * The context of acquire then holds nothing, but has its id, and its VTCM's address and size, from
 * then until release; acquire_cached and release_cached take and give back what it asks for.
 * Between them the VTCM may not be touched, and what was in it is lost.
 */
int HAP_compute_res_attr_set_cache_mode(compute_res_attr_t *attr, unsigned char cache)
	FRPC_DSP_SIDE(compute_resource_attr_set_cache_mode);
int HAP_compute_res_attr_set_app_type(compute_res_attr_t *attr, unsigned int application_type)
	FRPC_DSP_SIDE(compute_resource_attr_set_app_type);
int HAP_compute_res_attr_set_release_callback(compute_res_attr_t *attr,
					      compute_res_release_fn release_callback,
					      void *client_context)
	FRPC_DSP_SIDE(compute_resource_attr_set_release_callback);

/* Sizes in bytes; each pointer may be NULL. */
int HAP_compute_res_query_VTCM(unsigned int application_id, unsigned int *total_block_size,
			       compute_res_vtcm_page_t *total_block_layout,
			       unsigned int *avail_block_size,
			       compute_res_vtcm_page_t *avail_block_layout)
	FRPC_DSP_SIDE(compute_resource_query_VTCM);

/*
 * A context, waiting up to @timeout_us for it; 0: not to be had (or, at once, more than there is).
 */
unsigned int HAP_compute_res_acquire(compute_res_attr_t *attr, unsigned int timeout_us)
	FRPC_DSP_SIDE(compute_resource_acquire);
int HAP_compute_res_release(unsigned int context_id) FRPC_DSP_SIDE(compute_resource_release);
/*
 * With the caller's priority of now. AEE_EBADPARM: no cached context; AEE_EBADSTATE: it is
 * acquired, or another thread is at it; AEE_EEXPIRED: not within @timeout_us.
 */
int HAP_compute_res_acquire_cached(unsigned int context_id, unsigned int timeout_us)
	FRPC_DSP_SIDE(compute_resource_acquire_cached);
/* AEE_EBADSTATE: it is not acquired. */
int HAP_compute_res_release_cached(unsigned int context_id)
	FRPC_DSP_SIDE(compute_resource_release_cached);
/*
 * The matrix unit for the calling thread, which waits until no other one has it. AEE_EBADPARM: the
 * context is not acquired, or without HMX; HAP_COMPUTE_RES_NOT_SUPPORTED: this DSP has none.
 */
int HAP_compute_res_hmx_lock(unsigned int context_id) FRPC_DSP_SIDE(compute_resource_hmx_lock);
/* AEE_EBADSTATE: the calling thread has not locked it with this context. */
int HAP_compute_res_hmx_unlock(unsigned int context_id) FRPC_DSP_SIDE(compute_resource_hmx_unlock);
/* 1: somebody waits for what this context holds. */
int HAP_compute_res_check_release_request(unsigned int context_id)
	FRPC_DSP_SIDE(compute_resource_check_release_request);

#ifdef __cplusplus
}
#endif

#endif
