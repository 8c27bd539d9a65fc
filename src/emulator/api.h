/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files behind emulator.h share. */
#ifndef EMU_API_H
#define EMU_API_H

#include "emulator.h"
#include "machine.h"

struct frpc_emulator {
	struct emu_machine *machine;
};

/* The calling thread, as a client. */
struct frpc_task emu_api_task(bool compat);

#endif
