/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver's DSPSIGNAL commands: one layout for both bitnesses. */
#include <errno.h>

#include "ioctl_downstream.h"

/* A signal id, for the commands that take nothing else. */
static int read_id(struct emu_file *file, const struct frpc_task *task, uint64_t arg,
		   uint32_t *ret_id)
{
	if (emu_user_read(task, ret_id, arg, sizeof(*ret_id)))
		return -EFAULT;
	return emu_file_is_chosen(file) ? 0 : -EBADR;
}

long emu_dn_signal_create(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			  uint64_t arg)
{
	struct frpc_dn_dspsignal_create create;

	(void)cmd;
	if (emu_user_read(task, &create, arg, sizeof(create)))
		return -EFAULT;
	if (!emu_file_is_chosen(file))
		return -EBADR;
	return emu_dspsignals_create(&file->signals, create.signal_id);
}

long emu_dn_signal_destroy(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			   uint64_t arg)
{
	uint32_t id;
	int res = read_id(file, task, arg, &id);

	(void)cmd;
	return res ? res : emu_dspsignals_remove(&file->signals, id);
}

long emu_dn_signal_cancel(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			  uint64_t arg)
{
	uint32_t id;
	int res = read_id(file, task, arg, &id);

	(void)cmd;
	return res ? res : emu_dspsignals_cancel(&file->signals, id);
}

/* To the DSP, in one datagram. The signal need not exist on this side. */
long emu_dn_signal_send(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			uint64_t arg)
{
	uint64_t message;
	uint32_t id;
	int res = read_id(file, task, arg, &id);

	(void)cmd;
	if (res)
		return res;
	if (id >= EMU_DSPSIGNALS)
		return -EBADR;
	if (emu_file_is_stale(file))
		return -ECONNRESET;
	message = (uint64_t)file->client_id << 32 | id;
	return emu_end_send(file->channel->end, &message, sizeof(message));
}

long emu_dn_signal_wait(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			uint64_t arg)
{
	struct frpc_dn_dspsignal_wait wait;

	(void)cmd;
	if (emu_user_read(task, &wait, arg, sizeof(wait)))
		return -EFAULT;
	if (!emu_file_is_chosen(file))
		return -EBADR;
	return emu_dspsignals_wait(&file->signals, emu_driver_clock(file->driver), wait.signal_id,
				   wait.timeout_usec);
}
