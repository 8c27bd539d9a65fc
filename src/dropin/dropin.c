/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A drop-in library: Qualcomm's names over libfastrpc, with DROPIN_DOMAIN where they mean a default
 * domain. All that are loaded into one process share libfastrpc's state.
 */
#include "entries.h"

/* Handles below this exist without being opened, on the default domain. */
#define STATIC_HANDLES 0x100u

#define FORWARD(result, name, parameters, arguments) \
	result name parameters                       \
	{                                            \
		return FRPC_ENTRIES.name arguments;  \
	}

#define FORWARD_NOTHING(name, parameters, arguments) \
	void name parameters                         \
	{                                            \
		FRPC_ENTRIES.name arguments;         \
	}

#define FORWARD_DOMAIN(result, name, parameters, arguments)                        \
	result name parameters                                                     \
	{                                                                          \
		uint32_t before = FRPC_ENTRIES.default_domain_swap(DROPIN_DOMAIN); \
		result res = FRPC_ENTRIES.name arguments;                          \
                                                                                   \
		FRPC_ENTRIES.default_domain_swap(before);                          \
		return res;                                                        \
	}

#define SKIP(result, name, parameters, arguments)

FRPC_ENTRY_LIST(FORWARD, FORWARD_DOMAIN, FORWARD_NOTHING, SKIP)

/* The calls themselves are not to pay for a default domain that they hardly ever need. */
#define FORWARD_INVOKE(name, handle_type)                                                    \
	__attribute__((noinline, cold)) static int name##_static(handle_type h, uint32_t sc, \
								 remote_arg *pra)            \
	{                                                                                    \
		uint32_t before = FRPC_ENTRIES.default_domain_swap(DROPIN_DOMAIN);           \
		int res = FRPC_ENTRIES.name(h, sc, pra);                                     \
                                                                                             \
		FRPC_ENTRIES.default_domain_swap(before);                                    \
		return res;                                                                  \
	}                                                                                    \
                                                                                             \
	int name(handle_type h, uint32_t sc, remote_arg *pra)                                \
	{                                                                                    \
		if (h < STATIC_HANDLES)                                                      \
			return name##_static(h, sc, pra);                                    \
		return FRPC_ENTRIES.name(h, sc, pra);                                        \
	}

FORWARD_INVOKE(remote_handle_invoke, remote_handle)
FORWARD_INVOKE(remote_handle64_invoke, remote_handle64)

void HAP_debug_v2(int level, const char *file, int line, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	FRPC_ENTRIES.hap_debug(level, file, line, format, list);
	va_end(list);
}

void HAP_debug_runtime(int level, const char *file, int line, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	FRPC_ENTRIES.hap_debug_runtime(level, file, line, format, list);
	va_end(list);
}
