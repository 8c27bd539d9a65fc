/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RPC_POLL_QOS: a call ends when the DSP's word for it stands behind its arguments, without an answer.
 * FRPC_EMULATOR says whether driver and DSP can: the mainline driver from 7.3 on, on the SoCs it knows.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "emulator.h"
#include "fastrpc.h"
#include "remote.h"
#include "support/testmod.h"

#define MOST_US 10000u
#define ATTEMPTS \
	50 /* the driver polls for ten milliseconds: on a busy machine the DSP may take more */

static bool downstream, capable;

static int vote(remote_handle64 h, uint32_t enable, uint32_t us)
{
	struct remote_rpc_control_latency request = {enable, us};

	return remote_handle64_control(h, DSPRPC_CONTROL_LATENCY, &request, sizeof(request));
}

static remote_handle64 open_module(void)
{
	remote_handle64 h;

	if (remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h))
		fail_msg("%s", frpc_last_error());
	return h;
}

struct call {
	remote_handle64 h;
	int32_t code; /* which the method answers with */
	_Atomic bool over;
	int result;
};

static void *run_call(void *arg)
{
	struct call *call = arg;
	remote_arg args = {.buf = {&call->code, sizeof(call->code)}};

	call->result =
		remote_handle64_invoke(call->h, REMOTE_SCALARS_MAKE(TESTMOD_RETURN, 1, 0), &args);
	atomic_store(&call->over, true);
	return NULL;
}

/* A call to a DSP that holds its answer back for a tenth of a second. True: it was over before. */
static bool ends_without_an_answer(struct frpc_emulator *machine, remote_handle64 h, int32_t code)
{
	const struct timespec nap = {.tv_nsec = 1000000};
	struct call call = {.h = h, .code = code, .result = -1};
	pthread_t thread;
	bool over;

	assert_int_equal(frpc_emulator_set_faults(machine, CDSP_DOMAIN_ID, FRPC_EMULATOR_SILENT),
			 0);
	assert_int_equal(pthread_create(&thread, NULL, run_call, &call), 0);
	for (int i = 0; i < 100 && !atomic_load(&call.over); i++)
		nanosleep(&nap, NULL);
	over = atomic_load(&call.over);
	assert_int_equal(frpc_emulator_set_faults(machine, CDSP_DOMAIN_ID, 0), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(call.result, code);
	return over;
}

static void a_polled_call_ends_by_the_dsps_word_alone(void **state)
{
	struct frpc_emulator *machine;
	remote_handle64 h;
	int attempt = 0;

	(void)state;
	assert_int_equal(frpc_emulator_default(&machine, NULL, 0), 0);
	h = open_module();
	assert_false(ends_without_an_answer(machine, h, 0));
	assert_int_equal(vote(h, RPC_POLL_QOS, MOST_US), 0);
	while (!ends_without_an_answer(machine, h, 0))
		assert_true(++attempt < ATTEMPTS);
	/* The word is for success alone: a code has to be waited for. */
	assert_false(ends_without_an_answer(machine, h, 7));
	assert_int_equal(vote(h, RPC_DISABLE_QOS, 0), 0);
	assert_false(ends_without_an_answer(machine, h, 0));
	assert_int_equal(remote_handle64_close(h), 0);
	frpc_emulator_free(machine);
}

static void polled_calls_bring_their_outputs_and_the_methods_own_codes(void **state)
{
	remote_handle64 h = open_module();
	char in[5000], out[sizeof(in)];
	int64_t sum;

	(void)state;
	assert_int_equal(vote(h, RPC_POLL_QOS, MOST_US), 0);
	for (int32_t i = 0; i < 100; i++) {
		const int32_t vector[] = {i, 2 * i, -1};
		remote_arg arg = {.buf = {&i, sizeof(i)}};

		assert_int_equal(testmod_sum(h, vector, 3, &sum), 0);
		assert_int_equal(sum, 3 * i - 1);
		memset(in, i, sizeof(in));
		memset(out, ~i, sizeof(out));
		assert_int_equal(testmod_pass(h, TESTMOD_ECHO, in, sizeof(in), out, sizeof(out)),
				 0);
		assert_memory_equal(in, out, sizeof(in));
		assert_int_equal(
			remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(TESTMOD_RETURN, 1, 0), &arg),
			i);
	}
	assert_int_equal(remote_handle64_close(h), 0);
}

/* The lines of @path that hold @words. */
static int lines_with(const char *path, const char *words)
{
	FILE *file = fopen(path, "re");
	char line[2000];
	int found = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		found += strstr(line, words) != NULL;
	fclose(file);
	return found;
}

#define TOLD_DSP "INVOKE handle=0x4 sc=0x9010000 method=9 in[8]"

/* How often the trace has the driver being told, and taking it. */
static void expect_told(const char *path, int on, int off, int taken)
{
	const char *command =
		downstream ? " CONTROL req=7 enable=" : " SET_OPTION request_id=1 value=";
	char words[100];

	snprintf(words, sizeof(words), "%s0x1", command);
	assert_int_equal(lines_with(path, words), on);
	snprintf(words, sizeof(words), "%s0x0", command);
	assert_int_equal(lines_with(path, words), off);
	assert_int_equal(lines_with(path, downstream ? " CONTROL = 0 " : " SET_OPTION = 0 "),
			 taken);
}

static void driver_and_dsp_are_told_and_told_again_when_it_ends(void **state)
{
	char path[] = "/tmp/frpc-trace-XXXXXX", words[100],
	     *base = strdup(getenv("FRPC_TRANSPORT"));
	int fd = mkstemp(path), one = capable ? 1 : 0;
	remote_handle64 h;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	snprintf(words, sizeof(words), "trace=%s:%s", path, base);
	setenv("FRPC_TRANSPORT", words, 1);
	h = open_module();
	assert_int_equal(vote(h, RPC_POLL_QOS, MOST_US + 1), AEE_EBADPARM);
	assert_int_equal(lines_with(path, TOLD_DSP), 0);
	expect_told(path, 0, 0, 0);
	assert_int_equal(vote(h, RPC_POLL_QOS, MOST_US), capable ? 0 : AEE_EUNSUPPORTED);
	if (!capable)
		assert_non_null(strstr(frpc_last_error(), "the driver does not poll for this DSP"));
	assert_int_equal(lines_with(path, TOLD_DSP), 2 - one); /* on; refused, off again */
	expect_told(path, 1, 0, one);
	assert_int_equal(testmod_call0(h, TESTMOD_EMPTY), 0);
	assert_int_equal(vote(h, RPC_DISABLE_QOS, 0), 0);
	assert_int_equal(lines_with(path, TOLD_DSP), 2);
	expect_told(path, 1, one, 2 * one);
	assert_int_equal(testmod_call0(h, TESTMOD_EMPTY), 0);
	assert_int_equal(remote_handle64_close(h), 0);
	setenv("FRPC_TRANSPORT", base, 1);
	unlink(path);
	free(base);
}

int main(void)
{
	const char *words = getenv("FRPC_EMULATOR");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(driver_and_dsp_are_told_and_told_again_when_it_ends),
		cmocka_unit_test(a_polled_call_ends_by_the_dsps_word_alone),
		cmocka_unit_test(polled_calls_bring_their_outputs_and_the_methods_own_codes),
	};
	const struct CMUnitTest refused[] = {
		cmocka_unit_test(driver_and_dsp_are_told_and_told_again_when_it_ends),
	};

	downstream = strstr(getenv("FRPC_TRANSPORT"), "downstream");
	capable = downstream || (words && strstr(words, "arch=73"));
	if (!capable)
		return cmocka_run_group_tests(refused, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
