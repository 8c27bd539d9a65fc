/* SPDX-License-Identifier: BSD-3-Clause */
/* dspqueue between an app and a skel: both ways, with callbacks and explicit reads, in any order. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "dspqueue.h"
#include "fastrpc.h"
#include "queuetest.h"
#include "remote.h"
#include "rpcmem.h"
#include "support/counts.h"
#include "support/ok.h"
#include "support/stories.h"

#define CDSP 3

static dspqueue_t create(int domain, dspqueue_callback_t packets, void *context)
{
	dspqueue_t queue;

	OK(dspqueue_create(domain, 0, 4096, 4096, packets, NULL, context, &queue));
	return queue;
}

/* Has the skel do @method with @queue. */
static struct queuetest_out have(remote_handle64 h, uint32_t method, dspqueue_t queue,
				 uint32_t mode, uint32_t count, uint32_t timeout_us)
{
	struct queuetest_in in = {.mode = mode, .count = count, .timeout_us = timeout_us};
	struct queuetest_out out = {0};

	if (queue)
		OK(dspqueue_export(queue, &in.queue));
	OK(queuetest_call(h, method, &in, &out));
	return out;
}

static void start_echo(remote_handle64 h, dspqueue_t queue, uint32_t mode)
{
	assert_int_equal(have(h, QUEUETEST_ECHO, queue, mode, 0, 0).code, 0);
}

static void stop(remote_handle64 h)
{
	assert_int_equal(have(h, QUEUETEST_STOP, NULL, 0, 0, 0).code, 0);
}

static int write_u32(dspqueue_t queue, uint32_t value, uint32_t timeout_us)
{
	return dspqueue_write(queue, 0, 0, NULL, sizeof(value), (const uint8_t *)&value,
			      timeout_us);
}

static int read_u32(dspqueue_t queue, uint32_t *value, uint32_t timeout_us)
{
	uint32_t flags, buffers, length;
	int res;

	res = dspqueue_read(queue, &flags, 0, &buffers, NULL, sizeof(*value), &length,
			    (uint8_t *)value, timeout_us);
	if (!res) {
		assert_int_equal(flags, DSPQUEUE_PACKET_FLAG_MESSAGE);
		assert_int_equal(buffers, 0);
		assert_int_equal(length, sizeof(*value));
	}
	return res;
}

static void packets_come_back_from_a_skel_that_is_called_back(void **state)
{
	remote_handle64 h = open_on_cdsp(QUEUETEST_URI, 0);
	dspqueue_t queue = create(CDSP, NULL, NULL);
	uint32_t value;

	(void)state;
	start_echo(h, queue, QUEUETEST_CALLBACK);
	for (uint32_t i = 0; i < 300; i++) {
		OK(write_u32(queue, i, DSPQUEUE_TIMEOUT_NONE));
		OK(read_u32(queue, &value, DSPQUEUE_TIMEOUT_NONE));
		assert_int_equal(value, i);
	}
	stop(h);
	OK(dspqueue_close(queue));
	OK(remote_handle64_close(h));
}

static void packets_come_back_from_a_skel_that_waits_for_them(void **state)
{
	remote_handle64 h = open_on_cdsp(QUEUETEST_URI, 0);
	dspqueue_t queue = create(CDSP, NULL, NULL);
	uint32_t value, length;

	(void)state;
	assert_int_equal(read_u32(queue, &value, 0), AEE_EEXPIRED);
	assert_int_equal(read_u32(queue, &value, 1000), AEE_EEXPIRED);
	assert_int_equal(dspqueue_peek_noblock(queue, NULL, NULL, NULL), AEE_EWOULDBLOCK);
	start_echo(h, queue, QUEUETEST_THREAD);
	for (uint32_t i = 0; i < 300; i++) {
		OK(write_u32(queue, i, 1000000));
		OK(dspqueue_peek(queue, NULL, NULL, &length, DSPQUEUE_TIMEOUT_NONE));
		assert_int_equal(length, 4);
		OK(read_u32(queue, &value, 0));
		assert_int_equal(value, i);
	}
	stop(h);
	OK(dspqueue_close(queue));
	OK(remote_handle64_close(h));
}

struct receiver {
	_Atomic uint32_t packets, wrong;
};

static void receive(dspqueue_t queue, AEEResult error, void *context)
{
	struct receiver *receiver = context;
	uint32_t value, length;

	if (error)
		receiver->wrong++;
	while (!dspqueue_read_noblock(queue, NULL, 0, NULL, NULL, sizeof(value), &length,
				      (uint8_t *)&value)) {
		if (value != receiver->packets)
			receiver->wrong++;
		receiver->packets++;
	}
}

