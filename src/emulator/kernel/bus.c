/* SPDX-License-Identifier: BSD-3-Clause */
#include "bus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fastrpc/abi/downstream.h>

#include "commands.h"

struct frpc_emulator_device {
	struct frpc_emulator_device *next;
	struct emu_bus *bus;
	struct emu_file *file; /* NULL once it has been released */
	bool closing;	       /* close has begun: requests are refused */
	uint32_t busy;	       /* requests running */
	uint32_t refs;	       /* the file's and the driver's */
	int handle;
	char name[48];
};

struct emu_bus_match {
	struct emu_bus_match *next;
	struct frpc_emulator_driver *driver;
	uint32_t busy; /* functions of the driver that run now: it stays until they have returned */
};

void emu_bus_init(struct emu_bus *bus)
{
	pthread_mutex_init(&bus->lock, NULL);
	pthread_cond_init(&bus->idle, NULL);
	bus->devices = NULL;
	bus->matches = NULL;
}

/* With the lock held. */
static void unref(struct frpc_emulator_device *device)
{
	struct frpc_emulator_device **at = &device->bus->devices;

	if (--device->refs)
		return;
	while (*at != device)
		at = &(*at)->next;
	*at = device->next;
	free(device);
}

void emu_bus_destroy(struct emu_bus *bus)
{
	while (bus->matches)
		emu_bus_unregister(bus, bus->matches->driver);
	pthread_cond_destroy(&bus->idle);
	pthread_mutex_destroy(&bus->lock);
}

/* The device of that handle that is not closing. With the lock held. */
static struct frpc_emulator_device *find_device(struct emu_bus *bus, int handle)
{
	struct frpc_emulator_device *device = bus->devices;

	while (device && (device->handle != handle || device->closing))
		device = device->next;
	return device;
}

/* A function of the driver has returned. With the lock held. */
static void leave(struct emu_bus *bus, struct emu_bus_match *match)
{
	match->busy--;
	pthread_cond_broadcast(&bus->idle);
}

/* Binds its driver, if the device it wants is there. With the lock held, but for probe(). */
static void bind(struct emu_bus *bus, struct emu_bus_match *match)
{
	struct frpc_emulator_driver *driver = match->driver;
	struct frpc_emulator_device *device = NULL;

	if (!driver->device)
		device = find_device(bus, driver->handle);
	if (!device)
		return;
	device->refs++;
	driver->device = device;
	if (!driver->probe)
		return;
	match->busy++;
	pthread_mutex_unlock(&bus->lock);
	driver->probe(device, driver->context);
	pthread_mutex_lock(&bus->lock);
	leave(bus, match);
}

int emu_bus_add(struct emu_bus *bus, struct emu_file *file)
{
	struct frpc_emulator_device *device;
	struct emu_bus_match *wants = NULL;

	device = calloc(1, sizeof(*device));
	if (!device)
		return -ENOMEM;
	device->bus = bus;
	device->file = file;
	device->refs = 1;
	device->handle = (int)file->client_id;
	snprintf(device->name, sizeof(device->name), "fastrpc-%d-%u-%u", (int)file->tgid,
		 file->client_id, file->channel->domain);
	pthread_mutex_lock(&bus->lock);
	if (file->bus_device) { /* of an earlier INIT */
		pthread_mutex_unlock(&bus->lock);
		free(device);
		return 0;
	}
	device->next = bus->devices;
	bus->devices = device;
	file->bus_device = device;
	for (struct emu_bus_match *match = bus->matches; match; match = match->next)
		if (match->driver->handle == device->handle)
			wants = match;
	if (wants)
		bind(bus, wants);
	pthread_mutex_unlock(&bus->lock);
	return 0;
}

void emu_bus_close(struct emu_bus *bus, struct emu_file *file)
{
	pthread_mutex_lock(&bus->lock);
	if (file->bus_device)
		file->bus_device->closing = true;
	pthread_mutex_unlock(&bus->lock);
}

/* With the lock held, but for callback(). */
static void tell_down(struct emu_bus *bus, struct emu_bus_match *match,
		      struct frpc_emulator_device *device)
{
	struct frpc_emulator_driver *driver = match->driver;

	match->busy++;
	pthread_mutex_unlock(&bus->lock);
	driver->callback(device, FRPC_EMULATOR_PROC_DOWN, driver->context);
	pthread_mutex_lock(&bus->lock);
	leave(bus, match);
}

void emu_bus_remove(struct emu_bus *bus, struct emu_file *file)
{
	struct frpc_emulator_device *device = file->bus_device;
	struct emu_bus_match *bound = NULL;

	if (!device)
		return;
	pthread_mutex_lock(&bus->lock);
	while (device->busy)
		pthread_cond_wait(&bus->idle, &bus->lock);
	device->file = NULL;
	file->bus_device = NULL;
	for (struct emu_bus_match *match = bus->matches; match; match = match->next)
		if (match->driver->device == device)
			bound = match;
	if (bound && bound->driver->callback)
		tell_down(bus, bound, device);
	unref(device);
	pthread_mutex_unlock(&bus->lock);
}

