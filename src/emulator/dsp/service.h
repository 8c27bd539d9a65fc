/* SPDX-License-Identifier: BSD-3-Clause */
/* The CPU's services, as a DSP process reaches them: by a number that the CPU is asked for. */
#ifndef EMU_DSP_SERVICE_H
#define EMU_DSP_SERVICE_H

#include "listener.h"

/* How reverse calls are made from there. */
typedef int32_t emu_reverse_call_fn(void *context, uint32_t handle, uint32_t sc,
				    const struct emu_reverse_buffer *buffers);

/* The number of @service ("apps_std"). 0, what the CPU says of the name, or that of the call. */
int32_t emu_service_open(emu_reverse_call_fn *call, void *context, const char *service,
			 uint32_t *ret_handle);

#endif
