/* SPDX-License-Identifier: BSD-3-Clause */
#include "ring.h"

#include <errno.h>
#include <string.h>

#define PACKET_ALIGN 8u
#define HEADER_BYTES 8u
#define RECORD_BYTES ((uint32_t)sizeof(struct frpc_ring_buffer))

#ifdef __SANITIZE_THREAD__
#define FRPC_RING_NO_FENCES
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FRPC_RING_NO_FENCES
#endif
#endif

static uint32_t round_up(uint32_t value, uint32_t to)
{
	return (value + to - 1) & ~(to - 1);
}

static bool is_ring_size(uint32_t bytes)
{
	/* One packet header and the 8 bytes that always stay free are the least. */
	return bytes >= 2 * HEADER_BYTES && bytes <= FRPC_RING_MAX_BYTES && !(bytes % PACKET_ALIGN);
}

static uint32_t place(struct frpc_queue_ring *ring, uint32_t at, uint32_t bytes)
{
	ring->offset = at;
	ring->length = bytes;
	ring->read_state = round_up(at + bytes, FRPC_RING_ALIGN);
	ring->write_state = ring->read_state + FRPC_RING_ALIGN;
	return ring->write_state + FRPC_RING_ALIGN;
}

uint32_t frpc_queue_layout(uint32_t request_bytes, uint32_t response_bytes,
			   struct frpc_queue_header *ret_header)
{
	uint32_t end;

	if (!is_ring_size(request_bytes) || !is_ring_size(response_bytes))
		return 0;
	memset(ret_header, 0, sizeof(*ret_header));
	end = place(&ret_header->request, FRPC_RING_ALIGN, request_bytes);
	end = place(&ret_header->response, end, response_bytes);
	return end;
}

struct region {
	uint32_t offset, length;
};

static bool apart(const struct region *regions, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t k = 0; k < i; k++)
			if (regions[i].offset < (uint64_t)regions[k].offset + regions[k].length &&
			    regions[k].offset < (uint64_t)regions[i].offset + regions[i].length)
				return false;
	return true;
}

int frpc_queue_check(const struct frpc_queue_header *header, uint64_t size)
{
	const uint32_t state = sizeof(struct frpc_queue_state);
	const struct region regions[] = {
		{0, sizeof(*header)},
		{header->request.offset, header->request.length},
		{header->request.read_state, state},
		{header->request.write_state, state},
		{header->response.offset, header->response.length},
		{header->response.read_state, state},
		{header->response.write_state, state},
	};
	const uint32_t count = sizeof(regions) / sizeof(*regions);

	if (!is_ring_size(header->request.length) || !is_ring_size(header->response.length))
		return -EINVAL;
	for (uint32_t i = 0; i < count; i++)
		if (regions[i].offset % PACKET_ALIGN ||
		    (uint64_t)regions[i].offset + regions[i].length > size)
			return -EINVAL;
	return apart(regions, count) ? 0 : -EINVAL;
}

