/* SPDX-License-Identifier: BSD-3-Clause */
/* Compute resources: attribute objects, and the contexts that are made of them. */
#define FASTRPC_SKEL 1

#include <errno.h>
#include <string.h>

#include "HAP_compute_res.h"
#include "contexts.h"
#include "hap.h"
#include "hmx.h"

#define ATTR_MAGIC 0x43524154u

/* What an attribute object holds. */
struct attributes {
	uint32_t magic;
	uint32_t size, least;
	uint8_t serialize, hmx, cached, pad;
	uint32_t app_type;
	uint32_t context, got_size;
	void *got;
	compute_res_release_fn release;
	void *release_context;
};

_Static_assert(sizeof(struct attributes) <= sizeof(compute_res_attr_t), "compute_res_attr_t");

/* Copied in and out: the object's type is an array of numbers. */
static bool load(const compute_res_attr_t *attr, struct attributes *attributes)
{
	if (!attr)
		return false;
	memcpy(attributes, attr, sizeof(*attributes));
	return attributes->magic == ATTR_MAGIC;
}

static void store(compute_res_attr_t *attr, const struct attributes *attributes)
{
	memcpy(attr, attributes, sizeof(*attributes));
}

int HAP_compute_res_attr_init(compute_res_attr_t *attr)
{
	const struct attributes fresh = {.magic = ATTR_MAGIC};

	if (!attr)
		return AEE_EBADPARM;
	memset(attr, 0, sizeof(*attr));
	store(attr, &fresh);
	return AEE_SUCCESS;
}

int HAP_compute_res_attr_set_serialize(compute_res_attr_t *attr, unsigned char serialize)
{
	struct attributes attributes;

	if (!load(attr, &attributes))
		return AEE_EBADPARM;
	attributes.serialize = serialize != 0;
	store(attr, &attributes);
	return AEE_SUCCESS;
}

int HAP_compute_res_attr_set_vtcm_param_v2(compute_res_attr_t *attr, unsigned int vtcm_size,
					   unsigned int min_page_size, unsigned int min_vtcm_size)
{
	struct attributes attributes;

	/* Every grant is one piece, as long as the largest page could be. */
	if (!load(attr, &attributes) || min_vtcm_size > vtcm_size ||
	    (min_page_size & (min_page_size - 1)))
		return AEE_EBADPARM;
	attributes.size = vtcm_size;
	attributes.least = min_vtcm_size;
	store(attr, &attributes);
	return AEE_SUCCESS;
}

int HAP_compute_res_attr_set_vtcm_param(compute_res_attr_t *attr, unsigned int vtcm_size,
					unsigned char single_page)
{
	(void)single_page;
	return HAP_compute_res_attr_set_vtcm_param_v2(attr, vtcm_size, 0, vtcm_size);
}

int HAP_compute_res_attr_set_hmx_param(compute_res_attr_t *attr, unsigned char use_hmx)
{
	struct emu_hap *hap = emu_hap_current();
	struct attributes attributes;

	if (!load(attr, &attributes))
		return AEE_EBADPARM;
	if (use_hmx && (!hap || !emu_hap_has_hmx(hap)))
		return HAP_COMPUTE_RES_NOT_SUPPORTED;
	attributes.hmx = use_hmx != 0;
	store(attr, &attributes);
	return AEE_SUCCESS;
}

int HAP_compute_res_attr_set_cache_mode(compute_res_attr_t *attr, unsigned char cache)
{
	struct attributes attributes;

	if (!load(attr, &attributes))
		return AEE_EBADPARM;
	attributes.cached = cache != 0;
	store(attr, &attributes);
	return AEE_SUCCESS;
}

int HAP_compute_res_attr_set_app_type(compute_res_attr_t *attr, unsigned int application_type)
{
	struct attributes attributes;

	if (!load(attr, &attributes))
		return AEE_EBADPARM;
	attributes.app_type = application_type;
	store(attr, &attributes);
	return AEE_SUCCESS;
}

int HAP_compute_res_attr_set_release_callback(compute_res_attr_t *attr,
					      compute_res_release_fn release_callback,
					      void *client_context)
{
	struct attributes attributes;

	if (!load(attr, &attributes) || !release_callback)
		return AEE_EBADPARM;
	attributes.release = release_callback;
	attributes.release_context = client_context;
	store(attr, &attributes);
	return AEE_SUCCESS;
}

int HAP_compute_res_attr_get_vtcm_ptr_v2(compute_res_attr_t *attr, void **vtcm_ptr,
					 unsigned int *vtcm_size)
{
	struct attributes attributes;

	if (!load(attr, &attributes) || !vtcm_ptr || !vtcm_size)
		return AEE_EBADPARM;
	if (!attributes.got)
		return AEE_ERESOURCENOTFOUND;
	*vtcm_ptr = attributes.got;
	*vtcm_size = attributes.got_size;
	return AEE_SUCCESS;
}

