/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver's INIT and INIT_ATTRS: the process on the DSP. */
#include <errno.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#include "bus.h"
#include "commands.h"
#include "ioctl_downstream.h"

#define SHELL_LIMIT	(2u * 1048576u)
#define MEMORY_LIMIT	(200u * 1048576u)
#define MEMORY_DEFAULT	(3u * 1048576u)
#define MEMORY_UNSIGNED (5u * 1048576u)
#define STATIC_LIMIT	(8u * 1048576u)

#define USER_SPACE_64	(UINT64_C(1) << 48)
#define USER_SPACE_32	(UINT64_C(1) << 32)
#define STATIC_NAME_MAX 255u
#define ATTRIBUTE_NAMES 134u

/* Addresses that no process has are told from those that it merely has not mapped. */
static bool is_user_range(const struct frpc_task *task, uint64_t start, uint64_t len)
{
	uint64_t end = task->compat ? USER_SPACE_32 : USER_SPACE_64;

	return start <= end && len <= end - start;
}

static bool is_privileged(const struct emu_file *file, const struct frpc_task *task)
{
	const struct emu_driver_config *config = emu_driver_get_config(file->driver);

	for (uint32_t i = 0; i < config->gid_count; i++)
		if (emu_user_in_group(task, config->gids[i]))
			return true;
	return false;
}

/* Some bits are the driver's to set. */
static uint32_t process_attributes(const struct emu_file *file, const struct frpc_task *task,
				   uint32_t wanted)
{
	uint32_t attrs = wanted & ~FRPC_PROC_ATTR_SYSTEM_UNSIGNED & ~FRPC_PROC_ATTR_PRIVILEGED;

	if ((attrs & FRPC_PROC_ATTR_UNSIGNED) && !file->untrusted)
		attrs |= FRPC_PROC_ATTR_SYSTEM_UNSIGNED;
	if (is_privileged(file, task))
		attrs |= FRPC_PROC_ATTR_PRIVILEGED;
	return attrs;
}

static long create(struct emu_file *file, const struct frpc_task *task,
		   const struct frpc_dn_init_attrs *init)
{
	bool unsigned_pd = init->attrs & FRPC_PROC_ATTR_UNSIGNED;
	uint32_t memlen = init->init.memlen;
	struct emu_create_request request = {
		.file = init->init.file,
		.filelen = init->init.filelen,
		.filefd = init->init.filefd,
		.siglen = init->siglen,
		.memory = memlen ? memlen : MEMORY_DEFAULT,
		.map_shell = init->init.filelen != 0,
		.shared_fd = file->shared_fd,
		.shared_size = file->shared_size,
	};

	if (memlen && (memlen < MEMORY_DEFAULT || memlen > MEMORY_LIMIT))
		return -EINVAL;
	if (!is_user_range(task, init->init.file, init->init.filelen))
		return -EPERM;
	request.attrs = process_attributes(file, task, (uint32_t)init->attrs);
	if (file->untrusted && !unsigned_pd)
		request.refusal = -ECONNREFUSED;
	else if (init->init.mem)
		request.refusal = -EINVAL;
	file->unsigned_pd = unsigned_pd;
	if (unsigned_pd)
		request.memory = MEMORY_UNSIGNED;
	return emu_create_process(file, task, &request);
}

static long init_create(struct emu_file *file, const struct frpc_task *task,
			const struct frpc_dn_init_attrs *init)
{
	bool free_to_create;
	long res;

	pthread_mutex_lock(&file->lock);
	free_to_create = file->create == EMU_CREATE_NONE;
	if (free_to_create)
		file->create = EMU_CREATE_RUNNING;
	pthread_mutex_unlock(&file->lock);
	if (!free_to_create)
		return -EALREADY;
	res = create(file, task, init);
	pthread_mutex_lock(&file->lock);
	file->create = res ? EMU_CREATE_NONE : EMU_CREATE_DONE;
	pthread_mutex_unlock(&file->lock);
	return res;
}

/* Memory for the audio PD, unless it has some. *ret_block NULL: it does. */
static long donate_heap(struct emu_file *file, uint32_t memlen, struct emu_heap_block **ret_block)
{
	struct emu_static_pd *pd = file->static_pd;
	const struct emu_heap_request request = {
		.smmu = file->channel->smmu,
		.len = memlen,
		.limit = emu_driver_get_config(file->driver)->buffer_limit,
		.fd = -1,
		.flags = FRPC_DN_MMAP_REMOTE_HEAP,
		.service = pd,
		.persistent = true,
	};

	*ret_block = NULL;
	if (atomic_load(&pd->restarts) != atomic_load(&pd->seen)) {
		emu_heap_release_service(emu_driver_heap(file->driver), pd);
		atomic_store(&pd->lent, false);
		atomic_store(&pd->seen, atomic_load(&pd->restarts));
	}
	if (atomic_load(&pd->lent))
		return 0;
	return emu_heap_take(emu_driver_heap(file->driver), &request, ret_block);
}

static long send_audio(struct emu_file *file, const struct frpc_task *task,
		       const struct frpc_dn_init_attrs *init, char *name)
{
	struct emu_static_pd *pd = file->static_pd;
	struct frpc_smq_create_static request = {
		.pgid = (int32_t)file->client_id,
		.namelen = init->init.filelen,
	};
	struct frpc_smq_page page = {0};
	struct emu_heap_block *block;
	long res;

	if (!atomic_load(&pd->up))
		return -ENOTCONN;
	res = donate_heap(file, init->init.memlen, &block);
	if (res)
		return res;
	if (block) {
		request.pageslen = 1;
		page = (struct frpc_smq_page){block->address, block->size};
	}
	pthread_mutex_lock(&file->lock);
	file->pd = FRPC_SMQ_PD_USER;
	pthread_mutex_unlock(&file->lock);
	res = emu_driver_call(file, task, FRPC_HANDLE_PROCESS_GROUP, FRPC_SC_CREATE_STATIC,
			      (struct emu_kernel_arg[]){{&request, sizeof(request)},
							{name, init->init.filelen},
							{&page, sizeof(page)}});
	if (res)
		emu_heap_give_back(emu_driver_heap(file->driver), block);
	else
		atomic_store(&pd->lent, true);
	return res;
}

