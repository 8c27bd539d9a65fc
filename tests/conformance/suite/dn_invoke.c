/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: calls, their packing, their ids, responses and signals. */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "dn.h"

#define STATUS_SC FRPC_SC_MAKE(EMU_TESTMOD_STATUS, 0, 0)
#define MOST	  65u /* active at once; one more is refused */

static void in_comes_back_as_out(struct conf *conf)
{
	unsigned char in[1000], out[1000] = {0};

	memset(in, 0x6b, sizeof(in));
	conf_equal(conf,
		   conf_call(conf_process(conf), EMU_TESTMOD_ECHO, 1, 1,
			     (struct conf_arg[]){conf_plain(in, sizeof(in)),
						 conf_plain(out, sizeof(out))}),
		   0);
	conf_bytes(conf, out, in, sizeof(in));
}

static void the_dsps_result_comes_as_it_is(struct conf *conf)
{
	static const int32_t results[] = {39, 14, (int32_t)0x80000414, -4};

	for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++) {
		const struct conf_arg arg = conf_plain(&results[i], 4);

		conf_equal(conf, conf_call(conf_observer(conf), EMU_TESTMOD_STATUS, 1, 0, &arg),
			   results[i]);
	}
}

static void handles_1_and_2_are_the_drivers(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, conf_invoke(client, 1, FRPC_SC_MAKE(0, 0, 0), NULL), -EINVAL);
	conf_equal(conf, conf_invoke(client, 2, FRPC_SC_MAKE(0, 0, 0), NULL), -EINVAL);
}

static void addresses_that_wrap(struct conf *conf)
{
	const struct conf_arg arg = conf_plain((void *)(uintptr_t)-64, 128);

	conf_equal(conf, conf_call(conf_process(conf), EMU_TESTMOD_ECHO, 1, 0, &arg), -EFAULT);
}

static void pages_that_nobody_can_touch(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	const struct conf_arg in = conf_plain(conf_no_page(conf), 64);
	const struct conf_arg out = conf_plain(conf_read_only_page(conf), 64);
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 1, 0, &in), -EFAULT);
	conf_equal(conf, conf_count(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO), 0);
	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 1, &out), -EFAULT);
	conf_equal(conf, conf_count(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO), 1);
}

static void three_small_buffers(struct conf *conf)
{
	conf_three_small_buffers(conf, conf_alloc(conf_observer(conf), 128 * 1024).bytes, 0x280);
}

static void large_copies_get_a_buffer_of_their_own(struct conf *conf)
{
	unsigned char *room = conf_alloc(conf_observer(conf), 128 * 1024).bytes;
	const struct frpc_smq_page *pages;
	struct conf_record record;

	if (!room || !conf_packed(conf, 1, 1,
				  (struct conf_arg[]){conf_plain(room + 0x1000, 100),
						      conf_plain(room + 0x10000, 5000)},
				  &record))
		return;
	pages = conf_record_pages(&record);
	conf_equal(conf, record.head.page_size, 0x1000);
	conf_true(conf, pages[0].addr != record.head.page_addr);
	conf_equal(conf, pages[1].addr, pages[0].addr);
	conf_equal(conf, pages[0].size, 0x1000);
	conf_equal(conf, pages[1].size, 0x2000);
	conf_equal(conf, conf_record_args(&record)[0].buf.pv & 4095, 0);
	conf_equal(conf, conf_record_args(&record)[1].buf.pv & 4095, 0x80);
}

static void fd_0_is_an_fd(struct conf *conf)
{
	unsigned char a[16] = {0};

	/* Standard input is no dma-buf. */
	conf_equal(conf,
		   conf_call(conf_process(conf), EMU_TESTMOD_ECHO, 1, 0,
			     (struct conf_arg[]){{a, sizeof(a), 0}}),
		   -EBADFD);
}

static void a_dma_buf_is_used_in_place(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer in = conf_alloc(client, 16384), out = conf_alloc(client, 16384);

	if (!in.bytes || !out.bytes)
		return;
	memset(in.bytes, 0x41, in.len);
	conf_equal(conf,
		   conf_call(client, EMU_TESTMOD_ECHO, 1, 1,
			     (struct conf_arg[]){{in.bytes, in.len, in.fd},
						 {out.bytes, out.len, out.fd}}),
		   0);
	conf_bytes(conf, out.bytes, in.bytes, in.len);
}

static void outside_the_dma_buf(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, 16384);

	if (buffer.bytes)
		conf_equal(conf,
			   conf_call(client, EMU_TESTMOD_ECHO, 1, 0,
				     (struct conf_arg[]){
					     {buffer.bytes, buffer.len + 4096, buffer.fd}}),
			   -EFAULT);
}