void *HAP_compute_res_attr_get_vtcm_ptr(compute_res_attr_t *attr)
{
	struct attributes attributes;

	return load(attr, &attributes) ? attributes.got : NULL;
}

static void set_layout(compute_res_vtcm_page_t *layout, unsigned int size)
{
	if (!layout)
		return;
	memset(layout, 0, sizeof(*layout));
	if (!size)
		return;
	layout->page_list_len = 1;
	layout->page_list[0].page_size = size;
	layout->page_list[0].num_pages = 1;
}

int HAP_compute_res_query_VTCM(unsigned int application_id, unsigned int *total_block_size,
			       compute_res_vtcm_page_t *total_block_layout,
			       unsigned int *avail_block_size,
			       compute_res_vtcm_page_t *avail_block_layout)
{
	struct emu_hap *hap = emu_hap_current();
	unsigned int total, available;

	(void)application_id; /* partitions by application: there is one */
	if (!hap)
		return AEE_EBADPARM;
	total = emu_vtcm_total(hap->config.vtcm);
	available = emu_vtcm_available(hap->config.vtcm);
	if (total_block_size)
		*total_block_size = total;
	if (avail_block_size)
		*avail_block_size = available;
	set_layout(total_block_layout, total);
	set_layout(avail_block_layout, available);
	return AEE_SUCCESS;
}

unsigned int HAP_compute_res_acquire(compute_res_attr_t *attr, unsigned int timeout_us)
{
	struct emu_hap *hap = emu_hap_current();
	struct attributes attributes;
	struct emu_vtcm_grant grant;
	struct emu_vtcm_request request;

	if (!hap || !load(attr, &attributes))
		return 0;
	request = (struct emu_vtcm_request){
		.size = attributes.size,
		.least = attributes.least,
		.serialize = attributes.serialize,
		.hmx = attributes.hmx,
		.release = attributes.release,
		.release_context = attributes.release_context,
	};
	if (emu_hap_context_new(hap, &request, attributes.cached, timeout_us, &grant))
		return 0;
	attributes.context = grant.id;
	attributes.got = grant.bytes;
	attributes.got_size = grant.size;
	store(attr, &attributes);
	return grant.id;
}

static int code_of(int res)
{
	switch (res) {
	case 0:
		return AEE_SUCCESS;
	case -ETIMEDOUT:
		return AEE_EEXPIRED;
	case -EBUSY:
	case -EPERM:
		return AEE_EBADSTATE;
	case -ENOMEM:
		return AEE_ENOMEMORY;
	default:
		return AEE_EBADPARM;
	}
}

int HAP_compute_res_release(unsigned int context_id)
{
	struct emu_hap *hap = emu_hap_current();

	return hap ? code_of(emu_hap_context_free(hap, context_id)) : (int)AEE_EBADPARM;
}

int HAP_compute_res_acquire_cached(unsigned int context_id, unsigned int timeout_us)
{
	struct emu_hap *hap = emu_hap_current();

	return hap ? code_of(emu_hap_context_take(hap, context_id, timeout_us)) : (int)AEE_EBADPARM;
}

int HAP_compute_res_release_cached(unsigned int context_id)
{
	struct emu_hap *hap = emu_hap_current();

	return hap ? code_of(emu_hap_context_give(hap, context_id)) : (int)AEE_EBADPARM;
}

int HAP_compute_res_hmx_lock(unsigned int context_id)
{
	struct emu_hap *hap = emu_hap_current();

	if (!hap)
		return AEE_EBADPARM;
	if (!emu_hap_has_hmx(hap))
		return HAP_COMPUTE_RES_NOT_SUPPORTED;
	if (!emu_hap_context_holds_hmx(hap, context_id))
		return AEE_EBADPARM;
	return code_of(emu_hap_hmx_lock(context_id, true));
}

int HAP_compute_res_hmx_unlock(unsigned int context_id)
{
	struct emu_hap *hap = emu_hap_current();

	if (hap && !emu_hap_has_hmx(hap))
		return HAP_COMPUTE_RES_NOT_SUPPORTED;
	return context_id ? code_of(emu_hap_hmx_unlock(context_id)) : (int)AEE_EBADPARM;
}

int HAP_compute_res_check_release_request(unsigned int context_id)
{
	struct emu_hap *hap = emu_hap_current();
	int res = hap ? emu_vtcm_is_wanted(hap->config.vtcm, hap, context_id) : -ENOENT;

	return res > 0;
}
