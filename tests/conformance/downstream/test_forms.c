/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The forms of INVOKE: what each adds to the plain one. CRCs and counters first from a scripted
 * DSP, then from the DSP model, which computes them for processes that ask.
 */
#include "scripted.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "emulator.h"

#define SC_EMPTY 0x02000000u
#define PAGE	 4096u

/* Fills CRC and counter lists as the DSP would, and answers 0. */
static bool fill_lists(struct scripted *dsp, const struct frpc_smq_msg *message)
{
	uint64_t n = FRPC_SC_LENGTH(message->sc);
	uint64_t counters[12];
	uint32_t crcs[64];

	if (message->handle < 3)
		return false;
	for (uint32_t i = 0; i < 64; i++)
		crcs[i] = 0xc0000000u + i;
	for (uint32_t i = 0; i < 12; i++)
		counters[i] = UINT64_C(0xd000000000000000) + i;
	scripted_write(dsp, message->page_addr + FRPC_SMQ_CRC_AT(n), crcs, sizeof(crcs));
	scripted_write(dsp, message->page_addr + FRPC_SMQ_COUNTERS_AT(n), counters,
		       sizeof(counters));
	scripted_answer(dsp, message->ctx, message->sc == SC_EMPTY ? 0 : 7);
	return true;
}

static void assert_crcs(const uint32_t *crcs)
{
	for (uint32_t i = 0; i < 64; i++)
		assert_int_equal(crcs[i], 0xc0000000u + i);
}

static void crc_writes_64_words_and_no_more(void **state)
{
	struct scripted *dsp = *state;
	uint32_t crcs[66];
	struct frpc_dn_invoke_crc invoke = {.inv = {MODULE, SC_EMPTY, 0}, .crc = (uintptr_t)crcs};
	int file = scripted_open(dsp, CDSP);

	dsp->script = fill_lists;
	memset(crcs, 0xaa, sizeof(crcs));
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE_CRC, &invoke), 0);
	assert_crcs(crcs);
	assert_int_equal(crcs[64], 0xaaaaaaaa);
	invoke.crc = 0;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE_CRC, &invoke), 0);
	scripted_close(dsp, file);
}

static void a_failing_call_delivers_outputs_crcs_and_counters(void **state)
{
	struct scripted *dsp = *state;
	uint32_t crcs[64] = {0}, out = 5;
	uint64_t counters[12] = {0};
	struct frpc_dn_arg arg = {(uintptr_t)&out, sizeof(out)};
	struct frpc_dn_invoke_perf invoke = {
		.inv = {MODULE, FRPC_SC_MAKE(2, 0, 1), (uintptr_t)&arg},
		.crc = (uintptr_t)crcs,
		.perf_dsp = (uintptr_t)counters,
	};
	int file = scripted_open(dsp, CDSP);

	dsp->script = fill_lists;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE_PERF, &invoke), 7);
	assert_crcs(crcs);
	for (uint32_t i = 0; i < 12; i++)
		assert_true(counters[i] == UINT64_C(0xd000000000000000) + i);
	assert_int_equal(out, 0); /* what the DSP left there */
	scripted_close(dsp, file);
}

static void a_crc_list_that_cannot_be_written_is_a_fault_and_counters_are_not(void **state)
{
	struct scripted *dsp = *state;
	struct frpc_dn_invoke_perf invoke = {.inv = {MODULE, SC_EMPTY, 0}, .crc = 8};
	int file = scripted_open(dsp, CDSP);

	dsp->script = fill_lists;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE_PERF, &invoke), -EFAULT);
	invoke.crc = 0;
	invoke.perf_dsp = 8;
	invoke.perf_kernel = 8;
	assert_int_equal(
		scripted_ioctl(dsp, file, FRPC_DN_IOCTL_SETMODE, (void *)FRPC_DN_MODE_PROFILE), 0);
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE_PERF, &invoke), 0);
	scripted_close(dsp, file);
}

