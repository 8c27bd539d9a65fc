/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The downstream driver's entry: which command this is, in the layout of a 64-bit or of a 32-bit
 * client. Four commands have one number for both: the caller's bitness decides, by its table.
 */
#include <errno.h>
#include <string.h>

#include "ioctl_downstream.h"

/* What an unreadable argument gives: the compat entry forgot to name an error for most commands. */
static long fault(const struct frpc_task *task)
{
	return task->compat ? -EPERM : -EFAULT;
}

static long init_native(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			uint64_t arg)
{
	struct frpc_dn_init_attrs init = {0};

	if (emu_user_read(task, &init, arg, FRPC_ABI_SIZE(cmd)))
		return -EFAULT;
	return emu_dn_init(file, task, &init);
}

static long init_compat(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			uint64_t arg)
{
	struct frpc_dn32_init_attrs narrow = {0};
	struct frpc_dn_init_attrs init;

	if (emu_user_read(task, &narrow, arg, FRPC_ABI_SIZE(cmd)))
		return fault(task);
	init = (struct frpc_dn_init_attrs){
		.init =
			{
				.flags = narrow.init.flags,
				.file = narrow.init.file,
				.filelen = narrow.init.filelen,
				.filefd = narrow.init.filefd,
				.mem = narrow.init.mem,
				.memlen = narrow.init.memlen,
				.memfd = narrow.init.memfd,
			},
		.attrs = narrow.attrs,
		.siglen = narrow.siglen,
	};
	return emu_dn_init(file, task, &init);
}

/* Writes the DSP address behind a map, which stays if the caller cannot be told. */
static long mmap_native(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			uint64_t arg)
{
	struct frpc_dn_mmap map;
	long res;

	(void)cmd;
	if (emu_user_read(task, &map, arg, sizeof(map)))
		return -EFAULT;
	res = emu_dn_mmap(file, task, &map);
	if (res)
		return res;
	return emu_user_write(task, arg, &map, sizeof(map)) ? -EFAULT : 0;
}

static long mmap_compat(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			uint64_t arg)
{
	struct frpc_dn32_mmap narrow;
	struct frpc_dn_mmap map = {0};
	long res;

	(void)cmd;
	if (emu_user_read(task, &narrow, arg, sizeof(narrow)))
		return fault(task);
	map.fd = narrow.fd;
	map.flags = narrow.flags;
	map.vaddrin = narrow.vaddrin;
	map.size = narrow.size;
	res = emu_dn_mmap(file, task, &map);
	narrow.vaddrout = (uint32_t)map.vaddrout; /* also on failure */
	if (emu_user_write(task, arg, &narrow, sizeof(narrow)))
		return fault(task);
	return res;
}

static long mmap_64_compat(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			   uint64_t arg)
{
	struct frpc_dn32_mmap_64 narrow;
	struct frpc_dn_mmap map = {0};
	long res;

	(void)cmd;
	if (emu_user_read(task, &narrow, arg, sizeof(narrow)))
		return fault(task);
	map.fd = narrow.fd;
	map.flags = narrow.flags;
	map.vaddrin = narrow.vaddrin;
	map.size = narrow.size;
	res = emu_dn_mmap(file, task, &map);
	narrow.vaddrout = map.vaddrout;
	if (emu_user_write(task, arg, &narrow, sizeof(narrow)))
		return fault(task);
	return res;
}

static long munmap_native(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			  uint64_t arg)
{
	struct frpc_dn_munmap unmap;

	(void)cmd;
	if (emu_user_read(task, &unmap, arg, sizeof(unmap)))
		return -EFAULT;
	return emu_dn_munmap(file, task, unmap.vaddrout, unmap.size);
}

static long munmap_compat(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			  uint64_t arg)
{
	struct frpc_dn32_munmap unmap;

	(void)cmd;
	if (emu_user_read(task, &unmap, arg, sizeof(unmap)))
		return fault(task);
	return emu_dn_munmap(file, task, unmap.vaddrout, unmap.size);
}

static long munmap_64_compat(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			     uint64_t arg)
{
	struct frpc_dn32_munmap_64 unmap;

	(void)cmd;
	if (emu_user_read(task, &unmap, arg, sizeof(unmap)))
		return fault(task);
	return emu_dn_munmap(file, task, unmap.vaddrout, unmap.size);
}

static long munmap_fd(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
		      uint64_t arg)
{
	struct frpc_dn_munmap_fd unmap;

	(void)cmd;
	if (emu_user_read(task, &unmap, arg, sizeof(unmap)))
		return -EFAULT;
	return emu_dn_munmap_fd(file, &unmap);
}

