/* SPDX-License-Identifier: BSD-3-Clause */
#include "heap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "real.h"

#define HEAP "/dev/dma_heap/system"
#define PAGE UINT64_C(4096)

bool frpc_heap_is(const char *path)
{
	int saved = errno;
	bool missing;

	if (strcmp(path, HEAP) != 0)
		return false;
	missing = syscall(SYS_faccessat, AT_FDCWD, HEAP, R_OK) != 0;
	errno = saved;
	return missing;
}

static int allocate(struct dma_heap_allocation_data *data)
{
	uint64_t size = (data->len + PAGE - 1) & ~(PAGE - 1);
	int fd, saved;

	if (data->fd || data->heap_flags || data->fd_flags & ~(uint32_t)(O_CLOEXEC | O_ACCMODE))
		return -EINVAL;
	if (!data->len || size < data->len)
		return -EINVAL;
	fd = memfd_create("dma-heap",
			  MFD_ALLOW_SEALING | (data->fd_flags & O_CLOEXEC ? MFD_CLOEXEC : 0));
	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)size)) {
		saved = errno;
		REAL(close)(fd);
		return saved == EINVAL || saved == EFBIG ? -ENOMEM : -saved;
	}
	data->fd = (uint32_t)fd;
	return 0;
}

int frpc_heap_ioctl(uint32_t cmd, void *arg)
{
	if (cmd != (uint32_t)DMA_HEAP_IOCTL_ALLOC)
		return -ENOTTY;
	return arg ? allocate(arg) : -EFAULT;
}

int frpc_heap_sync(int fd, const void *arg)
{
	struct dma_buf_sync sync;

	if (fcntl(fd, F_GET_SEALS) < 0)
		return -ENOTTY;
	if (!arg)
		return -EFAULT;
	memcpy(&sync, arg, sizeof(sync));
	if (sync.flags & ~(uint64_t)DMA_BUF_SYNC_VALID_FLAGS_MASK ||
	    !(sync.flags & DMA_BUF_SYNC_RW))
		return -EINVAL;
	return 0; /* everybody sees the same memory */
}
