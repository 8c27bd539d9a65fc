/* SPDX-License-Identifier: BSD-3-Clause */
/* Asynchronous calls: each ends exactly once, whatever becomes of the session. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "fastrpc.h"
#include "remote.h"
#include "rpcmem.h"
#include "support/counts.h"
#include "support/dead_skels.h"
#include "support/dsp.h"
#include "support/ok.h"
#include "support/stories.h"
#include "support/testmod.h"

#define CDSP 3

static remote_handle64 open_on(const char *domain)
{
	char uri[200];
	remote_handle64 h;

	snprintf(uri, sizeof(uri), "%s&_dom=%s", TESTMOD_URI, domain);
	OK(remote_handle64_open(uri, &h));
	return h;
}

static int submit_return(remote_handle64 h, fastrpc_async_descriptor_t *desc, int32_t value)
{
	remote_arg arg = {.buf = {&value, sizeof(value)}};

	return remote_handle64_invoke_async(h, desc, REMOTE_SCALARS_MAKE(TESTMOD_RETURN, 1, 0),
					    &arg);
}

static int submit_wait(remote_handle64 h, fastrpc_async_descriptor_t *desc, unsigned char *gate)
{
	remote_arg arg = {.buf = {gate, 1}};

	return remote_handle64_invoke_async(h, desc, REMOTE_SCALARS_MAKE(TESTMOD_WAIT, 1, 0), &arg);
}

static unsigned char *new_gate(void)
{
	unsigned char *gate = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 4096);

	assert_non_null(gate);
	*gate = 0;
	return gate;
}

static void open_gate(unsigned char *gate)
{
	__atomic_store_n(gate, 1, __ATOMIC_RELEASE);
}

static void without_support_the_call_fails_at_once(void **state)
{
	fastrpc_async_descriptor_t desc = {.type = FASTRPC_ASYNC_POLL};
	remote_handle64 h = open_on("adsp");

	(void)state;
	/* Jobs are the compute DSP's. */
	assert_int_equal(submit_return(h, &desc, 0), AEE_EUNSUPPORTED);
	assert_string_not_equal(frpc_last_error(), "");
	OK(remote_handle64_close(h));
}

static uint32_t capability_of(uint32_t attribute)
{
	fastrpc_capability capability = {.domain = CDSP, .attribute_ID = attribute};

	OK(remote_handle_control(DSPRPC_GET_DSP_INFO, &capability, sizeof(capability)));
	return capability.capability;
}

static bool has_async(void)
{
	return capability_of(ASYNC_FASTRPC_SUPPORT);
}

/* Whatever its DSP says of itself (FRPC_EMULATOR=attr9=1,attr10=3). */
static void no_capability_promises_what_the_mainline_driver_has_no_command_for(void **state)
{
	bool mainline = !strncmp(getenv("FRPC_TRANSPORT"), "mainline", 8);

	(void)state;
	assert_int_equal(capability_of(ASYNC_FASTRPC_SUPPORT), 0);
	assert_int_equal(capability_of(STATUS_NOTIFICATION_SUPPORT), mainline ? 0 : 3);
}

static void count_call(fastrpc_async_jobid jobid, void *context, int result)
{
	(void)jobid;
	(void)result;
	atomic_fetch_add((_Atomic int *)context, 1);
}

/* On the mainline driver, which has no such command, and on a DSP that says so of itself. */
static void where_the_capability_says_no_every_kind_of_job_is_refused_and_none_is_left(void **state)
{
	static const enum fastrpc_async_notify_type types[] = {
		FASTRPC_ASYNC_NO_SYNC, FASTRPC_ASYNC_CALLBACK, FASTRPC_ASYNC_POLL};
	bool mainline = !strncmp(getenv("FRPC_TRANSPORT"), "mainline", 8);
	_Atomic int calls = 0;
	remote_handle64 h = open_on("cdsp");
	int result;

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		fastrpc_async_descriptor_t desc = {
			.type = types[i],
			.cb = {.fn = count_call, .context = &calls},
		};

		assert_int_equal(submit_return(h, &desc, 0), AEE_EUNSUPPORTED);
		assert_non_null(strstr(frpc_last_error(),
				       mainline ? "this kernel driver has no asynchronous calls"
						: "the DSP has no asynchronous calls"));
	}
	assert_int_equal(testmod_call0(h, TESTMOD_EMPTY), 0);
	assert_int_equal(fastrpc_async_get_status(1, 0, &result), AEE_EBADPARM);
	assert_int_equal(fastrpc_release_async_job(1), AEE_EBADPARM);
	OK(remote_handle64_close(h));
	assert_int_equal(calls, 0);
}

