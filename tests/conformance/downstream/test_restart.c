/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A DSP that is restarted, and processes that die on it: which calls end with what, which files
 * stay dead, and what reopening needs. First with a scripted DSP, then with the DSP model.
 */
#include "scripted.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "emulator.h"

#define SC_EMPTY 0x02000000u
#define GONE	 39 /* what a dead process's calls are answered with */

static bool answer_all(struct scripted *dsp, const struct frpc_smq_msg *message)
{
	if (message->handle < 3)
		return false;
	scripted_answer(dsp, message->ctx, 0);
	return true;
}

static long create(struct scripted *dsp, int file)
{
	struct frpc_dn_init init = {.flags = FRPC_DN_INIT_CREATE, .filefd = -1, .memfd = -1};

	return scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INIT, &init);
}

static long attach(struct scripted *dsp, int file)
{
	struct frpc_dn_init init = {.flags = FRPC_DN_INIT_ATTACH};

	return scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INIT, &init);
}

static void waiting_calls_end_with_connreset_before_the_power_up(void **state)
{
	static struct pending calls[64];
	struct scripted *dsp = *state;
	struct pending low;
	int file = scripted_create(dsp, CDSP);

	for (int i = 0; i < 64; i++)
		pending_call(&calls[i], dsp, file, MODULE, SC_EMPTY);
	pending_call(&low, dsp, file, 3, SC_EMPTY);
	scripted_await(dsp, 65);
	scripted_restart_step(dsp, EMU_RESTART_SHUTDOWN_BEGINS);
	scripted_restart_step(dsp, EMU_RESTART_SHUTDOWN_ENDS);
	for (int i = 0; i < 64; i++)
		assert_false(calls[i].returned);
	scripted_restart_step(dsp, EMU_RESTART_POWERUP_BEGINS);
	for (int i = 0; i < 64; i++)
		assert_int_equal(pending_join(&calls[i]), -ECONNRESET);
	assert_int_equal(pending_join(&low), -ECONNRESET);
	scripted_restart_step(dsp, EMU_RESTART_POWERUP_ENDS);
	scripted_close(dsp, file);
}

static void from_the_shutdown_on_nothing_is_sent_for_a_file(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_mmap map = {.fd = -1, .flags = FRPC_DN_MMAP_ADD_PAGES, .size = 4096};
	uint32_t own;
	int file = scripted_create(dsp, CDSP);

	dsp->script = answer_all;
	assert_int_equal(scripted_call(dsp, file, MODULE, SC_EMPTY), 0);
	scripted_restart_step(dsp, EMU_RESTART_SHUTDOWN_BEGINS);
	own = dsp->own_count;
	assert_int_equal(scripted_call(dsp, file, MODULE, SC_EMPTY), -ECONNRESET);
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_MMAP, &map), -ECONNRESET);
	scripted_restart_step(dsp, EMU_RESTART_SHUTDOWN_ENDS);
	assert_int_equal(scripted_call(dsp, file, MODULE, SC_EMPTY), -ECONNRESET);
	scripted_restart_step(dsp, EMU_RESTART_POWERUP_BEGINS);
	scripted_restart_step(dsp, EMU_RESTART_POWERUP_ENDS);
	/* Also once it is up again; and whatever is wrong with the call beside that. */
	assert_int_equal(scripted_call(dsp, file, MODULE, SC_EMPTY), -ECONNRESET);
	assert_int_equal(scripted_call(dsp, file, 1, SC_EMPTY), -ECONNRESET);
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_MMAP, &map), -ECONNRESET);
	assert_int_equal(dsp->own_count, own);
	scripted_close(dsp, file);
	assert_int_equal(dsp->own_count, own); /* not even the release */
}

static void an_attached_file_lives_again_after_init_and_a_created_one_does_not(void **state)
{
	struct scripted *dsp = *state;
	int attached, created;

	dsp->script = answer_all;
	attached = scripted_open(dsp, CDSP);
	assert_int_equal(attach(dsp, attached), 0);
	created = scripted_create(dsp, CDSP);
	scripted_restart(dsp);
	assert_int_equal(scripted_call(dsp, attached, MODULE, SC_EMPTY), -ECONNRESET);
	assert_int_equal(attach(dsp, attached), 0);
	assert_int_equal(scripted_call(dsp, attached, MODULE, SC_EMPTY), 0);
	assert_int_equal(create(dsp, created), -EALREADY);
	scripted_close(dsp, created);
	created = scripted_create(dsp, CDSP); /* reopening does */
	assert_int_equal(scripted_call(dsp, created, MODULE, SC_EMPTY), 0);
	scripted_close(dsp, attached);
	scripted_close(dsp, created);
}

