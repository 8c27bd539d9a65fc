/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of apps_std that gives the DSP a whole file in shared memory, which it maps by its fd. */
#ifndef FRPC_LIB_SERVICES_WHOLE_FILES_H
#define FRPC_LIB_SERVICES_WHOLE_FILES_H

#include "std.h"

struct frpc_transport;

/* @transport may be NULL: its driver's memory cannot be had then. 0 or -ENOMEM. */
int frpc_whole_files_new(struct frpc_transport *transport, struct frpc_whole_files **ret_files);
/* Takes NULL. */
void frpc_whole_files_free(struct frpc_whole_files *files);

/* Is that a mode to read a file whole with? */
bool frpc_whole_files_mode(const char *mode);
/* The fd and the length of what the open file @number holds, which is closed in any case. */
int frpc_whole_files_load(struct frpc_std *std, int32_t number, int32_t ret_out[2]);

/* AEE_EUNSUPPORTED: a method of another part. */
int frpc_whole_files_call(struct frpc_std *std, uint32_t method,
			  const struct frpc_reverse_call *call);

#endif
