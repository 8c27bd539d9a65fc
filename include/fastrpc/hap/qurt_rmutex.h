/* SPDX-License-Identifier: BSD-3-Clause */
/* See qurt_mutex.h. */
#ifndef QURT_RMUTEX_H
#define QURT_RMUTEX_H

#include "qurt_mutex.h"

#endif
