/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices in front of another device: they see every system call that goes through. Each owns the
 * one behind it. Words of FRPC_TRANSPORT make them: trace=FILE and fault=SPEC.
 */
#ifndef FRPC_TRANSPORT_DEVICE_WRAP_H
#define FRPC_TRANSPORT_DEVICE_WRAP_H

#include <stdatomic.h>

#include "commands.h"
#include "device.h"

#define FRPC_WRAP_FILES 4096

struct frpc_wrapper {
	struct frpc_device device;
	struct frpc_device *inner;
	/* enum frpc_command_table of each open file; files with higher numbers are not known. */
	_Atomic uint8_t tables[FRPC_WRAP_FILES];
};

/* What a wrapper passes on unseen; hooks for its table. */
int frpc_wrap_open(struct frpc_device *device, const struct frpc_task *task, const char *path,
		   int flags);
long frpc_wrap_ioctl(struct frpc_device *device, const struct frpc_task *task, int file,
		     uint32_t cmd, uintptr_t arg);
int frpc_wrap_mmap(struct frpc_device *device, const struct frpc_task *task, int file,
		   size_t length, int prot, int flags, int64_t offset, void **ret_address);
int frpc_wrap_poll(struct frpc_device *device, const struct frpc_task *task, int file, short events,
		   int timeout_ms);
int frpc_wrap_close(struct frpc_device *device, const struct frpc_task *task, int file);
const char *frpc_wrap_data_dir(struct frpc_device *device);

/* The command that @cmd means on @file, or NULL: not known. */
const struct frpc_command *frpc_wrap_command(struct frpc_wrapper *wrapper, int file, uint32_t cmd);

/*
 * Writes a line for every open, ioctl (one when it begins, one when it ends) and close to the file
 * @path ("-": standard error), which is appended to. Takes over @inner. 0 or -errno, with @text; then
 * @inner has been freed.
 */
int frpc_device_trace(const char *path, struct frpc_device *inner, struct frpc_device **ret_device,
		      char *text, size_t textlen);

/*
 * Answers some system calls itself. @spec: WHAT=ANSWER[@N[+]],... WHAT is "open" or an ioctl's name
 * ("invoke" means every kind of call); ANSWER an errno's name, or a number that the ioctl returns as
 * a DSP's status; @N only the Nth time, @N+ from then on. Takes over @inner. 0; -EINVAL or -ENOMEM, with
 * @text; then @inner has been freed.
 */
int frpc_device_fault(const char *spec, struct frpc_device *inner, struct frpc_device **ret_device,
		      char *text, size_t textlen);

/* The word of @spec behind all that wrap, or NULL: @spec ends with one of those. Borrowed. */
const char *frpc_device_last_word(const char *spec);
/*
 * Puts in front of @inner what the words of @spec before its last say, the first one outermost.
 * Takes over @inner. 0; -EINVAL, -ENOMEM or an errno of the trace's file, with @text; then @inner
 * has been freed.
 */
int frpc_device_wrap(const char *spec, struct frpc_device *inner, struct frpc_device **ret_device,
		     char *text, size_t textlen);

#endif
