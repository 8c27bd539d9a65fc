/* SPDX-License-Identifier: BSD-3-Clause */
/* The packet ring: exact layout, order, wrapping, and an other side that writes nonsense. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/ring.h"

struct fixture {
	struct frpc_queue_header header;
	unsigned char *memory;
	uint32_t size;
	struct frpc_ring writer, reader;
};

static void open_sized(struct fixture *f, uint32_t bytes)
{
	f->size = frpc_queue_layout(bytes, 16, &f->header);
	assert_true(f->size > 0);
	f->memory = aligned_alloc(256, f->size);
	memset(f->memory, 0, f->size);
	assert_int_equal(frpc_ring_open(&f->writer, f->memory, &f->header.request, true), 0);
	assert_int_equal(frpc_ring_open(&f->reader, f->memory, &f->header.request, false), 0);
}

static int set_up(void **state)
{
	static struct fixture f;

	open_sized(&f, 256);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	free(f->memory);
	return 0;
}

static int put(struct fixture *f, const char *message)
{
	return frpc_ring_write(&f->writer, FRPC_PACKET_MESSAGE, NULL, 0, message,
			       (uint32_t)strlen(message) + 1);
}

static int get(struct fixture *f, char *message, size_t room)
{
	struct frpc_packet packet;
	int res = frpc_ring_peek(&f->reader, &packet);

	if (res)
		return res;
	if (packet.message > room || packet.buffers)
		return -E2BIG;
	return frpc_ring_read(&f->reader, &packet, NULL, message);
}

static void default_rings_lie_where_every_dsp_looks_for_them(void **state)
{
	struct frpc_queue_header header;

	(void)state;
	assert_int_equal(frpc_queue_layout(FRPC_RING_REQUESTS, FRPC_RING_RESPONSES, &header),
			 83200);
	assert_int_equal(header.request.offset, 256);
	assert_int_equal(header.request.length, 65536);
	assert_int_equal(header.request.read_state, 65792);
	assert_int_equal(header.request.write_state, 66048);
	assert_int_equal(header.response.offset, 66304);
	assert_int_equal(header.response.length, 16384);
	assert_int_equal(header.response.read_state, 82688);
	assert_int_equal(header.response.write_state, 82944);
	assert_int_equal(frpc_queue_check(&header, 83200), 0);
	assert_int_equal(frpc_queue_check(&header, 82944), -EINVAL);
}

static void sizes_that_are_no_multiple_of_8_or_too_large_are_refused(void **state)
{
	struct frpc_queue_header header;

	(void)state;
	assert_int_equal(frpc_queue_layout(100, 64, &header), 0);
	assert_int_equal(frpc_queue_layout(64, 8, &header), 0);
	assert_int_equal(frpc_queue_layout((16 << 20) + 8, 64, &header), 0);
	assert_int_not_equal(frpc_queue_layout(16 << 20, 16, &header), 0);
}

static void a_packet_has_the_bytes_of_the_wire(void **state)
{
	static const unsigned char expected[] = {
		36,   0,   0,	0,   0x13, 0,  1, 0, /* 8 + 24 + 4, flags, 1 buffer, number 0 */
		7,    0,   0,	0,   0,	   16, 0, 0, /* fd, size */
		0x20, 0,   0,	0,   0x14, 0,  0, 0, /* offset, flags */
		8,    7,   6,	5,   4,	   3,  2, 1, /* address */
		'a',  'b', 'c', 'd',
	};
	const struct frpc_ring_buffer buffer = {7, 4096, 0x20, 0x14, UINT64_C(0x0102030405060708)};
	struct frpc_ring_buffer read;
	struct frpc_packet packet;
	struct fixture *f = *state;
	char message[4];

	assert_int_equal(frpc_ring_write(&f->writer, 0x13, &buffer, 1, "abcd", 4), 0);
	assert_memory_equal(f->memory + 256, expected, sizeof(expected));
	assert_int_equal(f->writer.write_state->position, 40);
	assert_int_equal(f->writer.write_state->packets, 1);
	assert_int_equal(frpc_ring_peek(&f->reader, &packet), 0);
	assert_int_equal(packet.flags, 0x13);
	assert_int_equal(packet.buffers, 1);
	assert_int_equal(packet.message, 4);
	assert_int_equal(frpc_ring_read(&f->reader, &packet, &read, message), 0);
	assert_memory_equal(&read, &buffer, sizeof(buffer));
	assert_memory_equal(message, "abcd", 4);
	assert_int_equal(f->reader.read_state->position, 40);
	assert_int_equal(f->reader.read_state->packets, 1);
	assert_int_equal(frpc_ring_peek(&f->reader, &packet), -EAGAIN);
	/* The next one carries the next number. */
	assert_int_equal(put(f, "x"), 0);
	assert_int_equal(f->memory[256 + 40 + 7], 1);
}

