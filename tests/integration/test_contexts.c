/* SPDX-License-Identifier: BSD-3-Clause */
/* Contexts over several domains, and the queues on them: an app and a skel on each domain. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "dspqueue.h"
#include "fastrpc.h"
#include "queuetest.h"
#include "remote.h"
#include "rpcmem.h"
#include "support/counts.h"
#include "support/leaks.h"
#include "support/ok.h"

#define CDSP	 3
#define CDSP_TOO 11 /* its session 1 */
#define ADSP	 0
#define GDSP1	 6 /* the machine has none */
#define DOMAINS	 3u
#define RING	 1024u /* bytes */

static uint32_t all[DOMAINS] = {CDSP, ADSP, CDSP_TOO};

static int create(uint32_t *domains, uint32_t count, uint64_t *ret_ctx)
{
	fastrpc_context_create request = {.effec_domain_ids = domains, .num_domain_ids = count};
	int res = remote_session_control(FASTRPC_CONTEXT_CREATE, &request, sizeof(request));

	*ret_ctx = request.ctx;
	return res;
}

static int destroy(uint64_t ctx)
{
	fastrpc_context_destroy request = {.ctx = ctx};

	return remote_session_control(FASTRPC_CONTEXT_DESTROY, &request, sizeof(request));
}

/* What the library says when it is asked for another kind of process where one is there. */
static bool is_open(int domain)
{
	struct remote_rpc_control_unsigned_module request = {domain, 1};
	int res = remote_session_control(DSPRPC_CONTROL_UNSIGNED_MODULE, &request, sizeof(request));

	if (res == AEE_EALREADYLOADED)
		return true;
	OK(res);
	request.enable = 0;
	OK(remote_session_control(DSPRPC_CONTROL_UNSIGNED_MODULE, &request, sizeof(request)));
	return false;
}

static remote_handle64 open_skel(uint32_t effective)
{
	static const char *const names[] = {[ADSP] = "adsp", [CDSP] = "cdsp"};
	remote_handle64 h;
	char uri[200];

	snprintf(uri, sizeof(uri), "%s&_dom=%s&_session=%u", QUEUETEST_URI, names[effective & 7],
		 effective >> 3);
	OK(remote_handle64_open(uri, &h));
	return h;
}

/* A context, a queue on it, and a skel on each of its domains. */
struct house {
	uint64_t ctx;
	dspqueue_t queue;
	uint64_t ids[DOMAINS];
	remote_handle64 skels[DOMAINS];
	_Atomic uint32_t packets, errors, inside, crowded;
	_Atomic int error;
	bool close_in_callback;
};

static dspqueue_request_payload request_of(struct house *house)
{
	return (dspqueue_request_payload){
		.id = DSPQUEUE_CREATE,
		.create = {.ctx = house->ctx,
			   .req_queue_size = RING,
			   .resp_queue_size = RING,
			   .callback_context = house,
			   .ids = house->ids,
			   .num_ids = DOMAINS},
	};
}

static void on_error(dspqueue_t queue, AEEResult error, void *context)
{
	struct house *house = context;

	(void)queue;
	house->error = error;
	house->errors++;
}

static void make_queue(struct house *house, dspqueue_callback_t packets)
{
	dspqueue_request_payload request;

	memset(house, 0, sizeof(*house));
	OK(create(all, DOMAINS, &house->ctx));
	request = request_of(house);
	request.create.packet_callback = packets;
	request.create.error_callback = on_error;
	OK(dspqueue_request(&request));
	house->queue = request.create.queue;
}

static void set_up(struct house *house, dspqueue_callback_t packets)
{
	make_queue(house, packets);
	for (uint32_t i = 0; i < DOMAINS; i++)
		house->skels[i] = open_skel(all[i]);
}

static struct queuetest_out have(struct house *house, uint32_t skel, uint32_t method,
				 uint32_t count, uint32_t timeout_us)
{
	struct queuetest_in in = {
		.queue = house->ids[skel],
		.mode = skel & 1 ? QUEUETEST_THREAD : QUEUETEST_CALLBACK,
		.count = count,
		.timeout_us = timeout_us,
	};
	struct queuetest_out out = {0};

	OK(queuetest_call(house->skels[skel], method, &in, &out));
	return out;
}

