/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The queues of a DSP process: the service by which the CPU makes them (dspqueue_rpc), and what a
 * skel's dspqueue_import() finds there. Everything the CPU tells is checked: the shared memory is
 * its to write at any time.
 */
#ifndef EMU_DSP_QUEUES_H
#define EMU_DSP_QUEUES_H

#include <stdbool.h>

#include "dspqueue.h"
#include "lib/queue_end.h"
#include "remote.h"

struct emu_process;
struct emu_queues;

/* @process is borrowed: the queues are part of it. */
int emu_queues_new(struct emu_process *process, struct emu_queues **ret_queues);
/* No thread may be inside. Takes NULL. */
void emu_queues_free(struct emu_queues *queues);
/* The process ends: who waits is let go, imported queues are dead. Does not block. */
void emu_queues_end(struct emu_queues *queues);

/* Has a skel imported one, so that its callbacks may come? */
bool emu_queues_are_imported(struct emu_queues *queues);

/* The service's methods (builtin.h). */
int32_t emu_queues_call(struct emu_process *process, uint64_t h, uint32_t sc, remote_arg *args);
/* Driver signal @id came from the CPU. Does not block. */
void emu_queues_signalled(struct emu_queues *queues, uint32_t id);

/* dspqueue_import() of a thread of @process. An AEE number without the DSP's offset. */
int emu_queues_import(struct emu_queues *queues, uint64_t exported,
		      dspqueue_callback_t packet_callback, dspqueue_callback_t error_callback,
		      void *context, dspqueue_t *ret_queue);

#endif
