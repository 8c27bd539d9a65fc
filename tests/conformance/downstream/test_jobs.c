/* SPDX-License-Identifier: BSD-3-Clause */
/* Asynchronous jobs: INVOKE2's ASYNC and ASYNC_RESPONSE, and CONTROL's ASYNC_WAKE. */
#include "scripted.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SC_EMPTY 0x02000000u

struct job {
	struct frpc_dn_async_job job;
	struct frpc_dn_invoke_async async;
	struct frpc_dn_invoke2 invoke2;
};

static void describe(struct job *job, uint64_t id, uint32_t handle, uint32_t sc)
{
	*job = (struct job){
		.job = {.isasyncjob = 1, .jobid = id},
		.async = {.inv = {.handle = handle, .sc = sc}},
	};
	job->async.job = (uintptr_t)&job->job;
	job->invoke2 = (struct frpc_dn_invoke2){.req = FRPC_DN_INVOKE2_ASYNC,
						.invparam = (uintptr_t)&job->async,
						.size = sizeof(job->async)};
}

static long submit(struct scripted *dsp, int file, uint64_t id)
{
	struct job job;

	describe(&job, id, MODULE, SC_EMPTY);
	return scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &job.invoke2);
}

static long read_job(struct scripted *dsp, int file, struct frpc_dn_async_response *response)
{
	struct frpc_dn_invoke2 invoke2 = {.req = FRPC_DN_INVOKE2_ASYNC_RESPONSE,
					  .invparam = (uintptr_t)response,
					  .size = sizeof(*response)};

	memset(response, 0xee, sizeof(*response));
	return scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &invoke2);
}

struct reader {
	struct frpc_dn_async_response response;
	struct frpc_dn_invoke2 invoke2;
	struct pending pending;
};

static void reader_start(struct reader *reader, struct scripted *dsp, int file)
{
	reader->invoke2 = (struct frpc_dn_invoke2){.req = FRPC_DN_INVOKE2_ASYNC_RESPONSE,
						   .invparam = (uintptr_t)&reader->response,
						   .size = sizeof(reader->response)};
	reader->pending.compat = false;
	pending_start(&reader->pending, dsp, file, FRPC_DN_IOCTL_INVOKE2, &reader->invoke2);
}

static int open_for_jobs(struct scripted *dsp)
{
	int file = scripted_create(dsp, CDSP);

	scripted_query(dsp, file);
	return file;
}

static void jobs_need_the_compute_dsp_and_its_cached_word_for_it(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_async_response response;
	int none = scripted_open(dsp, UINT32_MAX), audio = scripted_open(dsp, ADSP);
	int file = scripted_create(dsp, CDSP);

	assert_int_equal(submit(dsp, none, 1), -EBADR);
	assert_int_equal(submit(dsp, audio, 1), -EBADR);
	assert_int_equal(read_job(dsp, audio, &response), -EBADR);
	/* Nobody has asked the DSP yet. */
	assert_int_equal(submit(dsp, file, 1), -EPROTONOSUPPORT);
	assert_int_equal(read_job(dsp, file, &response), -EPROTONOSUPPORT);
	dsp->attributes[9] = 0;
	scripted_query(dsp, file);
	assert_int_equal(submit(dsp, file, 1), -EPROTONOSUPPORT);
	scripted_close(dsp, none);
	scripted_close(dsp, audio);
	scripted_close(dsp, file);
}

static void a_job_returns_at_once_and_its_answer_names_it(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_async_response response;
	struct job job;
	uint64_t counters[12];
	int file = open_for_jobs(dsp);

	describe(&job, UINT64_C(0x1122334455667788), MODULE + 5, 0x1f000000);
	job.async.perf_kernel = 0x10; /* echoed, also where nothing can be written */
	job.async.perf_dsp = (uintptr_t)counters;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &job.invoke2), 0);
	assert_int_equal(dsp->messages[0].ctx >> 4 & 1, 1);
	assert_int_equal(dsp->messages[0].handle, MODULE + 5);
	scripted_answer(dsp, dsp->messages[0].ctx, 0);
	assert_int_equal(read_job(dsp, file, &response), 0);
	assert_true(response.jobid == UINT64_C(0x1122334455667788));
	assert_int_equal(response.result, 0);
	assert_true(response.perf_kernel == 0x10);
	assert_true(response.perf_dsp == (uintptr_t)counters);
	assert_int_equal(response.handle, MODULE + 5);
	assert_int_equal(response.sc, 0x1f000000);
	scripted_close(dsp, file);
}

static void the_documented_id_of_an_asynchronous_job_is_met(void **state)
{
	struct scripted *dsp = *state;
	int file = open_for_jobs(dsp); /* jobs 2 and 3 */

	assert_int_equal(submit(dsp, file, 1), 0);
	assert_int_equal(submit(dsp, file, 2), 0);
	/* As the documented 0x311d1 (job 3, index 71), two jobs later. */
	assert_int_equal(dsp->messages[1].ctx, 0x311d1 + 0x20000);
	scripted_close(dsp, file);
}

