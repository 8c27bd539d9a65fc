/* SPDX-License-Identifier: BSD-3-Clause */
#include "buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef FRPC_HAVE_DMA_HEAP
#include <linux/dma-heap.h>
#include <sys/ioctl.h>
#endif
#ifdef FRPC_HAVE_LIBDRM
#include <xf86drm.h>
#endif

#include "transport/transport.h"

#define PAGE	  UINT64_C(4096)
#define HEAP	  "/dev/dma_heap/system"
#define LOWEST_FD 3 /* 0 would mean "no buffer" to the mainline driver */

#ifdef FRPC_HAVE_DMA_HEAP
#ifndef FRPC_HAVE_LIBDRM
/* As libdrm's, which not every system has: a signal does not end it. */
static int drmIoctl(int fd, unsigned long request, void *arg)
{
	int res;

	do
		res = ioctl(fd, request, arg);
	while (res && (errno == EINTR || errno == EAGAIN));
	return res;
}
#endif

static int from_heap(uint64_t size)
{
	struct dma_heap_allocation_data data = {
		.len = size,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};
	int heap = open(HEAP, O_RDONLY | O_CLOEXEC), res;

	if (heap < 0)
		return -errno;
	res = drmIoctl(heap, DMA_HEAP_IOCTL_ALLOC, &data) ? -errno : (int)data.fd;
	close(heap);
	return res;
}
#else
static int from_heap(uint64_t size)
{
	(void)size;
	return -EOPNOTSUPP;
}
#endif

static int from_driver(struct frpc_transport *transport, uint64_t size)
{
	int32_t fd;
	int res;

	if (!transport || !transport->ops->alloc)
		return -EOPNOTSUPP;
	res = transport->ops->alloc(transport, size, &fd);
	if (res)
		return res;
	fcntl(fd, F_SETFD, FD_CLOEXEC); /* a driver may not have been asked to */
	return fd;
}

static int from_memfd(uint64_t size)
{
	int fd = (int)syscall(SYS_memfd_create, "rpcmem", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)size)) {
		close(fd);
		return -ENOMEM;
	}
	return fd;
}

/* Numbers that a driver takes for other memory; grows only, and is searched seldom. */
struct avoided {
	struct avoided *next;
	int32_t fd;
};
static struct avoided *_Atomic avoided;

static bool is_avoided(int fd)
{
	const struct avoided *one = atomic_load(&avoided);

	while (one && one->fd != fd)
		one = one->next;
	return one != NULL;
}

void frpc_buffer_avoid_fd(int32_t fd)
{
	struct avoided *one = is_avoided(fd) ? NULL : malloc(sizeof(*one));

	if (!one)
		return;
	one->fd = fd;
	one->next = atomic_load(&avoided);
	while (!atomic_compare_exchange_weak(&avoided, &one->next, one))
		;
}

/* Moves a descriptor off the numbers that mean something else. */
static int move_up(int fd)
{
	while (fd >= 0 && (fd < LOWEST_FD || is_avoided(fd))) {
		int least = fd < LOWEST_FD ? LOWEST_FD : fd + 1;
		int moved = fcntl(fd, F_DUPFD_CLOEXEC, least);

		if (moved < 0)
			moved = -errno;
		close(fd);
		fd = moved;
	}
	return fd;
}

int frpc_buffer_alloc(struct frpc_transport *transport, uint64_t size,
		      struct frpc_buffer *ret_buffer)
{
	uint64_t rounded = (size + PAGE - 1) & ~(PAGE - 1);
	void *bytes;
	int fd;

	if (!size || rounded < size || rounded > SIZE_MAX / 2)
		return -EINVAL;
	fd = from_heap(rounded);
	if (fd < 0)
		fd = from_driver(transport, rounded);
	if (fd < 0)
		fd = from_memfd(rounded);
	fd = move_up(fd);
	if (fd < 0)
		return fd;
	bytes = mmap(NULL, (size_t)rounded, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED) {
		close(fd);
		return -ENOMEM;
	}
	*ret_buffer = (struct frpc_buffer){bytes, rounded, fd};
	return 0;
}

void frpc_buffer_free(struct frpc_buffer *buffer)
{
	if (!buffer->bytes)
		return;
	munmap(buffer->bytes, (size_t)buffer->size);
	close(buffer->fd);
	buffer->bytes = NULL;
}
