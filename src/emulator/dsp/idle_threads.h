/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Threads of a DSP process of the host's that wait for a call, by the sockets that they serve. Each is
 * for one thread of ours: what a thread holds, such as a vector context, it has in its next call as
 * well. Locks for itself.
 */
#ifndef EMU_DSP_IDLE_THREADS_H
#define EMU_DSP_IDLE_THREADS_H

#include <pthread.h>
#include <stdint.h>

struct emu_idle_threads {
	pthread_mutex_t lock;
	struct emu_idle_thread *list;
	uint32_t count, room;
};

void emu_idle_threads_init(struct emu_idle_threads *idle);
/* They end. */
void emu_idle_threads_destroy(struct emu_idle_threads *idle);
/* The socket of the one that runs the calls of our thread @thread: the caller's. -1: there is none. */
int emu_idle_threads_take(struct emu_idle_threads *idle, uint32_t thread);
/* It waits again; without memory to remember it, it ends. */
void emu_idle_threads_give(struct emu_idle_threads *idle, uint32_t thread, int fd);

#endif
