/* SPDX-License-Identifier: BSD-3-Clause */
/* The process engine: what a skel does to its process ends that DSP process, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "AEEStdErr.h"
#include "dspqueue.h"
#include "fastrpc.h"
#include "remote.h"
#include "rpcmem.h"
#include "support/testmod.h"

#define CRASH_URI(session) \
	"file:///"         \
	"libcrash_skel.so?crash_skel_handle_invoke&_modver=1.0&_dom=cdsp&_session=" #session
#define SCRIBBLING_URI \
	"file:///"     \
	"libcrash_skel.so?crash_skel_scribble&_modver=1.0&_dom=cdsp&_session=1"
#define SESSION(uri, number) uri "&_dom=cdsp&_session=" #number
#define PROCESS_DIED	     AEE_ECONNRESET /* what the library makes of 0x8000040d and 39 */

enum {
	ABORT = 2,
	WILD = 3,
	LOOP = 4,
	EXIT = 5,
	PID = 6,
	TAKE_ALL = 10,
	THREAD_ABORTS = 11,
	WAIT = 12,
	IMPORT = 13,
};

static remote_handle64 open_module(const char *uri)
{
	remote_handle64 h = 0;

	if (remote_handle64_open(uri, &h))
		fail_msg("%s", frpc_last_error());
	return h;
}

static int call(remote_handle64 h, uint32_t method)
{
	return remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(method, 0, 0), NULL);
}

static int32_t pid_of(remote_handle64 h)
{
	int32_t pid = 0;
	remote_arg arg = {.buf = {&pid, sizeof(pid)}};

	assert_int_equal(remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(PID, 0, 1), &arg), 0);
	return pid;
}

static void each_session_is_a_process_of_its_own(void **state)
{
	remote_handle64 one = open_module(CRASH_URI(0)), two = open_module(CRASH_URI(1));

	(void)state;
	assert_int_not_equal(pid_of(one), getpid());
	assert_int_not_equal(pid_of(two), getpid());
	assert_int_not_equal(pid_of(one), pid_of(two));
	assert_int_equal(call(one, 9), 77);
	/* They are no children that the app knows of. */
	errno = 0;
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(remote_handle64_close(one), 0);
	assert_int_equal(remote_handle64_close(two), 0);
}

static void it_dies_and_the_others_live(const char *uri, uint32_t method)
{
	remote_handle64 witness = open_module(SESSION(TESTMOD_URI, 0));
	remote_handle64 h = open_module(uri);
	int32_t vector[2] = {40, 2};
	int64_t sum = 0;

	assert_int_equal(call(h, method), PROCESS_DIED);
	assert_int_not_equal(call(h, 9), 77); /* it stays dead */
	assert_int_equal(testmod_sum(witness, vector, 2, &sum), 0);
	assert_int_equal(sum, 42);
	remote_handle64_close(h);
	assert_int_equal(remote_handle64_close(witness), 0);
}

static void an_abort_ends_the_dsp_process_alone(void **state)
{
	(void)state;
	it_dies_and_the_others_live(CRASH_URI(1), ABORT);
}

static void a_wild_access_ends_the_dsp_process_alone(void **state)
{
	(void)state;
	it_dies_and_the_others_live(CRASH_URI(2), WILD);
}

static void an_exit_ends_the_dsp_process_alone(void **state)
{
	(void)state;
	it_dies_and_the_others_live(CRASH_URI(3), EXIT);
}

/* It may go on: it has harmed nobody but itself. */
static void a_skel_that_scribbles_over_its_call_does_not_reach_the_app(void **state)
{
	remote_handle64 h = open_module(SCRIBBLING_URI);

	(void)state;
	assert_int_equal(call(h, 9), 77);
	assert_int_equal(remote_handle64_close(h), 0);
}

static void shared_buffers_are_the_same_memory_in_both(void **state)
{
	remote_handle64 h = open_module(SESSION(TESTMOD_URI, 0));
	unsigned char *bytes = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 65536);
	unsigned char in[4000], out[4000];

	(void)state;
	assert_non_null(bytes);
	bytes[0] = 99;
	assert_int_equal(testmod_touch(h, bytes, 65536), 0);
	assert_int_equal(bytes[65535], 99);
	memset(in, 0x5a, sizeof(in));
	assert_int_equal(testmod_pass(h, TESTMOD_ECHO, in, sizeof(in), out, sizeof(out)), 0);
	assert_memory_equal(in, out, sizeof(in));
	rpcmem_free(bytes);
	assert_int_equal(remote_handle64_close(h), 0);
}

/* Vector memory, vector contexts and cache are the DSP's, not the process's. */
static void what_a_dead_process_held_is_free_for_the_next(void **state)
{
	remote_handle64 first = open_module(CRASH_URI(1)), second = open_module(CRASH_URI(2));

	(void)state;
	assert_int_equal(call(first, TAKE_ALL), 0);
	assert_int_equal(call(first, ABORT), PROCESS_DIED);
	assert_int_equal(call(second, TAKE_ALL), 0);
	remote_handle64_close(first);
	assert_int_equal(remote_handle64_close(second), 0);
	second = open_module(CRASH_URI(3));
	assert_int_equal(call(second, TAKE_ALL), 0);
	assert_int_equal(remote_handle64_close(second), 0);
}

