/* SPDX-License-Identifier: BSD-3-Clause */
#include "ranges.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void emu_ranges_init(struct emu_ranges *ranges)
{
	*ranges = (struct emu_ranges){.first = NULL};
	pthread_mutex_init(&ranges->lock, NULL);
}

void emu_ranges_destroy(struct emu_ranges *ranges)
{
	pthread_mutex_destroy(&ranges->lock);
}

int emu_range_new(void *bytes, uint64_t size, int fd, uint64_t offset, struct emu_range **ret_range)
{
	struct emu_range *range = calloc(1, sizeof(*range));

	if (!range)
		return -ENOMEM;
	*range = (struct emu_range){
		.address = (uintptr_t)bytes,
		.size = size,
		.offset = offset,
		.fd = fcntl(fd, F_DUPFD_CLOEXEC, 3),
	};
	if (range->fd < 0) {
		free(range);
		return -EMFILE;
	}
	*ret_range = range;
	return 0;
}

void emu_range_free(struct emu_range *range)
{
	if (range->fd >= 0)
		close(range->fd);
	free(range);
}

void emu_ranges_add(struct emu_ranges *ranges, struct emu_range *range)
{
	pthread_mutex_lock(&ranges->lock);
	range->next = ranges->first;
	ranges->first = range;
	pthread_mutex_unlock(&ranges->lock);
}

struct emu_range *emu_ranges_remove(struct emu_ranges *ranges, uint64_t address)
{
	struct emu_range **at = &ranges->first, *range;

	pthread_mutex_lock(&ranges->lock);
	while (*at && (*at)->address != address)
		at = &(*at)->next;
	range = *at;
	if (range)
		*at = range->next;
	pthread_mutex_unlock(&ranges->lock);
	return range;
}

bool emu_ranges_hold(struct emu_ranges *ranges, uint64_t address, uint64_t len)
{
	struct emu_range *range;

	pthread_mutex_lock(&ranges->lock);
	for (range = ranges->first; range; range = range->next)
		if (address >= range->address && address - range->address < range->size &&
		    len <= range->size - (address - range->address))
			break;
	pthread_mutex_unlock(&ranges->lock);
	return range != NULL;
}
