/* SPDX-License-Identifier: BSD-3-Clause */
#include "file.h"

#include <errno.h>
#include <stdlib.h>

#include <fastrpc/abi/smq.h>

#include "async.h"
#include "bus.h"
#include "registry.h"

#define PD_TYPE_CPZ_USER 6u /* secure buffers of users */

int emu_file_new(struct emu_driver *driver, enum emu_dialect dialect, bool secure_node,
		 const struct frpc_task *task, struct emu_file **ret_file)
{
	struct emu_file *file = calloc(1, sizeof(*file));

	if (!file)
		return -ENOMEM;
	file->driver = driver;
	file->dialect = dialect;
	file->secure_node = secure_node;
	file->tgid = task->tgid;
	file->bank = file->secure_bank = -1;
	atomic_init(&file->refs, 1);
	pthread_mutex_init(&file->lock, NULL);
	pthread_mutex_init(&file->map_lock, NULL);
	emu_dspsignals_init(&file->signals);
	emu_notifs_init(&file->notifs);
	emu_async_init(&file->async);
	emu_registry_add(emu_driver_registry(driver), file);
	*ret_file = file;
	return 0;
}

/* A secure buffer turned up: from now until close the file has a secure bank as well. */
static int take_secure_bank(void *context, uint32_t *ret_bank)
{
	struct emu_file *file = context;
	struct emu_channel *channel = file->channel;

	if (file->secure_bank < 0) {
		struct emu_bank_request request = {
			.secure = true,
			.pd_type = emu_channel_has_pd_types(channel) ? PD_TYPE_CPZ_USER : 0,
		};
		uint32_t restarts; /* downstream's banks survive them */

		file->secure_bank = emu_channel_take_bank(channel, &request, &restarts);
		if (file->secure_bank < 0)
			return -ENOSR;
	}
	*ret_bank = channel->config->banks[file->secure_bank].id;
	return 0;
}

static int take_bank(struct emu_file *file, struct emu_channel *channel)
{
	const struct emu_bank_request request = {
		.shared = file->shared_bank,
		.pd_type = file->pd_type,
	};
	uint32_t restarts;

	if (file->dialect == EMU_DOWNSTREAM && !channel->config->bank_count)
		return emu_driver_get_config(file->driver)->heap_size ? 0 : -ENODEV;
	file->bank = emu_channel_take_bank(channel, &request, &restarts);
	/* Mainline: of the very channel that the bank is of, however many come and go. */
	if (file->dialect == EMU_MAINLINE)
		atomic_store(&file->restarts, restarts);
	return file->bank < 0 ? file->bank : 0;
}

static int make_memory(struct emu_file *file)
{
	const struct emu_driver_config *config = emu_driver_get_config(file->driver);
	const struct emu_buffers_config buffers = {
		.dialect = file->dialect,
		.smmu = file->channel->smmu,
		.bank = emu_file_bank_id(file),
		.limit = config->buffer_limit,
		.inject = emu_driver_inject(file->driver),
		.stats = config->stats,
	};
	const struct emu_maps_config maps = {
		.dialect = file->dialect,
		.smmu = file->channel->smmu,
		.bank = emu_file_bank_id(file),
		.limit = config->buffer_limit,
		.believing = file->channel->config->version < EMU_ML_6_12,
		.assign = file->channel->config->assign,
		.shadows =
			file->channel->config->incoherent ? emu_driver_shadows(file->driver) : NULL,
		.traits = emu_driver_traits(file->driver),
		.inject = emu_driver_inject(file->driver),
		.secure_bank = take_secure_bank,
		.context = file,
	};
	int res = emu_buffers_new(&buffers, &file->buffers);

	return res ? res : emu_maps_new(&maps, &file->maps);
}

