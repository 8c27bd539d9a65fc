/* SPDX-License-Identifier: BSD-3-Clause */
/* The CPU's half of mixer.idl: packs arguments as the IDL compiler's rules say, and calls. */
#include "mixer.h"

#include <stdlib.h>
#include <string.h>

#include <AEEStdErr.h>

static void put(remote_arg *arg, const void *bytes, size_t len)
{
	arg->buf.pv = (void *)(uintptr_t)bytes;
	arg->buf.nLen = len;
}

int mixer_open(const char *uri, remote_handle64 *h)
{
	return remote_handle64_open(uri, h);
}

int mixer_close(remote_handle64 h)
{
	return remote_handle64_close(h);
}

AEEResult mixer_blend(remote_handle64 _h, const int32 *a, int aLen, const unsigned char *b,
		      int bLen, int32 factor, const char *name, int32 *product, int productLen,
		      char *greeting, int greetingLen, int64 *total)
{
	uint32 in[6] = {(uint32)aLen,	    (uint32)bLen,
			(uint32)factor,	    (uint32)(strlen(name) + 1),
			(uint32)productLen, (uint32)greetingLen};
	remote_arg pra[7];
	int64 out;
	int res;

	put(&pra[0], in, sizeof(in));
	put(&pra[1], a, (size_t)aLen * 4);
	put(&pra[2], b, (size_t)bLen);
	put(&pra[3], name, in[3]);
	put(&pra[4], &out, sizeof(out));
	put(&pra[5], product, (size_t)productLen * 4);
	put(&pra[6], greeting, (size_t)greetingLen);
	res = remote_handle64_invoke(_h, REMOTE_SCALARS_MAKEX(0, 2, 4, 3, 0, 0), pra);
	if (res)
		return res;
	*total = out;
	if (greetingLen > 0)
		greeting[greetingLen - 1] = 0;
	return AEE_SUCCESS;
}

/* lengths and overlap: two sequences in, one out, and a number. */
static AEEResult two_and_one(remote_handle64 _h, uint32_t method, const unsigned char *a, int aLen,
			     const unsigned char *b, int bLen, unsigned char *c, int cLen,
			     int64 *number)
{
	uint32 in[3] = {(uint32)aLen, (uint32)bLen, (uint32)cLen};
	remote_arg pra[5];
	int64 out;
	int res;

	put(&pra[0], in, sizeof(in));
	put(&pra[1], a, (size_t)aLen);
	put(&pra[2], b, (size_t)bLen);
	put(&pra[3], &out, sizeof(out));
	put(&pra[4], c, (size_t)cLen);
	res = remote_handle64_invoke(_h, REMOTE_SCALARS_MAKEX(0, method, 3, 2, 0, 0), pra);
	if (!res)
		*number = out;
	return res;
}

AEEResult mixer_lengths(remote_handle64 _h, const unsigned char *a, int aLen,
			const unsigned char *b, int bLen, unsigned char *c, int cLen, int64 *bytes)
{
	return two_and_one(_h, 3, a, aLen, b, bLen, c, cLen, bytes);
}

AEEResult mixer_overlap(remote_handle64 _h, const unsigned char *a, int aLen,
			const unsigned char *b, int bLen, unsigned char *marks, int marksLen,
			int64 *total)
{
	return two_and_one(_h, 4, a, aLen, b, bLen, marks, marksLen, total);
}

AEEResult mixer_handles(remote_handle64 _h, int first, uint32 firstOffset, uint32 firstLen, int32 x,
			int result, uint32 resultOffset, uint32 resultLen, int second,
			uint32 secondOffset, uint32 secondLen, int32 *seen, int seenLen)
{
	uint32 in[2] = {(uint32)x, (uint32)seenLen};
	remote_arg pra[5];
	int res;

	/* The lengths do not travel: the library is told of them. */
	res = remote_register_dma_handle(first, firstLen);
	res = res ? res : remote_register_dma_handle(result, resultLen);
	res = res ? res : remote_register_dma_handle(second, secondLen);
	if (res)
		return res;
	put(&pra[0], in, sizeof(in));
	put(&pra[1], seen, (size_t)seenLen * 4);
	pra[2].dma.fd = first;
	pra[2].dma.offset = firstOffset;
	pra[3].dma.fd = second;
	pra[3].dma.offset = secondOffset;
	pra[4].dma.fd = result;
	pra[4].dma.offset = resultOffset;
	return remote_handle64_invoke(_h, REMOTE_SCALARS_MAKEX(0, 5, 1, 1, 2, 1), pra);
}

AEEResult mixer_many(remote_handle64 _h, const mixer_piece *pieces, int piecesLen,
		     mixer_piece *reversed, int reversedLen, int64 *total)
{
	uint32 in[2] = {(uint32)piecesLen, (uint32)reversedLen};
	size_t ins = 3 + (size_t)piecesLen, outs = 1 + (size_t)reversedLen;
	uint32 *lens = calloc((size_t)piecesLen + (size_t)reversedLen + 1, sizeof(*lens));
	remote_arg *pra = calloc(ins + outs, sizeof(*pra));
	int64 out = 0;
	int res;

	if (ins >= 255 || outs >= 255) {
		res = AEE_EUNSUPPORTED;
	} else if (!lens || !pra) {
		res = AEE_ENOMEMORY;
	} else {
		put(&pra[0], in, sizeof(in));
		put(&pra[1], lens, (size_t)piecesLen * 4);
		for (int i = 0; i < piecesLen; i++) {
			lens[i] = (uint32)pieces[i].dataLen;
			put(&pra[2 + i], pieces[i].data, (size_t)pieces[i].dataLen);
		}
		put(&pra[ins - 1], lens + piecesLen, (size_t)reversedLen * 4);
		put(&pra[ins], &out, sizeof(out));
		for (int i = 0; i < reversedLen; i++) {
			lens[piecesLen + i] = (uint32)reversed[i].dataLen;
			put(&pra[ins + 1 + (size_t)i], reversed[i].data,
			    (size_t)reversed[i].dataLen);
		}
		res = remote_handle64_invoke(
			_h, REMOTE_SCALARS_MAKEX(0, 6, (uint32_t)ins, (uint32_t)outs, 0, 0), pra);
	}
	if (!res)
		*total = out;
	free(lens);
	free(pra);
	return res;
}

AEEResult mixer_fail(remote_handle64 _h)
{
	return remote_handle64_invoke(_h, REMOTE_SCALARS_MAKEX(0, 7, 0, 0, 0, 0), NULL);
}

AEEResult mixer_overflow(remote_handle64 _h, int32 count)
{
	remote_arg pra[1];

	put(&pra[0], &count, sizeof(count));
	return remote_handle64_invoke(_h, REMOTE_SCALARS_MAKEX(0, 8, 1, 0, 0, 0), pra);
}

AEEResult mixer_distant(remote_handle64 _h, int32 a, const int32 *b, int bLen, int32 *c)
{
	/* Methods from 31 on: the field holds 31, and the number comes first in primIn. */
	uint32 in[3] = {33, (uint32)a, (uint32)bLen}, out;
	remote_arg pra[3];
	int res;

	put(&pra[0], in, sizeof(in));
	put(&pra[1], b, (size_t)bLen * 4);
	put(&pra[2], &out, sizeof(out));
	res = remote_handle64_invoke(_h, REMOTE_SCALARS_MAKEX(0, 31, 2, 1, 0, 0), pra);
	if (!res)
		*c = (int32)out;
	return res;
}
