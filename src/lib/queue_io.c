/* SPDX-License-Identifier: BSD-3-Clause */
#include "queue_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "AEEStdErr.h"
#include "queue_table.h"

#define WAKEUP_DEFAULT_US 1000u
#define WAKEUP_MOST_US	  2500u
#define WAKEUP_NAP_US	  100u

/* One direction of an end, as blocking calls see it. */
struct direction {
	enum frpc_queue_signal signal; /* that makes it worth to look again */
	struct frpc_queue_state *own;
};

static struct direction reading(struct frpc_queue_end *end)
{
	return (struct direction){end->packet_in, end->in.read_state};
}

static struct direction writing(struct frpc_queue_end *end)
{
	return (struct direction){end->space_in, end->out.write_state};
}

static bool has_flag(const struct frpc_queue_end *end, uint32_t flag)
{
	return end->config.header.version == FRPC_QUEUE_VERSION && end->config.header.flags & flag;
}

static int state_code(const struct frpc_queue_end *end)
{
	switch (atomic_load(&end->state)) {
	case FRPC_END_OPEN:
		return AEE_SUCCESS;
	case FRPC_END_CLOSED:
		return AEE_EINTERRUPTED;
	default:
		return AEE_EBADSTATE;
	}
}

/* The other end may want to know that we have moved. */
static void tell(struct frpc_queue_end *end, enum frpc_queue_signal signal,
		 const struct frpc_queue_state *peer)
{
	const struct frpc_queue_end_ops *ops = end->config.ops;

	ops->count(end->config.context, signal);
	if (has_flag(end, FRPC_QUEUE_WAIT_COUNTS) && !frpc_ring_peer_waits(peer))
		return;
	if (ops->signal(end->config.context, signal))
		frpc_queue_end_die(end, AEE_ECONNRESET);
}

static void count_waiting(struct frpc_queue_end *end, const struct direction *direction, int change)
{
	if (has_flag(end, FRPC_QUEUE_WAIT_COUNTS))
		frpc_ring_wait_count(direction->own, change);
}

/*
 * Tries again and again until there is an answer other than AEE_EWOULDBLOCK, sleeping in between.
 * The attempt after counting ourselves as waiting makes sure that no signal is missed.
 */
static int block(struct frpc_queue_end *end, struct direction direction,
		 int (*attempt)(struct frpc_queue_end *end, void *arg), void *arg,
		 int64_t timeout_us)
{
	uint64_t deadline;
	int code, res = 0;

	code = state_code(end);
	if (!code)
		code = attempt(end, arg);
	if (code != AEE_EWOULDBLOCK || timeout_us == FRPC_QUEUE_NO_WAIT)
		return code;
	deadline = frpc_deadline_ns((uint32_t)timeout_us);
	count_waiting(end, &direction, 1);
	while (code == AEE_EWOULDBLOCK && !res) {
		uint32_t token = frpc_queue_wait_token(&end->wait, direction.signal);

		code = state_code(end);
		if (!code)
			code = attempt(end, arg);
		if (code == AEE_EWOULDBLOCK)
			res = frpc_queue_wait_for(&end->wait, direction.signal, token, deadline);
	}
	count_waiting(end, &direction, -1);
	if (res == -ETIMEDOUT)
		return AEE_EEXPIRED;
	if (res)
		frpc_queue_end_die(end, AEE_ECONNRESET);
	return res ? AEE_EBADSTATE : code;
}

static int ring_code(int res)
{
	switch (res) {
	case 0:
		return AEE_SUCCESS;
	case -EAGAIN:
		return AEE_EWOULDBLOCK;
	case -EMSGSIZE:
		return AEE_EBADPARM;
	default:
		return AEE_EBADITEM;
	}
}

/* ---- writing ---- */

