/* SPDX-License-Identifier: BSD-3-Clause */
/* emulator.h: what surrounds the driver (memory, static PDs, failures to order), and looking at it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#include "api.h"
#include "kernel/bus.h"
#include "kernel/heap.h"
#include "kernel/observe.h"
#include "kernel/static_pd.h"
#include "link/tap.h"

static_assert(EMU_BUFFER_SECURE == FRPC_EMULATOR_BUFFER_SECURE, "emulator.h: buffers");
static_assert(EMU_BUFFER_SCATTERED == FRPC_EMULATOR_BUFFER_SCATTERED, "emulator.h: buffers");
static_assert(EMU_BUFFER_UNQUERIED == FRPC_EMULATOR_BUFFER_UNQUERIED, "emulator.h: buffers");
static_assert(EMU_BUFFER_UNASSIGNABLE == FRPC_EMULATOR_BUFFER_UNASSIGNABLE, "emulator.h: buffers");
static_assert(EMU_BUFFER_ASSIGNED == FRPC_EMULATOR_BUFFER_ASSIGNED, "emulator.h: buffers");
static_assert(EMU_INJECT_MAP == (int)FRPC_EMULATOR_FAIL_MAP, "emulator.h: failures");
static_assert(EMU_INJECT_POINTS == FRPC_EMULATOR_FAIL_ASSIGNMENT + 1, "emulator.h: failures");

static struct emu_driver *driver_of(struct frpc_emulator *emulator)
{
	return emu_machine_driver(emulator->machine);
}

int frpc_emulator_set_buffer(struct frpc_emulator *emulator, int fd, uint32_t bits)
{
	struct frpc_task task = emu_api_task(false);
	struct emu_dmabuf *dmabuf;
	int res;

	if (bits & ~EMU_BUFFER_SETTABLE)
		return -EINVAL;
	res = emu_dmabuf_get(&task, fd, &dmabuf);
	if (res)
		return res;
	res = emu_traits_set(emu_driver_traits(driver_of(emulator)), dmabuf, bits);
	emu_dmabuf_put(dmabuf);
	return res;
}

int frpc_emulator_get_buffer(struct frpc_emulator *emulator, int fd, uint32_t *ret_bits)
{
	struct frpc_task task = emu_api_task(false);
	struct emu_dmabuf *dmabuf;
	int res = emu_dmabuf_get(&task, fd, &dmabuf);

	if (res)
		return res;
	*ret_bits = emu_traits_get(emu_driver_traits(driver_of(emulator)), dmabuf);
	emu_dmabuf_put(dmabuf);
	return 0;
}

int frpc_emulator_fail(struct frpc_emulator *emulator, enum frpc_emulator_failure what,
		       uint32_t skip, uint32_t count)
{
	if ((unsigned int)what >= EMU_INJECT_POINTS)
		return -EINVAL;
	emu_inject_order(emu_driver_inject(driver_of(emulator)), (enum emu_inject_point)what, skip,
			 count);
	return 0;
}

int frpc_emulator_set_static_pd(struct frpc_emulator *emulator, const char *name, bool up)
{
	for (unsigned int i = 0; name && i < EMU_STATIC_PDS; i++) {
		struct emu_static_pd *pd = emu_driver_static_pd(driver_of(emulator), i);

		if (strcmp(name, pd->name) && strcmp(name, pd->service))
			continue;
		emu_driver_set_static_pd(driver_of(emulator), pd, up);
		return 0;
	}
	return -ENODEV;
}

uint64_t frpc_emulator_heap_lent(struct frpc_emulator *emulator)
{
	uint32_t blocks;

	return emu_heap_used(emu_driver_heap(driver_of(emulator)), &blocks);
}

int frpc_emulator_rpmsg_probe(struct frpc_emulator *emulator, const char *channel,
			      const char *label, const char *node)
{
	return emu_machine_rpmsg_probe(emulator->machine, channel, label, node);
}

int frpc_emulator_rpmsg_remove(struct frpc_emulator *emulator, const char *label, const char *node)
{
	return emu_machine_rpmsg_remove(emulator->machine, label, node);
}

int frpc_emulator_driver_register(struct frpc_emulator *emulator,
				  struct frpc_emulator_driver *driver)
{
	if (!driver)
		return -EINVAL;
	return emu_bus_register(emu_driver_bus(driver_of(emulator)), driver);
}

void frpc_emulator_driver_unregister(struct frpc_emulator *emulator,
				     struct frpc_emulator_driver *driver)
{
	if (driver)
		emu_bus_unregister(emu_driver_bus(driver_of(emulator)), driver);
}

static void copy_maps(struct frpc_emulator_map *to, const struct emu_map *from, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		to[i] = (struct frpc_emulator_map){
			.fd = from[i].fd,
			.secure = from[i].secure,
			.assigned = from[i].assigned,
			.of_process = from[i].shell,
			.va = from[i].va,
			.len = from[i].len,
			.size = from[i].size,
			.address = from[i].address,
			.dsp_address = from[i].dsp_address,
			.attrs = from[i].attrs,
			.flags = from[i].flags,
			.refs = from[i].refs,
			.ctx_refs = from[i].ctx_refs,
			.dma_handle_refs = from[i].handle_refs,
		};
}

int frpc_emulator_get_memory(struct frpc_emulator *emulator, int file,
			     struct frpc_emulator_memory *ret_memory,
			     struct frpc_emulator_map *maps, uint32_t most)
{
	struct frpc_task task = emu_api_task(false);
	struct emu_map *copies = calloc(most ? most : 1, sizeof(*copies));
	struct emu_file_view view = {0};
	int res;

	if (!copies)
		return -ENOMEM;
	res = emu_driver_view(driver_of(emulator), &task, file, &view, copies, most);
	if (!res) {
		*ret_memory = (struct frpc_emulator_memory){
			.client_id = view.client_id,
			.bank = view.bank,
			.secure_bank = view.secure_bank,
			.metadata_buffers = view.buffers.live[EMU_BUFFER_METADATA],
			.copy_buffers = view.buffers.live[EMU_BUFFER_COPY],
			.init_buffers = view.buffers.live[EMU_BUFFER_INIT],
			.heap_buffers = view.buffers.live[EMU_BUFFER_HEAP],
			.cached_buffers = view.buffers.cached,
			.cached_bytes = view.buffers.cached_bytes,
			.headers = view.buffers.headers,
			.free_headers = view.buffers.free_headers,
			.maps = view.map_count,
		};
		copy_maps(maps, copies, view.map_count < most ? view.map_count : most);
	}
	free(copies);
	return res;
}

static struct emu_end *tap_of(struct frpc_emulator *emulator, bool mainline, uint32_t domain)
{
	return emu_machine_tap(emulator->machine, mainline ? EMU_MAINLINE : EMU_DOWNSTREAM, domain);
}

int frpc_emulator_messages(struct frpc_emulator *emulator, bool mainline, uint32_t domain,
			   struct frpc_emulator_message *messages, uint32_t most)
{
	struct emu_end *tap = tap_of(emulator, mainline, domain);
	struct emu_tap_message *copies;
	uint32_t count;

	if (!tap)
		return -ENODEV;
	if (most > EMU_TAP_MESSAGES)
		most = EMU_TAP_MESSAGES;
	copies = calloc(most ? most : 1, sizeof(*copies));
	if (!copies)
		return -ENOMEM;
	count = emu_tap_read(tap, copies, most);
	for (uint32_t i = 0; i < count; i++) {
		messages[i] = (struct frpc_emulator_message){
			.time_ns = copies[i].time_ns,
			.received = copies[i].received,
			.result = copies[i].result,
			.length = copies[i].length,
		};
		memcpy(messages[i].bytes, copies[i].bytes, sizeof(messages[i].bytes));
	}
	free(copies);
	return (int)count;
}

int frpc_emulator_dump(struct frpc_emulator *emulator, char *text, size_t textlen)
{
	struct frpc_task task = emu_api_task(false);
	char *all = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&all, &size);

	if (!out)
		return -ENOMEM;
	emu_driver_dump(driver_of(emulator), &task, out);
	if (fclose(out)) {
		free(all);
		return -ENOMEM;
	}
	if (textlen) {
		size_t fits = size < textlen - 1 ? size : textlen - 1;

		memcpy(text, all, fits);
		text[fits] = 0;
	}
	free(all);
	return (int)size;
}