static void kernel_counters_need_profile_mode_and_a_modules_handle(void **state)
{
	struct scripted *dsp = *state;
	uint64_t counters[11];
	struct frpc_dn_invoke_perf invoke = {.inv = {MODULE, SC_EMPTY, 0},
					     .perf_kernel = (uintptr_t)counters};
	int file = scripted_open(dsp, CDSP);

	dsp->script = fill_lists;
	memset(counters, 0xaa, sizeof(counters));
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE_PERF, &invoke), 0);
	assert_true(counters[0] == UINT64_C(0xaaaaaaaaaaaaaaaa));
	assert_int_equal(
		scripted_ioctl(dsp, file, FRPC_DN_IOCTL_SETMODE, (void *)FRPC_DN_MODE_PROFILE), 0);
	invoke.inv.handle = 20;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE_PERF, &invoke), 0);
	assert_true(counters[0] == UINT64_C(0xaaaaaaaaaaaaaaaa));
	invoke.inv.handle = 21;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE_PERF, &invoke), 0);
	assert_int_equal(counters[0], 1);		       /* calls */
	assert_int_equal(counters[1], 0);		       /* flush: all banks are coherent */
	assert_true(counters[8] >= counters[4] + counters[5]); /* all, send, get args */
	assert_true(counters[5] >= counters[2] + counters[3]); /* get args, map, copy */
	assert_int_equal(counters[9], getpid());
	assert_true(counters[10] == UINT64_C(0xaaaaaaaaaaaaaaaa));
	/* For this call only, and for good: the mode cannot be left. */
	assert_int_equal(
		scripted_ioctl(dsp, file, FRPC_DN_IOCTL_SETMODE, (void *)FRPC_DN_MODE_PARALLEL), 0);
	memset(counters, 0, sizeof(counters));
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE_PERF, &invoke), 0);
	assert_int_equal(counters[0], 1);
	scripted_close(dsp, file);
}

static void each_form_faults_where_its_structure_ends(void **state)
{
	static const uint32_t commands[] = {FRPC_DN_IOCTL_INVOKE, FRPC_DN_IOCTL_INVOKE_FD,
					    FRPC_DN_IOCTL_INVOKE_ATTRS, FRPC_DN_IOCTL_INVOKE_CRC,
					    FRPC_DN_IOCTL_INVOKE_PERF};
	struct scripted *dsp = *state;
	unsigned char *pages =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int file = scripted_open(dsp, CDSP);

	assert_ptr_not_equal(pages, MAP_FAILED);
	munmap(pages + PAGE, PAGE);
	dsp->script = fill_lists;
	for (uint32_t i = 0; i < 5; i++) {
		struct frpc_dn_invoke invoke = {MODULE, SC_EMPTY, 0};
		unsigned char *at = pages + PAGE - FRPC_ABI_SIZE(commands[i]);

		memset(pages, 0, PAGE);
		memcpy(at, &invoke, sizeof(invoke));
		assert_int_equal(scripted_ioctl(dsp, file, commands[i], at), 0);
		assert_int_equal(scripted_ioctl(dsp, file, commands[i], at + 1), -EFAULT);
		assert_int_equal(scripted_ioctl(dsp, file, commands[i], NULL), -EFAULT);
	}
	munmap(pages, PAGE);
	scripted_close(dsp, file);
}

static void unreadable_arrays_are_faults_before_anything_is_sent(void **state)
{
	struct scripted *dsp = *state;
	uint32_t word = 1;
	struct frpc_dn_arg arg = {(uintptr_t)&word, sizeof(word)};
	int32_t fd = -1;
	struct frpc_dn_invoke_attrs invoke = {
		.inv = {MODULE, FRPC_SC_MAKE(2, 1, 0), (uintptr_t)&arg}};
	int file = scripted_open(dsp, CDSP);

	invoke.inv.pra = 8;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE_ATTRS, &invoke), -EFAULT);
	invoke.inv.pra = (uintptr_t)&arg;
	invoke.fds = 8;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE_ATTRS, &invoke), -EFAULT);
	invoke.fds = (uintptr_t)&fd;
	invoke.attrs = 8;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE_ATTRS, &invoke), -EFAULT);
	invoke.attrs = 0;
	arg.pv = 8;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE_ATTRS, &invoke), -EFAULT);
	arg = (struct frpc_dn_arg){UINT64_MAX - 1, 2}; /* ends where it wraps */
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE_ATTRS, &invoke), -EFAULT);
	assert_int_equal(scripted_count(dsp), 0);
	/* All of them give their table entry back. */
	arg = (struct frpc_dn_arg){(uintptr_t)&word, sizeof(word)};
	dsp->script = fill_lists;
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE_ATTRS, &invoke), 7);
	scripted_close(dsp, file);
}

/* ---- the DSP model ---- */

static uint32_t crc_of(const void *bytes, size_t len)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < len; i++)
		for (int bit = 7; bit >= 0; bit--) {
			uint32_t in = ((const unsigned char *)bytes)[i] >> bit & 1;

			crc = (crc >> 31 ^ in) ? crc << 1 ^ 0x04c11db7u : crc << 1;
		}
	return crc;
}

static struct frpc_emulator *emulator;
static int file;

