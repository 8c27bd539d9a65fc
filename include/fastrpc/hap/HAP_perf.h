/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Time and cycles. The Q timer runs at 19.2 MHz. A host has no processor cycles of a DSP: on the
 * emulator they are nanoseconds, that is, a processor of 1 GHz.
 */
#ifndef HAP_PERF_H
#define HAP_PERF_H

#include <stdint.h>

#include "dsp_side.h"

#ifdef __cplusplus
extern "C" {
#endif

uint64_t HAP_perf_get_pcycles(void) FRPC_DSP_SIDE(HAP_perf_get_pcycles);
uint64_t HAP_perf_get_qtimer_count(void) FRPC_DSP_SIDE(HAP_perf_get_qtimer_count);
uint64_t HAP_perf_qtimer_count_to_us(uint64_t count) FRPC_DSP_SIDE(HAP_perf_qtimer_count_to_us);

static inline uint64_t HAP_perf_get_time_us(void)
{
	return HAP_perf_get_qtimer_count() * 10 / 192;
}

/* Sleeps at least @sleep_duration microseconds. 0. */
int HAP_timer_sleep(unsigned long long sleep_duration) FRPC_DSP_SIDE(HAP_timer_sleep);

#ifdef __cplusplus
}
#endif

#endif
