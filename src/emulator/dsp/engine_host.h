/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a DSP process that is one of the host's asks of the DSP: its HAP functions call here
 * (child.h). Each of its threads that does is served by one here, since calls may wait. The child is
 * hostile: what it asks is checked, and what it holds goes with it.
 */
#ifndef EMU_DSP_ENGINE_HOST_H
#define EMU_DSP_ENGINE_HOST_H

#include "hap/hap.h"

struct emu_engine_host;

/* So many threads of a child may ask: as many as it can make, and as many calls besides. */
#define EMU_ENGINE_HOST_CHANNELS 512u

/*
 * Begins to serve. *@ret_fd is the child's end of the host socket, the caller's to pass on and close.
 * @hap is borrowed; threads here hold its process as the host operations say. @gone is called when
 * the child is no more, on a thread of this. 0, -ENOMEM, -EMFILE, -EAGAIN (no thread).
 */
int emu_engine_host_new(struct emu_hap *hap, void (*gone)(void *context), void *context,
			struct emu_engine_host **ret_host, int *ret_fd);
/* Where requests that nobody answers go. The host's from now on. */
void emu_engine_host_set_events(struct emu_engine_host *host, int fd);
/* None of its threads may be alive; the process's HAP functions may be gone. Takes NULL. */
void emu_engine_host_free(struct emu_engine_host *host);

#endif
