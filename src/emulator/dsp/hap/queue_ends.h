/* SPDX-License-Identifier: BSD-3-Clause */
/* The ends of the CPU's queues that a process's skels have imported (dspqueue_import()). */
#ifndef EMU_DSP_HAP_QUEUE_ENDS_H
#define EMU_DSP_HAP_QUEUE_ENDS_H

#include <stdint.h>

#include "dspqueue.h"

struct emu_hap;

/* dspqueue_import() of a thread of @hap's. An AEE number without the DSP's offset. */
int emu_hap_queue_import(struct emu_hap *hap, uint64_t exported,
			 dspqueue_callback_t packet_callback, dspqueue_callback_t error_callback,
			 void *context, dspqueue_t *ret_queue);

#endif
