/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: INVOKE2's requests as such, asynchronous jobs and reading them. */
#include <stdlib.h>

#include "dn.h"

#define ASYNC_ID 9u /* capability */
#define STATUS	 EMU_TESTMOD_STATUS
#define MOST	 65u

/* A process whose DSP has been asked whether it knows jobs. */
static struct conf_client *jobs_client(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t value;

	conf_equal(conf, dn_info(client, DN_CDSP, ASYNC_ID, &value), 0);
	conf_equal(conf, value, 1);
	return client;
}

struct job {
	struct frpc_dn_async_job job;
	struct frpc_dn_invoke_async async;
	struct frpc_dn_arg args[4];
};

static void describe(struct job *job, uint64_t id, uint32_t sc)
{
	*job = (struct job){.job = {.isasyncjob = 1, .jobid = id}};
	job->async.inv = (struct frpc_dn_invoke){EMU_TESTMOD_HANDLE, sc, (uintptr_t)job->args};
	job->async.job = (uintptr_t)&job->job;
}

static long submit(struct conf_client *client, struct job *job)
{
	return dn_invoke2(client, FRPC_DN_INVOKE2_ASYNC, &job->async, sizeof(job->async));
}

static long submit_empty(struct conf_client *client, uint64_t id)
{
	struct job job;

	describe(&job, id, FRPC_SC_MAKE(STATUS, 0, 0));
	return submit(client, &job);
}

static long read_job(struct conf_client *client, struct frpc_dn_async_response *ret_response)
{
	memset(ret_response, 0xee, sizeof(*ret_response));
	return dn_invoke2(client, FRPC_DN_INVOKE2_ASYNC_RESPONSE, ret_response,
			  sizeof(*ret_response));
}

/* Submits a job that the DSP holds; the id by which it is answered. */
static uint64_t held_job(struct conf_client *client, uint64_t id)
{
	struct conf_record record = {{0}};
	uint64_t mark = conf_mark(client->conf);

	conf_hold(client->conf, EMU_TESTMOD_HANDLE, STATUS, 1);
	conf_equal(client->conf, submit_empty(client, id), 0);
	conf_find(client->conf, mark, EMU_TESTMOD_HANDLE, STATUS, &record);
	return record.head.ctx & ~UINT64_C(15);
}

/* ---- the gate ---- */

static void unknown_requests(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t word = 0;

	conf_equal(conf, dn_invoke2(client, 0, &word, 4), conf_narrow(conf) ? -EPERM : -ENOTTY);
	conf_equal(conf, dn_invoke2(client, 7, &word, 4), conf_narrow(conf) ? -EPERM : -ENOTTY);
}

static void jobs_are_for_cdsp(struct conf *conf)
{
	struct conf_client *none = conf_open(conf, ""), *audio = conf_open(conf, "");
	struct frpc_dn_async_response response;

	conf_equal(conf, conf_choose(audio, DN_ADSP), 0);
	conf_equal(conf, submit_empty(none, 1), -EBADR);
	conf_equal(conf, submit_empty(audio, 1), -EBADR);
	conf_equal(conf, read_job(none, &response), -EBADR);
	conf_equal(conf, read_job(audio, &response), -EBADR);
}

static void jobs_need_a_query(struct conf *conf)
{
	struct frpc_dn_async_response response;
	struct conf_client *client;

	if (!conf_on(conf, "arch=68"))
		return;
	client = conf_process(conf);
	conf_equal(conf, submit_empty(client, 1), -EPROTONOSUPPORT);
	conf_equal(conf, read_job(client, &response), -EPROTONOSUPPORT);
}

static void a_dsp_that_knows_no_jobs(struct conf *conf)
{
	struct conf_client *client;
	uint32_t value;

	if (!conf_on(conf, "attr9=0"))
		return;
	client = conf_process(conf);
	conf_equal(conf, dn_info(client, DN_CDSP, ASYNC_ID, &value), 0);
	conf_equal(conf, submit_empty(client, 1), -EPROTONOSUPPORT);
}

