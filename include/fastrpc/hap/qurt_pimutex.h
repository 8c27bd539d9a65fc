/* SPDX-License-Identifier: BSD-3-Clause */
/* See qurt_mutex.h. */
#ifndef QURT_PIMUTEX_H
#define QURT_PIMUTEX_H

#include "qurt_mutex.h"

#endif
