/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Clock and power votes of a DSP process. A client is any address (NULL: the process's default
 * one). On the emulator votes are checked, kept per client and reported back; no clock follows
 * them.
 */
#ifndef HAP_POWER_H
#define HAP_POWER_H

#include <stdint.h>

#include "AEEStdDef.h"
#include "dsp_side.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HAP_POWER_ERR_UNKNOWN	      -1
#define HAP_POWER_ERR_INVALID_PARAM   -2
#define HAP_POWER_ERR_UNSUPPORTED_API -3

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

typedef enum {
	HAP_power_set_mips_bw = 1,
	HAP_power_set_HVX,
	HAP_power_set_apptype,
	HAP_power_set_linelock,
	HAP_power_set_DCVS,
	HAP_power_set_linelock_nothrottle,
	HAP_power_set_DCVS_v2,
	HAP_power_set_vapss,
	HAP_power_set_vapss_v2,
	HAP_power_set_dcvs_v2_update,
	HAP_power_set_streamer,
	HAP_power_set_DCVS_v3,
	HAP_power_set_HMX,
} HAP_Power_request_type;

typedef struct {
	boolean set_mips;
	unsigned int mipsPerThread;
	unsigned int mipsTotal;
	boolean set_bus_bw;
	uint64_t bwBytePerSec;
	unsigned short busbwUsagePercentage; /* 0..100 */
	boolean set_latency;
	int latency; /* microseconds */
} HAP_power_mips_bw_payload;

typedef struct {
	boolean power_up;
} HAP_power_hvx_payload;

typedef struct {
	boolean power_up;
} HAP_power_hmx_payload;

typedef enum {
	HAP_POWER_UNKNOWN_CLIENT_CLASS = 0x00,
	HAP_POWER_AUDIO_CLIENT_CLASS = 0x01,
	HAP_POWER_VOICE_CLIENT_CLASS = 0x02,
	HAP_POWER_COMPUTE_CLIENT_CLASS = 0x04,
	HAP_POWER_STREAMING_1HVX_CLIENT_CLASS = 0x08,
	HAP_POWER_STREAMING_2HVX_CLIENT_CLASS = 0x10,
} HAP_power_app_type_payload;

typedef enum {
	HAP_DCVS_VCORNER_DISABLE,
	HAP_DCVS_VCORNER_SVS2,
	HAP_DCVS_VCORNER_SVS,
	HAP_DCVS_VCORNER_SVS_PLUS,
	HAP_DCVS_VCORNER_NOM,
	HAP_DCVS_VCORNER_NOM_PLUS,
	HAP_DCVS_VCORNER_TURBO,
	HAP_DCVS_VCORNER_TURBO_PLUS,
	HAP_DCVS_VCORNER_MAX = 255,
} HAP_dcvs_voltage_corner_t;

#define HAP_DCVS_VCORNER_SVSPLUS HAP_DCVS_VCORNER_SVS_PLUS
#define HAP_DCVS_VCORNER_NOMPLUS HAP_DCVS_VCORNER_NOM_PLUS

typedef enum {
	HAP_DCVS_ADJUST_UP_DOWN = 0x1,
	HAP_DCVS_ADJUST_ONLY_UP = 0x2,
} HAP_power_dcvs_payload_option;

typedef enum {
	HAP_DCVS_V2_ADJUST_UP_DOWN = 0x1,
	HAP_DCVS_V2_ADJUST_ONLY_UP = 0x2,
	HAP_DCVS_V2_POWER_SAVER_MODE = 0x4,
	HAP_DCVS_V2_POWER_SAVER_AGGRESSIVE_MODE = 0x8,
	HAP_DCVS_V2_PERFORMANCE_MODE = 0x10,
	HAP_DCVS_V2_DUTY_CYCLE_MODE = 0x20,
} HAP_dcvs_v2_option;

typedef struct {
	boolean dcvs_enable;
	HAP_power_dcvs_payload_option dcvs_option;
} HAP_power_dcvs_payload;

