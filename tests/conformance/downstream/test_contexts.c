/* SPDX-License-Identifier: BSD-3-Clause */
/* Call contexts: ids, the table and its limits, interrupted calls, answers nobody waits for. */
#include "scripted.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "emulated.h"

#define SC_EMPTY 0x02000000u

static uint32_t index_of(uint64_t ctx)
{
	return ctx >> 6 & 1023;
}

/* Answers at once. */
static bool answer_all(struct scripted *dsp, const struct frpc_smq_msg *message)
{
	if (message->handle == FRPC_HANDLE_PROCESS_GROUP)
		return false;
	pthread_mutex_lock(&dsp->lock);
	dsp->messages[dsp->count++ % SCRIPTED_RECORDS] = *message;
	pthread_mutex_unlock(&dsp->lock);
	scripted_answer(dsp, message->ctx, 0);
	return true;
}

static void a_context_id_holds_pd_type_index_and_job_number(void **state)
{
	struct scripted *dsp = *state;
	int file;

	dsp->script = answer_all;
	file = scripted_open(dsp, CDSP);
	/* Nothing was created: the PD type is 0. The first job of a channel is 2. */
	assert_int_equal(scripted_call(dsp, file, MODULE, SC_EMPTY), 0);
	assert_int_equal(dsp->messages[0].ctx, 2u << 16 | 70u << 6);
	assert_int_equal(scripted_call(dsp, file, MODULE, SC_EMPTY), 0);
	assert_int_equal(dsp->messages[1].ctx, 3u << 16 | 70u << 6);
	assert_int_equal(scripted_call(dsp, file, 3, SC_EMPTY), 0);
	assert_int_equal(dsp->messages[2].ctx, 4u << 16 | 0u << 6);
	scripted_close(dsp, file);
}

static void the_documented_id_of_a_user_pds_first_call_is_met(void **state)
{
	struct scripted *dsp = *state;
	int file;

	dsp->script = answer_all;
	file = scripted_create(dsp, CDSP); /* takes job 2 */
	assert_int_equal(dsp->last_own.ctx, 2u << 16 | FRPC_SMQ_PD_USER);
	assert_int_equal(scripted_call(dsp, file, MODULE, SC_EMPTY), 0);
	assert_int_equal(dsp->messages[0].ctx, 0x31181); /* the documented 0x21181, one job later */
	scripted_close(dsp, file);
}

static void sensors_have_pd_type_2(void **state)
{
	struct frpc_dn_init init = {.flags = FRPC_DN_INIT_ATTACH_SENSORS};
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, CDSP);

	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INIT, &init), 0);
	assert_int_equal(dsp->last_own.ctx, 0x20002);
	scripted_close(dsp, file);
}

static void each_channel_counts_its_own_jobs(void **state)
{
	struct scripted *dsp = *state;
	int compute, audio;

	dsp->script = answer_all;
	compute = scripted_open(dsp, CDSP);
	audio = scripted_open(dsp, ADSP);
	assert_int_equal(scripted_call(dsp, compute, MODULE, SC_EMPTY), 0);
	assert_int_equal(scripted_call(dsp, audio, MODULE, SC_EMPTY), 0);
	assert_int_equal(dsp->messages[0].ctx, dsp->messages[1].ctx);
	scripted_close(dsp, compute);
	scripted_close(dsp, audio);
}