static long create_audio(struct emu_file *file, const struct frpc_task *task,
			 const struct frpc_dn_init_attrs *init, char *name)
{
	struct emu_static_pd *pd = emu_driver_static_pd(file->driver, EMU_PD_AUDIO);
	long res;

	if (file->channel->domain != pd->domain)
		return -EBADR;
	file->static_pd = pd;
	res = emu_static_pd_begin(pd, emu_driver_clock(file->driver));
	if (res)
		return res;
	res = send_audio(file, task, init, name);
	emu_static_pd_end(pd, emu_driver_clock(file->driver));
	return res;
}

/* Only the audio PD is known: for other names nothing is sent, and the file counts as initialised. */
static long init_create_static(struct emu_file *file, const struct frpc_task *task,
			       const struct frpc_dn_init_attrs *init)
{
	char name[STATIC_NAME_MAX + 1] = "";

	if (init->init.memlen > STATIC_LIMIT)
		return -EFBIG;
	if (!init->init.filelen || init->init.filelen > STATIC_NAME_MAX)
		return 0;
	if (emu_user_read(task, name, init->init.file, init->init.filelen))
		return -EFAULT;
	return strcmp(name, "audiopd") ? 0 : create_audio(file, task, init, name);
}

static long attach_sensors(struct emu_file *file, const struct frpc_task *task)
{
	struct emu_channel *channel = file->channel;
	bool by_name;

	for (unsigned int i = EMU_PD_SENSORS_ADSP; i <= EMU_PD_SENSORS_SDSP; i++)
		if (emu_driver_static_pd(file->driver, i)->domain == channel->domain)
			file->static_pd = emu_driver_static_pd(file->driver, i);
	pthread_mutex_lock(&channel->lock);
	by_name = channel->capabilities[ATTRIBUTE_NAMES] != 0;
	pthread_mutex_unlock(&channel->lock);
	return by_name ? emu_attach_by_name(file, task, FRPC_SMQ_PD_SENSORS)
		       : emu_attach_process(file, task, FRPC_SMQ_PD_SENSORS);
}

static bool is_known(uint32_t flags)
{
	return flags <= FRPC_DN_INIT_ATTACH_SENSORS;
}

/* With the maps' lock held. */
static long check_init(struct emu_file *file, const struct frpc_dn_init_attrs *init)
{
	const struct emu_channel_config *config;
	long res;

	if (init->init.filelen >= SHELL_LIMIT || init->init.memlen > MEMORY_LIMIT)
		return -EFBIG;
	if (!emu_file_is_chosen(file))
		return -ECHRNG;
	config = file->channel->config;
	if (!file->secure_node && config->unsigned_ok && config->secure && !file->unsigned_pd)
		return -ECONNREFUSED;
	if (!file->secure_node && is_known(init->init.flags) &&
	    init->init.flags != FRPC_DN_INIT_CREATE)
		return -ECONNREFUSED;
	if (file->shared_bank && init->init.flags != FRPC_DN_INIT_ATTACH_SENSORS)
		return -EACCES;
	/*
	 * A dynamic process is for somebody who can be told; the others wait for their DSP, and keep
	 * no other command of the file waiting.
	 */
	pthread_mutex_unlock(&file->map_lock);
	res = emu_channel_open(file, init->init.flags == FRPC_DN_INIT_ATTACH ||
					     init->init.flags == FRPC_DN_INIT_CREATE_STATIC ||
					     init->init.flags == FRPC_DN_INIT_ATTACH_SENSORS);
	pthread_mutex_lock(&file->map_lock);
	return res;
}

/* Over the router: the remote domain is told by a name where other builds have a shell. */
static void choose_remote_domain(struct emu_file *file, const struct frpc_task *task,
				 const struct frpc_dn_init *init)
{
	static const char secure[] = "securepd";
	char name[STATIC_NAME_MAX + 1] = "";
	uint32_t len = init->filelen < STATIC_NAME_MAX ? init->filelen : STATIC_NAME_MAX;

	if (!emu_driver_get_config(file->driver)->trusted_vm)
		return;
	if (init->file && emu_user_read(task, name, init->file, len))
		name[0] = 0;
	file->guest_os = strcmp(name, secure) != 0;
}

/* With the maps' lock held. */
long emu_dn_init(struct emu_file *file, const struct frpc_task *task,
		 const struct frpc_dn_init_attrs *init)
{
	long res = check_init(file, init);

	if (res)
		return res;
	choose_remote_domain(file, task, &init->init);
	switch (init->init.flags) {
	case FRPC_DN_INIT_ATTACH:
		res = emu_attach_process(file, task, FRPC_SMQ_PD_ROOT);
		break;
	case FRPC_DN_INIT_ATTACH_SENSORS:
		res = attach_sensors(file, task);
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
	if (res)
		return res;
	file->initialised = true;
	/* A driver that is waiting for this process may map something for it at once. */
	pthread_mutex_unlock(&file->map_lock);
	res = emu_bus_add(emu_driver_bus(file->driver), file);
	pthread_mutex_lock(&file->map_lock);
	return res;
}
