/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The functions that skels in processes of the host's want to be called when somebody needs what they
 * hold. They are known by key: who calls one may do so when its process has just gone.
 */
#ifndef EMU_DSP_WANTED_H
#define EMU_DSP_WANTED_H

#include <stdint.h>

/*
 * The skel's @function and its @context, to be told over the socket @events when somebody needs the grant
 * @id. The key, never 0; 0: no memory.
 */
uintptr_t emu_wanted_add(const void *owner, int events, uint32_t id, uint64_t function,
			 uint64_t context);
/* A request of vtcm.h with the key as @context: told the child, which calls the skel. 0. */
int emu_wanted_tell(unsigned int id, void *context);
/* Those of @owner: the one with @key, the one of the grant @id, or with neither all. */
void emu_wanted_forget(const void *owner, uintptr_t key, uint32_t id);

#endif