static void a_polled_job_is_pending_then_done_then_released(void **state)
{
	fastrpc_async_descriptor_t desc = {.type = FASTRPC_ASYNC_POLL};
	remote_handle64 h = open_on("cdsp");
	unsigned char *gate = new_gate();
	int result = -1;

	(void)state;
	OK(submit_wait(h, &desc, gate));
	assert_int_not_equal(desc.jobid, 0);
	assert_int_equal(fastrpc_async_get_status(desc.jobid, 0, &result), AEE_EBUSY);
	assert_int_equal(fastrpc_async_get_status(desc.jobid, 1000, &result), AEE_EBUSY);
	assert_int_equal(fastrpc_release_async_job(desc.jobid), AEE_EBUSY);
	open_gate(gate);
	OK(fastrpc_async_get_status(desc.jobid, -1, &result));
	assert_int_equal(result, 0);
	OK(fastrpc_async_get_status(desc.jobid, 0, &result)); /* as often as one likes */
	assert_int_equal(fastrpc_async_get_status(desc.jobid, 0, NULL), AEE_EBADPARM);
	OK(fastrpc_release_async_job(desc.jobid));
	assert_int_equal(fastrpc_release_async_job(desc.jobid), AEE_EBADPARM);
	assert_int_equal(fastrpc_async_get_status(desc.jobid, 0, &result), AEE_EBADPARM);
	OK(remote_handle64_close(h));
	rpcmem_free(gate);
}

static void a_methods_own_answer_is_the_jobs_result_and_outputs_arrive(void **state)
{
	fastrpc_async_descriptor_t desc = {.type = FASTRPC_ASYNC_POLL};
	char *out = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 4096);
	char in[] = "there and back", plain[sizeof(in)];
	remote_arg args[2] = {{.buf = {in, sizeof(in)}}, {.buf = {out, sizeof(in)}}};
	const uint32_t sc = REMOTE_SCALARS_MAKE(TESTMOD_ECHO, 1, 1);
	remote_handle64 h = open_on("cdsp");
	int result = -1;

	(void)state;
	OK(submit_return(h, &desc, 1234));
	OK(fastrpc_async_get_status(desc.jobid, -1, &result));
	assert_int_equal(result, 1234);
	OK(fastrpc_release_async_job(desc.jobid));
	OK(remote_handle64_invoke_async(h, &desc, sc, args));
	OK(fastrpc_async_get_status(desc.jobid, -1, &result));
	assert_int_equal(result, 0);
	assert_string_equal(out, in);
	OK(fastrpc_release_async_job(desc.jobid));
	/* Memory that is nobody's to write to later is refused, and there is no job then. */
	args[1].buf.pv = plain;
	desc.jobid = 0;
	assert_int_equal(remote_handle64_invoke_async(h, &desc, sc, args), AEE_EBADPARM);
	assert_int_equal(fastrpc_async_get_status(desc.jobid, 0, &result), AEE_EBADPARM);
	OK(remote_handle64_close(h));
	rpcmem_free(out);
}

struct seen {
	pthread_t caller;
	_Atomic int calls, wrong, result;
	_Atomic uint64_t id;
};

static void note(fastrpc_async_jobid jobid, void *context, int result)
{
	struct seen *seen = context;

	if (pthread_equal(seen->caller, pthread_self()))
		seen->wrong++;
	seen->id = jobid;
	seen->result = result;
	if (fastrpc_release_async_job(jobid)) /* it has ended: that works from here */
		seen->wrong++;
	seen->calls++;
}

