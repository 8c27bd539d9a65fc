/* SPDX-License-Identifier: BSD-3-Clause */
/* The older VTCM interface: pieces by their addresses. */
#define FASTRPC_SKEL 1

#include <errno.h>

#include "AEEStdErr.h"
#include "HAP_vtcm_mgr.h"
#include "hap.h"

static int acquire(struct emu_hap *hap, const struct emu_vtcm_request *request,
		   unsigned int timeout_us, struct emu_vtcm_grant *grant)
{
	int res =
		emu_vtcm_acquire(hap->config.vtcm, hap, request, 0, timeout_us, &hap->ended, grant);

	if (res == -ECANCELED)
		emu_hap_escape();
	return res;
}

void *HAP_request_async_VTCM(unsigned int size, unsigned int single_page_flag,
			     unsigned int timeout_us)
{
	struct emu_hap *hap = emu_hap_current();
	const struct emu_vtcm_request request = {
		.size = size,
		.least = size,
		.priority = emu_hap_thread_priority(),
	};
	struct emu_vtcm_grant grant;

	(void)single_page_flag; /* every piece is one page */
	if (!hap || !size || acquire(hap, &request, timeout_us, &grant))
		return NULL;
	return grant.bytes;
}

void *HAP_request_VTCM(unsigned int size, unsigned int single_page_flag)
{
	return HAP_request_async_VTCM(size, single_page_flag, 0);
}

int HAP_release_VTCM(void *address)
{
	struct emu_hap *hap = emu_hap_current();

	if (!hap || !address || emu_vtcm_release_at(hap->config.vtcm, hap, address))
		return AEE_EBADPARM;
	return AEE_SUCCESS;
}

int HAP_query_total_VTCM(unsigned int *page_size, unsigned int *page_count)
{
	struct emu_hap *hap = emu_hap_current();

	if (!hap || !page_size || !page_count)
		return AEE_EBADPARM;
	*page_size = emu_vtcm_total(hap->config.vtcm);
	*page_count = *page_size != 0;
	return AEE_SUCCESS;
}

int HAP_query_avail_VTCM(unsigned int *avail_block_size, unsigned int *max_page_size,
			 unsigned int *num_pages)
{
	struct emu_hap *hap = emu_hap_current();

	if (!hap || !avail_block_size || !max_page_size || !num_pages)
		return AEE_EBADPARM;
	*avail_block_size = *max_page_size = emu_vtcm_available(hap->config.vtcm);
	*num_pages = *max_page_size != 0;
	return AEE_SUCCESS;
}
