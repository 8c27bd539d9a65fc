/* SPDX-License-Identifier: BSD-3-Clause */
#include "channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#include "../futex.h"
#include "context.h"

/* Finds the call that @id names. Called with the lock held. */
static struct emu_context *lookup(struct emu_channel *channel, uint64_t id)
{
	struct emu_context *context;

	if (channel->dialect == EMU_MAINLINE)
		return channel->table[(id >> 4) & 0xff];
	context = channel->table[(id >> 6) & (EMU_DN_CONTEXTS - 1)];
	return context && context->id == (id & ~UINT64_C(3)) ? context : NULL;
}

/* Wakes the caller. With the lock held: it cannot free the context before we are done with it. */
static void complete(struct emu_context *context, int32_t retval)
{
	context->retval = retval;
	if (atomic_exchange_explicit(&context->state, EMU_CONTEXT_DONE, memory_order_acq_rel) ==
	    EMU_CONTEXT_SLEEPING)
		emu_futex_wake(&context->state, INT_MAX);
}

static bool is_pending(struct emu_context *context)
{
	return atomic_load_explicit(&context->state, memory_order_acquire) != EMU_CONTEXT_DONE;
}

static int receive_mainline(struct emu_channel *channel, const void *bytes, size_t len)
{
	struct frpc_smq_rsp rsp;
	struct emu_context *context;
	int res = -ENOENT;

	if (len < sizeof(rsp))
		return -EINVAL;
	memcpy(&rsp, bytes, sizeof(rsp));
	pthread_mutex_lock(&channel->lock);
	context = lookup(channel, rsp.ctx);
	if (context && is_pending(context)) {
		complete(context, rsp.retval);
		res = 0;
	} else {
		channel->unknown++;
	}
	pthread_mutex_unlock(&channel->lock);
	return res;
}

/* Nothing is reported back to the DSP; what cannot be understood is dropped. */
static int receive_downstream(struct emu_channel *channel, const void *bytes, size_t len)
{
	struct frpc_smq_rsp_v2 rsp = {.flags = FRPC_SMQ_NORMAL_RESPONSE};
	struct emu_context *context;

	/* 8 bytes are a signal, and no session has signals yet; less than 16 are nothing. */
	if (len < sizeof(struct frpc_smq_rsp))
		return -EINVAL;
	memcpy(&rsp, bytes, sizeof(struct frpc_smq_rsp));
	if (rsp.ctx == FRPC_SMQ_NOTIF_CTX)
		return 0; /* a status notification: nobody has asked for one yet */
	if (len >= sizeof(rsp)) {
		memcpy(&rsp, bytes, sizeof(rsp));
		if (rsp.version != FRPC_SMQ_RSP_VERSION)
			return -EINVAL;
	} else {
		rsp.flags = FRPC_SMQ_NORMAL_RESPONSE;
	}
	pthread_mutex_lock(&channel->lock);
	context = lookup(channel, rsp.ctx);
	if (!context || !is_pending(context))
		channel->unknown++;
	else if (rsp.flags == FRPC_SMQ_NORMAL_RESPONSE || rsp.flags == FRPC_SMQ_COMPLETE_SIGNAL)
		complete(context, rsp.retval);
	/* Early and user-early responses only hint: the complete signal follows. */
	pthread_mutex_unlock(&channel->lock);
	return 0;
}

static int receive(void *arg, const void *bytes, size_t len)
{
	struct emu_channel *channel = arg;

	return channel->dialect == EMU_MAINLINE ? receive_mainline(channel, bytes, len)
						: receive_downstream(channel, bytes, len);
}

int emu_channel_new(enum emu_dialect dialect, uint32_t domain,
		    const struct emu_channel_config *config, struct emu_channel **ret_channel)
{
	struct emu_channel *channel = calloc(1, sizeof(*channel));
	int res;

	if (!channel)
		return -ENOMEM;
	channel->dialect = dialect;
	channel->domain = domain;
	channel->config = config;
	channel->end = config->end;
	channel->jobs = 1; /* the first call carries 2 */
	pthread_mutex_init(&channel->lock, NULL);
	res = emu_smmu_new(&channel->smmu);
	if (res) {
		pthread_mutex_destroy(&channel->lock);
		free(channel);
		return res;
	}
	emu_end_connect(channel->end, receive, channel);
	*ret_channel = channel;
	return 0;
}

void emu_channel_free(struct emu_channel *channel)
{
	if (!channel)
		return;
	emu_end_connect(channel->end, NULL, NULL);
	emu_smmu_free(channel->smmu);
	pthread_mutex_destroy(&channel->lock);
	free(channel);
}

int emu_channel_take_bank(struct emu_channel *channel, bool secure, bool shared)
{
	int found = -EUSERS;

	pthread_mutex_lock(&channel->lock);
	for (uint32_t i = 0; i < channel->config->bank_count && found < 0; i++) {
		const struct emu_bank_config *bank = &channel->config->banks[i];

		if (channel->bank_used[i] || bank->secure != secure || bank->shared != shared)
			continue;
		channel->bank_used[i] = true;
		found = (int)i;
	}
	pthread_mutex_unlock(&channel->lock);
	return found;
}

void emu_channel_return_bank(struct emu_channel *channel, int bank)
{
	pthread_mutex_lock(&channel->lock);
	channel->bank_used[bank] = false;
	pthread_mutex_unlock(&channel->lock);
}

static int enter_mainline(struct emu_channel *channel, struct emu_context *context)
{
	for (uint32_t i = 1; i < EMU_ML_CONTEXTS; i++) {
		uint32_t id = (channel->last_id + i - 1) % (EMU_ML_CONTEXTS - 1) + 1;

		if (channel->table[id])
			continue;
		channel->last_id = id;
		channel->table[id] = context;
		context->index = id;
		context->id = (uint64_t)id << 4;
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
		context->id = job << 16 | (uint64_t)i << 6;
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
