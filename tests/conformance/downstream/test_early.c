/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Early responses, hints and poll mode, from the DSP model itself: it stands where the scripted DSP
 * stood, and what it sends passes a gate, which looks into the call's memory at that moment and can
 * hold a message back, so that no test depends on who is faster.
 */
#include "scripted.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emulator/dsp/subsystem.h"
#include "emulator/dsp/testmod/protocol.h"

#define FLAGS	   8u /* of responses there are fewer */
#define SC_STATUS  FRPC_SC_MAKE(EMU_TESTMOD_STATUS, 1, 0)
#define SC_ECHO	   FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 1, 1)
#define SC_ASID	   0x05000100u /* of handle 4 */
#define SC_POLLING 0x09010000u /* of handle 4 */

/* What has passed, by the response's flags: how often, and the last one. */
struct passed {
	uint32_t count;
	struct frpc_smq_rsp_v2 rsp;
	uint32_t word; /* the call's poll word at that moment */
};

struct gate {
	struct emu_end end; /* the DSP model's */
	struct scripted *dsp;
	struct emu_subsystem *subsystem;
	emu_receive_fn *receive;
	void *context;
	pthread_mutex_t lock; /* everything below */
	struct frpc_smq_msg last;
	struct passed passed[FLAGS];
	bool word_only; /* an announcement comes when the call is over, and no completion */
	struct frpc_smq_rsp_v2 announcement;
};

static struct gate gate;

static int receive_call(void *context, const void *bytes, size_t len)
{
	(void)context;
	if (len == sizeof(gate.last)) {
		pthread_mutex_lock(&gate.lock);
		memcpy(&gate.last, bytes, len);
		pthread_mutex_unlock(&gate.lock);
	}
	return gate.receive(gate.context, bytes, len);
}

/* The word at @address; 0 once the call's memory is gone, for a completion may come too late. */
static uint32_t peek(uint64_t address)
{
	struct emu_memory *memory = emu_driver_memory(gate.dsp->driver, EMU_DOWNSTREAM, CDSP);
	struct emu_backing backing;
	uint32_t word = 0;

	if (emu_memory_resolve(memory, address, sizeof(word), true, &backing))
		return 0;
	if (pread(backing.fd, &word, sizeof(word), (off_t)backing.offset) != sizeof(word))
		word = 0;
	close(backing.fd);
	return word;
}

/* With the lock held. */
static void note(const struct frpc_smq_rsp_v2 *rsp)
{
	struct passed *passed = &gate.passed[rsp->flags % FLAGS];
	uint64_t word = gate.last.page_addr + FRPC_SMQ_POLL_AT(FRPC_SC_LENGTH(gate.last.sc));

	passed->count++;
	passed->rsp = *rsp;
	if (gate.last.handle == EMU_TESTMOD_HANDLE && rsp->ctx == gate.last.ctx)
		passed->word = peek(word);
}

static int pass(const void *bytes, size_t len)
{
	return scripted_send(gate.dsp, CDSP, bytes, len);
}

static int gate_send(struct emu_end *end, const void *bytes, size_t len)
{
	struct frpc_smq_rsp_v2 rsp = {0}, announcement;
	bool word_only;

	(void)end;
	memcpy(&rsp, bytes, len < sizeof(rsp) ? len : sizeof(rsp));
	if (rsp.ctx == FRPC_SMQ_NOTIF_CTX)
		return pass(bytes, len);
	pthread_mutex_lock(&gate.lock);
	note(&rsp);
	word_only = gate.word_only;
	if (rsp.flags == FRPC_SMQ_EARLY_RESPONSE)
		gate.announcement = rsp;
	announcement = gate.announcement;
	pthread_mutex_unlock(&gate.lock);
	if (word_only && rsp.flags == FRPC_SMQ_EARLY_RESPONSE)
		return 0;
	if (word_only && rsp.flags == FRPC_SMQ_COMPLETE_SIGNAL)
		return pass(&announcement, sizeof(announcement));
	return pass(bytes, len);
}

