/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the second generation of the downstream driver has beside mainline's commands, on nodes that
 * are named as mainline's: one command with requests. Source of the numbers: docs/abi.md.
 */
#ifndef FASTRPC_ABI_SECOND_H
#define FASTRPC_ABI_SECOND_H

#include "mainline.h"

struct frpc_dn2_multimode {
	uint32_t req; /* enum frpc_dn2_request */
	frpc_abi_u64 invparam;
	frpc_abi_u64 size;
	uint32_t reserved[8];
};

enum frpc_dn2_request {
	FRPC_DN2_INVOKE = 1,
	FRPC_DN2_INVOKE_ENHANCED = 2,
	FRPC_DN2_CONTROL = 3,
	FRPC_DN2_DSPSIGNAL = 4,
	FRPC_DN2_NOTIF = 5,
	FRPC_DN2_MULTISESSION = 6,
	FRPC_DN2_CONFIG = 7,
	FRPC_DN2_SESSIONINFO = 8,
};

/* Requests 1 (of which the first 56 bytes are read) and 2. */
struct frpc_dn2_invoke_enhanced {
	struct frpc_ml_invoke inv;
	frpc_abi_u64 crc;
	frpc_abi_u64 perf_kernel;
	frpc_abi_u64 perf_dsp;
	uint32_t reserved[20];
};

#define FRPC_DN2_INVOKE_READ	56u
#define FRPC_DN2_DSPSIGNAL_MOST 12u

#define FRPC_DN2_IOCTL_MULTIMODE_INVOKE FRPC_ABI_IOWR(12, struct frpc_dn2_multimode)

static_assert(sizeof(struct frpc_dn2_multimode) == 56, "second generation: multimode invoke");
static_assert(sizeof(struct frpc_dn2_invoke_enhanced) == 120, "second generation: enhanced invoke");
static_assert(FRPC_DN2_IOCTL_MULTIMODE_INVOKE == 0xC038520Cu, "second generation: MULTIMODE");

#endif
