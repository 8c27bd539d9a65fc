/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Device mappings of buffers that nobody uses now, hidden from the DSP: the next map of such a buffer
 * takes its mapping back, which is cheaper than a new one. The caller serialises.
 */
#ifndef EMU_KERNEL_IDLE_MAPS_H
#define EMU_KERNEL_IDLE_MAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "smmu.h"

#define EMU_IDLE_MAPS 32u

struct emu_idle_maps {
	struct emu_smmu *smmu;
	struct emu_smmu_map *list[EMU_IDLE_MAPS]; /* newest first */
	uint32_t count;
	uint64_t bytes;
};

/* @smmu is borrowed. */
void emu_idle_maps_init(struct emu_idle_maps *idle, struct emu_smmu *smmu);
void emu_idle_maps_destroy(struct emu_idle_maps *idle);
/* Hides @map and keeps it, as long as there is room. It is not the caller's any more. */
void emu_idle_maps_keep(struct emu_idle_maps *idle, struct emu_smmu_map *map);
/* The mapping of the dma-buf with that identity, visible and the caller's again; or NULL. */
struct emu_smmu_map *emu_idle_maps_take(struct emu_idle_maps *idle, uint64_t dev, uint64_t ino);
/* Unmaps the one that is idle longest. False: there is none. */
bool emu_idle_maps_drop_oldest(struct emu_idle_maps *idle);

#endif
