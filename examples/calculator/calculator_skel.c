/* SPDX-License-Identifier: BSD-3-Clause */
/* The DSP's half: checks what arrives, unpacks it and calls the implementation. */
#include "AEEStdErr.h"
#include "calculator.h"

enum {
	METHOD_OPEN,
	METHOD_CLOSE,
	METHOD_SUM,
	METHOD_MAX,
	METHOD_SCALE
};

int calculator_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra);

/* Two in buffers, primIn and the sequence it counts, and one out buffer. */
static int sequence_fits(uint32_t sc, const remote_arg *pra, size_t prim_len, size_t out_len)
{
	if (REMOTE_SCALARS_INBUFS(sc) != 2 || REMOTE_SCALARS_OUTBUFS(sc) != 1 ||
	    REMOTE_SCALARS_INHANDLES(sc) || REMOTE_SCALARS_OUTHANDLES(sc))
		return 0;
	if (pra[0].buf.nLen < prim_len || pra[2].buf.nLen < out_len)
		return 0;
	return pra[1].buf.nLen / sizeof(int32) >= ((const uint32 *)pra[0].buf.pv)[0];
}

static int skel_open(uint32_t sc, remote_arg *pra)
{
	if (REMOTE_SCALARS_INBUFS(sc) != 2 || REMOTE_SCALARS_OUTHANDLES(sc) != 1)
		return AEE_EBADPARM;
	return calculator_open(pra[1].buf.pv, &pra[2].h64);
}

static int skel_sum(remote_handle64 h, uint32_t sc, const remote_arg *pra)
{
	const uint32 *prim_in = pra[0].buf.pv;

	if (!sequence_fits(sc, pra, 4, 8))
		return AEE_EBADPARM;
	return calculator_sum(h, pra[1].buf.pv, (int)prim_in[0], pra[2].buf.pv);
}

static int skel_max(remote_handle64 h, uint32_t sc, const remote_arg *pra)
{
	const uint32 *prim_in = pra[0].buf.pv;

	if (!sequence_fits(sc, pra, 4, 4))
		return AEE_EBADPARM;
	return calculator_max(h, pra[1].buf.pv, (int)prim_in[0], pra[2].buf.pv);
}

static int skel_scale(remote_handle64 h, uint32_t sc, const remote_arg *pra)
{
	const uint32 *prim_in = pra[0].buf.pv;

	if (!sequence_fits(sc, pra, 12, 0) || pra[2].buf.nLen / sizeof(int32) < prim_in[2])
		return AEE_EBADPARM;
	return calculator_scale(h, pra[1].buf.pv, (int)prim_in[0], (int32)prim_in[1], pra[2].buf.pv,
				(int)prim_in[2]);
}

int calculator_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra)
{
	switch (REMOTE_SCALARS_METHOD(sc)) {
	case METHOD_OPEN:
		return skel_open(sc, pra);
	case METHOD_CLOSE:
		return calculator_close(h);
	case METHOD_SUM:
		return skel_sum(h, sc, pra);
	case METHOD_MAX:
		return skel_max(h, sc, pra);
	case METHOD_SCALE:
		return skel_scale(h, sc, pra);
	default:
		return AEE_EUNSUPPORTED;
	}
}
