/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The calling thread as a task of the device seam. Asking the kernel who one is costs as much as
 * the rest of a small call, so the answer is kept: the process's in a page that a fork wipes, the
 * thread's beside the process id it was true for.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "device.h"

static _Atomic pid_t *kept_pid; /* NULL: forks cannot be seen here, ask each time */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static __thread struct {
	pid_t tgid, tid;
} kept_task;

static void make_page(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return;
	if (madvise(page, size, MADV_WIPEONFORK)) {
		munmap(page, size);
		return;
	}
	kept_pid = page;
}

pid_t frpc_own_pid(void)
{
	pid_t pid = 0;

	pthread_once(&once, make_page);
	if (kept_pid)
		pid = atomic_load_explicit(kept_pid, memory_order_relaxed);
	if (!pid) {
		pid = getpid();
		if (kept_pid)
			atomic_store_explicit(kept_pid, pid, memory_order_relaxed);
	}
	return pid;
}

void frpc_task_current(struct frpc_task *task)
{
	memset(task, 0, sizeof(*task));
	task->tgid = frpc_own_pid();
	if (kept_task.tgid != task->tgid) {
		kept_task.tid = (pid_t)syscall(SYS_gettid);
		kept_task.tgid = task->tgid;
	}
	task->tid = kept_task.tid;
	task->compat = sizeof(void *) == 4;
}
