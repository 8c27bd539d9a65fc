/* SPDX-License-Identifier: BSD-3-Clause */
/* Locked cache: memory of the host out of the DSP's budget; what a process leaves goes with it. */
#define FASTRPC_SKEL 1

#include <stdlib.h>

#include "AEEStdErr.h"
#include "hap.h"
#include "qurt_memory.h"
#include "sysmon_cachelock.h"

#define LINE 128u

struct emu_hap_locked {
	struct emu_hap_locked *next;
	void *bytes;
	uint32_t size;
	bool borrowed; /* the skel's own memory */
};

static void enlist(struct emu_hap *hap, struct emu_hap_locked *locked)
{
	pthread_mutex_lock(&hap->lock);
	locked->next = hap->locked;
	hap->locked = locked;
	pthread_mutex_unlock(&hap->lock);
}

/* @bytes NULL: memory of ours. */
static struct emu_hap_locked *take(struct emu_hap *hap, void *bytes, uint32_t size)
{
	struct emu_hap_locked *locked = calloc(1, sizeof(*locked));

	if (!locked || !emu_vtcm_take_cache(hap->config.vtcm, size)) {
		free(locked);
		return NULL;
	}
	locked->size = size;
	locked->bytes = bytes;
	locked->borrowed = bytes != NULL;
	if (!bytes && posix_memalign(&locked->bytes, LINE, size)) {
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

	if (!hap || !size || hap->config.is_unsigned ||
	    size > emu_vtcm_cache_total(hap->config.vtcm))
		return NULL;
	locked = take(hap, NULL, (size + LINE - 1) & ~(LINE - 1));
	if (!locked)
		return NULL;
	bytes = locked->bytes;
	enlist(hap, locked);
	if (paddr)
		*paddr = (uintptr_t)bytes;
	return bytes;
}

static bool is_locked(const struct emu_hap_locked *locked, const void *address, uint32_t size)
{
	return locked->bytes == address && locked->borrowed == (size != 0) &&
	       (!size || locked->size == size);
}

/*
 * What HAP_cache_lock() has given at @address, or with @size the skel's own memory that was locked there;
 * with NULL anything. False: nothing.
 */
static bool unlock(struct emu_hap *hap, const void *address, uint32_t size)
{
	struct emu_hap_locked **at, *locked;

	pthread_mutex_lock(&hap->lock);
	at = &hap->locked;
	while (*at && address && !is_locked(*at, address, size))
		at = &(*at)->next;
	locked = *at;
	if (locked)
		*at = locked->next;
	pthread_mutex_unlock(&hap->lock);
	if (!locked)
		return false;
	emu_vtcm_give_cache(hap->config.vtcm, locked->size);
	if (!locked->borrowed)
		free(locked->bytes);
	free(locked);
	return true;
}

int HAP_cache_unlock(void *address)
{
	struct emu_hap *hap = emu_hap_current();

	return hap && address && unlock(hap, address, 0) ? AEE_SUCCESS : AEE_EBADPARM;
}

/* Whole lines, as the DSP locks them. QURT_* */
static int lock_range(uintptr_t address, uint64_t size)
{
	struct emu_hap *hap = emu_hap_current();
	struct emu_hap_locked *locked;

	if (!hap || !address || !size || (address | size) % LINE)
		return QURT_EVAL;
	if (hap->config.is_unsigned)
		return QURT_ENOTALLOWED;
	if (size > emu_vtcm_cache_total(hap->config.vtcm))
		return QURT_EMEM;
	locked = take(hap, (void *)address, (uint32_t)size);
	if (!locked)
		return QURT_EMEM;
	enlist(hap, locked);
	return QURT_EOK;
}

static int unlock_range(uintptr_t address, uint64_t size)
{
	struct emu_hap *hap = emu_hap_current();

	if (!hap || !address || !size || size > UINT32_MAX)
		return QURT_EVAL;
	return unlock(hap, (void *)address, (uint32_t)size) ? QURT_EOK : QURT_EVAL;
}

int qurt_mem_l2cache_line_lock(qurt_addr_t addr, qurt_size_t size)
{
	return lock_range(addr, size);
}

int qurt_mem_l2cache_line_unlock(qurt_addr_t addr, qurt_size_t size)
{
	return unlock_range(addr, size);
}

static int code_of(int res)
{
	return res == QURT_EOK		 ? AEE_SUCCESS
	       : res == QURT_EMEM	 ? AEE_ENOMEMORY
	       : res == QURT_ENOTALLOWED ? AEE_EUNSUPPORTED
					 : AEE_EBADPARM;
}

int HAP_cache_lock_addr(uintptr_t address, unsigned int size)
{
	return code_of(lock_range(address, size));
}

int HAP_cache_unlock_addr(uintptr_t address, unsigned int size)
{
	return code_of(unlock_range(address, size));
}

void emu_hap_cache_free(struct emu_hap *hap)
{
	while (unlock(hap, NULL, 0))
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