static int attempt_write(struct frpc_queue_end *end, void *arg)
{
	const struct frpc_queue_packet *packet = arg;
	int res;

	pthread_mutex_lock(&end->write_lock);
	res = frpc_ring_write(&end->out, packet->flags, packet->records, packet->count,
			      packet->message, packet->length);
	pthread_mutex_unlock(&end->write_lock);
	if (!res)
		tell(end, end->packet_out, end->out.read_state);
	return ring_code(res);
}

static int attempt_room(struct frpc_queue_end *end, void *arg)
{
	const struct frpc_queue_packet *packet = arg;
	int res;

	pthread_mutex_lock(&end->write_lock);
	res = frpc_ring_room(&end->out, packet->count, packet->length);
	pthread_mutex_unlock(&end->write_lock);
	return ring_code(res);
}

int frpc_queue_packet_write(struct frpc_queue_end *end, struct frpc_queue_packet *packet,
			    int64_t timeout_us)
{
	return block(end, writing(end), attempt_write, packet, timeout_us);
}

int frpc_queue_packet_room(struct frpc_queue_end *end, struct frpc_queue_packet *packet,
			   int64_t timeout_us)
{
	return block(end, writing(end), attempt_room, packet, timeout_us);
}

void frpc_queue_unsend_buffers(struct frpc_queue_end *end, const struct dspqueue_buffer *buffers,
			       uint32_t count)
{
	while (count--)
		end->config.ops->unsend_buffer(end->config.context, &buffers[count]);
}

int frpc_queue_send_buffers(struct frpc_queue_end *end, struct dspqueue_buffer *buffers,
			    uint32_t count, struct frpc_ring_buffer *records)
{
	for (uint32_t i = 0; i < count; i++) {
		int code = AEE_EBADPARM;

		if (!(buffers[i].flags & FRPC_BUFFER_RESERVED))
			code = end->config.ops->send_buffer(end->config.context, &buffers[i]);
		if (code) {
			frpc_queue_unsend_buffers(end, buffers, i);
			return code;
		}
		records[i] = (struct frpc_ring_buffer){
			.fd = buffers[i].fd,
			.size = buffers[i].size,
			.offset = buffers[i].offset,
			.flags = buffers[i].flags,
		};
	}
	return AEE_SUCCESS;
}

static int write_packet(struct frpc_queue_end *end, struct frpc_queue_packet *packet,
			const struct dspqueue_buffer *buffers, int64_t timeout_us)
{
	struct frpc_ring_buffer records[FRPC_RING_MAX_BUFFERS];
	struct dspqueue_buffer copies[FRPC_RING_MAX_BUFFERS];
	int code;

	if (packet->count)
		memcpy(copies, buffers, packet->count * sizeof(*buffers));
	code = frpc_queue_send_buffers(end, copies, packet->count, records);
	if (code)
		return code;
	packet->records = records;
	code = frpc_queue_packet_write(end, packet, timeout_us);
	if (code)
		frpc_queue_unsend_buffers(end, copies, packet->count);
	return code;
}

int frpc_queue_packet_init(struct frpc_queue_packet *packet, uint32_t flags, uint32_t num_buffers,
			   const struct dspqueue_buffer *buffers, uint32_t message_length,
			   const uint8_t *message)
{
	if ((num_buffers && !buffers) || (message_length && !message) ||
	    num_buffers > FRPC_RING_MAX_BUFFERS || message_length > FRPC_RING_MAX_MESSAGE ||
	    flags & (FRPC_PACKET_WAKEUP | ~(uint32_t)0xffff | FRPC_PACKET_RESERVED))
		return AEE_EBADPARM;
	*packet = (struct frpc_queue_packet){
		.flags = (flags & ~(FRPC_PACKET_MESSAGE | FRPC_PACKET_BUFFERS)) |
			 (message_length ? FRPC_PACKET_MESSAGE : 0) |
			 (num_buffers ? FRPC_PACKET_BUFFERS : 0),
		.count = num_buffers,
		.length = message_length,
		.message = message,
	};
	return AEE_SUCCESS;
}

