/* SPDX-License-Identifier: BSD-3-Clause */
#include "listener.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../deadline.h"
#include "answers.h"
#include "process.h"

#define ALIGN 8u

/* One reverse call, on the stack of the thread that makes it. */
struct request {
	struct request *next;
	uint32_t ctx, handle, sc;
	unsigned char *packed;
	uint32_t packed_len;
	const struct emu_reverse_buffer *buffers;
	int32_t result;
	bool taken, answered;
};

struct emu_listener {
	struct emu_subsystem *subsystem;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct request *requests; /* in order: waiting for the CPU, or for its answer */
	uint32_t next_ctx;
	bool there; /* the CPU has introduced its listener */
	bool ended;
	_Atomic uint32_t in_service; /* requests that the CPU has taken and not answered */
};

int emu_listener_new(struct emu_subsystem *subsystem, struct emu_listener **ret_listener)
{
	struct emu_listener *listener = calloc(1, sizeof(*listener));

	if (!listener)
		return -ENOMEM;
	listener->subsystem = subsystem;
	listener->next_ctx = 1;
	pthread_mutex_init(&listener->lock, NULL);
	emu_cond_init(&listener->changed);
	*ret_listener = listener;
	return 0;
}

void emu_listener_free(struct emu_listener *listener)
{
	if (!listener)
		return;
	pthread_cond_destroy(&listener->changed);
	pthread_mutex_destroy(&listener->lock);
	free(listener);
}

void emu_listener_end(struct emu_listener *listener)
{
	pthread_mutex_lock(&listener->lock);
	listener->ended = true;
	pthread_cond_broadcast(&listener->changed);
	pthread_mutex_unlock(&listener->lock);
}

bool emu_listener_is_busy(struct emu_listener *listener)
{
	return atomic_load(&listener->in_service) != 0;
}

void emu_listener_nudge(struct emu_listener *listener)
{
	pthread_mutex_lock(&listener->lock);
	pthread_cond_broadcast(&listener->changed);
	pthread_mutex_unlock(&listener->lock);
}

static uint64_t aligned(uint64_t at)
{
	return (at + ALIGN - 1) & ~(uint64_t)(ALIGN - 1);
}

/* In buffers: length, padding to 8, bytes. Then the lengths of the out buffers, unpadded. */
static int pack(struct request *request)
{
	uint32_t ins = FRPC_SC_INBUFS(request->sc), all = FRPC_SC_BUFS(request->sc);
	uint64_t size = 0;
	unsigned char *at;

	for (uint32_t i = 0; i < all; i++) {
		size += sizeof(uint32_t);
		if (i < ins && request->buffers[i].len)
			size = aligned(size) + request->buffers[i].len;
	}
	if (size > INT32_MAX)
		return -EMSGSIZE;
	request->packed = calloc(1, size ? (size_t)size : 1);
	if (!request->packed)
		return -ENOMEM;
	at = request->packed;
	for (uint32_t i = 0; i < all; i++) {
		uint32_t len = request->buffers[i].len;

		memcpy(at, &len, sizeof(len));
		at += sizeof(len);
		if (i >= ins || !len)
			continue;
		at = request->packed + aligned((uint64_t)(at - request->packed));
		memcpy(at, request->buffers[i].bytes, len);
		at += len;
	}
	request->packed_len = (uint32_t)size;
	return 0;
}

/* The answer: each out buffer's length, which must be what was asked for, padding, bytes. */
static int32_t unpack(const struct request *request, const unsigned char *bytes, size_t size)
{
	uint32_t ins = FRPC_SC_INBUFS(request->sc), all = FRPC_SC_BUFS(request->sc);
	uint64_t at = 0;

	for (uint32_t i = ins; i < all; i++) {
		uint32_t len;

		if (at > size || size - at < sizeof(len))
			return EMU_DSP_EBADSIZE;
		memcpy(&len, bytes + at, sizeof(len));
		at += sizeof(len);
		if (len != request->buffers[i].len)
			return EMU_DSP_EBADSIZE;
		if (!len)
			continue;
		at = aligned(at);
		if (at > size || size - at < len)
			return EMU_DSP_EBADSIZE;
		memcpy(request->buffers[i].bytes, bytes + at, len);
		at += len;
	}
	return 0;
}

static struct request *find(struct emu_listener *listener, uint32_t ctx)
{
	struct request *request = listener->requests;

	while (request && (request->ctx != ctx || !request->taken || request->answered))
		request = request->next;
	return request;
}

static struct request *next_waiting(struct emu_listener *listener)
{
	struct request *request = listener->requests;

	while (request && request->taken)
		request = request->next;
	return request;
}

/* primIn of next2: which call was answered and how, and how much fits the next. */
struct next2_in {
	uint32_t ctx;
	int32_t result;
	uint32_t answer_len, buffer_len;
};

struct next2_out {
	uint32_t ctx, handle, sc;
	int32_t needed;
};

static void take_answer(struct emu_listener *listener, const struct next2_in *in,
			const struct emu_call *call)
{
	struct request *request = find(listener, in->ctx);

	if (!in->ctx || !request)
		return; /* the first call, or an answer nobody waits for */
	request->result = in->result;
	if (!in->result)
		request->result = unpack(request, call->args[1].buf.pv, call->args[1].buf.nLen);
	request->answered = true;
	pthread_cond_broadcast(&listener->changed);
}

