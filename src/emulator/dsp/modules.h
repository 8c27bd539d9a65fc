/* SPDX-License-Identifier: BSD-3-Clause */
/* The libraries that a DSP process has loaded, and the handles open on them: remotectl's work. */
#ifndef EMU_DSP_MODULES_H
#define EMU_DSP_MODULES_H

#include "call.h"

struct emu_modules;
struct emu_process;

/* @process is borrowed: the modules are part of it. */
int emu_modules_new(struct emu_process *process, struct emu_modules **ret_modules);
/* No call may be inside a module. Takes NULL. */
void emu_modules_free(struct emu_modules *modules);

/*
 * Opens the module that @name (a plain name or a URI, NUL-terminated) means, loading its library
 * through reverse calls if need be. A DSP error with the loader's words in @text, or what the
 * module's own open returned.
 */
int32_t emu_modules_open(struct emu_modules *modules, const char *name, uint32_t *ret_handle,
			 char *text, size_t textlen);
int32_t emu_modules_close(struct emu_modules *modules, uint32_t handle);
/* Runs a method of the module behind @call->handle. */
int32_t emu_modules_call(struct emu_modules *modules, const struct emu_call *call);

#endif
