/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Modules of the app that the DSP may call: libraries of the search path, opened by name or URI. One set
 * belongs to one session, and only its listener's thread comes here.
 *
 * The DSP is not trusted with the choice: a library must lie in the search path, but not where the DSP
 * may write, or be loaded by the app already; its entry must be called as a skel's is, by its style.
 */
#ifndef FRPC_LIB_SERVICES_APP_MODULES_H
#define FRPC_LIB_SERVICES_APP_MODULES_H

#include <stddef.h>

#include "../reverse.h"

struct frpc_app_modules;

/* Handles below this are others'. */
#define FRPC_APP_MODULES_FIRST 0x100u

/* 0 or -ENOMEM. */
int frpc_app_modules_new(uint32_t domain, struct frpc_app_modules **ret_modules);
/* Closes and unloads what is open. Takes NULL. */
void frpc_app_modules_free(struct frpc_app_modules *modules);

/*
 * Opens "NAME" (libNAME_skel.so, older style) or "file:///LIBRARY?ENTRY&_modver=1.0" (handle style).
 * What is open under the same name is opened once more. 0 or an AEE code, with words: AEE_EBADPARM the
 * name, AEE_EINVHANDLE the library cannot be loaded, AEE_ENOSUCHSYMBOL, AEE_EOUTOFHANDLES,
 * AEE_ENOMEMORY; or what the module's own open answered.
 */
int frpc_app_modules_open(struct frpc_app_modules *modules, const char *name, uint32_t *ret_handle,
			  char *words, size_t wordslen);
/* Once for each open; the last one unloads. 0, AEE_EINVHANDLE, or what its own close answered. */
int frpc_app_modules_close(struct frpc_app_modules *modules, uint32_t handle);
/* What the module answered; AEE_ENOSUCHMOD: @call's handle is none. */
int frpc_app_modules_call(struct frpc_app_modules *modules, struct frpc_reverse_call *call);

#endif
