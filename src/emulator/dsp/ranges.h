/* SPDX-License-Identifier: BSD-3-Clause */
/* The buffers that a DSP process of the host's has at the same addresses as we: no call copies them. */
#ifndef EMU_DSP_RANGES_H
#define EMU_DSP_RANGES_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct emu_range {
	struct emu_range *next;
	uint64_t address, size, offset;
	int fd; /* its memory, until the process has been told: -1 then */
};

/* Whoever adds, removes or walks is serialised by the caller; anybody may ask emu_ranges_hold(). */
struct emu_ranges {
	pthread_mutex_t lock; /* the links */
	struct emu_range *first;
};

void emu_ranges_init(struct emu_ranges *ranges);
/* All of them have been removed. */
void emu_ranges_destroy(struct emu_ranges *ranges);

/* The range keeps a copy of @fd. 0, -ENOMEM, -EMFILE. */
int emu_range_new(void *bytes, uint64_t size, int fd, uint64_t offset,
		  struct emu_range **ret_range);
/* It is in no list. */
void emu_range_free(struct emu_range *range);

void emu_ranges_add(struct emu_ranges *ranges, struct emu_range *range);
/* The range that begins at @address, the caller's from now on; or NULL. */
struct emu_range *emu_ranges_remove(struct emu_ranges *ranges, uint64_t address);
/* Do the @len bytes at @address lie in one of them? */
bool emu_ranges_hold(struct emu_ranges *ranges, uint64_t address, uint64_t len);

#endif
