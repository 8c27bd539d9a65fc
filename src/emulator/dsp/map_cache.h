/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a DSP process sees each shared buffer: once, whole, below 4 GiB, so that 32-bit fields can
 * hold its addresses and two views of one buffer agree. Bounded: what nobody pins goes, oldest first.
 */
#ifndef EMU_DSP_MAP_CACHE_H
#define EMU_DSP_MAP_CACHE_H

#include <stdint.h>

#include "../memory.h"

#define EMU_MAP_CACHE_ENTRIES 128u
#define EMU_MAP_CACHE_BYTES   (UINT64_C(1) << 30)

struct emu_map_cache;
struct emu_pin;

/* Who else has to see the same buffers at the same addresses. Called with the cache's lock held. */
struct emu_map_watch {
	/* @fd stays the cache's. 0; -EEXIST: not at this address; or why the buffer cannot be used. */
	int (*mapped)(void *context, void *bytes, uint64_t size, int fd, uint64_t offset);
	void (*unmapped)(void *context, void *bytes, uint64_t size); /* before it goes here */
};

/* @memory is borrowed. */
int emu_map_cache_new(struct emu_memory *memory, struct emu_map_cache **ret_cache);
/* Before the first pin. Both pointers are borrowed. */
void emu_map_cache_watch(struct emu_map_cache *cache, const struct emu_map_watch *watch,
			 void *context);
/* Every pin must be gone. Takes NULL. */
void emu_map_cache_free(struct emu_map_cache *cache);

/* 0, -EFAULT (not mapped for the DSP), -ENOMEM (no address space left below 4 GiB). */
int emu_map_cache_pin(struct emu_map_cache *cache, uint64_t address, uint64_t length,
		      struct emu_pin **ret_pin, void **ret_bytes);
/* Takes NULL. */
void emu_map_cache_unpin(struct emu_map_cache *cache, struct emu_pin *pin);

#endif
