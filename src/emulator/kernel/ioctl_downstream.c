/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver's SETMODE and GET_DSP_INFO. */
#include "ioctl_downstream.h"

#include <errno.h>
#include <string.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/smq.h>

#include "commands.h"

#define CHANNELS	  EMU_DN_CHANNELS
#define DOMAIN_MODEM	  1u
#define DRIVER_ATTRIBUTES 256u
#define LAST_ATTRIBUTE	  259u

long emu_dn_setmode(struct emu_file *file, uint64_t mode)
{
	switch (mode) {
	case FRPC_DN_MODE_PARALLEL: /* no behaviour of the driver depends on either */
	case FRPC_DN_MODE_SERIAL:
		return 0;
	case FRPC_DN_MODE_PROFILE: /* for good */
		atomic_store(&file->profile, true);
		return 0;
	case FRPC_DN_MODE_SESSION:
		pthread_mutex_lock(&file->lock);
		if (!file->sess_info_used)
			file->session_id = 1;
		pthread_mutex_unlock(&file->lock);
		return 0;
	default:
		return -ENOTTY;
	}
}

long emu_dn_get_dsp_info(struct emu_file *file, const struct frpc_task *task,
			 struct frpc_dn_capability *request)
{
	static const uint32_t driver_attributes[] = {2, 1, 1, 1};
	struct emu_channel *channel;
	bool known;
	long res;

	request->capability = 0;
	if (request->domain >= CHANNELS)
		return -ECHRNG;
	if (request->attribute_id > LAST_ATTRIBUTE)
		return -EOVERFLOW;
	if (request->attribute_id >= DRIVER_ATTRIBUTES) {
		request->capability = driver_attributes[request->attribute_id - DRIVER_ATTRIBUTES];
		return 0;
	}
	if (request->domain == DOMAIN_MODEM)
		return 0;
	channel = emu_driver_channel(file->driver, EMU_DOWNSTREAM, request->domain);
	if (!channel)
		return -ECONNREFUSED;
	pthread_mutex_lock(&channel->lock);
	known = channel->capabilities_known;
	pthread_mutex_unlock(&channel->lock);
	if (!known) {
		if (!emu_file_is_chosen(file))
			return -EBADR;
		/* The question goes to the file's DSP, the answer is kept for the domain asked. */
		res = emu_channel_open(file, false);
		if (res)
			return res;
		res = emu_query_capabilities(file, task, channel);
		if (res)
			return res;
	}
	if (request->attribute_id) {
		pthread_mutex_lock(&channel->lock);
		request->capability = channel->capabilities[request->attribute_id];
		pthread_mutex_unlock(&channel->lock);
	}
	return 0;
}