static void gate_connect(struct emu_end *end, emu_receive_fn *receive, void *context)
{
	(void)end;
	gate.receive = receive;
	gate.context = context;
	emu_end_connect(gate.dsp->ends[0].end, receive ? receive_call : NULL, NULL);
}

static const struct emu_end_ops gate_ops = {.send = gate_send, .connect = gate_connect};

static void forget(void)
{
	pthread_mutex_lock(&gate.lock);
	memset(gate.passed, 0, sizeof(gate.passed));
	pthread_mutex_unlock(&gate.lock);
}

static struct passed passed(enum frpc_smq_rsp_flags flags)
{
	struct passed copy;

	pthread_mutex_lock(&gate.lock);
	copy = gate.passed[flags];
	pthread_mutex_unlock(&gate.lock);
	return copy;
}

static int setup(void **state)
{
	struct emu_subsystem_config *config = calloc(1, sizeof(*config));
	int res = scripted_setup(state);

	assert_non_null(config);
	gate = (struct gate){.end = {&gate_ops}, .dsp = *state};
	pthread_mutex_init(&gate.lock, NULL);
	config->domain = CDSP;
	config->name = "cdsp";
	config->extended = config->test_module = true;
	config->attributes[9] = gate.dsp->attributes[9];
	assert_int_equal(
		emu_subsystem_new(config, &gate.end,
				  emu_driver_memory(gate.dsp->driver, EMU_DOWNSTREAM, CDSP), NULL,
				  &gate.subsystem),
		0);
	free(config);
	return res;
}

static int teardown(void **state)
{
	emu_subsystem_free(gate.subsystem);
	pthread_mutex_destroy(&gate.lock);
	return scripted_teardown(state);
}

/* ---- calls ---- */

static long call(int file, uint32_t handle, uint32_t sc, struct frpc_dn_arg *args)
{
	struct frpc_dn_invoke invoke = {handle, sc, (uintptr_t)args};

	return scripted_ioctl(gate.dsp, file, FRPC_DN_IOCTL_INVOKE, &invoke);
}

/* A method that returns @status. */
static long call_status(int file, int32_t status)
{
	struct frpc_dn_arg arg = {(uintptr_t)&status, sizeof(status)};

	return call(file, EMU_TESTMOD_HANDLE, SC_STATUS, &arg);
}

static void assert_echo(int file)
{
	char in[300], out[300] = "";
	struct frpc_dn_arg args[] = {{(uintptr_t)in, sizeof(in)}, {(uintptr_t)out, sizeof(out)}};

	memset(in, 'e', sizeof(in));
	assert_int_equal(call(file, EMU_TESTMOD_HANDLE, SC_ECHO, args), 0);
	assert_memory_equal(in, out, sizeof(in));
}

static void control(int file, uint32_t req, uint32_t first, uint32_t second)
{
	struct frpc_dn_control request = {.req = req, .lp = {first, second}};

	assert_int_equal(scripted_ioctl(gate.dsp, file, FRPC_DN_IOCTL_CONTROL, &request), 0);
}

static long tell_dsp_of_polling(int file, uint32_t enable)
{
	uint32_t in[2] = {enable, 1000};
	struct frpc_dn_arg arg = {(uintptr_t)in, sizeof(in)};

	return call(file, FRPC_HANDLE_CURRENT_PROCESS1, SC_POLLING, &arg);
}

/* ---- tests ---- */

static void a_dsp_that_was_told_of_cpus_that_wake_early_announces_its_answers(void **state)
{
	int file = scripted_create(*state, CDSP);

	assert_int_equal(call_status(file, 5), 5);
	assert_int_equal(passed(FRPC_SMQ_EARLY_RESPONSE).count, 0);
	control(file, FRPC_DN_CONTROL_LATENCY, 1, 0);
	forget();
	assert_int_equal(call_status(file, 5), 5);
	assert_echo(file);
	scripted_close(*state, file);
	emu_subsystem_free(gate.subsystem); /* the last completion may have been under way */
	gate.subsystem = NULL;
	assert_int_equal(passed(FRPC_SMQ_EARLY_RESPONSE).count, 2);
	assert_int_equal(passed(FRPC_SMQ_COMPLETE_SIGNAL).count, 2);
	assert_int_equal(passed(FRPC_SMQ_EARLY_RESPONSE).rsp.version, 2);
	assert_int_equal(passed(FRPC_SMQ_EARLY_RESPONSE).rsp.ctx,
			 passed(FRPC_SMQ_COMPLETE_SIGNAL).rsp.ctx);
}

