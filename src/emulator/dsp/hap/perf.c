/* SPDX-License-Identifier: BSD-3-Clause */
/* HAP_perf and the system clock: the host's monotonic clock in a DSP's units. */
#define FASTRPC_SKEL 1

#include <errno.h>
#include <time.h>

#include "HAP_perf.h"
#include "hap.h"
#include "park.h"
#include "qurt_thread.h"
#include "qurt_timer.h"

static uint64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t HAP_perf_get_pcycles(void)
{
	return nanoseconds();
}

/* 19.2 MHz: 96 ticks in 5000 ns. In two steps, so that nothing overflows. */
uint64_t HAP_perf_get_qtimer_count(void)
{
	uint64_t now = nanoseconds();

	return now / 5000 * 96 + now % 5000 * 96 / 5000;
}

uint64_t HAP_perf_qtimer_count_to_us(uint64_t count)
{
	return count / 192 * 10 + count % 192 * 10 / 192;
}

/* A wait that nobody ends but time, or the end of the process. */
static void sleep_us(uint64_t us)
{
	struct emu_parked parked = {0};
	struct emu_lot *lot = emu_lot_lock(&parked);

	emu_lot_enter(lot, &parked, &parked);
	emu_lot_wait(lot, &parked, us < EMU_PARK_FOREVER ? us : EMU_PARK_FOREVER - 1);
	emu_lot_unlock(lot);
}

int HAP_timer_sleep(unsigned long long sleep_duration)
{
	sleep_us(sleep_duration);
	return 0;
}

void qurt_sleep(unsigned long usec)
{
	sleep_us(usec);
}

int qurt_timer_sleep(qurt_timer_duration_t duration)
{
	if (duration < QURT_TIMER_MIN_DURATION || duration > QURT_TIMER_MAX_DURATION)
		return QURT_EVAL;
	sleep_us(duration);
	return QURT_EOK;
}

qurt_time_t qurt_sysclock_get_hw_ticks(void)
{
	return HAP_perf_get_qtimer_count();
}

unsigned long long int qurt_get_core_pcycles(void)
{
	return HAP_perf_get_pcycles();
}
