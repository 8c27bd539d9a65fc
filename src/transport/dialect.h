/* SPDX-License-Identifier: BSD-3-Clause */
/* What the dialects share: an open file whose calls keep it alive, and the reading of results. */
#ifndef FRPC_TRANSPORT_DIALECT_H
#define FRPC_TRANSPORT_DIALECT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "transport.h"

/* Arguments up to this many are converted on the stack. */
#define FRPC_STACK_ARGS 14u

/*
 * One open file number. Every running call holds a reference, so that the number is closed, and can
 * be used again by somebody else, only after the last call on it.
 */
struct frpc_file {
	struct frpc_device *device; /* borrowed from the transport */
	int number;
	_Atomic int refs;
};

static inline void frpc_file_get(struct frpc_file *file)
{
	atomic_fetch_add_explicit(&file->refs, 1, memory_order_relaxed);
}

void frpc_file_init(struct frpc_file *file, struct frpc_device *device, int number);
void frpc_file_close(struct frpc_file *file);
/* True when that was the last reference: the number has been closed, the owner frees its struct. */
static inline bool frpc_file_put(struct frpc_file *file)
{
	if (atomic_fetch_sub_explicit(&file->refs, 1, memory_order_acq_rel) != 1)
		return false;
	frpc_file_close(file);
	return true;
}
/* The driver's raw result for the calling thread. */
long frpc_file_ioctl(struct frpc_file *file, uint32_t cmd, void *arg);
/* The same for a downstream command in its 64-bit layout, made in that of a 32-bit program. */
long frpc_narrow_ioctl(struct frpc_file *file, uint32_t cmd, void *arg);

/* Opens @path and, if that fails, adds path and reason to @report (which may be NULL). */
int frpc_device_try_open(struct frpc_device *device, const char *path, int flags,
			 struct frpc_open_report *report);

/* An ioctl's result: -errno, or 0 and what the DSP answered. */
static inline int frpc_result_split(long res, int32_t *ret_status)
{
	if (res < 0 && res >= -FRPC_MAX_ERRNO)
		return (int)res;
	*ret_status = (int32_t)res;
	return 0;
}

/* Probes mainline's nodes, then downstream's, at each open. Takes over @device's reference. */
int frpc_transport_auto_new(struct frpc_device *device, struct frpc_transport **ret_transport);

#endif
