/* SPDX-License-Identifier: BSD-3-Clause */
#include "traits.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct record {
	struct record *next;
	struct emu_dmabuf *dmabuf; /* a reference: its inode number stays its own */
	uint32_t bits, assigned;
};

struct emu_traits {
	struct emu_inject *inject;
	pthread_mutex_t lock;
	struct record *records;
	_Atomic bool any; /* spares the usual machine the lock */
};

int emu_traits_new(struct emu_inject *inject, struct emu_traits **ret_traits)
{
	struct emu_traits *traits = calloc(1, sizeof(*traits));

	if (!traits)
		return -ENOMEM;
	traits->inject = inject;
	pthread_mutex_init(&traits->lock, NULL);
	*ret_traits = traits;
	return 0;
}

static void remove_record(struct emu_traits *traits, struct record **at)
{
	struct record *record = *at;

	*at = record->next;
	emu_dmabuf_put(record->dmabuf);
	free(record);
	atomic_store(&traits->any, traits->records != NULL);
}

void emu_traits_free(struct emu_traits *traits)
{
	if (!traits)
		return;
	while (traits->records)
		remove_record(traits, &traits->records);
	pthread_mutex_destroy(&traits->lock);
	free(traits);
}

/* Where the buffer's record is, or would be appended. With the lock held. */
static struct record **find(struct emu_traits *traits, const struct emu_dmabuf *dmabuf)
{
	struct record **at = &traits->records;

	while (*at && ((*at)->dmabuf->ino != dmabuf->ino || (*at)->dmabuf->dev != dmabuf->dev))
		at = &(*at)->next;
	return at;
}

static struct record *find_or_add(struct emu_traits *traits, struct emu_dmabuf *dmabuf)
{
	struct record **at = find(traits, dmabuf);

	if (*at)
		return *at;
	*at = calloc(1, sizeof(**at));
	if (!*at)
		return NULL;
	(*at)->dmabuf = emu_dmabuf_ref(dmabuf);
	atomic_store(&traits->any, true);
	return *at;
}

static void forget_if_plain(struct emu_traits *traits, const struct emu_dmabuf *dmabuf)
{
	struct record **at = find(traits, dmabuf);

	if (*at && !(*at)->bits && !(*at)->assigned)
		remove_record(traits, at);
}

int emu_traits_set(struct emu_traits *traits, struct emu_dmabuf *dmabuf, uint32_t bits)
{
	struct record *record;

	pthread_mutex_lock(&traits->lock);
	record = find_or_add(traits, dmabuf);
	if (record) {
		record->bits = bits & EMU_BUFFER_SETTABLE;
		forget_if_plain(traits, dmabuf);
	}
	pthread_mutex_unlock(&traits->lock);
	return record ? 0 : -ENOMEM;
}

uint32_t emu_traits_get(struct emu_traits *traits, const struct emu_dmabuf *dmabuf)
{
	const struct record *record;
	uint32_t bits = 0;

	if (!atomic_load_explicit(&traits->any, memory_order_acquire))
		return 0;
	pthread_mutex_lock(&traits->lock);
	record = *find(traits, dmabuf);
	if (record)
		bits = record->bits | (record->assigned ? EMU_BUFFER_ASSIGNED : 0);
	pthread_mutex_unlock(&traits->lock);
	return bits;
}

int emu_traits_assign(struct emu_traits *traits, struct emu_dmabuf *dmabuf)
{
	struct record *record;
	int res = 0;

	if (emu_inject_fails(traits->inject, EMU_INJECT_ASSIGNMENT))
		return -EADDRNOTAVAIL;
	pthread_mutex_lock(&traits->lock);
	record = find_or_add(traits, dmabuf);
	if (!record)
		res = -ENOMEM;
	else if (record->bits & EMU_BUFFER_UNASSIGNABLE)
		res = -EADDRNOTAVAIL;
	else
		record->assigned++;
	pthread_mutex_unlock(&traits->lock);
	return res;
}

void emu_traits_unassign(struct emu_traits *traits, const struct emu_dmabuf *dmabuf)
{
	struct record *record;

	pthread_mutex_lock(&traits->lock);
	record = *find(traits, dmabuf);
	if (record && record->assigned)
		record->assigned--;
	forget_if_plain(traits, dmabuf);
	pthread_mutex_unlock(&traits->lock);
}
