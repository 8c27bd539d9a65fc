/* SPDX-License-Identifier: BSD-3-Clause */
/* A device that keeps what a transport does to it, byte by byte, and answers as it was told. */
#ifndef TEST_FAKE_DEVICE_H
#define TEST_FAKE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transport/device.h"

#define FAKE_MAX 32

struct fake_device;

struct fake_ioctl {
	int file;
	uint32_t cmd;
	uintptr_t arg;
	uint8_t bytes[128]; /* as many as the command's number says */
};

struct fake_device {
	struct frpc_device device;
	struct {
		const char *path; /* an open of it gives @result; others -ENOENT */
		int result;
	} nodes[4];
	char opened[FAKE_MAX][64];
	int opens, closes, frees; /* opens: attempts */
	int open_files;
	int flags; /* of the last open */
	struct fake_ioctl ioctls[FAKE_MAX];
	int ioctl_count;
	/* Results of the next ioctls; 0 when they are used up. */
	long results[FAKE_MAX];
	int next_result;
	/* What each ioctl does while it runs, on its argument. NULL: nothing. */
	void (*act)(struct fake_device *fake, uint32_t cmd, void *arg);
	void *context;
};

void fake_init(struct fake_device *fake);
/* Fails the test unless ioctl @i was @cmd with these @len bytes. */
void fake_expect(const struct fake_device *fake, int i, uint32_t cmd, const void *bytes,
		 size_t len);

#endif