static void a_job_that_is_too_large(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	struct job job;

	describe(&job, 1, FRPC_SC_MAKE(STATUS, 0, 0));
	conf_equal(conf,
		   dn_invoke2(client, FRPC_DN_INVOKE2_ASYNC, &job.async, sizeof(job.async) + 1),
		   conf_narrow(conf) ? -EPERM : -EBADE);
}

static void a_job_that_cannot_be_read(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	void *nowhere = conf_no_page(conf);

	conf_equal(conf, dn_invoke2(client, FRPC_DN_INVOKE2_ASYNC, nowhere, 64),
		   conf_narrow(conf) ? -EPERM : 64);
	conf_equal(conf, dn_invoke2(client, FRPC_DN_INVOKE2_ASYNC, nowhere, 48),
		   conf_narrow(conf) ? -EPERM : 48);
}

static void a_job_whose_id_cannot_be_read(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	struct job job;

	describe(&job, 1, FRPC_SC_MAKE(STATUS, 0, 0));
	job.async.job = (uintptr_t)conf_no_page(conf);
	conf_equal(conf, submit(client, &job), sizeof(job.job));
	conf_equal(conf, submit_empty(client, 1), 0);
}

/* ---- submitting ---- */

static void a_job_returns_before_it_is_done(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	uint64_t ctx = held_job(client, UINT64_C(0x1122334455667788));
	struct frpc_dn_async_response response;

	conf_equal(conf, conf_respond(conf, ctx, 3), 0);
	conf_equal(conf, read_job(client, &response), 0);
	conf_equal(conf, response.jobid, (long long)UINT64_C(0x1122334455667788));
	conf_equal(conf, response.result, 3);
	conf_equal(conf, response.handle, EMU_TESTMOD_HANDLE);
	conf_equal(conf, response.sc, FRPC_SC_MAKE(STATUS, 0, 0));
}

static void a_jobs_id_has_bit_4(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	struct conf_held *held;

	conf_equal(conf, held_job(client, 1) >> 4 & 3, 1);
	held = conf_hold_call(conf, client, STATUS, 0, 0, NULL);
	if (!held)
		return;
	conf_equal(conf, dn_ctx(held) >> 4 & 3, 0);
	conf_end_held(held, 0);
}

static void without_a_flag_it_is_an_ordinary_call(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	struct job job;

	describe(&job, 1, FRPC_SC_MAKE(STATUS, 0, 0));
	job.job.isasyncjob = 0;
	conf_answer(conf, EMU_TESTMOD_HANDLE, STATUS, 17);
	conf_equal(conf, submit(client, &job), 17);
}

static void without_a_job_it_is_an_ordinary_call(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	struct job job;

	describe(&job, 1, FRPC_SC_MAKE(STATUS, 0, 0));
	job.async.job = 0;
	conf_answer(conf, EMU_TESTMOD_HANDLE, STATUS, 18);
	conf_equal(conf, submit(client, &job), 18);
}

static void the_older_form(struct conf *conf)
{
	struct frpc_dn_async_job id = {.isasyncjob = 1, .jobid = 5};
	struct frpc_dn_invoke_async_no_perf old = {.inv = {EMU_TESTMOD_HANDLE,
							   FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 0, 0), 0},
						   .job = (uintptr_t)&id};
	struct conf_client *client = jobs_client(conf);
	struct frpc_dn_async_response response;

	conf_equal(conf, dn_invoke2(client, FRPC_DN_INVOKE2_ASYNC, &old, sizeof(old)), 0);
	conf_equal(conf, read_job(client, &response), 0);
	conf_equal(conf, response.jobid, 5);
}