static void the_66th_active_call_of_a_file_is_refused_and_low_handles_are_exempt(void **state)
{
	static struct pending calls[65];
	struct scripted *dsp = *state;
	struct pending low;
	int file = scripted_open(dsp, CDSP), other = scripted_open(dsp, CDSP);
	uint32_t used[1024] = {0};

	for (uint32_t i = 0; i < 65; i++)
		pending_call(&calls[i], dsp, file, i ? MODULE : 20, SC_EMPTY);
	scripted_await(dsp, 65);
	for (uint32_t i = 0; i < 65; i++)
		used[index_of(dsp->messages[i].ctx)]++;
	/* The lowest free entries, each once, above the reserved ones. */
	for (uint32_t i = 0; i < 1024; i++)
		assert_int_equal(used[i], i >= 70 && i < 135);
	assert_int_equal(scripted_call(dsp, file, MODULE, SC_EMPTY), -EDQUOT);
	assert_int_equal(scripted_call(dsp, file, 20, SC_EMPTY), -EDQUOT);
	pending_call(&low, dsp, file, 19, SC_EMPTY);
	assert_int_equal(index_of(scripted_await(dsp, 66).ctx), 0);
	scripted_answer(dsp, dsp->messages[65].ctx, 7);
	assert_int_equal(pending_join(&low), 7);
	/* One that ends makes room for one. */
	scripted_answer(dsp, dsp->messages[0].ctx, 0);
	for (uint32_t i = 0; i < 65; i++)
		if (i)
			scripted_answer(dsp, dsp->messages[i].ctx, 0);
	for (uint32_t i = 0; i < 65; i++)
		assert_int_equal(pending_join(&calls[i]), 0);
	dsp->script = answer_all;
	assert_int_equal(scripted_call(dsp, file, MODULE, SC_EMPTY), 0);
	scripted_close(dsp, file);
	scripted_close(dsp, other);
}

/* Jobs fill the table without a thread each. */
static long submit(struct scripted *dsp, int file, uint32_t handle)
{
	struct frpc_dn_async_job job = {.isasyncjob = 1};
	struct frpc_dn_invoke_async async = {.inv = {.handle = handle, .sc = SC_EMPTY},
					     .job = (uintptr_t)&job};
	struct frpc_dn_invoke2 invoke2 = {
		.req = FRPC_DN_INVOKE2_ASYNC, .invparam = (uintptr_t)&async, .size = sizeof(async)};

	return scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &invoke2);
}

static void a_channels_table_holds_1024_calls_of_which_70_are_for_low_handles(void **state)
{
	struct scripted *dsp = *state;
	struct emu_driver_state held;
	uint32_t used[1024] = {0};
	int file = scripted_open(dsp, CDSP), other = scripted_open(dsp, CDSP);
	uint64_t last;

	scripted_query(dsp, file);
	assert_int_equal(submit(dsp, file, MODULE), 0);
	assert_int_equal(index_of(scripted_await(dsp, 1).ctx), 70);
	/* Low handles take the reserved entries first, then any. */
	for (uint32_t i = 1; i < 1024; i++)
		assert_int_equal(submit(dsp, file, 3), 0);
	for (uint32_t i = 0; i < 1024; i++)
		used[index_of(dsp->messages[i].ctx)]++;
	for (uint32_t i = 0; i < 1024; i++)
		assert_int_equal(used[i], 1);
	for (uint32_t i = 1; i < 1024; i++)
		assert_int_equal(index_of(dsp->messages[i].ctx), i <= 70 ? i - 1 : i);
	assert_int_equal(submit(dsp, file, 3), -ENOKEY);
	assert_int_equal(scripted_call(dsp, other, MODULE, SC_EMPTY), -ENOKEY);
	emu_driver_get_state(dsp->driver, &held);
	assert_int_equal(held.calls, 1024);
	/* The two refused attempts have used job numbers up, and the query the first one. */
	last = dsp->messages[1023].ctx >> 16;
	assert_int_equal(last, 2 + 1024);
	scripted_answer(dsp, dsp->messages[0].ctx, 0);
	emu_driver_get_state(dsp->driver, &held);
	assert_int_equal(held.calls, 1024); /* until it is read */
	assert_int_equal(held.done_jobs, 1);
	scripted_close(dsp, file); /* all contexts go, whatever their state */
	emu_driver_get_state(dsp->driver, &held);
	assert_int_equal(held.calls, 0);
	assert_int_equal(submit(dsp, other, MODULE), 0);
	assert_int_equal(dsp->messages[1024].ctx >> 16, last + 2 + 2); /* and close's message */
	scripted_close(dsp, other);
}

/* ---- signals ---- */

