/* SPDX-License-Identifier: BSD-3-Clause */
/* Two ends of a queue in one process: blocking, time-outs, callbacks, closing, early wake-ups. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "lib/queue_end.h"

#define MAPPED_FD 40u

struct side {
	struct fixture *fixture;
	dspqueue_t queue;
	bool open;
	_Atomic int counted, signals, released, errors, last_error, packets, sent;
	dspqueue_callback_t on_packet;
};

struct fixture {
	struct frpc_queue_header header;
	void *memory;
	struct side cpu, dsp;
	_Atomic bool broken; /* signals fail */
};

static struct side *other(struct side *side)
{
	return side == &side->fixture->cpu ? &side->fixture->dsp : &side->fixture->cpu;
}

static void count(void *context, enum frpc_queue_signal signal)
{
	struct side *side = context;

	(void)signal;
	side->counted++;
}

static int signal_other(void *context, enum frpc_queue_signal signal)
{
	struct side *side = context;
	struct frpc_queue_end *end;

	if (side->fixture->broken)
		return -ECONNRESET;
	side->signals++;
	if (frpc_queue_end_get(other(side)->queue, &end)) {
		frpc_queue_end_signalled(end, signal);
		frpc_queue_end_put(end);
	}
	return 0;
}

static int send_buffer(void *context, struct dspqueue_buffer *buffer)
{
	struct side *side = context;

	if (buffer->fd != MAPPED_FD)
		return AEE_ENOSUCHMAP;
	side->sent++;
	return AEE_SUCCESS;
}

static void unsend_buffer(void *context, const struct dspqueue_buffer *buffer)
{
	struct side *side = context;

	(void)buffer;
	side->sent--;
}

static int receive_buffer(void *context, struct dspqueue_buffer *buffer)
{
	struct side *side = context;

	buffer->ptr =
		buffer->fd == MAPPED_FD ? (char *)side->fixture->memory + buffer->offset : NULL;
	return buffer->ptr ? AEE_SUCCESS : AEE_ENOSUCHMAP;
}

static void release(void *context)
{
	struct side *side = context;

	side->released++;
}

static const struct frpc_queue_end_ops ops = {
	.count = count,
	.signal = signal_other,
	.send_buffer = send_buffer,
	.unsend_buffer = unsend_buffer,
	.receive_buffer = receive_buffer,
	.release = release,
};

static void on_error(dspqueue_t queue, AEEResult error, void *context)
{
	struct side *side = context;

	(void)queue;
	side->last_error = error;
	side->errors++;
}

static void open_side(struct fixture *f, struct side *side, dspqueue_callback_t on_packet,
		      bool with_error)
{
	const struct frpc_queue_end_config config = {
		.ops = &ops,
		.context = side,
		.base = f->memory,
		.header = f->header,
		.dsp = side == &f->dsp,
		.packet_callback = on_packet,
		.error_callback = with_error ? on_error : NULL,
		.callback_context = side,
	};

	side->fixture = f;
	side->on_packet = on_packet;
	assert_int_equal(frpc_queue_end_open(&config, &side->queue), 0);
	side->open = true;
}

static void open_pair(struct fixture *f, uint32_t bytes, uint32_t flags)
{
	uint32_t size;

	memset(f, 0, sizeof(*f));
	size = frpc_queue_layout(bytes, bytes, &f->header);
	f->header.version = FRPC_QUEUE_VERSION;
	f->header.flags = flags;
	f->memory = aligned_alloc(256, size);
	memset(f->memory, 0, size);
	open_side(f, &f->cpu, NULL, false);
	open_side(f, &f->dsp, NULL, false);
}

static void close_side(struct side *side)
{
	if (side->open)
		assert_int_equal(frpc_queue_end_close(side->queue, NULL), 0);
	side->open = false;
	assert_int_equal(side->released, 1);
}

static void close_pair(struct fixture *f)
{
	close_side(&f->cpu);
	close_side(&f->dsp);
	free(f->memory);
}

static int write_u32(dspqueue_t queue, uint32_t value, int64_t timeout_us)
{
	return frpc_queue_write(queue, 0, 0, NULL, sizeof(value), (uint8_t *)&value, timeout_us);
}

