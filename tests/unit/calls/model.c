/* SPDX-License-Identifier: BSD-3-Clause */
#include "model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NOVA 1u

/* One buffer in the drivers' overlap analysis. */
struct range {
	int index;
	uint64_t start, end;
	uint64_t fresh;	 /* bytes that no earlier range has */
	uint64_t offset; /* how far back from the end of what is there it starts */
	bool begins;	 /* offset is 0: it starts on a boundary of 128 */
};

struct map {
	int32_t fd;
	uint64_t va, len, address, size;
	uint32_t attr;
	int buf;
	bool handle;
};

struct work {
	const struct model_call *call;
	struct model_result *result;
	int bufs, count;
	struct range ranges[MODEL_MAX_ARGS];
	struct map maps[MODEL_MAX_ARGS];
	int map_of[MODEL_MAX_ARGS]; /* -1: none */
};

static uint64_t up(uint64_t value, uint64_t to)
{
	return (value + to - 1) / to * to;
}

static uint64_t page_of(uint64_t address)
{
	return address / 4096 * 4096;
}

static uint64_t touched(uint64_t address, uint64_t len)
{
	return page_of(address + len - 1) - page_of(address) + 4096;
}

static bool has_fd(const struct model_call *call, int i)
{
	int32_t fd = call->args[i].fd;

	if (call->dialect == MODEL_MAINLINE)
		return fd != 0 && fd != -1;
	return call->fds && fd != -1;
}

static uint32_t attr_of(const struct model_call *call, int i)
{
	return call->dialect == MODEL_DOWNSTREAM && call->attrs ? call->args[i].attr : 0;
}

static int compare(const void *left, const void *right)
{
	const struct range *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->end != b->end)
		return a->end > b->end ? -1 : 1;
	return a->index - b->index;
}

static void analyse(struct work *work)
{
	uint64_t highest = 0;

	for (int i = 0; i < work->bufs; i++)
		work->ranges[i] = (struct range){
			.index = i,
			.start = work->call->args[i].ptr,
			.end = work->call->args[i].ptr + work->call->args[i].len,
		};
	qsort(work->ranges, (size_t)work->bufs, sizeof(*work->ranges), compare);
	for (int i = 0; i < work->bufs; i++) {
		struct range *range = &work->ranges[i];

		if (range->start >= highest) {
			range->begins = true;
			range->fresh = range->end - range->start;
			highest = range->end;
			continue;
		}
		range->offset = highest - range->start;
		if (range->end > highest) {
			range->fresh = range->end - highest;
			highest = range->end;
		}
	}
}

/* Downstream finds maps by fd and range, mainline a buffer's by fd; mainline's handles get their own. */
static int find_map(struct work *work, int32_t fd, uint64_t va, uint64_t len, bool handle)
{
	for (int i = work->result->maps_made - 1; i >= 0; i--) {
		const struct map *map = &work->maps[i];

		if (map->fd != fd)
			continue;
		if (work->call->dialect == MODEL_MAINLINE) {
			if (!handle && !map->handle)
				return i;
		} else if (map->va <= va && va + len <= map->va + map->len) {
			return i;
		}
	}
	return -1;
}

static int map_argument(struct work *work, int i)
{
	const struct model_call *call = work->call;
	const struct model_arg *arg = &call->args[i];
	bool downstream = call->dialect == MODEL_DOWNSTREAM, handle = i >= work->bufs;
	bool as_said = !downstream && call->version == MODEL_6_1;
	uint64_t va = arg->ptr, len = arg->len, size = 0;
	struct map *map;
	int found, buf = -1;

	if (downstream && handle)
		va = len = 0;
	found = find_map(work, arg->fd, va, len, handle);
	if (found >= 0) {
		work->map_of[i] = found;
		return 0;
	}
	for (int k = 0; k < call->client->buf_count; k++)
		if (call->client->bufs[k].fd == arg->fd)
			buf = k;
	size = buf >= 0 ? call->client->bufs[buf].size : 0;
	if (!size)
		return downstream ? -EBADFD : -EINVAL;
	if (as_said)
		size = len; /* this version takes the client's word for it */
	if (size < len)
		return downstream ? -EFAULT : -EINVAL;
	found = work->result->maps_made++;
	map = &work->maps[found];
	*map = (struct map){arg->fd,	      va,  len,	  call->map_addresses[found], size,
			    attr_of(call, i), buf, handle};
	if (downstream && handle)
		map->attr |= NOVA;
	work->map_of[i] = found;
	return 0;
}

static int map_arguments(struct work *work)
{
	int error;

	for (int i = 0; i < work->count; i++) {
		work->map_of[i] = -1;
		if (!has_fd(work->call, i))
			continue;
		if (work->call->dialect == MODEL_MAINLINE && !work->call->args[i].len)
			continue;
		error = map_argument(work, i);
		if (error)
			return error;
	}
	return 0;
}

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static void put64(uint8_t *at, uint64_t value)
{
	put32(at, (uint32_t)value);
	put32(at + 4, (uint32_t)(value >> 32));
}

/* Can the driver read it? */
static bool readable(const struct model_client *client, uint64_t start, uint64_t len)
{
	for (int k = 0; k < client->area_count; k++)
		if (start >= client->areas[k].start && start < client->areas[k].end)
			return len <= client->areas[k].end - start;
	return false;
}

static void write_page(struct work *work, int i, uint64_t address, uint64_t size)
{
	uint8_t *page = work->result->meta.bytes + 24 * work->count + 16 * i;

	put64(page, address);
	put64(page + 8, size);
}

