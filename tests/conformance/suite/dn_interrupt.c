/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: calls' ids, and what becomes of interrupted ones (first steps: dn_invoke.c). */
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "dn.h"

#define STATUS	  EMU_TESTMOD_STATUS
#define STATUS_SC FRPC_SC_MAKE(STATUS, 0, 0)

static uint64_t ctx_of_a_call(struct conf *conf, struct conf_client *client)
{
	struct conf_record record = {{0}};
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL), 0);
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record);
	return record.head.ctx;
}

static void the_lowest_free_entry_is_used(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_held *held;
	uint64_t taken;

	conf_equal(conf, ctx_of_a_call(conf, client) >> 6 & 1023, 70);
	conf_equal(conf, ctx_of_a_call(conf, client) >> 6 & 1023, 70);
	held = conf_hold_call(conf, client, STATUS, 0, 0, NULL);
	if (!held)
		return;
	/* One of the suite's own calls, by which it looks, may have been there just then. */
	taken = dn_ctx(held) >> 6 & 1023;
	conf_true(conf, taken == 70 || taken == 71);
	conf_equal(conf, ctx_of_a_call(conf, client) >> 6 & 1023, taken == 70 ? 71 : 70);
	conf_end_held(held, 0);
}

static void a_channels_calls_are_numbered(struct conf *conf)
{
	struct conf_client *client = conf_process(conf), *other = conf_process(conf);
	uint64_t first = ctx_of_a_call(conf, client) >> 16;
	uint64_t second = ctx_of_a_call(conf, other) >> 16;

	/* Three of the suite's own are between: marking, finding, marking. */
	conf_true(conf, second > first && second - first < 16);
}

static void the_message_carries_thread_and_client(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t id = conf_client_id(client);
	struct conf_held *held = conf_hold_call(conf, client, STATUS, 0, 0, NULL);

	if (!held)
		return;
	conf_equal(conf, held->record.head.pid, id);
	conf_equal(conf, held->record.head.tid, atomic_load(&held->job.tid));
	conf_equal(conf, held->record.head.handle, EMU_TESTMOD_HANDLE);
	conf_end_held(held, 0);
}

static void sensors_calls_have_pd_2(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);
	struct conf_record record;
	uint64_t mark;

	conf_equal(conf, dn_init(client, FRPC_DN_INIT_ATTACH_SENSORS, 0, 0), 0);
	mark = conf_mark(conf);
	conf_invoke(client, FRPC_HANDLE_REMOTECTL, FRPC_SC_MAKE(31, 0, 0), NULL);
	if (conf_find(conf, mark, FRPC_HANDLE_REMOTECTL, 31, &record))
		conf_equal(conf, record.head.ctx & 15, FRPC_SMQ_PD_SENSORS);
}

/* ---- interrupted calls ---- */

static void nothing(int number)
{
	(void)number;
}

/* A thread that makes a call which is interrupted, waits to be told, and makes another one. */
struct caller {
	struct conf_client *client;
	pthread_t thread;
	uint32_t handle;	     /* of the second call */
	unsigned char *first, *then; /* their outputs */
	_Atomic int interrupted, go;
	long results[2];
	struct sigaction old;
};

static void *call_twice(void *arg)
{
	struct caller *caller = arg;
	const struct timespec pause = {.tv_nsec = 1000000};
	const struct conf_arg first = conf_plain(caller->first, 8);
	const struct conf_arg then = conf_plain(caller->then, 8);

	caller->results[0] = conf_call(caller->client, STATUS, 0, 1, &first);
	atomic_store(&caller->interrupted, 1);
	while (!atomic_load(&caller->go))
		nanosleep(&pause, NULL);
	caller->results[1] =
		conf_invoke(caller->client, caller->handle, FRPC_SC_MAKE(STATUS, 0, 1), &then);
	return NULL;
}

