/* SPDX-License-Identifier: BSD-3-Clause */
#include "args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/smq.h>

#include "maintenance.h"
#include "overlaps.h"
#include "perf.h"

#define PAGE  UINT64_C(4096)
#define ALIGN UINT64_C(128)

/* What was seen of an output's memory ahead holds for so long. */
#define LOOK_NS UINT64_C(100000)

static uint64_t up(uint64_t value, uint64_t to)
{
	return (value + to - 1) & ~(to - 1);
}

static bool is_downstream(const struct emu_args *args)
{
	return args->source->dialect == EMU_DOWNSTREAM;
}

int emu_args_init(struct emu_args *args, const struct emu_args_source *source, uint32_t sc)
{
	uint32_t count = FRPC_SC_LENGTH(sc);

	args->source = source;
	args->perf = NULL;
	args->sc = sc;
	args->count = count;
	args->bufs = FRPC_SC_BUFS(sc);
	args->kernel = args->no_fds = args->sent = false;
	args->meta = args->copy = NULL;
	args->looked_at = 0;
	args->user = args->inline_user;
	args->places = args->inline_places;
	args->order = args->inline_order;
	if (count > EMU_INLINE_ARGS) {
		args->user = malloc(count * sizeof(*args->user));
		args->places = malloc(count * sizeof(*args->places));
		args->order = malloc(count * sizeof(*args->order));
		if (!args->user || !args->places || !args->order) {
			args->count = 0;
			return -ENOMEM;
		}
	}
	memset(args->user, 0, count * sizeof(*args->user));
	memset(args->places, 0, count * sizeof(*args->places));
	return 0;
}

static bool has_fd(const struct emu_args *args, uint32_t i)
{
	int32_t fd = args->user[i].fd;

	if (is_downstream(args))
		return !args->no_fds && fd != -1;
	return fd != 0 && fd != -1;
}

/* Is it copied through the driver's memory? A length of 0 needs no place either way. */
static bool is_copied(const struct emu_args *args, uint32_t i)
{
	return !has_fd(args, i);
}

/* Arguments often lie in one buffer: then the first one's area is also the others'. */
static bool find_argument_area(struct emu_args *args, const struct frpc_task *task, uint32_t index)
{
	uint64_t address = args->user[index].ptr;
	struct frpc_area *area = &args->places[index].area;

	for (uint32_t i = 0; i < index; i++)
		if (address >= args->places[i].area.start && address < args->places[i].area.end) {
			*area = args->places[i].area;
			return true;
		}
	return emu_user_quick_area(task, address, area);
}

static int map_args(struct emu_args *args, const struct frpc_task *task)
{
	const struct emu_args_source *source = args->source;

	for (uint32_t i = 0; i < args->count; i++) {
		const struct emu_user_arg *user = &args->user[i];
		struct emu_map_request request = {.fd = user->fd};
		int res;

		if (!has_fd(args, i) || (!is_downstream(args) && !user->len))
			continue;
		if (i < args->bufs) {
			request.va = user->ptr;
			request.len = user->len;
			request.attrs = user->attr;
			request.use = EMU_MAP_BUFFER;
			if (user->len && find_argument_area(args, task, i))
				request.area = &args->places[i].area;
		} else {
			if (is_downstream(args) && source->handles_unmapped &&
			    atomic_load(source->handles_unmapped))
				continue;
			request.attrs = is_downstream(args) ? FRPC_DN_ATTR_NOVA : user->attr;
			request.flags = user->attr & FRPC_DN_ATTR_NOMAP ? EMU_MAP_NOMAP : 0;
			request.use = EMU_MAP_HANDLE;
			if (!is_downstream(args)) {
				if (!user->len)
					continue;
				request.len = user->len;
			}
		}
		res = emu_maps_get(source->maps, task, &request, &args->places[i].map);
		if (res)
			return is_downstream(args) ? res : -EINVAL;
	}
	return 0;
}