int frpc_queue_packet_init_wakeup(struct frpc_queue_packet *packet, const uint32_t *delay_us,
				  uint32_t flags)
{
	const uint32_t allowed =
		DSPQUEUE_PACKET_FLAG_USER_READY | DSPQUEUE_PACKET_FLAG_DRIVER_READY;

	*packet = (struct frpc_queue_packet){
		.flags = flags | FRPC_PACKET_WAKEUP | FRPC_PACKET_MESSAGE,
		.length = sizeof(*delay_us),
		.message = delay_us,
	};
	return flags & ~allowed ? AEE_EBADPARM : AEE_SUCCESS;
}

int frpc_queue_write(dspqueue_t queue, uint32_t flags, uint32_t num_buffers,
		     const struct dspqueue_buffer *buffers, uint32_t message_length,
		     const uint8_t *message, int64_t timeout_us)
{
	struct frpc_queue_end *end = frpc_queue_table_get(queue, FRPC_QUEUE_SINGLE);
	struct frpc_queue_packet packet;
	int code;

	if (!end)
		return AEE_EBADPARM;
	code = frpc_queue_packet_init(&packet, flags, num_buffers, buffers, message_length,
				      message);
	if (!code)
		code = write_packet(end, &packet, buffers, timeout_us);
	frpc_queue_table_put(queue);
	return code;
}

int frpc_queue_early_wakeup(dspqueue_t queue, uint32_t delay_us, uint32_t flags)
{
	struct frpc_queue_end *end = frpc_queue_table_get(queue, FRPC_QUEUE_SINGLE);
	struct frpc_queue_packet packet;
	int code;

	if (!end)
		return AEE_EBADPARM;
	code = frpc_queue_packet_init_wakeup(&packet, &delay_us, flags);
	if (!code)
		code = frpc_queue_packet_write(end, &packet, FRPC_QUEUE_NO_WAIT);
	frpc_queue_table_put(queue);
	return code;
}

/* ---- reading ---- */

struct incoming {
	const struct frpc_queue_want *want;
	struct frpc_packet packet;
	struct frpc_ring_buffer records[FRPC_RING_MAX_BUFFERS];
	uint32_t wakeup_us; /* an early wake-up was taken: not 0 */
};

/* Takes the early wake-up that was peeked. With the lock held. */
static int take_wakeup(struct frpc_queue_end *end, const struct frpc_packet *packet,
		       struct incoming *incoming)
{
	unsigned char message[64];
	uint32_t us = 0;

	if (packet->buffers || packet->message > sizeof(message))
		return -EBADMSG;
	if (frpc_ring_read(&end->in, packet, incoming->records, message))
		return -EBADMSG;
	if (packet->message >= sizeof(us))
		memcpy(&us, message, sizeof(us));
	us = us ? us : WAKEUP_DEFAULT_US;
	incoming->wakeup_us = us < WAKEUP_MOST_US ? us : WAKEUP_MOST_US;
	return 0;
}

/* The next packet that is not an early wake-up; those before it are taken. With the lock held. */
static int next_packet(struct frpc_queue_end *end, struct incoming *incoming, bool *ret_taken)
{
	int res = frpc_ring_peek(&end->in, &incoming->packet);

	while (!res && incoming->packet.flags & FRPC_PACKET_WAKEUP) {
		res = take_wakeup(end, &incoming->packet, incoming);
		*ret_taken |= !res;
		if (!res)
			res = frpc_ring_peek(&end->in, &incoming->packet);
	}
	return res;
}

static int attempt_read(struct frpc_queue_end *end, void *arg)
{
	struct incoming *incoming = arg;
	const struct frpc_queue_want *want = incoming->want;
	bool taken = false;
	int res, code;

	pthread_mutex_lock(&end->read_lock);
	res = next_packet(end, incoming, &taken);
	code = ring_code(res);
	if (!res && !want->peek) {
		if (incoming->packet.buffers > want->max_buffers ||
		    incoming->packet.message > want->max_message)
			code = AEE_EBADPARM;
		else
			code = ring_code(frpc_ring_read(&end->in, &incoming->packet,
							incoming->records, want->message));
		taken |= !code;
	}
	pthread_mutex_unlock(&end->read_lock);
	if (taken)
		tell(end, end->space_out, end->in.write_state);
	return code;
}

