/* SPDX-License-Identifier: BSD-3-Clause */
/* The CPU's half: each method packs its arguments and calls the DSP. */
#include "calculator.h"

/* Methods 0 and 1 are open and close. */
enum {
	METHOD_SUM = 2,
	METHOD_MAX,
	METHOD_SCALE
};

int calculator_open(const char *uri, remote_handle64 *h)
{
	return remote_handle64_open(uri, h);
}

int calculator_close(remote_handle64 h)
{
	return remote_handle64_close(h);
}

int calculator_sum(remote_handle64 h, const int32 *vec, int vecLen, int64 *res)
{
	uint32 prim_in[1] = {(uint32)vecLen};
	uint64 prim_out[1] = {0};
	remote_arg pra[3];
	int result;

	pra[0].buf.pv = prim_in;
	pra[0].buf.nLen = sizeof(prim_in);
	pra[1].buf.pv = (void *)vec;
	pra[1].buf.nLen = (size_t)vecLen * sizeof(*vec);
	pra[2].buf.pv = prim_out;
	pra[2].buf.nLen = sizeof(prim_out);
	result = remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(METHOD_SUM, 2, 1), pra);
	if (!result)
		*res = (int64)prim_out[0];
	return result;
}

int calculator_max(remote_handle64 h, const int32 *vec, int vecLen, int32 *res)
{
	uint32 prim_in[1] = {(uint32)vecLen}, prim_out[1] = {0};
	remote_arg pra[3];
	int result;

	pra[0].buf.pv = prim_in;
	pra[0].buf.nLen = sizeof(prim_in);
	pra[1].buf.pv = (void *)vec;
	pra[1].buf.nLen = (size_t)vecLen * sizeof(*vec);
	pra[2].buf.pv = prim_out;
	pra[2].buf.nLen = sizeof(prim_out);
	result = remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(METHOD_MAX, 2, 1), pra);
	if (!result)
		*res = (int32)prim_out[0];
	return result;
}

int calculator_scale(remote_handle64 h, const int32 *vec, int vecLen, int32 factor, int32 *result,
		     int resultLen)
{
	uint32 prim_in[3] = {(uint32)vecLen, (uint32)factor, (uint32)resultLen};
	remote_arg pra[3];

	pra[0].buf.pv = prim_in;
	pra[0].buf.nLen = sizeof(prim_in);
	pra[1].buf.pv = (void *)vec;
	pra[1].buf.nLen = (size_t)vecLen * sizeof(*vec);
	pra[2].buf.pv = result;
	pra[2].buf.nLen = (size_t)resultLen * sizeof(*result);
	return remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(METHOD_SCALE, 2, 1), pra);
}
