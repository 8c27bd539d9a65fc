/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Eight threads do everything an app does, while the DSP is restarted under them again and again:
 * whatever fails, fails with the code that is documented for it, and what is opened afterwards works.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "dspqueue.h"
#include "fastrpc.h"
#include "remote.h"
#include "rpcmem.h"
#include "support/counts.h"
#include "support/dead_skels.h"
#include "support/dsp.h"
#include "support/leaks.h"
#include "support/testmod.h"

#define CDSP	3
#define THREADS 8
#define SIZE	8192

static _Atomic uint64_t rounds; /* that all threads have done */
static _Atomic uint64_t worked; /* of them, to the end without a restart in between */
static _Atomic bool over;
static _Atomic int failures;
static char first_failure[400];
static bool downstream;

/* Is @code 0 or one that a restart may give there? */
static bool fine(const char *what, int code, int allowed, int allowed_too)
{
	if (!code || code == allowed || code == allowed_too)
		return !code;
	if (!atomic_fetch_add(&failures, 1))
		snprintf(first_failure, sizeof(first_failure), "%s: 0x%x %s", what,
			 (unsigned int)code, frpc_last_error());
	return false;
}

/* A real driver shows a node before its sessions: whoever comes between finds none free. */
static bool has_no_sessions_yet(int code)
{
	return code == AEE_ERPC && dsps_are_in_a_rig() && strstr(frpc_last_error(), "busy");
}

/*
 * What opens a session finds the DSP on its way down or up: no node is there (mainline), or a node
 * without a DSP behind it.
 */
static bool fine_opening(const char *what, int code)
{
	if (!downstream && (code == AEE_ENOSUCHDEVICE || has_no_sessions_yet(code)))
		return false;
	return fine(what, code, AEE_ECONNRESET, AEE_ECONNREFUSED);
}

static void wrong(const char *what)
{
	if (!atomic_fetch_add(&failures, 1))
		snprintf(first_failure, sizeof(first_failure), "%s", what);
}

static bool calls(remote_handle64 h, unsigned char *in, unsigned char *out)
{
	const int32_t vector[] = {20, 22};
	int64_t sum = 0;

	for (int i = 0; i < 5; i++) {
		if (!fine("sum", testmod_sum(h, vector, 2, &sum), AEE_ECONNRESET, 0))
			return false;
		if (sum != 42)
			wrong("a sum");
	}
	memset(in, (int)(rounds & 0xff), SIZE);
	if (!fine("echo", testmod_pass(h, TESTMOD_ECHO, in, SIZE, out, SIZE), AEE_ECONNRESET, 0))
		return false;
	if (memcmp(in, out, SIZE) != 0)
		wrong("an echo");
	return true;
}

static bool maps(unsigned char *bytes, enum fastrpc_map_flags flags)
{
	int fd = rpcmem_to_fd(bytes);

	if (!fine_opening("map", fastrpc_mmap(CDSP, fd, bytes, 0, SIZE, flags)))
		return false;
	/* A restart has forgotten it. */
	return fine("unmap", fastrpc_munmap(CDSP, fd, bytes, SIZE), AEE_ENOSUCHMAP, AEE_ECONNRESET);
}

static bool job(remote_handle64 h)
{
	fastrpc_async_descriptor_t desc = {.type = FASTRPC_ASYNC_POLL};
	int result = -1;
	bool ok;

	if (!downstream)
		return true;
	if (!fine("submit",
		  remote_handle64_invoke_async(h, &desc, REMOTE_SCALARS_MAKE(TESTMOD_EMPTY, 0, 0),
					       NULL),
		  AEE_ECONNRESET, 0))
		return false;
	fine("job", fastrpc_async_get_status(desc.jobid, -1, &result), 0, 0);
	ok = fine("job's result", result, AEE_ECONNRESET, 0);
	fine("release", fastrpc_release_async_job(desc.jobid), 0, 0);
	return ok;
}

