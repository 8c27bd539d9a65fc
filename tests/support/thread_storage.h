/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * qemu-i386 (7.2) has one segment table for all threads: when a handler returns, its thread's segment
 * is loaded from there and is the youngest thread's. From then on two threads have the same variables,
 * malloc()'s among them, and what aborts then is none of ours.
 */
#ifndef TEST_THREAD_STORAGE_H
#define TEST_THREAD_STORAGE_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

struct storage_probe {
	atomic_bool ready, other_there, handled;
};
static struct storage_probe storage_probe;
static __thread int storage_of_a_thread;

__attribute__((noinline)) static void *storage_address(void)
{
	int *address = &storage_of_a_thread;

	__asm__ volatile("" : "+r"(address) : : "memory");
	return address;
}

static void storage_handler(int number)
{
	(void)number;
	atomic_store(&storage_probe.handled, true);
}

static void *storage_interrupted(void *arg)
{
	const void *before = storage_address();

	atomic_store(&storage_probe.ready, true);
	while (!atomic_load(&storage_probe.handled))
		usleep(1000);
	/* At once: a thread without its own storage can do nothing else. */
	_exit(storage_address() == before ? 0 : 1);
	return arg;
}

static void *storage_youngest(void *arg)
{
	atomic_store(&storage_probe.other_there, true);
	while (true)
		pause();
	return arg;
}

/* In a child: threads that cannot be ended any more go with it. */
static inline void probe_storage(void)
{
	struct sigaction action = {.sa_handler = storage_handler};
	pthread_t interrupted, youngest;

	sigaction(SIGUSR1, &action, NULL);
	if (pthread_create(&interrupted, NULL, storage_interrupted, NULL))
		_exit(2);
	while (!atomic_load(&storage_probe.ready))
		usleep(1000);
	if (pthread_create(&youngest, NULL, storage_youngest, NULL))
		_exit(2);
	while (!atomic_load(&storage_probe.other_there))
		usleep(1000);
	pthread_kill(interrupted, SIGUSR1);
	while (true)
		pause();
}

/* False only if a thread has been seen to have another one's variables after a handler. */
static inline bool signals_leave_threads_their_storage(void)
{
	pid_t child = fork();
	int status = 0;

	if (!child)
		probe_storage();
	return child < 0 || waitpid(child, &status, 0) != child ||
	       !(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

#endif
