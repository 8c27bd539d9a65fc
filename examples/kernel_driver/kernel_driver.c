/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A kernel driver's view: it maps a buffer of its own for the DSP process of an app, as a camera or
 * a display driver does on a phone. The app is this program too; it speaks the downstream ioctls.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create() */
#endif
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <emulator_driver.h>
#include <fastrpc/abi/downstream.h>

static int probe(struct frpc_emulator_device *device, void *context)
{
	struct frpc_emulator_hlos_pid pid;

	(void)context;
	frpc_emulator_driver_invoke(device, FRPC_EMULATOR_GET_HLOS_PID, &pid);
	printf("probe: %s, a process of pid %d\n", frpc_emulator_device_name(device), pid.hlos_pid);
	return 0;
}

static int callback(struct frpc_emulator_device *device, enum frpc_emulator_driver_status status,
		    void *context)
{
	(void)context;
	if (status == FRPC_EMULATOR_PROC_DOWN)
		printf("callback: %s is gone\n", frpc_emulator_device_name(device));
	return 0;
}

/* The client ids of a machine begin at 1. */
static struct frpc_emulator_driver driver = {.handle = 1, .probe = probe, .callback = callback};

FRPC_EMULATOR_MODULE_DRIVER(example, driver)

/* The app: one process on the compute DSP. Its file, or -1. */
static int run_app(struct frpc_emulator *machine)
{
	struct frpc_dn_init_attrs create = {.init = {.flags = FRPC_DN_INIT_CREATE, .filefd = -1}};
	uint32_t channel = 3;
	int file = frpc_emulator_open(machine, "/dev/adsprpc-smd", O_RDONLY);

	if (file < 0 ||
	    frpc_emulator_ioctl(machine, file, FRPC_DN_IOCTL_GETINFO, (uintptr_t)&channel, false) ||
	    frpc_emulator_ioctl(machine, file, FRPC_DN_IOCTL_INIT_ATTRS, (uintptr_t)&create, false))
		return -1;
	return file;
}

static int map_and_unmap(int fd)
{
	struct frpc_emulator_map_dma map = {.fd = fd, .size = 4096};
	struct frpc_emulator_unmap_dma unmap = {.fd = fd, .size = 4096};
	long res = frpc_emulator_driver_invoke(driver.device, FRPC_EMULATOR_MAP_DMA, &map);

	printf("map: %ld, the DSP calls it 0x%llx\n", res, (unsigned long long)map.v_dsp_addr);
	if (res)
		return 1;
	res = frpc_emulator_driver_invoke(driver.device, FRPC_EMULATOR_UNMAP_DMA, &unmap);
	printf("unmap: %ld\n", res);
	return res != 0;
}

int main(void)
{
	struct frpc_emulator *machine;
	char text[256];
	int file, failed, fd = memfd_create("frame", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, 4096) ||
	    frpc_emulator_new("domains=cdsp,abi=downstream", &machine, text, sizeof(text)))
		return 1;
	example_init(machine);
	file = run_app(machine);
	failed = file < 0 || map_and_unmap(fd);
	frpc_emulator_close(machine, file);
	example_exit(machine);
	frpc_emulator_free(machine);
	close(fd);
	return failed;
}
