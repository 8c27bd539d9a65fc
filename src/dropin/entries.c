/* SPDX-License-Identifier: BSD-3-Clause */
/* The table inside libfastrpc. */
#include "entries.h"

#include "lib/config.h"

#define FILL(result, name, parameters, arguments) .name = name,
#define FILL_NOTHING(name, parameters, arguments) .name = name,

__attribute__((visibility("default")))
const struct frpc_entries FRPC_ENTRIES = {.default_domain_swap = frpc_default_domain_swap,
					  FRPC_ENTRY_LIST(FILL, FILL, FILL_NOTHING, FILL)};
