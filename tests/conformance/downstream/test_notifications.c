/* SPDX-License-Identifier: BSD-3-Clause */
/* Status notifications: INVOKE2's STATUS_NOTIF, CONTROL's NOTIF_WAKE, and where they come from. */
#include "scripted.h"

#include <signal.h>
#include <string.h>

static long read_notif(struct scripted *dsp, int file, struct frpc_dn_notif_rsp *rsp)
{
	struct frpc_dn_invoke2 invoke2 = {.req = FRPC_DN_INVOKE2_STATUS_NOTIF,
					  .invparam = (uintptr_t)rsp,
					  .size = sizeof(*rsp)};

	memset(rsp, 0xee, sizeof(*rsp));
	return scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &invoke2);
}

struct reader {
	struct frpc_dn_notif_rsp rsp;
	struct frpc_dn_invoke2 invoke2;
	struct pending pending;
};

static void reader_start(struct reader *reader, struct scripted *dsp, int file)
{
	reader->invoke2 = (struct frpc_dn_invoke2){.req = FRPC_DN_INVOKE2_STATUS_NOTIF,
						   .invparam = (uintptr_t)&reader->rsp,
						   .size = sizeof(reader->rsp)};
	reader->pending.compat = false;
	pending_start(&reader->pending, dsp, file, FRPC_DN_IOCTL_INVOKE2, &reader->invoke2);
}

static void notifications_are_read_in_the_order_in_which_they_came(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_notif_rsp rsp;
	int file = scripted_open(dsp, CDSP);

	for (uint32_t status = 0; status < 5; status++)
		assert_int_equal(scripted_notify(dsp, 1, status), 0);
	for (uint32_t status = 0; status < 5; status++) {
		assert_int_equal(read_notif(dsp, file, &rsp), 0);
		assert_int_equal(rsp.domain, CDSP);
		assert_int_equal(rsp.session, 0);
		assert_int_equal(rsp.status, status);
	}
	scripted_close(dsp, file);
}

static void the_record_names_the_files_session_and_channel(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_sess_info info = {.domain_id = ADSP, .session_id = 2, .pd_type = 7};
	struct frpc_dn_invoke2 invoke2 = {.req = FRPC_DN_INVOKE2_SESS_INFO,
					  .invparam = (uintptr_t)&info,
					  .size = sizeof(info)};
	struct frpc_dn_notif_rsp rsp;
	int file = scripted_open(dsp, UINT32_MAX), other = scripted_open(dsp, CDSP);

	/* Whatever the channel: client ids are unique, and only they are looked at. */
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &invoke2), 0);
	assert_int_equal(scripted_notify(dsp, 2, 3), 0);
	assert_int_equal(read_notif(dsp, file, &rsp), 0);
	assert_int_equal(rsp.domain, ADSP);
	assert_int_equal(rsp.session, 2);
	assert_int_equal(rsp.status, 3);
	assert_int_equal(
		scripted_ioctl(dsp, other, FRPC_DN_IOCTL_SETMODE, (void *)FRPC_DN_MODE_SESSION), 0);
	assert_int_equal(scripted_notify(dsp, 1, 0), 0);
	assert_int_equal(read_notif(dsp, other, &rsp), 0);
	assert_int_equal(rsp.session, 1);
	scripted_close(dsp, file);
	scripted_close(dsp, other);
}

static void a_waiting_reader_gets_what_comes(void **state)
{
	struct scripted *dsp = *state;
	struct reader readers[3];
	uint32_t seen = 0;
	int file = scripted_open(dsp, CDSP);

	for (int i = 0; i < 3; i++)
		reader_start(&readers[i], dsp, file);
	for (uint32_t i = 1; i < 4; i++)
		assert_int_equal(scripted_notify(dsp, 1, i), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(pending_join(&readers[i].pending), 0);
		seen |= 1u << readers[i].rsp.status;
	}
	assert_int_equal(seen, 14);
	scripted_close(dsp, file);
}

static void malformed_and_misdirected_ones_are_dropped(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_smq_notif notif = {.ctx = FRPC_SMQ_NOTIF_CTX, .type = 4, .pid = 1};
	struct emu_driver_state held;
	int file = scripted_open(dsp, CDSP);

	for (size_t len = 16; len < 24; len++)
		assert_int_equal(scripted_send(dsp, CDSP, &notif, len), -EINVAL);
	notif.type = 3;
	assert_int_equal(scripted_send(dsp, CDSP, &notif, sizeof(notif)), -EINVAL);
	assert_int_equal(scripted_notify(dsp, 2, 1), -ENOENT);
	assert_int_equal(scripted_notify(dsp, 0, 1), -ENOENT);
	emu_driver_get_state(dsp->driver, &held);
	assert_int_equal(held.notifications, 0);
	/* Any status is passed on as it is. */
	assert_int_equal(scripted_notify(dsp, 1, 0xdeadbeef), 0);
	emu_driver_get_state(dsp->driver, &held);
	assert_int_equal(held.notifications, 1);
	scripted_close(dsp, file); /* with one that nobody has read */
}