/* Rows show the same in processes of their own (dn.resume.*). */
static void need_signals(void)
{
	if (threads_survive_signals())
		return;
	print_message("a thread loses its memory to the signal's handler here\n");
	skip();
}

static _Atomic bool poking;

static void *poke(void *arg)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	while (poking) {
		pthread_kill(*(pthread_t *)arg, SIGUSR1);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

/* Makes a call of this thread that a signal ends. */
static void interrupted_call(struct scripted *dsp, int file, uint32_t sc)
{
	pthread_t me = pthread_self(), poker;

	handle_signal(SIGUSR1, false);
	poking = true;
	assert_int_equal(pthread_create(&poker, NULL, poke, &me), 0);
	assert_int_equal(scripted_call(dsp, file, MODULE, sc), -EINTR);
	poking = false;
	pthread_join(poker, NULL);
}

static void an_interrupted_call_is_resumed_by_its_thread_and_sent_once(void **state)
{
	struct scripted *dsp = *state;
	int file;

	need_signals();
	file = scripted_open(dsp, CDSP);
	interrupted_call(dsp, file, SC_EMPTY);
	assert_int_equal(scripted_count(dsp), 1);
	/* The response comes in between: the resumed call has it at once. Any handle will do. */
	assert_int_equal(scripted_answer(dsp, dsp->messages[0].ctx, 33), 0);
	assert_int_equal(scripted_call(dsp, file, MODULE + 1, SC_EMPTY), 33);
	assert_int_equal(scripted_count(dsp), 1);
	scripted_close(dsp, file);
}

static void another_scalars_word_does_not_resume_and_leaves_the_old_call_alone(void **state)
{
	struct scripted *dsp = *state;
	int file;

	need_signals();
	file = scripted_open(dsp, CDSP);
	interrupted_call(dsp, file, SC_EMPTY);
	assert_int_equal(scripted_call(dsp, file, MODULE, 0x03000000), -EINVAL);
	assert_int_equal(scripted_call(dsp, file, MODULE, 0x03000000), -EINVAL);
	scripted_answer(dsp, dsp->messages[0].ctx, 34);
	assert_int_equal(scripted_call(dsp, file, MODULE, SC_EMPTY), 34);
	assert_int_equal(scripted_count(dsp), 1);
	scripted_close(dsp, file);
}

static void a_resumed_calls_outputs_go_where_the_first_attempt_said(void **state)
{
	struct scripted *dsp = *state;
	uint32_t first = 0, second = 0, word = 0x11223344;
	struct frpc_dn_arg arg = {(uintptr_t)&first, sizeof(first)};
	struct frpc_dn_invoke invoke = {MODULE, FRPC_SC_MAKE(2, 0, 1), (uintptr_t)&arg};
	pthread_t me = pthread_self(), poker;
	struct frpc_smq_msg message;
	union frpc_smq_arg sent;
	struct frpc_smq_page page;
	int file;

	need_signals();
	file = scripted_open(dsp, CDSP);
	handle_signal(SIGUSR1, false);
	poking = true;
	assert_int_equal(pthread_create(&poker, NULL, poke, &me), 0);
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE, &invoke), -EINTR);
	poking = false;
	pthread_join(poker, NULL);
	message = scripted_await(dsp, 1);
	scripted_read(dsp, message.page_addr, &sent, sizeof(sent));
	scripted_read(dsp, message.page_addr + FRPC_SMQ_PAGES_AT(1), &page, sizeof(page));
	scripted_write(dsp, page.addr + (sent.buf.pv & 4095), &word, sizeof(word));
	scripted_answer(dsp, message.ctx, 0);
	arg.pv = (uintptr_t)&second;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE, &invoke), 0);
	assert_int_equal(first, word);
	assert_int_equal(second, 0);
	scripted_close(dsp, file);
}

static void another_threads_call_is_not_resumed(void **state)
{
	struct scripted *dsp = *state;
	struct pending other;
	int file;

	need_signals();
	file = scripted_open(dsp, CDSP);
	interrupted_call(dsp, file, SC_EMPTY);
	pending_call(&other, dsp, file, MODULE, SC_EMPTY);
	scripted_answer(dsp, scripted_await(dsp, 2).ctx, 5);
	assert_int_equal(pending_join(&other), 5);
	scripted_close(dsp, file); /* with the interrupted call still there */
}

