/* SPDX-License-Identifier: BSD-3-Clause */
#include "tap.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct tap {
	struct emu_end end;
	struct emu_end *inner;
	struct emu_clock *clock;
	emu_receive_fn *receive; /* changed only while nothing is received: see connect() */
	void *context;
	pthread_mutex_t lock; /* the log */
	uint64_t written;
	struct emu_tap_message messages[EMU_TAP_MESSAGES];
};

/* Enters a message and says under which number. */
static uint64_t enter(struct tap *tap, bool received, const void *bytes, size_t len)
{
	uint64_t now = emu_clock_now_ns(tap->clock), number;
	struct emu_tap_message *message;

	pthread_mutex_lock(&tap->lock);
	number = tap->written++;
	message = &tap->messages[number % EMU_TAP_MESSAGES];
	*message = (struct emu_tap_message){
		.time_ns = now,
		.received = received,
		.length = (uint32_t)len,
	};
	memcpy(message->bytes, bytes, len < EMU_TAP_BYTES ? len : EMU_TAP_BYTES);
	pthread_mutex_unlock(&tap->lock);
	return number;
}

static int leave(struct tap *tap, uint64_t number, int result)
{
	if (!result)
		return 0;
	pthread_mutex_lock(&tap->lock);
	if (tap->written - number <= EMU_TAP_MESSAGES)
		tap->messages[number % EMU_TAP_MESSAGES].result = result;
	pthread_mutex_unlock(&tap->lock);
	return result;
}

static int tap_send(struct emu_end *end, const void *bytes, size_t len)
{
	struct tap *tap = (struct tap *)end;
	uint64_t number = enter(tap, false, bytes, len);

	return leave(tap, number, emu_end_send(tap->inner, bytes, len));
}

static int tap_receive(void *context, const void *bytes, size_t len)
{
	struct tap *tap = context;
	uint64_t number = enter(tap, true, bytes, len);

	return leave(tap, number, tap->receive(tap->context, bytes, len));
}

static void tap_connect(struct emu_end *end, emu_receive_fn *receive, void *context)
{
	struct tap *tap = (struct tap *)end;

	emu_end_connect(tap->inner, NULL, NULL);
	tap->receive = receive;
	tap->context = context;
	if (receive)
		emu_end_connect(tap->inner, tap_receive, tap);
}

static void tap_free(struct emu_end *end)
{
	struct tap *tap = (struct tap *)end;

	pthread_mutex_destroy(&tap->lock);
	free(tap);
}

static const struct emu_end_ops tap_ops = {
	.send = tap_send,
	.connect = tap_connect,
	.free = tap_free,
};

int emu_tap_new(struct emu_end *end, struct emu_clock *clock, struct emu_end **ret_tap)
{
	struct tap *tap = calloc(1, sizeof(*tap));

	if (!tap)
		return -ENOMEM;
	tap->end.ops = &tap_ops;
	tap->inner = end;
	tap->clock = clock;
	pthread_mutex_init(&tap->lock, NULL);
	*ret_tap = &tap->end;
	return 0;
}

uint32_t emu_tap_read(struct emu_end *end, struct emu_tap_message *messages, uint32_t most)
{
	struct tap *tap = (struct tap *)end;
	uint32_t count;

	pthread_mutex_lock(&tap->lock);
	count = tap->written < EMU_TAP_MESSAGES ? (uint32_t)tap->written : EMU_TAP_MESSAGES;
	if (count > most)
		count = most;
	for (uint32_t i = 0; i < count; i++)
		messages[i] = tap->messages[(tap->written - count + i) % EMU_TAP_MESSAGES];
	pthread_mutex_unlock(&tap->lock);
	return count;
}