static void an_announced_call_ends_by_its_poll_word_with_the_methods_result(void **state)
{
	int file = scripted_create(*state, CDSP);

	emu_subsystem_set_faults(gate.subsystem, EMU_DSP_EARLY);
	gate.word_only = true;
	assert_int_equal(call_status(file, 7), 7);
	assert_int_equal(call_status(file, (int32_t)0x80000414), (int32_t)0x80000414);
	assert_echo(file);
	gate.word_only = false;
	emu_subsystem_set_faults(gate.subsystem, 0);
	scripted_close(*state, file);
}

static void the_poll_word_stands_behind_the_lists_before_the_completion(void **state)
{
	int file = scripted_create(*state, CDSP);

	emu_subsystem_set_faults(gate.subsystem, EMU_DSP_EARLY);
	gate.word_only = true; /* else the memory may be another call's when the completion comes */
	assert_echo(file);
	assert_int_equal(passed(FRPC_SMQ_EARLY_RESPONSE).word, 0);
	assert_int_equal(passed(FRPC_SMQ_COMPLETE_SIGNAL).word, FRPC_SMQ_POLL_EARLY);
	gate.word_only = false;
	emu_subsystem_set_faults(gate.subsystem, 0);
	scripted_close(*state, file);
}

static void a_job_that_is_announced_is_read_once(void **state)
{
	struct frpc_dn_async_job job = {.isasyncjob = 1, .jobid = 77};
	int32_t status = 9;
	struct frpc_dn_arg arg = {(uintptr_t)&status, sizeof(status)};
	struct frpc_dn_invoke_async async = {
		.inv = {EMU_TESTMOD_HANDLE, SC_STATUS, (uintptr_t)&arg}, .job = (uintptr_t)&job};
	struct frpc_dn_invoke2 submit = {
		.req = FRPC_DN_INVOKE2_ASYNC, .invparam = (uintptr_t)&async, .size = sizeof(async)};
	struct frpc_dn_async_response response = {0};
	struct frpc_dn_invoke2 read = {.req = FRPC_DN_INVOKE2_ASYNC_RESPONSE,
				       .invparam = (uintptr_t)&response,
				       .size = sizeof(response)};
	struct emu_driver_state held;
	int file = scripted_create(*state, CDSP);

	scripted_query(*state, file);
	emu_subsystem_set_faults(gate.subsystem, EMU_DSP_EARLY);
	assert_int_equal(scripted_ioctl(*state, file, FRPC_DN_IOCTL_INVOKE2, &submit), 0);
	assert_int_equal(scripted_ioctl(*state, file, FRPC_DN_IOCTL_INVOKE2, &read), 0);
	assert_int_equal(response.jobid, 77);
	assert_int_equal(response.result, 9);
	emu_driver_get_state(gate.dsp->driver, &held);
	assert_int_equal(held.done_jobs, 0);
	assert_int_equal(held.calls, 0);
	emu_subsystem_set_faults(gate.subsystem, 0);
	scripted_close(*state, file);
}

static void static_handles_and_the_drivers_own_calls_are_answered_once(void **state)
{
	uint32_t asid = 0;
	struct frpc_dn_arg arg = {(uintptr_t)&asid, sizeof(asid)};
	int file;

	emu_subsystem_set_faults(gate.subsystem, EMU_DSP_EARLY | EMU_DSP_USER_EARLY);
	file = scripted_create(*state, CDSP);
	assert_int_equal(call(file, FRPC_HANDLE_CURRENT_PROCESS1, SC_ASID, &arg), 0);
	scripted_close(*state, file);
	emu_subsystem_set_faults(gate.subsystem, 0);
	assert_int_equal(passed(FRPC_SMQ_NORMAL_RESPONSE).count, 3); /* and create, release */
	assert_int_equal(passed(FRPC_SMQ_EARLY_RESPONSE).count, 0);
	assert_int_equal(passed(FRPC_SMQ_USER_EARLY_SIGNAL).count, 0);
}

