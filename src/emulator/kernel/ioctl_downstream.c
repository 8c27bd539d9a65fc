/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver's commands, on the layouts of 64-bit clients. */
#include "ioctl_downstream.h"

#include <errno.h>
#include <string.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/smq.h>

#include "commands.h"

#define MIB		  UINT64_C(1048576)
#define SHELL_LIMIT	  (2u * 1048576u)
#define MEMORY_LIMIT	  (200u * 1048576u)
#define MEMORY_DEFAULT	  (3u * 1048576u)
#define MEMORY_UNSIGNED	  (5u * 1048576u)
#define STATIC_LIMIT	  (8u * 1048576u)
#define CHANNELS	  5u
#define SESSIONS	  4u
#define DOMAIN_MODEM	  1u
#define DRIVER_ATTRIBUTES 256u
#define LAST_ATTRIBUTE	  259u
#define PD_TYPES	  8u
#define PD_TYPE_SENSORS	  3u
#define PD_TYPE_USER	  7u

static bool is_chosen(const struct emu_file *file)
{
	return atomic_load_explicit(&file->chosen, memory_order_acquire);
}

static int read_entries(const struct frpc_task *task, struct emu_context *context,
			const struct emu_dn_invoke *request)
{
	uint32_t count = context->args.count;

	context->args.no_fds = !request->fds;
	for (uint32_t first = 0; first < count; first += EMU_INLINE_ARGS) {
		uint32_t batch = count - first < EMU_INLINE_ARGS ? count - first : EMU_INLINE_ARGS;
		struct frpc_dn32_arg narrow[EMU_INLINE_ARGS];
		struct frpc_dn_arg wide[EMU_INLINE_ARGS];
		uint32_t attrs[EMU_INLINE_ARGS] = {0};
		int32_t fds[EMU_INLINE_ARGS];
		size_t size = task->compat ? sizeof(*narrow) : sizeof(*wide);
		memset(fds, 0xff, sizeof(fds));
		if (emu_window_read(request->window, task, task->compat ? (void *)narrow : wide,
				    request->pra + first * size, batch * size) ||
		    (request->fds && emu_window_read(request->window, task, fds,
						     request->fds + first * 4u, batch * 4u)) ||
		    (request->attrs && emu_window_read(request->window, task, attrs,
						       request->attrs + first * 4u, batch * 4u)))
			return -EFAULT;
		for (uint32_t i = 0; i < batch; i++)
			context->args.user[first + i] = (struct emu_user_arg){
				.ptr = task->compat ? narrow[i].pv : wide[i].pv,
				.len = task->compat ? narrow[i].len : wide[i].len,
				.fd = fds[i],
				.attr = attrs[i],
			};
	}
	return 0;
}

long emu_dn_invoke(struct emu_file *file, const struct frpc_task *task,
		   const struct emu_dn_invoke *request)
{
	struct emu_context *context;
	long res;

	if (!is_chosen(file))
		return -EBADR;
	if (request->handle == FRPC_HANDLE_PROCESS_GROUP ||
	    request->handle == FRPC_HANDLE_DSP_UTILITIES)
		return -EINVAL;
	if (emu_context_resume(file, task, request->sc, &res))
		return res;
	res = emu_context_new(file, task, request->handle, request->sc, false, &context);
	if (res)
		return res;
	res = read_entries(task, context, request);
	if (res) {
		emu_context_free(file, context);
		return res;
	}
	return emu_context_run(file, task, context);
}

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
		res = emu_file_choose(file, channel, file->shared_bank, client);
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

long emu_dn_sess_info(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn_sess_info info;
	long res;

	/* Here the real driver hands out the number of bytes it could not copy. */
	if (emu_user_read(task, &info, arg, sizeof(info)))
		return sizeof(info);
	if (!first_choice(file))
		return -EBADR;
	if (!info.pd_type || info.pd_type > PD_TYPES || info.session_id >= SESSIONS)
		return -EBADR;
	if (task->tgid != file->tgid && info.pd_type != PD_TYPE_USER)
		return -EBADR;
	if (info.pd_type == PD_TYPE_SENSORS)
		file->shared_bank = true;
	file->sess_info_used = true;
	file->session_id = info.session_id;
	res = choose(file, task, info.domain_id);
	if (res)
		return res;
	info.domain_id = emu_file_bank_id(file) != 0;
	return emu_user_write(task, arg, &info, sizeof(info)) ? (long)sizeof(info) : 0;
}

long emu_dn_setmode(struct emu_file *file, uint64_t mode)
{
	switch (mode) {
	case 0: /* PARALLEL */
	case 1: /* SERIAL: no behaviour of the driver depends on either */
		return 0;
	case 4: /* SESSION */
		pthread_mutex_lock(&file->lock);
		if (!file->sess_info_used)
			file->session_id = 1;
		pthread_mutex_unlock(&file->lock);
		return 0;
	default: /* PROFILE needs counters, which are not built yet */
		return -ENOTTY;
	}
}

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