static int read_u32(dspqueue_t queue, uint32_t *value, int64_t timeout_us)
{
	const struct frpc_queue_want want = {
		.max_message = sizeof(*value),
		.message = (uint8_t *)value,
	};

	return frpc_queue_read(queue, &want, NULL, NULL, NULL, timeout_us);
}

static void a_message_and_its_buffers_arrive(void **state)
{
	struct dspqueue_buffer sent = {.fd = MAPPED_FD, .size = 10, .offset = 16, .flags = 0x10};
	struct dspqueue_buffer got[2];
	uint32_t flags = 0, buffers = 0, length = 0;
	struct frpc_queue_want want = {.max_buffers = 2, .buffers = got, .max_message = 8};
	struct fixture f;
	uint8_t message[8];

	(void)state;
	want.message = message;
	open_pair(&f, 1024, FRPC_QUEUE_WAIT_COUNTS);
	assert_int_equal(frpc_queue_write(f.cpu.queue, 0, 1, &sent, 5, (const uint8_t *)"hello",
					  FRPC_QUEUE_NO_WAIT),
			 0);
	assert_int_equal(frpc_queue_read(f.dsp.queue, &want, &flags, &buffers, &length,
					 FRPC_QUEUE_NO_WAIT),
			 0);
	assert_int_equal(flags, DSPQUEUE_PACKET_FLAG_MESSAGE | DSPQUEUE_PACKET_FLAG_BUFFERS);
	assert_int_equal(buffers, 1);
	assert_int_equal(length, 5);
	assert_memory_equal(message, "hello", 5);
	assert_ptr_equal(got[0].ptr, (char *)f.memory + 16);
	assert_int_equal(got[0].size, 10);
	close_pair(&f);
}

static void the_readers_flags_are_those_of_the_writer(void **state)
{
	static const uint32_t ready[] = {0, DSPQUEUE_PACKET_FLAG_USER_READY,
					 DSPQUEUE_PACKET_FLAG_DRIVER_READY};
	uint32_t flags = 0, length = 0, value = 0;
	struct frpc_queue_want want = {.max_message = 4, .message = (uint8_t *)&value};
	struct fixture f;

	(void)state;
	open_pair(&f, 1024, FRPC_QUEUE_WAIT_COUNTS);
	for (size_t i = 0; i < sizeof(ready) / sizeof(*ready); i++) {
		/* What a packet has in it is found out, not believed. */
		assert_int_equal(frpc_queue_write(f.cpu.queue,
						  ready[i] | DSPQUEUE_PACKET_FLAG_BUFFERS, 0, NULL,
						  4, (const uint8_t *)"four", FRPC_QUEUE_NO_WAIT),
				 0);
		assert_int_equal(frpc_queue_read(f.dsp.queue, &want, &flags, NULL, &length,
						 FRPC_QUEUE_NO_WAIT),
				 0);
		assert_int_equal(flags, ready[i] | DSPQUEUE_PACKET_FLAG_MESSAGE);
	}
	close_pair(&f);
}

