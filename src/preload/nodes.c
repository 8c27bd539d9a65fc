/* SPDX-License-Identifier: BSD-3-Clause */
#include "nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "heap.h"
#include "real.h"
#include "transport/device.h"
#include "transport/device_wrap.h"

#define DESCRIPTORS 65536u /* higher ones are not handed out */
#define FILES	    4096u  /* of the device */
/* Two that stand for no file of the device. */
#define HEAP	  FILES
#define INHERITED (FILES + 1) /* a file of the process that has forked this one */

/*
 * What a descriptor stands for: the device's file number, or one of the two, plus one; 0: nothing.
 * The device numbers its files as a kernel does its descriptors, so whoever closes one while another
 * thread uses it gets what he would get there.
 */
static _Atomic uint32_t table[DESCRIPTORS];
static _Atomic uint32_t names[FILES + 2]; /* descriptors of each file */
static _Atomic pid_t owner;		  /* whose descriptors these are; 0: there were none yet */

static struct {
	pthread_mutex_t lock;
	pthread_once_t once;
	struct frpc_device *device;
	bool told; /* why there is none */
} machine = {.lock = PTHREAD_MUTEX_INITIALIZER, .once = PTHREAD_ONCE_INIT};

static const char *environment(const char *name)
{
	return getauxval(AT_SECURE) ? NULL : getenv(name);
}

static void before_fork(void)
{
	pthread_mutex_lock(&machine.lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&machine.lock);
}

/* The machine's threads are the parent's; a new open gets a new machine. */
static void after_fork_in_child(void)
{
	pthread_mutex_init(&machine.lock, NULL);
	machine.device = NULL;
	atomic_store(&owner, getpid());
	for (uint32_t file = 0; file < FILES; file++)
		atomic_store(&names[file], 0);
	for (uint32_t fd = 0; fd < DESCRIPTORS; fd++) {
		uint32_t entry = atomic_load(&table[fd]);

		if (entry && entry - 1 != HEAP)
			atomic_store(&table[fd], INHERITED + 1);
	}
}

static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork_in_child);
	atomic_store(&owner, getpid());
}

/* With nowhere else to say it: a machine that cannot be made looks like one without nodes. */
static void say(const char *text)
{
	if (!machine.told)
		fprintf(stderr, "libfastrpc-preload: no emulated machine: %s\n", text);
	machine.told = true;
}

static struct frpc_device *get_device(void)
{
	struct frpc_device *inner;
	char text[512] = "";
	const char *spec;
	int res;

	pthread_mutex_lock(&machine.lock);
	if (!machine.device) {
		spec = environment("FRPC_TRANSPORT");
		res = frpc_device_loopback(&inner, text, sizeof(text));
		if (!res)
			res = frpc_device_wrap(spec ? spec : "", inner, &machine.device, text,
					       sizeof(text));
		if (res)
			say(*text ? text : strerror(-res));
	}
	pthread_mutex_unlock(&machine.lock);
	return machine.device;
}

static bool starts(const char *path, const char *prefix)
{
	return !strncmp(path, prefix, strlen(prefix));
}

static bool is_node(const char *path)
{
	return starts(path, "/dev/fastrpc-") || !strcmp(path, "/dev/adsprpc-smd") ||
	       !strcmp(path, "/dev/adsprpc-smd-secure");
}

bool frpc_nodes_know(const char *path)
{
	return path && (is_node(path) || frpc_heap_is(path));
}

static void close_file(uint32_t file)
{
	struct frpc_device *device = machine.device;
	struct frpc_task task;

	if (file >= FILES || !device)
		return;
	frpc_task_current(&task);
	device->ops->close(device, &task, (int)file);
}

/* A descriptor for @file, which is closed if there is none. */
static int name_file(uint32_t file, int flags)
{
	int fd, res;

	pthread_once(&machine.once, watch_forks);
	fd = REAL(open)("/dev/null", flags & (O_ACCMODE | O_CLOEXEC | O_NONBLOCK));
	res = fd < 0 ? -errno : (uint32_t)fd < DESCRIPTORS ? 0 : -EMFILE;
	if (!res) {
		atomic_fetch_add(&names[file], 1);
		atomic_store(&table[fd], file + 1);
		return fd;
	}
	if (fd >= 0)
		REAL(close)(fd);
	close_file(file);
	return res;
}

static int open_file(const char *path, int flags)
{
	struct frpc_device *device = get_device();
	struct frpc_task task;
	int file;

	if (!device)
		return -ENOENT;
	frpc_task_current(&task);
	file = device->ops->open(device, &task, path, flags);
	if (file < 0 || (uint32_t)file < FILES)
		return file;
	device->ops->close(device, &task, file);
	return -ENFILE;
}

int frpc_nodes_look(const char *path)
{
	int file;

	if (!is_node(path))
		return 0;
	file = open_file(path, O_RDWR);
	if (file >= 0)
		close_file((uint32_t)file);
	/* One that may not be opened, or not now, is there. */
	return file == -ENOENT || file == -ENXIO || file == -ENODEV ? -ENOENT : 0;
}

int frpc_nodes_open(const char *path, int flags)
{
	int file;

	if (!is_node(path))
		return name_file(HEAP, flags);
	file = open_file(path, flags);
	return file < 0 ? file : name_file((uint32_t)file, flags);
}

/* What @fd stands for, as in the table. */
static uint32_t entry_of(int fd)
{
	return fd >= 0 && (uint32_t)fd < DESCRIPTORS
		       ? atomic_load_explicit(&table[fd], memory_order_acquire)
		       : 0;
}

bool frpc_nodes_have(int fd)
{
	return entry_of(fd) != 0;
}

long frpc_nodes_ioctl(int fd, uint32_t cmd, void *arg)
{
	uint32_t entry = entry_of(fd);
	struct frpc_device *device = machine.device;
	struct frpc_task task;

	if (!entry)
		return -EBADF;
	if (entry - 1 == HEAP)
		return frpc_heap_ioctl(cmd, arg);
	if (entry - 1 == INHERITED || !device)
		return -ENODEV;
	frpc_task_current(&task);
	return device->ops->ioctl(device, &task, (int)(entry - 1), cmd, (uintptr_t)arg);
}

void frpc_nodes_forget(int fd)
{
	uint32_t entry = entry_of(fd);

	/* Between vfork() and exec a child runs in its parent's memory, but has descriptors of its own. */
	if (!entry || getpid() != atomic_load(&owner))
		return;
	entry = atomic_exchange(&table[fd], 0);
	if (entry && atomic_fetch_sub(&names[entry - 1], 1) == 1)
		close_file(entry - 1);
}

void frpc_nodes_copy(int fd, int copy)
{
	uint32_t entry = entry_of(fd);

	if (!entry || fd == copy || getpid() != atomic_load(&owner))
		return;
	if ((uint32_t)copy >= DESCRIPTORS)
		return; /* like one that was sent to somebody: it stands for nothing */
	atomic_fetch_add(&names[entry - 1], 1);
	atomic_store(&table[copy], entry);
}

void frpc_nodes_forget_range(unsigned int first, unsigned int last)
{
	for (unsigned int fd = first; fd <= last && fd < DESCRIPTORS; fd++)
		frpc_nodes_forget((int)fd);
}
