/* SPDX-License-Identifier: BSD-3-Clause */
/* DSP signals: create, signal both ways, wait, cancel, destroy; their groups and their end. */
#include "scripted.h"

#include <signal.h>
#include <string.h>

#define FOREVER UINT32_MAX

static long create(struct scripted *dsp, int file, uint32_t id)
{
	struct frpc_dn_dspsignal_create create = {.signal_id = id, .flags = 0xffff};

	return scripted_ioctl(dsp, file, FRPC_DN_IOCTL_DSPSIGNAL_CREATE, &create);
}

static long wait(struct scripted *dsp, int file, uint32_t id, uint32_t us)
{
	struct frpc_dn_dspsignal_wait wait = {.signal_id = id, .timeout_usec = us};

	return scripted_ioctl(dsp, file, FRPC_DN_IOCTL_DSPSIGNAL_WAIT, &wait);
}

static long run(struct scripted *dsp, int file, uint32_t cmd, uint32_t id)
{
	return scripted_ioctl(dsp, file, cmd, &id);
}

#define SIGNAL	FRPC_DN_IOCTL_DSPSIGNAL_SIGNAL
#define DESTROY FRPC_DN_IOCTL_DSPSIGNAL_DESTROY
#define CANCEL	FRPC_DN_IOCTL_DSPSIGNAL_CANCEL_WAIT

struct waiter {
	struct frpc_dn_dspsignal_wait wait;
	struct pending pending;
};

static void waiter_start(struct waiter *waiter, struct scripted *dsp, int file, uint32_t id,
			 uint32_t us)
{
	waiter->wait = (struct frpc_dn_dspsignal_wait){.signal_id = id, .timeout_usec = us};
	waiter->pending.compat = false;
	pending_start(&waiter->pending, dsp, file, FRPC_DN_IOCTL_DSPSIGNAL_WAIT, &waiter->wait);
}

static void a_signal_can_be_waited_for_before_and_after_it_came(void **state)
{
	struct scripted *dsp = *state;
	struct waiter waiter;
	int file = scripted_open(dsp, CDSP);

	assert_int_equal(create(dsp, file, 7), 0);
	assert_int_equal(scripted_signal(dsp, CDSP, 1, 7), 0);
	assert_int_equal(wait(dsp, file, 7, FOREVER), 0);
	assert_int_equal(wait(dsp, file, 7, 0), -ETIMEDOUT); /* it is pending again */
	waiter_start(&waiter, dsp, file, 7, FOREVER);
	assert_int_equal(scripted_signal(dsp, CDSP, 1, 7), 0);
	assert_int_equal(pending_join(&waiter.pending), 0);
	scripted_close(dsp, file);
}

static void ids_0_to_1023_exist_in_four_groups(void **state)
{
	struct scripted *dsp = *state;
	static const uint32_t ids[] = {0, 255, 256, 511, 512, 767, 768, 1023};
	struct emu_driver_state held;
	int file = scripted_open(dsp, CDSP);

	for (uint32_t i = 0; i < 8; i++) {
		assert_int_equal(wait(dsp, file, ids[i], 0), -ENOENT);
		assert_int_equal(create(dsp, file, ids[i]), 0);
		assert_int_equal(create(dsp, file, ids[i]), -EBUSY);
		assert_int_equal(scripted_signal(dsp, CDSP, 1, ids[i]), 0);
		assert_int_equal(wait(dsp, file, ids[i], 0), 0);
	}
	emu_driver_get_state(dsp->driver, &held);
	assert_int_equal(held.signals, 8);
	assert_int_equal(create(dsp, file, 1024), -EINVAL);
	assert_int_equal(wait(dsp, file, 1024, 0), -EINVAL);
	assert_int_equal(run(dsp, file, DESTROY, 1024), -EINVAL);
	assert_int_equal(run(dsp, file, CANCEL, 1024), -EINVAL);
	assert_int_equal(run(dsp, file, SIGNAL, 1024), -EBADR); /* its own number here */
	assert_int_equal(create(dsp, file, UINT32_MAX), -EINVAL);
	scripted_close(dsp, file);
}

static void without_a_session_every_command_is_refused(void **state)
{
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, UINT32_MAX);

	assert_int_equal(create(dsp, file, 1), -EBADR);
	assert_int_equal(wait(dsp, file, 1, 0), -EBADR);
	assert_int_equal(run(dsp, file, SIGNAL, 1), -EBADR);
	assert_int_equal(run(dsp, file, DESTROY, 1), -EBADR);
	assert_int_equal(run(dsp, file, CANCEL, 1), -EBADR);
	scripted_close(dsp, file);
}

