/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The downstream driver's commands on 64-bit layouts. emu_ioctl_downstream() in compat.c reads what
 * the caller passed, in his own layout, and calls these.
 */
#ifndef EMU_KERNEL_IOCTL_DOWNSTREAM_H
#define EMU_KERNEL_IOCTL_DOWNSTREAM_H

#include <fastrpc/abi/downstream.h>

#include "file.h"

/* INVOKE, INVOKE_FD, INVOKE_ATTRS: what is missing is 0. The arrays are in the caller's layout. */
struct emu_dn_invoke {
	uint32_t handle, sc;
	uint64_t pra, fds, attrs;
	const struct emu_window *window; /* what was read around the command's argument */
};

long emu_dn_invoke(struct emu_file *file, const struct frpc_task *task,
		   const struct emu_dn_invoke *request);
long emu_dn_getinfo(struct emu_file *file, const struct frpc_task *task, uint64_t arg);
long emu_dn_sess_info(struct emu_file *file, const struct frpc_task *task, uint64_t arg);
long emu_dn_setmode(struct emu_file *file, uint64_t mode);
long emu_dn_init(struct emu_file *file, const struct frpc_task *task,
		 const struct frpc_dn_init_attrs *init);
long emu_dn_mmap(struct emu_file *file, const struct frpc_task *task, struct frpc_dn_mmap *map);
long emu_dn_munmap(struct emu_file *file, const struct frpc_task *task, uint64_t address,
		   uint64_t size);
long emu_dn_mem_map(struct emu_file *file, const struct frpc_task *task,
		    struct frpc_dn_mem_map *request);
long emu_dn_mem_unmap(struct emu_file *file, const struct frpc_task *task,
		      const struct frpc_dn_mem_unmap *request);
long emu_dn_munmap_fd(struct emu_file *file, const struct frpc_dn_munmap_fd *request);
long emu_dn_get_dsp_info(struct emu_file *file, const struct frpc_task *task,
			 struct frpc_dn_capability *request);
long emu_dn_control(struct emu_file *file, const struct frpc_task *task,
		    struct frpc_dn_control *control);

#endif
