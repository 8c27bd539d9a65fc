/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The SMMU of one channel: which memory its DSP sees at which device address. It is the driver's
 * side of the memory seam. Addresses lie below 4 GiB, never at 0, with a guard page between
 * mappings; the bank id stands in bits 35..32.
 */
#ifndef EMU_KERNEL_SMMU_H
#define EMU_KERNEL_SMMU_H

#include <stdbool.h>
#include <stdint.h>

#include "../memory.h"
#include "dmabuf.h"

struct emu_smmu;

/* One mapping. Kept, with its address, as long as the owner wants; visible while it has users. */
struct emu_smmu_map {
	uint64_t address; /* with the bank id */
	uint64_t size;	  /* page-rounded */
	uint32_t bank;
	struct emu_dmabuf *dmabuf; /* a reference */
	struct emu_dmabuf *seen;   /* what the DSP sees there: the same, or its shadow */
	_Atomic bool visible;
};

int emu_smmu_new(struct emu_smmu **ret_smmu);
/* Every mapping must have been removed. Takes NULL. */
void emu_smmu_free(struct emu_smmu *smmu);
struct emu_memory *emu_smmu_memory(struct emu_smmu *smmu);

/* Maps all of @dmabuf, visible at once. 0, -ENOMEM (no address left, or no memory). */
int emu_smmu_map(struct emu_smmu *smmu, uint32_t bank, struct emu_dmabuf *dmabuf,
		 struct emu_smmu_map **ret_map);
/* The DSP sees @seen there from now on; takes a reference of its own. Before anybody uses it. */
void emu_smmu_set_seen(struct emu_smmu *smmu, struct emu_smmu_map *map, struct emu_dmabuf *seen);
/* Hides the mapping from the DSP, or shows it again at its address: cheaper than a new one. */
void emu_smmu_show(struct emu_smmu *smmu, struct emu_smmu_map *map, bool visible);
/* Takes NULL. */
void emu_smmu_unmap(struct emu_smmu *smmu, struct emu_smmu_map *map);

/*
 * For tests: the next @count mappings go to @iovas (bank bits excluded), in that order; one that
 * is not free fails with -ENOMEM. Borrowed until used up or replaced.
 */
void emu_smmu_fix_next(struct emu_smmu *smmu, const uint64_t *iovas, uint32_t count);
/* Mappings alive, visible or not. */
uint32_t emu_smmu_count(struct emu_smmu *smmu);

#endif
