/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The memory of a dspqueue, and the packets in it: the header that describes both rings, the records
 * of how far each side has come, and how a packet lies in a ring. No threads, no signals, no
 * knowledge of what a buffer is. The other side may write anything at any time: every position,
 * length and count is fetched once, checked, and then used; nothing outside the ring is touched.
 *
 * Used by the library and by the DSP model. Layout: dspqueue version 2 (docs/abi.md).
 */
#ifndef FRPC_LIB_RING_H
#define FRPC_LIB_RING_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRPC_RING_ALIGN	      256u /* of each region in the shared buffer */
#define FRPC_RING_MAX_BYTES   (16u << 20)
#define FRPC_RING_MAX_BUFFERS 64u
#define FRPC_RING_MAX_MESSAGE (64u << 10)
#define FRPC_RING_REQUESTS    65536u /* default sizes */
#define FRPC_RING_RESPONSES   16384u

#define FRPC_QUEUES 64u /* per process on a DSP */

#define FRPC_QUEUE_VERSION_PROBE \
	0xffffffffu /* must be refused: a DSP that takes it has version 1 */
#define FRPC_QUEUE_VERSION	  2u
#define FRPC_QUEUE_WAIT_COUNTS	  0x1u
#define FRPC_QUEUE_DRIVER_SIGNALS 0x2u
#define FRPC_QUEUE_KNOWN_FLAGS	  0x3u

struct frpc_queue_ring {
	uint32_t offset, length;	  /* of the packets */
	uint32_t read_state, write_state; /* offsets of struct frpc_queue_state */
};

/* At offset 0 of the shared buffer. */
struct frpc_queue_header {
	uint32_t version;
	int32_t error; /* set by either side when the queue is dead */
	uint32_t flags;
	struct frpc_queue_ring request, response; /* to the DSP, to the CPU */
	uint32_t count;
};

/* How far one side of a ring has come. Written by that side only. */
struct frpc_queue_state {
	uint32_t position;
	uint32_t packets; /* so far */
	uint32_t waiting; /* threads of that side that sleep until the other one has moved */
};

/* Shared by all queues of a process: counts of what has happened, for signals that are calls. */
struct frpc_queue_process_state {
	uint32_t request_packets[FRPC_QUEUES];
	uint32_t request_space[FRPC_QUEUES];
	uint32_t response_packets[FRPC_QUEUES];
	uint32_t response_space[FRPC_QUEUES];
};

/* A signal's number is 4 * queue + one of these. */
enum frpc_queue_signal {
	FRPC_REQUEST_PACKET = 0,  /* to the DSP */
	FRPC_REQUEST_SPACE = 1,	  /* to the CPU */
	FRPC_RESPONSE_PACKET = 2, /* to the CPU */
	FRPC_RESPONSE_SPACE = 3,  /* to the DSP */
};
#define FRPC_QUEUE_SIGNALS 4u

static_assert(sizeof(struct frpc_queue_header) == 48, "dspqueue: header");
static_assert(offsetof(struct frpc_queue_header, request) == 12, "dspqueue: request queue");
static_assert(offsetof(struct frpc_queue_header, response) == 28, "dspqueue: response queue");
static_assert(offsetof(struct frpc_queue_header, count) == 44, "dspqueue: queue count");
static_assert(sizeof(struct frpc_queue_state) == 12, "dspqueue: state");
static_assert(sizeof(struct frpc_queue_process_state) == 1024, "dspqueue: process state");

/* Packet flags, as in the packet's header. */
#define FRPC_PACKET_MESSAGE  0x01u
#define FRPC_PACKET_BUFFERS  0x02u
#define FRPC_PACKET_WAKEUP   0x04u
#define FRPC_PACKET_RESERVED 0xffe0u

struct frpc_ring_buffer {
	uint32_t fd, size, offset, flags;
	uint64_t address;
};
#define FRPC_BUFFER_RESERVED 0xffffff00u

static_assert(sizeof(struct frpc_ring_buffer) == 24, "dspqueue: buffer record");

/* What a packet has, from its checked header. */
struct frpc_packet {
	uint32_t flags, buffers, message;
};

/*
 * One side of one ring. What this side has written itself is kept here and not read back. One writer
 * and one reader at a time: the owner locks.
 */
struct frpc_ring {
	unsigned char *bytes;
	uint32_t length;
	struct frpc_queue_state *read_state, *write_state;
	uint32_t position, packets; /* ours */
	uint8_t sequence;	    /* writer: of the next packet */
};

/* Bytes a shared buffer needs for rings of those sizes (multiples of 8, up to 16 MiB); 0: no such. */
uint32_t frpc_queue_layout(uint32_t request_bytes, uint32_t response_bytes,
			   struct frpc_queue_header *ret_header);
/*
 * Checks a header against the buffer's size: regions inside, aligned, apart. 0, -EINVAL. What the
 * version and the flags mean is the caller's to judge.
 */
int frpc_queue_check(const struct frpc_queue_header *header, uint64_t size);

/* A side of a ring of the checked @layout in the buffer at @base. Starts where the states say. */
int frpc_ring_open(struct frpc_ring *ring, void *base, const struct frpc_queue_ring *layout,
		   bool writer);

/*
 * Appends a packet. 0; -EAGAIN: no room now; -EMSGSIZE: beyond the limits, or no room although the
 * ring is empty (packets are never split: up to half of the ring always fits); -EBADMSG: the
 * reader's position makes no sense.
 */
int frpc_ring_write(struct frpc_ring *ring, uint32_t flags, const struct frpc_ring_buffer *buffers,
		    uint32_t count, const void *message, uint32_t length);
/* What frpc_ring_write() would return now. Room does not shrink but by writing. */
int frpc_ring_room(const struct frpc_ring *ring, uint32_t count, uint32_t length);

/* 0; -EAGAIN: empty; -EBADMSG: what is there makes no sense. */
int frpc_ring_peek(const struct frpc_ring *ring, struct frpc_packet *ret_packet);
/*
 * Takes the oldest packet, which must be the one that @packet was peeked of and fit the arrays.
 * 0, or -EBADMSG: then nothing is taken.
 */
int frpc_ring_read(struct frpc_ring *ring, const struct frpc_packet *packet,
		   struct frpc_ring_buffer *buffers, void *message);

/* Packets and bytes between writer and reader, as far as the other side's record makes sense. */
void frpc_ring_fill(const struct frpc_ring *ring, bool writer, uint32_t *ret_packets,
		    uint32_t *ret_bytes);

/* A thread of ours is going to sleep (+1) or no longer (-1); look at the ring again after +1. */
void frpc_ring_wait_count(struct frpc_queue_state *own, int change);
/* Does somebody of the other side sleep? Ask after having moved. */
bool frpc_ring_peer_waits(const struct frpc_queue_state *peer);

#endif