static void all_have(struct house *house, uint32_t method, uint32_t count, uint32_t timeout_us)
{
	for (uint32_t i = 0; i < DOMAINS; i++)
		assert_int_equal(have(house, i, method, count, timeout_us).code, 0);
}

static void tear_down(struct house *house)
{
	OK(dspqueue_close(house->queue));
	for (uint32_t i = 0; i < DOMAINS; i++)
		OK(remote_handle64_close(house->skels[i]));
	OK(destroy(house->ctx));
}

static int write_u32(struct house *house, uint32_t value, uint32_t timeout_us)
{
	return dspqueue_write(house->queue, 0, 0, NULL, sizeof(value), (const uint8_t *)&value,
			      timeout_us);
}

static int read_u32(struct house *house, uint32_t *value, uint32_t timeout_us)
{
	return dspqueue_read(house->queue, NULL, 0, NULL, NULL, sizeof(*value), NULL,
			     (uint8_t *)value, timeout_us);
}

/* ---- contexts ---- */

static void a_context_keeps_the_sessions_of_its_domains_open(void **state)
{
	remote_handle64 h;
	uint64_t ctx, other;

	(void)state;
	assert_false(is_open(CDSP) || is_open(ADSP));
	OK(create(all, DOMAINS, &ctx));
	assert_int_not_equal(ctx, 0);
	h = open_skel(CDSP);
	OK(remote_handle64_close(h));
	assert_true(is_open(CDSP) && is_open(ADSP));
	OK(create(all + 1, 1, &other));
	assert_int_not_equal(other, ctx);
	OK(destroy(ctx));
	assert_true(is_open(ADSP));
	assert_false(is_open(CDSP));
	OK(destroy(other));
	assert_false(is_open(ADSP));
}

static void a_context_that_fails_leaves_nothing_open_and_what_was_open_alone(void **state)
{
	uint32_t domains[3] = {CDSP, ADSP, GDSP1};
	remote_handle64 h = open_skel(CDSP);
	struct queuetest_in in = {0};
	struct queuetest_out out;
	uint64_t ctx;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_not_equal(create(domains, 3, &ctx), 0);
		assert_string_not_equal(frpc_last_error(), "");
		assert_false(is_open(ADSP));
		OK(queuetest_call(h, QUEUETEST_STOP, &in, &out));
	}
	OK(remote_handle64_close(h));
	assert_false(is_open(CDSP));
}

static void bad_requests_for_contexts_are_refused(void **state)
{
	uint32_t twice[2] = {CDSP, CDSP}, none[1] = {77}, many[33] = {0};
	fastrpc_context_create request = {all, DOMAINS, 0, 0};
	fastrpc_context_destroy end = {0, 0};
	uint64_t ctx;

	(void)state;
	assert_int_equal(create(NULL, 1, &ctx), AEE_EBADPARM);
	assert_int_equal(create(all, 0, &ctx), AEE_EBADPARM);
	assert_int_equal(create(many, 33, &ctx), AEE_EBADPARM);
	assert_int_equal(create(twice, 2, &ctx), AEE_EBADPARM);
	assert_int_equal(create(none, 1, &ctx), AEE_EBADPARM);
	request.flags = 1;
	assert_int_equal(remote_session_control(FASTRPC_CONTEXT_CREATE, &request, sizeof(request)),
			 AEE_EBADPARM);
	assert_int_equal(remote_session_control(FASTRPC_CONTEXT_CREATE, NULL, sizeof(request)),
			 AEE_EBADPARM);
	assert_int_equal(remote_session_control(FASTRPC_CONTEXT_CREATE, &request, 4), AEE_EBADPARM);
	OK(create(all, 1, &ctx));
	end.ctx = ctx;
	end.flags = 1;
	assert_int_equal(remote_session_control(FASTRPC_CONTEXT_DESTROY, &end, sizeof(end)),
			 AEE_EBADPARM);
	OK(destroy(ctx));
	assert_int_equal(destroy(ctx), AEE_EBADCONTEXT);
	assert_int_equal(destroy(0), AEE_EBADCONTEXT);
	assert_false(is_open(CDSP));
}

