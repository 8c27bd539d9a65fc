/* SPDX-License-Identifier: BSD-3-Clause */
/* The DSP's side of dspqueue.h, for skels that run natively: the names there become emu_dsp_*. */
#define FASTRPC_SKEL
#include "AEEStdErr.h"
#include "dspqueue.h"

#include "../call.h"
#include "hap.h"
#include "lib/queue_end.h"
#include "queue_ends.h"

#define EXPORT __attribute__((visibility("default")))

/* What the DSP makes of an AEE number. */
static AEEResult dsp_code(int code)
{
	switch (code) {
	case AEE_SUCCESS:
	case AEE_ENOSUCH:
	case AEE_EINTERRUPTED:
	case AEE_ECONNRESET:
	case AEE_EWOULDBLOCK:
		return code;
	default:
		return EMU_DSP_ERROR((uint32_t)code);
	}
}

EXPORT AEEResult dspqueue_create(int domain, uint32_t flags, uint32_t req_queue_size,
				 uint32_t resp_queue_size, dspqueue_callback_t packet_callback,
				 dspqueue_callback_t error_callback, void *callback_context,
				 dspqueue_t *queue)
{
	(void)domain, (void)flags, (void)req_queue_size, (void)resp_queue_size;
	(void)packet_callback, (void)error_callback, (void)callback_context, (void)queue;
	return AEE_EUNSUPPORTED;
}

EXPORT AEEResult dspqueue_export(dspqueue_t queue, uint64_t *queue_id)
{
	(void)queue, (void)queue_id;
	return AEE_EUNSUPPORTED;
}

EXPORT int dspqueue_request(dspqueue_request_payload *req)
{
	(void)req;
	return AEE_EUNSUPPORTED;
}

EXPORT AEEResult dspqueue_import(uint64_t queue_id, dspqueue_callback_t packet_callback,
				 dspqueue_callback_t error_callback, void *callback_context,
				 dspqueue_t *queue)
{
	struct emu_hap *hap = emu_hap_current();

	if (!queue)
		return AEE_EBADPARM;
	if (!hap)
		return AEE_EBADSTATE; /* not a thread of a DSP process */
	return dsp_code(emu_hap_queue_import(hap, queue_id, packet_callback, error_callback,
					     callback_context, queue));
}

EXPORT AEEResult dspqueue_close(dspqueue_t queue)
{
	return dsp_code(frpc_queue_end_close(queue, NULL));
}

EXPORT AEEResult dspqueue_write_noblock(dspqueue_t queue, uint32_t flags, uint32_t num_buffers,
					struct dspqueue_buffer *buffers, uint32_t message_length,
					const uint8_t *message)
{
	return dsp_code(frpc_queue_write(queue, flags, num_buffers, buffers, message_length,
					 message, FRPC_QUEUE_NO_WAIT));
}

EXPORT AEEResult dspqueue_write(dspqueue_t queue, uint32_t flags, uint32_t num_buffers,
				struct dspqueue_buffer *buffers, uint32_t message_length,
				const uint8_t *message, uint32_t timeout_us)
{
	return dsp_code(frpc_queue_write(queue, flags, num_buffers, buffers, message_length,
					 message, timeout_us));
}

static AEEResult read_packet(dspqueue_t queue, struct frpc_queue_want want, uint32_t *flags,
			     uint32_t *num_buffers, uint32_t *message_length, int64_t timeout_us)
{
	return dsp_code(
		frpc_queue_read(queue, &want, flags, num_buffers, message_length, timeout_us));
}

EXPORT AEEResult dspqueue_read_noblock(dspqueue_t queue, uint32_t *flags, uint32_t max_buffers,
				       uint32_t *num_buffers, struct dspqueue_buffer *buffers,
				       uint32_t max_message_length, uint32_t *message_length,
				       uint8_t *message)
{
	return read_packet(queue,
			   (struct frpc_queue_want){max_buffers, max_message_length, buffers,
						    message, false},
			   flags, num_buffers, message_length, FRPC_QUEUE_NO_WAIT);
}

EXPORT AEEResult dspqueue_read(dspqueue_t queue, uint32_t *flags, uint32_t max_buffers,
			       uint32_t *num_buffers, struct dspqueue_buffer *buffers,
			       uint32_t max_message_length, uint32_t *message_length,
			       uint8_t *message, uint32_t timeout_us)
{
	return read_packet(queue,
			   (struct frpc_queue_want){max_buffers, max_message_length, buffers,
						    message, false},
			   flags, num_buffers, message_length, timeout_us);
}

EXPORT AEEResult dspqueue_peek_noblock(dspqueue_t queue, uint32_t *flags, uint32_t *num_buffers,
				       uint32_t *message_length)
{
	return read_packet(queue, (struct frpc_queue_want){.peek = true}, flags, num_buffers,
			   message_length, FRPC_QUEUE_NO_WAIT);
}

EXPORT AEEResult dspqueue_peek(dspqueue_t queue, uint32_t *flags, uint32_t *num_buffers,
			       uint32_t *message_length, uint32_t timeout_us)
{
	return read_packet(queue, (struct frpc_queue_want){.peek = true}, flags, num_buffers,
			   message_length, timeout_us);
}

EXPORT AEEResult dspqueue_write_early_wakeup_noblock(dspqueue_t queue, uint32_t wakeup_delay,
						     uint32_t packet_flags)
{
	return dsp_code(frpc_queue_early_wakeup(queue, wakeup_delay, packet_flags));
}

EXPORT AEEResult dspqueue_get_stat(dspqueue_t queue, enum dspqueue_stat stat, uint64_t *value)
{
	return dsp_code(frpc_queue_stat(queue, stat, value));
}
