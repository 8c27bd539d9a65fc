/* SPDX-License-Identifier: BSD-3-Clause */
/* A 32-bit client's calls: layouts, sizes, and what the widening entry does to errors. */
#include "scripted.h"

#include <string.h>

#define SC_EMPTY 0x02000000u

/* Everything that a 32-bit client passes, where he can name it. */
struct low {
	struct frpc_dn32_invoke_perf invoke;
	struct frpc_dn32_invoke2 invoke2;
	struct frpc_dn32_invoke_async async;
	struct frpc_dn32_invoke_async_no_perf old;
	struct frpc_dn_async_job job;
	struct frpc_dn32_arg args[4];
	int32_t fds[4];
	uint32_t crcs[64];
	uint64_t counters[12];
	struct frpc_dn_async_response response;
	struct frpc_dn_notif_rsp notif;
	unsigned char in[256], out[256];
};

static_assert(sizeof(struct low) <= 4096, "one page");

static uint32_t low_address(const void *at)
{
	return (uint32_t)(uintptr_t)at;
}

/* Reads argument 0, writes argument 1 from it, fills the lists; answers 0. */
static bool echo(struct scripted *dsp, const struct frpc_smq_msg *message)
{
	uint64_t n = FRPC_SC_LENGTH(message->sc), counters[12] = {11};
	uint32_t crcs[64] = {77};
	union frpc_smq_arg args[2];
	struct frpc_smq_page pages[2];
	unsigned char bytes[256];

	if (message->handle < 3)
		return false;
	scripted_write(dsp, message->page_addr + FRPC_SMQ_CRC_AT(n), crcs, sizeof(crcs));
	scripted_write(dsp, message->page_addr + FRPC_SMQ_COUNTERS_AT(n), counters,
		       sizeof(counters));
	if (n == 2) {
		scripted_read(dsp, message->page_addr, args, sizeof(args));
		scripted_read(dsp, message->page_addr + FRPC_SMQ_PAGES_AT(2), pages, sizeof(pages));
		scripted_read(dsp, pages[0].addr + (args[0].buf.pv & 4095), bytes,
			      (size_t)args[0].buf.len);
		scripted_write(dsp, pages[1].addr + (args[1].buf.pv & 4095), bytes,
			       (size_t)args[0].buf.len);
	}
	scripted_answer(dsp, message->ctx, 0);
	return true;
}

static void every_form_carries_its_arguments(void **state)
{
	static const uint32_t commands[] = {FRPC_DN32_IOCTL_INVOKE, FRPC_DN32_IOCTL_INVOKE_FD,
					    FRPC_DN32_IOCTL_INVOKE_ATTRS,
					    FRPC_DN32_IOCTL_INVOKE_CRC,
					    FRPC_DN32_IOCTL_INVOKE_PERF};
	struct scripted *dsp = *state;
	struct low *low = scripted_low_page();
	int file = scripted_open(dsp, CDSP);

	dsp->script = echo;
	for (uint32_t i = 0; i < 5; i++) {
		memset(low, 0, sizeof(*low));
		low->args[0] = (struct frpc_dn32_arg){low_address(low->in), 200};
		low->args[1] = (struct frpc_dn32_arg){low_address(low->out), 200};
		memset(low->fds, 0xff, sizeof(low->fds));
		memset(low->in, 0x50 + (int)i, sizeof(low->in));
		low->invoke.inv = (struct frpc_dn32_invoke){MODULE, FRPC_SC_MAKE(2, 1, 1),
							    low_address(low->args)};
		low->invoke.fds = low_address(low->fds);
		low->invoke.crc = low_address(low->crcs);
		low->invoke.perf_dsp = low_address(low->counters);
		assert_int_equal(scripted_ioctl32(dsp, file, commands[i], &low->invoke), 0);
		assert_memory_equal(low->in, low->out, 200);
		assert_int_equal(low->out[200], 0);
		assert_int_equal(low->crcs[0], i >= 3 ? 77 : 0);
		assert_int_equal(low->counters[0], i == 4 ? 11 : 0);
	}
	scripted_free_low_page(low);
	scripted_close(dsp, file);
}

