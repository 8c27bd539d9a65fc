/* SPDX-License-Identifier: BSD-3-Clause */
/* Locked cache: memory of the host out of a budget; what a process leaves goes with it. */
#define FASTRPC_SKEL 1

#include <stdlib.h>

#include "AEEStdErr.h"
#include "hap.h"
#include "sysmon_cachelock.h"

#define BUDGET (512u << 10)
#define LINE   128u

struct locked {
	struct locked *next;
	void *bytes;
	uint32_t size;
	const struct emu_hap *hap;
};

static struct {
	pthread_mutex_t lock;
	struct locked *first;
	uint32_t used;
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

void *HAP_cache_lock(unsigned int size, uint64_t *paddr)
{
	struct emu_hap *hap = emu_hap_current();
	struct locked *locked;
	void *bytes = NULL;

	if (!hap || !size || size > BUDGET)
		return NULL;
	size = (size + LINE - 1) & ~(LINE - 1);
	locked = calloc(1, sizeof(*locked));
	pthread_mutex_lock(&cache.lock);
	if (locked && size <= BUDGET - cache.used && !posix_memalign(&bytes, LINE, size)) {
		*locked = (struct locked){cache.first, bytes, size, hap};
		cache.first = locked;
		cache.used += size;
		locked = NULL;
	} else {
		bytes = NULL;
	}
	pthread_mutex_unlock(&cache.lock);
	free(locked);
	if (bytes && paddr)
		*paddr = (uintptr_t)bytes;
	return bytes;
}

static bool unlock(const struct emu_hap *hap, const void *address)
{
	struct locked **at, *locked;

	pthread_mutex_lock(&cache.lock);
	at = &cache.first;
	while (*at && ((*at)->hap != hap || (address && (*at)->bytes != address)))
		at = &(*at)->next;
	locked = *at;
	if (locked) {
		*at = locked->next;
		cache.used -= locked->size;
	}
	pthread_mutex_unlock(&cache.lock);
	if (!locked)
		return false;
	free(locked->bytes);
	free(locked);
	return true;
}

int HAP_cache_unlock(void *address)
{
	struct emu_hap *hap = emu_hap_current();

	return hap && address && unlock(hap, address) ? AEE_SUCCESS : AEE_EBADPARM;
}

void emu_hap_cache_free(const struct emu_hap *hap)
{
	while (unlock(hap, NULL))
		;
}

int HAP_query_avail_cachelock(void)
{
	uint32_t used;

	pthread_mutex_lock(&cache.lock);
	used = cache.used;
	pthread_mutex_unlock(&cache.lock);
	return (int)(BUDGET - used);
}

int HAP_query_total_cachelock(void)
{
	return (int)BUDGET;
}
