/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory that is held in the L2 cache. On the emulator: memory of the host, out of one budget a DSP. */
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
int HAP_query_avail_cachelock(void) FRPC_DSP_SIDE(HAP_query_avail_cachelock);
int HAP_query_total_cachelock(void) FRPC_DSP_SIDE(HAP_query_total_cachelock);

#ifdef __cplusplus
}
#endif

#endif