static void waking_ends_waiting_readers_and_all_later_ones(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_control control = {.req = FRPC_DN_CONTROL_NOTIF_WAKE};
	struct frpc_dn_notif_rsp rsp;
	struct reader readers[3];
	int file = scripted_open(dsp, CDSP);

	for (int i = 0; i < 3; i++)
		reader_start(&readers[i], dsp, file);
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_CONTROL, &control), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pending_join(&readers[i].pending), -EFAULT);
	assert_int_equal(scripted_notify(dsp, 1, 1), 0);
	assert_int_equal(read_notif(dsp, file, &rsp), -EFAULT);
	scripted_close(dsp, file);
}

static void a_process_clean_tells_who_waits_and_shuts_the_file(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_control control = {.req = FRPC_DN_CONTROL_DSPPROCESS_CLEAN};
	struct frpc_dn_notif_rsp rsp;
	struct reader reader;
	int file = scripted_create(dsp, CDSP);

	reader_start(&reader, dsp, file);
	while (!reader.pending.tid)
		;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_CONTROL, &control), 0);
	assert_int_equal(dsp->last_own.sc, FRPC_SC_RELEASE);
	assert_int_equal(dsp->last_own.pid, 1);
	/* Who has not got as far as waiting is refused like all the others. */
	if (pending_join(&reader.pending))
		assert_true(reader.pending.result == -ESHUTDOWN || reader.pending.result == -EBADF);
	else
		assert_int_equal(reader.rsp.status, 2);
	assert_int_equal(read_notif(dsp, file, &rsp), -ESHUTDOWN);
	assert_int_equal(scripted_call(dsp, file, MODULE, 0x02000000), -ESHUTDOWN);
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_CONTROL, &control), -ESHUTDOWN);
	assert_int_equal(scripted_ioctl(dsp, file, 0xC0045218 + 100, NULL), -ESHUTDOWN);
	scripted_close(dsp, file);
}

static void a_restart_tells_every_file_of_the_channel(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_notif_rsp rsp;
	struct emu_driver_state held;
	int first = scripted_open(dsp, CDSP), second = scripted_open(dsp, CDSP);
	int audio = scripted_open(dsp, ADSP), none = scripted_open(dsp, UINT32_MAX);

	scripted_restart(dsp);
	emu_driver_get_state(dsp->driver, &held);
	assert_int_equal(held.notifications, 2);
	assert_int_equal(read_notif(dsp, first, &rsp), 0);
	assert_int_equal(rsp.status, 4);
	assert_int_equal(rsp.domain, CDSP);
	assert_int_equal(read_notif(dsp, second, &rsp), 0);
	assert_int_equal(rsp.status, 4);
	scripted_close(dsp, first);
	scripted_close(dsp, second);
	scripted_close(dsp, audio);
	scripted_close(dsp, none);
}

static void sizes_up_to_12_are_taken_and_faults_counted_in_bytes(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_notif_rsp rsp;
	struct frpc_dn_invoke2 invoke2 = {.req = FRPC_DN_INVOKE2_STATUS_NOTIF,
					  .invparam = (uintptr_t)&rsp};
	int file = scripted_open(dsp, CDSP);

	invoke2.size = 13;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &invoke2), -EBADE);
	invoke2.size = 0;
	assert_int_equal(scripted_notify(dsp, 1, 1), 0);
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &invoke2), 0);
	assert_int_equal(rsp.status, 1);
	invoke2.invparam = 8;
	assert_int_equal(scripted_notify(dsp, 1, 1), 0);
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &invoke2), 12);
	scripted_close(dsp, file);
}

static void the_notif_rsp_command_is_not_dispatched(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_notif_rsp *rsp = scripted_low_page();
	int file = scripted_open(dsp, CDSP);

	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_NOTIF_RSP, rsp), -ENOTTY);
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN_IOCTL_NOTIF_RSP, rsp), -ENOTTY);
	scripted_free_low_page(rsp);
	scripted_close(dsp, file);
}

static void a_signal_ends_a_readers_wait(void **state)
{
	struct scripted *dsp = *state;
	struct reader reader;
	int file = scripted_open(dsp, CDSP);

	handle_signal(SIGUSR1, false);
	reader_start(&reader, dsp, file);
	assert_int_equal(pending_interrupt(&reader.pending, SIGUSR1), -EINTR);
	scripted_close(dsp, file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(notifications_are_read_in_the_order_in_which_they_came), /* A11.1 */
		TEST(the_record_names_the_files_session_and_channel),	      /* A11.1 */
		TEST(a_waiting_reader_gets_what_comes),			      /* A11.1 */
		TEST(malformed_and_misdirected_ones_are_dropped),	      /* A5.2 */
		TEST(waking_ends_waiting_readers_and_all_later_ones),	      /* A2.6 */
		TEST(a_process_clean_tells_who_waits_and_shuts_the_file),     /* A2.6, A2.0 */
		TEST(a_restart_tells_every_file_of_the_channel),	      /* A4.6 */
		TEST(sizes_up_to_12_are_taken_and_faults_counted_in_bytes),   /* A2.9 */
		TEST(the_notif_rsp_command_is_not_dispatched),		      /* A14 */
		TEST(a_signal_ends_a_readers_wait),			      /* A2.9 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