static void the_last_job_done_is_read_first(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_async_response response;
	int file = open_for_jobs(dsp);

	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(submit(dsp, file, i), 0);
	scripted_answer(dsp, dsp->messages[2].ctx, 102);
	scripted_answer(dsp, dsp->messages[0].ctx, 100);
	scripted_answer(dsp, dsp->messages[3].ctx, 103);
	for (uint32_t i = 0; i < 3; i++) {
		static const uint32_t order[] = {3, 0, 2};

		assert_int_equal(read_job(dsp, file, &response), 0);
		assert_int_equal(response.jobid, order[i]);
		assert_int_equal(response.result, 100 + order[i]);
	}
	scripted_close(dsp, file); /* with one that was never answered */
}

static void unread_jobs_count_as_active(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_async_response response;
	int file = open_for_jobs(dsp);

	for (uint32_t i = 0; i < 65; i++) {
		assert_int_equal(submit(dsp, file, i), 0);
		scripted_answer(dsp, dsp->messages[i].ctx, 0);
	}
	assert_int_equal(submit(dsp, file, 65), -EDQUOT);
	assert_int_equal(read_job(dsp, file, &response), 0);
	assert_int_equal(submit(dsp, file, 65), 0);
	scripted_close(dsp, file);
}

static void without_a_job_or_its_flag_the_call_is_an_ordinary_one(void **state)
{
	struct scripted *dsp = *state;
	struct pending call;
	struct job job;
	int file = open_for_jobs(dsp);

	describe(&job, 1, MODULE, SC_EMPTY);
	job.async.job = 0;
	call.compat = false;
	pending_start(&call, dsp, file, FRPC_DN_IOCTL_INVOKE2, &job.invoke2);
	assert_int_equal(scripted_await(dsp, 1).ctx >> 4 & 1, 0);
	scripted_answer(dsp, dsp->messages[0].ctx, 17);
	assert_int_equal(pending_join(&call), 17);
	describe(&job, 1, MODULE, SC_EMPTY);
	job.job.isasyncjob = 0;
	pending_start(&call, dsp, file, FRPC_DN_IOCTL_INVOKE2, &job.invoke2);
	scripted_answer(dsp, scripted_await(dsp, 2).ctx, 18);
	assert_int_equal(pending_join(&call), 18);
	scripted_close(dsp, file);
}

static void every_size_but_64_is_the_older_form(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_async_job right = {.isasyncjob = 1, .jobid = 5};
	struct frpc_dn_invoke_async_no_perf old = {.inv = {.handle = MODULE, .sc = SC_EMPTY},
						   .job = (uintptr_t)&right};
	struct frpc_dn_invoke2 invoke2 = {.req = FRPC_DN_INVOKE2_ASYNC,
					  .invparam = (uintptr_t)&old};
	static const uint32_t sizes[] = {0, 1, 48, 63};
	int file = open_for_jobs(dsp);

	for (uint32_t i = 0; i < 4; i++) {
		invoke2.size = sizes[i];
		assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &invoke2), 0);
		assert_int_equal(dsp->messages[i].ctx >> 4 & 1, 1);
	}
	invoke2.size = 65;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &invoke2), -EBADE);
	scripted_close(dsp, file);
}

static void faults_give_the_number_of_bytes_not_copied(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_invoke2 invoke2 = {.req = FRPC_DN_INVOKE2_ASYNC, .size = 64};
	struct job job;
	int file = open_for_jobs(dsp);

	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, NULL), -EFAULT);
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &invoke2), 64);
	invoke2.size = 48;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &invoke2), 48);
	describe(&job, 1, MODULE, SC_EMPTY);
	job.async.job = 8;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &job.invoke2), 24);
	/* A response that nobody can be told is lost. */
	assert_int_equal(submit(dsp, file, 1), 0);
	scripted_answer(dsp, dsp->messages[0].ctx, 0);
	invoke2.req = FRPC_DN_INVOKE2_ASYNC_RESPONSE;
	invoke2.size = 40;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &invoke2), 40);
	invoke2.size = 41;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &invoke2), -EBADE);
	scripted_close(dsp, file);
}

/* Where the DSP finds the bytes of argument @i. */
static uint64_t place_of(struct scripted *dsp, const struct frpc_smq_msg *message, uint32_t i)
{
	uint64_t n = FRPC_SC_LENGTH(message->sc);
	union frpc_smq_arg arg;
	struct frpc_smq_page page;

	scripted_read(dsp, message->page_addr + i * sizeof(arg), &arg, sizeof(arg));
	scripted_read(dsp, message->page_addr + FRPC_SMQ_PAGES_AT(n) + i * sizeof(page), &page,
		      sizeof(page));
	return page.addr + (arg.buf.pv & 4095);
}

