/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory that is held in the L2 cache. On the emulator: memory of the host, out of one budget a
 * DSP. Unsigned processes may lock none, as on devices.
 */
#ifndef SYSMON_CACHELOCK_H
#define SYSMON_CACHELOCK_H

#include <stdint.h>

#include "dsp_side.h"

#ifdef __cplusplus
extern "C" {
#endif

/* @size bytes; NULL: not so many left. *@paddr (optional) gets an address for them. */
void *HAP_cache_lock(unsigned int size, uint64_t *paddr) FRPC_DSP_SIDE(HAP_cache_lock);
int HAP_cache_unlock(void *address) FRPC_DSP_SIDE(HAP_cache_unlock);
/*
 * The same for @size bytes at @address, both multiples of 128, which the skel has. An address is as
 * wide as the host's. AEE_ENOMEMORY: not so many left; AEE_EUNSUPPORTED: an unsigned process;
 * AEE_EBADPARM.
 */
int HAP_cache_lock_addr(uintptr_t address, unsigned int size) FRPC_DSP_SIDE(HAP_cache_lock_addr);
/* Of what was locked so. AEE_EBADPARM: nothing. */
int HAP_cache_unlock_addr(uintptr_t address, unsigned int size)
	FRPC_DSP_SIDE(HAP_cache_unlock_addr);
int HAP_query_avail_cachelock(void) FRPC_DSP_SIDE(HAP_query_avail_cachelock);
int HAP_query_total_cachelock(void) FRPC_DSP_SIDE(HAP_query_total_cachelock);

#ifdef __cplusplus
}
#endif

#endif