static void a_packet_that_does_not_fit_before_the_end_begins_anew_at_the_front(void **state)
{
	struct fixture *f = *state;
	char message[200], big[101];

	memset(big, 'b', 100);
	big[100] = 0;
	assert_int_equal(put(f, big), 0); /* 8 + 101: positions 0 to 112 */
	assert_int_equal(put(f, big), 0); /* to 224; 32 are left */
	assert_int_equal(get(f, message, sizeof(message)), 0);
	assert_int_equal(put(f, "this does not fit into 32 bytes"), 0);
	assert_memory_equal(f->memory + 256 + 224, f->memory + 256, 8);
	assert_int_equal(f->writer.write_state->position, 40);
	assert_int_equal(get(f, message, sizeof(message)), 0);
	assert_string_equal(message, big);
	assert_int_equal(get(f, message, sizeof(message)), 0);
	assert_string_equal(message, "this does not fit into 32 bytes");
	assert_int_equal(get(f, message, sizeof(message)), -EAGAIN);
}

static void a_ring_is_never_filled_completely(void **state)
{
	struct fixture *f = *state;
	uint32_t packets, bytes, count = 0;

	while (!put(f, "1234567")) /* 16 bytes each */
		count++;
	assert_int_equal(count, 15);
	assert_int_equal(put(f, "1234567"), -EAGAIN);
	assert_int_equal(frpc_ring_write(&f->writer, 0, NULL, 0, NULL, 0), 0); /* 8 bytes fit */
	assert_int_equal(frpc_ring_write(&f->writer, 0, NULL, 0, NULL, 0), -EAGAIN);
	frpc_ring_fill(&f->writer, true, &packets, &bytes);
	assert_int_equal(packets, 16);
	assert_int_equal(bytes, 248);
	frpc_ring_fill(&f->reader, false, &packets, &bytes);
	assert_int_equal(packets, 16);
	assert_int_equal(bytes, 248);
}

static void what_can_never_fit_is_told_apart_from_what_has_to_wait(void **state)
{
	static const char big[70000];
	struct fixture *f = *state;
	char message[200];

	assert_int_equal(frpc_ring_write(&f->writer, 1, NULL, 0, big, 248), -EMSGSIZE);
	assert_int_equal(frpc_ring_write(&f->writer, 1, NULL, 0, big, 65537), -EMSGSIZE);
	assert_int_equal(frpc_ring_write(&f->writer, 1, NULL, 0, big, 150), 0);
	assert_int_equal(frpc_ring_write(&f->writer, 1, NULL, 0, big, 150), -EAGAIN);
	/* Empty now, but 160 is neither before nor behind the middle: waiting would be for ever. */
	assert_int_equal(get(f, message, sizeof(message)), 0);
	assert_int_equal(frpc_ring_write(&f->writer, 1, NULL, 0, big, 160), -EMSGSIZE);
	assert_int_equal(frpc_ring_write(&f->writer, 1, NULL, 0, big, 100), 0);
}

static void many_packets_of_all_sizes_come_out_as_they_went_in(void **state)
{
	struct fixture *f = *state;
	unsigned char in[120], out[120];
	uint32_t written = 0, read = 0;
	struct frpc_packet packet;

	while (read < 20000) {
		uint32_t length = written * 7 % 113;

		memset(in, (int)(written & 0xff), sizeof(in));
		if (written < 20000 &&
		    !frpc_ring_write(&f->writer, written & 1, NULL, 0, in, length)) {
			written++;
			continue;
		}
		assert_int_equal(frpc_ring_peek(&f->reader, &packet), 0);
		assert_int_equal(packet.message, read * 7 % 113);
		assert_int_equal(packet.flags, read & 1);
		assert_int_equal(frpc_ring_read(&f->reader, &packet, NULL, out), 0);
		for (uint32_t i = 0; i < packet.message; i++)
			assert_int_equal(out[i], read & 0xff);
		read++;
	}
	assert_int_equal(f->reader.read_state->packets, 20000);
}

static void a_writers_position_that_makes_no_sense_is_refused(void **state)
{
	static const uint32_t positions[] = {4, 255, 256, 264, 0x80000000, 0xfffffff8, 0xffffffff};
	struct frpc_packet packet;
	struct fixture *f = *state;

	assert_int_equal(put(f, "hello"), 0);
	for (size_t i = 0; i < sizeof(positions) / sizeof(*positions); i++) {
		f->writer.write_state->position = positions[i];
		assert_int_equal(frpc_ring_peek(&f->reader, &packet), -EBADMSG);
	}
}

