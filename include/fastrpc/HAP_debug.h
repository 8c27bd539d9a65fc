/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages with a level, a file and a line; HAP_farf.h has the macros for them. On the CPU they go
 * to the sink of frpc_set_log(). On the DSP they travel to the CPU and end there too; runtime
 * messages only if the mask of HAP_setFARFRuntimeLoggingParams() or of a .farf file has their
 * level. Any thread; none blocks on the DSP's peer. A message is cut at MAX_FARF_LEN characters.
 */
#ifndef HAP_DEBUG_H
#define HAP_DEBUG_H

#include <stdbool.h>

#include "dsp_side.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MAX_FARF_LEN 256

#define HAP_LEVEL_LOW	   0
#define HAP_LEVEL_MEDIUM   1
#define HAP_LEVEL_HIGH	   2
#define HAP_LEVEL_ERROR	   3
#define HAP_LEVEL_FATAL	   4
#define HAP_LEVEL_CRITICAL 5

/* The same, of the RPC framework's own messages. */
#define HAP_LEVEL_RPC_LOW      16
#define HAP_LEVEL_RPC_MEDIUM   17
#define HAP_LEVEL_RPC_HIGH     18
#define HAP_LEVEL_RPC_ERROR    19
#define HAP_LEVEL_RPC_FATAL    20
#define HAP_LEVEL_RPC_CRITICAL 21

#define HAP_LEVEL_RUNTIME (1 << 5) /* or'ed to a level by the macros; no level itself */

#define HAP_DEBUG_TRACEME 0

#if defined(__GNUC__)
#define FRPC_HAP_PRINTF __attribute__((format(printf, 4, 5)))
#define FRPC_HAP_WEAK	__attribute__((weak))
#else
#define FRPC_HAP_PRINTF
#define FRPC_HAP_WEAK
#endif

void HAP_debug_v2(int level, const char *file, int line, const char *format, ...)
	FRPC_DSP_SIDE(HAP_debug_v2) FRPC_HAP_PRINTF;
void HAP_debug_runtime(int level, const char *file, int line, const char *format, ...)
	FRPC_DSP_SIDE(HAP_debug_runtime) FRPC_HAP_PRINTF;
/* A text that is ready. */
void HAP_debug(const char *msg, int level, const char *filename, int line) FRPC_DSP_SIDE(HAP_debug);

/*
 * Which runtime messages are let through: bit N of @mask is level N; with @numberOfFiles not 0 only
 * those of the files named. The names are copied. 0, AEE_EBADPARM, AEE_ENOMEMORY.
 */
int HAP_setFARFRuntimeLoggingParams(unsigned int mask, const char *files[],
				    unsigned short numberOfFiles)
	FRPC_DSP_SIDE(HAP_setFARFRuntimeLoggingParams);

/* A packet for the diagnostic log of the chip, which neither side here has: always false. */
bool HAP_log_data_packet(unsigned short log_code_type, unsigned int dataLen, unsigned char *data)
	FRPC_DSP_SIDE(HAP_log_data_packet);

#ifdef FASTRPC_SKEL
/*
 * Lets a debugger on the DSP at a process. AEE_EUNSUPPORTED on the emulator: the host's gdb sees
 * it.
 */
long HAP_debug_ptrace(int req, unsigned int pid, void *addr, void *data)
	FRPC_DSP_SIDE(HAP_debug_ptrace);
#endif

#ifdef __cplusplus
}
#endif

#endif