static void every_smaller_size_is_the_older_form(struct conf *conf)
{
	struct frpc_dn_async_job id = {.isasyncjob = 1, .jobid = 6};
	struct frpc_dn_invoke_async_no_perf old = {.inv = {EMU_TESTMOD_HANDLE,
							   FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 0, 0), 0},
						   .job = (uintptr_t)&id};
	struct conf_client *client = jobs_client(conf);
	struct frpc_dn_async_response response;

	conf_equal(conf, dn_invoke2(client, FRPC_DN_INVOKE2_ASYNC, &old, 0), 0);
	conf_equal(conf, read_job(client, &response), 0);
	conf_equal(conf, dn_invoke2(client, FRPC_DN_INVOKE2_ASYNC, &old, 63), 0);
	conf_equal(conf, read_job(client, &response), 0);
	conf_equal(conf, response.jobid, 6);
}

/* Fills a buffer with 0x5a as a job; its result is the DSP's @result. */
static void fill_by_job(struct conf_client *client, int32_t result, void *out,
			struct frpc_dn_async_response *ret_response)
{
	struct {
		uint32_t byte;
		int32_t result;
	} in = {0x5a, result};
	struct job job;

	describe(&job, 1, FRPC_SC_MAKE(EMU_TESTMOD_FILL, 1, 1));
	job.args[0] = (struct frpc_dn_arg){(uintptr_t)&in, sizeof(in)};
	job.args[1] = (struct frpc_dn_arg){(uintptr_t)out, 32};
	conf_equal(client->conf, submit(client, &job), 0);
	conf_equal(client->conf, read_job(client, ret_response), 0);
}

static void outputs_come_with_the_answer(struct conf *conf)
{
	struct frpc_dn_async_response response;
	unsigned char out[32] = {0}, wanted[32];

	memset(wanted, 0x5a, sizeof(wanted));
	fill_by_job(jobs_client(conf), 0, out, &response);
	conf_equal(conf, response.result, 0);
	conf_bytes(conf, out, wanted, sizeof(out));
}

static void a_failed_job_has_no_outputs(struct conf *conf)
{
	struct frpc_dn_async_response response;
	unsigned char out[32] = {0};

	fill_by_job(jobs_client(conf), 14, out, &response);
	conf_equal(conf, response.result, 14);
	conf_equal(conf, out[0], 0);
}

static void outputs_that_cannot_be_written(struct conf *conf)
{
	struct frpc_dn_async_response response;

	fill_by_job(jobs_client(conf), 0, conf_read_only_page(conf), &response);
	conf_equal(conf, response.result, -EFAULT);
}

static void pointers_are_echoed(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	struct frpc_dn_async_response response;
	uint64_t counters[12] = {0};
	struct job job;

	describe(&job, 1, FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 0, 0));
	job.async.perf_kernel = 16;
	job.async.perf_dsp = (uintptr_t)counters;
	conf_equal(conf, submit(client, &job), 0);
	conf_equal(conf, read_job(client, &response), 0);
	conf_equal(conf, response.perf_kernel, 16);
	conf_equal(conf, response.perf_dsp, (uintptr_t)counters);
}

static void faults_come_at_once(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	struct job job;

	describe(&job, 1, FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 1, 0));
	job.args[0] = (struct frpc_dn_arg){(uintptr_t)conf_no_page(conf), 8};
	conf_equal(conf, submit(client, &job), -EFAULT);
	describe(&job, 1, FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 0, 0));
	job.async.inv.handle = 1;
	conf_equal(conf, submit(client, &job), -EINVAL);
}

static void unread_jobs_are_active(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	struct frpc_dn_async_response response;

	for (uint32_t i = 0; i < MOST; i++)
		if (!conf_equal(conf, submit_empty(client, i), 0))
			return;
	conf_equal(conf, submit_empty(client, MOST), -EDQUOT);
	conf_equal(conf, read_job(client, &response), 0);
	conf_equal(conf, submit_empty(client, MOST), 0);
}

/* ---- reading ---- */