static void an_argument_keeps_all_32_bits_of_address_and_length(void **state)
{
	struct scripted *dsp = *state;
	struct low *low = scripted_low_page();
	int file = scripted_open(dsp, CDSP);

	/* Not sign-extended: it ends at 4 GiB, which is no wrap, but nothing lies there. */
	low->args[0] = (struct frpc_dn32_arg){0xfffffff0u, 16};
	low->invoke.inv =
		(struct frpc_dn32_invoke){MODULE, FRPC_SC_MAKE(2, 1, 0), low_address(low->args)};
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN32_IOCTL_INVOKE, &low->invoke),
			 -EFAULT);
	/* Longer than any buffer of the driver. */
	low->args[0] = (struct frpc_dn32_arg){16, 0xfffffff0u};
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN32_IOCTL_INVOKE, &low->invoke),
			 -EFAULT);
	scripted_free_low_page(low);
	scripted_close(dsp, file);
}

static void unreadable_arguments_are_eperm_beyond_the_scalars_word(void **state)
{
	struct scripted *dsp = *state;
	unsigned char *page = scripted_low_page();
	struct frpc_dn32_invoke invoke = {MODULE, FRPC_SC_MAKE(2, 1, 0), 8};
	int file = scripted_open(dsp, CDSP);

	memcpy(page + 4096 - 8, &invoke, 8); /* the scalars word is the last one there */
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN32_IOCTL_INVOKE, page + 4096 - 8),
			 -EPERM);
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN32_IOCTL_INVOKE, page + 4096 - 4),
			 -EFAULT);
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN32_IOCTL_INVOKE, NULL), -EFAULT);
	/* The argument array is widened in the same go, before anything else is looked at. */
	memcpy(page, &invoke, sizeof(invoke));
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN32_IOCTL_INVOKE, page), -EPERM);
	invoke.handle = 1;
	memcpy(page, &invoke, sizeof(invoke));
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN32_IOCTL_INVOKE, page), -EPERM);
	invoke.sc = SC_EMPTY;
	memcpy(page, &invoke, sizeof(invoke));
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN32_IOCTL_INVOKE, page), -EINVAL);
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN32_IOCTL_INVOKE2, NULL), -EPERM);
	scripted_free_low_page(page);
	scripted_close(dsp, file);
}

static long invoke2(struct scripted *dsp, int file, struct low *low, uint32_t req, void *param,
		    uint32_t size)
{
	low->invoke2 = (struct frpc_dn32_invoke2){
		.req = req, .invparam = low_address(param), .size = size};
	return scripted_ioctl32(dsp, file, FRPC_DN32_IOCTL_INVOKE2, &low->invoke2);
}

static void every_mistake_of_invoke2_is_eperm(void **state)
{
	struct scripted *dsp = *state;
	struct low *low = scripted_low_page();
	int file = scripted_open(dsp, CDSP), none = scripted_open(dsp, UINT32_MAX);

	assert_int_equal(invoke2(dsp, file, low, 0, low, 4), -EPERM);
	assert_int_equal(invoke2(dsp, file, low, 5, low, 8), -EPERM); /* for 64-bit clients only */
	assert_int_equal(invoke2(dsp, file, low, 6, low, 16), -EPERM);
	assert_int_equal(invoke2(dsp, file, low, 7, low, 4), -EPERM);
	assert_int_equal(invoke2(dsp, file, low, 1, &low->async, 37), -EPERM);
	assert_int_equal(invoke2(dsp, file, low, 1, NULL, 36), -EPERM);
	assert_int_equal(invoke2(dsp, file, low, 1, NULL, 28), -EPERM);
	assert_int_equal(invoke2(dsp, file, low, 2, &low->response, 33), -EPERM);
	assert_int_equal(invoke2(dsp, file, low, 3, low, 5), -EPERM);
	assert_int_equal(invoke2(dsp, file, low, 4, &low->notif, 11), -EPERM);
	assert_int_equal(invoke2(dsp, file, low, 4, &low->notif, 13), -EPERM);
	/* Found later, an error keeps its value. */
	assert_int_equal(invoke2(dsp, file, low, 1, &low->async, 36), -EPROTONOSUPPORT);
	assert_int_equal(invoke2(dsp, none, low, 1, &low->async, 36), -EBADR);
	assert_int_equal(invoke2(dsp, file, low, 2, &low->response, 32), -EPROTONOSUPPORT);
	scripted_free_low_page(low);
	scripted_close(dsp, file);
	scripted_close(dsp, none);
}