int emu_file_choose(struct emu_file *file, struct emu_channel *channel, uint32_t client_id)
{
	int res = take_bank(file, channel);

	if (res)
		return res;
	file->channel = channel;
	res = make_memory(file);
	if (res) {
		emu_buffers_free(file->buffers);
		file->buffers = NULL;
		emu_channel_return_bank(channel, file->bank, atomic_load(&file->restarts));
		file->bank = -1;
		file->channel = NULL;
		return res;
	}
	file->client_id = client_id;
	if (file->dialect == EMU_MAINLINE && channel->config->version >= EMU_ML_7_3)
		file->client_id = (uint32_t)file->bank + 1;
	file->source = (struct emu_args_source){
		.dialect = file->dialect,
		.version = channel->config->version,
		.buffers = file->buffers,
		.maps = file->maps,
		.stats = emu_driver_stats(file->driver),
		.handles_unmapped = &channel->handles_unmapped,
	};
	atomic_store_explicit(&file->chosen, true, memory_order_release);
	return 0;
}

static void put_list(struct emu_buffer **list)
{
	struct emu_buffer *buffer;

	while ((buffer = *list)) {
		*list = buffer->next;
		emu_buffers_put_pages(buffer);
	}
}

/*
 * Tells the DSP that its process is to end, also if none was ever made. The result changes nothing.
 * Downstream a DSP that is going down is waited for and not told.
 */
static void end_process(struct emu_file *file, const struct frpc_task *task)
{
	int32_t client = (int32_t)file->client_id;
	const struct emu_kernel_arg arg = {&client, sizeof(client)};
	struct emu_channel *channel = file->channel;

	if (atomic_load(&file->cleaned))
		return;
	if (atomic_load(&channel->state) == EMU_CHANNEL_RESTARTING) {
		emu_clock_wait(emu_driver_clock(file->driver), &channel->state,
			       EMU_CHANNEL_RESTARTING, EMU_FOREVER, false);
		return;
	}
	if (atomic_load(&channel->link_up))
		emu_driver_call(file, task, FRPC_HANDLE_PROCESS_GROUP, FRPC_SC_RELEASE, &arg);
}

void emu_file_release(struct emu_file *file, const struct frpc_task *task)
{
	struct emu_bus *bus = emu_driver_bus(file->driver);
	uint32_t restarts;

	emu_bus_close(bus, file);
	if (file->channel)
		end_process(file, task);
	emu_bus_remove(bus, file);
	emu_registry_remove(emu_driver_registry(file->driver), file);
	if (file->channel) {
		emu_contexts_free(file);
		emu_buffers_put(file->buffers, EMU_BUFFER_INIT, file->init_memory);
		put_list(&file->pages);
		put_list(&file->lost_pages);
		emu_maps_free(file->maps);
		emu_buffers_free(file->buffers);
		restarts = atomic_load(&file->restarts);
		emu_channel_return_bank(file->channel, file->bank, restarts);
		emu_channel_return_bank(file->channel, file->secure_bank, restarts);
	}
	if (file->dialect == EMU_DOWNSTREAM && file->client_id)
		emu_driver_return_client(file->driver, file->client_id);
	emu_async_destroy(&file->async);
	emu_notifs_destroy(&file->notifs);
	emu_dspsignals_destroy(&file->signals);
	pthread_mutex_destroy(&file->lock);
	pthread_mutex_destroy(&file->map_lock);
	free(file);
}

struct emu_buffer *emu_file_take_pages(struct emu_file *file, uint64_t dsp_address, uint64_t size)
{
	struct emu_buffer **at, *found;

	pthread_mutex_lock(&file->lock);
	at = &file->pages;
	while (*at && ((*at)->dsp_address != dsp_address || (*at)->wanted != size))
		at = &(*at)->next;
	found = *at;
	if (found)
		*at = found->next;
	pthread_mutex_unlock(&file->lock);
	return found;
}

void emu_file_add_pages(struct emu_file *file, struct emu_buffer *pages)
{
	pthread_mutex_lock(&file->lock);
	pages->next = file->pages;
	file->pages = pages;
	pthread_mutex_unlock(&file->lock);
}
