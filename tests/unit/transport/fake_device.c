/* SPDX-License-Identifier: BSD-3-Clause */
#include "fake_device.h"

#include <linux/ioctl.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include <cmocka.h>

static struct fake_device *to_fake(struct frpc_device *device)
{
	return (struct fake_device *)device;
}

static int fake_open(struct frpc_device *device, const struct frpc_task *task, const char *path,
		     int flags)
{
	struct fake_device *fake = to_fake(device);

	assert_true(task->tid > 0);
	assert_true(fake->opens < FAKE_MAX);
	snprintf(fake->opened[fake->opens++], sizeof(fake->opened[0]), "%s", path);
	fake->flags = flags;
	for (size_t i = 0; i < sizeof(fake->nodes) / sizeof(*fake->nodes); i++)
		if (fake->nodes[i].path && !strcmp(fake->nodes[i].path, path)) {
			fake->open_files += fake->nodes[i].result >= 0;
			return fake->nodes[i].result;
		}
	return -ENOENT;
}

static long fake_ioctl(struct frpc_device *device, const struct frpc_task *task, int file,
		       uint32_t cmd, uintptr_t arg)
{
	struct fake_device *fake = to_fake(device);
	struct fake_ioctl *record = &fake->ioctls[fake->ioctl_count];

	assert_true(task->tgid > 0);
	assert_true(fake->ioctl_count < FAKE_MAX);
	fake->ioctl_count++;
	*record = (struct fake_ioctl){.file = file, .cmd = cmd, .arg = arg};
	/* A value is no address. */
	if (_IOC_SIZE(cmd) && arg > 4096)
		memcpy(record->bytes, (void *)arg, _IOC_SIZE(cmd));
	if (fake->act)
		fake->act(fake, cmd, (void *)arg);
	return fake->results[fake->next_result++];
}

static int fake_close(struct frpc_device *device, const struct frpc_task *task, int file)
{
	(void)task;
	(void)file;
	to_fake(device)->closes++;
	to_fake(device)->open_files--;
	return 0;
}

static void fake_free(struct frpc_device *device)
{
	to_fake(device)->frees++;
}

static const struct frpc_device_ops fake_ops = {
	.name = "fake",
	.version = FRPC_DEVICE_VERSION,
	.open = fake_open,
	.ioctl = fake_ioctl,
	.close = fake_close,
	.free = fake_free,
};

void fake_init(struct fake_device *fake)
{
	memset(fake, 0, sizeof(*fake));
	fake->device.ops = &fake_ops;
}

void fake_expect(const struct fake_device *fake, int i, uint32_t cmd, const void *bytes, size_t len)
{
	assert_true(i < fake->ioctl_count);
	assert_int_equal(fake->ioctls[i].cmd, cmd);
	assert_int_equal(_IOC_SIZE(cmd), len);
	if (len)
		assert_memory_equal(fake->ioctls[i].bytes, bytes, len);
}