static void unreadable_arguments_are_faults(void **state)
{
	static const uint32_t commands[] = {FRPC_DN_IOCTL_DSPSIGNAL_CREATE, DESTROY, SIGNAL,
					    FRPC_DN_IOCTL_DSPSIGNAL_WAIT, CANCEL};
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, CDSP);

	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(scripted_ioctl(dsp, file, commands[i], NULL), -EFAULT);
	scripted_close(dsp, file);
}

static void a_signal_to_the_dsp_is_one_word_and_needs_no_creation(void **state)
{
	struct scripted *dsp = *state;
	int first = scripted_open(dsp, CDSP), second = scripted_open(dsp, CDSP);

	assert_int_equal(run(dsp, first, SIGNAL, 5), 0);
	assert_int_equal(run(dsp, second, SIGNAL, 1023), 0);
	assert_int_equal(dsp->signal_count, 2);
	assert_true(dsp->signals[0] == (UINT64_C(1) << 32 | 5));
	assert_true(dsp->signals[1] == (UINT64_C(2) << 32 | 1023));
	scripted_close(dsp, first);
	scripted_close(dsp, second);
}

static void a_wait_ends_when_its_time_is_over_on_the_drivers_clock(void **state)
{
	struct scripted *dsp = *state;
	struct waiter waiter;
	int file = scripted_open(dsp, CDSP);

	assert_int_equal(create(dsp, file, 1), 0);
	waiter_start(&waiter, dsp, file, 1, 4000000000u); /* more than an hour */
	assert_false(waiter.pending.returned);
	/* Until it has begun, turning the clock would do nothing: turn it until it is over. */
	while (!waiter.pending.returned)
		emu_clock_advance(dsp->clock, UINT64_C(4000000000000));
	assert_int_equal(pending_join(&waiter.pending), -ETIMEDOUT);
	/* One for ever sees no time pass. */
	waiter_start(&waiter, dsp, file, 1, FOREVER);
	emu_clock_advance(dsp->clock, UINT64_C(8000000000000));
	assert_int_equal(scripted_signal(dsp, CDSP, 1, 1), 0);
	assert_int_equal(pending_join(&waiter.pending), 0);
	scripted_close(dsp, file);
}

static void signals_are_matched_on_client_and_channel(void **state)
{
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, CDSP);

	assert_int_equal(create(dsp, file, 1), 0);
	assert_int_equal(scripted_signal(dsp, CDSP, 2, 1), -ENOENT);
	assert_int_equal(scripted_signal(dsp, ADSP, 1, 1), -ENOENT);
	assert_int_equal(scripted_signal(dsp, CDSP, 1, 2), -ENOENT);
	assert_int_equal(scripted_signal(dsp, CDSP, 1, 1024), -EINVAL);
	assert_int_equal(wait(dsp, file, 1, 0), -ETIMEDOUT);
	scripted_close(dsp, file);
	assert_int_equal(scripted_signal(dsp, CDSP, 1, 1), -ENOENT);
}

static void cancelling_wakes_all_waiters_and_refuses_until_destroyed(void **state)
{
	struct scripted *dsp = *state;
	struct waiter waiters[3];
	int file = scripted_open(dsp, CDSP);

	assert_int_equal(run(dsp, file, CANCEL, 1), -ENOENT);
	assert_int_equal(create(dsp, file, 1), 0);
	for (int i = 0; i < 3; i++)
		waiter_start(&waiters[i], dsp, file, 1, FOREVER);
	assert_int_equal(run(dsp, file, CANCEL, 1), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pending_join(&waiters[i].pending), -EINTR);
	assert_int_equal(wait(dsp, file, 1, FOREVER), -EINTR);
	assert_int_equal(scripted_signal(dsp, CDSP, 1, 1), 0); /* ignored */
	assert_int_equal(wait(dsp, file, 1, FOREVER), -EINTR);
	assert_int_equal(create(dsp, file, 1), -EBUSY);
	assert_int_equal(run(dsp, file, CANCEL, 1), 0);
	assert_int_equal(run(dsp, file, DESTROY, 1), 0);
	assert_int_equal(create(dsp, file, 1), 0);
	assert_int_equal(wait(dsp, file, 1, 0), -ETIMEDOUT);
	scripted_close(dsp, file);
}

static void destroying_wakes_all_waiters(void **state)
{
	struct scripted *dsp = *state;
	struct waiter waiters[3];
	int file = scripted_open(dsp, CDSP);

	assert_int_equal(create(dsp, file, 600), 0);
	for (int i = 0; i < 3; i++)
		waiter_start(&waiters[i], dsp, file, 600, FOREVER);
	/* One of them at least is asleep by then, or finds it gone. */
	assert_int_equal(run(dsp, file, DESTROY, 600), 0);
	for (int i = 0; i < 3; i++) {
		long res = pending_join(&waiters[i].pending);

		assert_true(res == -EINTR || res == -ENOENT);
	}
	assert_int_equal(run(dsp, file, DESTROY, 600), -ENOENT);
	assert_int_equal(wait(dsp, file, 600, 0), -ENOENT);
	assert_int_equal(scripted_signal(dsp, CDSP, 1, 600), -ENOENT);
	scripted_close(dsp, file);
}

