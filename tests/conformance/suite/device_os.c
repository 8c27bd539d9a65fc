/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernel of this machine. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf.h"

#define SESSIONS "/sys/bus/platform/drivers/qcom,fastrpc-cb"

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

/* Does the session that the driver lists as @name belong to the DSP @domain? */
static bool is_session_of(const char *name, const char *domain)
{
	char path[512], label[32] = "";
	int fd;

	/* The kernel follows the link to the session's device, whose folder is in its channel's. */
	snprintf(path, sizeof(path), SESSIONS "/%.200s/../of_node/label", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, label, sizeof(label) - 1) < 0)
		label[0] = 0;
	close(fd);
	return !strcmp(label, domain);
}

/* How many sessions the device tree has for the DSP of the session @name. */
static unsigned int sessions_described(const char *name)
{
	unsigned int count = 0;
	struct dirent *entry;
	char path[512];
	DIR *folder;

	snprintf(path, sizeof(path), SESSIONS "/%.200s/../of_node", name);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		snprintf(path, sizeof(path), SESSIONS "/%.100s/../of_node/%.100s/reg", name,
			 entry->d_name);
		count += !access(path, F_OK);
	}
	if (folder)
		closedir(folder);
	return count;
}

static bool has_its_sessions(const char *domain)
{
	DIR *folder = opendir(SESSIONS);
	unsigned int count = 0, all = 0;
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		if (!is_session_of(entry->d_name, domain))
			continue;
		count++;
		all = sessions_described(entry->d_name);
	}
	if (folder)
		closedir(folder);
	return count && count >= all;
}

/*
 * The driver shows a node before it has made what open() uses, and sessions after that. A node that
 * is new means that the old sessions are gone: so the node is looked at first.
 */
static uint64_t os_life(const char *domain)
{
	struct stat st;
	char path[64];

	snprintf(path, sizeof(path), "/dev/fastrpc-%s-secure", domain);
	return !stat(path, &st) && has_its_sessions(domain) ? st.st_ino : 0;
}

const struct conf_device *conf_device_os(void)
{
	static const struct conf_device os = {
		.open = os_open,
		.ioctl = os_ioctl,
		.close = os_close,
		.dmabuf = os_dmabuf,
		.life = os_life,
	};

	return &os;
}
