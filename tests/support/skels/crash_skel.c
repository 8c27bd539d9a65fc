/* SPDX-License-Identifier: BSD-3-Clause */
/* A skel that does what ends a process. Its methods: see test_processes.c. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "AEEStdErr.h"
#include "HAP_compute_res.h"
#include "dspqueue.h"
#include "qurt_hvx.h"
#include "qurt_signal.h"
#include "qurt_thread.h"
#include "remote.h"
#include "sysmon_cachelock.h"

int crash_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra);
int crash_skel_scribble(remote_handle64 h, uint32_t sc, remote_arg *pra);

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

/* All of what the DSP's processes share; waits for it. */
static int take_all(void)
{
	unsigned int total = 0;
	compute_res_attr_t attr;

	memset(&attr, 0, sizeof(attr));
	if (HAP_compute_res_query_VTCM(0, &total, NULL, NULL, NULL) ||
	    HAP_compute_res_attr_init(&attr) ||
	    HAP_compute_res_attr_set_vtcm_param(&attr, total, 1) ||
	    !HAP_compute_res_acquire(&attr, 4000000000u))
		return 1;
	memset(HAP_compute_res_attr_get_vtcm_ptr(&attr), 0x77, total);
	if (!HAP_cache_lock((unsigned int)HAP_query_total_cachelock(), NULL))
		return 2;
	return qurt_hvx_reserve(0) == qurt_hvx_get_units() >> 8 ? 0 : 3;
}

static int wait_for_ever(void)
{
	qurt_signal_t never;

	qurt_signal_init(&never);
	qurt_signal_wait(&never, 1, QURT_SIGNAL_ATTR_WAIT_ANY);
	return 0;
}

static void abort_soon(void *arg)
{
	(void)arg;
	die_of(SIGABRT);
}

static int start_aborting(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	qurt_thread_attr_t attr;
	qurt_thread_t thread;

	qurt_thread_attr_init(&attr);
	qurt_thread_attr_set_name(&attr, (char[]){"doomed"});
	qurt_thread_attr_set_stack_addr(&attr, stack);
	qurt_thread_attr_set_stack_size(&attr, sizeof(stack));
	qurt_thread_attr_set_priority(&attr, 100);
	return qurt_thread_create(&thread, &attr, abort_soon, NULL);
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
	case 10:
		return take_all();
	case 11:
		return start_aborting();
	case 12: /* says that it has begun, and waits for a signal that never comes */
		*(volatile unsigned char *)pra[0].buf.pv = 1;
		return wait_for_ever();
	case 13: { /* a queue of the CPU's, with nobody to read it */
		static dspqueue_t queue;
		uint64_t id;

		memcpy(&id, pra[0].buf.pv, sizeof(id));
		return dspqueue_import(id, NULL, NULL, NULL, &queue);
	}
	default:
		return 77;
	}
}

/* Its open writes before its first buffer: there its process keeps what it was told of the call. */
int crash_skel_scribble(remote_handle64 h, uint32_t sc, remote_arg *pra)
{
	if (!REMOTE_SCALARS_METHOD(sc)) {
		volatile uint32_t *word = pra[0].buf.pv;

		while (*--word != sc)
			;
		word[2] = 500; /* arguments */
	}
	return crash_skel_handle_invoke(h, sc, pra);
}
