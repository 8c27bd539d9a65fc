/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a driver does when a DSP is restarted. Downstream a file lives as long as its restart count
 * is the channel's: whoever asks the DSP again (INIT, a capability query) takes the new one over.
 * Mainline makes a new channel: what belonged to the old one is dead for good.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "../futex.h"
#include "context.h"
#include "ioctl_mainline.h"
#include "registry.h"

static void set_word(_Atomic uint32_t *word, uint32_t value)
{
	atomic_store(word, value);
	emu_futex_wake(word, INT_MAX);
}

/* Every call gets @result, also the interrupted ones; jobs only if the DSP had been sent them. */
static void end_calls(struct emu_channel *channel, int32_t result)
{
	pthread_mutex_lock(&channel->lock);
	for (uint32_t i = 0; i < EMU_DN_CONTEXTS; i++) {
		struct emu_context *context = channel->table[i];

		if (!context || (context->async && !context->sent) ||
		    atomic_load(&context->state) == EMU_CONTEXT_DONE)
			continue;
		emu_context_complete(context, result);
	}
	pthread_mutex_unlock(&channel->lock);
}

static void tell_file(struct emu_file *file, void *context)
{
	(void)context;
	emu_notifs_push(&file->notifs, EMU_PD_RESTART);
	emu_dspsignals_cancel_all(&file->signals);
}

static void restart_downstream(struct emu_channel *channel, enum emu_restart_step step)
{
	switch (step) {
	case EMU_RESTART_SHUTDOWN_BEGINS:
		/* In this order: who sees the new count finds the channel closed. */
		set_word(&channel->state, EMU_CHANNEL_RESTARTING);
		set_word(&channel->link_up, 0);
		atomic_fetch_add(&channel->restarts, 1);
		break;
	case EMU_RESTART_SHUTDOWN_ENDS:
		set_word(&channel->state, EMU_CHANNEL_DOWN);
		break;
	case EMU_RESTART_POWERUP_BEGINS:
		emu_registry_each(emu_driver_registry(channel->driver), channel, tell_file, NULL);
		end_calls(channel, -ECONNRESET);
		break;
	case EMU_RESTART_POWERUP_ENDS:
		/* In this order: who waits for the link looks at the state next. */
		set_word(&channel->state, EMU_CHANNEL_UP);
		set_word(&channel->link_up, 1);
		break;
	}
}

/* The files of before are dead, and their banks somebody else's: at one moment for who takes a bank. */
static void retire_files(struct emu_channel *channel)
{
	pthread_mutex_lock(&channel->lock);
	atomic_fetch_add(&channel->restarts, 1);
	memset(channel->bank_used, 0, sizeof(channel->bank_used));
	pthread_mutex_unlock(&channel->lock);
}

/* The channel that comes back knows nothing of the one that went. */
static void forget_channel(struct emu_channel *channel)
{
	pthread_mutex_lock(&channel->lock);
	channel->old_capabilities_known |= channel->capabilities_known;
	if (channel->capabilities_known)
		memcpy(channel->old_capabilities, channel->capabilities,
		       sizeof(channel->capabilities));
	channel->capabilities_known = false;
	memset(channel->left, 0, sizeof(channel->left));
	channel->last_id = 0;
	channel->jobs = 1;
	pthread_mutex_unlock(&channel->lock);
	emu_ml_heap_drop_static(channel);
}

static void restart_mainline(struct emu_channel *channel, enum emu_restart_step step)
{
	switch (step) {
	case EMU_RESTART_SHUTDOWN_BEGINS:
		set_word(&channel->link_up, 0);
		retire_files(channel);
		end_calls(channel, -EPIPE);
		forget_channel(channel);
		break;
	case EMU_RESTART_SHUTDOWN_ENDS:
	case EMU_RESTART_POWERUP_BEGINS:
		break;
	case EMU_RESTART_POWERUP_ENDS:
		set_word(&channel->link_up, 1);
		break;
	}
}

void emu_driver_restart(struct emu_driver *driver, enum emu_dialect dialect, uint32_t domain,
			enum emu_restart_step step)
{
	struct emu_channel *channel = emu_driver_channel(driver, dialect, domain);

	if (channel && dialect == EMU_DOWNSTREAM)
		restart_downstream(channel, step);
	else if (channel)
		restart_mainline(channel, step);
}

/* Its clients' calls, not those that the driver makes for them; notifications there are none. */
static void end_calls_of_pd(struct emu_channel *channel, const struct emu_static_pd *pd)
{
	pthread_mutex_lock(&channel->lock);
	for (uint32_t i = 0; i < EMU_DN_CONTEXTS; i++) {
		struct emu_context *context = channel->table[i];

		if (context && context->file->static_pd == pd && !context->args.kernel &&
		    atomic_load(&context->state) != EMU_CONTEXT_DONE)
			emu_context_complete(context, -ECONNRESET);
	}
	pthread_mutex_unlock(&channel->lock);
}

void emu_driver_set_static_pd(struct emu_driver *driver, struct emu_static_pd *pd, bool up)
{
	struct emu_channel *channel = emu_driver_channel(driver, EMU_DOWNSTREAM, pd->domain);

	emu_static_pd_set_up(pd, emu_driver_clock(driver), up);
	if (channel && !up)
		end_calls_of_pd(channel, pd);
}

void emu_driver_qrtr_state(struct emu_driver *driver, uint32_t domain, bool online)
{
	struct emu_channel *channel = emu_driver_channel(driver, EMU_DOWNSTREAM, domain);

	if (!channel)
		return;
	set_word(&channel->link_up, online);
	if (online)
		return;
	/* All at once, and the subsystem's state is not touched. */
	emu_registry_each(emu_driver_registry(driver), channel, tell_file, NULL);
	end_calls(channel, -ECONNRESET);
	atomic_fetch_add(&channel->restarts, 1);
}

int emu_channel_open(struct emu_file *file, bool wait)
{
	struct emu_channel *channel = file->channel;
	uint32_t restarts;

	while (wait && !atomic_load(&channel->link_up))
		if (emu_clock_wait(emu_driver_clock(file->driver), &channel->link_up, 0,
				   EMU_FOREVER, true))
			return -EINTR;
	/* Before the link is looked at: a DSP that goes down meanwhile leaves the file stale. */
	restarts = atomic_load(&channel->restarts);
	if (!atomic_load(&channel->link_up))
		return -ECONNREFUSED;
	if (restarts && atomic_load(&channel->state) != EMU_CHANNEL_UP)
		return -ECONNREFUSED;
	atomic_store(&file->restarts, restarts);
	return 0;
}