typedef struct {
	HAP_dcvs_voltage_corner_t target_corner;
	HAP_dcvs_voltage_corner_t min_corner;
	HAP_dcvs_voltage_corner_t max_corner;
	uint32_t param1, param2, param3;
} HAP_dcvs_params_t;

typedef struct {
	boolean dcvs_enable;
	HAP_dcvs_v2_option dcvs_option;
	boolean set_latency;
	uint32_t latency; /* microseconds, 10..65535 */
	boolean set_dcvs_params;
	HAP_dcvs_params_t dcvs_params;
} HAP_power_dcvs_v2_payload;

typedef struct {
	boolean set_dcvs_enable;
	boolean dcvs_enable;
	boolean set_dcvs_option;
	HAP_dcvs_v2_option dcvs_option;
	boolean set_latency;
	uint32_t latency;
	boolean set_core_params;
	HAP_dcvs_params_t core_params;
	boolean set_bus_params;
	HAP_dcvs_params_t bus_params;
	boolean set_sleep_disable;
	uint32_t sleep_disable;
} HAP_power_dcvs_v3_payload;

typedef struct {
	HAP_Power_request_type type;
	__extension__ union {
		HAP_power_mips_bw_payload mips_bw;
		HAP_power_hvx_payload hvx;
		HAP_power_app_type_payload apptype;
		HAP_power_dcvs_payload dcvs;
		HAP_power_dcvs_v2_payload dcvs_v2;
		HAP_power_dcvs_v3_payload dcvs_v3;
		HAP_power_hmx_payload hmx;
	};
} HAP_power_request_t;

typedef enum {
	HAP_power_get_max_mips = 1,
	HAP_power_get_max_bus_bw,
	HAP_power_get_client_class,
	HAP_power_get_clk_Freq,
	HAP_power_get_aggregateAVSMpps,
	HAP_power_get_dcvsEnabled,
	/* Of cores that the emulated DSP does not have: unsupported. */
	HAP_power_get_vapss_core_clk_Freq,
	HAP_power_get_dma_core_clk_Freq,
	HAP_power_get_hcp_core_clk_Freq,
	HAP_power_get_streamer_core0_clk_Freq,
	HAP_power_get_streamer_core1_clk_Freq,
} HAP_Power_response_type;

typedef struct {
	HAP_Power_response_type type;
	__extension__ union {
		unsigned int max_mips;
		uint64_t max_bus_bw;
		HAP_power_app_type_payload client_class;
		unsigned int clkFreqHz;
		unsigned int clkMpps;
		boolean dcvsEnabled;
	};
} HAP_power_response_t;

/* 0, or one of HAP_POWER_ERR_*; votes for what the emulated DSP does not have are unsupported. */
int HAP_power_set(void *context, HAP_power_request_t *request) FRPC_DSP_SIDE(HAP_power_set);
int HAP_power_get(void *context, HAP_power_response_t *response) FRPC_DSP_SIDE(HAP_power_get);
/* Forgets the client's votes. */
int HAP_power_destroy_client(void *context) FRPC_DSP_SIDE(HAP_power_destroy_client);

/*
 * The older calls, which vote for the default client: percents of the most there is, or MHz; 0 is
 * no vote. @latency in microseconds.
 */
int HAP_power_request(int clock, int bus, int latency) FRPC_DSP_SIDE(HAP_power_request);
int HAP_power_request_abs(int clock, int bus, int latency) FRPC_DSP_SIDE(HAP_power_request_abs);
/* The most there is, in MHz. */
int HAP_power_get_max_speed(int *clock_max, int *bus_max) FRPC_DSP_SIDE(HAP_power_get_max_speed);
int HVX_power_request(void) FRPC_DSP_SIDE(HVX_power_request);
int HVX_power_release(void) FRPC_DSP_SIDE(HVX_power_release);

static inline int HAP_power_destroy(void *context)
{
	return HAP_power_destroy_client(context);
}

#ifdef __cplusplus
}
#endif

#endif