static void outputs_come_with_success_only_and_a_failed_copy_is_the_result(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_async_response response;
	uint32_t out = 1, word = 99;
	struct frpc_dn_arg arg = {(uintptr_t)&out, sizeof(out)};
	struct job job;
	void *gone;
	int file = open_for_jobs(dsp);

	for (int32_t result = 0; result < 2; result++) {
		struct frpc_smq_msg message;

		describe(&job, 1, MODULE, FRPC_SC_MAKE(2, 0, 1));
		job.async.inv.pra = (uintptr_t)&arg;
		assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &job.invoke2), 0);
		message = scripted_await(dsp, (uint32_t)result + 1);
		scripted_write(dsp, place_of(dsp, &message, 0), &word, sizeof(word));
		scripted_answer(dsp, message.ctx, result);
		assert_int_equal(out, result ? 99 : 1); /* not before it is read */
		out = 1;
		assert_int_equal(read_job(dsp, file, &response), 0);
		assert_int_equal(response.result, result);
		assert_int_equal(out, result ? 1 : 99);
		out = result ? out : 99;
	}
	gone = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	arg.pv = (uintptr_t)gone;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &job.invoke2), 0);
	munmap(gone, 4096);
	scripted_answer(dsp, scripted_await(dsp, 3).ctx, 0);
	assert_int_equal(read_job(dsp, file, &response), 0);
	assert_int_equal(response.result, -EFAULT);
	scripted_close(dsp, file);
}

static void write_word(struct scripted *dsp, const struct frpc_smq_msg *message, uint32_t word)
{
	scripted_write(dsp, message->page_addr + FRPC_SMQ_POLL_AT(0), &word, sizeof(word));
}

static void an_early_answer_with_its_poll_word_completes_a_job(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_async_response response;
	int file = open_for_jobs(dsp);

	assert_int_equal(submit(dsp, file, 1), 0);
	write_word(dsp, &dsp->messages[0], FRPC_SMQ_POLL_EARLY);
	scripted_answer_flags(dsp, dsp->messages[0].ctx, 55, FRPC_SMQ_EARLY_RESPONSE);
	assert_int_equal(read_job(dsp, file, &response), 0);
	assert_int_equal(response.result, 55);
	/* Its completion comes too late for anybody. */
	assert_int_equal(scripted_answer_flags(dsp, dsp->messages[0].ctx, 55,
					       FRPC_SMQ_COMPLETE_SIGNAL),
			 -ENOENT);
	assert_int_equal(submit(dsp, file, 2), 0);
	write_word(dsp, &dsp->messages[1], FRPC_SMQ_POLL_DONE);
	scripted_answer_flags(dsp, dsp->messages[1].ctx, 55, FRPC_SMQ_EARLY_RESPONSE);
	assert_int_equal(read_job(dsp, file, &response), 0);
	assert_int_equal(response.result, 0);
	scripted_close(dsp, file);
}

static void an_early_answer_without_a_poll_word_sends_the_reader_back_to_wait(void **state)
{
	struct scripted *dsp = *state;
	struct reader reader;
	int file = open_for_jobs(dsp);

	assert_int_equal(submit(dsp, file, 1), 0);
	scripted_answer_flags(dsp, dsp->messages[0].ctx, 1, FRPC_SMQ_EARLY_RESPONSE);
	reader_start(&reader, dsp, file);
	emu_clock_advance(dsp->clock, 5000000);
	assert_false(reader.pending.returned);
	scripted_answer_flags(dsp, dsp->messages[0].ctx, 2, FRPC_SMQ_COMPLETE_SIGNAL);
	assert_int_equal(pending_join(&reader.pending), 0);
	assert_int_equal(reader.response.result, 2);
	scripted_close(dsp, file);
}

static void a_job_answered_early_and_again_is_read_once(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_async_response response;
	struct emu_driver_state held;
	int file = open_for_jobs(dsp);

	assert_int_equal(submit(dsp, file, 1), 0);
	scripted_answer_flags(dsp, dsp->messages[0].ctx, 1, FRPC_SMQ_EARLY_RESPONSE);
	scripted_answer_flags(dsp, dsp->messages[0].ctx, 1, FRPC_SMQ_EARLY_RESPONSE);
	scripted_answer_flags(dsp, dsp->messages[0].ctx, 3, FRPC_SMQ_COMPLETE_SIGNAL);
	emu_driver_get_state(dsp->driver, &held);
	assert_int_equal(held.done_jobs, 1);
	assert_int_equal(read_job(dsp, file, &response), 0);
	assert_int_equal(response.result, 3);
	emu_driver_get_state(dsp->driver, &held);
	assert_int_equal(held.done_jobs, 0);
	assert_int_equal(held.calls, 0);
	scripted_close(dsp, file);
}