static void *answer_after_signals(void *arg)
{
	struct pending *pending = arg;
	const struct timespec pause = {.tv_nsec = 1000000};
	struct frpc_smq_msg message = scripted_await(pending->dsp, 1);

	for (int i = 0; i < 20; i++) {
		pthread_kill(pending->thread, SIGUSR2);
		nanosleep(&pause, NULL);
	}
	scripted_answer(pending->dsp, message.ctx, 21);
	return NULL;
}

static void a_restarting_handler_resumes_the_call_without_the_callers_doing(void **state)
{
	struct scripted *dsp = *state;
	struct pending call;
	pthread_t helper;
	int file;

	need_signals();
	file = scripted_open(dsp, CDSP);
	handle_signal(SIGUSR2, true);
	pending_call(&call, dsp, file, MODULE, SC_EMPTY);
	assert_int_equal(pthread_create(&helper, NULL, answer_after_signals, &call), 0);
	assert_int_equal(pending_join(&call), 21);
	pthread_join(helper, NULL);
	assert_int_equal(scripted_count(dsp), 1);
	scripted_close(dsp, file);
}

/* ---- answers nobody waits for ---- */

static void late_duplicate_and_unknown_answers_are_dropped_and_counted(void **state)
{
	struct scripted *dsp = *state;
	struct pending call;
	uint64_t ctx;
	int file = scripted_open(dsp, CDSP);

	pending_call(&call, dsp, file, MODULE, SC_EMPTY);
	ctx = scripted_await(dsp, 1).ctx;
	assert_int_equal(scripted_answer(dsp, ctx ^ 1u << 6, 1), -ENOENT);  /* another entry */
	assert_int_equal(scripted_answer(dsp, ctx ^ 1u << 16, 1), -ENOENT); /* another job */
	assert_int_equal(scripted_answer(dsp, ctx ^ 1u << 4, 1), -ENOENT);  /* as if a job */
	assert_int_equal(scripted_answer(dsp, ctx ^ 1u << 5, 1), -ENOENT);
	assert_int_equal(scripted_answer(dsp, ctx ^ 1u << 3, 1), -ENOENT); /* not a PD type here */
	assert_int_equal(scripted_answer(dsp, ctx ^ 1u << 2, 1), -ENOENT);
	assert_int_equal(scripted_answer(dsp, ctx ^ UINT64_C(1) << 63, 1), -ENOENT);
	assert_int_equal(scripted_answer(dsp, ctx ^ 3u, 2), 0); /* the PD type may be any */
	assert_int_equal(pending_join(&call), 2);
	assert_int_equal(scripted_answer(dsp, ctx, 3), -ENOENT);
	assert_int_equal(scripted_answer_flags(dsp, ctx, 3, FRPC_SMQ_COMPLETE_SIGNAL), -ENOENT);
	/* Each was tried on both channels. */
	assert_int_equal(dsp->stats.stray_responses, 2 * 9);
	scripted_close(dsp, file);
}

static bool answer_twice(struct scripted *dsp, const struct frpc_smq_msg *message)
{
	if (message->handle != MODULE)
		return false;
	assert_int_equal(scripted_answer(dsp, message->ctx, 1), 0);
	assert_int_equal(scripted_answer(dsp, message->ctx, 2), -ENOENT);
	return true;
}

static void the_first_answer_of_two_counts(void **state)
{
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, CDSP);

	dsp->script = answer_twice;
	for (int i = 0; i < 10; i++)
		assert_int_equal(scripted_call(dsp, file, MODULE, SC_EMPTY), 1);
	scripted_close(dsp, file);
}

static void the_drivers_own_handles_are_not_for_users(void **state)
{
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, CDSP);

	assert_int_equal(scripted_call(dsp, file, 1, SC_EMPTY), -EINVAL);
	assert_int_equal(scripted_call(dsp, file, 2, SC_EMPTY), -EINVAL);
	scripted_close(dsp, file);
}

