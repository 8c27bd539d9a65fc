/* SPDX-License-Identifier: BSD-3-Clause */
#include "idle_maps.h"

#define BYTES_MOST (UINT64_C(512) << 20)

void emu_idle_maps_init(struct emu_idle_maps *idle, struct emu_smmu *smmu)
{
	*idle = (struct emu_idle_maps){.smmu = smmu};
}

bool emu_idle_maps_drop_oldest(struct emu_idle_maps *idle)
{
	struct emu_smmu_map *oldest;

	if (!idle->count)
		return false;
	oldest = idle->list[--idle->count];
	idle->bytes -= oldest->size;
	emu_smmu_unmap(idle->smmu, oldest);
	return true;
}

void emu_idle_maps_destroy(struct emu_idle_maps *idle)
{
	while (emu_idle_maps_drop_oldest(idle))
		;
}

void emu_idle_maps_keep(struct emu_idle_maps *idle, struct emu_smmu_map *map)
{
	emu_smmu_show(idle->smmu, map, false);
	if (map->size > BYTES_MOST) {
		emu_smmu_unmap(idle->smmu, map);
		return;
	}
	while (idle->count == EMU_IDLE_MAPS || idle->bytes + map->size > BYTES_MOST)
		emu_idle_maps_drop_oldest(idle);
	for (uint32_t i = idle->count++; i; i--)
		idle->list[i] = idle->list[i - 1];
	idle->list[0] = map;
	idle->bytes += map->size;
}

struct emu_smmu_map *emu_idle_maps_take(struct emu_idle_maps *idle, uint64_t dev, uint64_t ino)
{
	struct emu_smmu_map *found = NULL;

	for (uint32_t i = 0; i < idle->count; i++) {
		const struct emu_dmabuf *dmabuf = idle->list[i]->dmabuf;

		if (!found && dmabuf->ino == ino && dmabuf->dev == dev) {
			found = idle->list[i];
			idle->bytes -= found->size;
		} else if (found) {
			idle->list[i - 1] = idle->list[i];
		}
	}
	if (found) {
		idle->count--;
		emu_smmu_show(idle->smmu, found, true);
	}
	return found;
}
