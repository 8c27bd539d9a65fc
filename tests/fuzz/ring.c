/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A queue's shared memory in the hands of a hostile peer. The input: a header to check, then steps;
 * each writes some bytes somewhere into the shared memory and then uses the rings from our side: as
 * they are, and as the app's end and the DSP's end of a queue use them.
 */
#include "AEEStdErr.h"
#include "lib/queue_end.h"
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

/* ---- ends ---- */

#define ROOM 64u

static void count(void *context, enum frpc_queue_signal signal)
{
	(void)context, (void)signal;
}

static int signal_peer(void *context, enum frpc_queue_signal signal)
{
	(void)context, (void)signal;
	reached("signalled");
	return 0;
}

static int send_buffer(void *context, struct dspqueue_buffer *buffer)
{
	(void)context;
	return buffer->fd == 3 ? AEE_SUCCESS : AEE_ENOSUCHMAP;
}

static void unsend_buffer(void *context, const struct dspqueue_buffer *buffer)
{
	(void)context, (void)buffer;
}

/* As both sides do it: a buffer is one that is known, and the piece lies inside of it. */
static int receive_buffer(void *context, struct dspqueue_buffer *buffer)
{
	(void)context;
	buffer->ptr = NULL;
	if (buffer->flags & FRPC_BUFFER_RESERVED)
		abort();
	reached("buffer received");
	return buffer->fd == 3 ? AEE_SUCCESS : AEE_ENOSUCHMAP;
}

static void release(void *context)
{
	(void)context;
}

static dspqueue_t open_end(void *memory, const struct frpc_queue_header *header, bool dsp)
{
	static const struct frpc_queue_end_ops ops = {
		.count = count,
		.signal = signal_peer,
		.send_buffer = send_buffer,
		.unsend_buffer = unsend_buffer,
		.receive_buffer = receive_buffer,
		.release = release,
	};
	struct frpc_queue_end_config config = {
		.ops = &ops, .base = memory, .header = *header, .dsp = dsp};
	dspqueue_t queue;

	config.header.version = FRPC_QUEUE_VERSION;
	config.header.flags = FRPC_QUEUE_WAIT_COUNTS;
	if (frpc_queue_end_open(&config, &queue))
		abort();
	return queue;
}

/* Into room of exactly the size it was told of, some of it too small. */
static void read_end(dspqueue_t queue, uint32_t room)
{
	struct dspqueue_buffer *buffers = malloc((room & 3) * sizeof(*buffers) + 1);
	uint8_t *message = malloc(room + 1);
	const struct frpc_queue_want want = {room & 3, room, buffers, message, false};
	uint32_t flags, got, length;
	int code;

	if (buffers && message) {
		code = frpc_queue_read(queue, &want, &flags, &got, &length, FRPC_QUEUE_NO_WAIT);
		if (!code && (got > (room & 3) || length > room))
			abort();
		reached(!code			  ? "end read"
			: code == AEE_EWOULDBLOCK ? "end empty"
			: code == AEE_EBADPARM	  ? "end has too much"
			: code == AEE_ENOSUCHMAP  ? "end read an unknown buffer"
						  : "end refused");
	}
	free(buffers);
	free(message);
}

static void use_end(dspqueue_t queue, uint8_t length)
{
	const struct frpc_queue_want look = {.peek = true};
	struct dspqueue_buffer buffers[2] = {{.fd = 3}, {.fd = 3}};
	uint8_t message[ROOM] = {0};
	uint64_t value;

	frpc_queue_read(queue, &look, NULL, NULL, NULL, FRPC_QUEUE_NO_WAIT);
	read_end(queue, length % ROOM);
	if (!frpc_queue_write(queue, 0, length & 1, buffers, length % ROOM, message,
			      FRPC_QUEUE_NO_WAIT))
		reached("end written");
	if (length & 0x80)
		frpc_queue_early_wakeup(queue, length, 0);
	for (int stat = 1; stat <= 7; stat++)
		frpc_queue_stat(queue, (enum dspqueue_stat)stat, &value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frpc_queue_header header;
	struct frpc_ring reader, writer;
	unsigned char *memory;
	const uint8_t *at;
	dspqueue_t ends[2];
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
	for (int i = 0; i < 2; i++)
		ends[i] = open_end(memory, &header, i);
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
		for (int i = 0; i < 2; i++)
			use_end(ends[i], length);
	}
	for (int i = 0; i < 2; i++)
		frpc_queue_end_close(ends[i], NULL);
	free(memory);
	return 0;
}
