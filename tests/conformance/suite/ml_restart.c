/* SPDX-License-Identifier: BSD-3-Clause */
/* The DSP goes down and comes back: what ends, what is dead for good, what begins anew. */
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "conf.h"

#define GROUP	  FRPC_HANDLE_PROCESS_GROUP
#define UTILITIES FRPC_HANDLE_DSP_UTILITIES
#define STATUS_SC FRPC_SC_MAKE(EMU_TESTMOD_STATUS, 0, 0)
#define CDSP	  3u
#define SESSIONS  16u /* more than a channel has */

static void a_waiting_call_ends(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);
	struct conf_job job;

	conf_hold(conf, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, 1);
	conf_start_invoke(&job, client, EMU_TESTMOD_HANDLE, STATUS_SC, NULL);
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, NULL);
	conf_restart(conf);
	conf_equal(conf, conf_join(&job), -EPIPE);
}

static void a_waiting_call_of_the_driver_ends(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	uint64_t mark = conf_mark(conf);
	struct conf_job job;

	conf_hold(conf, GROUP, FRPC_SC_METHOD(FRPC_SC_ATTACH), 1);
	conf_start(&job, client, FRPC_ML_IOCTL_INIT_ATTACH, NULL);
	conf_find(conf, mark, GROUP, FRPC_SC_METHOD(FRPC_SC_ATTACH), NULL);
	conf_restart(conf);
	conf_equal(conf, conf_join(&job), -EPIPE);
}

static void an_old_file_is_dead(struct conf *conf)
{
	struct frpc_ml_req_mmap map = {.flags = FRPC_ML_MMAP_ADD_PAGES, .size = 4096};
	struct conf_client *client = conf_process(conf);

	if (!conf_restart(conf))
		return;
	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL), -EPIPE);
	conf_equal(conf, conf_attach(client), -EPIPE);
	conf_equal(conf, conf_create(client, 4096, 0), -EPIPE);
	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_MMAP, &map), -EPIPE);
	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL), -EPIPE);
}

static void a_dead_file_before_handle_1(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	if (conf_restart(conf))
		conf_equal(conf, conf_invoke(client, GROUP, FRPC_SC_MAKE(0, 0, 0), NULL), -EPIPE);
}

static void a_dead_file_still_allocates(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer;

	if (!conf_restart(conf))
		return;
	buffer = conf_alloc(client, 4096);
	if (buffer.bytes)
		conf_equal(conf, buffer.bytes[0], 0);
}

static void a_dead_file_closes_quietly(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark;

	if (!conf_restart(conf))
		return;
	mark = conf_mark(conf);
	conf_equal(conf, conf_close(client), 0);
	conf_equal(conf, conf_count(conf, mark, GROUP, FRPC_SC_METHOD(FRPC_SC_RELEASE)), 0);
}

static void a_new_file_works(struct conf *conf)
{
	unsigned char in[100], out[100] = {0};

	memset(in, 0x61, sizeof(in));
	if (!conf_restart(conf))
		return;
	conf_equal(conf,
		   conf_call(conf_process(conf), EMU_TESTMOD_ECHO, 1, 1,
			     (struct conf_arg[]){conf_plain(in, sizeof(in)),
						 conf_plain(out, sizeof(out))}),
		   0);
	conf_bytes(conf, out, in, sizeof(in));
}

static uint32_t open_all(struct conf *conf)
{
	uint32_t opened = 0;

	while (opened < SESSIONS && conf_open(conf, "")->file >= 0)
		opened++;
	return opened;
}

static void dead_files_hold_no_sessions(struct conf *conf)
{
	uint32_t before = open_all(conf);

	conf_true(conf, before);
	if (conf_restart(conf))
		conf_equal(conf, open_all(conf), before);
}

static long info(struct conf_client *client, uint32_t *ret_value)
{
	struct frpc_ml_capability request = {.domain = CDSP, .attribute_id = 6};
	long res = conf_ioctl(client, FRPC_ML_IOCTL_GET_DSP_INFO, &request);

	*ret_value = request.capability;
	return res;
}

