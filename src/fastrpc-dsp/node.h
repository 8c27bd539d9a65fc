/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The two seams of a DSP over one device node of a kernel: its messages are read and written there,
 * its memory is mapped there (tests/rig/module/rig.h says what the node answers).
 */
#ifndef FRPC_DSP_NODE_H
#define FRPC_DSP_NODE_H

#include "emulator/link/link.h"
#include "emulator/memory.h"

struct frpc_dsp_node;

/* Opens @path. 0 or -errno: -EBUSY (another process plays this DSP), -ENOENT. */
int frpc_dsp_node_open(const char *path, struct frpc_dsp_node **ret_node);
/* Both seams must be out of use. Takes NULL. */
void frpc_dsp_node_close(struct frpc_dsp_node *node);

/* Borrowed, valid as long as @node. */
struct emu_end *frpc_dsp_node_end(struct frpc_dsp_node *node);
struct emu_memory *frpc_dsp_node_memory(struct frpc_dsp_node *node);

/*
 * Hands what arrives to the end's receiver, on this thread, until the channel goes down: 0, or
 * -errno of a read that failed.
 */
int frpc_dsp_node_serve(struct frpc_dsp_node *node);

#endif