static void a_new_file_needs_a_channel_open_once_the_dsp_was_restarted(void **state)
{
	struct scripted *dsp = *state;
	int file, asking;

	dsp->script = answer_all;
	scripted_restart(dsp);
	file = scripted_open(dsp, CDSP);
	asking = scripted_open(dsp, CDSP);
	assert_int_equal(scripted_call(dsp, file, MODULE, SC_EMPTY), -ECONNRESET);
	/* A capability query is one, too, if it reaches the DSP. */
	scripted_query(dsp, asking);
	assert_int_equal(scripted_call(dsp, asking, MODULE, SC_EMPTY), 0);
	scripted_query(dsp, file); /* answered from the cache */
	assert_int_equal(scripted_call(dsp, file, MODULE, SC_EMPTY), -ECONNRESET);
	assert_int_equal(create(dsp, file), 0);
	assert_int_equal(scripted_call(dsp, file, MODULE, SC_EMPTY), 0);
	scripted_close(dsp, file);
	scripted_close(dsp, asking);
}

static void while_the_dsp_is_down_creating_is_refused_and_attaching_waits(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_init init = {.flags = FRPC_DN_INIT_ATTACH};
	struct frpc_dn_capability capability = {.domain = CDSP, .attribute_id = 6};
	struct pending attaching;
	int file = scripted_open(dsp, CDSP), other = scripted_open(dsp, CDSP);

	scripted_restart_step(dsp, EMU_RESTART_SHUTDOWN_BEGINS);
	assert_int_equal(create(dsp, file), -ECONNREFUSED);
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_GET_DSP_INFO, &capability),
			 -ECONNREFUSED);
	scripted_restart_step(dsp, EMU_RESTART_SHUTDOWN_ENDS);
	assert_int_equal(create(dsp, file), -ECONNREFUSED);
	attaching.compat = false;
	pending_start(&attaching, dsp, other, FRPC_DN_IOCTL_INIT, &init);
	scripted_restart_step(dsp, EMU_RESTART_POWERUP_BEGINS);
	assert_false(attaching.returned);
	assert_int_equal(create(dsp, file), -ECONNREFUSED);
	scripted_restart_step(dsp, EMU_RESTART_POWERUP_ENDS);
	assert_int_equal(pending_join(&attaching), 0);
	assert_int_equal(create(dsp, file), 0); /* the create that failed may be repeated */
	scripted_close(dsp, file);
	scripted_close(dsp, other);
}

static void a_signal_ends_an_attach_that_waits(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_init init = {.flags = FRPC_DN_INIT_ATTACH};
	struct pending attaching;
	int file = scripted_open(dsp, CDSP);

	handle_signal(SIGUSR1, false);
	scripted_restart_step(dsp, EMU_RESTART_SHUTDOWN_BEGINS);
	attaching.compat = false;
	pending_start(&attaching, dsp, file, FRPC_DN_IOCTL_INIT, &init);
	assert_int_equal(pending_interrupt(&attaching, SIGUSR1), -EINTR);
	scripted_restart_step(dsp, EMU_RESTART_SHUTDOWN_ENDS);
	scripted_restart_step(dsp, EMU_RESTART_POWERUP_BEGINS);
	scripted_restart_step(dsp, EMU_RESTART_POWERUP_ENDS);
	scripted_close(dsp, file);
}

