/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packet queues between the CPU and a DSP process: two rings in shared memory, one each way, and
 * signals only where somebody waits. The same interface on both sides: the CPU creates and exports
 * a queue, a skel imports it by the id that the app has handed it.
 *
 * Functions return AEE_SUCCESS or a number of AEEStdErr.h (on the DSP with 0x80000400 added, but
 * for AEE_EINTERRUPTED, AEE_ENOSUCH, AEE_ECONNRESET and AEE_EWOULDBLOCK). Any thread may use a
 * queue; a closed or made-up dspqueue_t is AEE_EBADPARM. Once the DSP, or its process, is gone
 * every function but dspqueue_close() returns AEE_EBADSTATE.
 */
#ifndef DSPQUEUE_H
#define DSPQUEUE_H

#include <stdint.h>

#include "AEEStdDef.h"
#include "dsp_side.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dspqueue;
typedef struct dspqueue *dspqueue_t;

/*
 * Packet callback: packets can be read; take them with dspqueue_read_noblock() until it says
 * AEE_EWOULDBLOCK. Error callback: @error is AEE_ECONNRESET (the DSP went down) or AEE_ENOSUCH
 * (its process is gone), once per queue. Callbacks run on a thread of the queue, one at a time, and
 * may close the queue.
 */
typedef void (*dspqueue_callback_t)(dspqueue_t queue, AEEResult error, void *context);

/* A timeout_us that never comes. */
#define DSPQUEUE_TIMEOUT_NONE 0xffffffff

enum dspqueue_packet_flags {
	DSPQUEUE_PACKET_FLAG_MESSAGE = 0x0001, /* set by the library as the packet needs it */
	DSPQUEUE_PACKET_FLAG_BUFFERS = 0x0002, /* the same */
	DSPQUEUE_PACKET_FLAG_WAKEUP = 0x0004,  /* dspqueue_write_early_wakeup_noblock() */
	DSPQUEUE_PACKET_FLAG_DRIVER_READY = 0x0008,
	DSPQUEUE_PACKET_FLAG_USER_READY = 0x0010,
	DSPQUEUE_PACKET_FLAG_RESERVED_ZERO = 0xffe0,
};

__extension__ enum dspqueue_buffer_flags {
	DSPQUEUE_BUFFER_FLAG_REF = 0x00000004,	 /* the recipient keeps it: it cannot be unmapped */
	DSPQUEUE_BUFFER_FLAG_DEREF = 0x00000008, /* takes back one reference */
	DSPQUEUE_BUFFER_FLAG_FLUSH_SENDER = 0x00000010,
	DSPQUEUE_BUFFER_FLAG_INVALIDATE_SENDER = 0x00000020,
	DSPQUEUE_BUFFER_FLAG_FLUSH_RECIPIENT = 0x00000040,
	DSPQUEUE_BUFFER_FLAG_INVALIDATE_RECIPIENT = 0x00000080,
	DSPQUEUE_BUFFER_FLAG_RESERVED_ZERO = 0xffffff00,
};

/* A piece of a dma-buf that fastrpc_mmap() has mapped into the DSP's process. */
struct dspqueue_buffer {
	uint32_t fd;
	uint32_t size;	 /* bytes; writing: 0 means all from offset on */
	uint32_t offset; /* in the dma-buf */
	uint32_t flags;	 /* enum dspqueue_buffer_flags */
	union {
		void *ptr; /* reading: where the piece is; NULL where the app has not mapped it */
		uint64_t address;
	};
};

enum dspqueue_stat {
	DSPQUEUE_STAT_READ_QUEUE_PACKETS = 1, /* packets that can be read */
	DSPQUEUE_STAT_READ_QUEUE_BYTES = 2,
	DSPQUEUE_STAT_WRITE_QUEUE_PACKETS = 3, /* packets the peer has not read */
	DSPQUEUE_STAT_WRITE_QUEUE_BYTES = 4,
	DSPQUEUE_STAT_EARLY_WAKEUP_WAIT_TIME = 5, /* us since last asked */
	DSPQUEUE_STAT_EARLY_WAKEUP_MISSES = 6,	  /* since last asked */
	DSPQUEUE_STAT_SIGNALING_PERF = 7,
};

