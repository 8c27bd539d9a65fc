/* SPDX-License-Identifier: BSD-3-Clause */
#include "uaccess.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define BATCH 64u

typedef ssize_t transfer_fn(pid_t, const struct iovec *, unsigned long, const struct iovec *,
			    unsigned long, unsigned long);

/* Where process_vm_* is forbidden (seccomp, old containers), /proc/<pid>/mem does the same. */
static int transfer_by_file(const struct frpc_task *task, const struct iovec *local,
			    const struct iovec *remote, size_t count, bool write)
{
	char path[48];
	int fd, res = 0;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)task->tgid);
	fd = open(path, (write ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	if (fd < 0)
		return -EFAULT;
	for (size_t i = 0; i < count && !res; i++) {
		off_t at = (off_t)(uintptr_t)remote[i].iov_base;
		ssize_t done = write ? pwrite(fd, local[i].iov_base, local[i].iov_len, at)
				     : pread(fd, local[i].iov_base, local[i].iov_len, at);

		if (done != (ssize_t)local[i].iov_len)
			res = -EFAULT;
	}
	close(fd);
	return res;
}

static int transfer(const struct frpc_task *task, const struct emu_copy *copies, size_t count,
		    bool write)
{
	transfer_fn *fn = write ? process_vm_writev : process_vm_readv;
	struct iovec local[BATCH], remote[BATCH];

	while (count) {
		size_t batch = count < BATCH ? count : BATCH, used = 0;
		uint64_t total = 0;
		ssize_t done;

		for (size_t i = 0; i < batch; i++) {
			const struct emu_copy *copy = &copies[i];

			if (!copy->len)
				continue;
			if (copy->user > UINTPTR_MAX || copy->len > SIZE_MAX / 2 ||
			    copy->user + copy->len < copy->user ||
			    copy->user + copy->len - 1 > UINTPTR_MAX)
				return -EFAULT;
			local[used] = (struct iovec){copy->kernel, (size_t)copy->len};
			remote[used++] =
				(struct iovec){(void *)(uintptr_t)copy->user, (size_t)copy->len};
			total += copy->len;
		}
		done = used ? fn(task->tgid, local, used, remote, used, 0) : 0;
		if (done < 0 && (errno == EPERM || errno == ENOSYS)) {
			if (transfer_by_file(task, local, remote, used, write))
				return -EFAULT;
		} else if (done < 0 || (uint64_t)done != total) {
			return -EFAULT;
		}
		copies += batch;
		count -= batch;
	}
	return 0;
}

int emu_user_read_batch(const struct frpc_task *task, const struct emu_copy *copies, size_t count)
{
	return transfer(task, copies, count, false);
}

int emu_user_write_batch(const struct frpc_task *task, const struct emu_copy *copies, size_t count)
{
	return transfer(task, copies, count, true);
}

int emu_user_read(const struct frpc_task *task, void *to, uint64_t from, uint64_t len)
{
	struct emu_copy copy = {to, from, len};

	return transfer(task, &copy, 1, false);
}

int emu_user_write(const struct frpc_task *task, uint64_t to, const void *from, uint64_t len)
{
	struct emu_copy copy = {(void *)(uintptr_t)from, to, len};

	return transfer(task, &copy, 1, true);
}

int emu_user_area(const struct frpc_task *task, uint64_t address, struct emu_area *ret_area)
{
	char path[48], line[512];
	int res = -EFAULT;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)task->tgid);
	maps = fopen(path, "re");
	if (!maps)
		return -EFAULT;
	while (res && fgets(line, sizeof(line), maps)) {
		struct emu_area area;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &area.start, &area.end) == 2 &&
		    address >= area.start && address < area.end) {
			*ret_area = area;
			res = 0;
		}
	}
	fclose(maps);
	return res;
}

bool emu_user_area_valid(const struct frpc_task *task, const struct emu_area *area)
{
	char path[80], target[4];

	snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, (int)task->tgid,
		 area->start, area->end);
	return readlink(path, target, sizeof(target)) > 0;
}

void emu_user_comm(const struct frpc_task *task, char comm[16])
{
	char path[48];
	ssize_t len;
	int fd;

	memset(comm, 0, 16);
	if (task->comm[0]) {
		memcpy(comm, task->comm, 15);
		return;
	}
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)task->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	len = read(fd, comm, 15);
	close(fd);
	if (len > 0 && comm[len - 1] == '\n')
		comm[len - 1] = 0;
}