static long check_init(const struct emu_file *file, const struct frpc_dn_init_attrs *init)
{
	const struct emu_channel_config *config;

	if (init->init.filelen >= SHELL_LIMIT || init->init.memlen > MEMORY_LIMIT)
		return -EFBIG;
	if (!is_chosen(file))
		return -ECHRNG;
	config = file->channel->config;
	if (!file->secure_node && config->unsigned_ok && config->secure && !file->unsigned_pd)
		return -ECONNREFUSED;
	if (!file->secure_node && init->init.flags != FRPC_DN_INIT_CREATE)
		return -ECONNREFUSED;
	if (file->shared_bank && init->init.flags != FRPC_DN_INIT_ATTACH_SENSORS)
		return -EACCES;
	return 0;
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

/* A dma-buf announced with the older map call. */
static long mmap_fd(struct emu_file *file, const struct frpc_task *task, struct frpc_dn_mmap *map)
{
	struct emu_map_request request = {
		.fd = map->fd,
		.va = map->vaddrin,
		.len = map->size,
		.flags = map->flags,
		.use = EMU_MAP_HELD,
	};
	struct emu_map *record;
	uint64_t address = 0;
	long res;

	res = emu_maps_get(file->maps, task, &request, &record);
	if (res)
		return res;
	res = emu_call_mmap(file, task, map->flags, map->vaddrin, record->address, record->size,
			    &address);
	if (res) {
		emu_maps_put(file->maps, record, EMU_MAP_HELD);
		return res;
	}
	record->dsp_address = address;
	map->vaddrout = address;
	return 0;
}

long emu_dn_mmap(struct emu_file *file, const struct frpc_task *task, struct frpc_dn_mmap *map)
{
	uint64_t address = 0;
	long res;

	if (!file->initialised)
		return -EHOSTDOWN;
	if ((map->flags == FRPC_DN_MMAP_ADD_PAGES || map->flags == FRPC_DN_MMAP_ADD_PAGES_LLC) &&
	    !file->unsigned_pd) {
		if (map->vaddrin)
			return -EINVAL;
		res = emu_donate_pages(file, task, map->flags, map->size, &address);
		map->vaddrout = address;
		return res;
	}
	if (map->flags == FRPC_DN_MMAP_REMOTE_HEAP && file->unsigned_pd)
		return -EINVAL;
	if (map->flags == FRPC_DN_MMAP_HEAP || map->flags == FRPC_DN_MMAP_REMOTE_HEAP)
		return -ENODEV; /* no pool is reserved on this machine */
	return mmap_fd(file, task, map);
}

long emu_dn_munmap(struct emu_file *file, const struct frpc_task *task, uint64_t address,
		   uint64_t size)
{
	struct emu_map *map;
	bool found;
	long res;

	if (!file->initialised)
		return -EHOSTDOWN;
	res = emu_take_pages_back(file, task, address, size, &found);
	if (found)
		return res;
	if (emu_maps_detach(file->maps, -1, address, size, &map))
		return -ETOOMANYREFS;
	res = emu_call_munmap(file, task, address, map->size);
	if (res)
		emu_maps_attach(file->maps, map);
	else
		emu_maps_release(file->maps, map);
	return res;
}

long emu_dn_mem_map(struct emu_file *file, const struct frpc_task *task,
		    struct frpc_dn_mem_map *request)
{
	struct emu_map_request wanted = {
		.fd = request->fd,
		.va = request->vaddrin,
		.len = request->length,
		.attrs = (uint32_t)request->attrs,
		.flags = request->flags,
		.use = EMU_MAP_HELD,
	};
	struct emu_announce announce = {
		.fd = request->fd,
		.offset = request->offset,
		.flags = request->flags,
		.vaddr = request->vaddrin,
	};
	struct emu_map *map;
	uint64_t address = 0;
	long res;

	if (!file->initialised)
		return EBADR; /* positive: the driver forgot the sign */
	res = emu_maps_get(file->maps, task, &wanted, &map);
	if (res)
		return res;
	if (map->dsp_address) {
		emu_maps_put(file->maps, map, EMU_MAP_HELD);
		return -EEXIST;
	}
	announce.page_size = map->size;
	res = emu_announce_map(file, task, map, &announce, &address);
	if (res) {
		emu_maps_put(file->maps, map, EMU_MAP_HELD);
		return res;
	}
	map->dsp_address = address;
	request->vaddrout = address;
	return 0;
}

long emu_dn_mem_unmap(struct emu_file *file, const struct frpc_task *task,
		      const struct frpc_dn_mem_unmap *request)
{
	struct emu_map *map;
	long res;

	if (!file->initialised)
		return EBADR;
	if (emu_maps_detach(file->maps, request->fd, request->vaddr, request->length, &map))
		return -ETOOMANYREFS;
	if (map->flags != 0 && map->flags != 2 && map->flags != 3) {
		emu_maps_attach(file->maps, map);
		return -EBADMSG;
	}
	res = emu_revoke_map(file, task, map, map->size);
	if (res)
		emu_maps_attach(file->maps, map);
	else
		emu_maps_release(file->maps, map);
	return res;
}

long emu_dn_munmap_fd(struct emu_file *file, const struct frpc_dn_munmap_fd *request)
{
	if (!file->initialised)
		return -EHOSTDOWN;
	return emu_maps_drop_kept(file->maps, request->fd, request->va, request->len);
}

long emu_dn_get_dsp_info(struct emu_file *file, const struct frpc_task *task,
			 struct frpc_dn_capability *request)
{
	static const uint32_t driver_attributes[] = {2, 1, 1, 0 /* signals: not built yet */};
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
		if (!is_chosen(file))
			return -EBADR;
		/* The question goes to the file's DSP, the answer is kept for the domain asked. */
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