static void floods_arrive_in_order_and_complete(dspqueue_callback_t callback)
{
	uint32_t count = (uint32_t)count_of(1000000, 100000, 5000);
	struct receiver receiver = {0};
	remote_handle64 h = open_on_cdsp(QUEUETEST_URI, 0);
	dspqueue_t queue = create(CDSP, callback, &receiver);

	assert_int_equal(have(h, QUEUETEST_FLOOD, queue, 0, callback ? count : 200,
			      DSPQUEUE_TIMEOUT_NONE)
				 .code,
			 0);
	if (callback)
		while (receiver.packets < count)
			usleep(100);
	assert_int_equal(receiver.wrong, 0);
	OK(dspqueue_close(queue));
	OK(remote_handle64_close(h));
}

static void a_flood_from_the_dsp_reaches_the_callback_in_order_and_complete(void **state)
{
	(void)state;
	floods_arrive_in_order_and_complete(receive);
}

static void a_dsp_that_closes_leaves_its_packets_to_be_read(void **state)
{
	(void)state;
	floods_arrive_in_order_and_complete(NULL);
}

struct flood {
	dspqueue_t queue;
	uint32_t count;
};

static void *write_flood(void *arg)
{
	const struct flood *flood = arg;

	for (uint32_t i = 0; i < flood->count; i++)
		if (write_u32(flood->queue, i, DSPQUEUE_TIMEOUT_NONE))
			return (void *)1;
	return NULL;
}

static void a_flood_to_the_dsp_arrives_in_order_and_complete(void **state)
{
	struct flood flood = {.count = (uint32_t)count_of(1000000, 100000, 5000)};
	remote_handle64 h = open_on_cdsp(QUEUETEST_URI, 0);
	pthread_t thread;
	void *failed;

	(void)state;
	flood.queue = create(CDSP, NULL, NULL);
	pthread_create(&thread, NULL, write_flood, &flood);
	assert_int_equal(
		have(h, QUEUETEST_DRAIN, flood.queue, 0, flood.count, DSPQUEUE_TIMEOUT_NONE).code,
		0);
	pthread_join(thread, &failed);
	assert_null(failed);
	OK(dspqueue_close(flood.queue));
	OK(remote_handle64_close(h));
}

/* Each side has to wait for the other at every packet, and only who waits is signalled. */
static void a_ring_for_one_packet_wakes_who_waits_each_time(void **state)
{
	struct flood flood = {.count = (uint32_t)count_of(1000000, 20000, 1000)};
	remote_handle64 h = open_on_cdsp(QUEUETEST_URI, 0);
	pthread_t thread;
	uint32_t value;
	void *failed;

	(void)state;
	OK(dspqueue_create(CDSP, 0, 32, 32, NULL, NULL, NULL, &flood.queue));
	pthread_create(&thread, NULL, write_flood, &flood);
	assert_int_equal(
		have(h, QUEUETEST_DRAIN, flood.queue, 0, flood.count, DSPQUEUE_TIMEOUT_NONE).code,
		0);
	pthread_join(thread, &failed);
	assert_null(failed);
	start_echo(h, flood.queue, QUEUETEST_THREAD);
	pthread_create(&thread, NULL, write_flood, &flood);
	for (uint32_t i = 0; i < flood.count; i++) {
		OK(read_u32(flood.queue, &value, DSPQUEUE_TIMEOUT_NONE));
		assert_int_equal(value, i);
	}
	pthread_join(thread, &failed);
	assert_null(failed);
	stop(h);
	OK(dspqueue_close(flood.queue));
	OK(remote_handle64_close(h));
}

static int send_buffer(dspqueue_t queue, int fd, uint32_t offset, uint32_t size, uint32_t flags)
{
	struct dspqueue_buffer buffer = {
		.fd = (uint32_t)fd,
		.offset = offset,
		.size = size,
		.flags = flags,
	};

	return dspqueue_write_noblock(queue, 0, 1, &buffer, 0, NULL);
}