static void the_last_one_done_is_read_first(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	uint64_t first = held_job(client, 1), second = held_job(client, 2);
	struct frpc_dn_async_response response;

	conf_respond(conf, second, 0);
	conf_respond(conf, first, 0);
	conf_equal(conf, read_job(client, &response), 0);
	conf_equal(conf, response.jobid, 1);
	conf_equal(conf, read_job(client, &response), 0);
	conf_equal(conf, response.jobid, 2);
}

struct reader {
	struct frpc_dn_async_response response;
	struct frpc_dn_invoke2 request;
	struct conf_job job;
};

static void start_reader(struct reader *reader, struct conf_client *client)
{
	reader->request = (struct frpc_dn_invoke2){.req = FRPC_DN_INVOKE2_ASYNC_RESPONSE,
						   .invparam = (uintptr_t)&reader->response,
						   .size = sizeof(reader->response)};
	conf_start(&reader->job, client, FRPC_DN_IOCTL_INVOKE2, &reader->request);
}

static void a_reader_waits_for_a_job(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	uint64_t ctx = held_job(client, 44);
	struct reader reader;

	start_reader(&reader, client);
	conf_respond(conf, ctx, 7);
	conf_equal(conf, conf_join(&reader.job), 0);
	conf_equal(conf, reader.response.jobid, 44);
	conf_equal(conf, reader.response.result, 7);
}

static void a_handler_ends_the_reading(struct conf *conf)
{
	struct reader reader;

	start_reader(&reader, jobs_client(conf));
	conf_interrupt(&reader.job);
	conf_equal(conf, conf_join(&reader.job), -EINTR);
}

static void waking_ends_all_reading(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	struct frpc_dn_async_response response;
	struct reader reader;

	start_reader(&reader, client);
	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_ASYNC_WAKE, 0, 0), 0);
	conf_equal(conf, conf_join(&reader.job), -EFAULT);
	conf_equal(conf, submit_empty(client, 1), 0);
	conf_equal(conf, read_job(client, &response), -EFAULT);
}

static void an_answers_size(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	struct frpc_dn_async_response response;

	conf_equal(conf,
		   dn_invoke2(client, FRPC_DN_INVOKE2_ASYNC_RESPONSE, &response,
			      sizeof(response) + 1),
		   conf_narrow(conf) ? -EPERM : -EBADE);
}

static void an_answer_that_cannot_be_written(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);

	conf_equal(conf, submit_empty(client, 1), 0);
	conf_equal(conf,
		   dn_invoke2(client, FRPC_DN_INVOKE2_ASYNC_RESPONSE, conf_read_only_page(conf),
			      sizeof(struct frpc_dn_async_response)),
		   sizeof(struct frpc_dn_async_response));
}

static void an_early_answer_with_its_word(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	struct frpc_smq_rsp_v2 rsp = {
		.retval = 5, .flags = FRPC_SMQ_EARLY_RESPONSE, .version = FRPC_SMQ_RSP_VERSION};
	struct frpc_dn_async_response response;
	struct conf_record record;
	uint64_t mark = conf_mark(conf);

	conf_poll_word(conf, EMU_TESTMOD_HANDLE, STATUS, FRPC_SMQ_POLL_EARLY);
	conf_equal(conf, submit_empty(client, 9), 0);
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, STATUS, &record);
	rsp.ctx = record.head.ctx & ~UINT64_C(15);
	conf_send(conf, &rsp, sizeof(rsp));
	conf_equal(conf, read_job(client, &response), 0);
	conf_equal(conf, response.result, 5);
}

static void an_early_answer_without_its_word(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	struct frpc_smq_rsp_v2 rsp = {
		.retval = 5, .flags = FRPC_SMQ_EARLY_RESPONSE, .version = FRPC_SMQ_RSP_VERSION};
	struct reader reader;

	rsp.ctx = held_job(client, 9);
	conf_send(conf, &rsp, sizeof(rsp));
	start_reader(&reader, client);
	rsp.flags = FRPC_SMQ_COMPLETE_SIGNAL;
	rsp.retval = 6;
	conf_send(conf, &rsp, sizeof(rsp));
	conf_equal(conf, conf_join(&reader.job), 0);
	conf_equal(conf, reader.response.result, 6);
}

