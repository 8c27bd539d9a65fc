/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages for whoever set a sink with frpc_set_log(); without one they cost a load and a branch. */
#ifndef FRPC_LIB_LOG_H
#define FRPC_LIB_LOG_H

#include <stdatomic.h>

#include "fastrpc.h"

void frpc_log(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A warning that is given once in the life of the process: @flag is static, zero at first. */
#define frpc_warn_once(flag, ...)                                \
	do {                                                     \
		if (!atomic_exchange(flag, 1))                   \
			frpc_log(FRPC_LOG_WARNING, __VA_ARGS__); \
	} while (0)

#endif
