/* SPDX-License-Identifier: BSD-3-Clause */
/* What the QuRT headers share: results and sizes. */
#ifndef QURT_TYPES_H
#define QURT_TYPES_H

#include <stdint.h>

#include "dsp_side.h"

#define QURT_EOK	 0
#define QURT_EVAL	 1 /* a value is wrong */
#define QURT_EMEM	 2 /* no memory */
#define QURT_EINVALID	 4 /* an object is wrong */
#define QURT_EFAILED	 12
#define QURT_ENOTALLOWED 13
#define QURT_ENOTHREAD	 20 /* no such thread */
#define QURT_ETIMEDOUT	 42
#define QURT_ECANCEL	 43
#define QURT_EFATAL	 -1

#define QURT_TIME_NO_WAIT      0x00000000u
#define QURT_TIME_WAIT_FOREVER 0xffffffffu

typedef unsigned long long qurt_time_t; /* sysclock ticks of 19.2 MHz */
typedef unsigned int qurt_paddr_t;
typedef unsigned int qurt_mem_region_t;

#endif