static void a_readers_position_that_makes_no_sense_is_refused(void **state)
{
	static const uint32_t positions[] = {1, 256, 0xfffffff8};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(positions) / sizeof(*positions); i++) {
		f->writer.read_state->position = positions[i];
		assert_int_equal(put(f, "hello"), -EBADMSG);
	}
}

static void packet_headers_that_lie_are_refused(void **state)
{
	static const uint64_t headers[] = {
		0,			     /* no length */
		7,			     /* less than a header */
		17,			     /* more than was written */
		256,			     /* the whole ring */
		0xffffffff,		     /* far more */
		16 | UINT64_C(1) << 48,	     /* a buffer that does not fit */
		16 | UINT64_C(0xff) << 48,   /* more buffers than there may be */
		16 | UINT64_C(0x8000) << 32, /* a flag that must be 0 */
	};
	struct frpc_packet packet;
	struct fixture *f = *state;

	assert_int_equal(put(f, "1234567"), 0); /* 16 bytes */
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		memcpy(f->memory + 256, &headers[i], sizeof(headers[i]));
		assert_int_equal(frpc_ring_peek(&f->reader, &packet), -EBADMSG);
	}
}

static void a_header_that_changes_after_the_peek_overruns_nothing(void **state)
{
	struct frpc_packet packet;
	struct fixture *f = *state;
	char message[8], second[200];
	uint64_t header = 120;

	memset(second, 0, sizeof(second));
	assert_int_equal(put(f, "1234567"), 0);
	assert_int_equal(frpc_ring_write(&f->writer, 1, NULL, 0, second, 100), 0);
	assert_int_equal(frpc_ring_peek(&f->reader, &packet), 0);
	memcpy(f->memory + 256, &header, sizeof(header));
	assert_int_equal(frpc_ring_read(&f->reader, &packet, NULL, message), -EBADMSG);
	assert_int_equal(f->reader.read_state->packets, 0);
}

static void headers_of_queues_are_checked_before_use(void **state)
{
	struct fixture *f = *state;
	struct frpc_queue_header bad = f->header;

	assert_int_equal(frpc_queue_check(&bad, f->size), 0);
	bad.request.offset = 0xffffff00;
	assert_int_equal(frpc_queue_check(&bad, f->size), -EINVAL);
	bad = f->header;
	bad.response.length = 0x40000000;
	assert_int_equal(frpc_queue_check(&bad, f->size), -EINVAL);
	bad = f->header;
	bad.request.read_state = bad.request.offset + 8;
	assert_int_equal(frpc_queue_check(&bad, f->size), -EINVAL);
	bad = f->header;
	bad.response.write_state = bad.response.read_state;
	assert_int_equal(frpc_queue_check(&bad, f->size), -EINVAL);
	bad = f->header;
	bad.response.write_state += 2;
	assert_int_equal(frpc_queue_check(&bad, f->size), -EINVAL);
	bad = f->header;
	bad.request.offset = 8; /* on the header itself */
	assert_int_equal(frpc_queue_check(&bad, f->size), -EINVAL);
}

static void a_side_that_comes_later_goes_on_where_the_last_one_stopped(void **state)
{
	struct fixture *f = *state;
	char message[16];

	assert_int_equal(put(f, "one"), 0);
	assert_int_equal(put(f, "two"), 0);
	assert_int_equal(get(f, message, sizeof(message)), 0);
	assert_int_equal(frpc_ring_open(&f->reader, f->memory, &f->header.request, false), 0);
	assert_int_equal(get(f, message, sizeof(message)), 0);
	assert_string_equal(message, "two");
	f->reader.read_state->position = 13;
	assert_int_equal(frpc_ring_open(&f->reader, f->memory, &f->header.request, false),
			 -EBADMSG);
}

int main(void)
{
#define RING_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		RING_TEST(default_rings_lie_where_every_dsp_looks_for_them),
		RING_TEST(sizes_that_are_no_multiple_of_8_or_too_large_are_refused),
		RING_TEST(a_packet_has_the_bytes_of_the_wire),
		RING_TEST(a_packet_that_does_not_fit_before_the_end_begins_anew_at_the_front),
		RING_TEST(a_ring_is_never_filled_completely),
		RING_TEST(what_can_never_fit_is_told_apart_from_what_has_to_wait),
		RING_TEST(many_packets_of_all_sizes_come_out_as_they_went_in),
		RING_TEST(a_writers_position_that_makes_no_sense_is_refused),
		RING_TEST(a_readers_position_that_makes_no_sense_is_refused),
		RING_TEST(packet_headers_that_lie_are_refused),
		RING_TEST(a_header_that_changes_after_the_peek_overruns_nothing),
		RING_TEST(headers_of_queues_are_checked_before_use),
		RING_TEST(a_side_that_comes_later_goes_on_where_the_last_one_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
