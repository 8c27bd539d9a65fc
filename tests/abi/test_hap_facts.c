/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The DSP side's headers against what is known of the device's: numbers, sizes and places, written
 * down here once more and not taken from the headers.
 */
#define FASTRPC_SKEL
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "HAP_compute_res.h"
#include "HAP_debug.h"
#include "HAP_farf.h"
#include "HAP_mem.h"
#include "HAP_perf.h"
#include "HAP_power.h"
#include "HAP_user_pd.h"
#include "qurt.h"

static const struct {
	const char *name;
	long long ours, expected;
} numbers[] = {
#define IS(name, value)                         \
	{                                       \
#name, (long long)(name), value \
	}
	/* levels of messages */
	IS(HAP_LEVEL_LOW, 0),
	IS(HAP_LEVEL_MEDIUM, 1),
	IS(HAP_LEVEL_HIGH, 2),
	IS(HAP_LEVEL_ERROR, 3),
	IS(HAP_LEVEL_FATAL, 4),
	IS(HAP_LEVEL_CRITICAL, 5),
	IS(HAP_LEVEL_RPC_LOW, 16),
	IS(HAP_LEVEL_RPC_HIGH, 18),
	/* memory */
	IS(HAP_PROT_READ, 1),
	IS(HAP_PROT_WRITE, 2),
	IS(HAP_PROT_EXEC, 4),
	IS(HAP_MEM_CACHE_WRITEBACK, 0x10),
	IS(HAP_MEM_CACHE_NON_SHARED, 0x20),
	IS(HAP_MEM_CACHE_WRITETHROUGH, 0x40),
	IS(REQUEST_MEM_LOG_BLOCKS, 1),
	IS(REQUEST_MEM_MARKER, 2),
	IS(REQUEST_MAP, 3),
	IS(REQUEST_UNMAP, 4),
	IS(REQUEST_RESERVE_VA, 5),
	IS(REQUEST_UNRESERVE_VA, 6),
	IS(sizeof(struct HAP_mem_stats), 40),
	IS(offsetof(struct HAP_mem_stats, bytes_used), 8),
	IS(offsetof(struct HAP_mem_stats, min_grow_bytes), 32),
	IS(offsetof(hap_mem_request_payload_t, map.addr), 8),
	IS(offsetof(hap_mem_request_payload_t, map.len), 16),
	IS(offsetof(hap_mem_request_payload_t, map.prot), 24),
	IS(offsetof(hap_mem_request_payload_t, map.flags), 28),
	IS(offsetof(hap_mem_request_payload_t, map.fd), 32),
	IS(offsetof(hap_mem_request_payload_t, map.dsp_pa), 40),
	IS(offsetof(hap_mem_request_payload_t, map.dsp_va), 48),
	IS(offsetof(hap_mem_request_payload_t, unmap.va), 8),
	IS(offsetof(hap_mem_request_payload_t, unmap.len), 16),
	IS(offsetof(hap_mem_request_payload_t, reserve.len), 8),
	IS(offsetof(hap_mem_request_payload_t, reserve.prot), 16),
	IS(offsetof(hap_mem_request_payload_t, reserve.flags), 20),
	IS(offsetof(hap_mem_request_payload_t, reserve.va), 24),
	IS(offsetof(hap_mem_request_payload_t, unreserve.va), 8),
	IS(offsetof(hap_mem_request_payload_t, unreserve.len), 16),
	/* power */
	IS(HAP_power_set_mips_bw, 1),
	IS(HAP_power_set_HVX, 2),
	IS(HAP_power_set_apptype, 3),
	IS(HAP_power_set_linelock, 4),
	IS(HAP_power_set_DCVS, 5),
	IS(HAP_power_set_linelock_nothrottle, 6),
	IS(HAP_power_set_DCVS_v2, 7),
	IS(HAP_power_set_vapss, 8),
	IS(HAP_power_set_vapss_v2, 9),
	IS(HAP_power_set_dcvs_v2_update, 10),
	IS(HAP_power_set_streamer, 11),
	IS(HAP_power_set_DCVS_v3, 12),
	IS(HAP_power_set_HMX, 13),
	IS(HAP_power_get_max_mips, 1),
	IS(HAP_power_get_max_bus_bw, 2),
	IS(HAP_power_get_client_class, 3),
	IS(HAP_power_get_clk_Freq, 4),
	IS(HAP_power_get_aggregateAVSMpps, 5),
	IS(HAP_power_get_dcvsEnabled, 6),
	IS(HAP_power_get_vapss_core_clk_Freq, 7),
	IS(HAP_POWER_ERR_UNKNOWN, -1),
	IS(HAP_POWER_ERR_INVALID_PARAM, -2),
	IS(HAP_POWER_ERR_UNSUPPORTED_API, -3),
	/* compute resources */
	IS(HAP_COMPUTE_RES_NOT_SUPPORTED, 0x80000404LL),
	IS(sizeof(compute_res_attr_t), 64),
	/* itself */
	IS(HAP_USERPD_PID, 1),
	/* QuRT */
	IS(QURT_HVX_MODE_64B, 0),
	IS(QURT_HVX_MODE_128B, 1),
	IS(sizeof(qurt_thread_t), 4),
	IS(sizeof(qurt_mutex_t), 16),
	IS(sizeof(qurt_rmutex2_t), 16),
	IS(sizeof(qurt_barrier_t), 16),
	IS(sizeof(qurt_signal_t), 16),
	IS(sizeof(qurt_anysignal_t), 16),
	IS(sizeof(qurt_cond_t), 16),
	IS(sizeof(qurt_sem_t), 16),
	IS(_Alignof(qurt_mutex_t), _Alignof(uint64_t)),
	IS(_Alignof(qurt_barrier_t), _Alignof(uint64_t)),
	IS(_Alignof(qurt_signal_t), _Alignof(uint64_t)),
	IS(_Alignof(qurt_cond_t), _Alignof(uint64_t)),
	IS(_Alignof(qurt_sem_t), 8),
	IS(offsetof(qurt_thread_attr_t, tcb_partition), 16),
	IS(offsetof(qurt_thread_attr_t, priority), 18),
	IS(offsetof(qurt_thread_attr_t, stack_size), 24),
	/* its pointer is as wide as the host's: what follows lies elsewhere than on the DSP */
	IS(offsetof(qurt_thread_attr_t, stack_addr), sizeof(void *) == 8 ? 32 : 28),
	IS(sizeof(qurt_thread_attr_t), sizeof(void *) == 8 ? 48 : 36),
};

