/* SPDX-License-Identifier: BSD-3-Clause */
#include "maintenance.h"

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/smq.h>

#include "perf.h"

#define PAGE UINT64_C(4096)

static const struct frpc_smq_page *pages_of(const struct emu_args *args)
{
	return (const struct frpc_smq_page *)(args->meta->bytes + FRPC_SMQ_PAGES_AT(args->count));
}

/* Whole buffers as far as the call has all of them; else the part from where its memory area begins. */
static void maintain(const struct emu_args *args, uint32_t i, bool clean)
{
	const struct emu_arg_place *place = &args->places[i];
	const struct emu_smmu_map *map = place->map->smmu_map;
	const struct frpc_smq_page *page = &pages_of(args)[i];
	uint64_t offset = page->addr - place->map->address + (args->user[i].ptr & (PAGE - 1));
	uint64_t len = args->user[i].len;

	if (page->size == place->map->size || place->crossed) {
		offset = 0;
		len = place->map->size;
	}
	if (clean)
		emu_shadow_clean(map, offset, len);
	else
		emu_shadow_invalidate(map, offset, len);
}

/* Does the driver look after @i's cache? Where banks are coherent nobody need. */
static bool is_maintained(const struct emu_args *args, uint32_t i, uint32_t unless)
{
	const struct emu_arg_place *place = &args->places[i];

	return place->map && args->user[i].len && emu_shadowed(place->map->smmu_map) &&
	       (place->mstart || place->crossed) && !(place->map->attrs & unless);
}

void emu_maintenance_clean(struct emu_args *args)
{
	uint64_t started = emu_perf_start(args->perf);
	bool any = false;

	for (uint32_t i = 0; i < FRPC_SC_INBUFS(args->sc); i++)
		if (is_maintained(args, i, FRPC_DN_ATTR_FORCE_NOFLUSH)) {
			maintain(args, i, true);
			any = true;
		}
	if (any)
		emu_perf_add(args->perf, EMU_PERF_FLUSH, started);
}

void emu_maintenance_invalidate(struct emu_args *args)
{
	uint64_t started = emu_perf_start(args->perf);
	bool any = false;

	for (uint32_t i = FRPC_SC_INBUFS(args->sc); i < args->bufs; i++)
		if (is_maintained(args, i, FRPC_DN_ATTR_FORCE_NOINVALIDATE)) {
			maintain(args, i, false);
			any = true;
		}
	if (any)
		emu_perf_add(args->perf, EMU_PERF_INVARGS, started);
}
