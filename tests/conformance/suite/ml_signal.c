/* SPDX-License-Identifier: BSD-3-Clause */
/* Signals that reach a thread in a call. */
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "conf.h"

#define STATUS_SC FRPC_SC_MAKE(EMU_TESTMOD_STATUS, 0, 0)
#define GROUP	  FRPC_HANDLE_PROCESS_GROUP
#define IDS	  255u

static _Atomic int handled;

static void count_signal(int number)
{
	(void)number;
	atomic_fetch_add(&handled, 1);
}

static void catch_signals(int flags, struct sigaction *ret_old)
{
	struct sigaction action = {.sa_handler = count_signal, .sa_flags = flags};

	sigemptyset(&action.sa_mask);
	sigaction(SIGUSR1, &action, ret_old);
	atomic_store(&handled, 0);
}

static void pause_a_little(void)
{
	const struct timespec pause = {.tv_nsec = 3000000};

	nanosleep(&pause, NULL);
}

/* Sends signals until the call is over: the first may come before it sleeps. */
static void interrupt(struct conf_job *job)
{
	while (!atomic_load(&job->done)) {
		pthread_kill(job->thread, SIGUSR1);
		pause_a_little();
	}
}

/* Starts a held call of @client, interrupts it, and leaves its record. */
static long interrupted_call(struct conf *conf, struct conf_client *client,
			     struct conf_record *record)
{
	uint64_t mark = conf_mark(conf);
	struct sigaction old;
	struct conf_job job;
	long res;

	catch_signals(0, &old);
	conf_hold(conf, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, 1);
	conf_start_invoke(&job, client, EMU_TESTMOD_HANDLE, STATUS_SC, NULL);
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, record);
	interrupt(&job);
	res = conf_join(&job);
	sigaction(SIGUSR1, &old, NULL);
	return res;
}

static void a_signal_interrupts_a_call(struct conf *conf)
{
	struct conf_record record;

	conf_equal(conf, interrupted_call(conf, conf_process(conf), &record), -EINTR);
}

static void the_late_answer_is_swallowed(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_record record;

	conf_equal(conf, interrupted_call(conf, client, &record), -EINTR);
	conf_equal(conf, conf_respond(conf, record.head.ctx, 0), 0);
	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL), 0);
	conf_equal(conf, conf_close(client), 0);
}

static void the_file_closes_without_the_answer(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_record record;

	conf_equal(conf, interrupted_call(conf, client, &record), -EINTR);
	conf_equal(conf, conf_close(client), 0);
	conf_equal(conf, conf_respond(conf, record.head.ctx, 0), 0);
}

static uint32_t id_of_a_call(struct conf *conf, struct conf_client *client)
{
	uint64_t mark = conf_mark(conf);
	struct conf_record record = {0};

	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL), 0);
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record);
	return record.head.ctx >> (conf_version(conf) == CONF_73 ? 8 : 4) & 0xff;
}

/* Once around all ids, that of the interrupted call is passed over. */
static void the_id_is_lost(struct conf *conf)
{
	struct conf_client *client;
	struct conf_record record;
	uint32_t first, next;

	if (!conf_fresh(conf))
		return;
	client = conf_process(conf);
	conf_equal(conf, interrupted_call(conf, client, &record), -EINTR);
	conf_equal(conf, conf_respond(conf, record.head.ctx, 0), 0);
	conf_equal(conf, conf_close(client), 0);
	client = conf_process(conf);
	first = id_of_a_call(conf, client);
	for (uint32_t i = 0; i < IDS; i++)
		conf_call(client, EMU_TESTMOD_KEEP, 0, 0, NULL);
	next = id_of_a_call(conf, client);
	/* The first record's search and the second mark are calls, too. */
	conf_equal(conf, (next + IDS - first) % IDS, 3 + 1);
}

