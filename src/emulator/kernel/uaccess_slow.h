/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * User access where process_vm_readv() and process_vm_writev() may not be called or do not exist:
 * under seccomp, in old containers, under qemu-user. Slower, with the same answers.
 */
#ifndef EMU_KERNEL_UACCESS_SLOW_H
#define EMU_KERNEL_UACCESS_SLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "../../transport/device.h"

/*
 * Copies @count ranges of @task's memory to or from @local, in order, up to the first byte that cannot
 * be touched. How many bytes it were.
 */
uint64_t emu_user_transfer_slowly(const struct frpc_task *task, const struct iovec *local,
				  const struct iovec *remote, size_t count, bool write);

#endif
