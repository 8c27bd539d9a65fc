/* SPDX-License-Identifier: BSD-3-Clause */
/* A skel that does what ends a process. Its methods: see test_processes.c. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "AEEStdErr.h"
#include "remote.h"

int crash_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra);

/* As if no sanitizer were there: the signal alone is meant. */
static void die_of(int sig)
{
	signal(sig, SIG_DFL);
	raise(sig);
}

static void wild_access(void)
{
	static volatile int *volatile nowhere = (volatile int *)8;

	signal(SIGSEGV, SIG_DFL);
	*nowhere = 1;
}

int crash_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra)
{
	(void)h;
	switch (REMOTE_SCALARS_METHOD(sc)) {
	case 0:
		pra[2].h64 = 1;
		return 0;
	case 1:
		return 0;
	case 2:
		die_of(SIGABRT);
		return 0;
	case 3:
		wild_access();
		return 0;
	case 4: /* says that it has begun, and never ends */
		*(volatile unsigned char *)pra[0].buf.pv = 1;
		for (;;)
			usleep(1000);
	case 5:
		_exit(3);
	case 6: /* whose process this is */
		*(int32_t *)pra[0].buf.pv = (int32_t)getpid();
		return 0;
	default:
		return 77;
	}
}
