/* SPDX-License-Identifier: BSD-3-Clause */
/* Looking at a driver from outside, as its debugfs files let one do. Changes nothing. */
#ifndef EMU_KERNEL_OBSERVE_H
#define EMU_KERNEL_OBSERVE_H

#include <stdio.h>

#include "buffers.h"
#include "maps.h"

/* What one open file has. */
struct emu_file_view {
	uint32_t client_id, domain, bank, secure_bank; /* bank ids, 0: none */
	struct emu_buffers_counts buffers;
	uint32_t map_count;
};

/* @maps gets the first @most maps. 0; -EBADF no such file; -EBADR it has no DSP yet. */
int emu_driver_view(struct emu_driver *driver, const struct frpc_task *task, int number,
		    struct emu_file_view *ret_view, struct emu_map *maps, uint32_t most);

/* Everything, in words: channels with their banks, the reserved heap, files with their memory. */
void emu_driver_dump(struct emu_driver *driver, const struct frpc_task *task, FILE *out);

#endif