/* Begins it: the first call is interrupted when this returns. Its id for answers. */
static uint64_t begin(struct conf *conf, struct caller *caller)
{
	const struct sigaction action = {.sa_handler = nothing};
	const struct timespec pause = {.tv_nsec = 3000000};
	struct conf_record record = {{0}};
	uint64_t mark = conf_mark(conf);

	caller->client = conf_process(conf);
	caller->handle = EMU_TESTMOD_HANDLE;
	caller->first = conf_room(conf, 4096);
	caller->then = caller->first + 64;
	sigaction(SIGUSR1, &action, &caller->old);
	conf_hold(conf, EMU_TESTMOD_HANDLE, STATUS, 1);
	if (!conf_equal(conf, pthread_create(&caller->thread, NULL, call_twice, caller), 0))
		return 0;
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, STATUS, &record);
	while (!atomic_load(&caller->interrupted)) {
		pthread_kill(caller->thread, SIGUSR1);
		nanosleep(&pause, NULL);
	}
	sigaction(SIGUSR1, &caller->old, NULL);
	conf_equal(conf, caller->results[0], -EINTR);
	return record.head.ctx & ~UINT64_C(15);
}

static void finish(struct caller *caller)
{
	atomic_store(&caller->go, 1);
	pthread_join(caller->thread, NULL);
}

static void an_answer_in_between_is_kept(struct conf *conf)
{
	struct caller caller = {0};
	uint64_t ctx = begin(conf, &caller);

	conf_respond(conf, ctx, 33);
	finish(&caller);
	conf_equal(conf, caller.results[1], 33);
}

static void outputs_go_where_the_first_attempt_said(struct conf *conf)
{
	struct caller caller = {0};
	uint64_t ctx = begin(conf, &caller);

	memset(caller.first, 0xee, 128);
	conf_respond(conf, ctx, 0);
	finish(&caller);
	conf_equal(conf, caller.results[1], 0);
	conf_equal(conf, caller.first[0], 0); /* what the DSP left there */
	conf_equal(conf, caller.then[0], 0xee);
}

static void the_handle_is_not_compared(struct conf *conf)
{
	struct caller caller = {0};
	uint64_t ctx = begin(conf, &caller);

	caller.handle = 0xabc;
	conf_respond(conf, ctx, 34);
	finish(&caller);
	conf_equal(conf, caller.results[1], 34);
}

static void another_threads_call_is_left_alone(struct conf *conf)
{
	struct caller caller = {0};
	uint64_t ctx = begin(conf, &caller), mark = conf_mark(conf);
	const struct conf_arg arg = conf_plain(caller.then, 8);

	conf_answer(conf, EMU_TESTMOD_HANDLE, STATUS, 35);
	conf_equal(conf, conf_call(caller.client, STATUS, 0, 1, &arg), 35);
	conf_equal(conf, conf_count(conf, mark, EMU_TESTMOD_HANDLE, STATUS), 1);
	conf_respond(conf, ctx, 36);
	finish(&caller);
	conf_equal(conf, caller.results[1], 36);
}

static void another_file_is_left_alone(struct conf *conf)
{
	struct caller caller = {0};
	struct conf_client *first;
	uint64_t ctx = begin(conf, &caller);

	first = caller.client;
	caller.client = conf_process(conf);
	conf_answer(conf, EMU_TESTMOD_HANDLE, STATUS, 37);
	finish(&caller);
	conf_equal(conf, caller.results[1], 37);
	conf_respond(conf, ctx, 0);
	conf_equal(conf, conf_close(first), 0);
}

static void a_restart_ends_an_interrupted_call(struct conf *conf)
{
	struct caller caller = {0};

	begin(conf, &caller);
	conf_restart(conf);
	finish(&caller);
	conf_equal(conf, caller.results[1], -ECONNRESET);
}

static _Atomic int handled;

static void count(int number)
{
	(void)number;
	atomic_fetch_add(&handled, 1);
}

