/* SPDX-License-Identifier: BSD-3-Clause */
/* The CPU's side of dspqueue.h: queues are made here; their ends work as everywhere (queue_end.h). */
#include <errno.h>
#include <linux/dma-buf.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "AEEStdErr.h"
#include "config.h"
#include "dspqueue.h"
#include "error.h"
#include "fastrpc.h"
#include "maps.h"
#include "queue_end.h"
#include "queue_process.h"
#include "session.h"

struct queue {
	struct frpc_queue_process *process;
	struct frpc_queue_entry entry;
};

static int fail(const char *what, int code, const char *why)
{
	return frpc_fail(code, FRPC_ORIGIN_LIBRARY, 0, "%s: %s", what, why);
}

/* Records a failure; that there is nothing to read, or no room, is an answer and none. */
static int told(const char *what, int code)
{
	if (!code || code == AEE_EWOULDBLOCK)
		return code;
	return fail(what, code, frpc_strerror(code));
}

/* ---- what an end needs ---- */

static uint32_t signal_number(const struct queue *queue, enum frpc_queue_signal signal)
{
	return FRPC_QUEUE_SIGNALS * queue->entry.id + signal;
}

static struct frpc_remote *remote_of(const struct queue *queue)
{
	return frpc_session_remote(frpc_queue_process_session(queue->process));
}

static void count_rpc(void *context, enum frpc_queue_signal signal)
{
	const struct queue *queue = context;

	frpc_queue_process_count(queue->process, queue->entry.id, signal);
}

static int signal_rpc(void *context, enum frpc_queue_signal signal)
{
	const struct queue *queue = context;

	(void)signal; /* the DSP sees by the counts what it is */
	return frpc_queue_process_signal(queue->process);
}

static void count_driver(void *context, enum frpc_queue_signal signal)
{
	(void)context, (void)signal; /* each signal has a number of its own */
}

static int signal_driver(void *context, enum frpc_queue_signal signal)
{
	const struct queue *queue = context;
	struct frpc_remote *remote = remote_of(queue);

	return remote->transport->ops->signal_send(remote, signal_number(queue, signal));
}

static int sleep_driver(void *context, enum frpc_queue_signal signal, uint32_t timeout_us)
{
	const struct queue *queue = context;
	struct frpc_remote *remote = remote_of(queue);

	return remote->transport->ops->signal_wait(remote, signal_number(queue, signal),
						   timeout_us);
}

static void wake_driver(void *context)
{
	const struct queue *queue = context;
	struct frpc_remote *remote = remote_of(queue);

	remote->transport->ops->signal_cancel(remote, signal_number(queue, FRPC_REQUEST_SPACE));
	remote->transport->ops->signal_cancel(remote, signal_number(queue, FRPC_RESPONSE_PACKET));
}

/* Where the buffer is no dma-buf, CPU and DSP see the same memory anyway. */
static void synchronise(uint32_t fd, bool flush, bool invalidate)
{
	struct dma_buf_sync out = {.flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE};
	struct dma_buf_sync in = {.flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ};
	int saved = errno;

	if (flush)
		ioctl((int)fd, DMA_BUF_IOCTL_SYNC, &out);
	if (invalidate)
		ioctl((int)fd, DMA_BUF_IOCTL_SYNC, &in);
	errno = saved;
}

/* The references that a packet with this buffer makes (+1) or gives back (-1). */
static int references(uint32_t flags)
{
	return !!(flags & DSPQUEUE_BUFFER_FLAG_REF) - !!(flags & DSPQUEUE_BUFFER_FLAG_DEREF);
}

/* Checks the piece against the map, and makes "all of it" a number. */
static int check_piece(struct dspqueue_buffer *buffer, size_t length)
{
	if (buffer->offset > length || buffer->size > length - buffer->offset)
		return AEE_EBADPARM;
	if (!buffer->size && length - buffer->offset <= UINT32_MAX)
		buffer->size = (uint32_t)(length - buffer->offset);
	return AEE_SUCCESS;
}