static void buffers_are_shared_and_cannot_be_unmapped_while_the_dsp_refers_to_them(void **state)
{
	unsigned char *bytes = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 8192);
	int fd = rpcmem_to_fd(bytes);
	remote_handle64 h = open_on_cdsp(QUEUETEST_URI, 0);
	dspqueue_t queue = create(CDSP, NULL, NULL);
	struct dspqueue_buffer got;
	uint32_t buffers = 0;

	(void)state;
	bytes[100] = 1;
	assert_int_equal(send_buffer(queue, fd, 100, 10, 0), AEE_ENOSUCHMAP);
	OK(fastrpc_mmap(CDSP, fd, bytes, 0, 8192, FASTRPC_MAP_FD));
	assert_int_equal(send_buffer(queue, fd, 8000, 1000, 0), AEE_EBADPARM);
	assert_int_equal(send_buffer(queue, fd, 8193, 0, 0), AEE_EBADPARM);
	assert_int_equal(send_buffer(queue, fd, 0, 10, DSPQUEUE_BUFFER_FLAG_DEREF),
			 AEE_EBADMAPREFCNT);
	OK(send_buffer(queue, fd, 100, 10,
		       DSPQUEUE_BUFFER_FLAG_REF | DSPQUEUE_BUFFER_FLAG_FLUSH_SENDER |
			       DSPQUEUE_BUFFER_FLAG_INVALIDATE_RECIPIENT));
	assert_int_equal(fastrpc_munmap(CDSP, fd, bytes, 8192), AEE_EBADMAPREFCNT);
	start_echo(h, queue, QUEUETEST_CALLBACK);
	OK(dspqueue_read(queue, NULL, 1, &buffers, &got, 0, NULL, NULL, DSPQUEUE_TIMEOUT_NONE));
	assert_int_equal(buffers, 1);
	assert_ptr_equal(got.ptr, bytes + 100);
	assert_int_equal(got.size, 10);
	assert_int_equal(got.flags, DSPQUEUE_BUFFER_FLAG_DEREF);
	assert_int_equal(bytes[100], 0xfe);
	/* The other two for the caches; nothing is referred to. */
	bytes[200] = 1;
	OK(send_buffer(queue, fd, 200, 10,
		       DSPQUEUE_BUFFER_FLAG_INVALIDATE_SENDER |
			       DSPQUEUE_BUFFER_FLAG_FLUSH_RECIPIENT));
	OK(dspqueue_read(queue, NULL, 1, &buffers, &got, 0, NULL, NULL, DSPQUEUE_TIMEOUT_NONE));
	assert_int_equal(got.flags, 0);
	assert_int_equal(bytes[200], 0xfe);
	OK(fastrpc_munmap(CDSP, fd, bytes, 8192));
	stop(h);
	OK(dspqueue_close(queue));
	OK(remote_handle64_close(h));
	rpcmem_free(bytes);
}

static void a_skel_is_told_that_a_buffer_is_no_longer_mapped(void **state)
{
	unsigned char *bytes = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 4096);
	int fd = rpcmem_to_fd(bytes);
	remote_handle64 h = open_on_cdsp(QUEUETEST_URI, 0);
	dspqueue_t queue = create(CDSP, NULL, NULL);

	(void)state;
	OK(fastrpc_mmap(CDSP, fd, bytes, 0, 4096, FASTRPC_MAP_FD));
	OK(send_buffer(queue, fd, 0, 0, 0));
	OK(fastrpc_munmap(CDSP, fd, bytes, 4096));
	assert_int_equal(have(h, QUEUETEST_READ, queue, 0, 0, 0).code,
			 (int)(DSP_AEE_EOFFSET + AEE_ENOSUCHMAP));
	OK(dspqueue_close(queue));
	OK(remote_handle64_close(h));
	rpcmem_free(bytes);
}

static void early_wakeups_do_not_disturb_the_packets(void **state)
{
	remote_handle64 h = open_on_cdsp(QUEUETEST_URI, 0);
	dspqueue_t queue = create(CDSP, NULL, NULL);
	struct queuetest_out out;

	(void)state;
	OK(dspqueue_write_early_wakeup_noblock(queue, 500, 0));
	OK(write_u32(queue, 1, 0));
	OK(dspqueue_write_early_wakeup_noblock(queue, 0, DSPQUEUE_PACKET_FLAG_USER_READY));
	OK(write_u32(queue, 2, 0));
	out = have(h, QUEUETEST_WAKEUP, queue, 0, 2, DSPQUEUE_TIMEOUT_NONE);
	assert_int_equal(out.code, 0);
	assert_int_equal(out.value, 0);
	/* One that announces what does not come. */
	OK(dspqueue_write_early_wakeup_noblock(queue, 200, 0));
	assert_int_equal(have(h, QUEUETEST_READ, queue, 0, 0, 20000).code,
			 (int)(DSP_AEE_EOFFSET + AEE_EEXPIRED));
	OK(dspqueue_close(queue));
	OK(remote_handle64_close(h));
}

