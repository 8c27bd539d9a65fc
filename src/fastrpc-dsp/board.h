/* SPDX-License-Identifier: BSD-3-Clause */
/* What the DSP's node hangs on in the kernel's device model: the way to a subsystem restart. */
#ifndef FRPC_DSP_BOARD_H
#define FRPC_DSP_BOARD_H

struct frpc_dsp_board;

/* The board behind the node @path. 0 or -errno: such a node has none, or no driver is bound to it. */
int frpc_dsp_board_find(const char *path, struct frpc_dsp_board **ret_board);
void frpc_dsp_board_free(struct frpc_dsp_board *board);

/*
 * Unbinds and binds the board, soon, on a thread of its own: for emu_subsystem_config.restart.
 * @board must stay. 0 or -errno.
 */
int frpc_dsp_board_restart(void *board);

#endif