/* Bytes that copied arguments need, counted from @from. */
static uint64_t copy_length(const struct emu_args *args, uint64_t from)
{
	uint64_t length = from;

	for (uint32_t k = 0; k < args->bufs; k++) {
		uint32_t i = args->order[k];
		const struct emu_arg_place *place = &args->places[i];

		if (!is_copied(args, i) || (is_downstream(args) && !args->user[i].len))
			continue;
		if (!place->offset)
			length = up(length, ALIGN);
		length += place->mend - place->mstart;
	}
	return length;
}

/* Where copies go: from @at to @end in @buffer. */
struct cursor {
	struct emu_buffer *buffer;
	uint64_t first, at, end;
};

static int get_buffers(struct emu_args *args, struct cursor *cursor)
{
	uint64_t n = args->count, metalen, copylen, total;
	int res;

	if (!is_downstream(args)) {
		metalen = args->source->version < EMU_ML_7_3 ? FRPC_SMQ_LEN_MAINLINE(n)
							     : FRPC_SMQ_LEN_ML_POLL(n);
		total = copy_length(args, up(metalen, ALIGN));
		res = emu_buffers_get(args->source->buffers, EMU_BUFFER_METADATA, total,
				      &args->meta);
		if (res)
			return res;
		args->page_size = up(total, PAGE);
		*cursor = (struct cursor){args->meta, metalen, metalen, total};
		return 0;
	}
	metalen = FRPC_SMQ_LEN_DOWNSTREAM(n);
	copylen = copy_length(args, 0);
	total = up(metalen, ALIGN) + copylen;
	res = emu_buffers_get(args->source->buffers, EMU_BUFFER_METADATA, metalen, &args->meta);
	if (res)
		return res;
	/* Memory from the cache is not new: what holds metadata is cleared over its real size. */
	memset(args->meta->bytes, 0, (size_t)args->meta->size);
	args->meta->stale = 0;
	args->page_size = up(metalen, PAGE);
	*cursor = (struct cursor){args->meta, metalen, metalen, total};
	if (total > args->page_size && copylen) {
		res = emu_buffers_get(args->source->buffers, EMU_BUFFER_COPY, copylen, &args->copy);
		if (res)
			return res;
		*cursor = (struct cursor){args->copy, 0, 0, copylen};
	}
	return 0;
}

static int place_copies(struct emu_args *args, struct cursor *cursor)
{
	for (uint32_t k = 0; k < args->bufs; k++) {
		uint32_t i = args->order[k];
		struct emu_arg_place *place = &args->places[i];
		uint64_t len = args->user[i].len, room = place->mend - place->mstart;

		if (!is_copied(args, i) || !len)
			continue;
		if (!place->offset)
			cursor->at = up(cursor->at, ALIGN);
		/* Overlapping a mapped argument leads outside: real drivers write astray there. */
		if (place->offset > cursor->at - cursor->first ||
		    cursor->at - place->offset + len > cursor->end || room > cursor->end ||
		    cursor->at > cursor->end - room)
			return -EFAULT;
		place->bytes = cursor->buffer->bytes + (cursor->at - place->offset);
		cursor->at += room;
	}
	return 0;
}

/* Clears what @buffer holds of earlier calls, except where inputs are about to be copied to. */
static void clear_stale(const struct emu_args *args, struct emu_buffer *buffer)
{
	unsigned char *at = buffer->bytes, *end = buffer->bytes + buffer->stale;

	for (uint32_t k = 0; k < args->bufs && at < end; k++) {
		uint32_t i = args->order[k];
		unsigned char *first = args->places[i].bytes;

		/* Sorted by address, they lie in the buffer in that order. */
		if (!first || i >= FRPC_SC_INBUFS(args->sc))
			continue;
		if (first > at)
			memset(at, 0, (size_t)(first - at));
		if (first + args->user[i].len > at)
			at = first + args->user[i].len;
	}
	if (at < end)
		memset(at, 0, (size_t)(end - at));
	buffer->stale = 0;
}

/* The parts of the metadata buffer. The DSP trusts nothing else. */
struct parts {
	union frpc_smq_arg *args;
	struct frpc_smq_list *list;
	struct frpc_smq_page *pages;
};

static struct parts parts_of(const struct emu_args *args)
{
	unsigned char *bytes = args->meta->bytes;
	uint64_t n = args->count;

