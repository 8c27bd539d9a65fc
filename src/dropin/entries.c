/* SPDX-License-Identifier: BSD-3-Clause */
/* The table inside libfastrpc. */
#include "entries.h"

#include "lib/config.h"
#include "lib/hap_debug.h"

#define FILL(result, name, parameters, arguments) .name = name,
#define FILL_NOTHING(name, parameters, arguments) .name = name,

__attribute__((visibility("default")))
const struct frpc_entries FRPC_ENTRIES = {.default_domain_swap = frpc_default_domain_swap,
					  .hap_debug = frpc_hap_debug,
					  .hap_debug_runtime = frpc_hap_debug_runtime,

					  FRPC_ENTRY_LIST(FILL, FILL, FILL_NOTHING, FILL)};
