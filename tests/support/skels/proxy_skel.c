/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the reverse calls that the app describes (proxy.h). */
#include <string.h>

#include "AEEStdErr.h"
#include "remote.h"

#include "proxy.h"

int proxy_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra);

static int make(const struct proxy_call *call, unsigned char *ins, unsigned char *outs)
{
	uint32_t in = REMOTE_SCALARS_INBUFS(call->sc), out = REMOTE_SCALARS_OUTBUFS(call->sc);
	remote_arg args[2 * PROXY_BUFFERS] = {0};
	remote_handle module = call->held;
	int res, closed = 0;

	if (in > PROXY_BUFFERS || out > PROXY_BUFFERS)
		return AEE_EBADPARM;
	for (uint32_t i = 0; i < in; i++) {
		args[i].buf.pv = ins;
		args[i].buf.nLen = call->in_len[i];
		ins += call->in_len[i];
	}
	for (uint32_t i = 0; i < out; i++) {
		args[in + i].buf.pv = outs;
		args[in + i].buf.nLen = call->out_len[i];
		outs += call->out_len[i];
	}
	if (call->held)
		return remote_handle_invoke(module, call->sc, args);
	res = remote_handle_open(call->module, &module);
	if (res)
		return res;
	res = remote_handle_invoke(module, call->sc, args);
	if (!call->keep)
		closed = remote_handle_close(module);
	return res ? res : closed;
}

static void hold(const char *name, uint32_t answer[2])
{
	remote_handle module = 0;

	answer[0] = (uint32_t)remote_handle_open(name, &module);
	answer[1] = module;
}

int proxy_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra)
{
	(void)h;
	switch (REMOTE_SCALARS_METHOD(sc)) {
	case 0:
		pra[2].h64 = 1;
		return 0;
	case 1:
		return 0;
	case PROXY_METHOD:
		/* Its own result is what the CPU answered: an app must be able to tell it apart. */
		*(int32_t *)pra[2].buf.pv = make(pra[0].buf.pv, pra[1].buf.pv, pra[3].buf.pv);
		return 0;
	case PROXY_OPEN:
		hold(pra[0].buf.pv, pra[1].buf.pv);
		return 0;
	default:
		return AEE_EUNSUPPORTED;
	}
}
