/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A skel built without pkg-config fastrpc-skel: cc -shared, with remote.h and AEEStdErr.h only. Its
 * error numbers are the CPU's. It has both kinds of entry points.
 */
#include <AEEStdErr.h>
#include <remote.h>

int plain_skel_invoke(uint32_t sc, remote_arg *pra);
int plain_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra);

/* Old style, so that its own methods begin at 0. 0: doubles each byte; 1: fails. */
int plain_skel_invoke(uint32_t sc, remote_arg *pra)
{
	if (REMOTE_SCALARS_METHOD(sc) == 1)
		return AEE_EBADPARM;
	if (sc != REMOTE_SCALARS_MAKE(0, 1, 1) || pra[0].buf.nLen != pra[1].buf.nLen)
		return AEE_EUNSUPPORTED;
	for (size_t i = 0; i < pra[0].buf.nLen; i++)
		((unsigned char *)pra[1].buf.pv)[i] = ((unsigned char *)pra[0].buf.pv)[i] * 2;
	return AEE_SUCCESS;
}

/* Handle style: methods 0 and 1 are open and close, the others as above, two further on. */
int plain_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra)
{
	uint32_t method = REMOTE_SCALARS_METHOD(sc);

	if (method == 0) {
		pra[2].h64 = 0x1234;
		return AEE_SUCCESS;
	}
	if (h != 0x1234)
		return AEE_EINVHANDLE;
	return method == 1 ? AEE_SUCCESS : plain_skel_invoke(sc - (2u << 24), pra);
}