static void with_sa_restart_the_call_is_sent_again(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_record first, second;
	uint64_t mark = conf_mark(conf);
	struct sigaction old;
	struct conf_job job;

	catch_signals(SA_RESTART, &old);
	conf_hold(conf, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, 1);
	conf_start_invoke(&job, client, EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(EMU_TESTMOD_STATUS, 1, 0),
			  (struct conf_arg[]){conf_plain("\x11\0\0", 4)});
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, &first);
	/*
	 * The second sending is not held: the module answers it. No signals beyond it: each would
	 * send the call once more, faster than a DSP on a busy machine takes them.
	 */
	while (!atomic_load(&job.done) &&
	       conf_count(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS) < 2) {
		pthread_kill(job.thread, SIGUSR1);
		pause_a_little();
	}
	conf_equal(conf, conf_join(&job), 0x11);
	sigaction(SIGUSR1, &old, NULL);
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, &second);
	conf_true(conf, second.head.ctx != first.head.ctx);
	conf_true(conf, conf_count(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS) >= 2);
	conf_equal(conf, conf_respond(conf, first.head.ctx, 0), 0);
}

static void donated_pages_after_a_signal(struct conf *conf)
{
	struct frpc_ml_req_mmap map = {.flags = FRPC_ML_MMAP_ADD_PAGES, .size = 4096};
	struct conf_client *client = conf_process(conf);
	struct frpc_ml_req_munmap unmap = {.size = 4096};
	struct conf_record record;

	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_MMAP, &map), 0);
	unmap.vaddrout = map.vaddrout;
	conf_equal(conf, interrupted_call(conf, client, &record), -EINTR);
	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_MUNMAP, &unmap),
		   conf_version(conf) == CONF_61 ? 0 : -EINVAL);
}

static void the_drivers_own_calls_are_not_interrupted(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	uint64_t mark = conf_mark(conf);
	struct conf_record record;
	struct sigaction old;
	struct conf_job job;

	catch_signals(0, &old);
	conf_hold(conf, GROUP, FRPC_SC_METHOD(FRPC_SC_ATTACH), 1);
	conf_start(&job, client, FRPC_ML_IOCTL_INIT_ATTACH, NULL);
	if (conf_find(conf, mark, GROUP, FRPC_SC_METHOD(FRPC_SC_ATTACH), &record)) {
		pthread_kill(job.thread, SIGUSR1);
		pause_a_little();
		conf_true(conf, !atomic_load(&job.done));
		conf_equal(conf, conf_respond(conf, record.head.ctx, 0), 0);
	}
	conf_equal(conf, conf_join(&job), 0);
	sigaction(SIGUSR1, &old, NULL);
}

#define ROW(id, sentence, fact, run)                            \
	{                                                       \
		id, sentence, fact, CONF_TESTMOD, CONF_ALL, run \
	}

static const struct conf_row rows[] = {
	ROW("ml.signal.eintr", "a signal without SA_RESTART ends INVOKE with EINTR", "rig 11",
	    a_signal_interrupts_a_call),
	ROW("ml.signal.late", "the answer to an interrupted call is accepted and harmless",
	    "rig 11", the_late_answer_is_swallowed),
	ROW("ml.signal.close",
	    "a file with an interrupted call closes; the answer is accepted afterwards", "abi B3",
	    the_file_closes_without_the_answer),
	/* Among the rows that need a channel with all its ids. */
	ROW("ml.ctx.lost",
	    "an interrupted call keeps its id, though it is answered and its file closed", "rig 11",
	    the_id_is_lost),
	ROW("ml.signal.restart", "with SA_RESTART the call is sent again, as a new context",
	    "abi B3, rig 11", with_sa_restart_the_call_is_sent_again),
	ROW("ml.signal.pages", "after a signal MUNMAP finds earlier pages in 6.1 only", "abi B3",
	    donated_pages_after_a_signal),
	ROW("ml.signal.driver", "a signal does not end the driver's own calls", "abi B3",
	    the_drivers_own_calls_are_not_interrupted),
};

const struct conf_group conf_ml_signal = {rows, sizeof(rows) / sizeof(*rows)};
