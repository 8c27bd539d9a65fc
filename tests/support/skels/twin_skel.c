/* SPDX-License-Identifier: BSD-3-Clause */
/* A skel whose names the app defines too. Built twice: TWIN is its number. */
#include "AEEStdErr.h"
#include "remote.h"

int twin_value = TWIN;
int twin_count;
int twin_answer(void);
int ENTRY(remote_handle64 h, uint32_t sc, remote_arg *pra);

int twin_answer(void)
{
	return twin_value * 1000 + ++twin_count;
}

/* Methods 0 and 1 open and close; 2 gives what this skel's own names say. */
int ENTRY(remote_handle64 h, uint32_t sc, remote_arg *pra)
{
	(void)h;
	switch (REMOTE_SCALARS_METHOD(sc)) {
	case 0:
		pra[2].h64 = 1;
		return 0;
	case 1:
		return 0;
	default:
		*(int32_t *)pra[0].buf.pv = twin_answer();
		return 0;
	}
}