/* Nobody reads it on the DSP: it is written to, read in vain and closed. */
static bool queue(void)
{
	uint8_t message[8] = {0};
	uint32_t length;
	dspqueue_t q;
	bool ok;

	if (!fine_opening("queue", dspqueue_create(CDSP, 0, 0, 0, NULL, NULL, NULL, &q)))
		return false;
	ok = fine("write", dspqueue_write(q, 0, 0, NULL, sizeof(message), message, 1000),
		  AEE_EBADSTATE, 0);
	if (dspqueue_read(q, NULL, 0, NULL, NULL, sizeof(message), &length, message, 1000) == 0)
		wrong("a packet from nowhere");
	fine("close queue", dspqueue_close(q), 0, 0);
	return ok;
}

/* 32-bit clients of the downstream driver cannot say SESS_INFO: SETMODE tells two sessions apart. */
static uint32_t sessions(void)
{
	return downstream && sizeof(void *) == 4 ? 2 : 4;
}

static void *work(void *arg)
{
	unsigned char *in = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, SIZE);
	unsigned char *out = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, SIZE);
	uint32_t self = (uint32_t)(uintptr_t)arg;
	char uri[200];

	if (!in || !out)
		wrong("no memory");
	/* Two threads or more a session: some share one, some do not. */
	snprintf(uri, sizeof(uri), "%s&_dom=cdsp&_session=%u", TESTMOD_URI, self / 2 % sessions());
	while (!over && !failures) {
		remote_handle64 h;
		bool ok;

		rounds++;
		if (!fine_opening("open", remote_handle64_open(uri, &h)))
			continue;
		ok = calls(h, in, out) &&
		     maps(in, rounds & 1 ? FASTRPC_MAP_FD : FASTRPC_MAP_STATIC) && job(h) &&
		     queue();
		/* A machine that is busy enough does not end a session in time. */
		fine("close", remote_handle64_close(h), AEE_EEXPIRED, 0);
		worked += ok;
	}
	rpcmem_free(in);
	rpcmem_free(out);
	return NULL;
}

static void one_round_works(void)
{
	static unsigned char in[SIZE], out[SIZE];
	remote_handle64 h;

	for (uint32_t session = 0; session < sessions(); session++) {
		char uri[200];

		snprintf(uri, sizeof(uri), "%s&_dom=cdsp&_session=%u", TESTMOD_URI, session);
		assert_int_equal(remote_handle64_open(uri, &h), 0);
		assert_true(calls(h, in, out));
		assert_true(job(h));
		assert_int_equal(remote_handle64_close(h), 0);
	}
	assert_true(queue());
}

/* Restarts once the threads have done @between rounds more, and once one of them went to its end. */
static void restart_when_busy(uint64_t between)
{
	uint64_t until = rounds + between, whole = worked;

	while ((rounds < until || worked == whole) && !failures)
		usleep(200);
	assert_int_equal(dsp_restart(CDSP), 0);
}

static void storm(int restarts)
{
	struct frpc_emulator *emulator;
	pthread_t threads[THREADS];

	assert_int_equal(dsps_hold(&emulator), 0);
	one_round_works();
	over = false;
	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, (void *)i), 0);
	for (int i = 0; i < restarts && !failures; i++)
		restart_when_busy(1 + (uint64_t)i % 40);
	over = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	if (failures)
		fail_msg("%d failures; the first: %s", failures, first_failure);
	one_round_works();
	if (!emulator)
		return; /* a rig's DSP does not say what it keeps */
	/* Nor does the DSP keep a process that nobody knows of; a queue's threads let go in a moment. */
	for (int i = 0; i < 1000 && frpc_emulator_processes(emulator, CDSP); i++)
		usleep(10000);
	assert_int_equal(frpc_emulator_processes(emulator, CDSP), 0);
	frpc_emulator_free(emulator);
}

static void restarts_under_eight_busy_threads_give_the_documented_code_and_nothing_else(
	void **state)
{
	struct resources before;

	(void)state;
	downstream = !strncmp(getenv("FRPC_TRANSPORT"), "downstream", 10);
	storm(1); /* sanitizers start threads of their own */
	before = resources_at_rest();
	storm(count_of(500, 100, 12));
	/* The machine, with what it had cached, is gone as well. */
	assert_resources_are_back(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			restarts_under_eight_busy_threads_give_the_documented_code_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
