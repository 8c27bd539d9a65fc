/* SPDX-License-Identifier: BSD-3-Clause */
/* The CPU's entry points of dspqueue.h. They call inwards, to one queue or to one over domains. */
#include "dspqueue.h"

#include "AEEStdErr.h"
#include "config.h"
#include "error.h"
#include "fastrpc.h"
#include "queue.h"
#include "queue_end.h"
#include "queue_multi.h"
#include "queue_table.h"

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

static bool is_multi(dspqueue_t queue)
{
	return frpc_queue_table_kind(queue) == FRPC_QUEUE_MULTI;
}

/* ---- create, export, close ---- */

AEEResult dspqueue_create(int domain, uint32_t flags, uint32_t req_queue_size,
			  uint32_t resp_queue_size, dspqueue_callback_t packet_callback,
			  dspqueue_callback_t error_callback, void *callback_context,
			  dspqueue_t *queue)
{
	struct frpc_queue_request request = {
		.request_size = req_queue_size,
		.response_size = resp_queue_size,
		.packet_callback = packet_callback,
		.error_callback = error_callback,
		.callback_context = callback_context,
	};

	if (!queue)
		return fail("dspqueue_create", AEE_EBADPARM, "nowhere to write the queue");
	if (frpc_effective_domain(domain, &request.effective))
		return fail("dspqueue_create", AEE_EBADPARM, "no such domain");
	if (flags)
		return fail("dspqueue_create", AEE_EBADPARM, "flags are not 0");
	return frpc_queue_create(&request, queue);
}

int dspqueue_request(dspqueue_request_payload *req)
{
	if (!req)
		return fail("dspqueue_request", AEE_EBADPARM, "no request");
	if (req->id != DSPQUEUE_CREATE)
		return fail("dspqueue_request", AEE_EUNSUPPORTED, "no such request");
	return frpc_queue_multi_create(&req->create);
}

AEEResult dspqueue_close(dspqueue_t queue)
{
	int code = is_multi(queue) ? frpc_queue_multi_close(queue) : frpc_queue_close(queue, true);

	if (code)
		return fail("dspqueue_close", code,
			    "no open queue, or a skel still has it imported");
	return AEE_SUCCESS;
}

AEEResult dspqueue_export(dspqueue_t queue, uint64_t *queue_id)
{
	if (!queue_id)
		return fail("dspqueue_export", AEE_EBADPARM, "nowhere to write the id");
	if (frpc_queue_export(queue, queue_id))
		return fail("dspqueue_export", AEE_EBADPARM,
			    "no open queue, or one over domains, whose ids came with it");
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

static int write_any(dspqueue_t queue, uint32_t flags, uint32_t num_buffers,
		     const struct dspqueue_buffer *buffers, uint32_t message_length,
		     const uint8_t *message, int64_t timeout_us)
{
	return (is_multi(queue) ? frpc_queue_multi_write : frpc_queue_write)(
		queue, flags, num_buffers, buffers, message_length, message, timeout_us);
}

static int read_any(dspqueue_t queue, const struct frpc_queue_want *want, uint32_t *ret_flags,
		    uint32_t *ret_buffers, uint32_t *ret_message, int64_t timeout_us)
{
	return (is_multi(queue) ? frpc_queue_multi_read : frpc_queue_read)(
		queue, want, ret_flags, ret_buffers, ret_message, timeout_us);
}

AEEResult dspqueue_write_noblock(dspqueue_t queue, uint32_t flags, uint32_t num_buffers,
				 struct dspqueue_buffer *buffers, uint32_t message_length,
				 const uint8_t *message)
{
	return told("dspqueue_write_noblock",
		    write_any(queue, flags, num_buffers, buffers, message_length, message,
			      FRPC_QUEUE_NO_WAIT));
}

AEEResult dspqueue_write(dspqueue_t queue, uint32_t flags, uint32_t num_buffers,
			 struct dspqueue_buffer *buffers, uint32_t message_length,
			 const uint8_t *message, uint32_t timeout_us)
{
	return told("dspqueue_write", write_any(queue, flags, num_buffers, buffers, message_length,
						message, timeout_us));
}

AEEResult dspqueue_read_noblock(dspqueue_t queue, uint32_t *flags, uint32_t max_buffers,
				uint32_t *num_buffers, struct dspqueue_buffer *buffers,
				uint32_t max_message_length, uint32_t *message_length,
				uint8_t *message)
{
	const struct frpc_queue_want want = {max_buffers, max_message_length, buffers, message,
					     false};

	return told("dspqueue_read_noblock",
		    read_any(queue, &want, flags, num_buffers, message_length, FRPC_QUEUE_NO_WAIT));
}

AEEResult dspqueue_read(dspqueue_t queue, uint32_t *flags, uint32_t max_buffers,
			uint32_t *num_buffers, struct dspqueue_buffer *buffers,
			uint32_t max_message_length, uint32_t *message_length, uint8_t *message,
			uint32_t timeout_us)
{
	const struct frpc_queue_want want = {max_buffers, max_message_length, buffers, message,
					     false};

	return told("dspqueue_read",
		    read_any(queue, &want, flags, num_buffers, message_length, timeout_us));
}

AEEResult dspqueue_peek_noblock(dspqueue_t queue, uint32_t *flags, uint32_t *num_buffers,
				uint32_t *message_length)
{
	const struct frpc_queue_want want = {.peek = true};

	return told("dspqueue_peek_noblock",
		    read_any(queue, &want, flags, num_buffers, message_length, FRPC_QUEUE_NO_WAIT));
}

AEEResult dspqueue_peek(dspqueue_t queue, uint32_t *flags, uint32_t *num_buffers,
			uint32_t *message_length, uint32_t timeout_us)
{
	const struct frpc_queue_want want = {.peek = true};

	return told("dspqueue_peek",
		    read_any(queue, &want, flags, num_buffers, message_length, timeout_us));
}

AEEResult dspqueue_write_early_wakeup_noblock(dspqueue_t queue, uint32_t wakeup_delay,
					      uint32_t packet_flags)
{
	return told("dspqueue_write_early_wakeup_noblock",
		    (is_multi(queue) ? frpc_queue_multi_early_wakeup
				     : frpc_queue_early_wakeup)(queue, wakeup_delay, packet_flags));
}

AEEResult dspqueue_get_stat(dspqueue_t queue, enum dspqueue_stat stat, uint64_t *value)
{
	return told("dspqueue_get_stat", (is_multi(queue) ? frpc_queue_multi_stat
							  : frpc_queue_stat)(queue, stat, value));
}
