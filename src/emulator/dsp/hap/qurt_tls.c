/* SPDX-License-Identifier: BSD-3-Clause */
/* Thread-local values of a DSP process. Each thread has a list of those that it has set. */
#define FASTRPC_SKEL 1

#include "qurt_tls.h"

#include <stdlib.h>

#include "hap.h"

#define PASSES 4 /* destructors may set values again */

struct emu_hap_tls_value {
	struct emu_hap_tls_value *next;
	int key;
	void *value;
};

/* A key is slot and generation, so that one that was deleted is known as such. Under hap->lock. */
static struct emu_hap_tls_key *find(struct emu_hap *hap, int key)
{
	struct emu_hap_tls_key *slot = &hap->tls[(unsigned int)key % EMU_HAP_TLS_KEYS];

	return slot->used && slot->key == key ? slot : NULL;
}

int qurt_tls_create_key(int *key, void (*destructor)(void *))
{
	struct emu_hap *hap = emu_hap_current();
	int res = QURT_ETLSAVAIL;

	if (!hap || !key)
		return QURT_EVAL;
	pthread_mutex_lock(&hap->lock);
	for (unsigned int i = 0; i < EMU_HAP_TLS_KEYS && res; i++) {
		struct emu_hap_tls_key *slot = &hap->tls[i];

		if (slot->used)
			continue;
		slot->used = true;
		slot->key = (int)(((unsigned int)slot->key + EMU_HAP_TLS_KEYS) % 0x40000000u /
					  EMU_HAP_TLS_KEYS * EMU_HAP_TLS_KEYS +
				  i);
		slot->destructor = destructor;
		*key = slot->key;
		res = QURT_EOK;
	}
	pthread_mutex_unlock(&hap->lock);
	return res;
}

static bool is_key(struct emu_hap *hap, int key)
{
	bool there;

	pthread_mutex_lock(&hap->lock);
	there = find(hap, key) != NULL;
	pthread_mutex_unlock(&hap->lock);
	return there;
}

/* The entry of the key's slot. One with another key is left over from before that key was deleted. */
static struct emu_hap_tls_value *entry_for(struct emu_hap_thread *thread, int key)
{
	struct emu_hap_tls_value *value = thread->tls;

	while (value && (unsigned int)(value->key ^ key) % EMU_HAP_TLS_KEYS)
		value = value->next;
	return value;
}

static struct emu_hap_tls_value *value_of(struct emu_hap_thread *thread, int key)
{
	struct emu_hap_tls_value *value = thread->tls;

	while (value && value->key != key)
		value = value->next;
	return value;
}

int qurt_tls_set_specific(int key, const void *value)
{
	struct emu_hap_thread *thread = emu_hap_thread();
	struct emu_hap_tls_value *kept;

	if (!thread || !is_key(thread->hap, key))
		return QURT_ETLSENTRY;
	kept = entry_for(thread, key);
	if (!kept) {
		kept = calloc(1, sizeof(*kept));
		if (!kept)
			return QURT_EMEM;
		kept->next = thread->tls;
		thread->tls = kept;
	}
	kept->key = key;
	kept->value = (void *)(uintptr_t)value;
	return QURT_EOK;
}

void *qurt_tls_get_specific(int key)
{
	struct emu_hap_thread *thread = emu_hap_thread();
	const struct emu_hap_tls_value *kept;

	if (!thread || !is_key(thread->hap, key))
		return NULL;
	kept = value_of(thread, key);
	return kept ? kept->value : NULL;
}

int qurt_tls_delete_key(int key)
{
	struct emu_hap *hap = emu_hap_current();
	struct emu_hap_tls_key *slot;

	if (!hap)
		return QURT_ETLSENTRY;
	pthread_mutex_lock(&hap->lock);
	slot = find(hap, key);
	if (slot)
		slot->used = false;
	pthread_mutex_unlock(&hap->lock);
	return slot ? QURT_EOK : QURT_ETLSENTRY;
}

static bool destroy_one(struct emu_hap_thread *thread, struct emu_hap_tls_value *kept)
{
	void (*destructor)(void *) = NULL;
	const struct emu_hap_tls_key *slot;
	void *value = kept->value;

	if (!value)
		return false;
	pthread_mutex_lock(&thread->hap->lock);
	slot = find(thread->hap, kept->key);
	if (slot)
		destructor = slot->destructor;
	pthread_mutex_unlock(&thread->hap->lock);
	kept->value = NULL;
	if (destructor)
		destructor(value);
	return destructor != NULL;
}

void emu_hap_tls_end(struct emu_hap_thread *thread)
{
	bool again = true;

	for (int i = 0; i < PASSES && again && !thread->hap->ended; i++) {
		again = false;
		for (struct emu_hap_tls_value *kept = thread->tls; kept; kept = kept->next)
			again |= destroy_one(thread, kept);
	}
}

void emu_hap_tls_free(struct emu_hap_thread *thread)
{
	struct emu_hap_tls_value *kept;

	while ((kept = thread->tls)) {
		thread->tls = kept->next;
		free(kept);
	}
}