	return (struct parts){
		.args = (union frpc_smq_arg *)(bytes + FRPC_SMQ_ARGS_AT(n)),
		.list = (struct frpc_smq_list *)(bytes + FRPC_SMQ_LIST_AT(n)),
		.pages = (struct frpc_smq_page *)(bytes + FRPC_SMQ_PAGES_AT(n)),
	};
}

static int write_buffer(struct emu_args *args, const struct frpc_task *task, uint32_t i,
			const struct parts *parts, const struct emu_buffer *buffer)
{
	const struct emu_user_arg *user = &args->user[i];
	const struct emu_arg_place *place = &args->places[i];
	uint64_t address, last;

	parts->list[i].num = user->len ? 1 : 0;
	parts->list[i].pgidx = (int32_t)i;
	if (!user->len)
		return 0;
	parts->args[i].buf.len = user->len;
	if (!is_copied(args, i)) {
		parts->args[i].buf.pv = user->ptr;
		return emu_maps_page(args->source->maps, task, place->map, &place->area, user->ptr,
				     user->len, &parts->pages[i].addr, &parts->pages[i].size);
	}
	address = buffer->address + (uint64_t)(place->bytes - buffer->bytes);
	last = address + user->len - 1;
	parts->args[i].buf.pv = EMU_KERNEL_BASE | (address & UINT32_MAX);
	parts->pages[i].addr = address & ~(PAGE - 1);
	parts->pages[i].size = (last & ~(PAGE - 1)) - (address & ~(PAGE - 1)) + PAGE;
	return 0;
}

static void write_handle(struct emu_args *args, uint32_t i, const struct parts *parts)
{
	const struct emu_user_arg *user = &args->user[i];
	const struct emu_map *map = args->places[i].map;

	parts->list[i].num = user->len ? 1 : 0;
	parts->list[i].pgidx = (int32_t)i;
	if (map) {
		parts->pages[i].addr = map->address;
		parts->pages[i].size = map->size;
	}
	if (is_downstream(args) && args->no_fds)
		return;
	parts->args[i].dma.fd = user->fd;
	parts->args[i].dma.offset = (uint32_t)user->ptr;
	parts->args[i].dma.len = (uint32_t)user->len;
}

static int write_metadata(struct emu_args *args, const struct frpc_task *task,
			  const struct emu_buffer *buffer)
{
	const struct parts parts = parts_of(args);
	int res = 0;

	for (uint32_t i = 0; i < args->bufs && !res; i++)
		res = write_buffer(args, task, i, &parts, buffer);
	for (uint32_t i = args->bufs; i < args->count; i++)
		write_handle(args, i, &parts);
	args->page_addr = args->meta->address;
	return res;
}

static uint64_t real_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void emu_args_sending(struct emu_args *args)
{
	args->sent = true;
	for (uint32_t i = args->bufs; i < args->count; i++)
		emu_maps_sent(args->source->maps, args->places[i].map);
}

void emu_args_look_ahead(struct emu_args *args, const struct frpc_task *task)
{
	for (uint32_t i = FRPC_SC_INBUFS(args->sc); i < args->bufs && !args->kernel; i++) {
		if (!args->places[i].bytes || args->user[i].len < EMU_DIRECT_LEAST)
			continue;
		if (!args->looked_at)
			args->looked_at = real_now();
		args->places[i].direct =
			emu_user_is_direct(task, args->user[i].ptr, args->user[i].len, true);
	}
}

