/* SPDX-License-Identifier: BSD-3-Clause */
/* The DSP's half of mixer.idl: checks what arrives as generated skels do, unpacks it, and calls. */
#include "mixer.h"

#include <stdlib.h>
#include <string.h>

#include <AEEStdErr.h>

/* As generated skels with handles declare it, which ask for their lengths. */
extern int adsp_mmap_fd_getinfo(int fd, uint32_t *len);

static uint32 word(const remote_arg *arg, unsigned int index)
{
	return ((const uint32 *)arg->buf.pv)[index];
}

static int shape(uint32_t sc, uint32_t in, uint32_t out, uint32_t in_handles, uint32_t out_handles)
{
	return REMOTE_SCALARS_INBUFS(sc) == in && REMOTE_SCALARS_OUTBUFS(sc) == out &&
	       REMOTE_SCALARS_INHANDLES(sc) == in_handles &&
	       REMOTE_SCALARS_OUTHANDLES(sc) == out_handles;
}

static int holds(const remote_arg *arg, uint64_t count, size_t size)
{
	return arg->buf.nLen >= count * size;
}

static int skel_open(uint32_t sc, remote_arg *pra)
{
	const char *uri = pra[1].buf.pv;

	if (!shape(sc, 2, 0, 0, 1) || !holds(&pra[0], 1, 4) || !pra[1].buf.nLen ||
	    word(&pra[0], 0) != pra[1].buf.nLen || uri[pra[1].buf.nLen - 1])
		return AEE_EBADPARM;
	return mixer_open(uri, &pra[2].h64);
}

static int skel_blend(remote_handle64 h, uint32_t sc, remote_arg *pra)
{
	if (!shape(sc, 4, 3, 0, 0) || !holds(&pra[0], 6, 4) ||
	    !holds(&pra[1], word(&pra[0], 0), 4) || !holds(&pra[2], word(&pra[0], 1), 1) ||
	    !holds(&pra[3], word(&pra[0], 3), 1) || !holds(&pra[4], 1, 8) ||
	    !holds(&pra[5], word(&pra[0], 4), 4) || !holds(&pra[6], word(&pra[0], 5), 1))
		return AEE_EBADPARM;
	return mixer_blend(h, pra[1].buf.pv, (int)word(&pra[0], 0), pra[2].buf.pv,
			   (int)word(&pra[0], 1), (int32)word(&pra[0], 2), pra[3].buf.pv,
			   pra[5].buf.pv, (int)word(&pra[0], 4), pra[6].buf.pv,
			   (int)word(&pra[0], 5), pra[4].buf.pv);
}

static int skel_two_and_one(remote_handle64 h, uint32_t method, uint32_t sc, remote_arg *pra)
{
	if (!shape(sc, 3, 2, 0, 0) || !holds(&pra[0], 3, 4) ||
	    !holds(&pra[1], word(&pra[0], 0), 1) || !holds(&pra[2], word(&pra[0], 1), 1) ||
	    !holds(&pra[3], 1, 8) || !holds(&pra[4], word(&pra[0], 2), 1))
		return AEE_EBADPARM;
	return (method == 3 ? mixer_lengths : mixer_overlap)(h, pra[1].buf.pv,
							     (int)word(&pra[0], 0), pra[2].buf.pv,
							     (int)word(&pra[0], 1), pra[4].buf.pv,
							     (int)word(&pra[0], 2), pra[3].buf.pv);
}

static int skel_handles(remote_handle64 h, uint32_t sc, remote_arg *pra)
{
	uint32_t lens[3] = {0, 0, 0};

	if (!shape(sc, 1, 1, 2, 1) || !holds(&pra[0], 2, 4) || !holds(&pra[1], word(&pra[0], 1), 4))
		return AEE_EBADPARM;
	for (int i = 0; i < 3; i++) {
		int res = adsp_mmap_fd_getinfo(pra[2 + i].dma.fd, &lens[i]);

		if (res)
			return res;
	}
	return mixer_handles(h, pra[2].dma.fd, pra[2].dma.offset, lens[0], (int32)word(&pra[0], 0),
			     pra[4].dma.fd, pra[4].dma.offset, lens[2], pra[3].dma.fd,
			     pra[3].dma.offset, lens[1], pra[1].buf.pv, (int)word(&pra[0], 1));
}

/* Buffers @at.. of the call as pieces, whose lengths the record buffer @records tells. */
static mixer_piece *pieces_of(const remote_arg *pra, uint32_t at, uint32_t count,
			      const remote_arg *records)
{
	mixer_piece *pieces = calloc(count + 1, sizeof(*pieces));

	for (uint32_t i = 0; pieces && i < count; i++) {
		pieces[i].data = pra[at + i].buf.pv;
		pieces[i].dataLen = (int)word(records, i);
		if (!holds(&pra[at + i], word(records, i), 1)) {
			free(pieces);
			return NULL;
		}
	}
	return pieces;
}

static int skel_many(remote_handle64 h, uint32_t sc, remote_arg *pra)
{
	uint32_t ins = REMOTE_SCALARS_INBUFS(sc), outs = REMOTE_SCALARS_OUTBUFS(sc), in, out;
	mixer_piece *pieces, *reversed;
	int res = AEE_EBADPARM;

	if (ins < 3 || !outs || !holds(&pra[0], 2, 4))
		return AEE_EBADPARM;
	in = word(&pra[0], 0);
	out = word(&pra[0], 1);
	if (ins != 3 + in || outs != 1 + out || !holds(&pra[1], in, 4) ||
	    !holds(&pra[ins - 1], out, 4) || !holds(&pra[ins], 1, 8))
		return AEE_EBADPARM;
	pieces = pieces_of(pra, 2, in, &pra[1]);
	reversed = pieces_of(pra, ins + 1, out, &pra[ins - 1]);
	if (pieces && reversed)
		res = mixer_many(h, pieces, (int)in, reversed, (int)out, pra[ins].buf.pv);
	free(pieces);
	free(reversed);
	return res;
}

static int skel_distant(remote_handle64 h, uint32_t sc, remote_arg *pra)
{
	if (!shape(sc, 2, 1, 0, 0) || !holds(&pra[0], 3, 4) ||
	    !holds(&pra[1], word(&pra[0], 2), 4) || !holds(&pra[2], 1, 4))
		return AEE_EBADPARM;
	return mixer_distant(h, (int32)word(&pra[0], 1), pra[1].buf.pv, (int)word(&pra[0], 2),
			     pra[2].buf.pv);
}

int mixer_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra);

int mixer_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra)
{
	uint32_t method = REMOTE_SCALARS_METHOD(sc);

	if (method == 31) {
		if (!REMOTE_SCALARS_INBUFS(sc) || !holds(&pra[0], 1, 4))
			return AEE_EBADPARM;
		method = word(&pra[0], 0);
	}
	switch (method) {
	case 0:
		return skel_open(sc, pra);
	case 1:
		return mixer_close(h);
	case 2:
		return skel_blend(h, sc, pra);
	case 3:
	case 4:
		return skel_two_and_one(h, method, sc, pra);
	case 5:
		return skel_handles(h, sc, pra);
	case 6:
		return skel_many(h, sc, pra);
	case 7:
		return mixer_fail(h);
	case 8:
		if (!shape(sc, 1, 0, 0, 0) || !holds(&pra[0], 1, 4))
			return AEE_EBADPARM;
		return mixer_overflow(h, (int32)word(&pra[0], 0));
	case 33:
		return skel_distant(h, sc, pra);
	default:
		return AEE_EUNSUPPORTED;
	}
}
