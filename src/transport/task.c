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

/* NULL: not made yet, or forks cannot be seen here: ask each time. */
static _Atomic(pid_t) *_Atomic kept_pid;
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
	atomic_store_explicit(&kept_pid, page, memory_order_release);
}

/* The first time in this process, or each time. */
static pid_t ask_pid(void)
{
	pid_t pid = getpid();

	pthread_once(&once, make_page);
	if (kept_pid)
		atomic_store_explicit(kept_pid, pid, memory_order_relaxed);
	return pid;
}

static inline pid_t own_pid(void)
{
	_Atomic(pid_t) *page = atomic_load_explicit(&kept_pid, memory_order_acquire);
	pid_t pid = page ? atomic_load_explicit(page, memory_order_relaxed) : 0;

	return pid ? pid : ask_pid();
}

pid_t frpc_own_pid(void)
{
	return own_pid();
}

void frpc_task_current(struct frpc_task *task)
{
	memset(task, 0, sizeof(*task));
	task->tgid = own_pid();
	if (kept_task.tgid != task->tgid) {
		kept_task.tid = (pid_t)syscall(SYS_gettid);
		kept_task.tgid = task->tgid;
	}
	task->tid = kept_task.tid;
	task->compat = sizeof(void *) == 4;
}
