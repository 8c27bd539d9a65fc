/* SPDX-License-Identifier: BSD-3-Clause */
/* CONTROL's requests, SETMODE, and how unknown commands are refused. */
#include "scripted.h"

#include <string.h>
#include <unistd.h>

#include "emulator.h"

#define SC_EMPTY 0x02000000u

static long control(struct scripted *dsp, int file, uint32_t req, uint32_t first, uint32_t second)
{
	struct frpc_dn_control control = {.req = req, .lp = {first, second}};

	return scripted_ioctl(dsp, file, FRPC_DN_IOCTL_CONTROL, &control);
}

static int open_plain(struct scripted *dsp)
{
	struct frpc_task task = {.tgid = getpid(), .tid = getpid()};
	uint32_t domain = CDSP;
	int file = emu_driver_open(dsp->driver, &task, "/dev/adsprpc-smd", 0);

	assert_true(file >= 0);
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_GETINFO, &domain), 0);
	return file;
}

static void unknown_requests_and_unreadable_arguments_are_refused(void **state)
{
	static const uint32_t unknown[] = {0, 10, 11, 255, UINT32_MAX};
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, CDSP);

	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(control(dsp, file, unknown[i], 0, 0), -EBADRQC);
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_CONTROL, NULL), -EFAULT);
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN_IOCTL_CONTROL, NULL), -EPERM);
	scripted_close(dsp, file);
}

static void kalloc_alone_is_written_back(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_control request = {.req = FRPC_DN_CONTROL_KALLOC};
	int file = scripted_open(dsp, UINT32_MAX);

	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_CONTROL, &request), 0);
	assert_int_equal(request.kalloc_support, 1);
	request = (struct frpc_dn_control){.req = FRPC_DN_CONTROL_LATENCY, .lp = {5, 6}};
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_CONTROL, &request), 0);
	assert_int_equal(request.lp.enable, 5);
	assert_int_equal(request.lp.latency, 6);
	scripted_close(dsp, file);
}

static uint64_t cpu_info;

static bool note_cpu_info(struct scripted *dsp, const struct frpc_smq_msg *message)
{
	if (message->handle != FRPC_HANDLE_DSP_UTILITIES || message->sc != FRPC_SC_CPU_INFO)
		return false;
	/* One small argument: it lies right behind the metadata. */
	scripted_read(dsp, message->page_addr + ((FRPC_SMQ_LEN_DOWNSTREAM(1) + 127) & ~127u),
		      &cpu_info, sizeof(cpu_info));
	return false;
}

static void latency_votes_and_tells_each_dsp_once(void **state)
{
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, CDSP), audio = scripted_open(dsp, ADSP);
	int none = scripted_open(dsp, UINT32_MAX);

	dsp->script = note_cpu_info;
	cpu_info = 99;
	assert_int_equal(control(dsp, file, FRPC_DN_CONTROL_LATENCY, 1, 0), 0);
	assert_int_equal(dsp->own_count, 1);
	assert_int_equal(dsp->last_own.handle, FRPC_HANDLE_DSP_UTILITIES);
	assert_int_equal(dsp->last_own.sc, 0x01010000);
	assert_int_equal(dsp->last_own.pid, 0);
	assert_int_equal(cpu_info, 1); /* early wake-up, on the compute DSP */
	assert_int_equal(control(dsp, file, FRPC_DN_CONTROL_LATENCY, 0, 1000), 0);
	assert_int_equal(dsp->own_count, 1);
	assert_int_equal(control(dsp, audio, FRPC_DN_CONTROL_LATENCY, 1, 0), 0);
	assert_int_equal(dsp->own_count, 2);
	assert_int_equal(cpu_info, 0);
	assert_int_equal(control(dsp, none, FRPC_DN_CONTROL_LATENCY, 1, 0), 0);
	assert_int_equal(dsp->own_count, 2);
	assert_int_equal(dsp->stats.latency_votes, 4);
	scripted_close(dsp, file);
	scripted_close(dsp, audio);
	scripted_close(dsp, none);
}

