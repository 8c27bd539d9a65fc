/* SPDX-License-Identifier: BSD-3-Clause */
/* The driver: its nodes, open files and channels. */
#include "driver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "registry.h"
#include "shadows.h"

#define CLIENTS 256u

struct emu_driver {
	struct emu_driver_config config;
	struct emu_inject inject;
	struct emu_traits *traits;
	struct emu_shadows *shadows;
	struct emu_heap *heap;
	struct emu_static_pd static_pds[EMU_STATIC_PDS];
	struct emu_channel *channels[EMU_DIALECTS][EMU_DOMAINS];
	struct emu_registry registry;
	struct emu_bus bus;
	pthread_rwlock_t lock; /* the table of files */
	struct emu_file **files;
	int room;
	pthread_mutex_t client_lock;
	bool clients[CLIENTS];
};

struct emu_clock *emu_driver_clock(struct emu_driver *driver)
{
	return driver->config.clock;
}

struct emu_stats *emu_driver_stats(struct emu_driver *driver)
{
	return driver->config.stats;
}

struct emu_registry *emu_driver_registry(struct emu_driver *driver)
{
	return &driver->registry;
}

const struct emu_driver_config *emu_driver_get_config(struct emu_driver *driver)
{
	return &driver->config;
}

struct emu_inject *emu_driver_inject(struct emu_driver *driver)
{
	return &driver->inject;
}

struct emu_traits *emu_driver_traits(struct emu_driver *driver)
{
	return driver->traits;
}

struct emu_shadows *emu_driver_shadows(struct emu_driver *driver)
{
	return driver->shadows;
}

struct emu_heap *emu_driver_heap(struct emu_driver *driver)
{
	return driver->heap;
}

struct emu_bus *emu_driver_bus(struct emu_driver *driver)
{
	return &driver->bus;
}

struct emu_static_pd *emu_driver_static_pd(struct emu_driver *driver, unsigned int name)
{
	return &driver->static_pds[name];
}

struct emu_channel *emu_driver_channel(struct emu_driver *driver, enum emu_dialect dialect,
				       uint32_t domain)
{
	return domain < EMU_DOMAINS ? driver->channels[dialect][domain] : NULL;
}

struct emu_memory *emu_driver_memory(struct emu_driver *driver, enum emu_dialect dialect,
				     uint32_t domain)
{
	struct emu_channel *channel = emu_driver_channel(driver, dialect, domain);

	return channel ? emu_smmu_memory(channel->smmu) : NULL;
}

uint32_t emu_driver_take_client(struct emu_driver *driver)
{
	uint32_t client = 1;

	pthread_mutex_lock(&driver->client_lock);
	while (client < CLIENTS && driver->clients[client])
		client++;
	if (client == CLIENTS)
		client = 0;
	else
		driver->clients[client] = true;
	pthread_mutex_unlock(&driver->client_lock);
	return client;
}

void emu_driver_return_client(struct emu_driver *driver, uint32_t client)
{
	pthread_mutex_lock(&driver->client_lock);
	driver->clients[client] = false;
	pthread_mutex_unlock(&driver->client_lock);
}

/*
 * Mainline has nodes for the DSPs that are there. Downstream has a channel for each that it knows
 * of, if any is there; those of the others have no banks and never come up.
 */
static bool has_channel(const struct emu_driver_config *config, enum emu_dialect dialect,
			uint32_t domain)
{
	bool any = config->channels[dialect][domain].present;

	if (dialect == EMU_DOWNSTREAM && domain >= EMU_DN_CHANNELS)
		return false;
	for (uint32_t i = 0; i < EMU_DOMAINS && dialect == EMU_DOWNSTREAM; i++)
		any |= config->channels[dialect][i].present;
	return any;
}

