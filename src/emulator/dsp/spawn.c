/* SPDX-License-Identifier: BSD-3-Clause */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "libc_clone.h"

#define KERNEL_SIGSET_BYTES 8
#define SPAWN_STACK	    65536u
#define NO_RUNTIME	    ""

/* On the stack that the two short-lived steps share: each has a half of it. */
struct start {
	const char *program;
	char **environment;
	int control;
	char *second_stack;
	pid_t pid;
	int pidfd;
	sigset_t mask;
};

/* In the new process, on a stack of its own but in our memory, until exec. */
__attribute__((no_sanitize("address", "thread", "undefined"))) static int become(void *arg)
{
	struct start *start = arg;
	char *argv[] = {(char *)(uintptr_t)start->program, NULL};

	/*
	 * System calls only: a sanitizer's replacements of libc's functions keep books in the memory that
	 * is shared with the thread that started us, and what never returns spoils them.
	 */
	if (start->control == EMU_CHILD_CONTROL_FD)
		syscall(SYS_fcntl, start->control, F_SETFD, 0);
	else
		syscall(SYS_dup3, start->control, EMU_CHILD_CONTROL_FD, 0);
	syscall(SYS_close_range, EMU_CHILD_CONTROL_FD + 1, ~0u, 0);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &start->mask, NULL, KERNEL_SIGSET_BYTES);
	syscall(SYS_execve, start->program, argv, start->environment);
	syscall(SYS_exit_group, 127);
	return 127; /* not reached */
}

/* A parent between us and it, which is gone at once: our descriptors, so that it leaves the pidfd. */
__attribute__((no_sanitize("address", "thread", "undefined"))) static int stand_between(void *arg)
{
	struct start *start = arg;

	start->pid = LIBC_CLONE(become, start->second_stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD,
				start, &start->pidfd);
	syscall(SYS_exit_group, 0);
	return 0; /* not reached */
}

/* A skel built with a sanitizer needs its runtime loaded before everything else. */
static void find_runtime(const void *image, size_t size, char runtime[64])
{
	static const char *const names[] = {"libasan.so.", "libtsan.so.", "libubsan.so."};

	strcpy(runtime, NO_RUNTIME);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *at = memmem(image, size, names[i], strlen(names[i]));
		size_t room = at ? size - (size_t)(at - (const char *)image) : 0;

		if (at && room < 64 && !memchr(at, 0, room))
			continue;
		if (at && strnlen(at, 64) < 64) {
			snprintf(runtime, 64, "%s", at);
			return;
		}
	}
}

static char **make_environment(const char *runtime)
{
	static char preload[80];
	size_t count = 0, used = 0;
	char **environment;

	while (environ && environ[count])
		count++;
	environment = calloc(count + 2, sizeof(*environment));
	for (size_t i = 0; environment && i < count; i++)
		if (!*runtime || strncmp(environ[i], "LD_PRELOAD=", 11))
			environment[used++] = environ[i];
	if (environment && *runtime) {
		snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", runtime);
		environment[used] = preload;
	}
	return environment;
}

int emu_spawn(const char *program, const void *image, size_t size, int control)
{
	static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER; /* make_environment()'s text */
	struct start start = {.program = program, .control = control, .pid = -1, .pidfd = -1};
	char *stack = mmap(NULL, 2 * SPAWN_STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	char runtime[64];
	sigset_t all, old;
	pid_t between = -1;

	if (stack == MAP_FAILED)
		return -ENOMEM;
	start.second_stack = stack + 2 * SPAWN_STACK;
	find_runtime(image, size, runtime);
	sigfillset(&all);
	pthread_mutex_lock(&one);
	start.environment = make_environment(runtime);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	sigemptyset(&start.mask);
	if (start.environment)
		between = LIBC_CLONE(stand_between, stack + SPAWN_STACK,
				     CLONE_VM | CLONE_VFORK | CLONE_FILES, &start);
	while (between > 0 && waitpid(between, NULL, __WALL) < 0 && errno == EINTR)
		;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	free(start.environment);
	pthread_mutex_unlock(&one);
	munmap(stack, 2 * SPAWN_STACK);
	return start.pid > 0 && start.pidfd >= 0 ? start.pidfd : -ENOMEM;
}