#define SESSIONS 3
#define EACH	 4

static void queues_of_several_sessions_do_not_meet(void **state)
{
	remote_handle64 handles[SESSIONS];
	dspqueue_t queues[SESSIONS][EACH];
	int sessions = SESSIONS;
	uint32_t value;

	(void)state;
	/* A 32-bit client of the downstream driver cannot say SESS_INFO: SETMODE tells two apart. */
	if (sizeof(void *) == 4 && strstr(getenv("FRPC_TRANSPORT"), "downstream"))
		sessions = 2;
	for (int s = 0; s < sessions; s++) {
		handles[s] = open_on_cdsp(QUEUETEST_URI, s);
		for (int q = 0; q < EACH; q++) {
			queues[s][q] = create(CDSP + 8 * s, NULL, NULL);
			start_echo(handles[s], queues[s][q],
				   q & 1 ? QUEUETEST_THREAD : QUEUETEST_CALLBACK);
		}
	}
	for (uint32_t round = 0; round < 20; round++) {
		for (int s = 0; s < sessions; s++)
			for (uint32_t q = 0; q < EACH; q++)
				OK(write_u32(queues[s][q], round * 100 + (uint32_t)s * 10 + q, 0));
		for (int s = 0; s < sessions; s++)
			for (uint32_t q = 0; q < EACH; q++) {
				OK(read_u32(queues[s][q], &value, DSPQUEUE_TIMEOUT_NONE));
				assert_int_equal(value, round * 100 + (uint32_t)s * 10 + q);
			}
	}
	for (int s = sessions; s-- > 0;) {
		stop(handles[s]);
		OK(remote_handle64_close(handles[s]));
		for (int q = 0; q < EACH; q++)
			OK(dspqueue_close(queues[s][q])); /* they keep the session open */
	}
}

static void a_queue_that_a_skel_has_imported_is_not_closed(void **state)
{
	remote_handle64 h = open_on_cdsp(QUEUETEST_URI, 0);
	dspqueue_t queue = create(CDSP, NULL, NULL);
	uint32_t value = 0;

	(void)state;
	start_echo(h, queue, QUEUETEST_CALLBACK);
	assert_int_equal(dspqueue_close(queue), AEE_EBADPARM);
	/* A second import is refused, and the first still works. */
	assert_int_equal(have(h, QUEUETEST_ECHO, queue, 0, 0, 0).code,
			 (int)(DSP_AEE_EOFFSET + AEE_EITEMBUSY));
	OK(write_u32(queue, 9, 0));
	OK(read_u32(queue, &value, DSPQUEUE_TIMEOUT_NONE));
	assert_int_equal(value, 9);
	stop(h);
	OK(dspqueue_close(queue));
	assert_int_equal(dspqueue_close(queue), AEE_EBADPARM);
	assert_int_equal(write_u32(queue, 9, 0), AEE_EBADPARM);
	OK(remote_handle64_close(h));
}

static void bad_arguments_are_refused_with_words(void **state)
{
	struct queuetest_in in = {.queue = 12345};
	remote_handle64 h = open_on_cdsp(QUEUETEST_URI, 0);
	struct queuetest_out out;
	dspqueue_t queue = NULL;
	uint64_t id;

	(void)state;
	assert_int_equal(dspqueue_create(77, 0, 0, 0, NULL, NULL, NULL, &queue), AEE_EBADPARM);
	assert_int_equal(dspqueue_create(1, 0, 0, 0, NULL, NULL, NULL, &queue), AEE_EUNSUPPORTED);
	assert_int_equal(dspqueue_create(CDSP, 1, 0, 0, NULL, NULL, NULL, &queue), AEE_EBADPARM);
	assert_int_equal(dspqueue_create(CDSP, 0, 100, 0, NULL, NULL, NULL, &queue), AEE_EBADPARM);
	assert_int_equal(dspqueue_create(CDSP, 0, 0, 0x1000008, NULL, NULL, NULL, &queue),
			 AEE_EBADPARM);
	assert_string_not_equal(frpc_last_error(), "");
	assert_int_equal(dspqueue_create(CDSP, 0, 0, 0, NULL, NULL, NULL, NULL), AEE_EBADPARM);
	assert_int_equal(dspqueue_export(NULL, &id), AEE_EBADPARM);
	assert_int_equal(dspqueue_close(NULL), AEE_EBADPARM);
	assert_int_equal(dspqueue_close((dspqueue_t)(uintptr_t)0x12345), AEE_EBADPARM);
	assert_int_equal(dspqueue_import(1, NULL, NULL, NULL, &queue), AEE_EUNSUPPORTED);
	OK(queuetest_call(h, QUEUETEST_ECHO, &in, &out));
	assert_int_equal(out.code, (int)(DSP_AEE_EOFFSET + AEE_EBADPARM));
	OK(remote_handle64_close(h));
}