/* DSPQUEUE_STAT_SIGNALING_PERF: 0 where every packet is signalled by a call. */
#define DSPQUEUE_SIGNALING_PERF_REDUCED_SIGNALING   100
#define DSPQUEUE_SIGNALING_PERF_OPTIMIZED_SIGNALING 1000

/*
 * CPU only. Makes a queue on @domain (adsp, cdsp, cdsp1, or an effective id), opening the session
 * if need be; the queue keeps it open. @flags is 0. Sizes are bytes of ring, multiples of 8, up to
 * 16 MiB; 0 means 64 KiB for requests and 16 KiB for responses. Callbacks may be NULL; with a
 * packet callback the blocking read and peek are refused. AEE_EBADPARM, AEE_ENOMEMORY,
 * AEE_EUNSUPPORTED (domain, or a DSP without queues), AEE_ENOMORE (64 queues a session), or why
 * there is no session.
 */
AEEResult dspqueue_create(int domain, uint32_t flags, uint32_t req_queue_size,
			  uint32_t resp_queue_size, dspqueue_callback_t packet_callback,
			  dspqueue_callback_t error_callback, void *callback_context,
			  dspqueue_t *queue) FRPC_DSP_SIDE(dspqueue_create);

/*
 * Closes it: waiting calls return AEE_EINTERRUPTED, callbacks have ended when it returns (but the
 * one it was called from). On the CPU AEE_EBADPARM while a skel still has it imported: it stays
 * open.
 */
AEEResult dspqueue_close(dspqueue_t queue) FRPC_DSP_SIDE(dspqueue_close);

/* CPU only. The id by which a skel of the same session imports the queue. */
AEEResult dspqueue_export(dspqueue_t queue, uint64_t *queue_id) FRPC_DSP_SIDE(dspqueue_export);

/* DSP only. AEE_EITEMBUSY: imported already; AEE_EBADSTATE, AEE_EQURTTHREADCREATE, AEE_EBADPARM. */
AEEResult dspqueue_import(uint64_t queue_id, dspqueue_callback_t packet_callback,
			  dspqueue_callback_t error_callback, void *callback_context,
			  dspqueue_t *queue) FRPC_DSP_SIDE(dspqueue_import);

/*
 * Appends a packet of up to 64 buffers and 64 KiB of message. AEE_EWOULDBLOCK: no room;
 * AEE_ENOSUCHMAP: a buffer is not mapped; AEE_EBADPARM: a buffer's piece, a flag, or more than the
 * ring could ever hold. The blocking form waits for room: AEE_EEXPIRED after @timeout_us,
 * AEE_EINTERRUPTED when the queue is closed meanwhile.
 */
AEEResult dspqueue_write_noblock(dspqueue_t queue, uint32_t flags, uint32_t num_buffers,
				 struct dspqueue_buffer *buffers, uint32_t message_length,
				 const uint8_t *message) FRPC_DSP_SIDE(dspqueue_write_noblock);
AEEResult dspqueue_write(dspqueue_t queue, uint32_t flags, uint32_t num_buffers,
			 struct dspqueue_buffer *buffers, uint32_t message_length,
			 const uint8_t *message, uint32_t timeout_us) FRPC_DSP_SIDE(dspqueue_write);

/*
 * Takes the oldest packet. AEE_EWOULDBLOCK: there is none; AEE_EBADPARM: it has more buffers or
 * bytes than there is room for (*@num_buffers and *@message_length then say how many, and the
 * packet stays); AEE_ENOSUCHMAP: a buffer of it is not mapped here (the packet is taken);
 * AEE_EBADITEM: the ring's contents make no sense. @flags, @num_buffers and @message_length may be
 * NULL.
 */
AEEResult dspqueue_read_noblock(dspqueue_t queue, uint32_t *flags, uint32_t max_buffers,
				uint32_t *num_buffers, struct dspqueue_buffer *buffers,
				uint32_t max_message_length, uint32_t *message_length,
				uint8_t *message) FRPC_DSP_SIDE(dspqueue_read_noblock);