static void a_call_without_a_channel_is_refused(void **state)
{
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, UINT32_MAX);

	assert_int_equal(scripted_call(dsp, file, MODULE, SC_EMPTY), -EBADR);
	assert_int_equal(scripted_call(dsp, file, 1, SC_EMPTY), -EBADR);
	scripted_close(dsp, file);
}

static void close_tells_the_dsp_with_the_clients_id_in_the_header(void **state)
{
	struct scripted *dsp = *state;
	int file = scripted_create(dsp, CDSP);

	assert_int_equal(dsp->last_own.pid, 0);
	scripted_close(dsp, file);
	assert_int_equal(dsp->last_own.sc, FRPC_SC_RELEASE);
	assert_int_equal(dsp->last_own.pid, 1);
	/* Also without a process. */
	file = scripted_open(dsp, CDSP);
	scripted_close(dsp, file);
	assert_int_equal(dsp->own_count, 3);
}

/* In rounds of as many files as there are banks; each with a call that a signal ends. */
static void a_hundred_killed_tasks_leave_nothing_behind(void **state)
{
	struct scripted *dsp = *state;
	struct emu_driver_state held;

	need_signals();
	handle_signal(SIGUSR1, false);
	for (uint32_t round = 0; round < 8; round++) {
		struct pending calls[14];
		int files[14];

		for (uint32_t i = 0; i < 14; i++) {
			files[i] = scripted_create(dsp, i % 2 ? ADSP : CDSP);
			pending_call(&calls[i], dsp, files[i], MODULE, SC_EMPTY);
		}
		scripted_await(dsp, (round + 1) * 14);
		for (uint32_t k = 0; k < 14; k++) {
			uint32_t i = (k * 5 + round) % 14;

			long res = pending_interrupt(&calls[i], SIGUSR1);

			/* Some answers come too late, some before the signal. */
			assert_true(res == -EINTR || res == 0);
			if (k % 3)
				scripted_answer(dsp, dsp->messages[round * 14 + i].ctx, 0);
		}
		for (uint32_t k = 0; k < 14; k++)
			scripted_close(dsp, files[(k * 3 + round) % 14]);
		emu_driver_get_state(dsp->driver, &held);
		assert_int_equal(held.files, 0);
		assert_int_equal(held.calls, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_context_id_holds_pd_type_index_and_job_number),	 /* A4.2 */
		TEST(the_documented_id_of_a_user_pds_first_call_is_met), /* F */
		TEST(sensors_have_pd_type_2),				 /* A2.5 */
		TEST(each_channel_counts_its_own_jobs),			 /* A4.2 */
		TEST(the_66th_active_call_of_a_file_is_refused_and_low_handles_are_exempt), /* A4.1 */
		TEST(a_channels_table_holds_1024_calls_of_which_70_are_for_low_handles),  /* A4.1 */
		TEST(an_interrupted_call_is_resumed_by_its_thread_and_sent_once),	  /* A4.4 */
		TEST(another_scalars_word_does_not_resume_and_leaves_the_old_call_alone), /* A4.4 */
		TEST(a_resumed_calls_outputs_go_where_the_first_attempt_said),		  /* A4.4 */
		TEST(another_threads_call_is_not_resumed),				  /* A4.4 */
		TEST(a_restarting_handler_resumes_the_call_without_the_callers_doing),	  /* A4.4 */
		TEST(late_duplicate_and_unknown_answers_are_dropped_and_counted),	  /* A5.2 */
		TEST(the_first_answer_of_two_counts),					  /* A5.2 */
		TEST(the_drivers_own_handles_are_not_for_users),			  /* A2.4 */
		TEST(a_call_without_a_channel_is_refused),				  /* A2.4 */
		TEST(close_tells_the_dsp_with_the_clients_id_in_the_header),		  /* A4.5 */
		TEST(a_hundred_killed_tasks_leave_nothing_behind),			  /* A4.5 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
