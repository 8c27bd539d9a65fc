/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FARF(LEVEL, format, ...): messages that are compiled in or out file by file. Before the include a
 * file may define FARF_LOW, FARF_MEDIUM, FARF_HIGH or FARF_CRITICAL as 1 (off otherwise) and
 * FARF_ERROR, FARF_FATAL or FARF_ALWAYS as 0 (on otherwise). FARF(RUNTIME_LEVEL, ...) is always
 * compiled in, unless FARF_RUNTIME_LEVEL is 0, and filtered when it runs.
 */
#ifndef HAP_FARF_H
#define HAP_FARF_H

#include "HAP_debug.h"

#ifndef FARF_LOW
#define FARF_LOW 0
#endif
#ifndef FARF_MEDIUM
#define FARF_MEDIUM 0
#endif
#ifndef FARF_HIGH
#define FARF_HIGH 0
#endif
#ifndef FARF_ERROR
#define FARF_ERROR 1
#endif
#ifndef FARF_FATAL
#define FARF_FATAL 1
#endif
#ifndef FARF_CRITICAL
#define FARF_CRITICAL 0
#endif
#ifndef FARF_ALWAYS
#define FARF_ALWAYS 1
#endif
#ifndef FARF_RUNTIME_LOW
#define FARF_RUNTIME_LOW 1
#endif
#ifndef FARF_RUNTIME_MEDIUM
#define FARF_RUNTIME_MEDIUM 1
#endif
#ifndef FARF_RUNTIME_HIGH
#define FARF_RUNTIME_HIGH 1
#endif
#ifndef FARF_RUNTIME_ERROR
#define FARF_RUNTIME_ERROR 1
#endif
#ifndef FARF_RUNTIME_FATAL
#define FARF_RUNTIME_FATAL 1
#endif
#ifndef FARF_RUNTIME_CRITICAL
#define FARF_RUNTIME_CRITICAL 1
#endif

#if defined(__FILE_NAME__)
#define FRPC_FARF_FILE __FILE_NAME__
#else
#define FRPC_FARF_FILE __FILE__
#endif

/* Arguments are evaluated only where the level is on, and checked against the format everywhere. */
#define FRPC_FARF(on, level, ...)                                                   \
	do {                                                                        \
		if (on)                                                             \
			HAP_debug_v2(level, FRPC_FARF_FILE, __LINE__, __VA_ARGS__); \
	} while (0)
#define FRPC_FARF_RUNTIME(on, level, ...)                                                \
	do {                                                                             \
		if (on)                                                                  \
			HAP_debug_runtime(level, FRPC_FARF_FILE, __LINE__, __VA_ARGS__); \
	} while (0)

#define FRPC_FARF_LOW(...)	   FRPC_FARF(FARF_LOW, HAP_LEVEL_LOW, __VA_ARGS__)
#define FRPC_FARF_MEDIUM(...)	   FRPC_FARF(FARF_MEDIUM, HAP_LEVEL_MEDIUM, __VA_ARGS__)
#define FRPC_FARF_HIGH(...)	   FRPC_FARF(FARF_HIGH, HAP_LEVEL_HIGH, __VA_ARGS__)
#define FRPC_FARF_ERROR(...)	   FRPC_FARF(FARF_ERROR, HAP_LEVEL_ERROR, __VA_ARGS__)
#define FRPC_FARF_FATAL(...)	   FRPC_FARF(FARF_FATAL, HAP_LEVEL_FATAL, __VA_ARGS__)
#define FRPC_FARF_CRITICAL(...)	   FRPC_FARF(FARF_CRITICAL, HAP_LEVEL_CRITICAL, __VA_ARGS__)
#define FRPC_FARF_ALWAYS(...)	   FRPC_FARF(FARF_ALWAYS, HAP_LEVEL_HIGH, __VA_ARGS__)
#define FRPC_FARF_RUNTIME_LOW(...) FRPC_FARF_RUNTIME(FARF_RUNTIME_LOW, HAP_LEVEL_LOW, __VA_ARGS__)
#define FRPC_FARF_RUNTIME_MEDIUM(...) \
	FRPC_FARF_RUNTIME(FARF_RUNTIME_MEDIUM, HAP_LEVEL_MEDIUM, __VA_ARGS__)
#define FRPC_FARF_RUNTIME_HIGH(...) \
	FRPC_FARF_RUNTIME(FARF_RUNTIME_HIGH, HAP_LEVEL_HIGH, __VA_ARGS__)
#define FRPC_FARF_RUNTIME_ERROR(...) \
	FRPC_FARF_RUNTIME(FARF_RUNTIME_ERROR, HAP_LEVEL_ERROR, __VA_ARGS__)
#define FRPC_FARF_RUNTIME_FATAL(...) \
	FRPC_FARF_RUNTIME(FARF_RUNTIME_FATAL, HAP_LEVEL_FATAL, __VA_ARGS__)
#define FRPC_FARF_RUNTIME_CRITICAL(...) \
	FRPC_FARF_RUNTIME(FARF_RUNTIME_CRITICAL, HAP_LEVEL_CRITICAL, __VA_ARGS__)
#define FRPC_FARF_RUNTIME_RPC_LOW(...) \
	FRPC_FARF_RUNTIME(FARF_RUNTIME_LOW, HAP_LEVEL_RPC_LOW, __VA_ARGS__)
#define FRPC_FARF_RUNTIME_RPC_MEDIUM(...) \
	FRPC_FARF_RUNTIME(FARF_RUNTIME_MEDIUM, HAP_LEVEL_RPC_MEDIUM, __VA_ARGS__)
#define FRPC_FARF_RUNTIME_RPC_HIGH(...) \
	FRPC_FARF_RUNTIME(FARF_RUNTIME_HIGH, HAP_LEVEL_RPC_HIGH, __VA_ARGS__)
#define FRPC_FARF_RUNTIME_RPC_ERROR(...) \
	FRPC_FARF_RUNTIME(FARF_RUNTIME_ERROR, HAP_LEVEL_RPC_ERROR, __VA_ARGS__)
#define FRPC_FARF_RUNTIME_RPC_FATAL(...) \
	FRPC_FARF_RUNTIME(FARF_RUNTIME_FATAL, HAP_LEVEL_RPC_FATAL, __VA_ARGS__)
#define FRPC_FARF_RUNTIME_RPC_CRITICAL(...) \
	FRPC_FARF_RUNTIME(FARF_RUNTIME_CRITICAL, HAP_LEVEL_RPC_CRITICAL, __VA_ARGS__)

#define FARF(level, ...) FRPC_FARF_##level(__VA_ARGS__)

#endif
