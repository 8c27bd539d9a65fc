/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernel of this machine. */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf.h"

static int os_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* A raw result: what the driver returns beyond -4095..-1 is no errno. */
static long os_ioctl(int file, uint32_t cmd, uintptr_t arg, bool narrow)
{
	long res;

	(void)narrow; /* that is what this program was compiled as */
	errno = 0;
	res = syscall(SYS_ioctl, file, (unsigned long)cmd, arg);
	return res == -1 && errno ? -errno : res;
}

static long os_close(int file)
{
	return close(file) ? -errno : 0;
}

/* The kernel's struct dma_heap_allocation_data, which small systems' headers lack. */
struct heap_request {
	uint64_t len;
	uint32_t fd, fd_flags;
	uint64_t heap_flags;
};

static int os_dmabuf(size_t len)
{
	struct heap_request request = {.len = len, .fd_flags = O_RDWR | O_CLOEXEC};
	int heap = open("/dev/dma_heap/system", O_RDONLY | O_CLOEXEC), res;

	if (heap < 0)
		return -errno;
	res = ioctl(heap, _IOWR('H', 0, struct heap_request), &request) ? -errno : (int)request.fd;
	close(heap);
	return res;
}

const struct conf_device *conf_device_os(void)
{
	static const struct conf_device os = {
		.open = os_open,
		.ioctl = os_ioctl,
		.close = os_close,
		.dmabuf = os_dmabuf,
	};

	return &os;
}
