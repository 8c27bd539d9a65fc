/* SPDX-License-Identifier: BSD-3-Clause */
/* The calling thread as a task of the device seam. */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "device.h"

void frpc_task_current(struct frpc_task *task)
{
	memset(task, 0, sizeof(*task));
	task->tgid = getpid();
	task->tid = (pid_t)syscall(SYS_gettid);
	task->compat = false;
}