static void a_users_early_signal_is_nothing_to_a_job(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	struct frpc_smq_rsp_v2 rsp = {
		.retval = 5, .flags = FRPC_SMQ_USER_EARLY_SIGNAL, .version = FRPC_SMQ_RSP_VERSION};
	struct frpc_dn_async_response response;

	rsp.ctx = held_job(client, 1);
	conf_send(conf, &rsp, sizeof(rsp));
	conf_equal(conf, submit_empty(client, 2), 0);
	conf_equal(conf, read_job(client, &response), 0);
	conf_equal(conf, response.jobid, 2);
}

static void a_jobs_crcs(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);
	struct frpc_dn_async_response response;
	uint32_t value, crcs[64] = {0};
	struct job job;

	conf_equal(conf, dn_create(client, FRPC_PROC_ATTR_CRC, 0), 0);
	conf_equal(conf, dn_info(client, DN_CDSP, ASYNC_ID, &value), 0);
	describe(&job, 1, FRPC_SC_MAKE(STATUS, 1, 0));
	job.args[0] = (struct frpc_dn_arg){(uintptr_t)&value, 4};
	value = 0;
	memset(crcs, 0xaa, sizeof(crcs));
	job.async.crc = (uintptr_t)crcs;
	conf_equal(conf, submit(client, &job), 0);
	conf_equal(conf, read_job(client, &response), 0);
	/* The 32-bit entry forgets the list in this form. */
	conf_equal(conf, crcs[1], conf_narrow(conf) ? 0xaaaaaaaa : 0);
}

static void a_file_that_closes_answers_its_readers(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	struct frpc_dn_async_response response;

	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_DSPPROCESS_CLEAN, 0, 0), 0);
	conf_equal(conf, read_job(client, &response), -EBADF);
}

static void a_narrow_answer_is_40_bytes(struct conf *conf)
{
	struct conf_client *client = jobs_client(conf);
	struct frpc_dn_async_response response;

	conf_equal(conf, submit_empty(client, 3), 0);
	conf_equal(conf, read_job(client, &response), 0);
	/* At the 64-bit offsets: behind the 32 bytes that such a client has. */
	conf_equal(conf, response.handle, EMU_TESTMOD_HANDLE);
	conf_equal(conf, response.sc, FRPC_SC_MAKE(STATUS, 0, 0));
}

