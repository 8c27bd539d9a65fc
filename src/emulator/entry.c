/* SPDX-License-Identifier: BSD-3-Clause */
/* The device that the library's loopback device asks for: a machine behind the device seam. */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

#define SHELL_FOLDER "fastrpc-emulator"

frpc_emulator_device_fn frpc_emulator_device;

struct machine_device {
	struct frpc_device device;
	struct emu_machine *machine;
	char data_dir[PATH_MAX];
};

static struct emu_driver *driver_of(struct frpc_device *device)
{
	return emu_machine_driver(((struct machine_device *)device)->machine);
}

static int device_open(struct frpc_device *device, const struct frpc_task *task, const char *path,
		       int flags)
{
	return emu_driver_open(driver_of(device), task, path, flags);
}

static long device_ioctl(struct frpc_device *device, const struct frpc_task *task, int file,
			 uint32_t cmd, uintptr_t arg)
{
	return emu_driver_ioctl(driver_of(device), task, file, cmd, arg);
}

static int device_mmap(struct frpc_device *device, const struct frpc_task *task, int file,
		       size_t length, int prot, int flags, int64_t offset, void **ret_address)
{
	(void)device, (void)task, (void)file, (void)length, (void)prot, (void)flags, (void)offset;
	(void)ret_address;
	return -ENODEV;
}

static int device_poll(struct frpc_device *device, const struct frpc_task *task, int file,
		       short events, int timeout_ms)
{
	(void)device, (void)task, (void)file, (void)timeout_ms;
	return events & (POLLIN | POLLOUT);
}

static int device_close(struct frpc_device *device, const struct frpc_task *task, int file)
{
	return emu_driver_close(driver_of(device), task, file);
}

static const char *device_data_dir(struct frpc_device *device)
{
	return ((struct machine_device *)device)->data_dir;
}

static void device_free(struct frpc_device *device)
{
	emu_machine_unref(((struct machine_device *)device)->machine);
	free(device);
}

static const struct frpc_device_ops device_ops = {
	.name = "emulator",
	.version = FRPC_DEVICE_VERSION,
	.open = device_open,
	.ioctl = device_ioctl,
	.mmap = device_mmap,
	.poll = device_poll,
	.close = device_close,
	.data_dir = device_data_dir,
	.free = device_free,
};

/* Next to this library, in the build tree as when installed. */
void emu_data_dir(char *dir, size_t len)
{
	const char *slash;
	Dl_info info;

	dir[0] = 0;
	if (!dladdr((void *)(uintptr_t)emu_data_dir, &info) || !info.dli_fname)
		return;
	slash = strrchr(info.dli_fname, '/');
	if (slash)
		snprintf(dir, len, "%.*s/" SHELL_FOLDER, (int)(slash - info.dli_fname),
			 info.dli_fname);
}

int emu_machine_device(struct emu_machine *machine, struct frpc_device **ret_device)
{
	struct machine_device *device = calloc(1, sizeof(*device));

	if (!device)
		return -ENOMEM;
	device->device.ops = &device_ops;
	device->machine = emu_machine_ref(machine);
	emu_data_dir(device->data_dir, sizeof(device->data_dir));
	*ret_device = &device->device;
	return 0;
}

int frpc_emulator_device(uint32_t version, struct frpc_device **ret_device, char *text,
			 size_t textlen)
{
	struct emu_machine *machine;
	int res;

	if (version != FRPC_DEVICE_VERSION) {
		if (text && textlen)
			snprintf(text, textlen,
				 "library and emulator do not belong together (%u, %u)", version,
				 FRPC_DEVICE_VERSION);
		return -EPROTO;
	}
	res = emu_machine_default(&machine, text, textlen);
	if (res)
		return res;
	res = emu_machine_device(machine, ret_device);
	emu_machine_unref(machine);
	return res;
}