static long mem_map_native(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			   uint64_t arg)
{
	struct frpc_dn_mem_map map;
	long res;

	(void)cmd;
	if (emu_user_read(task, &map, arg, sizeof(map)))
		return -EFAULT;
	res = emu_dn_mem_map(file, task, &map);
	if (res)
		return res;
	return emu_user_write(task, arg, &map, sizeof(map)) ? -EFAULT : 0;
}

static long mem_map_compat(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			   uint64_t arg)
{
	struct frpc_dn32_mem_map narrow;
	struct frpc_dn_mem_map map = {0};
	long res;

	(void)cmd;
	if (emu_user_read(task, &narrow, arg, sizeof(narrow)) || narrow.version)
		return -EINVAL;
	map.fd = narrow.fd;
	map.offset = narrow.offset;
	map.flags = narrow.flags;
	map.attrs = narrow.attrs;
	map.vaddrin = 0; /* whatever the caller wrote there */
	map.length = narrow.length;
	res = emu_dn_mem_map(file, task, &map);
	if (res)
		return res;
	narrow.vaddrout = map.vaddrout;
	return emu_user_write(task, arg, &narrow, sizeof(narrow)) ? fault(task) : 0;
}

static long mem_unmap_native(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			     uint64_t arg)
{
	struct frpc_dn_mem_unmap unmap;

	(void)cmd;
	if (emu_user_read(task, &unmap, arg, sizeof(unmap)))
		return -EFAULT;
	return emu_dn_mem_unmap(file, task, &unmap);
}

static long mem_unmap_compat(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			     uint64_t arg)
{
	struct frpc_dn32_mem_unmap narrow;
	struct frpc_dn_mem_unmap unmap = {0};

	(void)cmd;
	if (emu_user_read(task, &narrow, arg, sizeof(narrow)) || narrow.version)
		return -EINVAL;
	unmap.fd = narrow.fd;
	unmap.vaddr = narrow.vaddr;
	unmap.length = narrow.length;
	return emu_dn_mem_unmap(file, task, &unmap);
}

static long control(struct emu_file *file, const struct frpc_task *task, uint32_t cmd, uint64_t arg)
{
	struct frpc_dn_control request;
	long res;

	(void)cmd;
	if (emu_user_read(task, &request, arg, sizeof(request)))
		return fault(task);
	if (task->compat && request.req == FRPC_DN_CONTROL_SMMU)
		request.smmu_sharedcb = 0; /* the value is not carried over */
	res = emu_dn_control(file, task, &request);
	if (!res && request.req == FRPC_DN_CONTROL_KALLOC &&
	    emu_user_write(task, arg, &request, sizeof(request)))
		return -EFAULT;
	return res;
}

static long get_dsp_info(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			 uint64_t arg)
{
	struct frpc_dn_capability request;
	long res;

	(void)cmd;
	if (emu_user_read(task, &request, arg, sizeof(request)))
		return task->compat ? -EFAULT : -ECHRNG;
	res = emu_dn_get_dsp_info(file, task, &request);
	if (res)
		return res;
	return emu_user_write(task, arg, &request, sizeof(request)) ? -EFAULT : 0;
}

static long getinfo(struct emu_file *file, const struct frpc_task *task, uint32_t cmd, uint64_t arg)
{
	(void)cmd;
	return emu_dn_getinfo(file, task, arg);
}

static long setmode(struct emu_file *file, const struct frpc_task *task, uint32_t cmd, uint64_t arg)
{
	(void)task, (void)cmd;
	return emu_dn_setmode(file, arg);
}

struct command {
	uint32_t cmd;
	bool serialised; /* changes maps: one at a time per file */
	emu_dn_command_fn *run;
};

