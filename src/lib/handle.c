/* SPDX-License-Identifier: BSD-3-Clause */
#include "handle.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "session.h"

#define FIRST_NARROW	   0x1000u /* below lie the static handles */
#define INDEX_BITS	   20u
#define MOST		   ((1u << INDEX_BITS) - FIRST_NARROW)
#define NARROW_GENERATIONS 0xfffu

struct entry {
	struct frpc_session *session; /* a reference; NULL: free */
	uint32_t dsp_handle;
	uint32_t generation;
	uint32_t next_free;
	bool wide;
};

static struct {
	pthread_rwlock_t lock;
	pthread_once_t once;
	struct entry *entries;
	uint32_t count, room, first_free; /* index + 1 */
	uint32_t generation;		  /* never the same twice, also across a fork */
} table = {.lock = PTHREAD_RWLOCK_INITIALIZER, .once = PTHREAD_ONCE_INIT};

static void before_fork(void)
{
	pthread_rwlock_wrlock(&table.lock);
}

static void after_fork(void)
{
	pthread_rwlock_unlock(&table.lock);
}

/* Inherited handles are closed to the child; generations go on, so that no new one equals them. */
static void after_fork_in_child(void)
{
	/* Some C libraries let only the thread unlock that locked, and the child's is another one. */
	pthread_rwlock_unlock(&table.lock);
	pthread_rwlock_init(&table.lock, NULL);
	for (uint32_t i = 0; i < table.count; i++)
		table.entries[i].session = NULL;
	table.count = 0;
	table.first_free = 0;
}

static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

/* Never 0; a narrow handle has room for the low 12 bits only, which must not be 0 either. */
static uint32_t next_generation(void)
{
	do
		table.generation++;
	while (!(table.generation & NARROW_GENERATIONS));
	return table.generation;
}

static uint64_t encode(uint32_t index, const struct entry *entry)
{
	if (entry->wide)
		return (uint64_t)entry->generation << 32 | (index + 1);
	return (entry->generation & NARROW_GENERATIONS) << INDEX_BITS | (index + FIRST_NARROW);
}

/* The open entry that @handle names, or NULL. With the lock held. */
static struct entry *find(uint64_t handle, bool wide)
{
	uint32_t low = (uint32_t)handle, index;

	if (wide)
		index = low - 1;
	else
		index = (low & ((1u << INDEX_BITS) - 1)) - FIRST_NARROW;
	if (index >= table.count || !table.entries[index].session ||
	    table.entries[index].wide != wide || encode(index, &table.entries[index]) != handle)
		return NULL;
	return &table.entries[index];
}

static int take_index(uint32_t *ret_index)
{
	if (table.first_free) {
		*ret_index = table.first_free - 1;
		table.first_free = table.entries[*ret_index].next_free;
		return 0;
	}
	if (table.count == table.room) {
		uint32_t room = table.room ? table.room * 2 : 64;
		struct entry *entries;

		if (table.count >= MOST)
			return -ENOMEM;
		entries = realloc(table.entries, room * sizeof(*entries));
		if (!entries)
			return -ENOMEM;
		table.entries = entries;
		table.room = room;
	}
	*ret_index = table.count++;
	return 0;
}

int frpc_handle_add(struct frpc_session *session, uint32_t dsp_handle, bool wide,
		    uint64_t *ret_handle)
{
	uint32_t index;
	int res;

	pthread_once(&table.once, watch_forks);
	pthread_rwlock_wrlock(&table.lock);
	res = take_index(&index);
	if (!res) {
		table.entries[index] = (struct entry){
			.session = frpc_session_ref(session),
			.dsp_handle = dsp_handle,
			.generation = next_generation(),
			.wide = wide,
		};
		*ret_handle = encode(index, &table.entries[index]);
	}
	pthread_rwlock_unlock(&table.lock);
	return res;
}

int frpc_handle_get(uint64_t handle, bool wide, struct frpc_handle_ref *ref)
{
	const struct entry *entry;

	pthread_rwlock_rdlock(&table.lock);
	entry = find(handle, wide);
	if (entry) {
		ref->session = frpc_session_ref(entry->session);
		ref->dsp_handle = entry->dsp_handle;
	}
	pthread_rwlock_unlock(&table.lock);
	return entry ? 0 : -ENOENT;
}

/* The entry's reference goes over to @ref. With the lock held. */
static void take(struct entry *entry, struct frpc_handle_ref *ref)
{
	ref->session = entry->session;
	ref->dsp_handle = entry->dsp_handle;
	entry->session = NULL;
	entry->next_free = table.first_free;
	table.first_free = (uint32_t)(entry - table.entries) + 1;
}

int frpc_handle_take(uint64_t handle, bool wide, struct frpc_handle_ref *ref)
{
	struct entry *entry;

	pthread_rwlock_wrlock(&table.lock);
	entry = find(handle, wide);
	if (entry)
		take(entry, ref);
	pthread_rwlock_unlock(&table.lock);
	return entry ? 0 : -ENOENT;
}

int frpc_handle_take_any(struct frpc_session *session, struct frpc_handle_ref *ref)
{
	int res = -ENOENT;

	pthread_rwlock_wrlock(&table.lock);
	for (uint32_t i = 0; i < table.count && res; i++)
		if (table.entries[i].session == session) {
			take(&table.entries[i], ref);
			res = 0;
		}
	pthread_rwlock_unlock(&table.lock);
	return res;
}
