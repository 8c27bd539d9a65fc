/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a DSP sends: answers to calls, signals and status notifications. Every byte is hostile:
 * length first, then content. Nothing is reported back to the DSP; the results are for the log.
 */
#include <errno.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#include "async.h"
#include "context.h"
#include "registry.h"

#define SIGNAL_BYTES 8u

/* Finds the call that @id names. Called with the lock held. */
static struct emu_context *lookup(struct emu_channel *channel, uint64_t id)
{
	struct emu_context *context;

	if (channel->dialect == EMU_MAINLINE && channel->config->version < EMU_ML_7_3)
		return channel->table[(id >> 4) & 0xff];
	if (channel->dialect == EMU_MAINLINE) {
		context = channel->table[(id >> 8) & 0xff];
		return context && context->id >> 8 == id >> 8 ? context : NULL;
	}
	context = channel->table[(id >> 6) & (EMU_DN_CONTEXTS - 1)];
	return context && context->id == (id & ~UINT64_C(3)) ? context : NULL;
}

static bool is_pending(struct emu_context *context)
{
	return atomic_load_explicit(&context->state, memory_order_acquire) != EMU_CONTEXT_DONE;
}

/*
 * Mainline: a call whose file is closed is answered late, once: the driver would free it upon a
 * second answer, and with it the file, whose list still holds it. Called with the lock held.
 */
static bool settle(struct emu_channel *channel, uint64_t id)
{
	bool sequence = channel->config->version >= EMU_ML_7_3;
	struct emu_left_call *left = &channel->left[(id >> (sequence ? 8 : 4)) & 0xff];

	if (!left->id || left->answered || (sequence && left->id >> 8 != id >> 8))
		return false;
	left->answered = true;
	return true;
}

static void count_stray(struct emu_channel *channel)
{
	emu_count(&emu_driver_stats(channel->driver)->stray_responses, 1);
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
		emu_context_complete(context, rsp.retval);
		res = 0;
	} else if (!context && settle(channel, rsp.ctx)) {
		res = 0;
	} else {
		count_stray(channel);
	}
	pthread_mutex_unlock(&channel->lock);
	return res;
}

/* What each response flag does to the call that it names. Called with the lock held. */
static void take_response(struct emu_context *context, const struct frpc_smq_rsp_v2 *rsp)
{
	switch (rsp->flags) {
	case FRPC_SMQ_NORMAL_RESPONSE:
	case FRPC_SMQ_COMPLETE_SIGNAL:
		atomic_store_explicit(&context->flags, rsp->flags, memory_order_relaxed);
		emu_context_complete(context, rsp->retval);
		break;
	case FRPC_SMQ_EARLY_RESPONSE:
		context->retval = rsp->retval;
		atomic_store_explicit(&context->flags, rsp->flags, memory_order_relaxed);
		if (context->async)
			emu_async_push(context);
		else
			emu_context_hint(context);
		break;
	case FRPC_SMQ_USER_EARLY_SIGNAL:
		context->early_wake_us = rsp->early_wake_time;
		if (context->async)
			break;
		atomic_store_explicit(&context->flags, rsp->flags, memory_order_relaxed);
		emu_context_hint(context);
		break;
	default: /* stored; who waits already goes on waiting */
		atomic_store_explicit(&context->flags, rsp->flags, memory_order_relaxed);
		break;
	}
}

static int receive_notification(struct emu_channel *channel, const void *bytes, size_t len)
{
	struct frpc_smq_notif notif;

	if (len < sizeof(notif))
		return -EINVAL;
	memcpy(&notif, bytes, sizeof(notif));
	if (notif.type != FRPC_SMQ_NOTIF_TYPE)
		return -EINVAL;
	return emu_registry_notify(emu_driver_registry(channel->driver), notif.pid, notif.status);
}

static int receive_signal(struct emu_channel *channel, const void *bytes)
{
	uint64_t signal;

	memcpy(&signal, bytes, sizeof(signal));
	return emu_registry_signal(emu_driver_registry(channel->driver), channel,
				   (uint32_t)(signal >> 32), (uint32_t)signal);
}

static int receive_downstream(struct emu_channel *channel, const void *bytes, size_t len)
{
	struct frpc_smq_rsp_v2 rsp = {.flags = FRPC_SMQ_NORMAL_RESPONSE};
	struct emu_context *context;
	int res = -ENOENT;

	if (len == SIGNAL_BYTES)
		return receive_signal(channel, bytes);
	if (len < sizeof(struct frpc_smq_rsp))
		return -EINVAL;
	memcpy(&rsp, bytes, sizeof(struct frpc_smq_rsp));
	if (rsp.ctx == FRPC_SMQ_NOTIF_CTX)
		return receive_notification(channel, bytes, len);
	if (len >= sizeof(rsp)) {
		memcpy(&rsp, bytes, sizeof(rsp));
		/* Dropped, and the call stays pending. */
		if (rsp.version != FRPC_SMQ_RSP_VERSION)
			return -EINVAL;
	} else {
		rsp.flags = FRPC_SMQ_NORMAL_RESPONSE;
	}
	pthread_mutex_lock(&channel->lock);
	context = lookup(channel, rsp.ctx);
	if (context && is_pending(context) && (!context->async || context->sent)) {
		take_response(context, &rsp);
		res = 0;
	} else {
		count_stray(channel);
	}
	pthread_mutex_unlock(&channel->lock);
	return res;
}

int emu_channel_receive(void *arg, const void *bytes, size_t len)
{
	struct emu_channel *channel = arg;

	return channel->dialect == EMU_MAINLINE ? receive_mainline(channel, bytes, len)
						: receive_downstream(channel, bytes, len);
}
