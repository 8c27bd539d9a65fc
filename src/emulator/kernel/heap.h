/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The reserved memory that the downstream driver lends to static PDs of a DSP: map flags 4 (HEAP)
 * and 8 (REMOTE_HEAP), and the audio PD's donation. Blocks belong to the system, not to the file
 * that asked for them: they outlive it, and any file may return them.
 */
#ifndef EMU_KERNEL_HEAP_H
#define EMU_KERNEL_HEAP_H

#include "inject.h"
#include "smmu.h"

struct emu_heap;

struct emu_heap_block {
	struct emu_heap_block *next;
	struct emu_smmu *smmu; /* of the DSP that may use it */
	struct emu_smmu_map *map;
	uint64_t size;	      /* whole pages */
	uint64_t len;	      /* what was asked for */
	uint64_t address;     /* physical: no bank bits */
	uint64_t dsp_address; /* what the DSP called it */
	int32_t fd;	      /* given by the caller, and of no use */
	uint32_t flags;
	const void *service; /* the static PD it was lent to, or NULL */
	bool persistent;     /* stays lent for the life of the driver */
	bool in_use;
};

/* @size bytes in all, 0: none reserved. @inject is borrowed. 0 or -ENOMEM. */
int emu_heap_new(uint64_t size, struct emu_inject *inject, struct emu_heap **ret_heap);
/* Takes back every block. The smmus must still be there. Takes NULL. */
void emu_heap_free(struct emu_heap *heap);

struct emu_heap_request {
	struct emu_smmu *smmu;
	uint64_t len, limit; /* bytes; what they must stay below */
	int32_t fd;
	uint32_t flags;
	const void *service;
	bool persistent; /* a free persistent block of exactly that length will do */
};

/* A block, not yet listed unless persistent. 0; -ENODEV none reserved; -EFAULT bad size; -ENOBUFS, -ENOMEM. */
int emu_heap_take(struct emu_heap *heap, const struct emu_heap_request *request,
		  struct emu_heap_block **ret_block);
void emu_heap_list(struct emu_heap *heap, struct emu_heap_block *block);
/* The not persistent block of that DSP address, length (and fd, if >= 0), off the list; or NULL. */
struct emu_heap_block *emu_heap_detach(struct emu_heap *heap, int32_t fd, uint64_t dsp_address,
				       uint64_t len);
/* Frees an unlisted block; a persistent one is kept for the next that asks. Takes NULL. */
void emu_heap_give_back(struct emu_heap *heap, struct emu_heap_block *block);
/* A static PD has restarted: what it had is free again. */
void emu_heap_release_service(struct emu_heap *heap, const void *service);

/* Bytes lent, and the number of blocks. */
uint64_t emu_heap_used(struct emu_heap *heap, uint32_t *ret_blocks);

#endif
