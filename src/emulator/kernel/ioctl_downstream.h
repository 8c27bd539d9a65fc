/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The downstream driver's commands on 64-bit layouts. emu_ioctl_downstream() in compat.c reads what
 * the caller passed, in his own layout, and calls these.
 */
#ifndef EMU_KERNEL_IOCTL_DOWNSTREAM_H
#define EMU_KERNEL_IOCTL_DOWNSTREAM_H

#include <fastrpc/abi/downstream.h>

#include "file.h"

/* Every form of INVOKE: what is missing is 0. The arrays are in the caller's layout. */
struct emu_dn_invoke {
	uint32_t handle, sc;
	uint64_t pra, fds, attrs;
	uint64_t crc, perf_kernel, perf_dsp; /* where the caller wants them, 0: nowhere */
	uint64_t job;			     /* address of a frpc_dn_async_job */
	const struct emu_window *window;     /* what was read around the command's argument */
};

long emu_dn_invoke(struct emu_file *file, const struct frpc_task *task,
		   const struct emu_dn_invoke *request);
/* A 32-bit client's argument array is read before anything else is looked at. 0 or -EPERM. */
int emu_dn_check_narrow_args(const struct frpc_task *task, uint64_t pra, uint32_t sc);
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
/* INVOKE2's requests: metadata of one page from a block that the DSP is told of once; and a buffer
 * that the process is to be given when it is made. */
long emu_dn_kernel_optimizations(struct emu_file *file, const struct frpc_task *task,
				 const struct frpc_dn_invoke2 *invoke2);
long emu_dn_proc_sharedbuf(struct emu_file *file, const struct frpc_task *task,
			   const struct frpc_dn_invoke2 *invoke2);
long emu_dn_get_dsp_info(struct emu_file *file, const struct frpc_task *task,
			 struct frpc_dn_capability *request);
long emu_dn_control(struct emu_file *file, const struct frpc_task *task,
		    struct frpc_dn_control *control);

/* What stands in the tables of compat.c: a command's argument is at @arg in the caller's memory. */
typedef long emu_dn_command_fn(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			       uint64_t arg);

emu_dn_command_fn emu_dn_invoke_native, emu_dn_invoke_compat;
emu_dn_command_fn emu_dn_invoke2_native, emu_dn_invoke2_compat;
/* The same for both bitnesses. */
emu_dn_command_fn emu_dn_signal_create, emu_dn_signal_destroy, emu_dn_signal_send;
emu_dn_command_fn emu_dn_signal_wait, emu_dn_signal_cancel;

#endif
