/* SPDX-License-Identifier: BSD-3-Clause */
#include "dmabuf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define DMA_BUF_MAGIC 0x444d4142

/* A descriptor of our own for the caller's @fd. */
static int take_fd(const struct frpc_task *task, int32_t fd)
{
	int pidfd, mine;

	if (task->tgid == frpc_own_pid()) {
		mine = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		return mine < 0 ? -errno : mine;
	}
	pidfd = (int)syscall(SYS_pidfd_open, task->tgid, 0);
	if (pidfd < 0)
		return -EBADF;
	mine = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (mine < 0)
		mine = -errno;
	close(pidfd);
	return mine;
}

static bool is_dmabuf(int fd)
{
	struct statfs fs;

	if (fcntl(fd, F_GET_SEALS) >= 0)
		return true;
	return !fstatfs(fd, &fs) && (uint32_t)fs.f_type == DMA_BUF_MAGIC;
}

static int wrap(int fd, struct emu_dmabuf **ret_dmabuf)
{
	struct emu_dmabuf *dmabuf;
	struct stat st;
	off_t end;

	if (fstat(fd, &st))
		return -errno;
	end = st.st_size ? st.st_size : lseek(fd, 0, SEEK_END);
	dmabuf = malloc(sizeof(*dmabuf));
	if (!dmabuf)
		return -ENOMEM;
	atomic_init(&dmabuf->refs, 1);
	dmabuf->fd = fd;
	dmabuf->dev = st.st_dev;
	dmabuf->ino = st.st_ino;
	dmabuf->size = end > 0 ? (uint64_t)end : 0;
	*ret_dmabuf = dmabuf;
	return 0;
}

int emu_dmabuf_get(const struct frpc_task *task, int32_t fd, struct emu_dmabuf **ret_dmabuf)
{
	int mine, res;

	if (fd < 0)
		return -EBADF;
	mine = take_fd(task, fd);
	if (mine < 0)
		return mine;
	res = is_dmabuf(mine) ? wrap(mine, ret_dmabuf) : -EINVAL;
	if (res)
		close(mine);
	return res;
}

int emu_dmabuf_new(const char *name, uint64_t size, struct emu_dmabuf **ret_dmabuf)
{
	int fd, res;

	if (!size || size > EMU_DMABUF_LIMIT)
		return -ENOMEM;
	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return errno == EMFILE ? -EMFILE : -ENOMEM;
	res = ftruncate(fd, (off_t)size) ? -ENOMEM : wrap(fd, ret_dmabuf);
	if (res)
		close(fd);
	return res;
}

bool emu_dmabuf_is(const struct emu_dmabuf *dmabuf, const struct frpc_task *task, int32_t fd)
{
	struct stat st;

	/* Memory that we hold keeps its inode number to itself. */
	return task->tgid == frpc_own_pid() && !fstat(fd, &st) &&
	       (uint64_t)st.st_dev == dmabuf->dev && (uint64_t)st.st_ino == dmabuf->ino;
}

void emu_dmabuf_put(struct emu_dmabuf *dmabuf)
{
	if (!dmabuf || atomic_fetch_sub_explicit(&dmabuf->refs, 1, memory_order_acq_rel) != 1)
		return;
	close(dmabuf->fd);
	free(dmabuf);
}