static void nap(uint64_t ns)
{
	const struct timespec pause = {.tv_nsec = (long)ns};

	nanosleep(&pause, NULL);
}

/* An early wake-up said that a packet is coming: looks for it without going to sleep for long. */
static int look_for_packet(struct frpc_queue_end *end, struct incoming *incoming)
{
	uint64_t start = frpc_now_ns(), now = start;
	uint64_t until = start + incoming->wakeup_us * UINT64_C(1000);
	int code = AEE_EWOULDBLOCK;

	while (code == AEE_EWOULDBLOCK && now < until && !state_code(end)) {
		nap(until - now < WAKEUP_NAP_US * 1000 ? until - now : WAKEUP_NAP_US * 1000);
		code = attempt_read(end, incoming);
		now = frpc_now_ns();
	}
	atomic_fetch_add(&end->wakeup_wait_us, (now - start) / 1000);
	if (code == AEE_EWOULDBLOCK)
		atomic_fetch_add(&end->wakeup_misses, 1);
	incoming->wakeup_us = 0;
	return code;
}

/* Of a blocking call: one that meets an early wake-up stays awake for what it announces. */
static int attempt_blocking_read(struct frpc_queue_end *end, void *arg)
{
	struct incoming *incoming = arg;
	int code = attempt_read(end, incoming);

	while (code == AEE_EWOULDBLOCK && incoming->wakeup_us)
		code = look_for_packet(end, incoming);
	return code;
}

static int receive_buffers(struct frpc_queue_end *end, const struct incoming *incoming)
{
	int code = AEE_SUCCESS, one;

	for (uint32_t i = 0; i < incoming->packet.buffers; i++) {
		const struct frpc_ring_buffer *record = &incoming->records[i];
		struct dspqueue_buffer *buffer = &incoming->want->buffers[i];

		*buffer = (struct dspqueue_buffer){
			.fd = record->fd,
			.size = record->size,
			.offset = record->offset,
			.flags = record->flags,
		};
		one = record->flags & FRPC_BUFFER_RESERVED
			      ? AEE_EBADITEM
			      : end->config.ops->receive_buffer(end->config.context, buffer);
		code = code ? code : one;
	}
	return code;
}

static int read_packet(struct frpc_queue_end *end, struct incoming *incoming, int64_t timeout_us)
{
	const struct frpc_queue_want *want = incoming->want;
	bool blocking = timeout_us != FRPC_QUEUE_NO_WAIT;
	int code;

	if ((want->max_buffers && !want->buffers) || (want->max_message && !want->message) ||
	    (blocking && end->config.packet_callback))
		return AEE_EBADPARM;
	code = block(end, reading(end), blocking ? attempt_blocking_read : attempt_read, incoming,
		     timeout_us);
	if (!code && !want->peek)
		code = receive_buffers(end, incoming);
	return code;
}

int frpc_queue_read(dspqueue_t queue, const struct frpc_queue_want *want, uint32_t *ret_flags,
		    uint32_t *ret_buffers, uint32_t *ret_message, int64_t timeout_us)
{
	struct incoming incoming;
	struct frpc_queue_end *end = frpc_queue_table_get(queue, FRPC_QUEUE_SINGLE);
	int code;

	if (!end)
		return AEE_EBADPARM;
	incoming.want = want;
	incoming.wakeup_us = 0;
	memset(&incoming.packet, 0, sizeof(incoming.packet));
	code = read_packet(end, &incoming, timeout_us);
	if (code != AEE_EWOULDBLOCK) {
		if (ret_flags)
			*ret_flags = incoming.packet.flags;
		if (ret_buffers)
			*ret_buffers = incoming.packet.buffers;
		if (ret_message)
			*ret_message = incoming.packet.message;
	}
	frpc_queue_table_put(queue);
	return code;
}

