/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver's CONTROL command. */
#include <errno.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/smq.h>

#include "async.h"
#include "commands.h"
#include "ioctl_downstream.h"

#define DOMAIN_CDSP  3u
#define LATENCY_ON   1u
#define LATENCY_ANY  0x7fffffffu /* no vote */
#define PM_MOST_MS   50u
#define POLL_MOST_US 10000u

/* Tells the DSP once how it may wake CPUs. What comes of it changes nothing. */
static void send_cpu_info(struct emu_file *file, const struct frpc_task *task)
{
	struct emu_channel *channel = file->channel;
	uint64_t early_wakeup = channel->domain == DOMAIN_CDSP;
	const struct emu_kernel_arg arg = {&early_wakeup, sizeof(early_wakeup)};
	bool told;

	pthread_mutex_lock(&channel->lock);
	told = channel->cpu_info_sent;
	channel->cpu_info_sent = true;
	pthread_mutex_unlock(&channel->lock);
	if (!told &&
	    emu_driver_call(file, task, FRPC_HANDLE_DSP_UTILITIES, FRPC_SC_CPU_INFO, &arg)) {
		pthread_mutex_lock(&channel->lock);
		channel->cpu_info_sent = false;
		pthread_mutex_unlock(&channel->lock);
	}
}

/* The number of microseconds that the caller gives is ignored: the device tree's counts. */
static long latency(struct emu_file *file, const struct frpc_task *task, uint32_t enable)
{
	uint32_t vote = emu_driver_get_config(file->driver)->latency_us;

	if (vote == EMU_NO_LATENCY && enable == LATENCY_ON)
		return -EINVAL;
	atomic_store(&file->latency_us, enable == LATENCY_ON ? vote : LATENCY_ANY);
	emu_count(&emu_driver_stats(file->driver)->latency_votes, 1);
	if (emu_file_is_chosen(file))
		send_cpu_info(file, task);
	return 0;
}

static long stay_awake(struct emu_file *file, uint32_t ms)
{
	struct emu_stats *stats = emu_driver_stats(file->driver);

	if (!file->wakelock)
		return -EACCES;
	if (!emu_file_is_chosen(file))
		return -ECHRNG;
	/* Nothing on this machine ever suspends: the wake source is only recorded. */
	emu_count(&stats->wake_events, 1);
	emu_count(&stats->wake_ms, ms < PM_MOST_MS ? ms : PM_MOST_MS);
	return 0;
}

static long poll_mode(struct emu_file *file, uint32_t enable, uint32_t us)
{
	bool created;

	pthread_mutex_lock(&file->lock);
	created = file->create == EMU_CREATE_DONE;
	pthread_mutex_unlock(&file->lock);
	if (!created || file->channel->domain != DOMAIN_CDSP)
		return -EPERM;
	if (us > POLL_MOST_US)
		return -EBADMSG;
	atomic_store(&file->poll_us, enable ? us : 0);
	atomic_store(&file->poll_on, enable != 0);
	return 0;
}

/*
 * Ends the process on the DSP; the file is good for nothing but close afterwards. Who waits for a
 * notification at this moment gets this one.
 */
static long clean(struct emu_file *file, const struct frpc_task *task)
{
	int32_t client = (int32_t)file->client_id;
	const struct emu_kernel_arg arg = {&client, sizeof(client)};

	if (emu_file_is_chosen(file))
		emu_driver_call(file, task, FRPC_HANDLE_PROCESS_GROUP, FRPC_SC_RELEASE, &arg);
	atomic_store(&file->cleaned, true);
	emu_notifs_push(&file->notifs, EMU_PD_FORCE_KILL);
	return 0;
}

long emu_dn_control(struct emu_file *file, const struct frpc_task *task,
		    struct frpc_dn_control *control)
{
	switch (control->req) {
	case FRPC_DN_CONTROL_LATENCY:
		return latency(file, task, control->lp.enable);
	case FRPC_DN_CONTROL_SMMU:
		file->shared_bank = control->smmu_sharedcb != 0;
		return 0;
	case FRPC_DN_CONTROL_KALLOC:
		control->kalloc_support = 1;
		return 0;
	case FRPC_DN_CONTROL_WAKELOCK:
		if (!file->secure_node)
			return -EPERM;
		file->wakelock = control->wp_enable != 0;
		return 0;
	case FRPC_DN_CONTROL_PM:
		return stay_awake(file, control->pm_timeout);
	case FRPC_DN_CONTROL_DSPPROCESS_CLEAN:
		return clean(file, task);
	case FRPC_DN_CONTROL_RPC_POLL:
		return poll_mode(file, control->lp.enable, control->lp.latency);
	case FRPC_DN_CONTROL_ASYNC_WAKE:
		emu_async_wake(&file->async);
		return 0;
	case FRPC_DN_CONTROL_NOTIF_WAKE:
		emu_notifs_wake(&file->notifs);
		return 0;
	default:
		return -EBADRQC;
	}
}