static void a_job_and_its_answer_in_the_64_bit_layout(void **state)
{
	struct scripted *dsp = *state;
	struct low *low = scripted_low_page();
	int file = scripted_create(dsp, CDSP);

	scripted_query(dsp, file);
	low->job = (struct frpc_dn_async_job){.isasyncjob = 1, .jobid = UINT64_C(0x123456789a)};
	low->async = (struct frpc_dn32_invoke_async){
		.inv = {MODULE, SC_EMPTY, 0},
		.crc = low_address(low->crcs),
		.perf_kernel = 0x1000,
		.perf_dsp = low_address(low->counters),
		.job = low_address(&low->job),
	};
	dsp->script = echo;
	assert_int_equal(invoke2(dsp, file, low, 1, &low->async, 36), 0);
	memset(&low->response, 0xee, sizeof(low->response));
	assert_int_equal(invoke2(dsp, file, low, 2, &low->response, 32), 0);
	/* 40 bytes, over the 32 that the caller has set aside. */
	assert_true(low->response.jobid == UINT64_C(0x123456789a));
	assert_true(low->response.perf_kernel == 0x1000);
	assert_true(low->response.perf_dsp == low_address(low->counters));
	assert_int_equal(low->response.handle, MODULE);
	assert_int_equal(low->response.sc, SC_EMPTY);
	assert_int_equal(low->counters[0], 11);
	assert_int_equal(low->crcs[0], 0); /* its address is lost on the way, in this form */
	scripted_free_low_page(low);
	scripted_close(dsp, file);
}

static void the_older_form_has_its_job_at_24_and_keeps_the_crc(void **state)
{
	struct scripted *dsp = *state;
	struct low *low = scripted_low_page();
	int file = scripted_create(dsp, CDSP);

	scripted_query(dsp, file);
	low->job = (struct frpc_dn_async_job){.isasyncjob = 1, .jobid = 6};
	low->old = (struct frpc_dn32_invoke_async_no_perf){
		.inv = {MODULE, SC_EMPTY, 0},
		.crc = low_address(low->crcs),
		.job = low_address(&low->job),
	};
	dsp->script = echo;
	assert_int_equal(invoke2(dsp, file, low, 1, &low->old, 28), 0);
	assert_int_equal(invoke2(dsp, file, low, 2, &low->response, 32), 0);
	assert_int_equal(low->response.jobid, 6);
	assert_int_equal(low->crcs[0], 77);
	scripted_free_low_page(low);
	scripted_close(dsp, file);
}

static void notifications_and_the_lack_of_a_shutdown_check(void **state)
{
	struct scripted *dsp = *state;
	struct low *low = scripted_low_page();
	struct frpc_dn_control clean = {.req = FRPC_DN_CONTROL_DSPPROCESS_CLEAN};
	int file = scripted_create(dsp, CDSP);

	assert_int_equal(scripted_notify(dsp, 1, 3), 0);
	assert_int_equal(invoke2(dsp, file, low, 4, &low->notif, 12), 0);
	assert_int_equal(low->notif.status, 3);
	assert_int_equal(low->notif.domain, CDSP);
	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_CONTROL, &clean), 0);
	/* Refused to 64-bit clients, only the waits are to these. */
	low->invoke.inv = (struct frpc_dn32_invoke){MODULE, SC_EMPTY, 0};
	dsp->script = echo;
	assert_int_equal(scripted_ioctl32(dsp, file, FRPC_DN32_IOCTL_INVOKE, &low->invoke), 0);
	assert_int_equal(invoke2(dsp, file, low, 4, &low->notif, 12), -EBADF);
	scripted_free_low_page(low);
	scripted_close(dsp, file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_form_carries_its_arguments),			      /* A12 */
		TEST(an_argument_keeps_all_32_bits_of_address_and_length),    /* A12 */
		TEST(unreadable_arguments_are_eperm_beyond_the_scalars_word), /* A12 */
		TEST(every_mistake_of_invoke2_is_eperm),		      /* A12 */
		TEST(a_job_and_its_answer_in_the_64_bit_layout),	      /* A12 */
		TEST(the_older_form_has_its_job_at_24_and_keeps_the_crc),     /* A12 */
		TEST(notifications_and_the_lack_of_a_shutdown_check),	      /* A12 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
