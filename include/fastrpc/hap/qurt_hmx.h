/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The right to use the matrix unit. A DSP has one for all its threads, if it has any; on the
 * emulator (FRPC_EMULATOR=attr7=1) nothing computes with it, but one thread has it at a time, as on
 * the DSP.
 */
#ifndef QURT_HMX_H
#define QURT_HMX_H

#include "qurt_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Waits for the unit; each lock of a thread wants its unlock. QURT_EFATAL: this DSP has none;
 * QURT_EFAILED: this thread has it for a compute resource already.
 */
int qurt_hmx_lock(void) FRPC_DSP_SIDE(qurt_hmx_lock);
/* The same; QURT_EFAILED also if another thread has it. */
int qurt_hmx_try_lock(void) FRPC_DSP_SIDE(qurt_hmx_try_lock);
/* QURT_EFAILED: this thread has not locked it. */
int qurt_hmx_unlock(void) FRPC_DSP_SIDE(qurt_hmx_unlock);

#ifdef __cplusplus
}
#endif

#endif