static void a_restarting_handler_is_not_seen(struct conf *conf)
{
	const struct sigaction action = {.sa_handler = count, .sa_flags = SA_RESTART};
	const struct timespec pause = {.tv_nsec = 1000000};
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);
	struct sigaction old;
	struct conf_held *held;

	sigaction(SIGUSR1, &action, &old);
	held = conf_hold_call(conf, client, STATUS, 0, 0, NULL);
	if (!held)
		return;
	atomic_store(&handled, 0);
	while (atomic_load(&handled) < 5 && !atomic_load(&held->job.done)) {
		pthread_kill(held->job.thread, SIGUSR1);
		nanosleep(&pause, NULL);
	}
	conf_respond(conf, dn_ctx(held), 38);
	conf_equal(conf, conf_end_answered(held), 38);
	conf_equal(conf, conf_count(conf, mark, EMU_TESTMOD_HANDLE, STATUS), 1);
	sigaction(SIGUSR1, &old, NULL);
}

static void the_drivers_own_calls_are_not_interrupted(struct conf *conf)
{
	const struct sigaction action = {.sa_handler = count};
	const struct timespec pause = {.tv_nsec = 1000000};
	struct frpc_dn_mmap request = {.fd = -1, .flags = FRPC_DN_MMAP_ADD_PAGES, .size = 4096};
	struct conf_client *client = conf_process(conf);
	struct conf_record record;
	struct sigaction old;
	struct conf_job job;
	uint64_t mark = conf_mark(conf);

	sigaction(SIGUSR1, &action, &old);
	conf_hold(conf, DN_GROUP, DN_MMAP, 1);
	conf_start(&job, client, FRPC_DN_IOCTL_MMAP_64, &request);
	conf_find(conf, mark, DN_GROUP, DN_MMAP, &record);
	atomic_store(&handled, 0);
	while (atomic_load(&handled) < 5 && !atomic_load(&job.done)) {
		pthread_kill(job.thread, SIGUSR1);
		nanosleep(&pause, NULL);
	}
	conf_respond(conf, record.head.ctx & ~UINT64_C(15), 40);
	conf_equal(conf, conf_join(&job), 40);
	sigaction(SIGUSR1, &old, NULL);
}

static const struct conf_row rows[] = {
	DN_ROW("dn.ctx.lowest", "a call takes the lowest free entry from 70 on", "abi A4.1", 0,
	       the_lowest_free_entry_is_used),
	DN_ROW("dn.ctx.jobs", "all files' calls on a channel are numbered on", "abi A4.2", 0,
	       a_channels_calls_are_numbered),
	DN_ROW("dn.ctx.message", "a message carries client, thread and handle", "abi A5.1", 0,
	       the_message_carries_thread_and_client),
	DN_ROW("dn.ctx.sensors", "calls of a sensors' client have PD type 2", "abi A2.5, A4.2", 0,
	       sensors_calls_have_pd_2),
	DN_ROW("dn.resume.answered", "an answer that came in between is returned at once",
	       "abi A4.4", 0, an_answer_in_between_is_kept),
	DN_ROW("dn.resume.outputs", "a resumed call's outputs go where the first attempt said",
	       "abi A4.4", 0, outputs_go_where_the_first_attempt_said),
	DN_ROW("dn.resume.handle", "the handle is not compared", "abi A4.4", 0,
	       the_handle_is_not_compared),
	DN_ROW("dn.resume.thread", "another thread's call is sent, not resumed", "abi A4.4", 0,
	       another_threads_call_is_left_alone),
	DN_ROW("dn.resume.file", "a call on another file is sent, not resumed", "abi A4.4", 0,
	       another_file_is_left_alone),
	DN_ROW("dn.resume.restart", "a restart ends an interrupted call with ECONNRESET",
	       "abi A4.6", CONF_RESTART, a_restart_ends_an_interrupted_call),
	DN_ROW("dn.signal.sa-restart", "a handler with SA_RESTART: sent once, and not seen",
	       "abi A4.4", CONF_SIGNALS, a_restarting_handler_is_not_seen),
	DN_ROW("dn.signal.driver", "a handler does not end the driver's own calls", "abi A4.4",
	       CONF_SIGNALS, the_drivers_own_calls_are_not_interrupted),
};

DN_ROWS(conf_dn_interrupt, rows);