static void an_attach_that_waits_keeps_no_other_command_of_its_file_waiting(void **state)
{
	const struct timespec pause = {.tv_nsec = 50000000}; /* mostly it waits by then */
	struct scripted *dsp = *state;
	struct frpc_dn_init init = {.flags = FRPC_DN_INIT_ATTACH};
	struct frpc_dn_mmap map = {.fd = -1, .flags = FRPC_DN_MMAP_ADD_PAGES, .size = 4096};
	struct pending attaching;
	int file = scripted_open(dsp, CDSP);

	scripted_restart_step(dsp, EMU_RESTART_SHUTDOWN_BEGINS);
	attaching.compat = false;
	pending_start(&attaching, dsp, file, FRPC_DN_IOCTL_INIT, &init);
	nanosleep(&pause, NULL);
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_MMAP, &map), -EHOSTDOWN);
	assert_false(attaching.returned);
	scripted_restart_step(dsp, EMU_RESTART_SHUTDOWN_ENDS);
	scripted_restart_step(dsp, EMU_RESTART_POWERUP_BEGINS);
	scripted_restart_step(dsp, EMU_RESTART_POWERUP_ENDS);
	assert_int_equal(pending_join(&attaching), 0);
	scripted_close(dsp, file);
}

static void *close_file(void *arg)
{
	struct pending *pending = arg;

	scripted_close(pending->dsp, pending->file);
	pending->returned = true;
	return NULL;
}

static void closing_waits_for_the_shutdown_and_sends_nothing(void **state)
{
	struct scripted *dsp = *state;
	struct pending closing = {.dsp = dsp, .file = scripted_create(dsp, CDSP)};
	uint32_t own = dsp->own_count;

	scripted_restart_step(dsp, EMU_RESTART_SHUTDOWN_BEGINS);
	assert_int_equal(pthread_create(&closing.thread, NULL, close_file, &closing), 0);
	assert_false(closing.returned);
	scripted_restart_step(dsp, EMU_RESTART_SHUTDOWN_ENDS);
	pthread_join(closing.thread, NULL);
	assert_int_equal(dsp->own_count, own);
	scripted_restart_step(dsp, EMU_RESTART_POWERUP_BEGINS);
	scripted_restart_step(dsp, EMU_RESTART_POWERUP_ENDS);
}

static void the_drivers_own_calls_end_with_a_restart_as_well(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_init init = {.flags = FRPC_DN_INIT_CREATE, .filefd = -1, .memfd = -1};
	struct pending creating;
	int file = scripted_open(dsp, CDSP);

	dsp->hold_all = true;
	creating.compat = false;
	pending_start(&creating, dsp, file, FRPC_DN_IOCTL_INIT, &init);
	scripted_await(dsp, 1);
	scripted_restart(dsp);
	assert_int_equal(pending_join(&creating), -ECONNRESET);
	dsp->hold_all = false;
	assert_int_equal(create(dsp, file), 0);
	scripted_close(dsp, file);
}

static void an_interrupted_call_ends_with_a_restart_too(void **state)
{
	struct scripted *dsp = *state;
	struct emu_driver_state held;
	struct pending call;
	int file = scripted_open(dsp, CDSP);

	handle_signal(SIGUSR1, false);
	pending_call(&call, dsp, file, MODULE, SC_EMPTY);
	assert_int_equal(pending_interrupt(&call, SIGUSR1), -EINTR);
	scripted_restart(dsp);
	assert_int_equal(scripted_answer(dsp, dsp->messages[0].ctx, 0), -ENOENT);
	emu_driver_get_state(dsp->driver, &held);
	assert_int_equal(held.calls, 1); /* its thread might still come back for it */
	scripted_close(dsp, file);
}

static void another_dsps_calls_go_on(void **state)
{
	struct scripted *dsp = *state;
	struct pending call;
	int file = scripted_open(dsp, ADSP);

	pending_call(&call, dsp, file, MODULE, SC_EMPTY);
	scripted_await(dsp, 1);
	scripted_restart(dsp);
	assert_false(call.returned);
	scripted_answer(dsp, dsp->messages[0].ctx, 3);
	assert_int_equal(pending_join(&call), 3);
	scripted_close(dsp, file);
}

/* ---- the DSP model behind the public steering functions ---- */

struct machine {
	struct frpc_emulator *emulator;
	int file;
};

static long machine_ioctl(struct machine *machine, uint32_t cmd, void *arg)
{
	return frpc_emulator_ioctl(machine->emulator, machine->file, cmd, (uintptr_t)arg, false);
}