static uint32_t fetch(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void publish(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* A packet's first 8 bytes, each word read once. */
static uint64_t fetch_header(const unsigned char *at)
{
	const uint32_t *words = (const uint32_t *)(const void *)at;
	uint64_t low = fetch(&words[0]);

	return low | (uint64_t)fetch(&words[1]) << 32;
}

static bool is_position(const struct frpc_ring *ring, uint32_t position)
{
	return position < ring->length && !(position % PACKET_ALIGN);
}

int frpc_ring_open(struct frpc_ring *ring, void *base, const struct frpc_queue_ring *layout,
		   bool writer)
{
	unsigned char *bytes = base;
	const struct frpc_queue_state *own;

	*ring = (struct frpc_ring){
		.bytes = bytes + layout->offset,
		.length = layout->length,
		.read_state = (struct frpc_queue_state *)(bytes + layout->read_state),
		.write_state = (struct frpc_queue_state *)(bytes + layout->write_state),
	};
	own = writer ? ring->write_state : ring->read_state;
	ring->position = fetch(&own->position);
	ring->packets = fetch(&own->packets);
	ring->sequence = (uint8_t)ring->packets;
	return is_position(ring, ring->position) ? 0 : -EBADMSG;
}

static uint32_t distance(const struct frpc_ring *ring, uint32_t from, uint32_t to)
{
	return to >= from ? to - from : ring->length - from + to;
}

static uint32_t advance(const struct frpc_ring *ring, uint32_t position, uint32_t bytes)
{
	position += bytes;
	return position == ring->length ? 0 : position;
}

static uint64_t encode_header(uint32_t length, uint32_t flags, uint32_t buffers, uint8_t sequence)
{
	return (uint64_t)length | (uint64_t)flags << 32 | (uint64_t)buffers << 48 |
	       (uint64_t)sequence << 56;
}

/* Where a packet would go: its bytes, the place, and where the next one would. As frpc_ring_write(). */
static int find_place(const struct frpc_ring *ring, uint32_t count, uint32_t length,
		      uint32_t *ret_bytes, uint32_t *ret_at, uint32_t *ret_next)
{
	uint32_t reader = fetch(&ring->read_state->position), bytes, padded, taken, room, at;

	if (count > FRPC_RING_MAX_BUFFERS || length > FRPC_RING_MAX_MESSAGE)
		return -EMSGSIZE;
	bytes = HEADER_BYTES + count * RECORD_BYTES + length;
	padded = round_up(bytes, PACKET_ALIGN);
	if (padded > ring->length - PACKET_ALIGN)
		return -EMSGSIZE;
	if (!is_position(ring, reader))
		return -EBADMSG;
	room = ring->length - PACKET_ALIGN - distance(ring, reader, ring->position);
	taken = padded;
	at = ring->position;
	if (padded > ring->length - at) {
		/* Never split: the rest of the ring is left out, its header only says so. */
		taken += ring->length - at;
		at = 0;
	}
	if (taken > room)
		return reader == ring->position ? -EMSGSIZE : -EAGAIN;
	*ret_bytes = bytes;
	*ret_at = at;
	*ret_next = advance(ring, at, padded);
	return 0;
}

int frpc_ring_room(const struct frpc_ring *ring, uint32_t count, uint32_t length)
{
	uint32_t bytes, at, next;

	return find_place(ring, count, length, &bytes, &at, &next);
}

int frpc_ring_write(struct frpc_ring *ring, uint32_t flags, const struct frpc_ring_buffer *buffers,
		    uint32_t count, const void *message, uint32_t length)
{
	uint32_t bytes, at, next;
	uint64_t header;
	int res;

	res = find_place(ring, count, length, &bytes, &at, &next);
	if (res)
		return res;
	header = encode_header(bytes, flags, count, ring->sequence);
	if (at != ring->position)
		memcpy(ring->bytes + ring->position, &header, sizeof(header));
	memcpy(ring->bytes + at, &header, sizeof(header));
	if (count)
		memcpy(ring->bytes + at + HEADER_BYTES, buffers, count * RECORD_BYTES);
	if (length)
		memcpy(ring->bytes + at + HEADER_BYTES + count * RECORD_BYTES, message, length);
	ring->position = next;
	ring->sequence++;
	publish(&ring->write_state->position, ring->position);
	publish(&ring->write_state->packets, ++ring->packets);
	return 0;
}

/* Where a packet lies, from a header that has been checked against everything it must agree with. */
struct located {
	struct frpc_packet packet;
	uint32_t at, next;
};

static int locate(const struct frpc_ring *ring, struct located *ret)
{
	uint32_t writer = fetch(&ring->write_state->position), bytes, padded, taken;
	uint64_t header;

	if (!is_position(ring, writer))
		return -EBADMSG;
	if (writer == ring->position)
		return -EAGAIN;
	header = fetch_header(ring->bytes + ring->position);
	bytes = (uint32_t)header;
	ret->packet.flags = (uint32_t)(header >> 32) & 0xffffu;
	ret->packet.buffers = (uint32_t)(header >> 48) & 0xffu;
	if (bytes < HEADER_BYTES || bytes > ring->length ||
	    ret->packet.buffers > FRPC_RING_MAX_BUFFERS ||
	    ret->packet.flags & FRPC_PACKET_RESERVED ||
	    bytes - HEADER_BYTES < ret->packet.buffers * RECORD_BYTES)
		return -EBADMSG;
	ret->packet.message = bytes - HEADER_BYTES - ret->packet.buffers * RECORD_BYTES;
	if (ret->packet.message > FRPC_RING_MAX_MESSAGE)
		return -EBADMSG;
	padded = round_up(bytes, PACKET_ALIGN);
	ret->at = ring->position;
	taken = padded;
	if (padded > ring->length - ring->position) {
		taken += ring->length - ring->position;
		ret->at = 0;
	}
	if (taken > distance(ring, ring->position, writer))
		return -EBADMSG;
	ret->next = advance(ring, ret->at, padded);
	return 0;
}

int frpc_ring_peek(const struct frpc_ring *ring, struct frpc_packet *ret_packet)
{
	struct located located;
	int res = locate(ring, &located);

	if (!res)
		*ret_packet = located.packet;
	return res;
}

int frpc_ring_read(struct frpc_ring *ring, const struct frpc_packet *packet,
		   struct frpc_ring_buffer *buffers, void *message)
{
	const unsigned char *records;
	struct located located;
	int res = locate(ring, &located);

	/* A header that has changed since it was peeked would no longer fit what was made for it. */
	if (res || memcmp(&located.packet, packet, sizeof(*packet)))
		return -EBADMSG;
	records = ring->bytes + located.at + HEADER_BYTES;
	if (packet->buffers)
		memcpy(buffers, records, packet->buffers * RECORD_BYTES);
	if (packet->message)
		memcpy(message, records + packet->buffers * RECORD_BYTES, packet->message);
	ring->position = located.next;
	/* The writer may use the place again as soon as it sees the position: our reads end before. */
	publish(&ring->read_state->position, ring->position);
	publish(&ring->read_state->packets, ++ring->packets);
	return 0;
}

void frpc_ring_fill(const struct frpc_ring *ring, bool writer, uint32_t *ret_packets,
		    uint32_t *ret_bytes)
{
	const struct frpc_queue_state *peer = writer ? ring->read_state : ring->write_state;
	uint32_t packets = fetch(&peer->packets), position = fetch(&peer->position);

	*ret_packets = writer ? ring->packets - packets : packets - ring->packets;
	*ret_bytes = 0;
	if (is_position(ring, position))
		*ret_bytes = writer ? distance(ring, position, ring->position)
				    : distance(ring, ring->position, position);
	/* No more packets fit than their headers do; between the peer's two words one may be missing. */
	if (*ret_packets > ring->length / HEADER_BYTES)
		*ret_packets = 0;
}

/*
 * Sleeper: count, barrier, look at the ring. Mover: move, barrier, look at the count. One of the two
 * sees the other. TSan does not know fences; there the count itself is the barrier.
 */
void frpc_ring_wait_count(struct frpc_queue_state *own, int change)
{
	__atomic_fetch_add(&own->waiting, (uint32_t)change, __ATOMIC_SEQ_CST);
#ifndef FRPC_RING_NO_FENCES
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

bool frpc_ring_peer_waits(const struct frpc_queue_state *peer)
{
#ifdef FRPC_RING_NO_FENCES
	return __atomic_fetch_add((uint32_t *)(uintptr_t)&peer->waiting, 0, __ATOMIC_SEQ_CST) != 0;
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return __atomic_load_n(&peer->waiting, __ATOMIC_SEQ_CST) != 0;
#endif
}
