/* SPDX-License-Identifier: BSD-3-Clause */
#include "registry.h"

#include <errno.h>

void emu_registry_init(struct emu_registry *registry)
{
	pthread_mutex_init(&registry->lock, NULL);
	registry->first = NULL;
}

void emu_registry_destroy(struct emu_registry *registry)
{
	pthread_mutex_destroy(&registry->lock);
}

void emu_registry_add(struct emu_registry *registry, struct emu_file *file)
{
	pthread_mutex_lock(&registry->lock);
	file->next = registry->first;
	registry->first = file;
	pthread_mutex_unlock(&registry->lock);
}

void emu_registry_remove(struct emu_registry *registry, struct emu_file *file)
{
	struct emu_file **at;

	pthread_mutex_lock(&registry->lock);
	at = &registry->first;
	while (*at && *at != file)
		at = &(*at)->next;
	if (*at)
		*at = file->next;
	pthread_mutex_unlock(&registry->lock);
}

static bool is_chosen(const struct emu_file *file)
{
	return atomic_load_explicit(&file->chosen, memory_order_acquire);
}

/* The downstream file of @client, of @channel unless that is NULL. With the lock held. */
static struct emu_file *find(struct emu_registry *registry, const struct emu_channel *channel,
			     uint32_t client)
{
	struct emu_file *file = registry->first;

	while (file && (file->dialect != EMU_DOWNSTREAM || !is_chosen(file) ||
			file->client_id != client || (channel && file->channel != channel)))
		file = file->next;
	return file;
}

int emu_registry_notify(struct emu_registry *registry, uint32_t client, uint32_t status)
{
	struct emu_file *file;
	int res = -ENOENT;

	pthread_mutex_lock(&registry->lock);
	file = find(registry, NULL, client);
	if (file)
		res = emu_notifs_push(&file->notifs, status);
	pthread_mutex_unlock(&registry->lock);
	return res;
}

int emu_registry_signal(struct emu_registry *registry, const struct emu_channel *channel,
			uint32_t client, uint32_t id)
{
	struct emu_file *file;
	int res = -ENOENT;

	pthread_mutex_lock(&registry->lock);
	file = find(registry, channel, client);
	if (file)
		res = emu_dspsignals_raise(&file->signals, id);
	pthread_mutex_unlock(&registry->lock);
	return res;
}

void emu_registry_each(struct emu_registry *registry, const struct emu_channel *channel,
		       void (*fn)(struct emu_file *file, void *context), void *context)
{
	pthread_mutex_lock(&registry->lock);
	for (struct emu_file *file = registry->first; file; file = file->next)
		if (!channel || (is_chosen(file) && file->channel == channel))
			fn(file, context);
	pthread_mutex_unlock(&registry->lock);
}
