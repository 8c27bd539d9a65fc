/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The older interface to the DSP's fast local memory (VTCM); HAP_compute_res.h has the newer one.
 */
#ifndef HAP_VTCM_MGR_H
#define HAP_VTCM_MGR_H

#include "dsp_side.h"

#ifdef __cplusplus
extern "C" {
#endif

/* @size bytes, in one page if @single_page_flag; NULL if there are not so many free now. */
void *HAP_request_VTCM(unsigned int size, unsigned int single_page_flag)
	FRPC_DSP_SIDE(HAP_request_VTCM);
/* The same, waiting up to @timeout_us for others to release some. */
void *HAP_request_async_VTCM(unsigned int size, unsigned int single_page_flag,
			     unsigned int timeout_us) FRPC_DSP_SIDE(HAP_request_async_VTCM);
/* AEE_EBADPARM: no such piece; what has a compute resource context is released with that. */
int HAP_release_VTCM(void *address) FRPC_DSP_SIDE(HAP_release_VTCM);
int HAP_query_total_VTCM(unsigned int *page_size, unsigned int *page_count)
	FRPC_DSP_SIDE(HAP_query_total_VTCM);
int HAP_query_avail_VTCM(unsigned int *avail_block_size, unsigned int *max_page_size,
			 unsigned int *num_pages) FRPC_DSP_SIDE(HAP_query_avail_VTCM);

#ifdef __cplusplus
}
#endif

#endif
