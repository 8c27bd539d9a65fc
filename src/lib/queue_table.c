/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "queue_table.h"

/* A name is 32 bits: the kind, 19 of generation, and the index. */
#define INDEX_BITS	12u
#define KIND_BIT	31u
#define MOST		(1u << INDEX_BITS)
#define LAST_GENERATION ((1u << (KIND_BIT - INDEX_BITS)) - 1)
#define SHARDS		16u

struct slot {
	void *object; /* NULL: free */
	dspqueue_t name;
	uint32_t users;
	bool closing, hidden;
};

static struct {
	pthread_once_t once;
	pthread_mutex_t add_lock; /* taken first */
	pthread_mutex_t locks[SHARDS];
	pthread_cond_t left[SHARDS];
	struct slot slots[MOST];
	uint32_t generation, next;
} table = {.once = PTHREAD_ONCE_INIT};

static void init_locks(void)
{
	pthread_mutex_init(&table.add_lock, NULL);
	for (uint32_t i = 0; i < SHARDS; i++) {
		pthread_mutex_init(&table.locks[i], NULL);
		pthread_cond_init(&table.left[i], NULL);
	}
}

static void after_fork_in_child(void)
{
	init_locks();
	for (uint32_t i = 0; i < MOST; i++)
		table.slots[i].object = NULL;
}

static void set_up(void)
{
	init_locks();
	pthread_atfork(NULL, NULL, after_fork_in_child);
}

static uint32_t index_of(dspqueue_t queue)
{
	return (uint32_t)(uintptr_t)queue % MOST;
}

static pthread_mutex_t *lock_of(uint32_t index)
{
	return &table.locks[index % SHARDS];
}

/* The slot that @queue names, or NULL. With its lock held. */
static struct slot *find(dspqueue_t queue)
{
	struct slot *slot = &table.slots[index_of(queue)];

	return slot->object && slot->name == queue ? slot : NULL;
}

static struct slot *lock_slot(dspqueue_t queue)
{
	pthread_once(&table.once, set_up);
	pthread_mutex_lock(lock_of(index_of(queue)));
	return find(queue);
}

static void unlock_slot(dspqueue_t queue)
{
	pthread_mutex_unlock(lock_of(index_of(queue)));
}

/* The next name of the free slot at @index. With the lock for adding held. */
static dspqueue_t new_name(uint32_t index, enum frpc_queue_kind kind)
{
	/* Never 0, so that no name is NULL. */
	table.generation = table.generation % LAST_GENERATION + 1;
	return (dspqueue_t)((uintptr_t)kind << KIND_BIT |
			    (uintptr_t)table.generation << INDEX_BITS | index);
}

int frpc_queue_table_add(void *object, enum frpc_queue_kind kind, dspqueue_t *ret_queue)
{
	int res = -ENOSPC;

	pthread_once(&table.once, set_up);
	pthread_mutex_lock(&table.add_lock);
	for (uint32_t i = 0; i < MOST && res; i++) {
		uint32_t index = (table.next + i) % MOST;
		struct slot *slot = &table.slots[index];

		pthread_mutex_lock(lock_of(index));
		if (!slot->object) {
			table.next = index + 1;
			*ret_queue = new_name(index, kind);
			*slot = (struct slot){.object = object, .name = *ret_queue};
			res = 0;
		}
		pthread_mutex_unlock(lock_of(index));
	}
	pthread_mutex_unlock(&table.add_lock);
	return res;
}

enum frpc_queue_kind frpc_queue_table_kind(dspqueue_t queue)
{
	return (uintptr_t)queue >> KIND_BIT & 1 ? FRPC_QUEUE_MULTI : FRPC_QUEUE_SINGLE;
}

void *frpc_queue_table_get(dspqueue_t queue, enum frpc_queue_kind kind)
{
	void *object = NULL;
	struct slot *slot;

	if (frpc_queue_table_kind(queue) != kind)
		return NULL;
	slot = lock_slot(queue);
	if (slot && !slot->hidden) {
		slot->users++;
		object = slot->object;
	}
	unlock_slot(queue);
	return object;
}

void frpc_queue_table_put(dspqueue_t queue)
{
	struct slot *slot = lock_slot(queue);

	if (slot) {
		slot->users--;
		if (slot->hidden)
			pthread_cond_broadcast(&table.left[index_of(queue) % SHARDS]);
	}
	unlock_slot(queue);
}

bool frpc_queue_table_claim(dspqueue_t queue)
{
	struct slot *slot = lock_slot(queue);
	bool claimed = slot && !slot->closing;

	if (claimed)
		slot->closing = true;
	unlock_slot(queue);
	return claimed;
}

void frpc_queue_table_unclaim(dspqueue_t queue)
{
	struct slot *slot = lock_slot(queue);

	if (slot)
		slot->closing = false;
	unlock_slot(queue);
}

void frpc_queue_table_hide(dspqueue_t queue)
{
	struct slot *slot = lock_slot(queue);

	if (slot)
		slot->hidden = true;
	unlock_slot(queue);
}

void frpc_queue_table_remove(dspqueue_t queue)
{
	struct slot *slot = lock_slot(queue);

	while (slot && slot->users > 1)
		pthread_cond_wait(&table.left[index_of(queue) % SHARDS], lock_of(index_of(queue)));
	if (slot)
		slot->object = NULL;
	unlock_slot(queue);
}
