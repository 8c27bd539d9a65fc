/* SPDX-License-Identifier: BSD-3-Clause */
/* What runs on the DSP. */
#include <stdlib.h>

#include "AEEStdErr.h"
#include "calculator.h"

/* One calculator for each open handle. */
struct calculator {
	int calls;
};

int calculator_open(const char *uri, remote_handle64 *h)
{
	struct calculator *calculator = calloc(1, sizeof(*calculator));

	(void)uri;
	if (!calculator)
		return AEE_ENOMEMORY;
	*h = (remote_handle64)(uintptr_t)calculator;
	return AEE_SUCCESS;
}

int calculator_close(remote_handle64 h)
{
	free((void *)(uintptr_t)h);
	return AEE_SUCCESS;
}

int calculator_sum(remote_handle64 h, const int32 *vec, int vecLen, int64 *res)
{
	(void)h;
	*res = 0;
	for (int i = 0; i < vecLen; i++)
		*res += vec[i];
	return AEE_SUCCESS;
}

int calculator_max(remote_handle64 h, const int32 *vec, int vecLen, int32 *res)
{
	(void)h;
	if (vecLen <= 0)
		return AEE_EBADPARM;
	*res = vec[0];
	for (int i = 1; i < vecLen; i++)
		if (vec[i] > *res)
			*res = vec[i];
	return AEE_SUCCESS;
}

int calculator_scale(remote_handle64 h, const int32 *vec, int vecLen, int32 factor, int32 *result,
		     int resultLen)
{
	(void)h;
	if (resultLen < vecLen)
		return AEE_EBADPARM;
	for (int i = 0; i < vecLen; i++)
		result[i] = vec[i] * factor;
	return AEE_SUCCESS;
}