static void a_hint_says_when_a_method_will_be_done_and_its_answer_ends_the_call(void **state)
{
	int file = scripted_create(*state, CDSP);

	emu_subsystem_set_faults(gate.subsystem, EMU_DSP_USER_EARLY);
	forget();
	assert_int_equal(call_status(file, 3), 3);
	assert_int_equal(passed(FRPC_SMQ_USER_EARLY_SIGNAL).count, 1);
	assert_int_not_equal(passed(FRPC_SMQ_USER_EARLY_SIGNAL).rsp.early_wake_time, 0);
	assert_int_equal(passed(FRPC_SMQ_NORMAL_RESPONSE).count, 1);
	emu_subsystem_set_faults(gate.subsystem, 0);
	scripted_close(*state, file);
}

static void in_poll_mode_the_dsp_writes_done_for_a_success_and_announces_nothing(void **state)
{
	int file = scripted_create(*state, CDSP);

	emu_subsystem_set_faults(gate.subsystem, EMU_DSP_EARLY);
	assert_int_equal(tell_dsp_of_polling(file, 1), 0);
	/* The driver does not poll yet: the memory stays the call's. */
	assert_int_equal(call_status(file, 0), 0);
	assert_int_equal(passed(FRPC_SMQ_NORMAL_RESPONSE).word, FRPC_SMQ_POLL_DONE);
	assert_int_equal(call_status(file, 5), 5);
	assert_int_equal(passed(FRPC_SMQ_NORMAL_RESPONSE).word, 0);
	assert_int_equal(passed(FRPC_SMQ_EARLY_RESPONSE).count, 0);
	control(file, FRPC_DN_CONTROL_RPC_POLL, 1, 10000);
	assert_int_equal(call_status(file, 0), 0);
	assert_echo(file);
	assert_int_equal(call_status(file, 5), 5);
	control(file, FRPC_DN_CONTROL_RPC_POLL, 0, 0);
	assert_int_equal(tell_dsp_of_polling(file, 0), 0);
	emu_subsystem_set_faults(gate.subsystem, 0);
	assert_int_equal(call_status(file, 0), 0);
	assert_int_equal(passed(FRPC_SMQ_NORMAL_RESPONSE).word, 0);
	scripted_close(*state, file);
}

static void after_its_restart_a_dsp_has_to_be_told_again(void **state)
{
	int file = scripted_create(*state, CDSP);

	control(file, FRPC_DN_CONTROL_LATENCY, 1, 0);
	emu_subsystem_crash(gate.subsystem);
	scripted_restart(*state);
	emu_subsystem_boot(gate.subsystem);
	scripted_close(*state, file);
	file = scripted_create(*state, CDSP);
	forget();
	assert_int_equal(call_status(file, 4), 4);
	assert_int_equal(passed(FRPC_SMQ_EARLY_RESPONSE).count, 0);
	scripted_close(*state, file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_dsp_that_was_told_of_cpus_that_wake_early_announces_its_answers), /* A5.2, A5.4 */
		TEST(an_announced_call_ends_by_its_poll_word_with_the_methods_result), /* A5.2 */
		TEST(the_poll_word_stands_behind_the_lists_before_the_completion), /* A5.2, A6.2 */
		TEST(a_job_that_is_announced_is_read_once),			   /* A11.2 */
		TEST(static_handles_and_the_drivers_own_calls_are_answered_once),  /* A5.2 */
		TEST(a_hint_says_when_a_method_will_be_done_and_its_answer_ends_the_call), /* A5.2 */
		TEST(in_poll_mode_the_dsp_writes_done_for_a_success_and_announces_nothing), /* A11.4 */
		TEST(after_its_restart_a_dsp_has_to_be_told_again), /* A5.4 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
