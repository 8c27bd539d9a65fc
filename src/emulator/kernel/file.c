/* SPDX-License-Identifier: BSD-3-Clause */
#include "file.h"

#include <errno.h>
#include <stdlib.h>

#include <fastrpc/abi/smq.h>

#include "async.h"
#include "registry.h"

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
	file->bank = -1;
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

int emu_file_choose(struct emu_file *file, struct emu_channel *channel, bool shared,
		    uint32_t client_id)
{
	uint32_t bank_id;
	int bank, res;

	bank = emu_channel_take_bank(channel, false, shared);
	if (bank < 0)
		return bank;
	bank_id = channel->config->banks[bank].id;
	res = emu_buffers_new(file->dialect, channel->smmu, bank_id, &file->buffers);
	if (!res)
		res = emu_maps_new(file->dialect, channel->smmu, bank_id, &file->maps);
	if (res) {
		emu_buffers_free(file->buffers);
		file->buffers = NULL;
		emu_channel_return_bank(channel, bank);
		return res;
	}
	file->channel = channel;
	file->bank = bank;
	file->client_id = client_id;
	file->source = (struct emu_args_source){
		.dialect = file->dialect,
		.buffers = file->buffers,
		.maps = file->maps,
		.stats = emu_driver_stats(file->driver),
		.handles_unmapped = &channel->handles_unmapped,
	};
	atomic_store_explicit(&file->chosen, true, memory_order_release);
	return 0;
}

static void put_list(struct emu_file *file, struct emu_buffer **list)
{
	struct emu_buffer *buffer;

	while ((buffer = *list)) {
		*list = buffer->next;
		emu_buffers_put(file->buffers, EMU_BUFFER_HELD, buffer);
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
	if (file->channel)
		end_process(file, task);
	emu_registry_remove(emu_driver_registry(file->driver), file);
	if (file->channel) {
		emu_contexts_free(file);
		emu_buffers_put(file->buffers, EMU_BUFFER_HELD, file->init_memory);
		put_list(file, &file->pages);
		put_list(file, &file->lost_pages);
		emu_maps_free(file->maps);
		emu_buffers_free(file->buffers);
		emu_channel_return_bank(file->channel, file->bank);
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
