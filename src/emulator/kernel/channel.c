/* SPDX-License-Identifier: BSD-3-Clause */
#include "channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"

int emu_channel_new(struct emu_driver *driver, enum emu_dialect dialect, uint32_t domain,
		    const struct emu_channel_config *config, struct emu_channel **ret_channel)
{
	struct emu_channel *channel = calloc(1, sizeof(*channel));
	int res;

	if (!channel)
		return -ENOMEM;
	channel->driver = driver;
	channel->dialect = dialect;
	channel->domain = domain;
	channel->config = config;
	channel->end = config->end ? config->end : emu_rpmsg_absent();
	channel->jobs = 1; /* the first call carries 2 */
	atomic_init(&channel->link_up, config->present && !config->qrtr);
	pthread_mutex_init(&channel->lock, NULL);
	res = emu_smmu_new(&channel->smmu);
	if (res) {
		pthread_mutex_destroy(&channel->lock);
		free(channel);
		return res;
	}
	emu_end_connect(channel->end, emu_channel_receive, channel);
	*ret_channel = channel;
	return 0;
}

void emu_channel_free(struct emu_channel *channel)
{
	if (!channel)
		return;
	emu_end_connect(channel->end, NULL, NULL);
	emu_channel_free_heap(channel);
	emu_smmu_free(channel->smmu);
	pthread_mutex_destroy(&channel->lock);
	free(channel);
}

int emu_channel_take_bank(struct emu_channel *channel, const struct emu_bank_request *request,
			  uint32_t *ret_restarts)
{
	int found = -EUSERS;

	pthread_mutex_lock(&channel->lock);
	for (uint32_t i = 0; i < channel->config->bank_count && found < 0; i++) {
		const struct emu_bank_config *bank = &channel->config->banks[i];

		if (channel->bank_used[i] || bank->secure != request->secure ||
		    bank->shared != request->shared ||
		    (request->pd_type && bank->pd_type != request->pd_type))
			continue;
		channel->bank_used[i] = true;
		found = (int)i;
	}
	*ret_restarts = atomic_load(&channel->restarts);
	pthread_mutex_unlock(&channel->lock);
	return found;
}

bool emu_channel_has_pd_types(const struct emu_channel *channel)
{
	for (uint32_t i = 0; i < channel->config->bank_count; i++)
		if (channel->config->banks[i].pd_type)
			return true;
	return false;
}

void emu_channel_return_bank(struct emu_channel *channel, int bank, uint32_t restarts)
{
	if (bank < 0)
		return;
	pthread_mutex_lock(&channel->lock);
	if (channel->dialect == EMU_DOWNSTREAM || restarts == atomic_load(&channel->restarts))
		channel->bank_used[bank] = false;
	pthread_mutex_unlock(&channel->lock);
}

static int enter_mainline(struct emu_channel *channel, struct emu_context *context)
{
	for (uint32_t i = 1; i < EMU_ML_CONTEXTS; i++) {
		uint32_t id = (channel->last_id + i - 1) % (EMU_ML_CONTEXTS - 1) + 1;

		if (channel->table[id] || channel->left[id].id)
			continue;
		channel->last_id = id;
		channel->table[id] = context;
		context->index = id;
		context->id = channel->config->version < EMU_ML_7_3
				      ? (uint64_t)id << 4
				      : ++channel->jobs << 16 | (uint64_t)id << 8;
		return 0;
	}
	return -ENOSPC;
}

static int enter_downstream(struct emu_channel *channel, struct emu_context *context, bool reserved)
{
	uint64_t job = ++channel->jobs;

	for (uint32_t i = reserved ? 0 : EMU_DN_RESERVED; i < EMU_DN_CONTEXTS; i++) {
		if (channel->table[i])
			continue;
		channel->table[i] = context;
		context->index = i;
		context->id = job << 16 | (uint64_t)i << 6 | (uint64_t)context->async << 4;
		return 0;
	}
	return -ENOKEY;
}

int emu_channel_enter(struct emu_channel *channel, struct emu_context *context, bool reserved)
{
	int res;

	pthread_mutex_lock(&channel->lock);
	res = channel->dialect == EMU_MAINLINE ? enter_mainline(channel, context)
					       : enter_downstream(channel, context, reserved);
	context->entered = !res;
	pthread_mutex_unlock(&channel->lock);
	return res;
}

void emu_channel_leave(struct emu_channel *channel, struct emu_context *context)
{
	pthread_mutex_lock(&channel->lock);
	if (context->entered)
		channel->table[context->index] = NULL;
	context->entered = false;
	pthread_mutex_unlock(&channel->lock);
}

struct emu_context *emu_channel_evict(struct emu_channel *channel, const struct emu_file *file)
{
	struct emu_context *evicted = NULL;

	pthread_mutex_lock(&channel->lock);
	for (uint32_t i = 0; i < EMU_DN_CONTEXTS; i++) {
		struct emu_context *context = channel->table[i];

		if (!context || context->file != file)
			continue;
		channel->table[i] = NULL;
		if (channel->dialect == EMU_MAINLINE && context->args.sent &&
		    !emu_file_is_stale(file))
			channel->left[i] = (struct emu_left_call){
				.id = context->id,
				.answered = atomic_load(&context->state) == EMU_CONTEXT_DONE,
			};
		context->entered = false;
		context->next = evicted;
		evicted = context;
	}
	pthread_mutex_unlock(&channel->lock);
	return evicted;
}

uint32_t emu_channel_calls(struct emu_channel *channel)
{
	uint32_t count = 0;

	pthread_mutex_lock(&channel->lock);
	for (uint32_t i = 0; i < EMU_DN_CONTEXTS; i++)
		count += channel->table[i] != NULL;
	pthread_mutex_unlock(&channel->lock);
	return count;
}