static void without_a_latency_to_vote_for_the_request_is_invalid(void **state)
{
	struct frpc_dn_control request = {.req = FRPC_DN_CONTROL_LATENCY, .lp = {1, 100}};
	struct frpc_emulator_counters counters;
	struct frpc_emulator *emulator;
	uintptr_t arg = (uintptr_t)&request;
	int file;

	(void)state;
	assert_int_equal(frpc_emulator_new("abi=downstream,latency=0", &emulator, NULL, 0), 0);
	file = frpc_emulator_open(emulator, "/dev/adsprpc-smd", 0);
	assert_int_equal(frpc_emulator_ioctl(emulator, file, FRPC_DN_IOCTL_CONTROL, arg, false),
			 -EINVAL);
	request.lp.enable = 0; /* "any" can be voted for everywhere */
	assert_int_equal(frpc_emulator_ioctl(emulator, file, FRPC_DN_IOCTL_CONTROL, arg, false), 0);
	frpc_emulator_get_counters(emulator, &counters);
	assert_int_equal(counters.latency_votes, 1);
	assert_int_equal(frpc_emulator_close(emulator, file), 0);
	frpc_emulator_free(emulator);
}

static void staying_awake_needs_the_secure_node_a_wakelock_and_a_channel(void **state)
{
	struct scripted *dsp = *state;
	int plain = open_plain(dsp), file = scripted_open(dsp, CDSP);
	int none = scripted_open(dsp, UINT32_MAX);

	assert_int_equal(control(dsp, plain, FRPC_DN_CONTROL_WAKELOCK, 1, 0), -EPERM);
	assert_int_equal(control(dsp, plain, FRPC_DN_CONTROL_PM, 20, 0), -EACCES);
	assert_int_equal(control(dsp, file, FRPC_DN_CONTROL_PM, 20, 0), -EACCES);
	assert_int_equal(control(dsp, none, FRPC_DN_CONTROL_WAKELOCK, 1, 0), 0);
	assert_int_equal(control(dsp, none, FRPC_DN_CONTROL_PM, 20, 0), -ECHRNG);
	assert_int_equal(control(dsp, file, FRPC_DN_CONTROL_WAKELOCK, 1, 0), 0);
	assert_int_equal(control(dsp, file, FRPC_DN_CONTROL_PM, 20, 0), 0);
	assert_int_equal(dsp->stats.wake_events, 1);
	assert_int_equal(dsp->stats.wake_ms, 20);
	assert_int_equal(control(dsp, file, FRPC_DN_CONTROL_PM, 5000, 0), 0); /* at most 50 */
	assert_int_equal(dsp->stats.wake_ms, 70);
	assert_int_equal(control(dsp, file, FRPC_DN_CONTROL_WAKELOCK, 0, 0), 0);
	assert_int_equal(control(dsp, file, FRPC_DN_CONTROL_PM, 20, 0), -EACCES);
	scripted_close(dsp, plain);
	scripted_close(dsp, file);
	scripted_close(dsp, none);
}

static void polling_is_for_created_processes_of_the_compute_dsp(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_init attach = {.flags = FRPC_DN_INIT_ATTACH};
	int none = scripted_open(dsp, UINT32_MAX), audio = scripted_create(dsp, ADSP);
	int attached = scripted_open(dsp, CDSP), file = scripted_create(dsp, CDSP);

	assert_int_equal(scripted_ioctl(dsp, attached, FRPC_DN_IOCTL_INIT, &attach), 0);
	assert_int_equal(control(dsp, none, FRPC_DN_CONTROL_RPC_POLL, 1, 100), -EPERM);
	assert_int_equal(control(dsp, audio, FRPC_DN_CONTROL_RPC_POLL, 1, 100), -EPERM);
	assert_int_equal(control(dsp, attached, FRPC_DN_CONTROL_RPC_POLL, 1, 100), -EPERM);
	assert_int_equal(control(dsp, file, FRPC_DN_CONTROL_RPC_POLL, 1, 10001), -EBADMSG);
	assert_int_equal(control(dsp, file, FRPC_DN_CONTROL_RPC_POLL, 1, 10000), 0);
	assert_int_equal(control(dsp, file, FRPC_DN_CONTROL_RPC_POLL, 0, 0), 0);
	scripted_close(dsp, none);
	scripted_close(dsp, audio);
	scripted_close(dsp, attached);
	scripted_close(dsp, file);
}

static void a_shared_bank_must_be_wished_for_before_the_channel_is_chosen(void **state)
{
	struct scripted *dsp = *state;
	uint32_t domain = CDSP;
	int file = scripted_open(dsp, UINT32_MAX), narrow = scripted_open(dsp, UINT32_MAX);
	struct frpc_dn_control *low = scripted_low_page();

	assert_int_equal(control(dsp, file, FRPC_DN_CONTROL_SMMU, 1, 0), 0);
	/* No bank of this machine is shared. */
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_GETINFO, &domain), -EUSERS);
	/* For a 32-bit client the wish is lost on the way. */
	*low = (struct frpc_dn_control){.req = FRPC_DN_CONTROL_SMMU, .smmu_sharedcb = 1};
	assert_int_equal(scripted_ioctl32(dsp, narrow, FRPC_DN_IOCTL_CONTROL, low), 0);
	assert_int_equal(scripted_ioctl(dsp, narrow, FRPC_DN_IOCTL_GETINFO, &domain), 0);
	scripted_free_low_page(low);
	scripted_close(dsp, file);
	scripted_close(dsp, narrow);
}

