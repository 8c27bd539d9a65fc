/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver's CONTROL command: its simple requests. */
#include <errno.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/smq.h>

#include "commands.h"
#include "ioctl_downstream.h"

/* The vote itself has no core to hold awake here; the DSP is told as on a phone, once. */
static long latency(struct emu_file *file, const struct frpc_task *task)
{
	uint64_t early_wakeup = 0;
	const struct emu_kernel_arg arg = {&early_wakeup, sizeof(early_wakeup)};
	bool told;

	if (!atomic_load_explicit(&file->chosen, memory_order_acquire))
		return -EBADR;
	pthread_mutex_lock(&file->channel->lock);
	told = file->channel->cpu_info_sent;
	file->channel->cpu_info_sent = true;
	pthread_mutex_unlock(&file->channel->lock);
	if (!told) {
		early_wakeup = file->channel->domain == 3;
		emu_driver_call(file, task, FRPC_HANDLE_DSP_UTILITIES, FRPC_SC_CPU_INFO, &arg);
	}
	return 0;
}

/* Ends the process on the DSP; the file is good for nothing but close afterwards. */
static long clean(struct emu_file *file, const struct frpc_task *task)
{
	int32_t client = (int32_t)file->client_id;
	const struct emu_kernel_arg arg = {&client, sizeof(client)};

	if (atomic_load_explicit(&file->chosen, memory_order_acquire))
		emu_driver_call(file, task, FRPC_HANDLE_PROCESS_GROUP, FRPC_SC_RELEASE, &arg);
	file->cleaned = true;
	return 0;
}

long emu_dn_control(struct emu_file *file, const struct frpc_task *task,
		    struct frpc_dn_control *control)
{
	switch (control->req) {
	case FRPC_DN_CONTROL_LATENCY:
		return latency(file, task);
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
		if (!file->wakelock)
			return -EACCES;
		/* Nothing on this machine ever suspends, so it stays awake for that long. */
		return atomic_load(&file->chosen) ? 0 : -ECHRNG;
	case FRPC_DN_CONTROL_DSPPROCESS_CLEAN:
		return clean(file, task);
	default: /* polling, async and notification wake-ups are not built yet */
		return -EBADRQC;
	}
}
