/* SPDX-License-Identifier: BSD-3-Clause */
#include "idle_threads.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

struct emu_idle_thread {
	uint32_t thread; /* whose calls it runs */
	int fd;
};

void emu_idle_threads_init(struct emu_idle_threads *idle)
{
	*idle = (struct emu_idle_threads){.list = NULL};
	pthread_mutex_init(&idle->lock, NULL);
}

void emu_idle_threads_destroy(struct emu_idle_threads *idle)
{
	for (uint32_t i = 0; i < idle->count; i++)
		close(idle->list[i].fd);
	free(idle->list);
	pthread_mutex_destroy(&idle->lock);
}

int emu_idle_threads_take(struct emu_idle_threads *idle, uint32_t thread)
{
	int fd = -1;

	pthread_mutex_lock(&idle->lock);
	for (uint32_t i = 0; i < idle->count && fd < 0; i++)
		if (idle->list[i].thread == thread) {
			fd = idle->list[i].fd;
			idle->list[i] = idle->list[--idle->count];
		}
	pthread_mutex_unlock(&idle->lock);
	return fd;
}

/* With the lock held. False: no memory. */
static bool make_room(struct emu_idle_threads *idle)
{
	uint32_t room = idle->room ? idle->room * 2 : 8;
	struct emu_idle_thread *list;

	if (idle->count < idle->room)
		return true;
	list = realloc(idle->list, room * sizeof(*list));
	if (!list)
		return false;
	idle->list = list;
	idle->room = room;
	return true;
}

void emu_idle_threads_give(struct emu_idle_threads *idle, uint32_t thread, int fd)
{
	bool kept;

	pthread_mutex_lock(&idle->lock);
	kept = make_room(idle);
	if (kept)
		idle->list[idle->count++] = (struct emu_idle_thread){thread, fd};
	pthread_mutex_unlock(&idle->lock);
	if (!kept)
		close(fd);
}
