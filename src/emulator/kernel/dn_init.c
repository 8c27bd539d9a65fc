/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver's INIT and INIT_ATTRS: the process on the DSP. */
#include <errno.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#include "commands.h"
#include "ioctl_downstream.h"

#define SHELL_LIMIT	(2u * 1048576u)
#define MEMORY_LIMIT	(200u * 1048576u)
#define MEMORY_DEFAULT	(3u * 1048576u)
#define MEMORY_UNSIGNED (5u * 1048576u)
#define STATIC_LIMIT	(8u * 1048576u)

static long init_create(struct emu_file *file, const struct frpc_task *task,
			const struct frpc_dn_init_attrs *init)
{
	uint32_t attrs = (uint32_t)init->attrs & ~FRPC_PROC_ATTR_SYSTEM_UNSIGNED &
			 ~FRPC_PROC_ATTR_PRIVILEGED;
	bool unsigned_pd = attrs & FRPC_PROC_ATTR_UNSIGNED, free_to_create;
	uint32_t memlen = init->init.memlen;
	struct emu_create_request request;
	long res;

	pthread_mutex_lock(&file->lock);
	free_to_create = file->create == EMU_CREATE_NONE;
	if (free_to_create)
		file->create = EMU_CREATE_RUNNING;
	pthread_mutex_unlock(&file->lock);
	if (!free_to_create)
		return -EALREADY;
	res = -EINVAL;
	if (memlen && (memlen < MEMORY_DEFAULT || memlen > MEMORY_LIMIT))
		goto out;
	if (unsigned_pd && !file->untrusted)
		attrs |= FRPC_PROC_ATTR_SYSTEM_UNSIGNED;
	res = -ECONNREFUSED;
	if (file->untrusted && !unsigned_pd)
		goto out;
	res = -EINVAL;
	if (init->init.mem)
		goto out;
	file->unsigned_pd = unsigned_pd;
	request = (struct emu_create_request){
		.file = init->init.file,
		.filelen = init->init.filelen,
		.filefd = init->init.filefd,
		.attrs = attrs,
		.siglen = init->siglen,
		.memory = unsigned_pd ? MEMORY_UNSIGNED
			  : memlen    ? memlen
				      : MEMORY_DEFAULT,
		.map_shell = init->init.filelen != 0,
	};
	res = emu_create_process(file, task, &request);
out:
	pthread_mutex_lock(&file->lock);
	file->create = res ? EMU_CREATE_NONE : EMU_CREATE_DONE;
	pthread_mutex_unlock(&file->lock);
	return res;
}

/* Static PDs: only the audio PD, and this machine has none that is up. */
static long init_create_static(struct emu_file *file, const struct frpc_task *task,
			       const struct frpc_dn_init_attrs *init)
{
	char name[16] = "";

	if (init->init.memlen > STATIC_LIMIT)
		return -EFBIG;
	if (init->init.filelen && init->init.filelen < sizeof(name) &&
	    emu_user_read(task, name, init->init.file, init->init.filelen))
		return -EFAULT;
	if (strcmp(name, "audiopd"))
		return 0; /* as on a phone: nothing is sent, and the file counts as initialised */
	return file->channel->domain ? -EBADR : -ENOTCONN;
}

static long check_init(struct emu_file *file, const struct frpc_dn_init_attrs *init)
{
	const struct emu_channel_config *config;

	if (init->init.filelen >= SHELL_LIMIT || init->init.memlen > MEMORY_LIMIT)
		return -EFBIG;
	if (!emu_file_is_chosen(file))
		return -ECHRNG;
	config = file->channel->config;
	if (!file->secure_node && config->unsigned_ok && config->secure && !file->unsigned_pd)
		return -ECONNREFUSED;
	if (!file->secure_node && init->init.flags != FRPC_DN_INIT_CREATE)
		return -ECONNREFUSED;
	if (file->shared_bank && init->init.flags != FRPC_DN_INIT_ATTACH_SENSORS)
		return -EACCES;
	/* A dynamic process is for somebody who can be told; the others wait for their DSP. */
	return emu_channel_open(file, init->init.flags == FRPC_DN_INIT_ATTACH ||
					      init->init.flags == FRPC_DN_INIT_CREATE_STATIC ||
					      init->init.flags == FRPC_DN_INIT_ATTACH_SENSORS);
}

long emu_dn_init(struct emu_file *file, const struct frpc_task *task,
		 const struct frpc_dn_init_attrs *init)
{
	long res = check_init(file, init);

	if (res)
		return res;
	switch (init->init.flags) {
	case FRPC_DN_INIT_ATTACH:
		res = emu_attach_process(file, task, FRPC_SMQ_PD_ROOT);
		break;
	case FRPC_DN_INIT_ATTACH_SENSORS:
		res = emu_attach_process(file, task, FRPC_SMQ_PD_SENSORS);
		break;
	case FRPC_DN_INIT_CREATE:
		res = init_create(file, task, init);
		break;
	case FRPC_DN_INIT_CREATE_STATIC:
		res = init_create_static(file, task, init);
		break;
	default:
		return -ENOTTY;
	}
	if (!res)
		file->initialised = true;
	return res;
}