static const struct conf_row rows[] = {
	DN_ROW("dn.invoke2.unknown", "requests 0 and 7 are ENOTTY, of a 32-bit client EPERM",
	       "abi A2.9, A12", 0, unknown_requests),
	DN_ROW("dn.async.channel", "jobs and reading them are EBADR but for CDSP", "abi A2.9", 0,
	       jobs_are_for_cdsp),
	DN_ROW("dn.async.unasked", "jobs are EPROTONOSUPPORT until the DSP has been asked",
	       "abi A2.7, A2.9", CONF_MACHINE, jobs_need_a_query),
	DN_ROW("dn.async.unsupported", "a DSP without capability 9: EPROTONOSUPPORT", "abi A2.9",
	       CONF_MACHINE, a_dsp_that_knows_no_jobs),
	DN_ROW("dn.async.size", "a job of more than 64 bytes is EBADE, EPERM for 32 bits",
	       "abi A2.9, A12", 0, a_job_that_is_too_large),
	DN_ROW("dn.async.fault", "an unreadable job returns its size, EPERM for 32 bits",
	       "abi A2.9, A12", 0, a_job_that_cannot_be_read),
	DN_ROW("dn.async.job-fault", "a job whose id cannot be read returns 24", "abi A2.4", 0,
	       a_job_whose_id_cannot_be_read),
	DN_ROW("dn.async.answer", "a job returns before its answer, which names it", "abi A2.1", 0,
	       a_job_returns_before_it_is_done),
	DN_ROW("dn.async.ctx", "a job's id has bit 4", "abi A4.2", 0, a_jobs_id_has_bit_4),
	DN_ROW("dn.async.no-flag", "without isasyncjob it is an ordinary call", "abi A2.9", 0,
	       without_a_flag_it_is_an_ordinary_call),
	DN_ROW("dn.async.no-job", "without a job it is an ordinary call", "abi A2.9", 0,
	       without_a_job_it_is_an_ordinary_call),
	DN_ROW("dn.async.older", "the form without counters has its job 16 bytes earlier",
	       "abi A2.1", 0, the_older_form),
	DN_ROW("dn.async.smaller", "each size below 64 is the older form", "abi A2.9", CONF_WIDE,
	       every_smaller_size_is_the_older_form),
	DN_ROW("dn.async.outputs", "outputs are written when the answer is read", "abi A11.2", 0,
	       outputs_come_with_the_answer),
	DN_ROW("dn.async.error", "a job with an error has no outputs", "abi A11.2", 0,
	       a_failed_job_has_no_outputs),
	DN_ROW("dn.async.out-fault", "outputs that cannot be written make the result EFAULT",
	       "abi A11.2", 0, outputs_that_cannot_be_written),
	DN_ROW("dn.async.pointers", "the answer echoes where counters were wanted", "abi A2.1", 0,
	       pointers_are_echoed),
	DN_ROW("dn.async.checks", "what INVOKE refuses, a job's submission refuses", "abi A2.9", 0,
	       faults_come_at_once),
	DN_ROW("dn.async.quota", "65 unread jobs: the next is EDQUOT", "abi A4.1, A11.2", 0,
	       unread_jobs_are_active),
	DN_ROW("dn.async.order", "the last job done is read first", "abi A11.2", 0,
	       the_last_one_done_is_read_first),
	DN_ROW("dn.async.wait", "a reader waits for a job to be done", "abi A11.2", 0,
	       a_reader_waits_for_a_job),
	DN_ROW("dn.async.eintr", "a handler ends waiting for a job with EINTR", "abi A2.9", 0,
	       a_handler_ends_the_reading),
	DN_ROW("dn.async.wake", "ASYNC_WAKE ends this reading and all later with EFAULT",
	       "abi A2.6", 0, waking_ends_all_reading),
	DN_ROW("dn.async.rsp-size", "an answer of more than 40 bytes is EBADE, EPERM for 32 bits",
	       "abi A2.9, A12", 0, an_answers_size),
	DN_ROW("dn.async.rsp-fault", "an answer that cannot be written returns 40", "abi A2.9", 0,
	       an_answer_that_cannot_be_written),
	DN_ROW("dn.async.early", "an early answer with its poll word completes a job", "abi A11.2",
	       0, an_early_answer_with_its_word),
	DN_ROW("dn.async.early-waits", "without the poll word the reader waits for the full answer",
	       "abi A11.2", 0, an_early_answer_without_its_word),
	DN_ROW("dn.async.user-early", "a user's early signal is nothing to a job", "abi A5.2", 0,
	       a_users_early_signal_is_nothing_to_a_job),
	DN_ROW("dn.async.crc", "a job has CRCs; of a 32-bit client's with counters none", "abi A12",
	       0, a_jobs_crcs),
	DN_ROW("dn.async.closing", "reading on a file that was cleaned is EBADF", "abi A2.9",
	       CONF_NARROW, a_file_that_closes_answers_its_readers),
	DN_ROW("dn.async.narrow", "a 32-bit client gets the 64-bit answer", "abi A12", CONF_NARROW,
	       a_narrow_answer_is_40_bytes),
};

DN_ROWS(conf_dn_async, rows);
