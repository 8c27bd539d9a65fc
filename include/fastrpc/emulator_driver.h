/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The downstream driver's interface for other kernel drivers, on an emulated machine: a client that
 * maps buffers of its own for somebody else's DSP process. On a phone this is
 * fastrpc_driver_register() and what belongs to it (linux/fastrpc.h); the shapes here say the same,
 * with a descriptor where a kernel has a struct dma_buf.
 *
 * After each successful INIT a device "fastrpc-<tgid>-<client id>-<channel>" appears on the bus,
 * whose handle is the client id. A driver with that handle gets it, once it is registered.
 */
#ifndef FASTRPC_EMULATOR_DRIVER_H
#define FASTRPC_EMULATOR_DRIVER_H

#include "emulator.h"

#ifdef __cplusplus
extern "C" {
#endif

struct frpc_emulator_device; /* on the bus; valid between probe() and unregister */

enum frpc_emulator_driver_status {
	FRPC_EMULATOR_PROC_DOWN = 0, /* the process's file has been closed */
};

/*
 * A driver. The caller's, unchanged until it is unregistered, but for @device. Both functions run
 * on the thread that brought it about (INIT, close, register) and must not register or unregister.
 */
struct frpc_emulator_driver {
	int handle; /* the client id of the process wanted */
	int (*probe)(struct frpc_emulator_device *device, void *context);
	int (*callback)(struct frpc_emulator_device *device,
			enum frpc_emulator_driver_status status, void *context);
	void *context;
	struct frpc_emulator_device *device; /* set before probe() */
};

/* 0; -EEXIST: registered already; -EINVAL, -ENOMEM. A device that comes later matches, too. */
int frpc_emulator_driver_register(struct frpc_emulator *emulator,
				  struct frpc_emulator_driver *driver);
/*
 * Gives its device back, once a probe() or callback() that another thread runs has returned. A
 * driver that is not registered is left alone.
 */
void frpc_emulator_driver_unregister(struct frpc_emulator *emulator,
				     struct frpc_emulator_driver *driver);

/* The device's name on the bus. */
const char *frpc_emulator_device_name(const struct frpc_emulator_device *device);

enum frpc_emulator_driver_request {
	FRPC_EMULATOR_MAP_DMA = 1,
	FRPC_EMULATOR_UNMAP_DMA = 2,
	FRPC_EMULATOR_GET_HLOS_PID = 3,
};

struct frpc_emulator_map_dma {
	int fd; /* of the dma-buf */
	uint32_t attrs;
	size_t size;
	uint64_t v_dsp_addr; /* out */
};

struct frpc_emulator_unmap_dma {
	int fd;
	size_t size;
};

struct frpc_emulator_hlos_pid {
	int hlos_pid; /* out: of the process that opened the file */
};

/*
 * What a driver asks of its device; @param is the struct of that name. 0, the DSP's result, or:
 * -ESRCH the device is closed, -EBADF it has no file, -EBADFD no dma-buf, what mapping gives,
 * -ENOTTY another request. An unknown buffer is unmapped with success.
 */
long frpc_emulator_driver_invoke(struct frpc_emulator_device *device, uint32_t request,
				 void *param);

/*
 * Defines NAME_init(emulator) and NAME_exit(emulator) for a driver with nothing else to do there.
 */
#define FRPC_EMULATOR_MODULE_DRIVER(name, driver)                          \
	static inline int name##_init(struct frpc_emulator *emulator)      \
	{                                                                  \
		return frpc_emulator_driver_register(emulator, &(driver)); \
	}                                                                  \
	static inline void name##_exit(struct frpc_emulator *emulator)     \
	{                                                                  \
		frpc_emulator_driver_unregister(emulator, &(driver));      \
	}

#ifdef __cplusplus
}
#endif

#endif
