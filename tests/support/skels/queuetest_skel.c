/* SPDX-License-Identifier: BSD-3-Clause */
/* The DSP half of the queue tests. A plain skel: it knows nothing of the emulator. */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "AEEStdErr.h"
#include "dspqueue.h"
#include "queuetest.h"
#include "remote.h"

#define MOST 64

/* What ECHO has started on one handle. */
struct echo {
	dspqueue_t queue;
	pthread_t thread;
	bool has_thread;
};

struct instance {
	struct echo echoes[MOST];
	int count;
};

int queuetest_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra);

struct packet {
	uint32_t flags, buffers, length;
	struct dspqueue_buffer buffer[8];
	uint8_t message[256];
};

/* Says by each buffer's first byte that it has been here, and gives references back. */
static void answer(dspqueue_t queue, struct packet *packet)
{
	for (uint32_t i = 0; i < packet->buffers; i++) {
		struct dspqueue_buffer *buffer = &packet->buffer[i];

		*(unsigned char *)buffer->ptr ^= 0xff;
		buffer->flags =
			buffer->flags & DSPQUEUE_BUFFER_FLAG_REF ? DSPQUEUE_BUFFER_FLAG_DEREF : 0;
	}
	dspqueue_write(queue, 0, packet->buffers, packet->buffer, packet->length, packet->message,
		       DSPQUEUE_TIMEOUT_NONE);
}

static void echo_packets(dspqueue_t queue, AEEResult error, void *context)
{
	struct packet packet;

	(void)error, (void)context;
	while (!dspqueue_read_noblock(queue, &packet.flags, 8, &packet.buffers, packet.buffer,
				      sizeof(packet.message), &packet.length, packet.message))
		answer(queue, &packet);
}

static void *echo_blocking(void *arg)
{
	struct echo *echo = arg;
	struct packet packet;

	while (!dspqueue_read(echo->queue, &packet.flags, 8, &packet.buffers, packet.buffer,
			      sizeof(packet.message), &packet.length, packet.message,
			      DSPQUEUE_TIMEOUT_NONE))
		answer(echo->queue, &packet);
	return NULL;
}

static int start_echo(struct instance *instance, const struct queuetest_in *in)
{
	struct echo *echo = &instance->echoes[instance->count];
	bool threaded = in->mode == QUEUETEST_THREAD;
	int res;

	if (instance->count == MOST)
		return AEE_ENOMORE;
	memset(echo, 0, sizeof(*echo));
	res = dspqueue_import(in->queue, threaded ? NULL : echo_packets, NULL, instance,
			      &echo->queue);
	if (res)
		return res;
	if (threaded)
		echo->has_thread = !pthread_create(&echo->thread, NULL, echo_blocking, echo);
	instance->count++;
	return 0;
}

static int stop_echoes(struct instance *instance)
{
	int res = 0;

	for (int i = 0; i < instance->count; i++) {
		int one = dspqueue_close(instance->echoes[i].queue);

		if (instance->echoes[i].has_thread)
			pthread_join(instance->echoes[i].thread, NULL);
		res = res ? res : one;
	}
	instance->count = 0;
	return res;
}

static int flood(dspqueue_t queue, const struct queuetest_in *in)
{
	int res = 0;

	for (uint32_t i = 0; i < in->count && !res; i++)
		res = dspqueue_write(queue, 0, 0, NULL, sizeof(i), (const uint8_t *)&i,
				     in->timeout_us);
	return res;
}

static int drain(dspqueue_t queue, const struct queuetest_in *in)
{
	int res = 0;

	for (uint32_t i = 0; i < in->count && !res; i++) {
		uint32_t value = 0, length = 0;

		res = dspqueue_read(queue, NULL, 0, NULL, NULL, sizeof(value), &length,
				    (uint8_t *)&value, in->timeout_us);
		if (!res && (length != sizeof(value) || value != i))
			res = AEE_EFAILED;
	}
	return res;
}

static int read_one(dspqueue_t queue, const struct queuetest_in *in)
{
	struct packet packet;

	return dspqueue_read(queue, &packet.flags, 8, &packet.buffers, packet.buffer,
			     sizeof(packet.message), &packet.length, packet.message,
			     in->timeout_us);
}

static int count_wakeups(dspqueue_t queue, const struct queuetest_in *in, uint32_t *ret_missed)
{
	uint64_t missed = 0;
	int res = 0;

	for (uint32_t i = 0; i < in->count && !res; i++)
		res = read_one(queue, in);
	if (!res)
		res = dspqueue_get_stat(queue, DSPQUEUE_STAT_EARLY_WAKEUP_MISSES, &missed);
	*ret_missed = (uint32_t)missed;
	return res;
}

static int with_queue(uint32_t method, const struct queuetest_in *in, struct queuetest_out *out)
{
	dspqueue_t queue;
	int res = dspqueue_import(in->queue, NULL, NULL, NULL, &queue), closed;

	if (res)
		return res;
	switch (method) {
	case QUEUETEST_FLOOD:
		res = flood(queue, in);
		break;
	case QUEUETEST_DRAIN:
		res = drain(queue, in);
		break;
	case QUEUETEST_WAKEUP:
		res = count_wakeups(queue, in, &out->value);
		break;
	default:
		res = read_one(queue, in);
	}
	closed = dspqueue_close(queue);
	return res ? res : closed;
}

static void ignore(dspqueue_t queue, AEEResult error, void *context)
{
	(void)queue, (void)error, (void)context;
}

static int call(struct instance *instance, uint32_t sc, remote_arg *pra)
{
	uint32_t method = REMOTE_SCALARS_METHOD(sc);
	struct queuetest_out out = {0};
	struct queuetest_in in;
	dspqueue_t left;

	if (sc != REMOTE_SCALARS_MAKE(method, 1, 1) || pra[0].buf.nLen != sizeof(in) ||
	    pra[1].buf.nLen != sizeof(out))
		return AEE_EBADPARM;
	memcpy(&in, pra[0].buf.pv, sizeof(in));
	switch (method) {
	case QUEUETEST_ECHO:
		out.code = start_echo(instance, &in);
		break;
	case QUEUETEST_STOP:
		out.code = stop_echoes(instance);
		break;
	case QUEUETEST_LEAVE:
		out.code = dspqueue_import(in.queue, ignore, ignore, NULL, &left);
		break;
	default:
		out.code = with_queue(method, &in, &out);
	}
	memcpy(pra[1].buf.pv, &out, sizeof(out));
	return 0;
}

__attribute__((visibility("default"))) int queuetest_skel_handle_invoke(remote_handle64 h,
									uint32_t sc,
									remote_arg *pra)
{
	struct instance *instance = (struct instance *)(uintptr_t)h;

	if (REMOTE_SCALARS_METHOD(sc) == QUEUETEST_OPEN) {
		instance = calloc(1, sizeof(*instance));
		pra[2].h64 = (uintptr_t)instance;
		return instance ? 0 : AEE_ENOMEMORY;
	}
	if (REMOTE_SCALARS_METHOD(sc) == QUEUETEST_CLOSE) {
		stop_echoes(instance);
		free(instance);
		return 0;
	}
	return call(instance, sc, pra);
}
