/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The driver's own memory of one open file: metadata, copied arguments, initial memory, pages for
 * the DSP's heap. Freed memory is kept warm, hidden from the DSP, and zeroed where the driver gets
 * zeroed memory from its allocator. Downstream also keeps a cache in front, which does not zero.
 */
#ifndef EMU_KERNEL_BUFFERS_H
#define EMU_KERNEL_BUFFERS_H

#include "driver.h"
#include "inject.h"
#include "smmu.h"

/* Driver virtual addresses, as they stand in `pv` of copied arguments. */
#define EMU_KERNEL_BASE UINT64_C(0xffff000000000000)

/* What the downstream driver keeps in its cache, and how many header pages it sets up at most. */
#define EMU_CACHED_BUFFER_LIMIT (UINT64_C(8) << 20)
#define EMU_CACHED_BUFFERS	33u
#define EMU_HEADERS_MOST	25u

/* What a buffer is for. The first three may come from the downstream cache, not zeroed then. */
enum emu_buffer_kind {
	EMU_BUFFER_METADATA, /* the only kind that persistent header pages serve */
	EMU_BUFFER_COPY,
	EMU_BUFFER_INIT,
	EMU_BUFFER_HEAP,
	EMU_BUFFER_KINDS,
};

struct emu_buffers;

struct emu_buffer {
	struct emu_buffer *next;
	struct emu_buffers *home; /* that counts it while it is in use */
	struct emu_smmu_map *map; /* NULL: a page of the headers' block */
	unsigned char *bytes;	  /* mapped here */
	uint64_t size;		  /* real size, whole pages */
	uint64_t wanted;	  /* what it was asked for */
	uint64_t address;	  /* device address */
	uint64_t dsp_address;	  /* donated pages: where the DSP put them */
	uint64_t stale; /* bytes from its beginning that are to be cleared or overwritten */
	bool collapsed; /* has asked for huge pages */
};

struct emu_buffers_config {
	enum emu_dialect dialect;
	struct emu_smmu *smmu;
	uint32_t bank;
	uint64_t limit; /* downstream: sizes stay below it */
	struct emu_inject *inject;
	struct emu_stats *stats;
};

/* What is where, for tests and dumps. */
struct emu_buffers_counts {
	uint32_t live[EMU_BUFFER_KINDS];
	uint32_t cached, headers, free_headers;
	uint64_t cached_bytes;
};

/* The pointers in @config are borrowed. 0 or -ENOMEM. */
int emu_buffers_new(const struct emu_buffers_config *config, struct emu_buffers **ret_buffers);
/* Every buffer must have been put. Takes NULL. */
void emu_buffers_free(struct emu_buffers *buffers);

/* 0; -EFAULT: size 0 or not below the limit (downstream); -ENOMEM (mainline), -ENOBUFS (downstream). */
int emu_buffers_get(struct emu_buffers *buffers, enum emu_buffer_kind kind, uint64_t size,
		    struct emu_buffer **ret_buffer);
/* @kind as in get(). What a call used goes to the cache, the rest back to the system. Takes NULL. */
void emu_buffers_put(struct emu_buffers *buffers, enum emu_buffer_kind kind,
		     struct emu_buffer *buffer);
/* Pages of the DSP's heap, to whoever gave them: the file's own memory or its channel's. */
void emu_buffers_put_pages(struct emu_buffer *pages);

/*
 * Downstream: hands the pages of @block, an EMU_BUFFER_HEAP, out as metadata of one page from now
 * on. The block is the buffers' then. 0; -ENOMEM; -EALREADY: there are headers.
 */
int emu_buffers_set_headers(struct emu_buffers *buffers, struct emu_buffer *block);
bool emu_buffers_have_headers(struct emu_buffers *buffers);

void emu_buffers_count(struct emu_buffers *buffers, struct emu_buffers_counts *ret_counts);

#endif
