/* SPDX-License-Identifier: BSD-3-Clause */
#include "wanted.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "child.h"

struct wanted {
	struct wanted *next;
	const void *owner;
	int events;
	uint64_t function, context;
	uintptr_t key;
	uint32_t id; /* of the grant */
};

static struct {
	pthread_mutex_t lock;
	struct wanted *first;
	uintptr_t last_key;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER};

uintptr_t emu_wanted_add(const void *owner, int events, uint32_t id, uint64_t function,
			 uint64_t context)
{
	struct wanted *new = calloc(1, sizeof(*new));
	uintptr_t key;

	if (!new)
		return 0;
	new->owner = owner;
	new->events = events;
	new->id = id;
	new->function = function;
	new->context = context;
	pthread_mutex_lock(&all.lock);
	key = new->key = ++all.last_key;
	new->next = all.first;
	all.first = new;
	pthread_mutex_unlock(&all.lock);
	return key;
}

/* With the lock held. */
static struct wanted *find(uintptr_t key)
{
	struct wanted *w = all.first;

	while (w && w->key != key)
		w = w->next;
	return w;
}

int emu_wanted_tell(unsigned int id, void *context)
{
	struct emu_child_request request = {.kind = EMU_CHILD_WANTED, .module = id};
	const struct wanted *w;

	pthread_mutex_lock(&all.lock);
	w = find((uintptr_t)context);
	if (w) {
		request.address = w->function;
		request.offset = w->context;
		/* Nobody waits for it: a child that does not read its socket is not asked. */
		send(w->events, &request, sizeof(request), MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	pthread_mutex_unlock(&all.lock);
	return 0;
}

void emu_wanted_forget(const void *owner, uintptr_t key, uint32_t id)
{
	pthread_mutex_lock(&all.lock);
	for (struct wanted **at = &all.first, *w; (w = *at);) {
		if (w->owner != owner || (key && w->key != key) || (id && w->id != id)) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		free(w);
	}
	pthread_mutex_unlock(&all.lock);
}