int emu_driver_new(const struct emu_driver_config *config, struct emu_driver **ret_driver)
{
	struct emu_driver *driver = calloc(1, sizeof(*driver));
	int res = 0;

	if (!driver)
		return -ENOMEM;
	driver->config = *config;
	if (!driver->config.buffer_limit)
		driver->config.buffer_limit = EMU_BUFFER_LIMIT;
	if (!driver->config.max_sessions)
		driver->config.max_sessions = EMU_MAX_SESSIONS;
	if (!driver->config.latency_us)
		driver->config.latency_us = EMU_LATENCY_US;
	emu_static_pds_init(driver->static_pds);
	emu_user_hold();
	emu_registry_init(&driver->registry);
	emu_bus_init(&driver->bus);
	pthread_rwlock_init(&driver->lock, NULL);
	pthread_mutex_init(&driver->client_lock, NULL);
	res = emu_traits_new(&driver->inject, &driver->traits);
	if (!res)
		res = emu_shadows_new(&driver->shadows);
	if (!res)
		res = emu_heap_new(driver->config.heap_size, &driver->inject, &driver->heap);
	for (unsigned int dialect = 0; dialect < EMU_DIALECTS; dialect++)
		for (uint32_t domain = 0; domain < EMU_DOMAINS && !res; domain++)
			if (has_channel(config, dialect, domain))
				res = emu_channel_new(driver, dialect, domain,
						      &driver->config.channels[dialect][domain],
						      &driver->channels[dialect][domain]);
	if (res) {
		emu_driver_free(driver);
		return res;
	}
	*ret_driver = driver;
	return 0;
}

void emu_driver_free(struct emu_driver *driver)
{
	if (!driver)
		return;
	emu_heap_free(driver->heap);
	for (unsigned int dialect = 0; dialect < EMU_DIALECTS; dialect++)
		for (uint32_t domain = 0; domain < EMU_DOMAINS; domain++)
			emu_channel_free(driver->channels[dialect][domain]);
	emu_traits_free(driver->traits);
	emu_shadows_free(driver->shadows);
	emu_user_release();
	emu_bus_destroy(&driver->bus);
	emu_registry_destroy(&driver->registry);
	pthread_mutex_destroy(&driver->client_lock);
	pthread_rwlock_destroy(&driver->lock);
	free(driver->files);
	free(driver);
}

/* A node's path in parts. False: no FastRPC node's. */
struct node {
	enum emu_dialect dialect;
	bool secure;
	struct emu_channel *channel; /* mainline only */
};

static bool find_mainline_node(struct emu_driver *driver, const char *label, struct node *node)
{
	static const char *const names[EMU_DOMAINS] = {"adsp",	"mdsp",	 "sdsp", "cdsp",
						       "cdsp1", "gdsp0", "gdsp1"};

	for (uint32_t domain = 0; domain < EMU_DOMAINS; domain++) {
		size_t len = strlen(names[domain]);
		const struct emu_channel_config *config;

		if (strncmp(label, names[domain], len))
			continue;
		if (label[len] && strcmp(label + len, "-secure"))
			continue;
		node->channel = driver->channels[EMU_MAINLINE][domain];
		node->dialect = EMU_MAINLINE;
		node->secure = label[len] != 0;
		if (!node->channel)
			return false;
		config = node->channel->config;
		return config->unsigned_ok || config->secure == node->secure;
	}
	return false;
}

static bool find_node(struct emu_driver *driver, const char *path, struct node *node)
{
	static const char prefix[] = "/dev/fastrpc-";

	memset(node, 0, sizeof(*node));
	if (!strncmp(path, prefix, sizeof(prefix) - 1))
		return find_mainline_node(driver, path + sizeof(prefix) - 1, node);
	node->dialect = EMU_DOWNSTREAM;
	node->secure = !strcmp(path, "/dev/adsprpc-smd-secure");
	if (!node->secure && strcmp(path, "/dev/adsprpc-smd"))
		return false;
	for (uint32_t domain = 0; domain < EMU_DOMAINS; domain++)
		if (driver->config.channels[EMU_DOWNSTREAM][domain].present)
			return true;
	return false;
}

