/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A queue's shared memory in the hands of a hostile peer. The input: a header to check, then steps;
 * each writes some bytes somewhere into the shared memory and then uses the rings from our side.
 */
#include "lib/ring.h"
#include "reached.h"

#define MEMORY 8192u

static const uint8_t *take(const uint8_t **data, size_t *size, size_t want)
{
	const uint8_t *at = *data;

	if (*size < want)
		return NULL;
	*data += want;
	*size -= want;
	return at;
}

static void try_header(const uint8_t *bytes, unsigned char *memory)
{
	struct frpc_queue_header header;
	struct frpc_ring ring;

	memcpy(&header, bytes, sizeof(header));
	if (frpc_queue_check(&header, MEMORY)) {
		reached("header refused");
		return;
	}
	reached("header accepted");
	/* Whatever was accepted can be used without leaving the memory. */
	for (int i = 0; i < 4; i++) {
		struct frpc_packet packet;

		if (frpc_ring_open(&ring, memory, i & 1 ? &header.request : &header.response,
				   i & 2))
			continue;
		frpc_ring_peek(&ring, &packet);
		frpc_ring_write(&ring, 0, NULL, 0, "abcd", 4);
	}
}

/* Reads what is there into room of exactly the size it says. */
static void use_reader(struct frpc_ring *reader)
{
	struct frpc_packet packet;
	struct frpc_ring_buffer *buffers;
	unsigned char *message;

	if (frpc_ring_peek(reader, &packet))
		return;
	reached("peeked");
	if (packet.buffers > FRPC_RING_MAX_BUFFERS || packet.message > FRPC_RING_MAX_MESSAGE)
		abort();
	buffers = malloc(packet.buffers * sizeof(*buffers) + 1);
	message = malloc(packet.message + 1);
	if (buffers && message && !frpc_ring_read(reader, &packet, buffers, message)) {
		reached(packet.buffers ? "read with buffers" : "read");
		if (reader->position >= reader->length || reader->position % 8)
			abort();
	}
	free(buffers);
	free(message);
}

static void use_writer(struct frpc_ring *writer, uint8_t size)
{
	static const unsigned char message[256];
	static const struct frpc_ring_buffer buffers[4];
	uint32_t packets, bytes;
	int res = frpc_ring_write(writer, 1, buffers, size & 3, message, size);

	reached(!res ? "written" : res == -11 ? "no room" : "write refused");
	frpc_ring_fill(writer, true, &packets, &bytes);
	if (writer->position >= writer->length || bytes >= writer->length)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frpc_queue_header header;
	struct frpc_ring reader, writer;
	unsigned char *memory;
	const uint8_t *at;
	uint32_t used;

	memory = aligned_alloc(256, MEMORY);
	if (!memory)
		return 0;
	memset(memory, 0, MEMORY);
	at = take(&data, &size, sizeof(header));
	if (at)
		try_header(at, memory);
	memset(memory, 0, MEMORY);
	used = frpc_queue_layout(512, 256, &header);
	if (!used || frpc_ring_open(&reader, memory, &header.request, false) ||
	    frpc_ring_open(&writer, memory, &header.response, true))
		abort();
	/* A step: where, how many bytes (up to 15), the bytes, what to write. */
	while ((at = take(&data, &size, 4))) {
		uint32_t where = (at[0] | (uint32_t)at[1] << 8) % (used - 16);
		uint32_t count = at[2] & 15;
		uint8_t length = at[3];
		const uint8_t *bytes = take(&data, &size, count);

		if (!bytes)
			break;
		memcpy(memory + where, bytes, count);
		use_reader(&reader);
		use_writer(&writer, length);
	}
	free(memory);
	return 0;
}
