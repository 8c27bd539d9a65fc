/* SPDX-License-Identifier: BSD-3-Clause */
#include "queue.h"

#include <errno.h>
#include <linux/dma-buf.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "AEEStdErr.h"
#include "error.h"
#include "maps.h"
#include "queue_end.h"
#include "queue_process.h"
#include "session.h"

struct queue {
	struct frpc_queue_process *process;
	struct frpc_queue_entry entry;
	void (*released)(void *context); /* or NULL */
	void *released_context;
};

static int fail(int code, const char *why)
{
	return frpc_fail(code, FRPC_ORIGIN_LIBRARY, 0, "dspqueue_create: %s", why);
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
	frpc_queue_process_signal(queue->process);
	return 0; /* a queue whose process died is told so, with what it died of */
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
	if (queue->released)
		queue->released(queue->released_context);
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

static int check_request(const struct frpc_queue_request *request, struct frpc_queue_header *header,
			 uint32_t *ret_size)
{
	if (!has_queues(request->effective))
		return fail(AEE_EUNSUPPORTED, "that domain has no queues");
	*ret_size = frpc_queue_layout(
		request->request_size ? request->request_size : FRPC_RING_REQUESTS,
		request->response_size ? request->response_size : FRPC_RING_RESPONSES, header);
	if (!*ret_size)
		return fail(AEE_EBADPARM,
			    "a ring's size is no multiple of 8, below 16 or above 16 MiB");
	return AEE_SUCCESS;
}

static int open_end(struct queue *queue, const struct frpc_queue_request *request,
		    dspqueue_t *ret_name)
{
	const struct frpc_queue_end_config config = {
		.ops = uses_driver(queue) ? &driver_ops : &rpc_ops,
		.context = queue,
		.base = frpc_queue_memory_buffer(queue->entry.memory)->bytes,
		.header = queue->entry.header,
		.packet_callback = request->packet_callback,
		.error_callback = request->error_callback,
		.callback_context = request->callback_context,
	};
	int res = AEE_SUCCESS, error;

	if (uses_driver(queue))
		res = create_signals(queue);
	if (res)
		return res;
	error = frpc_queue_end_open(&config, ret_name);
	if (!error)
		return AEE_SUCCESS;
	if (uses_driver(queue))
		destroy_signals(queue, FRPC_QUEUE_SIGNALS);
	return frpc_fail(error == -ENOSPC ? AEE_ENOMORE : frpc_code_from_errno(error),
			 FRPC_ORIGIN_LIBRARY, error, "dspqueue_create: no queue could be opened");
}

int frpc_queue_create(const struct frpc_queue_request *request, dspqueue_t *ret_queue)
{
	struct frpc_error_saved saved;
	struct queue *made;
	uint32_t size, id;
	int res;

	made = calloc(1, sizeof(*made));
	if (!made)
		return fail(AEE_ENOMEMORY, "no memory");
	made->released = request->released;
	made->released_context = request->callback_context;
	res = check_request(request, &made->entry.header, &size);
	if (!res)
		res = frpc_queue_process_get(request->effective, &made->process);
	if (res) {
		free(made);
		return res;
	}
	res = frpc_queue_process_create(made->process, size, &made->entry);
	if (res)
		goto put;
	res = open_end(made, request, ret_queue);
	if (res)
		goto destroy;
	id = made->entry.id;
	frpc_queue_process_name(made->process, id, *ret_queue);
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

static bool is_imported(const struct queue *queue)
{
	return frpc_queue_process_is_imported(queue->process, &queue->entry);
}

static int may_close(void *context)
{
	return is_imported(context) ? AEE_EBADPARM : AEE_SUCCESS;
}

int frpc_queue_close(dspqueue_t queue, bool ask)
{
	return frpc_queue_end_close(queue, ask ? may_close : NULL);
}

int frpc_queue_export(dspqueue_t queue, uint64_t *ret_id)
{
	struct frpc_queue_end *end;
	const struct queue *found = frpc_queue_end_get(queue, &end);

	if (!found)
		return AEE_EBADPARM;
	*ret_id = found->entry.exported;
	frpc_queue_end_put(end);
	return AEE_SUCCESS;
}

bool frpc_queue_is_imported(dspqueue_t queue)
{
	struct frpc_queue_end *end;
	const struct queue *found = frpc_queue_end_get(queue, &end);
	bool imported;

	if (!found)
		return false;
	imported = is_imported(found);
	frpc_queue_end_put(end);
	return imported;
}