static void a_signal_is_remembered_once(void **state)
{
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, CDSP);

	assert_int_equal(create(dsp, file, 1), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(scripted_signal(dsp, CDSP, 1, 1), 0);
	assert_int_equal(wait(dsp, file, 1, FOREVER), 0);
	assert_int_equal(wait(dsp, file, 1, 0), -ETIMEDOUT);
	scripted_close(dsp, file);
}

static void a_handler_ends_a_wait_with_and_without_a_time(void **state)
{
	struct scripted *dsp = *state;
	struct waiter waiter;
	int file = scripted_open(dsp, CDSP);

	handle_signal(SIGUSR1, false);
	assert_int_equal(create(dsp, file, 1), 0);
	waiter_start(&waiter, dsp, file, 1, FOREVER);
	assert_int_equal(pending_interrupt(&waiter.pending, SIGUSR1), -EINTR);
	waiter_start(&waiter, dsp, file, 1, 4000000000u);
	assert_int_equal(pending_interrupt(&waiter.pending, SIGUSR1), -EINTR);
	assert_int_equal(scripted_signal(dsp, CDSP, 1, 1), 0);
	assert_int_equal(wait(dsp, file, 1, FOREVER), 0);
	scripted_close(dsp, file);
}

static void a_restart_wakes_waiters_and_ends_signalling(void **state)
{
	struct scripted *dsp = *state;
	struct waiter waiter;
	int file = scripted_open(dsp, CDSP), audio = scripted_open(dsp, ADSP);

	assert_int_equal(create(dsp, file, 1), 0);
	assert_int_equal(create(dsp, audio, 1), 0);
	waiter_start(&waiter, dsp, file, 1, FOREVER);
	scripted_restart(dsp);
	assert_int_equal(pending_join(&waiter.pending), -EINTR);
	assert_int_equal(run(dsp, file, SIGNAL, 1), -ECONNRESET);
	assert_int_equal(wait(dsp, audio, 1, 0), -ETIMEDOUT); /* another DSP's */
	assert_int_equal(run(dsp, audio, SIGNAL, 1), 0);
	scripted_close(dsp, file);
	scripted_close(dsp, audio);
}

static void a_dead_link_refuses_signals(void **state)
{
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, CDSP);

	emu_rpmsg_set_up(dsp->ends[0].end, false);
	assert_int_equal(run(dsp, file, SIGNAL, 1), -ENODEV);
	emu_rpmsg_set_up(dsp->ends[0].end, true);
	scripted_close(dsp, file);
}

static void thirty_two_bit_clients_have_the_same_layouts(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_dspsignal_wait *word = scripted_low_page();
	int file = scripted_open(dsp, CDSP);

	word->signal_id = 3;
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN_IOCTL_DSPSIGNAL_CREATE, word), 0);
	assert_int_equal(scripted_ioctl32(dsp, file, SIGNAL, word), 0);
	assert_int_equal(scripted_signal(dsp, CDSP, 1, 3), 0);
	word->timeout_usec = FOREVER;
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN_IOCTL_DSPSIGNAL_WAIT, word), 0);
	assert_int_equal(scripted_ioctl32(dsp, file, CANCEL, word), 0);
	assert_int_equal(scripted_ioctl32(dsp, file, DESTROY, word), 0);
	assert_int_equal(scripted_ioctl32(dsp, file, DESTROY, NULL), -EFAULT);
	scripted_free_low_page(word);
	scripted_close(dsp, file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_signal_can_be_waited_for_before_and_after_it_came),	/* A2.10 */
		TEST(ids_0_to_1023_exist_in_four_groups),			/* A2.10 */
		TEST(without_a_session_every_command_is_refused),		/* A2.10 */
		TEST(unreadable_arguments_are_faults),				/* A2.0 */
		TEST(a_signal_to_the_dsp_is_one_word_and_needs_no_creation),	/* A5.3 */
		TEST(a_wait_ends_when_its_time_is_over_on_the_drivers_clock),	/* A2.10 */
		TEST(signals_are_matched_on_client_and_channel),		/* A5.3 */
		TEST(cancelling_wakes_all_waiters_and_refuses_until_destroyed), /* A2.10 */
		TEST(destroying_wakes_all_waiters),				/* A2.10 */
		TEST(a_signal_is_remembered_once),				/* A2.10 */
		TEST(a_handler_ends_a_wait_with_and_without_a_time),		/* A2.10 */
		TEST(a_restart_wakes_waiters_and_ends_signalling),  /* A2.10; the waking is ours */
		TEST(a_dead_link_refuses_signals),		    /* A9.1 */
		TEST(thirty_two_bit_clients_have_the_same_layouts), /* A12 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