static void every_number_is_the_devices(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (numbers[i].ours != numbers[i].expected)
			fail_msg("%s is %lld, not %lld", numbers[i].name, numbers[i].ours,
				 numbers[i].expected);
}

static void a_mutex_may_be_initialised_where_it_is_defined(void **state)
{
	static const qurt_mutex_t mutex = QURT_MUTEX_INIT;
	static const uint32_t words[4] = {0xfe, 0, 0x1f, 0};

	(void)state;
	assert_memory_equal(&mutex, words, sizeof(words));
}

/* Shapes: each assignment fails to compile if the declaration is another one. */
static void functions_have_the_shapes_that_skels_call(void **state)
{
	void *(*map)(void *, int, int, int, int, long) = HAP_mmap;
	int (*unmap)(void *, int) = HAP_munmap;
	void *(*map2)(void *, size_t, int, int, int, long) = HAP_mmap2;
	int (*map_get)(int, void **, uint64_t *) = HAP_mmap_get;
	int (*info)(int, uint32_t *) = adsp_mmap_fd_getinfo;
	uint64_t (*to_us)(uint64_t) = HAP_perf_qtimer_count_to_us;
	unsigned int (*acquire)(compute_res_attr_t *, unsigned int) = HAP_compute_res_acquire;
	int (*create)(qurt_thread_t *, qurt_thread_attr_t *, void (*)(void *), void *) =
		qurt_thread_create;
	int (*join)(unsigned int, int *) = qurt_thread_join;
	int (*barrier)(qurt_barrier_t *, unsigned int) = qurt_barrier_init;
	unsigned int (*set)(qurt_anysignal_t *, unsigned int) = qurt_anysignal_set;

	(void)state;
	assert_true(map && unmap && map2 && map_get && info && to_us && acquire && create && join &&
		    barrier && set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_is_the_devices),
		cmocka_unit_test(a_mutex_may_be_initialised_where_it_is_defined),
		cmocka_unit_test(functions_have_the_shapes_that_skels_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
