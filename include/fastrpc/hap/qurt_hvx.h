/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The right to use vector units. A DSP has a few contexts for all its threads; on the emulator
 * nothing needs one, but they are counted as on the DSP, so that code which takes too many is
 * found.
 */
#ifndef QURT_HVX_H
#define QURT_HVX_H

#include "qurt_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
	QURT_HVX_MODE_64B = 0,
	QURT_HVX_MODE_128B = 1,
} qurt_hvx_mode_t;

#define QURT_HVX_RESERVE_ALL_AVAILABLE 0

/* Waits for a context. QURT_EOK; QURT_EVAL: no such mode; QURT_ENOTALLOWED: held in another one. */
int qurt_hvx_lock(qurt_hvx_mode_t lock_mode) FRPC_DSP_SIDE(qurt_hvx_lock);
/* QURT_EOK; QURT_EFAILED: all are taken. */
int qurt_hvx_try_lock(qurt_hvx_mode_t lock_mode) FRPC_DSP_SIDE(qurt_hvx_try_lock);
/* QURT_EOK; QURT_EFAILED: this thread holds none. */
int qurt_hvx_unlock(void) FRPC_DSP_SIDE(qurt_hvx_unlock);
/* The mode of the calling thread's context; -1: it has none. */
int qurt_hvx_get_mode(void) FRPC_DSP_SIDE(qurt_hvx_get_mode);
/* Bits 8..15: contexts of 128 bytes; bits 0..7: of 64 bytes. -1: this DSP has none. */
int qurt_hvx_get_units(void) FRPC_DSP_SIDE(qurt_hvx_get_units);
/* Keeps @num_units contexts for this process (0: all free ones). How many it got, or -1. */
int qurt_hvx_reserve(int num_units) FRPC_DSP_SIDE(qurt_hvx_reserve);
int qurt_hvx_cancel_reserve(void) FRPC_DSP_SIDE(qurt_hvx_cancel_reserve);

#ifdef __cplusplus
}
#endif

#endif