/* ---- statistics ---- */

static uint64_t signalling(const struct frpc_queue_end *end)
{
	if (has_flag(end, FRPC_QUEUE_DRIVER_SIGNALS))
		return DSPQUEUE_SIGNALING_PERF_OPTIMIZED_SIGNALING;
	return has_flag(end, FRPC_QUEUE_WAIT_COUNTS) ? DSPQUEUE_SIGNALING_PERF_REDUCED_SIGNALING
						     : 0;
}

static uint32_t fill(struct frpc_queue_end *end, bool writer, bool in_bytes)
{
	pthread_mutex_t *lock = writer ? &end->write_lock : &end->read_lock;
	uint32_t packets, bytes;

	pthread_mutex_lock(lock);
	frpc_ring_fill(writer ? &end->out : &end->in, writer, &packets, &bytes);
	pthread_mutex_unlock(lock);
	return in_bytes ? bytes : packets;
}

static int stat_of(struct frpc_queue_end *end, enum dspqueue_stat stat, uint64_t *ret_value)
{
	switch (stat) {
	case DSPQUEUE_STAT_READ_QUEUE_PACKETS:
	case DSPQUEUE_STAT_READ_QUEUE_BYTES:
		*ret_value = fill(end, false, stat == DSPQUEUE_STAT_READ_QUEUE_BYTES);
		return AEE_SUCCESS;
	case DSPQUEUE_STAT_WRITE_QUEUE_PACKETS:
	case DSPQUEUE_STAT_WRITE_QUEUE_BYTES:
		*ret_value = fill(end, true, stat == DSPQUEUE_STAT_WRITE_QUEUE_BYTES);
		return AEE_SUCCESS;
	case DSPQUEUE_STAT_EARLY_WAKEUP_WAIT_TIME:
		*ret_value = atomic_exchange(&end->wakeup_wait_us, 0);
		return AEE_SUCCESS;
	case DSPQUEUE_STAT_EARLY_WAKEUP_MISSES:
		*ret_value = atomic_exchange(&end->wakeup_misses, 0);
		return AEE_SUCCESS;
	case DSPQUEUE_STAT_SIGNALING_PERF:
		*ret_value = signalling(end);
		return AEE_SUCCESS;
	}
	return AEE_EBADPARM;
}

int frpc_queue_stat(dspqueue_t queue, enum dspqueue_stat stat, uint64_t *ret_value)
{
	struct frpc_queue_end *end =
		ret_value ? frpc_queue_table_get(queue, FRPC_QUEUE_SINGLE) : NULL;
	int code;

	if (!end)
		return AEE_EBADPARM;
	code = state_code(end);
	if (!code)
		code = stat_of(end, stat, ret_value);
	frpc_queue_table_put(queue);
	return code;
}

/* Are there packets that the callback has not been called for? Early wake-ups are waited for here. */
static bool has_news(struct frpc_queue_end *end)
{
	const struct frpc_queue_want look = {.peek = true};
	struct incoming incoming = {.want = &look};
	uint32_t written;
	int code;

	code = attempt_blocking_read(end, &incoming);
	written = __atomic_load_n(&end->in.write_state->packets, __ATOMIC_ACQUIRE);
	if (code == AEE_EWOULDBLOCK || written == end->seen)
		return false;
	end->seen = written;
	return true;
}

void frpc_queue_serve_packets(struct frpc_queue_end *end)
{
	const struct direction direction = reading(end);
	uint32_t token;
	bool news;
	int res = 0;

	count_waiting(end, &direction, 1);
	token = frpc_queue_wait_token(&end->wait, direction.signal);
	news = has_news(end);
	if (!news)
		res = frpc_queue_wait_for(&end->wait, direction.signal, token, FRPC_FOREVER);
	count_waiting(end, &direction, -1);
	if (res)
		frpc_queue_end_die(end, AEE_ECONNRESET);
	if (news)
		end->config.packet_callback(end->name, AEE_SUCCESS, end->config.callback_context);
}
