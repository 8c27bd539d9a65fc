/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One end of a queue: what dspqueue.h's read, write, peek, callbacks, statistics and close do, the
 * same on the CPU and on the DSP. How the other end is woken, and what a buffer's fd means, differs:
 * that is in the ops.
 *
 * An end is named by a dspqueue_t that is no pointer: a closed, stale or made-up one is known as
 * such. Functions return AEE numbers without the DSP's offset. Any thread.
 */
#ifndef FRPC_LIB_QUEUE_END_H
#define FRPC_LIB_QUEUE_END_H

#include "dspqueue.h"
#include "ring.h"

struct frpc_queue_end;

struct frpc_queue_end_ops {
	/* Something of the other end's has changed; called before it is looked up whether it sleeps. */
	void (*count)(void *context, enum frpc_queue_signal signal);
	/* Wakes the other end. 0, or -errno: then the queue is dead. Must not block for long. */
	int (*signal)(void *context, enum frpc_queue_signal signal);
	/*
	 * Optional: sleeps until the other end sends @signal, or @timeout_us (UINT32_MAX: for ever).
	 * One thread a signal at a time. 0, -ETIMEDOUT, -EINTR: look again; anything else: the queue
	 * is dead. Without it frpc_queue_end_signalled() wakes those who wait.
	 */
	int (*sleep)(void *context, enum frpc_queue_signal signal, uint32_t timeout_us);
	/* With sleep only: makes every present and later sleep return. */
	void (*wake)(void *context);
	/* Checks a buffer to be sent and completes it. AEE code. */
	int (*send_buffer)(void *context, struct dspqueue_buffer *buffer);
	/* It was not sent after all. */
	void (*unsend_buffer)(void *context, const struct dspqueue_buffer *buffer);
	/* Says where a received buffer is. AEE code; ptr is NULL then. */
	int (*receive_buffer)(void *context, struct dspqueue_buffer *buffer);
	/* Optional: the end's thread begins and ends, with what the former returned. */
	void *(*thread_begins)(void *context);
	void (*thread_ends)(void *thread_context);
	/* The end is no more; the context is the owner's again. On any thread. */
	void (*release)(void *context);
};

struct frpc_queue_end_config {
	const struct frpc_queue_end_ops *ops;
	void *context;
	void *base;			 /* the shared buffer, mapped until release() */
	struct frpc_queue_header header; /* checked; version and flags as agreed */
	bool dsp;
	dspqueue_callback_t packet_callback, error_callback;
	void *callback_context;
};

/*
 * Opens an end and starts its thread, if it has a callback. 0, -EBADMSG (the positions in the shared
 * memory make no sense), -ENOMEM, -EAGAIN (no thread), -ENOSPC (too many queues). On failure release() is
 * not called.
 */
int frpc_queue_end_open(const struct frpc_queue_end_config *config, dspqueue_t *ret_queue);

/* The context of an open end, kept until frpc_queue_end_put(). NULL: no such queue. */
void *frpc_queue_end_get(dspqueue_t queue, struct frpc_queue_end **ret_end);
void frpc_queue_end_put(struct frpc_queue_end *end);

/*
 * Closes: who waits returns AEE_EINTERRUPTED; waits until no thread is inside, but for the callback it
 * may have been called from. @may_close is asked first, with nobody else closing: an AEE code other
 * than AEE_SUCCESS leaves it open.
 */
int frpc_queue_end_close(dspqueue_t queue, int (*may_close)(void *context));

/* Signal @signal came for the end. */
void frpc_queue_end_signalled(struct frpc_queue_end *end, enum frpc_queue_signal signal);
/* The other end is gone: @error (AEE_ECONNRESET, AEE_ENOSUCH) goes to the error callback, once. */
void frpc_queue_end_die(struct frpc_queue_end *end, int error);

/* A timeout of dspqueue.h, or: do not wait. */
#define FRPC_QUEUE_NO_WAIT (-1)

int frpc_queue_write(dspqueue_t queue, uint32_t flags, uint32_t num_buffers,
		     const struct dspqueue_buffer *buffers, uint32_t message_length,
		     const uint8_t *message, int64_t timeout_us);
/* What a read wants: room for that much. */
struct frpc_queue_want {
	uint32_t max_buffers, max_message;
	struct dspqueue_buffer *buffers;
	uint8_t *message;
	bool peek;
};
int frpc_queue_read(dspqueue_t queue, const struct frpc_queue_want *want, uint32_t *ret_flags,
		    uint32_t *ret_buffers, uint32_t *ret_message, int64_t timeout_us);
int frpc_queue_early_wakeup(dspqueue_t queue, uint32_t delay_us, uint32_t flags);
int frpc_queue_stat(dspqueue_t queue, enum dspqueue_stat stat, uint64_t *ret_value);

#endif
