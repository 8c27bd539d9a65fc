/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory as a DSP without coherent banks sees it: of each dma-buf a second copy, which the driver
 * brings up to date where it maintains caches, and nobody else does. What is not cleaned the DSP
 * does not see; what is not invalidated the caller does not see.
 */
#ifndef EMU_KERNEL_SHADOWS_H
#define EMU_KERNEL_SHADOWS_H

#include "smmu.h"

struct emu_shadows;

int emu_shadows_new(struct emu_shadows **ret_shadows);
/* Takes NULL. */
void emu_shadows_free(struct emu_shadows *shadows);

/*
 * The shadow of @dmabuf, with a reference: the same as long as one is held, and mostly longer (256
 * that nobody holds are remembered). It begins as zeros. 0, -ENOMEM, -EMFILE.
 */
int emu_shadows_get(struct emu_shadows *shadows, struct emu_dmabuf *dmabuf,
		    struct emu_dmabuf **ret_shadow);

/* Has @map a shadow at all? */
bool emu_shadowed(const struct emu_smmu_map *map);
/* Writes @len bytes from @offset on to where the DSP sees them, or fetches what the DSP wrote. */
void emu_shadow_clean(const struct emu_smmu_map *map, uint64_t offset, uint64_t len);
void emu_shadow_invalidate(const struct emu_smmu_map *map, uint64_t offset, uint64_t len);

#endif