static void what_is_wrong_with_a_write_is_told_and_nothing_is_sent(void **state)
{
	struct dspqueue_buffer good = {.fd = MAPPED_FD}, unmapped = {.fd = 9};
	struct dspqueue_buffer pair[2], reserved = {.fd = MAPPED_FD, .flags = 0x100};
	static const uint8_t message[70000];
	struct fixture f;

	(void)state;
	open_pair(&f, 1024, FRPC_QUEUE_WAIT_COUNTS);
	pair[0] = good;
	pair[1] = unmapped;
#define WRITE(flags, n, bufs, len, msg) \
	frpc_queue_write(f.cpu.queue, flags, n, bufs, len, msg, FRPC_QUEUE_NO_WAIT)
	assert_int_equal(WRITE(0, 2, pair, 0, NULL), AEE_ENOSUCHMAP);
	assert_int_equal(f.cpu.sent, 0); /* the first one was taken back */
	assert_int_equal(WRITE(0, 1, &reserved, 0, NULL), AEE_EBADPARM);
	assert_int_equal(WRITE(0, 1, NULL, 0, NULL), AEE_EBADPARM);
	assert_int_equal(WRITE(0, 65, pair, 0, NULL), AEE_EBADPARM);
	assert_int_equal(WRITE(0, 0, NULL, 4, NULL), AEE_EBADPARM);
	assert_int_equal(WRITE(0, 0, NULL, 65537, message), AEE_EBADPARM);
	assert_int_equal(WRITE(0, 0, NULL, 1100, message), AEE_EBADPARM);
	assert_int_equal(WRITE(0x20, 0, NULL, 4, message), AEE_EBADPARM);
	assert_int_equal(WRITE(0x10000, 0, NULL, 4, message), AEE_EBADPARM);
	assert_int_equal(WRITE(DSPQUEUE_PACKET_FLAG_WAKEUP, 0, NULL, 4, message), AEE_EBADPARM);
	assert_int_equal(frpc_queue_write((dspqueue_t)1, 0, 0, NULL, 0, NULL, 0), AEE_EBADPARM);
	assert_int_equal(frpc_queue_write(NULL, 0, 0, NULL, 0, NULL, 0), AEE_EBADPARM);
	assert_int_equal(read_u32(f.dsp.queue, &(uint32_t){0}, FRPC_QUEUE_NO_WAIT),
			 AEE_EWOULDBLOCK);
	close_pair(&f);
}

static void a_packet_too_large_for_the_readers_room_stays_and_tells_its_size(void **state)
{
	uint32_t value = 0, length = 0;
	struct frpc_queue_want want = {.max_message = 2, .message = (uint8_t *)&value};
	struct fixture f;

	(void)state;
	open_pair(&f, 1024, FRPC_QUEUE_WAIT_COUNTS);
	assert_int_equal(write_u32(f.cpu.queue, 77, FRPC_QUEUE_NO_WAIT), 0);
	assert_int_equal(frpc_queue_read(f.dsp.queue, &want, NULL, NULL, &length,
					 FRPC_QUEUE_NO_WAIT),
			 AEE_EBADPARM);
	assert_int_equal(length, 4);
	length = 0;
	want = (struct frpc_queue_want){.peek = true};
	assert_int_equal(frpc_queue_read(f.dsp.queue, &want, NULL, NULL, &length, 0), 0);
	assert_int_equal(length, 4);
	assert_int_equal(read_u32(f.dsp.queue, &value, 0), 0);
	assert_int_equal(value, 77);
	close_pair(&f);
}

static void waiting_for_nothing_ends_with_the_time_out(void **state)
{
	struct fixture f;
	uint32_t value;

	(void)state;
	open_pair(&f, 64, FRPC_QUEUE_WAIT_COUNTS);
	assert_int_equal(read_u32(f.dsp.queue, &value, 0), AEE_EEXPIRED);
	assert_int_equal(read_u32(f.dsp.queue, &value, 2000), AEE_EEXPIRED);
	while (!write_u32(f.cpu.queue, 1, FRPC_QUEUE_NO_WAIT))
		;
	assert_int_equal(write_u32(f.cpu.queue, 1, FRPC_QUEUE_NO_WAIT), AEE_EWOULDBLOCK);
	assert_int_equal(write_u32(f.cpu.queue, 1, 2000), AEE_EEXPIRED);
	close_pair(&f);
}

#define FLOOD 20000u

static void *write_flood(void *arg)
{
	struct side *side = arg;

	for (uint32_t i = 0; i < FLOOD; i++)
		if (write_u32(side->queue, i, DSPQUEUE_TIMEOUT_NONE))
			return (void *)(uintptr_t)(i + 1);
	return NULL;
}