AEEResult dspqueue_read(dspqueue_t queue, uint32_t *flags, uint32_t max_buffers,
			uint32_t *num_buffers, struct dspqueue_buffer *buffers,
			uint32_t max_message_length, uint32_t *message_length, uint8_t *message,
			uint32_t timeout_us) FRPC_DSP_SIDE(dspqueue_read);

/* What the oldest packet has; it stays. */
AEEResult dspqueue_peek_noblock(dspqueue_t queue, uint32_t *flags, uint32_t *num_buffers,
				uint32_t *message_length) FRPC_DSP_SIDE(dspqueue_peek_noblock);
AEEResult dspqueue_peek(dspqueue_t queue, uint32_t *flags, uint32_t *num_buffers,
			uint32_t *message_length, uint32_t timeout_us) FRPC_DSP_SIDE(dspqueue_peek);

/*
 * Tells the peer that a packet will follow in about @wakeup_delay us (0: 1000; at most 2500 count):
 * it then looks for it without sleeping. Readers never see this packet. @packet_flags: 0 or
 * DSPQUEUE_PACKET_FLAG_USER_READY or _DRIVER_READY. Never blocks: AEE_EWOULDBLOCK with no room;
 * AEE_EBADPARM: the queue, another flag; AEE_EBADSTATE: the peer is gone, AEE_EINTERRUPTED: closed
 * meanwhile.
 */
AEEResult dspqueue_write_early_wakeup_noblock(dspqueue_t queue, uint32_t wakeup_delay,
					      uint32_t packet_flags)
	FRPC_DSP_SIDE(dspqueue_write_early_wakeup_noblock);

/*
 * *@value as enum dspqueue_stat says, of this moment; two of them begin anew. Never blocks.
 * AEE_EBADPARM: the queue, @stat, or no @value; AEE_EBADSTATE: the peer is gone, AEE_EINTERRUPTED:
 * closed meanwhile.
 */
AEEResult dspqueue_get_stat(dspqueue_t queue, enum dspqueue_stat stat, uint64_t *value)
	FRPC_DSP_SIDE(dspqueue_get_stat);

/*
 * A queue over the domains of a context: one name for a queue on each of them, whose ids skels of
 * those domains import.
 *
 * A packet that is written goes to every domain, or, with no room on one of them or a buffer that
 * is not mapped there, to none. Reading takes the packets of each domain in their order, the
 * domains taking turns; which one it came from the message has to say. Early wake-ups go to all.
 * Statistics: of what is to be read the sum, of what is not read yet the domain's that has most, of
 * signalling the least. dspqueue_export() is refused. With the first domain that goes down the
 * queue is dead, and its error callback says so once. Callbacks come one at a time here, too.
 */
typedef enum dspqueue_request_req_id {
	DSPQUEUE_CREATE = 0,
} dspqueue_request_req_id;

typedef struct dspqueue_create_req {
	uint64_t ctx;		 /* of FASTRPC_CONTEXT_CREATE */
	uint64_t flags;		 /* 0 */
	uint32_t req_queue_size; /* of each domain's; 0: as dspqueue_create() */
	uint32_t resp_queue_size;
	uint32_t priority; /* 0 */
	dspqueue_callback_t packet_callback;
	dspqueue_callback_t error_callback;
	void *callback_context;
	dspqueue_t queue; /* out */
	uint64_t *ids;	  /* out: for each domain of the context what dspqueue_import() takes */
	uint32_t num_ids; /* room at ids */
} dspqueue_create_req;

typedef struct dspqueue_request_payload {
	dspqueue_request_req_id id;
	union {
		dspqueue_create_req create;
	};
} dspqueue_request_payload;

/*
 * CPU only. AEE_EBADCONTEXT: there is no such context; AEE_EBADPARM; AEE_EUNSUPPORTED: a priority,
 * or another request; or what dspqueue_create() says to one of the domains. On failure nothing is
 * left.
 */
int dspqueue_request(dspqueue_request_payload *req) FRPC_DSP_SIDE(dspqueue_request);

#ifdef __cplusplus
}
#endif

#endif
