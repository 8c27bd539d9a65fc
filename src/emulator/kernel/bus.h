/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bus on which the downstream driver offers its clients' processes to other kernel drivers. A
 * device lives while its file or a driver holds it; a closed one only answers that it is closed.
 */
#ifndef EMU_KERNEL_BUS_H
#define EMU_KERNEL_BUS_H

#include "emulator_driver.h"
#include "file.h"

struct emu_bus {
	pthread_mutex_t lock; /* the lists, references, busy counts */
	pthread_cond_t idle;  /* a request is over, or a driver's function */
	struct frpc_emulator_device *devices;
	struct emu_bus_match *matches; /* registered drivers */
};

void emu_bus_init(struct emu_bus *bus);
/* Drivers that are still registered lose their devices. */
void emu_bus_destroy(struct emu_bus *bus);

/* After INIT: @file's device, if it has none yet. 0 or -ENOMEM. */
int emu_bus_add(struct emu_bus *bus, struct emu_file *file);
/* Close begins: no request starts any more. */
void emu_bus_close(struct emu_bus *bus, struct emu_file *file);
/* Waits for a running request, tells the driver, and takes the device away from the file. */
void emu_bus_remove(struct emu_bus *bus, struct emu_file *file);

int emu_bus_register(struct emu_bus *bus, struct frpc_emulator_driver *driver);
/* Waits for probe() and callback() of @driver that run now. */
void emu_bus_unregister(struct emu_bus *bus, struct frpc_emulator_driver *driver);

#endif
