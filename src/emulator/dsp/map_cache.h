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

/* @size bytes of memory of nobody else below 4 GiB, or MAP_FAILED. */
void *emu_map_low(uint64_t size);

struct emu_map_cache;
struct emu_pin;

/* @memory is borrowed. */
int emu_map_cache_new(struct emu_memory *memory, struct emu_map_cache **ret_cache);
/* Every pin must be gone. Takes NULL. */
void emu_map_cache_free(struct emu_map_cache *cache);

/* 0, -EFAULT (not mapped for the DSP), -ENOMEM (no address space left below 4 GiB). */
int emu_map_cache_pin(struct emu_map_cache *cache, uint64_t address, uint64_t length,
		      struct emu_pin **ret_pin, void **ret_bytes);
/* Takes NULL. */
void emu_map_cache_unpin(struct emu_map_cache *cache, struct emu_pin *pin);

#endif