static long run(uint32_t cmd, void *arg)
{
	return frpc_emulator_ioctl(emulator, file, cmd, (uintptr_t)arg, false);
}

static void start(uint32_t attrs)
{
	struct frpc_dn_init_attrs init = {
		.init = {.flags = FRPC_DN_INIT_CREATE, .filefd = -1, .memfd = -1},
		.attrs = (int32_t)attrs,
	};
	uint32_t domain = CDSP;

	assert_int_equal(frpc_emulator_new("abi=downstream,domains=cdsp", &emulator, NULL, 0), 0);
	file = frpc_emulator_open(emulator, "/dev/adsprpc-smd", O_RDONLY);
	assert_int_equal(run(FRPC_DN_IOCTL_GETINFO, &domain), 0);
	assert_int_equal(run(FRPC_DN_IOCTL_INIT_ATTRS, &init), 0);
}

static void stop(void)
{
	assert_int_equal(frpc_emulator_close(emulator, file), 0);
	frpc_emulator_free(emulator);
}

/* Opens a module that is not there: two buffers in, two out, without a skel. */
static long ask_dsp(uint32_t *crcs, uint64_t *perf_dsp, uint32_t *out, char *words)
{
	static char name[] = "123456789";
	uint32_t in[2] = {sizeof(name), 64};
	struct frpc_dn_arg args[4] = {{(uintptr_t)in, sizeof(in)},
				      {(uintptr_t)name, sizeof(name)},
				      {(uintptr_t)out, 8},
				      {(uintptr_t)words, 64}};
	struct frpc_dn_invoke_perf invoke = {
		.inv = {0, 0x00020200, (uintptr_t)args},
		.crc = (uintptr_t)crcs,
		.perf_dsp = (uintptr_t)perf_dsp,
	};

	return run(FRPC_DN_IOCTL_INVOKE_PERF, &invoke);
}

static void the_dsp_computes_crcs_for_processes_that_ask(void **state)
{
	uint32_t crcs[64], out[2] = {9, 9}, in[2] = {10, 64};
	char words[64] = "";

	(void)state;
	assert_int_equal(crc_of("123456789", 9), 0x89a1897f);
	start(FRPC_PROC_ATTR_CRC);
	memset(crcs, 0xaa, sizeof(crcs));
	assert_int_equal(ask_dsp(crcs, NULL, out, words), 0);
	assert_int_equal(crcs[0], crc_of(in, sizeof(in)));
	assert_int_equal(crcs[1], crc_of("123456789", 10));
	assert_int_equal(crcs[2], crc_of(out, sizeof(out)));
	assert_int_equal(crcs[3], crc_of(words, sizeof(words)));
	for (uint32_t i = 4; i < 64; i++)
		assert_int_equal(crcs[i], 0);
	stop();
	start(0);
	assert_int_equal(ask_dsp(crcs, NULL, out, words), 0);
	for (uint32_t i = 0; i < 64; i++)
		assert_int_equal(crcs[i], 0);
	stop();
}

static void the_dsp_counts_for_processes_that_ask(void **state)
{
	uint64_t counters[12];
	uint32_t out[2];
	char words[64];

	(void)state;
	start(FRPC_PROC_ATTR_DSP_COUNTERS);
	memset(counters, 0xaa, sizeof(counters));
	assert_int_equal(ask_dsp(NULL, counters, out, words), 0);
	assert_int_equal(counters[0], 1);
	assert_true(counters[4] < 60000000); /* microseconds in the method: less than a minute */
	assert_int_equal(counters[11], 0);
	stop();
	start(0);
	assert_int_equal(ask_dsp(NULL, counters, out, words), 0);
	for (uint32_t i = 0; i < 12; i++)
		assert_int_equal(counters[i], 0);
	stop();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(crc_writes_64_words_and_no_more),					 /* A6.5 */
		TEST(a_failing_call_delivers_outputs_crcs_and_counters),		 /* A2.4 */
		TEST(a_crc_list_that_cannot_be_written_is_a_fault_and_counters_are_not), /* A6.5 */
		TEST(kernel_counters_need_profile_mode_and_a_modules_handle),		 /* A6.6 */
		TEST(each_form_faults_where_its_structure_ends),			 /* A2.1 */
		TEST(unreadable_arrays_are_faults_before_anything_is_sent),		 /* A2.4 */
		cmocka_unit_test(the_dsp_computes_crcs_for_processes_that_ask),		 /* A6.6 */
		cmocka_unit_test(the_dsp_counts_for_processes_that_ask),		 /* A6.6 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