static void flood(uint32_t flags, struct fixture *f)
{
	pthread_t there, back;
	void *failed;
	uint32_t value;

	open_pair(f, 256, flags);
	pthread_create(&there, NULL, write_flood, &f->cpu);
	pthread_create(&back, NULL, write_flood, &f->dsp);
	for (uint32_t i = 0; i < FLOOD; i++) {
		assert_int_equal(read_u32(f->dsp.queue, &value, DSPQUEUE_TIMEOUT_NONE), 0);
		assert_int_equal(value, i);
		assert_int_equal(read_u32(f->cpu.queue, &value, DSPQUEUE_TIMEOUT_NONE), 0);
		assert_int_equal(value, i);
	}
	pthread_join(there, &failed);
	assert_null(failed);
	pthread_join(back, &failed);
	assert_null(failed);
}

static void packets_cross_both_ways_in_order_with_signals_only_for_sleepers(void **state)
{
	struct fixture f;

	(void)state;
	flood(FRPC_QUEUE_WAIT_COUNTS, &f);
	assert_int_equal(f.cpu.counted, 2 * FLOOD);
	assert_true(f.cpu.signals < f.cpu.counted);
	close_pair(&f);
}

static void without_wait_counts_every_packet_is_signalled(void **state)
{
	struct fixture f;

	(void)state;
	flood(0, &f);
	assert_int_equal(f.cpu.signals, 2 * FLOOD);
	close_pair(&f);
}

static void *read_for_ever(void *arg)
{
	struct side *side = arg;
	uint32_t value;

	return (void *)(intptr_t)read_u32(side->queue, &value, DSPQUEUE_TIMEOUT_NONE);
}

/* Until that many threads of the reading side sleep. */
static void await_sleepers(struct fixture *f, uint32_t count_wanted)
{
	struct frpc_queue_state *state = (void *)((char *)f->memory + f->header.request.read_state);

	while (__atomic_load_n(&state->waiting, __ATOMIC_SEQ_CST) < count_wanted)
		usleep(100);
}

static void closing_lets_everybody_go_who_waits(void **state)
{
	pthread_t threads[3];
	struct fixture f;
	dspqueue_t name;
	void *code;

	(void)state;
	open_pair(&f, 256, FRPC_QUEUE_WAIT_COUNTS);
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, read_for_ever, &f.dsp);
	await_sleepers(&f, 3);
	name = f.dsp.queue;
	close_side(&f.dsp);
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], &code);
		assert_int_equal((intptr_t)code, AEE_EINTERRUPTED);
	}
	assert_int_equal(write_u32(name, 1, 0), AEE_EBADPARM);
	assert_int_equal(frpc_queue_end_close(name, NULL), AEE_EBADPARM);
	close_pair(&f);
}

static void three_readers_share_the_packets(void **state)
{
	pthread_t threads[3];
	struct fixture f;
	void *code;

	(void)state;
	open_pair(&f, 256, FRPC_QUEUE_WAIT_COUNTS);
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, read_for_ever, &f.dsp);
	await_sleepers(&f, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(write_u32(f.cpu.queue, 1, DSPQUEUE_TIMEOUT_NONE), 0);
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], &code);
		assert_int_equal((intptr_t)code, 0);
	}
	close_pair(&f);
}

static void drain(dspqueue_t queue, AEEResult error, void *context)
{
	struct side *side = context;
	uint32_t value;

	assert_int_equal(error, 0);
	while (!read_u32(queue, &value, FRPC_QUEUE_NO_WAIT))
		side->packets++;
}

static void the_packet_callback_gets_them_all_and_blocking_reads_are_refused(void **state)
{
	struct fixture f;
	uint32_t value;

	(void)state;
	open_pair(&f, 256, FRPC_QUEUE_WAIT_COUNTS);
	close_side(&f.dsp);
	f.dsp.released = 0;
	open_side(&f, &f.dsp, drain, true);
	assert_int_equal(read_u32(f.dsp.queue, &value, 0), AEE_EBADPARM);
	for (uint32_t i = 0; i < 5000; i++)
		assert_int_equal(write_u32(f.cpu.queue, i, DSPQUEUE_TIMEOUT_NONE), 0);
	while (f.dsp.packets < 5000)
		usleep(100);
	assert_int_equal(f.dsp.errors, 0);
	close_pair(&f);
}

static void close_in_callback(dspqueue_t queue, AEEResult error, void *context)
{
	struct side *side = context;

	(void)error;
	side->open = false;
	if (!frpc_queue_end_close(queue, NULL))
		side->packets++;
}