/* The lowest free number, as for descriptors. */
static int enter_file(struct emu_driver *driver, struct emu_file *file)
{
	struct emu_file **files;
	int number = 0;

	pthread_rwlock_wrlock(&driver->lock);
	while (number < driver->room && driver->files[number])
		number++;
	if (number == driver->room) {
		int room = driver->room ? driver->room * 2 : 16;

		files = realloc(driver->files, (size_t)room * sizeof(*files));
		if (!files) {
			pthread_rwlock_unlock(&driver->lock);
			return -ENOMEM;
		}
		memset(files + driver->room, 0, (size_t)(room - driver->room) * sizeof(*files));
		driver->files = files;
		driver->room = room;
	}
	driver->files[number] = file;
	pthread_rwlock_unlock(&driver->lock);
	return number;
}

int emu_driver_open(struct emu_driver *driver, const struct frpc_task *task, const char *path,
		    int flags)
{
	struct emu_file *file;
	struct node node;
	int res;

	(void)flags;
	if (!path || !find_node(driver, path, &node))
		return -ENOENT;
	if (node.channel && !atomic_load(&node.channel->link_up))
		return -ENOENT; /* it comes back with its DSP */
	res = emu_file_new(driver, node.dialect, node.secure, task, &file);
	if (res)
		return res;
	if (node.channel)
		res = emu_file_choose(file, node.channel, (uint32_t)task->tgid);
	if (res == -EUSERS)
		res = -EBUSY;
	if (!res)
		res = enter_file(driver, file);
	if (res < 0) {
		emu_file_release(file, task);
		return res;
	}
	emu_count(&driver->config.stats->nodes_opened, 1);
	return res;
}

static void put_file(struct emu_file *file, const struct frpc_task *task)
{
	if (atomic_fetch_sub_explicit(&file->refs, 1, memory_order_acq_rel) == 1)
		emu_file_release(file, task);
}

static struct emu_file *get_file(struct emu_driver *driver, int number)
{
	struct emu_file *file = NULL;

	pthread_rwlock_rdlock(&driver->lock);
	if (number >= 0 && number < driver->room)
		file = driver->files[number];
	if (file)
		atomic_fetch_add_explicit(&file->refs, 1, memory_order_relaxed);
	pthread_rwlock_unlock(&driver->lock);
	return file;
}

int emu_driver_visit(struct emu_driver *driver, const struct frpc_task *task, int number,
		     void (*fn)(struct emu_file *file, int number, void *context), void *context)
{
	int first = number < 0 ? 0 : number, last = number, visited = 0;

	if (number < 0) {
		pthread_rwlock_rdlock(&driver->lock);
		last = driver->room - 1;
		pthread_rwlock_unlock(&driver->lock);
	}
	for (int i = first; i <= last; i++) {
		struct emu_file *file = get_file(driver, i);

		if (!file)
			continue;
		fn(file, i, context);
		put_file(file, task);
		visited++;
	}
	return number >= 0 && !visited ? -EBADF : visited;
}

long emu_driver_ioctl(struct emu_driver *driver, const struct frpc_task *task, int file,
		      uint32_t cmd, uintptr_t arg)
{
	struct emu_file *found = get_file(driver, file);
	long res;

	if (!found)
		return -EBADF;
	res = found->dialect == EMU_MAINLINE ? emu_ioctl_mainline(found, task, cmd, arg)
					     : emu_ioctl_downstream(found, task, cmd, arg);
	put_file(found, task);
	return res;
}

int emu_driver_close(struct emu_driver *driver, const struct frpc_task *task, int file)
{
	struct emu_file *found = NULL;

	pthread_rwlock_wrlock(&driver->lock);
	if (file >= 0 && file < driver->room) {
		found = driver->files[file];
		driver->files[file] = NULL;
	}
	pthread_rwlock_unlock(&driver->lock);
	if (!found)
		return -EBADF;
	put_file(found, task);
	return 0;
}

void emu_driver_close_all(struct emu_driver *driver, const struct frpc_task *task)
{
	for (int number = 0; number < driver->room; number++)
		emu_driver_close(driver, task, number);
}
