/* SPDX-License-Identifier: BSD-3-Clause */
#include "uaccess.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include "uaccess_slow.h"

#define BATCH 64u
#define PAGE  4096u

/* The kernel's struct procmap_query, which older headers lack. */
struct procmap_query {
	uint64_t size, query_flags, query_addr;
	uint64_t vma_start, vma_end, vma_flags, vma_page_size, vma_offset;
	uint64_t inode;
	uint32_t dev_major, dev_minor, name_size, build_id_size;
	uint64_t name_addr, build_id_addr;
};

#define PROCMAP_QUERY_NR _IOWR('f', 17, struct procmap_query)
#define VMA_READABLE	 1u
#define VMA_WRITABLE	 2u

/* Sanitizers watch what code touches: there the kernel copies. */
#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED_BY_CLANG
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(SANITIZED_BY_CLANG)
#define MAY_COPY_DIRECTLY false
#else
#define MAY_COPY_DIRECTLY true
#endif

static struct {
	pthread_mutex_t lock;
	unsigned int holders;
	_Atomic int fd; /* /proc/self/maps, or -1 */
	_Atomic pid_t pid;
} own_maps = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

void emu_user_hold(void)
{
	pthread_mutex_lock(&own_maps.lock);
	/* Across a fork the file still shows the parent's memory: it is left alone there. */
	if (own_maps.pid != frpc_own_pid()) {
		own_maps.pid = frpc_own_pid();
		own_maps.holders = 0;
	}
	if (!own_maps.holders++) {
		struct procmap_query query = {.size = sizeof(query)};
		int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

		query.query_addr = (uintptr_t)&query;
		if (fd >= 0 && ioctl(fd, PROCMAP_QUERY_NR, &query)) {
			close(fd);
			fd = -1;
		}
		own_maps.fd = fd;
	}
	pthread_mutex_unlock(&own_maps.lock);
}

void emu_user_release(void)
{
	pthread_mutex_lock(&own_maps.lock);
	if (own_maps.pid == frpc_own_pid() && --own_maps.holders == 0 && own_maps.fd >= 0) {
		close(own_maps.fd);
		own_maps.fd = -1;
	}
	pthread_mutex_unlock(&own_maps.lock);
}

bool emu_user_area_is_cheap(const struct frpc_task *task)
{
	return own_maps.fd >= 0 && task->tgid == own_maps.pid;
}

static int query_area(uint64_t address, struct procmap_query *query)
{
	memset(query, 0, sizeof(*query));
	query->size = sizeof(*query);
	query->query_addr = address;
	return ioctl(own_maps.fd, PROCMAP_QUERY_NR, query) ? -EFAULT : 0;
}

/* Is all of the range anonymous memory that may be touched so? File mappings can fault at any time. */
static bool is_plain_memory(uint64_t at, uint64_t end, bool write)
{
	uint64_t wanted = write ? VMA_READABLE | VMA_WRITABLE : VMA_READABLE;
	struct procmap_query query;

	while (at < end) {
		if (query_area(at, &query) || query.inode || (query.vma_flags & wanted) != wanted)
			return false;
		at = query.vma_end;
	}
	return true;
}

/*
 * How many bytes from @user on lie in the calling thread's own stack, above this function's frame:
 * such memory cannot go away while the thread is here. 0: not there, or not to be known.
 */
static uint64_t on_own_stack(const struct frpc_task *task, uint64_t user)
{
	static __thread struct {
		bool known;
		uintptr_t start, end;
	} stack;
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	if (!MAY_COPY_DIRECTLY || task->tgid != frpc_own_pid())
		return 0;
	if (!stack.known) {
		pthread_attr_t attr;
		void *start;
		size_t size;

		stack.known = true;
		if (!pthread_getattr_np(pthread_self(), &attr)) {
			if (!pthread_attr_getstack(&attr, &start, &size)) {
				stack.start = (uintptr_t)start;
				stack.end = stack.start + size;
			}
			pthread_attr_destroy(&attr);
		}
	}
	/* Code that runs on a stack of its own making is left alone. */
	if (here < stack.start || here >= stack.end || user < here || user >= stack.end)
		return 0;
	return stack.end - user;
}

