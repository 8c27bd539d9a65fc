/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A module of the app for hostile DSPs to open and call, in both styles: reads every byte that it is
 * given and writes every byte that it may, so that a sanitizer sees a wrong length.
 */
#include <stdint.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#include "AEEStdErr.h"
#include "remote.h"

int fuzzed_skel_invoke(uint32_t sc, remote_arg *pra);
int fuzzed_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra);

static volatile uint8_t sum;

int fuzzed_skel_invoke(uint32_t sc, remote_arg *pra)
{
	uint32_t ins = FRPC_SC_INBUFS(sc), outs = FRPC_SC_OUTBUFS(sc);

	for (uint32_t i = 0; i < ins; i++)
		for (size_t at = 0; at < pra[i].buf.nLen; at++)
			sum += ((const uint8_t *)pra[i].buf.pv)[at];
	for (uint32_t i = ins; i < ins + outs; i++)
		if (pra[i].buf.nLen)
			memset(pra[i].buf.pv, 0xa5, pra[i].buf.nLen);
	return FRPC_SC_METHOD(sc) & 1 ? AEE_EFAILED : AEE_SUCCESS;
}

int fuzzed_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra)
{
	if (FRPC_SC_OUTHANDLES(sc))
		pra[2].h64 = 0x77;
	else if (h != 0x77)
		return AEE_EINVHANDLE;
	return fuzzed_skel_invoke(sc, pra);
}