/* The page entry of a mapped buffer is measured from the start of the area it lies in. */
static int place_mapped(struct work *work, int i)
{
	const struct model_call *call = work->call;
	const struct model_arg *arg = &call->args[i];
	const struct map *map = &work->maps[work->map_of[i]];
	uint64_t offset = 0, start = 0;
	bool downstream = call->dialect == MODEL_DOWNSTREAM;
	uint64_t of = downstream ? map->va : arg->ptr;

	put64(work->result->meta.bytes + 16 * i, arg->ptr);
	if (!downstream || !(map->attr & NOVA)) {
		for (int k = 0; k < call->client->area_count; k++)
			if (of >= call->client->areas[k].start && of < call->client->areas[k].end)
				start = call->client->areas[k].start;
		if (start)
			offset = page_of(arg->ptr) - start;
		if (downstream && (page_of(arg->ptr) < start || offset + arg->len > map->size))
			return -EFAULT;
	}
	write_page(work, i, map->address + offset, touched(arg->ptr, arg->len));
	work->result->devices[i] = map->address + offset + (arg->ptr & 4095);
	work->result->buf_of[i] = map->buf;
	work->result->buf_offsets[i] = offset + (arg->ptr & 4095);
	return 0;
}

/* Bytes that the copied buffers need. Mainline rounds up for empty ones, too. */
static uint64_t copies_len(struct work *work, uint64_t len)
{
	for (int k = 0; k < work->bufs; k++) {
		const struct range *range = &work->ranges[k];

		if (has_fd(work->call, range->index))
			continue;
		if (work->call->dialect == MODEL_DOWNSTREAM && !work->call->args[range->index].len)
			continue;
		if (range->begins)
			len = up(len, 128);
		len += range->fresh;
	}
	return len;
}

static void allocate(struct work *work)
{
	struct model_result *result = work->result;
	uint64_t n = (uint64_t)work->count;

	if (work->call->dialect == MODEL_MAINLINE) {
		result->meta_len = 40 * n + (work->call->version == MODEL_7_3 ? 388 : 384);
		result->total = copies_len(work, up(result->meta_len, 128));
		result->page_size = up(result->total, 4096);
	} else {
		result->meta_len = 40 * n + 484;
		result->copy_len = copies_len(work, 0);
		result->total = up(result->meta_len, 128) + result->copy_len;
		result->page_size = up(result->meta_len, 4096);
		if (result->total > result->page_size && result->copy_len) {
			result->total = result->copy_len;
			result->copy.len = up(result->copy_len, 4096);
			result->copy.bytes = calloc(1, result->copy.len);
		}
	}
	result->meta.len = result->page_size;
	result->meta.bytes = calloc(1, result->meta.len);
}

static int place_buffers(struct work *work)
{
	const struct model_call *call = work->call;
	struct model_result *result = work->result;
	const struct model_memory *home = result->copy.bytes ? &result->copy : &result->meta;
	uint64_t device = result->copy.bytes ? call->copy_address : call->meta_address;
	uint64_t cursor = result->copy.bytes ? 0 : result->meta_len, place;
	int error;

	for (int k = 0; k < work->bufs; k++) {
		const struct range *range = &work->ranges[k];
		int i = range->index;
		const struct model_arg *arg = &call->args[i];

		if (!arg->len)
			continue;
		if (work->map_of[i] >= 0) {
			error = place_mapped(work, i);
			if (error)
				return error;
			continue;
		}
		if (range->begins)
			cursor = up(cursor, 128);
		place = cursor - range->offset;
		result->places[i] = home->bytes + place;
		result->devices[i] = device + place;
		put64(result->meta.bytes + 16 * i,
		      call->driver_base + ((device + place) & UINT32_MAX));
		write_page(work, i, page_of(device + place), touched(device + place, arg->len));
		if (i < (int)call->ins && !readable(call->client, arg->ptr, arg->len))
			return -EFAULT;
		if (i < (int)call->ins)
			memcpy(result->places[i], (const void *)(uintptr_t)arg->ptr, arg->len);
		cursor += range->fresh;
	}
	return 0;
}

static void write_lists(struct work *work)
{
	uint8_t *meta = work->result->meta.bytes;
	const struct model_call *call = work->call;

	for (int i = 0; i < work->count; i++) {
		const struct model_arg *arg = &call->args[i];

		put32(meta + 16 * work->count + 8 * i, arg->len ? 1 : 0);
		put32(meta + 16 * work->count + 8 * i + 4, (uint32_t)i);
		if (i < work->bufs) {
			put64(meta + 16 * i + 8, arg->len);
			continue;
		}
		if (call->dialect == MODEL_DOWNSTREAM && !call->fds)
			continue;
		put32(meta + 16 * i, (uint32_t)arg->fd);
		put32(meta + 16 * i + 4, (uint32_t)arg->ptr);
		put32(meta + 16 * i + 8, (uint32_t)arg->len);
		if (work->map_of[i] >= 0)
			write_page(work, i, work->maps[work->map_of[i]].address,
				   work->maps[work->map_of[i]].size);
	}
}

void model_pack(const struct model_call *call, struct model_result *result)
{
	struct work *work = calloc(1, sizeof(*work));

	memset(result, 0, sizeof(*result));
	work->call = call;
	work->result = result;
	work->bufs = (int)(call->ins + call->outs);
	work->count = work->bufs + (int)call->handles;
	result->error = map_arguments(work);
	if (!result->error) {
		analyse(work);
		allocate(work);
		write_lists(work);
		result->error = place_buffers(work);
	}
	free(work);
}

void model_free(struct model_result *result)
{
	free(result->meta.bytes);
	free(result->copy.bytes);
	memset(result, 0, sizeof(*result));
}