static void a_forked_child_has_no_contexts_of_its_parents(void **state)
{
	uint64_t ctx;
	int status;
	pid_t pid;

	(void)state;
	OK(create(all, DOMAINS, &ctx));
	pid = fork();
	if (!pid)
		_exit(destroy(ctx) == AEE_EBADCONTEXT ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(is_open(CDSP));
	OK(destroy(ctx));
}

/* ---- queues on them ---- */

static void bad_requests_for_queues_are_refused(void **state)
{
	dspqueue_request_payload good, request;
	uint32_t mdsp[2] = {CDSP, 1};
	struct house house = {0};
	uint64_t id, ctx;

	(void)state;
	OK(create(all, DOMAINS, &house.ctx));
	good = request = request_of(&house);
	assert_int_equal(dspqueue_request(NULL), AEE_EBADPARM);
	request.id = (dspqueue_request_req_id)1;
	assert_int_equal(dspqueue_request(&request), AEE_EUNSUPPORTED);
	request = good;
	request.create.ctx = 0;
	assert_int_equal(dspqueue_request(&request), AEE_EBADCONTEXT);
	request = good;
	request.create.flags = 1;
	assert_int_equal(dspqueue_request(&request), AEE_EBADPARM);
	request = good;
	request.create.priority = 1;
	assert_int_equal(dspqueue_request(&request), AEE_EUNSUPPORTED);
	request = good;
	request.create.num_ids = DOMAINS - 1;
	assert_int_equal(dspqueue_request(&request), AEE_EBADPARM);
	request = good;
	request.create.ids = NULL;
	assert_int_equal(dspqueue_request(&request), AEE_EBADPARM);
	request = good;
	request.create.req_queue_size = 100;
	assert_int_equal(dspqueue_request(&request), AEE_EBADPARM);
	assert_string_not_equal(frpc_last_error(), "");
	/* A domain without queues takes the others with it. */
	if (!create(mdsp, 2, &ctx)) {
		request = good;
		request.create.ctx = ctx;
		assert_int_equal(dspqueue_request(&request), AEE_EUNSUPPORTED);
		OK(destroy(ctx));
	}
	request = good;
	OK(dspqueue_request(&request));
	assert_int_equal(dspqueue_export(request.create.queue, &id), AEE_EBADPARM);
	OK(dspqueue_close(request.create.queue));
	assert_int_equal(dspqueue_close(request.create.queue), AEE_EBADPARM);
	assert_int_equal(dspqueue_close((dspqueue_t)(uintptr_t)0x80012345u), AEE_EBADPARM);
	OK(destroy(house.ctx));
	assert_false(is_open(CDSP) || is_open(ADSP));
}

static void what_is_written_reaches_every_domain_and_each_of_them_answers(void **state)
{
	struct house house;
	uint32_t value, length;
	uint64_t stat;

	(void)state;
	set_up(&house, NULL);
	assert_int_equal(read_u32(&house, &value, 0), AEE_EEXPIRED);
	assert_int_equal(read_u32(&house, &value, 1000), AEE_EEXPIRED);
	assert_int_equal(dspqueue_peek_noblock(house.queue, NULL, NULL, NULL), AEE_EWOULDBLOCK);
	all_have(&house, QUEUETEST_ECHO, 0, 0);
	for (uint32_t i = 0; i < 200; i++) {
		OK(write_u32(&house, i, DSPQUEUE_TIMEOUT_NONE));
		for (uint32_t k = 0; k < DOMAINS; k++) {
			if (i & 1) {
				OK(dspqueue_peek(house.queue, NULL, NULL, &length,
						 DSPQUEUE_TIMEOUT_NONE));
				assert_int_equal(length, sizeof(value));
			}
			OK(read_u32(&house, &value, DSPQUEUE_TIMEOUT_NONE));
			assert_int_equal(value, i);
		}
	}
	assert_int_equal(read_u32(&house, &value, 0), AEE_EEXPIRED);
	OK(dspqueue_get_stat(house.queue, DSPQUEUE_STAT_WRITE_QUEUE_PACKETS, &stat));
	assert_int_equal(stat, 0);
	OK(dspqueue_get_stat(house.queue, DSPQUEUE_STAT_SIGNALING_PERF, &stat));
	assert_in_range(stat, DSPQUEUE_SIGNALING_PERF_REDUCED_SIGNALING,
			DSPQUEUE_SIGNALING_PERF_OPTIMIZED_SIGNALING);
	assert_int_equal(dspqueue_close(house.queue), AEE_EBADPARM); /* skels have it */
	all_have(&house, QUEUETEST_STOP, 0, 0);
	tear_down(&house);
}

static void take(dspqueue_t queue, AEEResult error, void *context)
{
	struct house *house = context;
	uint32_t value;

	if (error || queue != house->queue || house->inside++)
		house->crowded++;
	while (!house->close_in_callback &&
	       !dspqueue_read_noblock(queue, NULL, 0, NULL, NULL, sizeof(value), NULL,
				      (uint8_t *)&value))
		house->packets++;
	if (house->close_in_callback && !house->packets) {
		/* It is refused while the skel that wrote the packet still has the queue. */
		while (dspqueue_close(queue))
			usleep(100);
		house->inside--;
		house->packets++; /* the house may go now */
		return;
	}
	house->inside--;
}

static void callbacks_come_one_at_a_time_and_miss_nothing(void **state)
{
	uint32_t count = (uint32_t)count_of(100000, 10000, 500);
	struct house house;
	uint32_t value;

	(void)state;
	set_up(&house, take);
	assert_int_equal(read_u32(&house, &value, 0), AEE_EBADPARM); /* there is a callback */
	all_have(&house, QUEUETEST_ECHO, 0, 0);
	for (uint32_t i = 0; i < count; i++)
		OK(write_u32(&house, i, DSPQUEUE_TIMEOUT_NONE));
	while (house.packets < count * DOMAINS)
		usleep(100);
	all_have(&house, QUEUETEST_STOP, 0, 0);
	tear_down(&house);
	assert_int_equal(house.packets, count * DOMAINS);
	assert_int_equal(house.crowded, 0);
	assert_int_equal(house.errors, 0);
}

static void a_full_domain_keeps_the_packet_from_all_of_them(void **state)
{
	struct house house;
	uint32_t written = 0;
	uint64_t stat;

	(void)state;
	set_up(&house, NULL);
	while (!write_u32(&house, written, 0))
		written++;
	assert_true(written > 10);
	/* Two of the three have room again: not enough. */
	for (uint32_t i = 1; i < DOMAINS; i++)
		assert_int_equal(have(&house, i, QUEUETEST_DRAIN, written, 0).code, 0);
	assert_int_equal(write_u32(&house, 1, 1000), AEE_EEXPIRED);
	assert_int_equal(dspqueue_write_noblock(house.queue, 0, 0, NULL, 1, (const uint8_t *)""),
			 AEE_EWOULDBLOCK);
	assert_int_equal(dspqueue_write_early_wakeup_noblock(house.queue, 0, 0), AEE_EWOULDBLOCK);
	OK(dspqueue_get_stat(house.queue, DSPQUEUE_STAT_WRITE_QUEUE_PACKETS, &stat));
	assert_int_equal(stat, written);
	for (uint32_t i = 1; i < DOMAINS; i++)
		assert_int_equal(have(&house, i, QUEUETEST_READ, 0, 0).code,
				 (int)(DSP_AEE_EOFFSET + AEE_EEXPIRED));
	assert_int_equal(have(&house, 0, QUEUETEST_DRAIN, written, 0).code, 0);
	OK(write_u32(&house, 0, 0));
	OK(dspqueue_write_early_wakeup_noblock(house.queue, 100, 0));
	all_have(&house, QUEUETEST_DRAIN, 1, 0);
	tear_down(&house);
}

static void *write_many(void *arg)
{
	struct house *house = arg;

	for (uint32_t i = 0; i < 400; i++)
		if (write_u32(house, i, DSPQUEUE_TIMEOUT_NONE))
			return (void *)1;
	return NULL;
}

static void a_writer_that_waits_for_room_goes_on_when_all_have_some(void **state)
{
	struct house house;
	pthread_t thread;
	void *failed;

	(void)state;
	set_up(&house, NULL);
	pthread_create(&thread, NULL, write_many, &house);
	/* One after the other: each has to be waited for, some at every step. */
	for (uint32_t round = 0; round < 400; round += 20)
		for (uint32_t i = 0; i < DOMAINS; i++)
			for (uint32_t k = 0; k < 20; k++)
				assert_int_equal(have(&house, i, QUEUETEST_READ, 0,
						      DSPQUEUE_TIMEOUT_NONE)
							 .code,
						 0);
	pthread_join(thread, &failed);
	assert_null(failed);
	tear_down(&house);
}

static void a_buffer_has_to_be_mapped_on_every_domain(void **state)
{
	unsigned char *bytes = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 4096);
	struct dspqueue_buffer buffer = {
		.fd = (uint32_t)rpcmem_to_fd(bytes),
		.size = 10,
		.flags = DSPQUEUE_BUFFER_FLAG_REF,
	};
	int fd = (int)buffer.fd;
	struct house house;

	(void)state;
	set_up(&house, NULL);
	for (uint32_t i = 0; i < DOMAINS; i++) {
		assert_int_equal(dspqueue_write_noblock(house.queue, 0, 1, &buffer, 0, NULL),
				 AEE_ENOSUCHMAP);
		OK(fastrpc_mmap((int)all[i], fd, bytes, 0, 4096, FASTRPC_MAP_FD));
	}
	/* Nobody has got any of those; nor is there a reference left of them. */
	for (uint32_t i = 0; i < DOMAINS; i++) {
		assert_int_equal(have(&house, i, QUEUETEST_READ, 0, 0).code,
				 (int)(DSP_AEE_EOFFSET + AEE_EEXPIRED));
		OK(fastrpc_munmap((int)all[i], fd, bytes, 4096));
		OK(fastrpc_mmap((int)all[i], fd, bytes, 0, 4096, FASTRPC_MAP_FD));
	}
	OK(dspqueue_write_noblock(house.queue, 0, 1, &buffer, 0, NULL));
	assert_int_equal(fastrpc_munmap(ADSP, fd, bytes, 4096), AEE_EBADMAPREFCNT);
	all_have(&house, QUEUETEST_ECHO, 0, 0);
	for (uint32_t i = 0; i < DOMAINS; i++)
		OK(dspqueue_read(house.queue, NULL, 1, NULL, &buffer, 0, NULL, NULL,
				 DSPQUEUE_TIMEOUT_NONE));
	all_have(&house, QUEUETEST_STOP, 0, 0);
	for (uint32_t i = 0; i < DOMAINS; i++)
		OK(fastrpc_munmap((int)all[i], fd, bytes, 4096));
	tear_down(&house);
	rpcmem_free(bytes);
}

