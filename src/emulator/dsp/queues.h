/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The queues of a DSP process: the service by which the CPU makes them (dspqueue_rpc). Their ends, which
 * skels import, live where those do (hap/queue_ends.c). Everything the CPU tells is checked: the shared memory is
 * its to write at any time.
 */
#ifndef EMU_DSP_QUEUES_H
#define EMU_DSP_QUEUES_H

#include <stdbool.h>

#include "lib/ring.h"
#include "remote.h"

struct emu_hap_queue;
struct emu_process;
struct emu_queues;

/* @process is borrowed: the queues are part of it. */
int emu_queues_new(struct emu_process *process, struct emu_queues **ret_queues);
/* No thread may be inside. Takes NULL. */
void emu_queues_free(struct emu_queues *queues);
/* The process ends: who waits is let go, the CPU finds imported queues dead. Does not block. */
void emu_queues_end(struct emu_queues *queues);

/* Has a skel imported one, so that its callbacks may come? */
bool emu_queues_are_imported(struct emu_queues *queues);

/* The service's methods (builtin.h). */
int32_t emu_queues_call(struct emu_process *process, uint64_t h, uint32_t sc, remote_arg *args);
/* Driver signal @id came from the CPU. Does not block. */
void emu_queues_signalled(struct emu_queues *queues, uint32_t id);

/* The host operations of these names (hap.h). */
int emu_queues_claim(struct emu_queues *queues, uint64_t exported, struct emu_hap_queue *ret_queue);
void emu_queues_release(struct emu_queues *queues, uint64_t exported);
void emu_queues_signal(struct emu_queues *queues, uint64_t exported, enum frpc_queue_signal signal);

#endif
