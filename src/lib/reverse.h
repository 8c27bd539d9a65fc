/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reverse calls as bytes: what the DSP asks for, unpacked from the listener's buffer, and the
 * answer, packed for it. Whatever comes from the DSP is checked before it is used.
 */
#ifndef FRPC_LIB_REVERSE_H
#define FRPC_LIB_REVERSE_H

#include <stddef.h>
#include <stdint.h>

#include "remote.h"

#define FRPC_REVERSE_LARGEST (64u << 20) /* bytes of out buffers in one call */

struct frpc_reverse_call {
	uint32_t handle, sc;
	remote_arg *args;      /* in buffers (inside the packed bytes), then out buffers */
	unsigned char *answer; /* packed out buffers; the args' out buffers lie in it */
	size_t answer_len;
};

/*
 * Unpacks @len bytes at @bytes (8-aligned) as the arguments of @sc. 0 or an AEE code: AEE_EBADPARM
 * handles in it, or bytes missing; AEE_EBADSIZE; AEE_ENORPCMEMORY. frpc_reverse_close() always.
 */
int frpc_reverse_open(struct frpc_reverse_call *call, uint32_t handle, uint32_t sc,
		      const void *bytes, size_t len);
void frpc_reverse_close(struct frpc_reverse_call *call);

#endif
