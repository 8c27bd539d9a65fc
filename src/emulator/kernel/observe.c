/* SPDX-License-Identifier: BSD-3-Clause */
#include "observe.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "file.h"

#define COMM_SHOWN  10
#define MAPS_DUMPED 64u

static const char *const dialects[EMU_DIALECTS] = {"downstream", "mainline"};

static uint32_t bank_id(const struct emu_file *file, int bank)
{
	return bank < 0 ? 0 : file->channel->config->banks[bank].id;
}

static void view_file(struct emu_file *file, struct emu_file_view *view)
{
	view->client_id = file->client_id;
	view->domain = file->channel->domain;
	view->bank = bank_id(file, file->bank);
	view->secure_bank = bank_id(file, file->secure_bank);
	emu_buffers_count(file->buffers, &view->buffers);
}

struct look {
	int res;
	struct emu_file_view *view;
	struct emu_map *maps;
	uint32_t most;
};

static void look_at(struct emu_file *file, int number, void *context)
{
	struct look *look = context;

	(void)number;
	if (!emu_file_is_chosen(file)) {
		look->res = -EBADR;
		return;
	}
	view_file(file, look->view);
	look->view->map_count = emu_maps_read(file->maps, look->maps, look->most);
}

int emu_driver_view(struct emu_driver *driver, const struct frpc_task *task, int number,
		    struct emu_file_view *ret_view, struct emu_map *maps, uint32_t most)
{
	struct look look = {.view = ret_view, .maps = maps, .most = most};

	if (number < 0 || emu_driver_visit(driver, task, number, look_at, &look) < 0)
		return -EBADF;
	return look.res;
}

static void dump_map(FILE *out, const struct emu_map *map)
{
	fprintf(out,
		"    map fd %d va 0x%" PRIx64 " len 0x%" PRIx64 " size 0x%" PRIx64
		" address 0x%" PRIx64 " dsp 0x%" PRIx64
		" flags %u attrs 0x%x refs %u calls %u handles %u%s%s%s\n",
		map->fd, map->va, map->len, map->size, map->address, map->dsp_address, map->flags,
		map->attrs, map->refs, map->ctx_refs, map->handle_refs,
		map->secure ? " secure" : "", map->assigned ? " assigned" : "",
		map->shell ? " of the process" : "");
}

static void dump_memory(FILE *out, struct emu_file *file)
{
	struct emu_map maps[MAPS_DUMPED];
	struct emu_file_view view = {0};
	uint32_t count;

	view_file(file, &view);
	fprintf(out, "    bank %u secure bank %u\n", view.bank, view.secure_bank);
	fprintf(out,
		"    buffers: metadata %u copy %u init %u heap %u, cached %u (%" PRIu64
		" bytes), headers %u (%u free)\n",
		view.buffers.live[EMU_BUFFER_METADATA], view.buffers.live[EMU_BUFFER_COPY],
		view.buffers.live[EMU_BUFFER_INIT], view.buffers.live[EMU_BUFFER_HEAP],
		view.buffers.cached, view.buffers.cached_bytes, view.buffers.headers,
		view.buffers.free_headers);
	count = emu_maps_read(file->maps, maps, MAPS_DUMPED);
	for (uint32_t i = 0; i < count && i < MAPS_DUMPED; i++)
		dump_map(out, &maps[i]);
	if (count > MAPS_DUMPED)
		fprintf(out, "    and %u more maps\n", count - MAPS_DUMPED);
}

/* Named as the driver's debugfs names it: command, thread, client, channel. */
static void dump_file(struct emu_file *file, int number, void *context)
{
	const struct frpc_task opener = {.tgid = file->tgid, .tid = file->tgid};
	bool chosen = emu_file_is_chosen(file);
	FILE *out = context;
	char comm[16];

	emu_user_comm(&opener, comm);
	fprintf(out, "  file %d %s %.*s_%d_%u_%d%s\n", number, dialects[file->dialect], COMM_SHOWN,
		comm, (int)file->tgid, chosen ? file->client_id : 0,
		chosen ? (int)file->channel->domain : -1, file->secure_node ? " secure" : "");
	if (chosen)
		dump_memory(out, file);
}

static void dump_remote_heap(FILE *out, struct emu_buffers *heap)
{
	struct emu_buffers_counts counts;

	emu_buffers_count(heap, &counts);
	fprintf(out, "    remote heap: %u buffers\n", counts.live[EMU_BUFFER_HEAP]);
}

static void dump_channel(FILE *out, struct emu_channel *channel)
{
	const struct emu_channel_config *config = channel->config;
	uint32_t used = 0, calls = 0;
	struct emu_buffers *heap;

	pthread_mutex_lock(&channel->lock);
	for (uint32_t i = 0; i < config->bank_count; i++)
		used += channel->bank_used[i];
	for (uint32_t i = 0; i < EMU_DN_CONTEXTS; i++)
		calls += channel->table[i] != NULL;
	heap = channel->heap;
	pthread_mutex_unlock(&channel->lock);
	fprintf(out, "  channel %s %u%s: banks %u of %u used, calls %u, device mappings %u\n",
		dialects[channel->dialect], channel->domain, config->secure ? " secure" : "", used,
		config->bank_count, calls, emu_smmu_count(channel->smmu));
	if (heap)
		dump_remote_heap(out, heap);
}

void emu_driver_dump(struct emu_driver *driver, const struct frpc_task *task, FILE *out)
{
	uint32_t blocks;
	uint64_t used = emu_heap_used(emu_driver_heap(driver), &blocks);

	for (unsigned int dialect = 0; dialect < EMU_DIALECTS; dialect++)
		for (uint32_t domain = 0; domain < EMU_DOMAINS; domain++) {
			struct emu_channel *channel = emu_driver_channel(driver, dialect, domain);

			if (channel && channel->config->present)
				dump_channel(out, channel);
		}
	fprintf(out, "  reserved heap: %" PRIu64 " of %" PRIu64 " bytes lent, %u blocks\n", used,
		emu_driver_get_config(driver)->heap_size, blocks);
	for (unsigned int i = 0; i < EMU_STATIC_PDS; i++) {
		struct emu_static_pd *pd = emu_driver_static_pd(driver, i);

		fprintf(out, "  static pd %s (%s): %s, restarts %u\n", pd->name, pd->service,
			atomic_load(&pd->up) ? "up" : "down", atomic_load(&pd->restarts));
	}
	emu_driver_visit(driver, task, -1, dump_file, out);
}
