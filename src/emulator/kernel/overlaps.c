/* SPDX-License-Identifier: BSD-3-Clause */
#include "overlaps.h"

#include <errno.h>

#include <fastrpc/abi/smq.h>

/* By start ascending, then end descending, then index. */
static bool before(const struct emu_arg_place *places, uint16_t a, uint16_t b)
{
	if (places[a].start != places[b].start)
		return places[a].start < places[b].start;
	if (places[a].end != places[b].end)
		return places[a].end > places[b].end;
	return a < b;
}

static void sift(const struct emu_arg_place *places, uint16_t *order, uint32_t root, uint32_t count)
{
	for (;;) {
		uint32_t child = root * 2 + 1;
		uint16_t swap;

		if (child >= count)
			return;
		if (child + 1 < count && before(places, order[child], order[child + 1]))
			child++;
		if (!before(places, order[root], order[child]))
			return;
		swap = order[root];
		order[root] = order[child];
		order[child] = swap;
		root = child;
	}
}

static void sort(const struct emu_arg_place *places, uint16_t *order, uint32_t count)
{
	for (uint32_t i = count / 2; i--;)
		sift(places, order, i, count);
	for (uint32_t end = count; end > 1; end--) {
		uint16_t largest = order[0];

		order[0] = order[end - 1];
		order[end - 1] = largest;
		sift(places, order, 0, end - 1);
	}
}

int emu_overlaps_find(struct emu_args *args)
{
	uint32_t ins = FRPC_SC_INBUFS(args->sc), last = 0;
	uint64_t max = 0;

	for (uint32_t i = 0; i < args->bufs; i++) {
		struct emu_arg_place *place = &args->places[i];

		place->start = args->user[i].ptr;
		place->end = place->start + args->user[i].len;
		if (args->user[i].len && place->end <= place->start)
			return -EFAULT;
		args->order[i] = (uint16_t)i;
	}
	sort(args->places, args->order, args->bufs);
	for (uint32_t k = 0; k < args->bufs; k++) {
		struct emu_arg_place *place = &args->places[args->order[k]];

		if (place->start >= max) {
			place->mstart = place->start;
			place->mend = place->end;
			place->offset = 0;
			max = place->end;
			last = args->order[k];
		} else if (place->end > max) {
			place->mstart = max;
			place->mend = place->end;
			place->offset = max - place->start;
			max = place->end;
		} else {
			place->mstart = place->mend = 0;
			place->offset = max - place->start;
			place->crossed = (args->order[k] < ins) != (last < ins);
		}
	}
	return 0;
}
