/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MULTIMODE_INVOKE of the second downstream generation, of which the interface is known and the
 * driver is not. Calls are made as mainline makes them. What a guess would have to fill in (counters,
 * CRCs, and the meaning of the other requests) is refused.
 */
#include <errno.h>

#include <fastrpc/abi/second.h>

#include "ioctl_mainline.h"

static long invoke(struct emu_file *file, const struct frpc_task *task,
		   const struct frpc_dn2_multimode *multimode)
{
	struct frpc_dn2_invoke_enhanced request = {0};
	bool enhanced = multimode->req == FRPC_DN2_INVOKE_ENHANCED;

	if (emu_user_read(task, &request, multimode->invparam,
			  enhanced ? sizeof(request) : FRPC_DN2_INVOKE_READ))
		return -EFAULT;
	if (request.crc || request.perf_kernel || request.perf_dsp)
		return -EOPNOTSUPP;
	return emu_ml_invoke(file, task, multimode->invparam);
}

long emu_ml_multimode(struct emu_file *file, const struct frpc_task *task, uint64_t arg)
{
	struct frpc_dn2_multimode multimode;

	if (emu_user_read(task, &multimode, arg, sizeof(multimode)))
		return -EFAULT;
	switch (multimode.req) {
	case FRPC_DN2_INVOKE:
	case FRPC_DN2_INVOKE_ENHANCED:
		return invoke(file, task, &multimode);
	case FRPC_DN2_DSPSIGNAL:
		return multimode.size > FRPC_DN2_DSPSIGNAL_MOST ? -EINVAL : -EOPNOTSUPP;
	case FRPC_DN2_CONTROL:
	case FRPC_DN2_NOTIF:
	case FRPC_DN2_MULTISESSION:
	case FRPC_DN2_CONFIG:
	case FRPC_DN2_SESSIONINFO:
		return -EOPNOTSUPP;
	default:
		return -ENOTTY;
	}
}
