/* SPDX-License-Identifier: BSD-3-Clause */
/* Mainline: how a file gets its process. */
#include <errno.h>

#include <fastrpc/abi/mainline.h>
#include <fastrpc/abi/smq.h>

#include "ioctl_mainline.h"

#define SHELL_LIMIT   (2u << 20)
#define MEMORY_MIN    (UINT64_C(2) << 20)
#define NAME_MAX_LEN  128u
#define ATTR_UNSIGNED 8u

long emu_ml_init_create(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_ml_init_create init;
	struct emu_create_request request;

	if (emu_user_read(task, &init, arg, sizeof(init)))
		return -EFAULT;
	if (file->channel->config->secure && !file->secure_node &&
	    !(file->channel->config->unsigned_ok && (init.attrs & ATTR_UNSIGNED)))
		return -ECONNREFUSED;
	if (init.filelen > SHELL_LIMIT)
		return -EINVAL;
	/* With no fd the real driver reads user memory without checking: we refuse that. */
	if (init.filelen && !init.filefd)
		return -EFAULT;
	request = (struct emu_create_request){
		.file = init.file,
		.filelen = init.filelen,
		.filefd = init.filefd,
		.attrs = init.attrs,
		.siglen = init.siglen,
		.memory = MEMORY_MIN,
		.map_shell = init.filelen && init.filefd,
		.keep_shell = true,
	};
	return emu_create_process(file, task, &request);
}

long emu_ml_init_create_static(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_ml_init_create_static init;
	struct frpc_smq_create_static create = {.pgid = (int32_t)file->client_id};
	char name[NAME_MAX_LEN];
	struct frpc_smq_page page;
	long res;

	if (emu_user_read(task, &init, arg, sizeof(init)))
		return -EFAULT;
	if (init.namelen > sizeof(name))
		return -EINVAL;
	if (emu_user_read(task, name, init.name, init.namelen))
		return -EFAULT;
	res = emu_ml_heap_static(file->channel, init.memlen, &page);
	if (res)
		return res;
	create.namelen = init.namelen;
	pthread_mutex_lock(&file->lock);
	file->pd = FRPC_SMQ_PD_USER;
	pthread_mutex_unlock(&file->lock);
	/* The struct says that no page follows, and one does. */
	res = emu_driver_call(file, task, FRPC_HANDLE_PROCESS_GROUP, FRPC_SC_CREATE_STATIC,
			      (struct emu_kernel_arg[]){
				      {&create, sizeof(create)},
				      {name, init.namelen},
				      {&page, sizeof(page)},
			      });
	if (res)
		emu_ml_heap_leave_static(file);
	else
		emu_count(&emu_driver_stats(file->driver)->processes_created, 1);
	return res;
}