/* ---- calls under way ---- */

static void the_id_holds_index_and_job(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);
	uint64_t ctx;

	if (!held)
		return;
	ctx = held->record.head.ctx;
	conf_equal(conf, ctx & 15, FRPC_SMQ_PD_USER);
	conf_equal(conf, ctx >> 4 & 3, 0);
	conf_true(conf, (ctx >> 6 & 1023) >= 70);
	conf_true(conf, ctx >> 16 >= 2);
	conf_respond(conf, ctx & ~UINT64_C(15), 7);
	conf_equal(conf, conf_end_answered(held), 7);
}

static void low_handles_use_reserved_entries(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);
	struct conf_record record;

	conf_invoke(client, FRPC_HANDLE_REMOTECTL, FRPC_SC_MAKE(31, 0, 0), NULL);
	if (conf_find(conf, mark, FRPC_HANDLE_REMOTECTL, 31, &record))
		conf_true(conf, (record.head.ctx >> 6 & 1023) < 70);
}

static void a_file_has_65_calls(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_job *jobs = calloc(MOST, sizeof(*jobs));

	if (!conf_true(conf, jobs))
		return;
	conf_hold_many(client, jobs, MOST);
	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL), -EDQUOT);
	conf_true(conf, conf_invoke(client, FRPC_HANDLE_REMOTECTL, FRPC_SC_MAKE(31, 0, 0), NULL) !=
				-EDQUOT);
	conf_end_many(conf, jobs, MOST);
	free(jobs);
}

static void pending_after(struct conf *conf, const void *bytes, size_t len, struct conf_held *held)
{
	conf_send(conf, bytes, len);
	conf_true(conf, conf_is_pending(held));
}

static void malformed_responses_are_dropped(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);
	struct frpc_smq_rsp_v2 rsp = {.retval = 9, .version = 1};

	if (!held)
		return;
	rsp.ctx = held->record.head.ctx & ~UINT64_C(15);
	pending_after(conf, &rsp, 12, held);
	pending_after(conf, &rsp, sizeof(rsp), held); /* not version 2 */
	rsp.version = 2;
	rsp.ctx ^= UINT64_C(1) << 20; /* another job */
	pending_after(conf, &rsp, sizeof(rsp), held);
	rsp.ctx ^= UINT64_C(1) << 20;
	rsp.ctx |= 4; /* bits 2 and 3 are compared */
	pending_after(conf, &rsp, sizeof(rsp), held);
	rsp.ctx ^= 4;
	rsp.retval = 3;
	conf_send(conf, &rsp, sizeof(rsp));
	conf_equal(conf, conf_end_answered(held), 3);
}

static void an_early_response_and_the_complete_one(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);
	struct frpc_smq_rsp_v2 rsp = {
		.retval = 0, .flags = FRPC_SMQ_EARLY_RESPONSE, .version = FRPC_SMQ_RSP_VERSION};

	if (!held)
		return;
	rsp.ctx = held->record.head.ctx & ~UINT64_C(15);
	pending_after(conf, &rsp, sizeof(rsp), held);
	rsp.flags = FRPC_SMQ_COMPLETE_SIGNAL;
	rsp.retval = 6;
	conf_send(conf, &rsp, sizeof(rsp));
	conf_equal(conf, conf_end_answered(held), 6);
}

/* ---- signals ---- */

static void nothing(int number)
{
	(void)number;
}

/* Interrupts @job's thread until its call has returned. */
static void interrupt(struct conf_job *job)
{
	const struct timespec pause = {.tv_nsec = 3000000};

	while (!atomic_load(&job->done)) {
		pthread_kill(job->thread, SIGUSR1);
		nanosleep(&pause, NULL);
	}
}

struct twice {
	struct conf_client *client;
	_Atomic int interrupted;
	long first, wrong, second;
};

static void *call_twice(void *arg)
{
	struct twice *twice = arg;

	twice->first = conf_invoke(twice->client, EMU_TESTMOD_HANDLE, STATUS_SC, NULL);
	atomic_store(&twice->interrupted, 1);
	twice->wrong = conf_call(twice->client, EMU_TESTMOD_ECHO, 0, 0, NULL);
	twice->second = conf_invoke(twice->client, EMU_TESTMOD_HANDLE, STATUS_SC, NULL);
	return NULL;
}