static void a_callback_comes_once_and_not_on_the_callers_stack(void **state)
{
	struct seen seen = {.caller = pthread_self()};
	fastrpc_async_descriptor_t desc = {
		.type = FASTRPC_ASYNC_CALLBACK,
		.cb = {note, &seen},
	};
	remote_handle64 h = open_on("cdsp");

	(void)state;
	OK(submit_return(h, &desc, 77));
	while (!seen.calls)
		usleep(100);
	assert_int_equal(seen.result, 77);
	assert_int_equal(seen.id, desc.jobid);
	assert_int_equal(seen.wrong, 0);
	desc.cb.fn = NULL;
	assert_int_equal(submit_return(h, &desc, 0), AEE_EBADPARM);
	desc.type = 3;
	assert_int_equal(submit_return(h, &desc, 0), AEE_EBADPARM);
	assert_int_equal(submit_return(h, NULL, 0), AEE_EBADPARM);
	desc.type = FASTRPC_ASYNC_POLL;
	assert_int_equal(submit_return(0, &desc, 0), AEE_EINVHANDLE);
	OK(remote_handle64_close(h));
	assert_int_equal(seen.calls, 1);
}

static void a_job_of_no_interest_leaves_nothing(void **state)
{
	fastrpc_async_descriptor_t desc = {.type = FASTRPC_ASYNC_NO_SYNC};
	remote_handle64 h = open_on("cdsp");
	uint32_t before = 0, after = 0;
	int result;

	(void)state;
	OK(testmod_count(h, &before));
	OK(submit_return(h, &desc, 5));
	assert_int_equal(fastrpc_async_get_status(desc.jobid, -1, &result), AEE_EBADPARM);
	assert_int_equal(fastrpc_release_async_job(desc.jobid), AEE_EBADPARM);
	do
		OK(testmod_count(h, &after));
	while (after - before < 2 && usleep(100) == 0);
	OK(remote_handle64_close(h));
}

static void jobs_under_way_end_as_interrupted_when_the_session_is_closed(void **state)
{
	struct seen seen = {.caller = pthread_self()};
	fastrpc_async_descriptor_t called = {
		.type = FASTRPC_ASYNC_CALLBACK,
		.cb = {note, &seen},
	};
	fastrpc_async_descriptor_t polled = {.type = FASTRPC_ASYNC_POLL};
	remote_handle64 h = open_on("cdsp");
	unsigned char *gate = new_gate();
	uint32_t before = 0;
	int result = 0;

	(void)state;
	OK(testmod_count(h, &before));
	OK(submit_wait(h, &called, gate));
	OK(submit_wait(h, &polled, gate));
	OK(testmod_await(h, before, 2)); /* they have reached the module */
	OK(remote_handle64_close(h));
	assert_int_equal(seen.calls, 1); /* before close returned */
	assert_int_equal(seen.wrong, 0);
	OK(fastrpc_async_get_status(polled.jobid, 0, &result));
	assert_int_equal(result, seen.result);
	assert_int_equal(result, AEE_EINTERRUPTED);
	OK(fastrpc_release_async_job(polled.jobid));
	open_gate(gate);
	usleep(1000);
	rpcmem_free(gate);
}

struct closer {
	remote_handle64 h;
	_Atomic int done, result;
};

static void close_from_callback(fastrpc_async_jobid jobid, void *context, int result)
{
	struct closer *closer = context;

	(void)result;
	fastrpc_release_async_job(jobid);
	closer->result = remote_handle64_close(closer->h);
	closer->done = 1;
}

static void a_callback_may_close_the_last_handle(void **state)
{
	struct closer closer = {.result = -1};
	fastrpc_async_descriptor_t desc = {
		.type = FASTRPC_ASYNC_CALLBACK,
		.cb = {close_from_callback, &closer},
	};

	(void)state;
	closer.h = open_on("cdsp");
	OK(submit_return(closer.h, &desc, 0));
	while (!closer.done)
		usleep(100);
	assert_int_equal(closer.result, 0);
}

/* A job that waits, its process gone by @end, and what comes then. */
static void end_under_a_job(int (*end)(struct frpc_emulator *emulator))
{
	fastrpc_async_descriptor_t desc = {.type = FASTRPC_ASYNC_POLL};
	remote_handle64 h = open_on("cdsp");
	struct frpc_emulator *emulator;
	unsigned char *gate = new_gate();
	int result = 0;

	OK(dsps_hold(&emulator));
	OK(submit_wait(h, &desc, gate));
	OK(end(emulator));
	OK(fastrpc_async_get_status(desc.jobid, -1, &result));
	assert_int_equal(result, AEE_ECONNRESET);
	OK(fastrpc_release_async_job(desc.jobid));
	assert_int_equal(submit_return(h, &desc, 0), AEE_ECONNRESET);
	open_gate(gate);
	OK(remote_handle64_close(h));
	frpc_emulator_free(emulator);
	rpcmem_free(gate);
}

