/* SPDX-License-Identifier: BSD-3-Clause */
#include "handle.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "read_lock.h"
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
	struct frpc_read_lock lock;
	pthread_once_t once;
	struct entry *entries;
	uint32_t count, room, first_free; /* index + 1 */
	uint32_t generation;		  /* never the same twice, also across a fork */
} table = {.lock = FRPC_READ_LOCK_INITIALIZER, .once = PTHREAD_ONCE_INIT};

static void before_fork(void)
{
	frpc_write_lock(&table.lock);
}

static void after_fork(void)
{
	frpc_write_unlock(&table.lock);
}

/* Inherited handles are closed to the child; generations go on, so that no new one equals them. */
static void after_fork_in_child(void)
{
	frpc_read_lock_init(&table.lock);
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
static inline struct entry *find(uint64_t handle, bool wide)
{
	uint32_t low = (uint32_t)handle, index;
	struct entry *entry;

	index = wide ? low - 1 : (low & ((1u << INDEX_BITS) - 1)) - FIRST_NARROW;
	if (index >= table.count)
		return NULL;
	entry = &table.entries[index];
	if (wide ? entry->generation != handle >> 32 : encode(index, entry) != handle)
		return NULL;
	return entry->wide == wide && entry->session ? entry : NULL;
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
	frpc_write_lock(&table.lock);
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
	frpc_write_unlock(&table.lock);
	return res;
}

int frpc_handle_get(uint64_t handle, bool wide, struct frpc_handle_ref *ref)
{
	const struct entry *entry;

	frpc_read_lock(&table.lock);
	entry = find(handle, wide);
	if (entry) {
		ref->session = frpc_session_ref(entry->session);
		ref->dsp_handle = entry->dsp_handle;
	}
	frpc_read_unlock(&table.lock);
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

	frpc_write_lock(&table.lock);
	entry = find(handle, wide);
	if (entry)
		take(entry, ref);
	frpc_write_unlock(&table.lock);
	return entry ? 0 : -ENOENT;
}

int frpc_handle_take_any(struct frpc_session *session, struct frpc_handle_ref *ref)
{
	int res = -ENOENT;

	frpc_write_lock(&table.lock);
	for (uint32_t i = 0; i < table.count && res; i++)
		if (table.entries[i].session == session) {
			take(&table.entries[i], ref);
			res = 0;
		}
	frpc_write_unlock(&table.lock);
	return res;
}
