/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a program can rely on that a user-mode emulator of processors (qemu-user) runs: asked of it,
 * not of its name. On a kernel every answer is yes.
 */
#ifndef TEST_EMULATED_H
#define TEST_EMULATED_H

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __i386__
#include <asm/ldt.h>
#include <sys/syscall.h>
#endif

static inline void *emulated_rest(void *barrier)
{
	pthread_barrier_wait(barrier);
	pthread_barrier_wait(barrier);
	return NULL;
}

/*
 * Does a thread find its own thread-local memory again after a signal's handler? qemu-i386 7.2 has
 * one table of segments for all threads; the return from a handler loads %gs from it anew, and the
 * thread goes on in the memory of whoever was made last.
 */
static inline bool threads_survive_signals(void)
{
#ifdef __i386__
	struct user_desc segment = {0};
	pthread_barrier_t barrier;
	unsigned int self, own;
	unsigned short selector;
	pthread_t other;

	__asm__ volatile("mov %%gs, %0" : "=r"(selector));
	__asm__ volatile("mov %%gs:0, %0" : "=r"(self));
	segment.entry_number = selector >> 3;
	pthread_barrier_init(&barrier, NULL, 2);
	if (pthread_create(&other, NULL, emulated_rest, &barrier))
		return false;
	pthread_barrier_wait(&barrier);
	/* What a kernel would load into %gs for this thread. */
	own = syscall(SYS_get_thread_area, &segment) ? 0 : segment.base_addr;
	pthread_barrier_wait(&barrier);
	pthread_join(other, NULL);
	pthread_barrier_destroy(&barrier);
	return own == self;
#else
	return true;
#endif
}

static inline void *emulated_nothing(void *arg)
{
	return arg;
}

/* May the child of a program with threads start one? qemu-user 7.2 aborts there. */
static inline bool children_may_have_threads(void)
{
	pthread_barrier_t barrier;
	pthread_t other, thread;
	int status = -1;
	pid_t child;

	pthread_barrier_init(&barrier, NULL, 2);
	if (pthread_create(&other, NULL, emulated_rest, &barrier))
		return false;
	pthread_barrier_wait(&barrier);
	child = fork();
	if (!child)
		_exit(pthread_create(&thread, NULL, emulated_nothing, NULL) ||
		      pthread_join(thread, NULL));
	pthread_barrier_wait(&barrier);
	pthread_join(other, NULL);
	pthread_barrier_destroy(&barrier);
	return child > 0 && waitpid(child, &status, 0) == child && !status;
}

/* Becomes @program with the argument @arg: through what runs such programs here, if that is needed. */
static inline void exec_foreign(const char *program, const char *arg)
{
	if (getenv("MESON_EXE_WRAPPER"))
		execl("/bin/sh", "sh", "-c", "eval \"exec $MESON_EXE_WRAPPER \\\"\\$@\\\"\"", "sh",
		      program, arg, (char *)NULL);
	else
		execl(program, program, arg, (char *)NULL);
}

#endif