int emu_bus_register(struct emu_bus *bus, struct frpc_emulator_driver *driver)
{
	struct emu_bus_match *match = calloc(1, sizeof(*match)), *known;

	if (!match)
		return -ENOMEM;
	match->driver = driver;
	pthread_mutex_lock(&bus->lock);
	for (known = bus->matches; known && known->driver != driver; known = known->next)
		;
	if (!known) {
		driver->device = NULL;
		match->next = bus->matches;
		bus->matches = match;
		bind(bus, match);
	}
	pthread_mutex_unlock(&bus->lock);
	if (!known)
		return 0;
	free(match);
	return -EEXIST;
}

void emu_bus_unregister(struct emu_bus *bus, struct frpc_emulator_driver *driver)
{
	struct emu_bus_match **at, *match;

	pthread_mutex_lock(&bus->lock);
	at = &bus->matches;
	while (*at && (*at)->driver != driver)
		at = &(*at)->next;
	match = *at;
	if (match) {
		*at = match->next; /* from here on nobody calls it any more */
		while (match->busy)
			pthread_cond_wait(&bus->idle, &bus->lock);
		if (driver->device)
			unref(driver->device);
		driver->device = NULL;
	}
	pthread_mutex_unlock(&bus->lock);
	free(match);
}

const char *frpc_emulator_device_name(const struct frpc_emulator_device *device)
{
	return device->name;
}

static long map_dma(struct emu_file *file, const struct frpc_task *task,
		    struct frpc_emulator_map_dma *param)
{
	struct emu_map_request request = {
		.fd = -1,
		.len = param->size,
		.attrs = param->attrs,
		.flags = FRPC_DN_MMAP_DMA_BUFFER,
		.use = EMU_MAP_HELD,
	};
	struct emu_map *map;
	uint64_t address = 0;
	long res;

	if (emu_dmabuf_get(task, param->fd, &request.dmabuf))
		return -EBADFD;
	res = emu_maps_get(file->maps, task, &request, &map);
	emu_dmabuf_put(request.dmabuf);
	if (res)
		return res;
	res = emu_call_mmap(file, task, map->flags, 0, map->address, map->size, &address);
	if (res) {
		emu_maps_drop(file->maps, map);
		return res;
	}
	emu_maps_keep(file->maps, map, &address);
	param->v_dsp_addr = address;
	return 0;
}

static long unmap_dma(struct emu_file *file, const struct frpc_task *task,
		      const struct frpc_emulator_unmap_dma *param)
{
	struct emu_dmabuf *dmabuf;
	struct emu_map *map;
	long res;

	if (emu_dmabuf_get(task, param->fd, &dmabuf))
		return -EBADFD;
	map = emu_maps_find(file->maps, dmabuf, FRPC_DN_MMAP_DMA_BUFFER);
	emu_dmabuf_put(dmabuf);
	if (!map)
		return 0;
	res = emu_call_munmap(file, task, map->dsp_address, map->size);
	if (!res)
		emu_maps_put(file->maps, map, EMU_MAP_HELD);
	return res;
}

static long serve(struct emu_file *file, uint32_t request, void *param)
{
	const struct frpc_task task = {
		.tgid = getpid(),
		.tid = (pid_t)syscall(SYS_gettid),
	};
	long res = -ENOTTY;

	pthread_mutex_lock(&file->map_lock);
	if (request == FRPC_EMULATOR_MAP_DMA)
		res = map_dma(file, &task, param);
	else if (request == FRPC_EMULATOR_UNMAP_DMA)
		res = unmap_dma(file, &task, param);
	pthread_mutex_unlock(&file->map_lock);
	if (request == FRPC_EMULATOR_GET_HLOS_PID) {
		((struct frpc_emulator_hlos_pid *)param)->hlos_pid = (int)file->tgid;
		res = 0;
	}
	return res;
}

long frpc_emulator_driver_invoke(struct frpc_emulator_device *device, uint32_t request, void *param)
{
	struct emu_bus *bus;
	long res = 0;

	if (!device || !param)
		return -EINVAL;
	bus = device->bus;
	pthread_mutex_lock(&bus->lock);
	if (device->closing)
		res = -ESRCH;
	else if (!device->file)
		res = -EBADF;
	else
		device->busy++;
	pthread_mutex_unlock(&bus->lock);
	if (res)
		return res;
	res = serve(device->file, request, param);
	pthread_mutex_lock(&bus->lock);
	device->busy--;
	pthread_cond_broadcast(&bus->idle);
	pthread_mutex_unlock(&bus->lock);
	return res;
}
