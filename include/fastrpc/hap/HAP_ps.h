/* SPDX-License-Identifier: BSD-3-Clause */
/* DSP processes and their threads. */
#ifndef HAP_PS_H
#define HAP_PS_H

#include <stdint.h>

#include "HAP_user_pd.h"
#include "dsp_side.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Tells the CPU that the call on thread @tid will end in @us microseconds. AEE_EUNSUPPORTED on the
 * emulator: a test has its DSP say so (FRPC_EMULATOR_USER_EARLY).
 */
int HAP_send_early_signal(uint32_t tid, uint32_t us) FRPC_DSP_SIDE(HAP_send_early_signal);

#ifdef __cplusplus
}
#endif

#endif
