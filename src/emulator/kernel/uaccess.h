/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * User access: the only way to a caller's memory. A bad address is -EFAULT, never a signal. All
 * ranges of a batch cross in one system call (per 64).
 */
#ifndef EMU_KERNEL_UACCESS_H
#define EMU_KERNEL_UACCESS_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#include "../../transport/device.h"

struct emu_copy {
	void *kernel;
	uint64_t user;
	uint64_t len;
};

/* 0 or -EFAULT; the kernel side holds whatever had been copied by then. */
int emu_user_read(const struct frpc_task *task, void *to, uint64_t from, uint64_t len);
int emu_user_write(const struct frpc_task *task, uint64_t to, const void *from, uint64_t len);
int emu_user_read_batch(const struct frpc_task *task, const struct emu_copy *copies, size_t count);
int emu_user_write_batch(const struct frpc_task *task, const struct emu_copy *copies, size_t count);

/* A mapped area of the caller's memory, as find_vma() answers. */
struct emu_area {
	uint64_t start, end;
};

/* The area that holds @address: 0, or -EFAULT if none does. */
int emu_user_area(const struct frpc_task *task, uint64_t address, struct emu_area *ret_area);
/* True while @area is still one area of the caller's memory. */
bool emu_user_area_valid(const struct frpc_task *task, const struct emu_area *area);

/* The caller's command name, at most 15 characters. */
void emu_user_comm(const struct frpc_task *task, char comm[16]);

#endif
