/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: what a restart of the DSP leaves (calls and files: dn_memory.c). */
#include "dn.h"

static void an_attached_file_lives_again(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);

	conf_equal(conf, dn_init(client, FRPC_DN_INIT_ATTACH, 0, 0), 0);
	if (!conf_restart(conf))
		return;
	conf_equal(conf, conf_invoke(client, FRPC_HANDLE_REMOTECTL, FRPC_SC_MAKE(31, 0, 0), NULL),
		   -ECONNRESET);
	conf_equal(conf, dn_init(client, FRPC_DN_INIT_ATTACH, 0, 0), 0);
	conf_true(conf, conf_invoke(client, FRPC_HANDLE_REMOTECTL, FRPC_SC_MAKE(31, 0, 0), NULL) !=
				-ECONNRESET);
}

static void maps_are_the_old_dsps(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t address;

	conf_equal(conf, dn_mmap(client, NULL, FRPC_DN_MMAP_ADD_PAGES, 4096, &address), 0);
	if (!conf_restart(conf))
		return;
	conf_equal(conf, dn_munmap(client, address, 4096), -ECONNRESET);
	conf_equal(conf, dn_mmap(client, NULL, FRPC_DN_MMAP_ADD_PAGES, 4096, NULL), -ECONNRESET);
}

static void a_drivers_call_ends_too(struct conf *conf)
{
	struct frpc_dn_mmap request = {.fd = -1, .flags = FRPC_DN_MMAP_ADD_PAGES, .size = 4096};
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);
	struct conf_job job;

	conf_hold(conf, DN_GROUP, DN_MMAP, 1);
	conf_start(&job, client, FRPC_DN_IOCTL_MMAP_64, &request);
	conf_find(conf, mark, DN_GROUP, DN_MMAP, NULL);
	conf_restart(conf);
	conf_equal(conf, conf_join(&job), -ECONNRESET);
}

static void a_job_ends_too(struct conf *conf)
{
	struct frpc_dn_async_job id = {.isasyncjob = 1, .jobid = 8};
	struct frpc_dn_invoke_async async = {.inv = {EMU_TESTMOD_HANDLE,
						     FRPC_SC_MAKE(EMU_TESTMOD_STATUS, 0, 0), 0},
					     .job = (uintptr_t)&id};
	struct conf_client *client = conf_process(conf);
	struct frpc_dn_async_response response = {0};
	uint32_t value;

	conf_equal(conf, dn_info(client, DN_CDSP, 9, &value), 0);
	conf_hold(conf, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, 1);
	conf_equal(conf, dn_invoke2(client, FRPC_DN_INVOKE2_ASYNC, &async, sizeof(async)), 0);
	if (!conf_restart(conf))
		return;
	conf_equal(conf,
		   dn_invoke2(client, FRPC_DN_INVOKE2_ASYNC_RESPONSE, &response, sizeof(response)),
		   0);
	conf_equal(conf, response.jobid, 8);
	conf_equal(conf, response.result, -ECONNRESET);
}

static void another_dsp_goes_on(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, conf_choose(client, DN_ADSP), 0);
	conf_equal(conf, dn_create(client, 0, 0), 0);
	if (!conf_restart(conf))
		return;
	conf_true(conf, conf_invoke(client, FRPC_HANDLE_REMOTECTL, FRPC_SC_MAKE(31, 0, 0), NULL) !=
				-ECONNRESET);
	conf_equal(conf, dn_mmap(client, NULL, FRPC_DN_MMAP_ADD_PAGES, 4096, NULL), 0);
}

static void a_chosen_file_may_create(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);

	if (!conf_restart(conf))
		return;
	conf_equal(conf, dn_create(client, 0, 0), 0);
	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL), 0);
}

static void an_old_file_closes(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark;

	if (!conf_restart(conf))
		return;
	mark = conf_mark(conf);
	conf_equal(conf, conf_close(client), 0);
	conf_equal(conf, conf_call(conf_process(conf), EMU_TESTMOD_ECHO, 0, 0, NULL), 0);
	conf_true(conf, conf_count(conf, mark, DN_GROUP, DN_CREATE) == 1);
}

#define ROW(id, sentence, fact, run) DN_ROW(id, sentence, fact, CONF_RESTART, run)

static const struct conf_row rows[] = {
	ROW("dn.restart.attached", "an attached file lives again after another ATTACH", "abi A4.6",
	    an_attached_file_lives_again),
	ROW("dn.restart.maps", "MMAP and MUNMAP of an old file are ECONNRESET", "abi A4.6",
	    maps_are_the_old_dsps),
	ROW("dn.restart.driver", "the driver's own call ends with ECONNRESET", "abi A4.6",
	    a_drivers_call_ends_too),
	ROW("dn.restart.job", "a job's result is ECONNRESET", "abi A4.6, A11.2", a_job_ends_too),
	ROW("dn.restart.other", "another DSP's files go on", "abi A4.6", another_dsp_goes_on),
	ROW("dn.restart.chosen", "a file that had no process yet may create one", "abi A4.6",
	    a_chosen_file_may_create),
	ROW("dn.restart.close", "an old file closes", "abi A4.5", an_old_file_closes),
};

DN_ROWS(conf_dn_restart, rows);
