/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver's GETINFO and SESS_INFO: which DSP a file is for, and its context bank. */
#include <errno.h>

#include "ioctl_downstream.h"

#define CHANNELS	EMU_DN_CHANNELS
#define PD_TYPE_SENSORS 3u
#define PD_TYPE_USER	7u

/* GETINFO and SESS_INFO: once per file, whatever comes of it. */
static long choose(struct emu_file *file, const struct frpc_task *task, uint32_t domain)
{
	struct emu_channel *channel;
	uint32_t client;
	long res;

	if (task->tgid != file->tgid)
		file->untrusted = true;
	if (domain >= CHANNELS)
		return -ECHRNG;
	client = emu_driver_take_client(file->driver);
	if (!client)
		return -EUSERS;
	channel = emu_driver_channel(file->driver, EMU_DOWNSTREAM, domain);
	if (!channel)
		res = -ENODEV;
	else if (!file->secure_node && channel->config->secure && !channel->config->unsigned_ok)
		res = -EACCES;
	else
		res = emu_file_choose(file, channel, client);
	if (res)
		emu_driver_return_client(file->driver, client);
	return res;
}

static bool first_choice(struct emu_file *file)
{
	bool first;

	pthread_mutex_lock(&file->lock);
	first = !file->choice_tried;
	file->choice_tried = true;
	pthread_mutex_unlock(&file->lock);
	return first;
}

long emu_dn_getinfo(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	uint32_t channel;
	long res;

	if (emu_user_read(task, &channel, arg, sizeof(channel)))
		return -EFAULT;
	if (!first_choice(file))
		return -EBADR;
	res = choose(file, task, channel);
	if (res)
		return res;
	channel = emu_file_bank_id(file) != 0;
	return emu_user_write(task, arg, &channel, sizeof(channel)) ? -EFAULT : 0;
}

/* The device tree says PD types of banks, or of none. */
static bool has_pd_types(struct emu_driver *driver, uint32_t domain)
{
	const struct emu_channel *channel = emu_driver_channel(driver, EMU_DOWNSTREAM, domain);

	return channel && emu_channel_has_pd_types(channel);
}

long emu_dn_sess_info(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn_sess_info info;
	long res;

	/* Here the real driver hands out the number of bytes it could not copy. */
	if (emu_user_read(task, &info, arg, sizeof(info)))
		return sizeof(info);
	if (!first_choice(file))
		return -EBADR;
	if (!info.pd_type || info.pd_type > EMU_PD_TYPES)
		return -EBADR;
	if (task->tgid != file->tgid && info.pd_type != PD_TYPE_USER)
		return -EBADR;
	if (has_pd_types(file->driver, info.domain_id))
		file->pd_type = info.pd_type;
	if (info.pd_type == PD_TYPE_SENSORS)
		file->shared_bank = true;
	if (info.session_id >= emu_driver_get_config(file->driver)->max_sessions)
		return -EBADR;
	file->sess_info_used = true;
	file->session_id = info.session_id;
	res = choose(file, task, info.domain_id);
	if (res)
		return res;
	info.domain_id = emu_file_bank_id(file) != 0;
	return emu_user_write(task, arg, &info, sizeof(info)) ? (long)sizeof(info) : 0;
}