bool emu_user_is_direct(const struct frpc_task *task, uint64_t user, uint64_t len, bool write)
{
	if (on_own_stack(task, user) >= len)
		return true;
	return MAY_COPY_DIRECTLY && len >= EMU_DIRECT_LEAST && emu_user_area_is_cheap(task) &&
	       user + len >= user && user + len - 1 <= UINTPTR_MAX &&
	       is_plain_memory(user, user + len, write);
}

/*
 * A memcpy that asks for the next page while it copies one: the system call before has emptied
 * the TLB on many machines, and the walks then go on beside the copy. A prefetch never faults.
 */
static void copy_by_pages(unsigned char *to, const unsigned char *from, size_t len)
{
	for (size_t done = 0; done < len; done += PAGE) {
		__builtin_prefetch(from + done + PAGE, 0);
		__builtin_prefetch(to + done + PAGE, 1);
		memcpy(to + done, from + done, len - done < PAGE ? len - done : PAGE);
	}
}

static void copy_directly(const struct emu_copy *copy, bool write)
{
	void *user = (void *)(uintptr_t)copy->user;

	copy_by_pages(write ? user : copy->kernel, write ? copy->kernel : user, (size_t)copy->len);
}

typedef ssize_t transfer_fn(pid_t, const struct iovec *, unsigned long, const struct iovec *,
			    unsigned long, unsigned long);

/* What goes by the kernel, one system call. How many bytes of it were copied. */
static uint64_t transfer_remote(const struct frpc_task *task, const struct iovec *local,
				const struct iovec *remote, size_t count, bool write)
{
	transfer_fn *fn = write ? process_vm_writev : process_vm_readv;
	ssize_t done = count ? fn(task->tgid, local, count, remote, count, 0) : 0;

	if (done < 0 && (errno == EPERM || errno == ENOSYS))
		return emu_user_transfer_slowly(task, local, remote, count, write);
	return done < 0 ? 0 : (uint64_t)done;
}

static bool is_range(const struct emu_copy *copy)
{
	return copy->user <= UINTPTR_MAX && copy->len <= SIZE_MAX / 2 &&
	       copy->user + copy->len >= copy->user && copy->user + copy->len - 1 <= UINTPTR_MAX;
}

/* At most BATCH copies. Behind the first that fails nothing is copied, whichever way it would go. */
static int transfer_batch(const struct frpc_task *task, const struct emu_copy *copies, size_t count,
			  bool write)
{
	struct iovec local[BATCH], remote[BATCH];
	uint64_t done;
	bool direct[BATCH];
	size_t used = 0, last = 0;
	int res = 0;

	for (; last < count && !res; last++) {
		const struct emu_copy *copy = &copies[last];

		direct[last] = copy->len && (copy->direct || emu_user_is_direct(task, copy->user,
										copy->len, write));
		if (!copy->len || direct[last])
			continue;
		if (!is_range(copy)) {
			res = -EFAULT;
			break;
		}
		local[used] = (struct iovec){copy->kernel, (size_t)copy->len};
		remote[used++] = (struct iovec){(void *)(uintptr_t)copy->user, (size_t)copy->len};
	}
	done = transfer_remote(task, local, remote, used, write);
	for (size_t i = 0; i < last; i++) {
		if (direct[i])
			copy_directly(&copies[i], write);
		else if (done < copies[i].len)
			return -EFAULT;
		else
			done -= copies[i].len;
	}
	return res;
}