/* Copies arguments @first..@last-1 in or out, all of them at once. */
static int copy_args(struct emu_args *args, const struct frpc_task *task, uint32_t first,
		     uint32_t last, bool out)
{
	struct emu_copy copies[64];
	bool fresh = out && args->looked_at && real_now() - args->looked_at < LOOK_NS;
	uint64_t total = 0;
	size_t used = 0;
	int res = 0;

	for (uint32_t i = first; i < last && !res; i++) {
		const struct emu_user_arg *user = &args->user[i];

		if (!args->places[i].bytes)
			continue;
		total += user->len;
		if (args->kernel) {
			void *mine = (void *)(uintptr_t)user->ptr;

			memcpy(out ? mine : args->places[i].bytes,
			       out ? args->places[i].bytes : mine, (size_t)user->len);
			continue;
		}
		copies[used++] = (struct emu_copy){
			.kernel = args->places[i].bytes,
			.user = user->ptr,
			.len = user->len,
			.direct = fresh && args->places[i].direct,
		};
		if (used == sizeof(copies) / sizeof(*copies)) {
			res = out ? emu_user_write_batch(task, copies, used)
				  : emu_user_read_batch(task, copies, used);
			used = 0;
		}
	}
	if (used && !res)
		res = out ? emu_user_write_batch(task, copies, used)
			  : emu_user_read_batch(task, copies, used);
	if (!args->kernel && args->source->stats)
		emu_count(out ? &args->source->stats->bytes_copied_out
			      : &args->source->stats->bytes_copied_in,
			  total);
	return res;
}

static void count_mapped(const struct emu_args *args)
{
	uint64_t total = 0;

	if (args->kernel || !args->source->stats)
		return;
	for (uint32_t i = 0; i < args->bufs; i++)
		if (args->places[i].map)
			total += args->user[i].len;
	if (total)
		emu_count(&args->source->stats->bytes_mapped, total);
}

int emu_args_pack(struct emu_args *args, const struct frpc_task *task)
{
	uint64_t started = emu_perf_start(args->perf);
	struct cursor cursor;
	int res;

	res = map_args(args, task);
	emu_perf_add(args->perf, EMU_PERF_MAP, started);
	if (!res)
		res = emu_overlaps_find(args);
	if (!res)
		res = get_buffers(args, &cursor);
	if (!res)
		res = place_copies(args, &cursor);
	if (!res) {
		clear_stale(args, cursor.buffer);
		res = write_metadata(args, task, cursor.buffer);
	}
	started = emu_perf_start(args->perf);
	if (!res)
		res = copy_args(args, task, 0, FRPC_SC_INBUFS(args->sc), false);
	emu_perf_add(args->perf, EMU_PERF_COPY, started);
	if (!res) {
		emu_maintenance_clean(args);
		emu_maintenance_invalidate(args);
		count_mapped(args);
	}
	return res;
}

static void drop_listed_handles(struct emu_args *args, const struct frpc_task *task)
{
	const unsigned char *at = args->meta->bytes + FRPC_SMQ_FDS_AT(args->count);

	for (uint32_t i = 0; i < FRPC_SMQ_MAX_FDS; i++) {
		uint64_t fd;

		memcpy(&fd, at + i * sizeof(fd), sizeof(fd));
		if (!fd)
			return;
		if (is_downstream(args))
			emu_maps_handles_done(args->source->maps, (int32_t)fd);
		else
			emu_maps_fd_done(args->source->maps, task, (int32_t)fd);
	}
}

int emu_args_finish(struct emu_args *args, const struct frpc_task *task)
{
	int res;

	emu_maintenance_invalidate(args);
	res = copy_args(args, task, FRPC_SC_INBUFS(args->sc), args->bufs, true);
	if (!res)
		drop_listed_handles(args, task);
	return res;
}

void emu_args_release(struct emu_args *args)
{
	const struct emu_args_source *source = args->source;

	/* Handles stay mapped until the DSP lists them or the file is closed. */
	for (uint32_t i = 0; i < args->bufs && i < args->count; i++)
		emu_maps_put(source->maps, args->places[i].map, EMU_MAP_BUFFER);
	for (uint32_t i = args->bufs; i < args->count && !args->sent; i++)
		emu_maps_drop_handle(source->maps, args->places[i].map);
	emu_buffers_put(source->buffers, EMU_BUFFER_METADATA, args->meta);
	emu_buffers_put(source->buffers, EMU_BUFFER_COPY, args->copy);
	args->meta = args->copy = NULL;
	args->count = 0;
	if (args->user != args->inline_user)
		free(args->user);
	if (args->places != args->inline_places)
		free(args->places);
	if (args->order != args->inline_order)
		free(args->order);
	args->user = args->inline_user;
	args->places = args->inline_places;
	args->order = args->inline_order;
}