static int send_buffer(void *context, struct dspqueue_buffer *buffer)
{
	const struct queue *queue = context;
	struct frpc_session *session = frpc_queue_process_session(queue->process);
	int change = references(buffer->flags), res, code;
	void *address;
	size_t length;

	res = frpc_maps_refer(session, (int)buffer->fd, change, &address, &length);
	if (res)
		return res == -ERANGE ? AEE_EBADMAPREFCNT : AEE_ENOSUCHMAP;
	code = check_piece(buffer, length);
	if (code)
		frpc_maps_refer(session, (int)buffer->fd, -change, &address, &length);
	else
		synchronise(buffer->fd, buffer->flags & DSPQUEUE_BUFFER_FLAG_FLUSH_SENDER,
			    buffer->flags & DSPQUEUE_BUFFER_FLAG_INVALIDATE_SENDER);
	return code;
}

static void unsend_buffer(void *context, const struct dspqueue_buffer *buffer)
{
	const struct queue *queue = context;
	void *address;
	size_t length;

	frpc_maps_refer(frpc_queue_process_session(queue->process), (int)buffer->fd,
			-references(buffer->flags), &address, &length);
}

static int receive_buffer(void *context, struct dspqueue_buffer *buffer)
{
	const struct queue *queue = context;
	struct frpc_session *session = frpc_queue_process_session(queue->process);
	int change = references(buffer->flags), res;
	void *address;
	size_t length;

	res = frpc_maps_refer(session, (int)buffer->fd, change, &address, &length);
	if (res ==
	    -ERANGE) /* the DSP gives back what it never had: nothing is to be done for that */
		res = frpc_maps_refer(session, (int)buffer->fd, 0, &address, &length);
	buffer->ptr = NULL;
	if (res)
		return AEE_ENOSUCHMAP;
	if (check_piece(buffer, length))
		return AEE_EBADITEM;
	synchronise(buffer->fd, buffer->flags & DSPQUEUE_BUFFER_FLAG_FLUSH_RECIPIENT,
		    buffer->flags & DSPQUEUE_BUFFER_FLAG_INVALIDATE_RECIPIENT);
	if (address)
		buffer->ptr = (char *)address + buffer->offset;
	return AEE_SUCCESS;
}

static void destroy_signals(struct queue *queue, uint32_t count)
{
	struct frpc_remote *remote = remote_of(queue);

	while (count--)
		remote->transport->ops->signal_destroy(remote, signal_number(queue, count));
}

static int create_signals(struct queue *queue)
{
	struct frpc_remote *remote = remote_of(queue);

	for (uint32_t i = 0; i < FRPC_QUEUE_SIGNALS; i++) {
		int res = remote->transport->ops->signal_create(remote, signal_number(queue, i));

		if (!res)
			continue;
		destroy_signals(queue, i);
		return frpc_fail_driver(res, "dspqueue_create: signal %u", signal_number(queue, i));
	}
	return AEE_SUCCESS;
}

static bool uses_driver(const struct queue *queue)
{
	return queue->entry.header.version == FRPC_QUEUE_VERSION &&
	       queue->entry.header.flags & FRPC_QUEUE_DRIVER_SIGNALS;
}

static void release(void *context)
{
	struct queue *queue = context;

	if (uses_driver(queue))
		destroy_signals(queue, FRPC_QUEUE_SIGNALS);
	frpc_queue_process_destroy(queue->process, &queue->entry);
	frpc_queue_process_put(queue->process);
	free(queue);
}

static const struct frpc_queue_end_ops rpc_ops = {
	.count = count_rpc,
	.signal = signal_rpc,
	.send_buffer = send_buffer,
	.unsend_buffer = unsend_buffer,
	.receive_buffer = receive_buffer,
	.release = release,
};

static const struct frpc_queue_end_ops driver_ops = {
	.count = count_driver,
	.signal = signal_driver,
	.sleep = sleep_driver,
	.wake = wake_driver,
	.send_buffer = send_buffer,
	.unsend_buffer = unsend_buffer,
	.receive_buffer = receive_buffer,
	.release = release,
};

/* ---- create, export, close ---- */