static void *wait_for_packet(void *arg)
{
	uint32_t value;

	return (void *)(intptr_t)read_u32(arg, &value, DSPQUEUE_TIMEOUT_NONE);
}

static void closing_interrupts_who_waits(void **state)
{
	struct house house;
	pthread_t reader;
	void *code;

	(void)state;
	set_up(&house, NULL);
	pthread_create(&reader, NULL, wait_for_packet, &house);
	usleep(10000);
	tear_down(&house);
	pthread_join(reader, &code);
	/* Or it came too late for the name. */
	assert_true((intptr_t)code == AEE_EINTERRUPTED || (intptr_t)code == AEE_EBADPARM);
}

static void a_callback_may_close_the_queue(void **state)
{
	struct house house;

	(void)state;
	set_up(&house, take);
	house.close_in_callback = true;
	/* One domain: with its packet the queue is closed, for the others, too. */
	assert_int_equal(have(&house, 0, QUEUETEST_FLOOD, 1, 0).code, 0);
	while (!house.packets)
		usleep(100);
	assert_int_equal(dspqueue_close(house.queue), AEE_EBADPARM);
	for (uint32_t i = 0; i < DOMAINS; i++)
		OK(remote_handle64_close(house.skels[i]));
	OK(destroy(house.ctx));
	assert_int_equal(house.crowded, 0);
}

