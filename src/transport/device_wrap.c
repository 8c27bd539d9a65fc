/* SPDX-License-Identifier: BSD-3-Clause */
#include "device_wrap.h"

static struct frpc_wrapper *to_wrapper(struct frpc_device *device)
{
	return (struct frpc_wrapper *)device;
}

static struct frpc_device *inner_of(struct frpc_device *device)
{
	return to_wrapper(device)->inner;
}

int frpc_wrap_open(struct frpc_device *device, const struct frpc_task *task, const char *path,
		   int flags)
{
	int file = inner_of(device)->ops->open(inner_of(device), task, path, flags);

	if (file >= 0 && file < FRPC_WRAP_FILES)
		atomic_store(&to_wrapper(device)->tables[file], frpc_commands_of(path));
	return file;
}

long frpc_wrap_ioctl(struct frpc_device *device, const struct frpc_task *task, int file,
		     uint32_t cmd, uintptr_t arg)
{
	return inner_of(device)->ops->ioctl(inner_of(device), task, file, cmd, arg);
}

int frpc_wrap_mmap(struct frpc_device *device, const struct frpc_task *task, int file,
		   size_t length, int prot, int flags, int64_t offset, void **ret_address)
{
	return inner_of(device)->ops->mmap(inner_of(device), task, file, length, prot, flags,
					   offset, ret_address);
}

int frpc_wrap_poll(struct frpc_device *device, const struct frpc_task *task, int file, short events,
		   int timeout_ms)
{
	return inner_of(device)->ops->poll(inner_of(device), task, file, events, timeout_ms);
}

int frpc_wrap_close(struct frpc_device *device, const struct frpc_task *task, int file)
{
	/* First: the number may be somebody else's as soon as it is closed. */
	if (file >= 0 && file < FRPC_WRAP_FILES)
		atomic_store(&to_wrapper(device)->tables[file], FRPC_COMMANDS_UNKNOWN);
	return inner_of(device)->ops->close(inner_of(device), task, file);
}

const char *frpc_wrap_data_dir(struct frpc_device *device)
{
	struct frpc_device *inner = inner_of(device);

	return inner->ops->data_dir ? inner->ops->data_dir(inner) : NULL;
}

const struct frpc_command *frpc_wrap_command(struct frpc_wrapper *wrapper, int file, uint32_t cmd)
{
	enum frpc_command_table table = FRPC_COMMANDS_UNKNOWN;

	if (file >= 0 && file < FRPC_WRAP_FILES)
		table = (enum frpc_command_table)atomic_load(&wrapper->tables[file]);
	return frpc_command_find(table, cmd);
}