static int restart(struct frpc_emulator *emulator)
{
	(void)emulator;
	return dsp_restart(CDSP);
}

static int kill_processes(struct frpc_emulator *emulator)
{
	return frpc_emulator_kill_processes(emulator, CDSP, 0, 2);
}

static void jobs_end_as_reset_when_the_dsp_restarts(void **state)
{
	(void)state;
	end_under_a_job(restart);
}

static void jobs_end_as_reset_when_their_process_is_killed(void **state)
{
	(void)state;
	if (dsps_are_in_a_rig())
		skip(); /* whose processes nobody here can kill */
	end_under_a_job(kill_processes);
}

#define THREADS 8

struct crowd {
	remote_handle64 h;
	uint32_t each;
	_Atomic uint32_t ended, wrong;
};

static void count_end(fastrpc_async_jobid jobid, void *context, int result)
{
	struct crowd *crowd = context;

	if (result != 42 || fastrpc_release_async_job(jobid))
		crowd->wrong++;
	crowd->ended++;
}

/* Half of the jobs are polled, the others call back. */
static void *submit_many(void *arg)
{
	struct crowd *crowd = arg;

	for (uint32_t i = 0; i < crowd->each; i++) {
		fastrpc_async_descriptor_t desc = {
			.type = i & 1 ? FASTRPC_ASYNC_POLL : FASTRPC_ASYNC_CALLBACK,
			.cb = {count_end, crowd},
		};
		int res, result = 0;

		while ((res = submit_return(crowd->h, &desc, 42)) == AEE_EEXPIRED)
			usleep(50); /* the driver lets only so many through at a time */
		if (res) {
			crowd->wrong++;
			crowd->ended++;
		} else if (desc.type == FASTRPC_ASYNC_POLL) {
			if (fastrpc_async_get_status(desc.jobid, -1, &result) || result != 42 ||
			    fastrpc_release_async_job(desc.jobid))
				crowd->wrong++;
			crowd->ended++;
		}
	}
	return NULL;
}

static void jobs_of_eight_threads_end_exactly_once_each(void **state)
{
	struct crowd crowd = {.each = (uint32_t)count_of(125000, 10000, 250)};
	pthread_t threads[THREADS];

	(void)state;
	crowd.h = open_on("cdsp");
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, submit_many, &crowd);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	while (crowd.ended < crowd.each * THREADS)
		usleep(1000);
	usleep(10000);
	assert_int_equal(crowd.ended, crowd.each * THREADS);
	assert_int_equal(crowd.wrong, 0);
	OK(remote_handle64_close(crowd.h));
}

static void nothing_is_left_behind(void **state)
{
	static story_fn *const stories[] = {
		a_polled_job_is_pending_then_done_then_released,
		a_callback_comes_once_and_not_on_the_callers_stack,
		a_callback_may_close_the_last_handle,
		jobs_under_way_end_as_interrupted_when_the_session_is_closed,
	};

	assert_nothing_is_left(stories, sizeof(stories) / sizeof(*stories), 3, state);
}

int main(void)
{
	const struct CMUnitTest without[] = {
		cmocka_unit_test(
			no_capability_promises_what_the_mainline_driver_has_no_command_for),
		cmocka_unit_test(without_support_the_call_fails_at_once),
		cmocka_unit_test(
			where_the_capability_says_no_every_kind_of_job_is_refused_and_none_is_left),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_support_the_call_fails_at_once),
		cmocka_unit_test(a_polled_job_is_pending_then_done_then_released),
		cmocka_unit_test(a_methods_own_answer_is_the_jobs_result_and_outputs_arrive),
		cmocka_unit_test(a_callback_comes_once_and_not_on_the_callers_stack),
		cmocka_unit_test(a_job_of_no_interest_leaves_nothing),
		cmocka_unit_test(jobs_under_way_end_as_interrupted_when_the_session_is_closed),
		cmocka_unit_test(a_callback_may_close_the_last_handle),
		cmocka_unit_test(jobs_end_as_reset_when_the_dsp_restarts),
		cmocka_unit_test(jobs_end_as_reset_when_their_process_is_killed),
		cmocka_unit_test(jobs_of_eight_threads_end_exactly_once_each),
		cmocka_unit_test(nothing_is_left_behind),
	};

	if (!has_async())
		return cmocka_run_group_tests(without, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