/* Queues live on adsp, cdsp and cdsp1. */
static bool has_queues(uint32_t effective)
{
	return (effective & 7) == 0 || (effective & 7) == 3 || (effective & 7) == 4;
}

static int check_create(int domain, uint32_t flags, uint32_t request_size, uint32_t response_size,
			uint32_t *ret_effective, struct frpc_queue_header *header,
			uint32_t *ret_size)
{
	if (frpc_effective_domain(domain, ret_effective))
		return fail("dspqueue_create", AEE_EBADPARM, "no such domain");
	if (!has_queues(*ret_effective))
		return fail("dspqueue_create", AEE_EUNSUPPORTED, "that domain has no queues");
	if (flags)
		return fail("dspqueue_create", AEE_EBADPARM, "flags are not 0");
	*ret_size = frpc_queue_layout(request_size ? request_size : FRPC_RING_REQUESTS,
				      response_size ? response_size : FRPC_RING_RESPONSES, header);
	if (!*ret_size)
		return fail("dspqueue_create", AEE_EBADPARM,
			    "a ring's size is no multiple of 8, below 16 or above 16 MiB");
	return AEE_SUCCESS;
}

static int open_end(struct queue *queue, struct frpc_queue_end_config *config, dspqueue_t *ret_name)
{
	int res = AEE_SUCCESS, error;

	if (uses_driver(queue))
		res = create_signals(queue);
	if (res)
		return res;
	config->ops = uses_driver(queue) ? &driver_ops : &rpc_ops;
	config->context = queue;
	config->base = queue->entry.memory.buffer.bytes;
	config->header = queue->entry.header;
	error = frpc_queue_end_open(config, ret_name);
	if (!error)
		return AEE_SUCCESS;
	if (uses_driver(queue))
		destroy_signals(queue, FRPC_QUEUE_SIGNALS);
	return frpc_fail(error == -ENOSPC ? AEE_ENOMORE : frpc_code_from_errno(error),
			 FRPC_ORIGIN_LIBRARY, error, "dspqueue_create: no queue could be opened");
}

AEEResult dspqueue_create(int domain, uint32_t flags, uint32_t req_queue_size,
			  uint32_t resp_queue_size, dspqueue_callback_t packet_callback,
			  dspqueue_callback_t error_callback, void *callback_context,
			  dspqueue_t *queue)
{
	struct frpc_queue_end_config config = {
		.packet_callback = packet_callback,
		.error_callback = error_callback,
		.callback_context = callback_context,
	};
	struct frpc_error_saved saved;
	uint32_t effective, size, id;
	struct queue *made;
	int res;

	if (!queue)
		return fail("dspqueue_create", AEE_EBADPARM, "nowhere to write the queue");
	made = calloc(1, sizeof(*made));
	if (!made)
		return fail("dspqueue_create", AEE_ENOMEMORY, "no memory");
	res = check_create(domain, flags, req_queue_size, resp_queue_size, &effective,
			   &made->entry.header, &size);
	if (!res)
		res = frpc_queue_process_get(effective, &made->process);
	if (res) {
		free(made);
		return res;
	}
	res = frpc_queue_process_create(made->process, size, &made->entry);
	if (res)
		goto put;
	res = open_end(made, &config, queue);
	if (res)
		goto destroy;
	id = made->entry.id;
	frpc_queue_process_name(made->process, id, *queue);
	return AEE_SUCCESS;

destroy:
	frpc_error_save(&saved);
	frpc_queue_process_destroy(made->process, &made->entry);
	frpc_error_restore(&saved);
put:
	frpc_queue_process_put(made->process);
	free(made);
	return res;
}

static int may_close(void *context)
{
	const struct queue *queue = context;

	return frpc_queue_process_is_imported(queue->process, &queue->entry) ? AEE_EBADPARM
									     : AEE_SUCCESS;
}

AEEResult dspqueue_close(dspqueue_t queue)
{
	int code = frpc_queue_end_close(queue, may_close);

	if (code)
		return fail("dspqueue_close", code,
			    "no open queue, or a skel still has it imported");
	return AEE_SUCCESS;
}

