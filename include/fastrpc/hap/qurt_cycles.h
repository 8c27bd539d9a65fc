/* SPDX-License-Identifier: BSD-3-Clause */
/* See qurt_timer.h. */
#ifndef QURT_CYCLES_H
#define QURT_CYCLES_H

#include "qurt_timer.h"

#endif