static void capabilities_are_asked_for_anew(struct conf *conf)
{
	uint64_t mark, at;
	struct conf_record record;
	uint32_t before, after;

	conf_equal(conf, info(conf_process(conf), &before), 0);
	if (!conf_restart(conf))
		return;
	mark = conf_mark(conf);
	conf_equal(conf, info(conf_process(conf), &after), 0);
	conf_equal(conf, after, before);
	if (!conf_find(conf, mark, UTILITIES, 0, &record))
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_CAPABILITIES);
	conf_equal(conf, record.head.pid, 0);
	if (conf_record_place(conf, &record, 0, &at))
		conf_equal(conf, *(const uint32_t *)(record.payload + at), 255);
	if (conf_true(conf, conf_record_args(&record)))
		conf_equal(conf, conf_record_args(&record)[1].buf.len, 255 * 4);
}

static void a_dsp_without_capabilities(struct conf *conf)
{
	uint32_t value;

	if (!conf_restart(conf))
		return;
	conf_answer(conf, UTILITIES, 0, (int32_t)0x80000414);
	conf_equal(conf, info(conf_process(conf), &value), -EOPNOTSUPP);
	conf_answer(conf, UTILITIES, 0, 39);
	conf_equal(conf, info(conf_process(conf), &value), 39);
	/* Nothing of it is kept. */
	conf_equal(conf, info(conf_process(conf), &value), 0);
}

static void a_dead_file_remembers_capabilities(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t before, after;
	uint64_t mark;

	conf_equal(conf, info(client, &before), 0);
	if (!conf_restart(conf))
		return;
	mark = conf_mark(conf);
	conf_equal(conf, info(client, &after), 0);
	conf_equal(conf, after, before);
	conf_equal(conf, conf_count(conf, mark, UTILITIES, 0), 0);
}

static void nothing(int number)
{
	(void)number;
}

static void an_interrupted_call_of_a_dead_file(struct conf *conf)
{
	struct sigaction action = {.sa_handler = nothing}, old;
	struct conf_client *client = conf_process(conf);
	const struct timespec pause = {.tv_nsec = 3000000};
	uint64_t mark = conf_mark(conf);
	struct conf_job job;

	sigaction(SIGUSR1, &action, &old);
	conf_hold(conf, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, 1);
	conf_start_invoke(&job, client, EMU_TESTMOD_HANDLE, STATUS_SC, NULL);
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, NULL);
	while (!atomic_load(&job.done)) {
		pthread_kill(job.thread, SIGUSR1);
		nanosleep(&pause, NULL);
	}
	conf_equal(conf, conf_join(&job), -EINTR);
	sigaction(SIGUSR1, &old, NULL);
	if (conf_restart(conf))
		conf_equal(conf, conf_close(client), 0);
}

#define ROW(id, sentence, fact, run)                                           \
	{                                                                      \
		id, sentence, fact, CONF_TESTMOD | CONF_RESTART, CONF_ALL, run \
	}

static const struct conf_row rows[] = {
	ROW("ml.restart.call", "a waiting call ends with EPIPE", "rig 14", a_waiting_call_ends),
	ROW("ml.restart.driver-call", "a waiting call of the driver's own ends with EPIPE",
	    "abi B3", a_waiting_call_of_the_driver_ends),
	ROW("ml.restart.dead", "a file of before answers EPIPE for ever", "abi B3, rig 14",
	    an_old_file_is_dead),
	ROW("ml.restart.order", "EPIPE comes before EPERM of handle 1", "abi B3",
	    a_dead_file_before_handle_1),
	ROW("ml.restart.alloc", "ALLOC_DMA_BUFF on a dead file still works", "rig 14",
	    a_dead_file_still_allocates),
	ROW("ml.restart.close", "a dead file closes, and the new DSP hears nothing of it", "rig 14",
	    a_dead_file_closes_quietly),
	ROW("ml.restart.reopen", "a file opened afterwards works", "rig 14", a_new_file_works),
	ROW("ml.restart.sessions", "dead files hold no session of the new channel", "abi B3",
	    dead_files_hold_no_sessions),
	ROW("ml.restart.info", "capabilities are asked for anew: 255 of them, header pid 0",
	    "abi B4, rig 6", capabilities_are_asked_for_anew),
	ROW("ml.info.status",
	    "no capabilities is EOPNOTSUPP, other results come as they are, none is "
	    "kept",
	    "abi B3", a_dsp_without_capabilities),
	ROW("ml.restart.info-dead", "a dead file answers capabilities from memory", "abi B3",
	    a_dead_file_remembers_capabilities),
	ROW("ml.restart.interrupted", "a dead file with an interrupted call closes", "abi B3",
	    an_interrupted_call_of_a_dead_file),
};

const struct conf_group conf_ml_restart = {rows, sizeof(rows) / sizeof(*rows)};