static void an_interrupted_call_is_continued(struct conf *conf)
{
	struct twice twice = {.client = conf_process(conf)};
	struct sigaction action = {.sa_handler = nothing}, old;
	const struct timespec pause = {.tv_nsec = 3000000};
	uint64_t mark = conf_mark(conf);
	struct conf_record record;
	pthread_t thread;

	sigaction(SIGUSR1, &action, &old);
	conf_hold(conf, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, 1);
	if (!conf_equal(conf, pthread_create(&thread, NULL, call_twice, &twice), 0))
		return;
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, &record);
	while (!atomic_load(&twice.interrupted)) {
		pthread_kill(thread, SIGUSR1);
		nanosleep(&pause, NULL);
	}
	conf_respond(conf, record.head.ctx & ~UINT64_C(15), 77);
	pthread_join(thread, NULL);
	sigaction(SIGUSR1, &old, NULL);
	conf_equal(conf, twice.first, -EINTR);
	conf_equal(conf, twice.wrong, -EINVAL); /* another scalars word */
	conf_equal(conf, twice.second, 77);
	conf_equal(conf, conf_count(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS), 1);
}

static void a_file_closes_with_an_interrupted_call(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct sigaction action = {.sa_handler = nothing}, old;
	uint64_t mark = conf_mark(conf);
	struct conf_record record;
	struct conf_job job;

	sigaction(SIGUSR1, &action, &old);
	conf_hold(conf, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, 1);
	conf_start_invoke(&job, client, EMU_TESTMOD_HANDLE, STATUS_SC, NULL);
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, &record);
	interrupt(&job);
	conf_equal(conf, conf_join(&job), -EINTR);
	sigaction(SIGUSR1, &old, NULL);
	conf_equal(conf, conf_close(client), 0);
	conf_respond(conf, record.head.ctx & ~UINT64_C(15), 0);
	conf_equal(conf, conf_call(conf_process(conf), EMU_TESTMOD_ECHO, 0, 0, NULL), 0);
}

#define ROW(id, sentence, fact, run)                                   \
	{                                                              \
		id, sentence, fact, CONF_TESTMOD, CONF_DOWNSTREAM, run \
	}

static const struct conf_row rows[] = {
	ROW("dn.invoke.echo", "in buffers reach the DSP and out buffers come back", "abi A2.4",
	    in_comes_back_as_out),
	ROW("dn.invoke.status", "the DSP's result is the ioctl's result", "abi A2.4",
	    the_dsps_result_comes_as_it_is),
	ROW("dn.invoke.out-with-error", "out buffers come back when the result is an error",
	    "abi A2.4", conf_outputs_with_an_error),
	ROW("dn.invoke.handles", "handles 1 and 2 are EINVAL", "abi A2.4",
	    handles_1_and_2_are_the_drivers),
	ROW("dn.invoke.wrap", "a buffer whose end wraps is EFAULT", "abi A2.4",
	    addresses_that_wrap),
	ROW("dn.invoke.fault", "bad pages are EFAULT: in before the call, out after it", "abi A2.4",
	    pages_that_nobody_can_touch),
	ROW("dn.pack.small", "three small buffers: at 0x280, 0x300, 0x400 of one page", "abi F",
	    three_small_buffers),
	ROW("dn.pack.own-buffer", "copies that do not fit get a buffer of their own", "abi F, A6.3",
	    large_copies_get_a_buffer_of_their_own),
	ROW("dn.fd.zero", "fd 0 is an fd: no dma-buf, EBADFD", "abi A6.1", fd_0_is_an_fd),
	ROW("dn.fd.echo", "dma-bufs as in and out buffer", "abi A6.1", a_dma_buf_is_used_in_place),
	ROW("dn.fd.too-long", "a length over the dma-buf's is EFAULT", "abi A6.2",
	    outside_the_dma_buf),
	ROW("dn.ctx.bits", "an id holds job number, index of 70 or more, PD type", "abi A4.2",
	    the_id_holds_index_and_job),
	ROW("dn.ctx.reserved", "handles below 20 use the reserved entries", "abi A4.1",
	    low_handles_use_reserved_entries),
	ROW("dn.ctx.quota", "the 66th active call of a file is EDQUOT, not for low handles",
	    "abi A4.1", a_file_has_65_calls),
	ROW("dn.rsp.malformed", "short, unversioned and unknown responses answer nothing",
	    "abi A5.2", malformed_responses_are_dropped),
	ROW("dn.rsp.early", "an early response without poll word waits for the complete one",
	    "abi A5.2", an_early_response_and_the_complete_one),
	ROW("dn.signal.resume", "an interrupted call is continued, sent once; another sc is EINVAL",
	    "abi A4.4", an_interrupted_call_is_continued),
	ROW("dn.signal.close", "a file with an interrupted call closes", "abi A4.5",
	    a_file_closes_with_an_interrupted_call),
};

const struct conf_group conf_dn_invoke = {rows, sizeof(rows) / sizeof(*rows)};
