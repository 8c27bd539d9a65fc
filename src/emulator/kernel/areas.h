/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The areas of the caller's memory that calls of a file have lain in: kept where the kernel tells them
 * at a price, and asked anew when one of them has changed. Locks for itself.
 */
#ifndef EMU_KERNEL_AREAS_H
#define EMU_KERNEL_AREAS_H

#include <pthread.h>

#include "uaccess.h"

#define EMU_AREAS 8u

struct emu_areas {
	pthread_mutex_t lock;
	struct frpc_area list[EMU_AREAS];
	uint32_t next; /* whose place the next one takes */
};

void emu_areas_init(struct emu_areas *areas);
void emu_areas_destroy(struct emu_areas *areas);
/* The area around @address, as it is now. 0 or -EFAULT. */
int emu_areas_find(struct emu_areas *areas, const struct frpc_task *task, uint64_t address,
		   struct frpc_area *ret_area);

#endif