AEEResult dspqueue_export(dspqueue_t queue, uint64_t *queue_id)
{
	struct frpc_queue_end *end;
	const struct queue *found;

	if (!queue_id)
		return fail("dspqueue_export", AEE_EBADPARM, "nowhere to write the id");
	found = frpc_queue_end_get(queue, &end);
	if (!found)
		return fail("dspqueue_export", AEE_EBADPARM, "no open queue");
	*queue_id = found->entry.exported;
	frpc_queue_end_put(end);
	return AEE_SUCCESS;
}

AEEResult dspqueue_import(uint64_t queue_id, dspqueue_callback_t packet_callback,
			  dspqueue_callback_t error_callback, void *callback_context,
			  dspqueue_t *queue)
{
	(void)queue_id, (void)packet_callback, (void)error_callback, (void)callback_context;
	(void)queue;
	return fail("dspqueue_import", AEE_EUNSUPPORTED, "skels import, apps create");
}

/* ---- packets ---- */

AEEResult dspqueue_write_noblock(dspqueue_t queue, uint32_t flags, uint32_t num_buffers,
				 struct dspqueue_buffer *buffers, uint32_t message_length,
				 const uint8_t *message)
{
	return told("dspqueue_write_noblock",
		    frpc_queue_write(queue, flags, num_buffers, buffers, message_length, message,
				     FRPC_QUEUE_NO_WAIT));
}

AEEResult dspqueue_write(dspqueue_t queue, uint32_t flags, uint32_t num_buffers,
			 struct dspqueue_buffer *buffers, uint32_t message_length,
			 const uint8_t *message, uint32_t timeout_us)
{
	return told("dspqueue_write", frpc_queue_write(queue, flags, num_buffers, buffers,
						       message_length, message, timeout_us));
}

AEEResult dspqueue_read_noblock(dspqueue_t queue, uint32_t *flags, uint32_t max_buffers,
				uint32_t *num_buffers, struct dspqueue_buffer *buffers,
				uint32_t max_message_length, uint32_t *message_length,
				uint8_t *message)
{
	const struct frpc_queue_want want = {max_buffers, max_message_length, buffers, message,
					     false};

	return told("dspqueue_read_noblock", frpc_queue_read(queue, &want, flags, num_buffers,
							     message_length, FRPC_QUEUE_NO_WAIT));
}

AEEResult dspqueue_read(dspqueue_t queue, uint32_t *flags, uint32_t max_buffers,
			uint32_t *num_buffers, struct dspqueue_buffer *buffers,
			uint32_t max_message_length, uint32_t *message_length, uint8_t *message,
			uint32_t timeout_us)
{
	const struct frpc_queue_want want = {max_buffers, max_message_length, buffers, message,
					     false};

	return told("dspqueue_read",
		    frpc_queue_read(queue, &want, flags, num_buffers, message_length, timeout_us));
}

AEEResult dspqueue_peek_noblock(dspqueue_t queue, uint32_t *flags, uint32_t *num_buffers,
				uint32_t *message_length)
{
	const struct frpc_queue_want want = {.peek = true};

	return told("dspqueue_peek_noblock", frpc_queue_read(queue, &want, flags, num_buffers,
							     message_length, FRPC_QUEUE_NO_WAIT));
}

AEEResult dspqueue_peek(dspqueue_t queue, uint32_t *flags, uint32_t *num_buffers,
			uint32_t *message_length, uint32_t timeout_us)
{
	const struct frpc_queue_want want = {.peek = true};

	return told("dspqueue_peek",
		    frpc_queue_read(queue, &want, flags, num_buffers, message_length, timeout_us));
}

AEEResult dspqueue_write_early_wakeup_noblock(dspqueue_t queue, uint32_t wakeup_delay,
					      uint32_t packet_flags)
{
	return told("dspqueue_write_early_wakeup_noblock",
		    frpc_queue_early_wakeup(queue, wakeup_delay, packet_flags));
}

AEEResult dspqueue_get_stat(dspqueue_t queue, enum dspqueue_stat stat, uint64_t *value)
{
	return told("dspqueue_get_stat", frpc_queue_stat(queue, stat, value));
}