/* Also its open and close, which a client can call on a handle as any other method. */
static void the_queue_service_refuses_calls_of_another_shape(void **state)
{
	static const struct {
		uint32_t in, out;
	} right[] = {{2, 0}, {0, 0}, {1, 0}, {1, 1}, {1, 0}, {1, 1}, {0, 1}, {0, 0}, {0, 0}};
	static char bytes[4096];
	remote_arg args[4];
	remote_handle64 h;

	(void)state;
	OK(remote_handle64_open("file:///libdspqueue_rpc_skel.so?dspqueue_rpc_skel_handle_invoke"
				"&_modver=1.0&_dom=cdsp",
				&h));
	for (uint32_t method = 0; method < 12; method++)
		for (uint32_t in = 0; in < 4; in++)
			for (uint32_t out = 0; in + out < 4; out++) {
				if (method < 9 && method > 1 && right[method].in == in &&
				    right[method].out == out)
					continue;
				for (uint32_t i = 0; i < 4; i++)
					args[i] = (remote_arg){.buf = {bytes, sizeof(bytes)}};
				assert_int_not_equal(
					remote_handle64_invoke(
						h, REMOTE_SCALARS_MAKE(method, in, out), args),
					0);
			}
	OK(remote_handle64_close(h));
}

static void a_session_has_64_queues_and_no_more(void **state)
{
	dspqueue_t queues[64], more;
	uint64_t ids[2];

	(void)state;
	for (int i = 0; i < 64; i++)
		queues[i] = create(CDSP, NULL, NULL);
	assert_int_equal(dspqueue_create(CDSP, 0, 0, 0, NULL, NULL, NULL, &more), AEE_ENOMORE);
	OK(dspqueue_export(queues[5], &ids[0]));
	OK(dspqueue_close(queues[5]));
	OK(dspqueue_create(CDSP, 0, 0, 0, NULL, NULL, NULL, &queues[5]));
	OK(dspqueue_export(queues[5], &ids[1]));
	assert_int_not_equal(ids[0], ids[1]); /* a stale id means nothing */
	for (int i = 0; i < 64; i++)
		OK(dspqueue_close(queues[i]));
}

static void statistics_say_how_signals_travel(void **state)
{
	dspqueue_t queue = create(CDSP, NULL, NULL);
	uint64_t value = 1;

	(void)state;
	OK(dspqueue_get_stat(queue, DSPQUEUE_STAT_SIGNALING_PERF, &value));
#ifdef FIRST_KIND
	assert_int_equal(value, 0);
#else
	assert_int_equal(value, strcmp(getenv("FRPC_TRANSPORT"), "downstream@emulator")
					? DSPQUEUE_SIGNALING_PERF_REDUCED_SIGNALING
					: DSPQUEUE_SIGNALING_PERF_OPTIMIZED_SIGNALING);
#endif
	OK(write_u32(queue, 1, 0));
	OK(dspqueue_get_stat(queue, DSPQUEUE_STAT_WRITE_QUEUE_PACKETS, &value));
	assert_int_equal(value, 1);
	OK(dspqueue_close(queue));
}

/* The shared memory of the newest queue: the last memfd whose beginning is a queue's header. */
static uint32_t *map_newest(size_t *ret_size)
{
	uint32_t *found = MAP_FAILED;

	for (int fd = 3; fd < 1024; fd++) {
		char path[32];
		struct stat st;
		uint32_t *words;

		/* By its name: a session that has just ended may be closing descriptors that are not ours. */
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (stat(path, &st) || st.st_size < 8192)
			continue;
		words = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (words == MAP_FAILED)
			continue;
		if (words[3] == 256 && words[4] == 4096) {
			found = words;
			*ret_size = (size_t)st.st_size;
			break;
		}
		munmap(words, (size_t)st.st_size);
	}
	assert_ptr_not_equal(found, MAP_FAILED);
	return found;
}

