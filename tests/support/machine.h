/* SPDX-License-Identifier: BSD-3-Clause */
/* The emulated machine of a test that looks into it, and what it holds for this process. */
#ifndef TEST_MACHINE_H
#define TEST_MACHINE_H

#include <stdbool.h>
#include <time.h>

#include "emulator.h"
#include "fastrpc.h"
#include "leaks.h"
#include "remote.h"

static struct resources at_first;
static struct frpc_emulator *machine;

static inline int setup(void **state)
{
	(void)state;
	frpc_clear_last_error();
	at_first = resources_at_rest();
	return frpc_emulator_default(&machine, NULL, 0);
}

static inline struct frpc_emulator_state held(void)
{
	struct frpc_emulator_state now;

	frpc_emulator_get_state(machine, &now);
	return now;
}

/* The ends of files and processes cross to the DSP and back: looks again for up to ten seconds. */
static inline bool becomes_idle(void)
{
	const struct timespec pause = {.tv_nsec = 10000000};

	for (int i = 0; i < 1000; i++) {
		if (!held().files && !held().maps &&
		    !frpc_emulator_processes(machine, CDSP_DOMAIN_ID))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

static inline int nothing_is_left(void **state)
{
	bool idle = becomes_idle();

	(void)state;
	frpc_emulator_free(machine);
	if (!idle)
		print_error("the driver still holds files or maps\n");
	return end_with_resources(&at_first) || !idle ? -1 : 0;
}

#endif