static void machine_open(struct machine *machine)
{
	struct frpc_dn_init init = {.flags = FRPC_DN_INIT_CREATE, .filefd = -1, .memfd = -1};
	uint32_t domain = CDSP;

	machine->file = frpc_emulator_open(machine->emulator, "/dev/adsprpc-smd", O_RDONLY);
	assert_true(machine->file >= 0);
	assert_int_equal(machine_ioctl(machine, FRPC_DN_IOCTL_GETINFO, &domain), 0);
	assert_int_equal(machine_ioctl(machine, FRPC_DN_IOCTL_INIT, &init), 0);
}

static void machine_start(struct machine *machine)
{
	assert_int_equal(frpc_emulator_new("abi=downstream,domains=cdsp+adsp", &machine->emulator,
					   NULL, 0),
			 0);
	machine_open(machine);
}

static void machine_stop(struct machine *machine)
{
	struct frpc_emulator_state state;

	assert_int_equal(frpc_emulator_close(machine->emulator, machine->file), 0);
	frpc_emulator_get_state(machine->emulator, &state);
	assert_int_equal(state.files, 0);
	assert_int_equal(state.calls, 0);
	assert_int_equal(state.notifications, 0);
	assert_int_equal(frpc_emulator_processes(machine->emulator, CDSP), 0);
	frpc_emulator_free(machine->emulator);
}

static long asid(struct machine *machine)
{
	uint32_t id = 0;
	struct frpc_dn_arg arg = {(uintptr_t)&id, sizeof(id)};
	struct frpc_dn_invoke invoke = {4, 0x05000100, (uintptr_t)&arg};

	return machine_ioctl(machine, FRPC_DN_IOCTL_INVOKE, &invoke);
}

static uint32_t next_status(struct machine *machine)
{
	struct frpc_dn_notif_rsp rsp;
	struct frpc_dn_invoke2 invoke2 = {.req = FRPC_DN_INVOKE2_STATUS_NOTIF,
					  .invparam = (uintptr_t)&rsp,
					  .size = sizeof(rsp)};

	assert_int_equal(machine_ioctl(machine, FRPC_DN_IOCTL_INVOKE2, &invoke2), 0);
	return rsp.status;
}

struct listener {
	struct machine *machine;
	pthread_t thread;
	long result;
};

/* A call that the DSP keeps: the listener's, waiting for a reverse call. */
static void *listen(void *arg)
{
	struct listener *listener = arg;
	uint32_t in[4] = {0, UINT32_MAX, 0, 256}, out[4];
	unsigned char bytes[256];
	struct frpc_dn_arg args[4] = {{(uintptr_t)in, sizeof(in)},
				      {0, 0},
				      {(uintptr_t)out, sizeof(out)},
				      {(uintptr_t)bytes, sizeof(bytes)}};
	struct frpc_dn_invoke invoke = {3, 0x04020200, (uintptr_t)args};

	listener->result = machine_ioctl(listener->machine, FRPC_DN_IOCTL_INVOKE, &invoke);
	return NULL;
}

static void listener_start(struct listener *listener, struct machine *machine)
{
	struct frpc_emulator_state state = {0};
	const struct timespec pause = {.tv_nsec = 1000000};

	listener->machine = machine;
	assert_int_equal(pthread_create(&listener->thread, NULL, listen, listener), 0);
	while (!state.calls) {
		frpc_emulator_get_state(machine->emulator, &state);
		nanosleep(&pause, NULL);
	}
}

static long listener_join(struct listener *listener)
{
	pthread_join(listener->thread, NULL);
	return listener->result;
}

static void the_dsp_comes_back_empty_and_a_new_file_works(void **state)
{
	struct machine machine;
	struct listener listener;

	(void)state;
	machine_start(&machine);
	assert_int_equal(asid(&machine), 0);
	listener_start(&listener, &machine);
	assert_int_equal(frpc_emulator_restart(machine.emulator, CDSP), 0);
	assert_int_equal(listener_join(&listener), -ECONNRESET);
	assert_int_equal(frpc_emulator_processes(machine.emulator, CDSP), 0);
	assert_int_equal(asid(&machine), -ECONNRESET);
	assert_int_equal(next_status(&machine), 4);
	assert_int_equal(frpc_emulator_close(machine.emulator, machine.file), 0);
	machine_open(&machine);
	assert_int_equal(asid(&machine), 0);
	machine_stop(&machine);
}