static void with_one_domain_the_whole_queue_dies_and_says_so_once(void **state)
{
	remote_rpc_process_exception exception = {CDSP_TOO};
	struct house house;
	pthread_t reader;
	uint32_t value;
	void *code;

	(void)state;
	make_queue(&house, NULL); /* no skels: who would free what they have? */
	pthread_create(&reader, NULL, wait_for_packet, &house);
	OK(remote_session_control(FASTRPC_REMOTE_PROCESS_EXCEPTION, &exception, sizeof(exception)));
	pthread_join(reader, &code);
	assert_int_equal((intptr_t)code, AEE_EBADSTATE);
	while (!house.errors)
		usleep(100);
	assert_int_equal(house.error, AEE_ENOSUCH);
	assert_int_equal(write_u32(&house, 1, 1000), AEE_EBADSTATE);
	assert_int_equal(read_u32(&house, &value, 0), AEE_EBADSTATE);
	OK(dspqueue_close(house.queue));
	assert_int_equal(house.errors, 1);
	OK(destroy(house.ctx));
	assert_false(is_open(CDSP) || is_open(ADSP));
}

static void a_queue_outlives_the_context_it_was_made_on(void **state)
{
	struct house house;
	uint32_t value;

	(void)state;
	set_up(&house, NULL);
	OK(destroy(house.ctx));
	all_have(&house, QUEUETEST_ECHO, 0, 0);
	OK(write_u32(&house, 7, 0));
	for (uint32_t i = 0; i < DOMAINS; i++) {
		OK(read_u32(&house, &value, DSPQUEUE_TIMEOUT_NONE));
		assert_int_equal(value, 7);
	}
	all_have(&house, QUEUETEST_STOP, 0, 0);
	for (uint32_t i = 0; i < DOMAINS; i++)
		OK(remote_handle64_close(house.skels[i]));
	assert_true(is_open(CDSP) && is_open(ADSP));
	OK(dspqueue_close(house.queue));
	assert_false(is_open(CDSP) || is_open(ADSP));
}

