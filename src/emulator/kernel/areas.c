/* SPDX-License-Identifier: BSD-3-Clause */
#include "areas.h"

#include <errno.h>

void emu_areas_init(struct emu_areas *areas)
{
	*areas = (struct emu_areas){.next = 0};
	pthread_mutex_init(&areas->lock, NULL);
}

void emu_areas_destroy(struct emu_areas *areas)
{
	pthread_mutex_destroy(&areas->lock);
}

/* What was there when somebody looked last: end 0 if nobody has. */
static struct frpc_area recall(struct emu_areas *areas, uint64_t address)
{
	struct frpc_area area = {0};

	pthread_mutex_lock(&areas->lock);
	for (uint32_t i = 0; i < EMU_AREAS; i++)
		if (address >= areas->list[i].start && address < areas->list[i].end)
			area = areas->list[i];
	pthread_mutex_unlock(&areas->lock);
	return area;
}

static void keep(struct emu_areas *areas, const struct frpc_area *area)
{
	pthread_mutex_lock(&areas->lock);
	for (uint32_t i = 0; i < EMU_AREAS; i++)
		if (areas->list[i].start < area->end && area->start < areas->list[i].end)
			areas->list[i] = (struct frpc_area){0}; /* of another time */
	areas->list[areas->next++ % EMU_AREAS] = *area;
	pthread_mutex_unlock(&areas->lock);
}

int emu_areas_find(struct emu_areas *areas, const struct frpc_task *task, uint64_t address,
		   struct frpc_area *ret_area)
{
	struct frpc_area area;
	int res;

	if (emu_user_quick_area(task, address, ret_area))
		return 0;
	if (emu_user_area_is_cheap(task))
		return -EFAULT;
	area = recall(areas, address);
	if (area.end && emu_user_area_valid(task, &area)) {
		*ret_area = area;
		return 0;
	}
	res = emu_user_area(task, address, ret_area);
	if (!res)
		keep(areas, ret_area);
	return res;
}
