/* SPDX-License-Identifier: BSD-3-Clause */
#include "builtin.h"

#include <stddef.h>
#include <string.h>

#include "queues.h"

static const struct {
	const char *file, *symbol;
	emu_builtin_fn *entry;
} builtins[] = {
	{"libdspqueue_rpc_skel.so", "dspqueue_rpc_skel_handle_invoke", emu_queues_call},
};

emu_builtin_fn *emu_builtin_find(const char *file, const char *symbol)
{
	for (size_t i = 0; i < sizeof(builtins) / sizeof(*builtins); i++)
		if (!strcmp(file, builtins[i].file) && !strcmp(symbol, builtins[i].symbol))
			return builtins[i].entry;
	return NULL;
}
