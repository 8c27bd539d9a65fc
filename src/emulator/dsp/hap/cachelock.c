/* SPDX-License-Identifier: BSD-3-Clause */
/* Locked cache: memory of the host out of the DSP's budget; what a process leaves goes with it. */
#define FASTRPC_SKEL 1

#include <stdlib.h>

#include "AEEStdErr.h"
#include "hap.h"
#include "sysmon_cachelock.h"

#define LINE 128u

struct emu_hap_locked {
	struct emu_hap_locked *next;
	void *bytes;
	uint32_t size;
};

static struct emu_hap_locked *take(struct emu_hap *hap, uint32_t size)
{
	struct emu_hap_locked *locked = calloc(1, sizeof(*locked));

	if (!locked || !emu_vtcm_take_cache(hap->config.vtcm, size)) {
		free(locked);
		return NULL;
	}
	locked->size = size;
	if (posix_memalign(&locked->bytes, LINE, size)) {
		emu_vtcm_give_cache(hap->config.vtcm, size);
		free(locked);
		return NULL;
	}
	return locked;
}

void *HAP_cache_lock(unsigned int size, uint64_t *paddr)
{
	struct emu_hap *hap = emu_hap_current();
	struct emu_hap_locked *locked;
	void *bytes;

	if (!hap || !size || size > emu_vtcm_cache_total(hap->config.vtcm))
		return NULL;
	locked = take(hap, (size + LINE - 1) & ~(LINE - 1));
	if (!locked)
		return NULL;
	bytes = locked->bytes;
	pthread_mutex_lock(&hap->lock);
	locked->next = hap->locked;
	hap->locked = locked;
	pthread_mutex_unlock(&hap->lock);
	if (paddr)
		*paddr = (uintptr_t)bytes;
	return bytes;
}

/* What lies at @address, or with NULL anything. False: nothing. */
static bool unlock(struct emu_hap *hap, const void *address)
{
	struct emu_hap_locked **at, *locked;

	pthread_mutex_lock(&hap->lock);
	at = &hap->locked;
	while (*at && address && (*at)->bytes != address)
		at = &(*at)->next;
	locked = *at;
	if (locked)
		*at = locked->next;
	pthread_mutex_unlock(&hap->lock);
	if (!locked)
		return false;
	emu_vtcm_give_cache(hap->config.vtcm, locked->size);
	free(locked->bytes);
	free(locked);
	return true;
}

int HAP_cache_unlock(void *address)
{
	struct emu_hap *hap = emu_hap_current();

	return hap && address && unlock(hap, address) ? AEE_SUCCESS : AEE_EBADPARM;
}

void emu_hap_cache_free(struct emu_hap *hap)
{
	while (unlock(hap, NULL))
		;
}

int HAP_query_avail_cachelock(void)
{
	struct emu_hap *hap = emu_hap_current();

	return hap ? (int)emu_vtcm_cache_available(hap->config.vtcm) : 0;
}

int HAP_query_total_cachelock(void)
{
	struct emu_hap *hap = emu_hap_current();

	return hap ? (int)emu_vtcm_cache_total(hap->config.vtcm) : 0;
}