static void restart_steps_come_in_order_and_an_unfinished_one_ends_with_the_machine(void **state)
{
	struct machine machine;

	(void)state;
	machine_start(&machine);
	assert_int_equal(frpc_emulator_restart_step(machine.emulator, CDSP,
						    FRPC_EMULATOR_POWERUP_ENDS),
			 -EINVAL);
	assert_int_equal(frpc_emulator_restart(machine.emulator, 1), -ENODEV);
	assert_int_equal(frpc_emulator_restart(machine.emulator, 99), -ENODEV);
	assert_int_equal(frpc_emulator_restart_step(machine.emulator, CDSP,
						    FRPC_EMULATOR_SHUTDOWN_BEGINS),
			 0);
	assert_int_equal(frpc_emulator_restart(machine.emulator, CDSP), -EINVAL);
	frpc_emulator_free(machine.emulator); /* with its file open, whose close would wait */
}

static void a_silent_dsp_forgets_what_it_held_back_when_it_restarts(void **state)
{
	struct machine machine;
	struct listener listener;
	struct frpc_emulator_counters counters;

	(void)state;
	machine_start(&machine);
	assert_int_equal(frpc_emulator_set_faults(machine.emulator, CDSP, FRPC_EMULATOR_SILENT), 0);
	listener_start(&listener, &machine);
	assert_int_equal(frpc_emulator_restart(machine.emulator, CDSP), 0);
	assert_int_equal(listener_join(&listener), -ECONNRESET);
	assert_int_equal(frpc_emulator_set_faults(machine.emulator, CDSP, 0), 0);
	frpc_emulator_get_counters(machine.emulator, &counters);
	assert_int_equal(counters.stray_responses, 0);
	machine_stop(&machine);
}

static void a_killed_process_ends_its_calls_and_is_announced(void **state)
{
	struct machine machine;
	struct listener listener;

	(void)state;
	machine_start(&machine);
	listener_start(&listener, &machine);
	assert_int_equal(frpc_emulator_kill_processes(machine.emulator, CDSP, 200, 3), -ESRCH);
	assert_int_equal(frpc_emulator_kill_processes(machine.emulator, CDSP, 1, 3), 0);
	assert_int_equal(listener_join(&listener), GONE);
	assert_int_equal(next_status(&machine), 3);
	assert_int_equal(frpc_emulator_processes(machine.emulator, CDSP), 0);
	/* The file stays usable for the driver; the DSP says that there is no process any more. */
	assert_int_equal(asid(&machine), (int)0x8000040d);
	assert_int_equal(frpc_emulator_kill_processes(machine.emulator, CDSP, 0, 3), -ESRCH);
	machine_stop(&machine);
}

static void a_process_that_raises_an_exception_answers_bad_state_and_dies(void **state)
{
	struct machine machine;
	struct listener listener;
	struct frpc_dn_invoke exception = {4, 0x07000000, 0};

	(void)state;
	machine_start(&machine);
	listener_start(&listener, &machine);
	assert_int_equal(machine_ioctl(&machine, FRPC_DN_IOCTL_INVOKE, &exception),
			 (int)0x8000040d);
	assert_int_equal(listener_join(&listener), GONE);
	assert_int_equal(next_status(&machine), 3);
	assert_int_equal(frpc_emulator_processes(machine.emulator, CDSP), 0);
	machine_stop(&machine);
}

static void a_process_that_exits_is_announced(void **state)
{
	struct machine machine;
	struct frpc_dn_invoke enable = {4, 0x0a000000, 0}, leave = {4, 0x02000000, 0};

	(void)state;
	machine_start(&machine);
	assert_int_equal(machine_ioctl(&machine, FRPC_DN_IOCTL_INVOKE, &enable), 0);
	assert_int_equal(next_status(&machine), 0);
	assert_int_equal(machine_ioctl(&machine, FRPC_DN_IOCTL_INVOKE, &leave), 0);
	assert_int_equal(next_status(&machine), 1);
	machine_stop(&machine);
}