static void nonsense_in_the_shared_memory_ends_with_an_error_on_both_sides(void **state)
{
	remote_handle64 h = open_on_cdsp(QUEUETEST_URI, 0);
	dspqueue_t queue = create(CDSP, NULL, NULL);
	uint32_t *words, value;
	size_t size = 0;

	(void)state;
	words = map_newest(&size);
	/* Response ring: where the DSP's side claims to have written. */
	words[words[10] / 4] = 0xfffffff8;
	assert_int_equal(read_u32(queue, &value, 1000), AEE_EBADITEM);
	words[words[10] / 4] = 64;
	memset((char *)words + words[7], 0xff, 64);
	assert_int_equal(read_u32(queue, &value, 1000), AEE_EBADITEM);
	/* Request ring: where it claims to have read. */
	words[words[5] / 4] = 3;
	assert_int_equal(write_u32(queue, 1, 1000), AEE_EBADITEM);
	words[words[5] / 4] = 0;
	/* And what the app's side may do to the DSP. */
	OK(write_u32(queue, 1, 0));
	words[words[3] / 4] = 0x7fffffff;
	assert_int_equal(have(h, QUEUETEST_READ, queue, 0, 0, 1000).code,
			 (int)(DSP_AEE_EOFFSET + AEE_EBADITEM));
	words[words[6] / 4] = 12345;
	assert_int_equal(have(h, QUEUETEST_READ, queue, 0, 0, 1000).code,
			 (int)(DSP_AEE_EOFFSET + AEE_EBADITEM));
	munmap(words, size);
	OK(dspqueue_close(queue));
	OK(remote_handle64_close(h));
}

static void a_skel_that_leaves_its_queue_open_is_cleaned_up_with_its_process(void **state)
{
	remote_handle64 h = open_on_cdsp(QUEUETEST_URI, 0);
	dspqueue_t queue = create(CDSP, NULL, NULL);

	(void)state;
	assert_int_equal(have(h, QUEUETEST_LEAVE, queue, 0, 0, 0).code, 0);
	assert_int_equal(dspqueue_close(queue), AEE_EBADPARM);
	OK(remote_handle64_close(h));
	/* The app cannot close it while it is imported; that it is, is the skel's fault for good. */
	assert_int_equal(dspqueue_close(queue), AEE_EBADPARM);
}

static void nothing_is_left_behind(void **state)
{
	static story_fn *const stories[] = {
		packets_come_back_from_a_skel_that_waits_for_them,
		packets_come_back_from_a_skel_that_is_called_back,
		buffers_are_shared_and_cannot_be_unmapped_while_the_dsp_refers_to_them,
	};

	assert_nothing_is_left(stories, sizeof(stories) / sizeof(*stories), count_of(5, 5, 5),
			       state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_come_back_from_a_skel_that_is_called_back),
		cmocka_unit_test(packets_come_back_from_a_skel_that_waits_for_them),
		cmocka_unit_test(a_flood_from_the_dsp_reaches_the_callback_in_order_and_complete),
		cmocka_unit_test(a_dsp_that_closes_leaves_its_packets_to_be_read),
		cmocka_unit_test(a_flood_to_the_dsp_arrives_in_order_and_complete),
		cmocka_unit_test(a_ring_for_one_packet_wakes_who_waits_each_time),
		cmocka_unit_test(
			buffers_are_shared_and_cannot_be_unmapped_while_the_dsp_refers_to_them),
		cmocka_unit_test(a_skel_is_told_that_a_buffer_is_no_longer_mapped),
		cmocka_unit_test(early_wakeups_do_not_disturb_the_packets),
		cmocka_unit_test(queues_of_several_sessions_do_not_meet),
		cmocka_unit_test(a_queue_that_a_skel_has_imported_is_not_closed),
		cmocka_unit_test(bad_arguments_are_refused_with_words),
		cmocka_unit_test(the_queue_service_refuses_calls_of_another_shape),
		cmocka_unit_test(a_session_has_64_queues_and_no_more),
		cmocka_unit_test(statistics_say_how_signals_travel),
		cmocka_unit_test(nonsense_in_the_shared_memory_ends_with_an_error_on_both_sides),
		cmocka_unit_test(nothing_is_left_behind),
		cmocka_unit_test(a_skel_that_leaves_its_queue_open_is_cleaned_up_with_its_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
