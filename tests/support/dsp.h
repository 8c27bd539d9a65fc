/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The DSPs under a test: the emulator's, in this process, or those of a rig's guest, whose boards the
 * folder FRPC_RIG_BOARDS steers (docs/rig.md).
 */
#ifndef TEST_DSP_H
#define TEST_DSP_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emulator.h"

static inline bool dsps_are_in_a_rig(void)
{
	return getenv("FRPC_RIG_BOARDS") != NULL;
}

/* Keeps the emulated machine between sessions. A rig's stays anyway: *ret_emulator is NULL. */
static inline int dsps_hold(struct frpc_emulator **ret_emulator)
{
	*ret_emulator = NULL;
	return dsps_are_in_a_rig() ? 0 : frpc_emulator_default(ret_emulator, NULL, 0);
}

static inline int dsp_board_write(const char *file, const char *board)
{
	char path[256];
	int fd, res = 0;

	snprintf(path, sizeof(path), "%s/%s", getenv("FRPC_RIG_BOARDS"), file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, board, strlen(board)) < 0)
		res = -errno;
	close(fd);
	return res;
}

/* Takes the DSP of @domain (adsp, mdsp, sdsp, cdsp) down and up again. 0, or -errno. */
static inline int dsp_restart(uint32_t domain)
{
	static const char *const boards[] = {"frpc-rig-adsp", "frpc-rig-mdsp", "frpc-rig-sdsp",
					     "frpc-rig-cdsp"};
	struct frpc_emulator *emulator;
	int res;

	if (dsps_are_in_a_rig()) {
		res = dsp_board_write("unbind", boards[domain]);
		return res ? res : dsp_board_write("bind", boards[domain]);
	}
	res = frpc_emulator_default(&emulator, NULL, 0);
	if (res)
		return res;
	res = frpc_emulator_restart(emulator, domain);
	frpc_emulator_free(emulator);
	return res;
}

#endif
