/* SPDX-License-Identifier: BSD-3-Clause */
#include "uaccess_slow.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 20)

static size_t move(int fd, void *from, void *to, size_t len)
{
	ssize_t there = pwrite(fd, from, len, 0);
	ssize_t back = there > 0 ? pread(fd, to, (size_t)there, 0) : 0;

	return back > 0 ? (size_t)back : 0;
}

/*
 * This process's own memory goes through a file: read() and write() end, where the bytes cannot be
 * touched, as the copy functions of a driver do.
 */
static uint64_t transfer_by_own_file(const struct iovec *local, const struct iovec *remote,
				     size_t count, bool write)
{
	int fd = memfd_create("fastrpc-user-access", MFD_CLOEXEC);
	uint64_t total = 0;
	bool whole = fd >= 0;

	for (size_t i = 0; i < count && whole; i++)
		for (size_t at = 0; at < local[i].iov_len && whole; at += PIECE) {
			size_t left = local[i].iov_len - at, len = left < PIECE ? left : PIECE;
			char *ours = (char *)local[i].iov_base + at;
			char *theirs = (char *)remote[i].iov_base + at;
			size_t moved =
				write ? move(fd, ours, theirs, len) : move(fd, theirs, ours, len);

			total += moved;
			whole = moved == len;
		}
	if (fd >= 0)
		close(fd);
	return total;
}

/*
 * /proc/<pid>/mem is made for debuggers: it passes over the protection of pages, which is asked for
 * here. How many of the @len bytes at @start may be touched.
 */
static uint64_t touchable(pid_t pid, uint64_t start, uint64_t len, bool write)
{
	char path[48], line[512], rights[5];
	uint64_t at = start, from, to;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "re");
	while (maps && at < start + len && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &from, &to, rights) != 3 ||
		    to <= at)
			continue;
		if (from > at || rights[0] != 'r' || (write && rights[1] != 'w'))
			break;
		at = to;
	}
	if (maps)
		fclose(maps);
	return at < start + len ? at - start : len;
}

static uint64_t transfer_by_proc(pid_t pid, const struct iovec *local, const struct iovec *remote,
				 size_t count, bool write)
{
	uint64_t total = 0;
	bool whole = true;
	char path[48];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, (write ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	for (size_t i = 0; fd >= 0 && i < count && whole; i++) {
		uint64_t start = (uintptr_t)remote[i].iov_base;
		size_t len = (size_t)touchable(pid, start, remote[i].iov_len, write);
		off_t at = (off_t)start;
		ssize_t done = 0;

		if (len)
			done = write ? pwrite(fd, local[i].iov_base, len, at)
				     : pread(fd, local[i].iov_base, len, at);
		total += done > 0 ? (uint64_t)done : 0;
		whole = done == (ssize_t)remote[i].iov_len;
	}
	if (fd >= 0)
		close(fd);
	return total;
}

uint64_t emu_user_transfer_slowly(const struct frpc_task *task, const struct iovec *local,
				  const struct iovec *remote, size_t count, bool write)
{
	if (task->tgid == frpc_own_pid())
		return transfer_by_own_file(local, remote, count, write);
	return transfer_by_proc(task->tgid, local, remote, count, write);
}