static void setmode_takes_its_value_for_an_address(void **state)
{
	struct scripted *dsp = *state;
	int file = scripted_open(dsp, UINT32_MAX);

	for (uintptr_t mode = 0; mode < 8; mode++)
		assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_SETMODE, (void *)mode),
				 mode == 3 || mode > 4 ? -ENOTTY : 0);
	scripted_close(dsp, file);
}

static void the_drivers_own_attributes_need_no_session(void **state)
{
	static const uint32_t values[] = {2, 1, 1, 1};
	struct scripted *dsp = *state;
	struct frpc_dn_capability capability = {.domain = CDSP};
	int file = scripted_open(dsp, UINT32_MAX);

	for (uint32_t i = 0; i < 4; i++) {
		capability.attribute_id = 256 + i;
		assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_GET_DSP_INFO, &capability),
				 0);
		assert_int_equal(capability.capability, values[i]);
	}
	capability.attribute_id = 260;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_GET_DSP_INFO, &capability),
			 -EOVERFLOW);
	capability.attribute_id = 1;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_GET_DSP_INFO, &capability),
			 -EBADR);
	capability.domain = 1; /* the modem: all zero, without a call */
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_GET_DSP_INFO, &capability), 0);
	capability.domain = 5;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_GET_DSP_INFO, &capability),
			 -ECHRNG);
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_GET_DSP_INFO, NULL), -ECHRNG);
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN_IOCTL_GET_DSP_INFO, NULL), -EFAULT);
	scripted_close(dsp, file);
}

static void no_other_command_number_exists(void **state)
{
	struct scripted *dsp = *state;
	uint64_t room[16] = {0};
	int file = scripted_open(dsp, UINT32_MAX);

	/* Numbers 9 and 16 are not used; sizes are part of a number. */
	for (uint32_t nr = 0; nr < 64; nr++)
		for (uint32_t size = 1; size < 64; size += 62) {
			uint32_t cmd = 0xc0005200u | size << 16 | nr;

			assert_int_equal(scripted_ioctl(dsp, file, cmd, room), -ENOTTY);
			assert_int_equal(scripted_ioctl32(dsp, file, cmd, room), -ENOTTY);
		}
	/* A 32-bit client's numbers are not a 64-bit client's, and MUNMAP_FD is for the latter. */
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN32_IOCTL_INVOKE, room), -ENOTTY);
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN_IOCTL_INIT, room), -ENOTTY);
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN32_IOCTL_MUNMAP_FD, room), -ENOTTY);
	scripted_close(dsp, file);
}

static void invoke2_refuses_what_it_does_not_know(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_invoke2 invoke2 = {.invparam = (uintptr_t)&invoke2};
	int file = scripted_open(dsp, CDSP);

	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &invoke2), -ENOTTY);
	for (invoke2.req = 7; invoke2.req < 20; invoke2.req++)
		assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &invoke2),
				 -ENOTTY);
	invoke2.req = FRPC_DN_INVOKE2_SESS_INFO;
	invoke2.size = 17;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE2, &invoke2), -EBADE);
	scripted_close(dsp, file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(unknown_requests_and_unreadable_arguments_are_refused),		/* A2.6 */
		TEST(kalloc_alone_is_written_back),					/* A2.6 */
		TEST(latency_votes_and_tells_each_dsp_once),				/* A2.6 */
		cmocka_unit_test(without_a_latency_to_vote_for_the_request_is_invalid), /* A2.6 */
		TEST(staying_awake_needs_the_secure_node_a_wakelock_and_a_channel),	/* A2.6 */
		TEST(polling_is_for_created_processes_of_the_compute_dsp),		/* A2.6 */
		TEST(a_shared_bank_must_be_wished_for_before_the_channel_is_chosen),	/* A2.6 */
		TEST(setmode_takes_its_value_for_an_address),				/* A2.3 */
		TEST(the_drivers_own_attributes_need_no_session),			/* A2.7 */
		TEST(no_other_command_number_exists),					/* A2 */
		TEST(invoke2_refuses_what_it_does_not_know),				/* A2.9 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
