/* SPDX-License-Identifier: BSD-3-Clause */
/* A machine of one's own in this process. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conf.h"
#include "emulator.h"

static struct frpc_emulator *emulator, *suites; /* the one in use; while a row has its own */
static char description[512];

static int emulator_open(const char *path)
{
	return frpc_emulator_open(emulator, path, O_RDONLY);
}

static long emulator_ioctl(int file, uint32_t cmd, uintptr_t arg, bool narrow)
{
	return frpc_emulator_ioctl(emulator, file, cmd, arg, narrow);
}

static long emulator_close(int file)
{
	return frpc_emulator_close(emulator, file);
}

static void emulator_advance(uint64_t nanoseconds)
{
	frpc_emulator_advance_clock(emulator, nanoseconds);
}

static int emulator_dmabuf(size_t len)
{
	int fd = memfd_create("conformance", MFD_CLOEXEC);

	if (fd >= 0 && ftruncate(fd, (off_t)len)) {
		close(fd);
		fd = -1;
	}
	return fd < 0 ? -ENOMEM : fd;
}

static bool emulator_machine(const char *words)
{
	char all[1024];

	if (suites) {
		frpc_emulator_free(emulator);
		emulator = suites;
		suites = NULL;
	}
	if (!words)
		return true;
	suites = emulator;
	snprintf(all, sizeof(all), "%s,%s", description, words);
	if (!frpc_emulator_new(all, &emulator, NULL, 0))
		return true;
	emulator = suites;
	suites = NULL;
	return false;
}

const struct conf_device *conf_device_emulator(const char *machine)
{
	static const struct conf_device device = {
		.open = emulator_open,
		.ioctl = emulator_ioctl,
		.close = emulator_close,
		.advance = emulator_advance,
		.dmabuf = emulator_dmabuf,
		.machine = emulator_machine,
	};
	char why[256] = "";

	snprintf(description, sizeof(description), "%s", machine);
	if (frpc_emulator_new(machine, &emulator, why, sizeof(why))) {
		fprintf(stderr, "frpc-conformance: no emulator from \"%s\": %s\n", machine, why);
		return NULL;
	}
	return &device;
}

void conf_device_emulator_free(void)
{
	frpc_emulator_free(emulator);
	emulator = NULL;
}