static void nothing_is_left_behind(void **state)
{
	struct resources before;

	a_buffer_has_to_be_mapped_on_every_domain(state);
	before = resources_at_rest();
	for (int i = 0; i < 3; i++) {
		what_is_written_reaches_every_domain_and_each_of_them_answers(state);
		a_callback_may_close_the_queue(state);
		with_one_domain_the_whole_queue_dies_and_says_so_once(state);
		a_context_that_fails_leaves_nothing_open_and_what_was_open_alone(state);
	}
	assert_resources_are_back(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_context_keeps_the_sessions_of_its_domains_open),
		cmocka_unit_test(a_context_that_fails_leaves_nothing_open_and_what_was_open_alone),
		cmocka_unit_test(bad_requests_for_contexts_are_refused),
		cmocka_unit_test(a_forked_child_has_no_contexts_of_its_parents),
		cmocka_unit_test(bad_requests_for_queues_are_refused),
		cmocka_unit_test(what_is_written_reaches_every_domain_and_each_of_them_answers),
		cmocka_unit_test(callbacks_come_one_at_a_time_and_miss_nothing),
		cmocka_unit_test(a_full_domain_keeps_the_packet_from_all_of_them),
		cmocka_unit_test(a_writer_that_waits_for_room_goes_on_when_all_have_some),
		cmocka_unit_test(a_buffer_has_to_be_mapped_on_every_domain),
		cmocka_unit_test(closing_interrupts_who_waits),
		cmocka_unit_test(a_callback_may_close_the_queue),
		cmocka_unit_test(with_one_domain_the_whole_queue_dies_and_says_so_once),
		cmocka_unit_test(a_queue_outlives_the_context_it_was_made_on),
		cmocka_unit_test(nothing_is_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
