/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The device seam: the system calls a transport makes on FastRPC device nodes. The os device hands
 * them to the kernel; the loopback device hands them to the emulator in this process.
 *
 * Every entry names its caller, as a kernel knows its current task. Results are the kernel's:
 * -4095..-1 is -errno, anything else (also other negative values: a DSP's status) is the result
 * itself. Entries may be called from any thread, several at once; an ioctl may block for ever.
 */
#ifndef FRPC_TRANSPORT_DEVICE_H
#define FRPC_TRANSPORT_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FRPC_DEVICE_VERSION 2u

/* The largest errno a kernel result can carry. */
#define FRPC_MAX_ERRNO 4095

/* An area of memory that is one mapping: what lies at its first byte, and up to where it goes. */
struct frpc_area {
	uint64_t start, end;
	uint64_t dev, ino; /* of the mapped file */
	uint64_t offset;   /* of start in it */
	int32_t fd;	   /* that keeps the file open for whoever mapped it, -1 if not known */
};

/*
 * The area around @address, if the caller's own library mapped it and vouches that it is still so
 * (nobody else may unmap it). False: the kernel has to be asked, as a driver asks for its VMAs.
 */
typedef bool frpc_known_area_fn(uint64_t address, struct frpc_area *ret_area);

/*
 * Who is calling. Memory is reached through @tgid (process_vm_readv), descriptors through this
 * process's table when @tgid is this process. A task is the caller's and only borrowed for a call.
 */
struct frpc_task {
	pid_t tgid;
	pid_t tid;
	char comm[16];
	bool compat; /* a 32-bit (ILP32) client on a 64-bit kernel: the ILP32 layouts apply */
	const gid_t *groups;
	size_t ngroups;
	/* Optional: true once the task has been killed: what a signal has ended is not begun anew. */
	bool (*killed)(const struct frpc_task *task);
	frpc_known_area_fn *known_area; /* optional */
	void *context;
};

struct frpc_device;

struct frpc_device_ops {
	const char *name;
	uint32_t version; /* FRPC_DEVICE_VERSION the table was written for */

	/* Opens @path. Returns a file number of this device (0 or more), or -errno. */
	int (*open)(struct frpc_device *device, const struct frpc_task *task, const char *path,
		    int flags);
	/* @arg is an address in the caller's memory, or the value itself (SETMODE). */
	long (*ioctl)(struct frpc_device *device, const struct frpc_task *task, int file,
		      uint32_t cmd, uintptr_t arg);
	/* The FastRPC nodes know neither: -ENODEV, and POLLIN | POLLOUT at once. */
	int (*mmap)(struct frpc_device *device, const struct frpc_task *task, int file,
		    size_t length, int prot, int flags, int64_t offset, void **ret_address);
	int (*poll)(struct frpc_device *device, const struct frpc_task *task, int file,
		    short events, int timeout_ms);
	/* The driver releases the file after this and after the last ioctl on it has returned. */
	int (*close)(struct frpc_device *device, const struct frpc_task *task, int file);

	/* A folder with placeholder shells, searched last; NULL if there is none. Borrowed. */
	const char *(*data_dir)(struct frpc_device *device);
	/* Drops the caller's reference. Files still open stay valid until they are closed. */
	void (*free)(struct frpc_device *device);
};

struct frpc_device {
	const struct frpc_device_ops *ops;
	frpc_known_area_fn *known_area; /* for the tasks that call it; set by its owner, or NULL */
};

/* Fills @task for the calling thread. comm and groups are left empty (read them when needed). */
void frpc_task_current(struct frpc_task *task);
/* This process's id, also right after a fork; mostly without a system call. */
pid_t frpc_own_pid(void);

/* The kernel of this machine. Never fails; the result is static and free() does nothing. */
struct frpc_device *frpc_device_os(void);

/*
 * The emulator: loads libfastrpc-emulator.so.0 (next to this library first) and asks it for the
 * device of its default machine, described by FRPC_EMULATOR. 0, -ENOENT (no emulator library),
 * -EINVAL (bad FRPC_EMULATOR), -EPROTO (version mismatch), -ENOMEM. @text, if not NULL, receives
 * why it failed, in words.
 */
int frpc_device_loopback(struct frpc_device **ret_device, char *text, size_t textlen);

/* What libfastrpc-emulator exports for frpc_device_loopback(). Same contract, same results. */
typedef int frpc_emulator_device_fn(uint32_t version, struct frpc_device **ret_device, char *text,
				    size_t textlen);
#define FRPC_EMULATOR_DEVICE_SYMBOL "frpc_emulator_device"

#endif