static void a_callback_may_close_its_queue(void **state)
{
	struct fixture f;

	(void)state;
	open_pair(&f, 256, FRPC_QUEUE_WAIT_COUNTS);
	close_side(&f.dsp);
	f.dsp.released = 0;
	open_side(&f, &f.dsp, close_in_callback, true);
	assert_int_equal(write_u32(f.cpu.queue, 1, 0), 0);
	while (!f.dsp.released)
		usleep(100);
	assert_int_equal(f.dsp.packets, 1);
	close_pair(&f);
}

static void a_dead_queue_says_so_once_and_then_refuses_everything(void **state)
{
	struct fixture f;
	uint64_t value64;
	uint32_t value;

	(void)state;
	open_pair(&f, 256, 0);
	close_side(&f.cpu);
	f.cpu.released = 0;
	open_side(&f, &f.cpu, NULL, true);
	f.broken = true;
	assert_int_equal(write_u32(f.cpu.queue, 1, 0), 0); /* it is in the ring, at least */
	while (!f.cpu.errors)
		usleep(100);
	assert_int_equal(f.cpu.last_error, AEE_ECONNRESET);
	assert_int_equal(write_u32(f.cpu.queue, 1, 0), AEE_EBADSTATE);
	assert_int_equal(read_u32(f.cpu.queue, &value, 100), AEE_EBADSTATE);
	assert_int_equal(frpc_queue_early_wakeup(f.cpu.queue, 0, 0), AEE_EBADSTATE);
	assert_int_equal(frpc_queue_stat(f.cpu.queue, 1, &value64), AEE_EBADSTATE);
	assert_int_equal(f.cpu.errors, 1);
	close_pair(&f);
}

static uint64_t stat_of(dspqueue_t queue, enum dspqueue_stat stat)
{
	uint64_t value = 0;

	assert_int_equal(frpc_queue_stat(queue, stat, &value), 0);
	return value;
}

static void early_wakeups_are_waited_for_and_never_seen(void **state)
{
	struct fixture f;
	uint32_t value = 0;

	(void)state;
	open_pair(&f, 256, FRPC_QUEUE_WAIT_COUNTS);
	assert_int_equal(frpc_queue_early_wakeup(f.cpu.queue, 300, 0x20), AEE_EBADPARM);
	assert_int_equal(frpc_queue_early_wakeup(f.cpu.queue, 300, 0), 0);
	assert_int_equal(write_u32(f.cpu.queue, 5, 0), 0);
	assert_int_equal(stat_of(f.dsp.queue, DSPQUEUE_STAT_READ_QUEUE_PACKETS), 2);
	assert_int_equal(read_u32(f.dsp.queue, &value, FRPC_QUEUE_NO_WAIT), 0);
	assert_int_equal(value, 5);
	assert_int_equal(stat_of(f.dsp.queue, DSPQUEUE_STAT_EARLY_WAKEUP_MISSES), 0);
	/* Announced, but it does not come. */
	assert_int_equal(frpc_queue_early_wakeup(f.cpu.queue, 300, 0), 0);
	assert_int_equal(read_u32(f.dsp.queue, &value, 5000), AEE_EEXPIRED);
	assert_int_equal(stat_of(f.dsp.queue, DSPQUEUE_STAT_EARLY_WAKEUP_MISSES), 1);
	assert_true(stat_of(f.dsp.queue, DSPQUEUE_STAT_EARLY_WAKEUP_WAIT_TIME) >= 300);
	/* Asking clears them. */
	assert_int_equal(stat_of(f.dsp.queue, DSPQUEUE_STAT_EARLY_WAKEUP_MISSES), 0);
	assert_int_equal(stat_of(f.dsp.queue, DSPQUEUE_STAT_EARLY_WAKEUP_WAIT_TIME), 0);
	close_pair(&f);
}

