/* SPDX-License-Identifier: BSD-3-Clause */
/* HAP_debug of the CPU, with the arguments as a list: what its variadic functions come down to. */
#ifndef FRPC_LIB_HAP_DEBUG_H
#define FRPC_LIB_HAP_DEBUG_H

#include <stdarg.h>
#include <stdint.h>

void frpc_hap_debug(int level, const char *file, int line, const char *format, va_list list);
void frpc_hap_debug_runtime(int level, const char *file, int line, const char *format,
			    va_list list);

/* How a message of HAP level @level ranks for a sink of frpc_set_log(). */
int frpc_hap_log_level(int level);
/* "HIGH"; "?" for a number that is none. Static. */
const char *frpc_hap_level_name(int level);

#endif
