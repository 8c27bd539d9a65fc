/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The process engine starts its processes from one that shares the caller's memory until it is another
 * program. qemu-user makes copies of it (and cannot start another processor's program): tests that are
 * told to use that engine are left out where that is seen.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/emulator/dsp/libc_clone.h"

#define STACK_BYTES 65536u
#define LEFT_OUT    77

__attribute__((no_sanitize("address", "thread", "undefined"))) static int write_and_end(void *arg)
{
	*(volatile bool *)arg = true;
	syscall(SYS_exit_group, 0);
	return 0; /* not reached */
}

static bool children_can_share_memory(void)
{
	char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	volatile bool written = false;
	pid_t child;

	if (stack == MAP_FAILED)
		return true; /* not seen */
	child = LIBC_CLONE(write_and_end, stack + STACK_BYTES, CLONE_VM | CLONE_VFORK | SIGCHLD,
			   (void *)(uintptr_t)&written);
	if (child > 0)
		waitpid(child, NULL, 0);
	munmap(stack, STACK_BYTES);
	return child < 0 || written;
}

__attribute__((constructor)) static void leave_out(void)
{
	const char *machine = getenv("FRPC_EMULATOR");

	if (!machine || !strstr(machine, "engine=process") || children_can_share_memory())
		return;
	printf("left out: children get copies of our memory here (qemu-user), not the memory\n");
	fflush(stdout);
	_exit(LEFT_OUT);
}