static void statistics_count_both_directions(void **state)
{
	uint64_t value;
	struct fixture f;

	(void)state;
	open_pair(&f, 256, FRPC_QUEUE_WAIT_COUNTS);
	assert_int_equal(write_u32(f.cpu.queue, 5, 0), 0);
	assert_int_equal(write_u32(f.cpu.queue, 6, 0), 0);
	assert_int_equal(stat_of(f.cpu.queue, DSPQUEUE_STAT_WRITE_QUEUE_PACKETS), 2);
	assert_int_equal(stat_of(f.cpu.queue, DSPQUEUE_STAT_WRITE_QUEUE_BYTES), 32);
	assert_int_equal(stat_of(f.dsp.queue, DSPQUEUE_STAT_READ_QUEUE_PACKETS), 2);
	assert_int_equal(stat_of(f.dsp.queue, DSPQUEUE_STAT_READ_QUEUE_BYTES), 32);
	assert_int_equal(stat_of(f.cpu.queue, DSPQUEUE_STAT_READ_QUEUE_PACKETS), 0);
	assert_int_equal(stat_of(f.cpu.queue, DSPQUEUE_STAT_SIGNALING_PERF),
			 DSPQUEUE_SIGNALING_PERF_REDUCED_SIGNALING);
	assert_int_equal(frpc_queue_stat(f.cpu.queue, 8, &value), AEE_EBADPARM);
	assert_int_equal(frpc_queue_stat(f.cpu.queue, 1, NULL), AEE_EBADPARM);
	close_pair(&f);
}

static void nonsense_in_the_ring_is_a_bad_item_and_no_wild_access(void **state)
{
	struct frpc_queue_state *states;
	struct fixture f;
	uint32_t value;

	(void)state;
	open_pair(&f, 256, FRPC_QUEUE_WAIT_COUNTS);
	assert_int_equal(write_u32(f.cpu.queue, 5, 0), 0);
	memset((char *)f.memory + f.header.request.offset, 0xff, 8);
	assert_int_equal(read_u32(f.dsp.queue, &value, DSPQUEUE_TIMEOUT_NONE), AEE_EBADITEM);
	states = (void *)((char *)f.memory + f.header.request.read_state);
	states->position = 0xfffffff0;
	assert_int_equal(write_u32(f.cpu.queue, 5, DSPQUEUE_TIMEOUT_NONE), AEE_EBADITEM);
	close_pair(&f);
}

static int refuse(void *context)
{
	(void)context;
	return AEE_EITEMBUSY;
}

static void a_close_that_is_refused_leaves_the_queue_open(void **state)
{
	struct fixture f;

	(void)state;
	open_pair(&f, 256, FRPC_QUEUE_WAIT_COUNTS);
	assert_int_equal(frpc_queue_end_close(f.cpu.queue, refuse), AEE_EITEMBUSY);
	assert_int_equal(write_u32(f.cpu.queue, 5, 0), 0);
	close_pair(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_and_its_buffers_arrive),
		cmocka_unit_test(the_readers_flags_are_those_of_the_writer),
		cmocka_unit_test(what_is_wrong_with_a_write_is_told_and_nothing_is_sent),
		cmocka_unit_test(a_packet_too_large_for_the_readers_room_stays_and_tells_its_size),
		cmocka_unit_test(waiting_for_nothing_ends_with_the_time_out),
		cmocka_unit_test(packets_cross_both_ways_in_order_with_signals_only_for_sleepers),
		cmocka_unit_test(without_wait_counts_every_packet_is_signalled),
		cmocka_unit_test(closing_lets_everybody_go_who_waits),
		cmocka_unit_test(three_readers_share_the_packets),
		cmocka_unit_test(the_packet_callback_gets_them_all_and_blocking_reads_are_refused),
		cmocka_unit_test(a_callback_may_close_its_queue),
		cmocka_unit_test(a_dead_queue_says_so_once_and_then_refuses_everything),
		cmocka_unit_test(early_wakeups_are_waited_for_and_never_seen),
		cmocka_unit_test(statistics_count_both_directions),
		cmocka_unit_test(nonsense_in_the_ring_is_a_bad_item_and_no_wild_access),
		cmocka_unit_test(a_close_that_is_refused_leaves_the_queue_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