static const struct command native_commands[] = {
	{FRPC_DN_IOCTL_INVOKE, false, emu_dn_invoke_native},
	{FRPC_DN_IOCTL_INVOKE_FD, false, emu_dn_invoke_native},
	{FRPC_DN_IOCTL_INVOKE_ATTRS, false, emu_dn_invoke_native},
	{FRPC_DN_IOCTL_INVOKE_CRC, false, emu_dn_invoke_native},
	{FRPC_DN_IOCTL_INVOKE_PERF, false, emu_dn_invoke_native},
	{FRPC_DN_IOCTL_INVOKE2, false, emu_dn_invoke2_native},
	{FRPC_DN_IOCTL_INIT, true, init_native},
	{FRPC_DN_IOCTL_INIT_ATTRS, true, init_native},
	{FRPC_DN_IOCTL_MMAP, true, mmap_native},
	{FRPC_DN_IOCTL_MMAP_64, true, mmap_native},
	{FRPC_DN_IOCTL_MUNMAP, true, munmap_native},
	{FRPC_DN_IOCTL_MUNMAP_64, true, munmap_native},
	{FRPC_DN_IOCTL_MUNMAP_FD, true, munmap_fd},
	{FRPC_DN_IOCTL_MEM_MAP, true, mem_map_native},
	{FRPC_DN_IOCTL_MEM_UNMAP, true, mem_unmap_native},
	{FRPC_DN_IOCTL_GETINFO, false, getinfo},
	{FRPC_DN_IOCTL_SETMODE, false, setmode},
	{FRPC_DN_IOCTL_CONTROL, false, control},
	{FRPC_DN_IOCTL_GET_DSP_INFO, false, get_dsp_info},
	{FRPC_DN_IOCTL_DSPSIGNAL_CREATE, false, emu_dn_signal_create},
	{FRPC_DN_IOCTL_DSPSIGNAL_DESTROY, false, emu_dn_signal_destroy},
	{FRPC_DN_IOCTL_DSPSIGNAL_SIGNAL, false, emu_dn_signal_send},
	{FRPC_DN_IOCTL_DSPSIGNAL_WAIT, false, emu_dn_signal_wait},
	{FRPC_DN_IOCTL_DSPSIGNAL_CANCEL_WAIT, false, emu_dn_signal_cancel},
};

/* Without MUNMAP_FD: the real entry forgot it. */
static const struct command compat_commands[] = {
	{FRPC_DN32_IOCTL_INVOKE, false, emu_dn_invoke_compat},
	{FRPC_DN32_IOCTL_INVOKE_FD, false, emu_dn_invoke_compat},
	{FRPC_DN32_IOCTL_INVOKE_ATTRS, false, emu_dn_invoke_compat},
	{FRPC_DN32_IOCTL_INVOKE_CRC, false, emu_dn_invoke_compat},
	{FRPC_DN32_IOCTL_INVOKE_PERF, false, emu_dn_invoke_compat},
	{FRPC_DN32_IOCTL_INVOKE2, false, emu_dn_invoke2_compat},
	{FRPC_DN32_IOCTL_INIT, true, init_compat},
	{FRPC_DN32_IOCTL_INIT_ATTRS, true, init_compat},
	{FRPC_DN32_IOCTL_MMAP, true, mmap_compat},
	{FRPC_DN32_IOCTL_MMAP_64, true, mmap_64_compat},
	{FRPC_DN32_IOCTL_MUNMAP, true, munmap_compat},
	{FRPC_DN32_IOCTL_MUNMAP_64, true, munmap_64_compat},
	{FRPC_DN32_IOCTL_MEM_MAP, true, mem_map_compat},
	{FRPC_DN32_IOCTL_MEM_UNMAP, true, mem_unmap_compat},
	{FRPC_DN_IOCTL_GETINFO, false, getinfo},
	{FRPC_DN_IOCTL_SETMODE, false, setmode},
	{FRPC_DN_IOCTL_CONTROL, false, control},
	{FRPC_DN_IOCTL_GET_DSP_INFO, false, get_dsp_info},
	{FRPC_DN_IOCTL_DSPSIGNAL_CREATE, false, emu_dn_signal_create},
	{FRPC_DN_IOCTL_DSPSIGNAL_DESTROY, false, emu_dn_signal_destroy},
	{FRPC_DN_IOCTL_DSPSIGNAL_SIGNAL, false, emu_dn_signal_send},
	{FRPC_DN_IOCTL_DSPSIGNAL_WAIT, false, emu_dn_signal_wait},
	{FRPC_DN_IOCTL_DSPSIGNAL_CANCEL_WAIT, false, emu_dn_signal_cancel},
};

static const struct command *find(const struct command *commands, size_t count, uint32_t cmd)
{
	for (size_t i = 0; i < count; i++)
		if (commands[i].cmd == cmd)
			return &commands[i];
	return NULL;
}

#define FIND(commands, cmd) find(commands, sizeof(commands) / sizeof(*(commands)), cmd)

long emu_ioctl_downstream(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			  uint64_t arg)
{
	const struct command *command;
	long res;

	if (task->compat && emu_driver_get_config(file->driver)->trusted_vm)
		return -ENOTTY;
	/* Only the 64-bit entry looks. */
	if (!task->compat && atomic_load(&file->cleaned))
		return -ESHUTDOWN;
	command = task->compat ? FIND(compat_commands, cmd) : FIND(native_commands, cmd);
	if (!command)
		return -ENOTTY;
	if (!command->serialised)
		return command->run(file, task, cmd, arg);
	pthread_mutex_lock(&file->map_lock);
	res = command->run(file, task, cmd, arg);
	pthread_mutex_unlock(&file->map_lock);
	return res;
}
