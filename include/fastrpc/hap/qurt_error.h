/* SPDX-License-Identifier: BSD-3-Clause */
/* Results of QuRT functions. */
#ifndef QURT_ERROR_H
#define QURT_ERROR_H

#include "qurt_types.h"

#endif
