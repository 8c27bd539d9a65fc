/* SPDX-License-Identifier: BSD-3-Clause */
/* The os device: FastRPC nodes of the kernel this process runs on. File numbers are descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device.h"

static int os_open(struct frpc_device *device, const struct frpc_task *task, const char *path,
		   int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	(void)device;
	(void)task;
	return fd < 0 ? -errno : fd;
}

static long os_ioctl(struct frpc_device *device, const struct frpc_task *task, int file,
		     uint32_t cmd, uintptr_t arg)
{
	/* musl declares the request as int, glibc as unsigned long: both take these 32 bits. */
	int res = ioctl(file, cmd, arg);

	(void)device;
	(void)task;
	return res == -1 ? -errno : res;
}

static int os_mmap(struct frpc_device *device, const struct frpc_task *task, int file,
		   size_t length, int prot, int flags, int64_t offset, void **ret_address)
{
	void *address = mmap(NULL, length, prot, flags, file, (off_t)offset);

	(void)device;
	(void)task;
	if (address == MAP_FAILED)
		return -errno;
	*ret_address = address;
	return 0;
}

static int os_poll(struct frpc_device *device, const struct frpc_task *task, int file, short events,
		   int timeout_ms)
{
	struct pollfd pollfd = {.fd = file, .events = events};

	(void)device;
	(void)task;
	return poll(&pollfd, 1, timeout_ms) < 0 ? -errno : pollfd.revents;
}

static int os_close(struct frpc_device *device, const struct frpc_task *task, int file)
{
	(void)device;
	(void)task;
	return close(file) ? -errno : 0;
}

static const char *os_data_dir(struct frpc_device *device)
{
	(void)device;
	return NULL;
}

static void os_free(struct frpc_device *device)
{
	(void)device;
}

static const struct frpc_device_ops os_ops = {
	.name = "os",
	.version = FRPC_DEVICE_VERSION,
	.open = os_open,
	.ioctl = os_ioctl,
	.mmap = os_mmap,
	.poll = os_poll,
	.close = os_close,
	.data_dir = os_data_dir,
	.free = os_free,
};

struct frpc_device *frpc_device_os(void)
{
	static struct frpc_device device = {.ops = &os_ops};

	return &device;
}
