/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every open file of a driver: how what comes from outside a call (signals, notifications, a
 * restarted DSP) finds those whom it concerns.
 */
#ifndef EMU_KERNEL_REGISTRY_H
#define EMU_KERNEL_REGISTRY_H

#include "file.h"

struct emu_registry {
	pthread_mutex_t lock; /* taken before any lock of a file, after none */
	struct emu_file *first;
};

void emu_registry_init(struct emu_registry *registry);
void emu_registry_destroy(struct emu_registry *registry);

void emu_registry_add(struct emu_registry *registry, struct emu_file *file);
/* Afterwards nothing from outside reaches @file. */
void emu_registry_remove(struct emu_registry *registry, struct emu_file *file);

/* Queues @status for the downstream client @client, on whatever channel. 0, -ENOENT, -ENOMEM. */
int emu_registry_notify(struct emu_registry *registry, uint32_t client, uint32_t status);
/* A signal of @channel's DSP. 0; -ENOENT: no such client or signal; -EINVAL: no such id. */
int emu_registry_signal(struct emu_registry *registry, const struct emu_channel *channel,
			uint32_t client, uint32_t id);

/* Calls @fn for every file of @channel (NULL: of all), with the registry's lock held. */
void emu_registry_each(struct emu_registry *registry, const struct emu_channel *channel,
		       void (*fn)(struct emu_file *file, void *context), void *context);

struct emu_registry *emu_driver_registry(struct emu_driver *driver);

#endif