static bool may_let_go(struct emu_listener *listener)
{
	return !emu_answers_have_fault(emu_subsystem_answers(listener->subsystem),
				       EMU_DSP_KEEP_LISTENER);
}

/* A kept listener is off every table: it looks by itself whether it may go. */
static void wait_for_change(struct emu_listener *listener)
{
	const struct timespec soon = emu_deadline_ns(10000000);

	if (!listener->ended) {
		pthread_cond_wait(&listener->changed, &listener->lock);
		return;
	}
	pthread_cond_timedwait(&listener->changed, &listener->lock, &soon);
}

static int32_t next2(struct emu_listener *listener, const struct emu_call *call)
{
	struct next2_in *in = emu_call_buffer(call, 0, sizeof(*in));
	struct next2_out *out = emu_call_buffer(call, 2, sizeof(*out));
	struct request *request = NULL;
	size_t room;

	if (!emu_call_shape(call, 2, 2) || !in || !out)
		return EMU_DSP_EBADPARM;
	pthread_mutex_lock(&listener->lock);
	listener->there = true;
	pthread_cond_broadcast(&listener->changed);
	take_answer(listener, in, call);
	while (!(listener->ended && may_let_go(listener)) && !(request = next_waiting(listener)))
		wait_for_change(listener);
	if (!request || listener->ended) {
		pthread_mutex_unlock(&listener->lock);
		return EMU_DSP_EBADSTATE;
	}
	request->taken = true;
	atomic_fetch_add(&listener->in_service, 1);
	*out = (struct next2_out){request->ctx, request->handle, request->sc,
				  (int32_t)request->packed_len};
	room = call->args[3].buf.nLen;
	if (room > request->packed_len)
		room = request->packed_len;
	if (room)
		memcpy(call->args[3].buf.pv, request->packed, room);
	pthread_mutex_unlock(&listener->lock);
	emu_count(&emu_subsystem_stats(listener->subsystem)->reverse_calls, 1);
	return 0;
}

/* The rest of a request that did not fit. */
static int32_t get_in_bufs2(struct emu_listener *listener, const struct emu_call *call)
{
	struct {
		uint32_t ctx;
		int32_t offset;
		uint32_t len;
	} in;
	const void *given = emu_call_buffer(call, 0, sizeof(in));
	int32_t *needed = emu_call_buffer(call, 1, sizeof(*needed));
	struct request *request;
	int32_t res = 0;
	size_t room;

	if (!emu_call_shape(call, 1, 2) || !given || !needed)
		return EMU_DSP_EBADPARM;
	memcpy(&in, given, sizeof(in)); /* the caller's memory may change under us */
	pthread_mutex_lock(&listener->lock);
	request = find(listener, in.ctx);
	if (!request || in.offset < 0 || (uint32_t)in.offset > request->packed_len) {
		res = EMU_DSP_EBADPARM;
	} else {
		room = call->args[2].buf.nLen;
		if (room > request->packed_len - (uint32_t)in.offset)
			room = request->packed_len - (uint32_t)in.offset;
		if (room)
			memcpy(call->args[2].buf.pv, request->packed + in.offset, room);
		*needed = (int32_t)request->packed_len;
	}
	pthread_mutex_unlock(&listener->lock);
	return res;
}

static int32_t init2(struct emu_listener *listener)
{
	pthread_mutex_lock(&listener->lock);
	listener->there = true;
	pthread_mutex_unlock(&listener->lock);
	return 0;
}

int32_t emu_listener_call(struct emu_listener *listener, uint32_t method,
			  const struct emu_call *call)
{
	switch (method) {
	case 2: /* init */
	case 3: /* init2 */
		return emu_call_shape(call, 0, 0) ? init2(listener) : EMU_DSP_EBADPARM;
	case 4:
		return next2(listener, call);
	case 5:
		return get_in_bufs2(listener, call);
	default: /* 0 and 1 are the forms that nobody uses any more */
		return EMU_DSP_EUNSUPPORTED;
	}
}

static void unlink_request(struct emu_listener *listener, struct request *request)
{
	struct request **at = &listener->requests;

	while (*at != request)
		at = &(*at)->next;
	*at = request->next;
}

int32_t emu_reverse_call(struct emu_listener *listener, uint32_t handle, uint32_t sc,
			 const struct emu_reverse_buffer *buffers)
{
	struct request request = {.handle = handle, .sc = sc, .buffers = buffers}, **at;

	if (pack(&request))
		return EMU_DSP_ENOMEMORY;
	pthread_mutex_lock(&listener->lock);
	if (!listener->there || listener->ended) {
		request.result = listener->ended ? EMU_DSP_EBADSTATE : EMU_DSP_ERPC;
		goto out;
	}
	request.ctx = listener->next_ctx++;
	if (!listener->next_ctx)
		listener->next_ctx = 1; /* 0 means "none" */
	at = &listener->requests;
	while (*at)
		at = &(*at)->next;
	*at = &request;
	pthread_cond_broadcast(&listener->changed);
	while (!request.answered && !listener->ended)
		pthread_cond_wait(&listener->changed, &listener->lock);
	unlink_request(listener, &request);
	if (request.taken)
		atomic_fetch_sub(&listener->in_service, 1);
	if (!request.answered)
		request.result = EMU_DSP_EBADSTATE;
out:
	pthread_mutex_unlock(&listener->lock);
	free(request.packed);
	return request.result;
}