static int transfer(const struct frpc_task *task, const struct emu_copy *copies, size_t count,
		    bool write)
{
	int res = 0;

	while (count && !res) {
		size_t batch = count < BATCH ? count : BATCH;

		res = transfer_batch(task, copies, batch, write);
		copies += batch;
		count -= batch;
	}
	return res;
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
	struct emu_copy copy = {.kernel = to, .user = from, .len = len};

	return transfer(task, &copy, 1, false);
}

int emu_user_write(const struct frpc_task *task, uint64_t to, const void *from, uint64_t len)
{
	struct emu_copy copy = {.kernel = (void *)(uintptr_t)from, .user = to, .len = len};

	return transfer(task, &copy, 1, true);
}

int emu_window_open(struct emu_window *window, const struct frpc_task *task, uint64_t from,
		    uint64_t least)
{
	struct iovec local = {window->bytes, sizeof(window->bytes)};
	struct iovec remote = {(void *)(uintptr_t)from, sizeof(window->bytes)};
	uint64_t stacked = on_own_stack(task, from);
	ssize_t done = -1;

	window->start = from;
	if (stacked) {
		window->len = stacked < sizeof(window->bytes) ? stacked : sizeof(window->bytes);
		memcpy(window->bytes, (const void *)(uintptr_t)from, (size_t)window->len);
	} else {
		if (from <= UINTPTR_MAX - sizeof(window->bytes))
			done = process_vm_readv(task->tgid, &local, 1, &remote, 1, 0);
		window->len = done > 0 ? (uint64_t)done : 0;
	}
	if (window->len >= least)
		return 0;
	window->len = least;
	return emu_user_read(task, window->bytes, from, least);
}

int emu_window_read(const struct emu_window *window, const struct frpc_task *task, void *to,
		    uint64_t from, uint64_t len)
{
	if (from < window->start || len > window->len || from - window->start > window->len - len)
		return emu_user_read(task, to, from, len);
	memcpy(to, window->bytes + (from - window->start), (size_t)len);
	return 0;
}

bool emu_user_quick_area(const struct frpc_task *task, uint64_t address, struct frpc_area *ret_area)
{
	return (task->known_area && task->known_area(address, ret_area)) ||
	       (emu_user_area_is_cheap(task) && !emu_user_area(task, address, ret_area));
}

static int find_in_maps(const struct frpc_task *task, uint64_t address, struct frpc_area *ret_area)
{
	char path[48], line[512];
	int res = -EFAULT;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)task->tgid);
	maps = fopen(path, "re");
	if (!maps)
		return -EFAULT;
	while (res && fgets(line, sizeof(line), maps)) {
		struct frpc_area area = {0};

		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &area.start, &area.end) == 2 &&
		    address >= area.start && address < area.end) {
			*ret_area = area;
			res = 0;
		}
	}
	fclose(maps);
	return res;
}

int emu_user_area(const struct frpc_task *task, uint64_t address, struct frpc_area *ret_area)
{
	struct procmap_query query;

	if (emu_user_area_is_cheap(task)) {
		if (query_area(address, &query))
			return -EFAULT;
		*ret_area = (struct frpc_area){
			.start = query.vma_start,
			.end = query.vma_end,
			.dev = makedev(query.dev_major, query.dev_minor),
			.ino = query.inode,
			.offset = query.vma_offset,
			.fd = -1,
		};
		return 0;
	}
	return find_in_maps(task, address, ret_area);
}

bool emu_user_area_valid(const struct frpc_task *task, const struct frpc_area *area)
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

bool emu_user_in_group(const struct frpc_task *task, gid_t gid)
{
	char path[48], line[4096], *at, *end;
	bool found = false;
	FILE *file;

	for (size_t i = 0; i < task->ngroups; i++)
		if (task->groups[i] == gid)
			return true;
	if (task->groups)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)task->tgid);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "Groups:", 7))
			continue;
		at = line + 7;
		for (unsigned long group = strtoul(at, &end, 10); end != at && !found;
		     group = strtoul(at = end, &end, 10))
			found = group == gid;
	}
	if (file)
		fclose(file);
	return found;
}
