/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a file's maps have on the device's side: which bank takes a buffer and with what size, and
 * whether the driver takes it at all. The caller serialises.
 */
#ifndef EMU_KERNEL_ATTACHMENTS_H
#define EMU_KERNEL_ATTACHMENTS_H

#include "idle_maps.h"
#include "maps.h"

struct emu_attachments {
	const struct emu_maps_config *config;
	struct emu_idle_maps idle;
};

/* @config is borrowed. */
void emu_attachments_init(struct emu_attachments *attachments,
			  const struct emu_maps_config *config);
void emu_attachments_destroy(struct emu_attachments *attachments);
/*
 * Fills in what @map, all zero, has of the device: smmu_map, address, size, secure, assigned. 0, or an
 * error as of emu_maps_get(), and the map has nothing.
 */
int emu_attachments_attach(struct emu_attachments *attachments, const struct frpc_task *task,
			   const struct emu_map_request *request, struct emu_map *map);
/* Takes it off @map again. */
void emu_attachments_detach(struct emu_attachments *attachments, struct emu_map *map);

#endif