static void right_answers_arrive_through_duplicates_fragments_and_garbage(void **state)
{
	static const uint32_t faults[] = {FRPC_EMULATOR_DUPLICATE, FRPC_EMULATOR_TRUNCATE,
					  FRPC_EMULATOR_HOSTILE, FRPC_EMULATOR_LONG, 60};
	struct frpc_emulator_counters before, after;
	struct machine machine;

	(void)state;
	machine_start(&machine);
	for (uint32_t i = 0; i < 5; i++) {
		assert_int_equal(frpc_emulator_set_faults(machine.emulator, CDSP, faults[i]), 0);
		frpc_emulator_get_counters(machine.emulator, &before);
		for (int k = 0; k < 5; k++)
			assert_int_equal(asid(&machine), 0);
		frpc_emulator_get_counters(machine.emulator, &after);
		assert_int_equal(after.calls - before.calls, 5);
		if (faults[i] & (FRPC_EMULATOR_DUPLICATE | FRPC_EMULATOR_HOSTILE))
			assert_true(after.stray_responses > before.stray_responses);
	}
	assert_int_equal(frpc_emulator_set_faults(machine.emulator, CDSP, 0), 0);
	machine_stop(&machine);
}

static void injected_bytes_reach_the_driver_as_the_dsps(void **state)
{
	struct frpc_smq_notif notif = {
		.ctx = FRPC_SMQ_NOTIF_CTX, .type = FRPC_SMQ_NOTIF_TYPE, .pid = 1, .status = 12};
	struct machine machine;

	(void)state;
	machine_start(&machine);
	assert_int_equal(frpc_emulator_inject(machine.emulator, FRPC_EMULATOR_DOWNSTREAM, CDSP,
					      &notif, sizeof(notif)),
			 0);
	assert_int_equal(next_status(&machine), 12);
	assert_int_equal(frpc_emulator_inject(machine.emulator, FRPC_EMULATOR_MAINLINE, CDSP,
					      &notif, sizeof(notif)),
			 -ENODEV);
	assert_int_equal(frpc_emulator_inject(machine.emulator, FRPC_EMULATOR_DOWNSTREAM, CDSP,
					      &notif, 3),
			 -EINVAL);
	machine_stop(&machine);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(waiting_calls_end_with_connreset_before_the_power_up),		  /* A4.6 */
		TEST(from_the_shutdown_on_nothing_is_sent_for_a_file),			  /* A4.6 */
		TEST(an_attached_file_lives_again_after_init_and_a_created_one_does_not), /* A4.6 */
		TEST(a_new_file_needs_a_channel_open_once_the_dsp_was_restarted),	  /* A4.6 */
		TEST(while_the_dsp_is_down_creating_is_refused_and_attaching_waits),	  /* A2.5 */
		TEST(a_signal_ends_an_attach_that_waits),				  /* A2.5 */
		TEST(an_attach_that_waits_keeps_no_other_command_of_its_file_waiting),	  /* A2.8 */
		TEST(closing_waits_for_the_shutdown_and_sends_nothing),			  /* A4.5 */
		TEST(the_drivers_own_calls_end_with_a_restart_as_well),			  /* A4.6 */
		TEST(an_interrupted_call_ends_with_a_restart_too),			  /* A4.6 */
		TEST(another_dsps_calls_go_on),						  /* A4.6 */
		cmocka_unit_test(the_dsp_comes_back_empty_and_a_new_file_works),	  /* A4.6 */
		cmocka_unit_test(
			restart_steps_come_in_order_and_an_unfinished_one_ends_with_the_machine), /* steering */
		cmocka_unit_test(
			a_silent_dsp_forgets_what_it_held_back_when_it_restarts), /* A4.6 */
		cmocka_unit_test(
			a_killed_process_ends_its_calls_and_is_announced), /* A11.1; 39 as the peer reports it */
		cmocka_unit_test(
			a_process_that_raises_an_exception_answers_bad_state_and_dies), /* A11.1 */
		cmocka_unit_test(a_process_that_exits_is_announced),			/* A11.1 */
		cmocka_unit_test(
			right_answers_arrive_through_duplicates_fragments_and_garbage), /* A5.2 */
		cmocka_unit_test(injected_bytes_reach_the_driver_as_the_dsps), /* steering */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