/* Nobody has to call it for that. */
static void a_crash_in_a_thread_of_its_own_ends_the_dsp_process(void **state)
{
	remote_handle64 first = open_module(CRASH_URI(1)), second = open_module(CRASH_URI(2));
	int res;

	(void)state;
	assert_int_equal(call(first, TAKE_ALL), 0);
	res = call(first, THREAD_ABORTS);
	if (res) /* it was that fast */
		assert_int_equal(res, PROCESS_DIED);
	assert_int_equal(call(second, TAKE_ALL), 0);
	assert_int_not_equal(call(first, 9), 77);
	remote_handle64_close(first);
	assert_int_equal(remote_handle64_close(second), 0);
}

static void on_error(dspqueue_t queue, AEEResult error, void *context)
{
	(void)queue;
	atomic_store((_Atomic int *)context, error);
}

static void the_app_hears_that_the_queue_of_a_dead_process_is_dead(void **state)
{
	remote_handle64 h = open_module(CRASH_URI(0));
	_Atomic int error = 0;
	dspqueue_t queue;
	uint64_t id;
	remote_arg arg = {.buf = {&id, sizeof(id)}};

	(void)state;
	assert_int_equal(
		dspqueue_create(CDSP_DOMAIN_ID, 0, 4096, 4096, NULL, on_error, &error, &queue), 0);
	assert_int_equal(dspqueue_export(queue, &id), 0);
	assert_int_equal(remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(IMPORT, 1, 0), &arg), 0);
	assert_int_equal(dspqueue_close(queue), AEE_EBADPARM); /* it is imported */
	assert_int_equal(call(h, ABORT), PROCESS_DIED);
	while (!atomic_load(&error))
		sched_yield();
	/* By the call that fails, or by the mark in the shared memory. */
	assert_true(error == AEE_ENOSUCH || error == AEE_ECONNRESET);
	dspqueue_close(queue);
	remote_handle64_close(h);
}

struct looping {
	remote_handle64 h;
	uint32_t method;
	unsigned char *begun;
	int res;
};

static void *loop(void *arg)
{
	struct looping *looping = arg;
	remote_arg out = {.buf = {looping->begun, 4096}};

	looping->res = remote_handle64_invoke(looping->h,
					      REMOTE_SCALARS_MAKE(looping->method, 0, 1), &out);
	return NULL;
}

/* The DSP's watchdog, a debugger or another client kills it. */
static void it_ends_with_its_process(uint32_t method)
{
	struct looping looping = {open_module(CRASH_URI(0)), method};
	pthread_t thread;

	looping.begun = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 4096);
	assert_non_null(looping.begun);
	looping.begun[0] = 0;
	assert_int_equal(pthread_create(&thread, NULL, loop, &looping), 0);
	while (!__atomic_load_n(looping.begun, __ATOMIC_ACQUIRE))
		sched_yield();
	assert_int_equal(kill(pid_of(looping.h), 9), 0);
	pthread_join(thread, NULL);
	assert_int_equal(looping.res, PROCESS_DIED);
	rpcmem_free(looping.begun);
	remote_handle64_close(looping.h);
}

static void an_endless_loop_ends_with_its_process(void **state)
{
	(void)state;
	it_ends_with_its_process(LOOP);
}

static void a_wait_for_ever_ends_with_its_process(void **state)
{
	(void)state;
	it_ends_with_its_process(WAIT);
}

/* What the processes of a DSP share is shared by these, too. */
static void vector_memory_goes_from_one_process_to_the_other(void **state)
{
	remote_handle64 first = open_module(CRASH_URI(1)), second = open_module(CRASH_URI(2));

	(void)state;
	assert_int_equal(call(first, TAKE_ALL), 0);
	assert_int_equal(remote_handle64_close(first), 0);
	assert_int_equal(call(second, TAKE_ALL), 0);
	assert_int_equal(remote_handle64_close(second), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_session_is_a_process_of_its_own),
		cmocka_unit_test(an_abort_ends_the_dsp_process_alone),
		cmocka_unit_test(a_wild_access_ends_the_dsp_process_alone),
		cmocka_unit_test(an_exit_ends_the_dsp_process_alone),
		cmocka_unit_test(a_skel_that_scribbles_over_its_call_does_not_reach_the_app),
		cmocka_unit_test(shared_buffers_are_the_same_memory_in_both),
		cmocka_unit_test(an_endless_loop_ends_with_its_process),
		cmocka_unit_test(a_wait_for_ever_ends_with_its_process),
		cmocka_unit_test(vector_memory_goes_from_one_process_to_the_other),
		cmocka_unit_test(what_a_dead_process_held_is_free_for_the_next),
		cmocka_unit_test(the_app_hears_that_the_queue_of_a_dead_process_is_dead),
		cmocka_unit_test(a_crash_in_a_thread_of_its_own_ends_the_dsp_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
