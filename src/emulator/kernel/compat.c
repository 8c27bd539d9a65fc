/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The downstream driver's entry: which command this is, in the layout of a 64-bit or of a 32-bit
 * client. Four commands have one number for both: the caller's bitness decides.
 */
#include <errno.h>
#include <string.h>

#include "ioctl_downstream.h"

/* What an unreadable argument gives: the compat entry forgot to name an error for most commands. */
static long fault(const struct frpc_task *task)
{
	return task->compat ? -EPERM : -EFAULT;
}

static long invoke_native(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			  uint64_t arg)
{
	struct frpc_dn_invoke_attrs request = {0};
	struct emu_window window;

	if (emu_window_open(&window, task, arg, FRPC_ABI_SIZE(cmd)))
		return -EFAULT;
	memcpy(&request, window.bytes, FRPC_ABI_SIZE(cmd));
	return emu_dn_invoke(file, task,
			     &(struct emu_dn_invoke){request.inv.handle, request.inv.sc,
						     request.inv.pra, request.fds, request.attrs,
						     &window});
}

static long invoke_compat(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			  uint64_t arg)
{
	struct frpc_dn32_invoke_attrs request = {0};
	struct emu_window window;

	if (emu_window_open(&window, task, arg, FRPC_ABI_SIZE(cmd)))
		return fault(task);
	memcpy(&request, window.bytes, FRPC_ABI_SIZE(cmd));
	return emu_dn_invoke(file, task,
			     &(struct emu_dn_invoke){request.inv.handle, request.inv.sc,
						     request.inv.pra, request.fds, request.attrs,
						     &window});
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

/* Writes the DSP address behind a map; takes the map back if the caller cannot be told. */
static long mmap_native(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn_mmap map;
	long res;

	if (emu_user_read(task, &map, arg, sizeof(map)))
		return -EFAULT;
	res = emu_dn_mmap(file, task, &map);
	if (res)
		return res;
	return emu_user_write(task, arg, &map, sizeof(map)) ? -EFAULT : 0;
}

static long mmap_compat(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn32_mmap narrow;
	struct frpc_dn_mmap map = {0};
	long res;

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

static long mmap_64_compat(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn32_mmap_64 narrow;
	struct frpc_dn_mmap map = {0};
	long res;

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

static long munmap_native(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn_munmap unmap;

	if (emu_user_read(task, &unmap, arg, sizeof(unmap)))
		return -EFAULT;
	return emu_dn_munmap(file, task, unmap.vaddrout, unmap.size);
}

static long munmap_compat(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn32_munmap unmap;

	if (emu_user_read(task, &unmap, arg, sizeof(unmap)))
		return fault(task);
	return emu_dn_munmap(file, task, unmap.vaddrout, unmap.size);
}

static long munmap_64_compat(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn32_munmap_64 unmap;

	if (emu_user_read(task, &unmap, arg, sizeof(unmap)))
		return fault(task);
	return emu_dn_munmap(file, task, unmap.vaddrout, unmap.size);
}

static long munmap_fd(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn_munmap_fd unmap;

	if (emu_user_read(task, &unmap, arg, sizeof(unmap)))
		return -EFAULT;
	return emu_dn_munmap_fd(file, &unmap);
}

static long mem_map_native(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn_mem_map map;
	long res;

	if (emu_user_read(task, &map, arg, sizeof(map)))
		return -EFAULT;
	res = emu_dn_mem_map(file, task, &map);
	if (res)
		return res;
	return emu_user_write(task, arg, &map, sizeof(map)) ? -EFAULT : 0;
}

static long mem_map_compat(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn32_mem_map narrow;
	struct frpc_dn_mem_map map = {0};
	long res;

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

static long mem_unmap_native(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn_mem_unmap unmap;

	if (emu_user_read(task, &unmap, arg, sizeof(unmap)))
		return -EFAULT;
	return emu_dn_mem_unmap(file, task, &unmap);
}

static long mem_unmap_compat(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn32_mem_unmap narrow;
	struct frpc_dn_mem_unmap unmap = {0};

	if (emu_user_read(task, &narrow, arg, sizeof(narrow)) || narrow.version)
		return -EINVAL;
	unmap.fd = narrow.fd;
	unmap.vaddr = narrow.vaddr;
	unmap.length = narrow.length;
	return emu_dn_mem_unmap(file, task, &unmap);
}

static long control(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn_control request;
	long res;

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

static long get_dsp_info(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn_capability request;
	long res;

	if (emu_user_read(task, &request, arg, sizeof(request)))
		return task->compat ? -EFAULT : -ECHRNG;
	res = emu_dn_get_dsp_info(file, task, &request);
	if (res)
		return res;
	return emu_user_write(task, arg, &request, sizeof(request)) ? -EFAULT : 0;
}

static long invoke2(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn_invoke2 request;

	if (emu_user_read(task, &request, arg, sizeof(request)))
		return -EFAULT;
	if (request.req != FRPC_DN_INVOKE2_SESS_INFO)
		return -ENOTTY; /* the other requests are not built yet */
	if (request.size > sizeof(struct frpc_dn_sess_info))
		return -EBADE;
	return emu_dn_sess_info(file, task, request.invparam);
}

/* The commands that change maps, one at a time per file. */
static long run_serialised(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			   uint64_t arg)
{
	bool compat = task->compat;

	switch (cmd) {
	case FRPC_DN_IOCTL_MMAP_64:
		return compat ? mmap_64_compat(file, task, arg) : mmap_native(file, task, arg);
	case FRPC_DN_IOCTL_MUNMAP_64:
		return compat ? munmap_64_compat(file, task, arg) : munmap_native(file, task, arg);
	case FRPC_DN_IOCTL_MEM_MAP:
		return compat ? mem_map_compat(file, task, arg) : mem_map_native(file, task, arg);
	case FRPC_DN_IOCTL_MEM_UNMAP:
		return compat ? mem_unmap_compat(file, task, arg)
			      : mem_unmap_native(file, task, arg);
	default:
		break;
	}
	if (!compat && cmd == FRPC_DN_IOCTL_MMAP)
		return mmap_native(file, task, arg);
	if (!compat && cmd == FRPC_DN_IOCTL_MUNMAP)
		return munmap_native(file, task, arg);
	if (!compat && cmd == FRPC_DN_IOCTL_MUNMAP_FD)
		return munmap_fd(file, task, arg);
	if (!compat && (cmd == FRPC_DN_IOCTL_INIT || cmd == FRPC_DN_IOCTL_INIT_ATTRS))
		return init_native(file, task, cmd, arg);
	if (compat && cmd == FRPC_DN32_IOCTL_MMAP)
		return mmap_compat(file, task, arg);
	if (compat && cmd == FRPC_DN32_IOCTL_MUNMAP)
		return munmap_compat(file, task, arg);
	if (compat && (cmd == FRPC_DN32_IOCTL_INIT || cmd == FRPC_DN32_IOCTL_INIT_ATTRS))
		return init_compat(file, task, cmd, arg);
	return -ENOTTY;
}

static bool is_invoke(const struct frpc_task *task, uint32_t cmd)
{
	if (task->compat)
		return cmd == FRPC_DN32_IOCTL_INVOKE || cmd == FRPC_DN32_IOCTL_INVOKE_FD ||
		       cmd == FRPC_DN32_IOCTL_INVOKE_ATTRS;
	return cmd == FRPC_DN_IOCTL_INVOKE || cmd == FRPC_DN_IOCTL_INVOKE_FD ||
	       cmd == FRPC_DN_IOCTL_INVOKE_ATTRS;
}

long emu_ioctl_downstream(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			  uint64_t arg)
{
	long res;

	if (file->cleaned && !task->compat)
		return -ESHUTDOWN;
	if (is_invoke(task, cmd))
		return task->compat ? invoke_compat(file, task, cmd, arg)
				    : invoke_native(file, task, cmd, arg);
	switch (cmd) {
	case FRPC_DN_IOCTL_SETMODE:
		return emu_dn_setmode(file, arg);
	case FRPC_DN_IOCTL_GETINFO:
		return emu_dn_getinfo(file, task, arg);
	case FRPC_DN_IOCTL_CONTROL:
		return control(file, task, arg);
	case FRPC_DN_IOCTL_GET_DSP_INFO:
		return get_dsp_info(file, task, arg);
	default:
		break;
	}
	if (!task->compat && cmd == FRPC_DN_IOCTL_INVOKE2)
		return invoke2(file, task, arg);
	if (task->compat && cmd == FRPC_DN32_IOCTL_INVOKE2)
		return -EPERM; /* requests 5 and 6 do not exist here, the others are not built */
	pthread_mutex_lock(&file->map_lock);
	res = run_serialised(file, task, cmd, arg);
	pthread_mutex_unlock(&file->map_lock);
	return res;
}
