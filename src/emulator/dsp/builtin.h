/* SPDX-License-Identifier: BSD-3-Clause */
/* Modules that are part of the DSP's own image: opened by URI like a skel, but no file is fetched. */
#ifndef EMU_DSP_BUILTIN_H
#define EMU_DSP_BUILTIN_H

#include <stdint.h>

#include "remote.h"

struct emu_process;

/* As a skel's entry; methods 0 and 1 open and close, with the handle of method 0 in @args[2]. */
typedef int32_t emu_builtin_fn(struct emu_process *process, uint64_t h, uint32_t sc,
			       remote_arg *args);

/* NULL: there is none of that file and entry. */
emu_builtin_fn *emu_builtin_find(const char *file, const char *symbol);

#endif