static void a_users_early_signal_does_nothing_to_a_job(void **state)
{
	struct scripted *dsp = *state;
	struct emu_driver_state held;
	int file = open_for_jobs(dsp);

	assert_int_equal(submit(dsp, file, 1), 0);
	assert_int_equal(
		scripted_answer_flags(dsp, dsp->messages[0].ctx, 0, FRPC_SMQ_USER_EARLY_SIGNAL), 0);
	emu_driver_get_state(dsp->driver, &held);
	assert_int_equal(held.done_jobs, 0);
	scripted_close(dsp, file);
}

static void waking_ends_waiting_readers_and_all_later_ones(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_control control = {.req = FRPC_DN_CONTROL_ASYNC_WAKE};
	struct frpc_dn_async_response response;
	struct reader readers[3];
	int file = open_for_jobs(dsp);

	for (int i = 0; i < 3; i++)
		reader_start(&readers[i], dsp, file);
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_CONTROL, &control), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pending_join(&readers[i].pending), -EFAULT);
	assert_int_equal(submit(dsp, file, 1), 0);
	scripted_answer(dsp, dsp->messages[0].ctx, 0);
	assert_int_equal(read_job(dsp, file, &response), -EFAULT);
	scripted_close(dsp, file);
}

static void a_signal_ends_a_readers_wait(void **state)
{
	struct scripted *dsp = *state;
	struct reader reader;
	int file = open_for_jobs(dsp);

	handle_signal(SIGUSR1, false);
	reader_start(&reader, dsp, file);
	assert_int_equal(pending_interrupt(&reader.pending, SIGUSR1), -EINTR);
	scripted_close(dsp, file);
}

static void one_job_wakes_one_of_many_readers(void **state)
{
	struct scripted *dsp = *state;
	struct reader readers[4];
	uint64_t seen = 0;
	int file = open_for_jobs(dsp);

	for (uint32_t i = 0; i < 4; i++)
		reader_start(&readers[i], dsp, file);
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(submit(dsp, file, i), 0);
		scripted_answer(dsp, dsp->messages[i].ctx, 0);
	}
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(pending_join(&readers[i].pending), 0);
		seen |= UINT64_C(1) << readers[i].response.jobid;
	}
	assert_int_equal(seen, 15);
	scripted_close(dsp, file);
}

static void a_restart_answers_the_jobs_that_were_sent(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_async_response response;
	int file = open_for_jobs(dsp);

	assert_int_equal(submit(dsp, file, 1), 0);
	assert_int_equal(submit(dsp, file, 2), 0);
	scripted_answer(dsp, dsp->messages[0].ctx, 5);
	scripted_restart(dsp);
	assert_int_equal(read_job(dsp, file, &response), 0);
	assert_int_equal(response.jobid, 2);
	assert_int_equal(response.result, -ECONNRESET);
	assert_int_equal(read_job(dsp, file, &response), 0);
	assert_int_equal(response.jobid, 1);
	assert_int_equal(response.result, 5);
	assert_int_equal(submit(dsp, file, 3), -ECONNRESET);
	scripted_close(dsp, file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(jobs_need_the_compute_dsp_and_its_cached_word_for_it),		 /* A2.9 */
		TEST(a_job_returns_at_once_and_its_answer_names_it),			 /* A11.2 */
		TEST(the_documented_id_of_an_asynchronous_job_is_met),			 /* F */
		TEST(the_last_job_done_is_read_first),					 /* A11.2 */
		TEST(unread_jobs_count_as_active),					 /* A4.1 */
		TEST(without_a_job_or_its_flag_the_call_is_an_ordinary_one),		 /* A2.9 */
		TEST(every_size_but_64_is_the_older_form),				 /* A2.9 */
		TEST(faults_give_the_number_of_bytes_not_copied),			 /* A2.9 */
		TEST(outputs_come_with_success_only_and_a_failed_copy_is_the_result),	 /* A11.2 */
		TEST(an_early_answer_with_its_poll_word_completes_a_job),		 /* A11.2 */
		TEST(an_early_answer_without_a_poll_word_sends_the_reader_back_to_wait), /* A11.2 */
		TEST(a_job_answered_early_and_again_is_read_once),			 /* A11.2 */
		TEST(a_users_early_signal_does_nothing_to_a_job),			 /* A11.2 */
		TEST(waking_ends_waiting_readers_and_all_later_ones),			 /* A2.6 */
		TEST(a_signal_ends_a_readers_wait),					 /* A2.9 */
		TEST(one_job_wakes_one_of_many_readers),				 /* A11.2 */
		TEST(a_restart_answers_the_jobs_that_were_sent),			 /* A11.2 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
