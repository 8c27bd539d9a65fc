/* SPDX-License-Identifier: BSD-3-Clause */
#include "notif.h"

#include <errno.h>
#include <stdlib.h>

#include "../futex.h"

struct emu_notif {
	struct emu_notif *next;
	uint32_t status;
};

void emu_notifs_init(struct emu_notifs *notifs)
{
	pthread_mutex_init(&notifs->lock, NULL);
	notifs->last = &notifs->first;
}

void emu_notifs_destroy(struct emu_notifs *notifs)
{
	struct emu_notif *notif;

	while ((notif = notifs->first)) {
		notifs->first = notif->next;
		free(notif);
	}
	pthread_mutex_destroy(&notifs->lock);
}

static void tell_waiters(struct emu_notifs *notifs)
{
	atomic_fetch_add(&notifs->events, 1);
	emu_futex_wake(&notifs->events, INT_MAX);
}

int emu_notifs_push(struct emu_notifs *notifs, uint32_t status)
{
	struct emu_notif *notif = calloc(1, sizeof(*notif));

	if (!notif)
		return -ENOMEM;
	notif->status = status;
	pthread_mutex_lock(&notifs->lock);
	*notifs->last = notif;
	notifs->last = &notif->next;
	pthread_mutex_unlock(&notifs->lock);
	tell_waiters(notifs);
	return 0;
}

static struct emu_notif *take(struct emu_notifs *notifs)
{
	struct emu_notif *notif;

	pthread_mutex_lock(&notifs->lock);
	notif = notifs->first;
	if (notif)
		notifs->first = notif->next;
	if (!notifs->first)
		notifs->last = &notifs->first;
	pthread_mutex_unlock(&notifs->lock);
	return notif;
}

int emu_notifs_read(struct emu_notifs *notifs, struct emu_clock *clock, uint32_t *ret_status)
{
	for (;;) {
		uint32_t seen = atomic_load(&notifs->events);
		struct emu_notif *notif;

		if (atomic_load(&notifs->woken))
			return -EFAULT;
		notif = take(notifs);
		if (notif) {
			*ret_status = notif->status;
			free(notif);
			return 0;
		}
		if (emu_clock_wait(clock, &notifs->events, seen, EMU_FOREVER, true))
			return -EINTR;
	}
}

void emu_notifs_wake(struct emu_notifs *notifs)
{
	atomic_store(&notifs->woken, true);
	tell_waiters(notifs);
}

uint32_t emu_notifs_count(struct emu_notifs *notifs)
{
	uint32_t count = 0;

	pthread_mutex_lock(&notifs->lock);
	for (struct emu_notif *notif = notifs->first; notif; notif = notif->next)
		count++;
	pthread_mutex_unlock(&notifs->lock);
	return count;
}
