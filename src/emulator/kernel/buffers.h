/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The driver's own memory of one open file: metadata, copied arguments, initial memory, pages for
 * the DSP's heap. Freed memory is kept warm, hidden from the DSP, and zeroed where the driver gets
 * zeroed memory from its allocator. Downstream also keeps a cache in front, which does not zero.
 */
#ifndef EMU_KERNEL_BUFFERS_H
#define EMU_KERNEL_BUFFERS_H

#include "driver.h"
#include "smmu.h"

/* Driver virtual addresses, as they stand in `pv` of copied arguments. */
#define EMU_KERNEL_BASE UINT64_C(0xffff000000000000)

/* The largest buffer the downstream driver makes, and what it keeps in its cache. */
#define EMU_BUFFER_LIMIT	UINT64_C(0x78000000)
#define EMU_CACHED_BUFFER_LIMIT (UINT64_C(8) << 20)
#define EMU_CACHED_BUFFERS	33u

struct emu_buffer {
	struct emu_buffer *next;
	struct emu_smmu_map *map;
	unsigned char *bytes; /* mapped here */
	uint64_t size;	      /* real size, whole pages */
	uint64_t wanted;      /* what it was asked for */
	uint64_t address;     /* device address */
	uint64_t dsp_address; /* donated pages: where the DSP put them */
	uint64_t stale;	      /* bytes from its beginning that are to be cleared or overwritten */
};

struct emu_buffers;

int emu_buffers_new(enum emu_dialect dialect, struct emu_smmu *smmu, uint32_t bank,
		    struct emu_buffers **ret_buffers);
/* Every buffer must have been put. Takes NULL. */
void emu_buffers_free(struct emu_buffers *buffers);

enum emu_buffer_kind {
	EMU_BUFFER_CALL, /* metadata and copies: may come from the downstream cache, not zeroed then */
	EMU_BUFFER_HELD, /* held for longer: always new, zeroed */
};

/* 0; -EFAULT: size 0 or over the limit (downstream); -ENOMEM (mainline), -ENOBUFS (downstream). */
int emu_buffers_get(struct emu_buffers *buffers, enum emu_buffer_kind kind, uint64_t size,
		    struct emu_buffer **ret_buffer);
void emu_buffers_put(struct emu_buffers *buffers, enum emu_buffer_kind kind,
		     struct emu_buffer *buffer);

#endif
