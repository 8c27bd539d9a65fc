/* SPDX-License-Identifier: BSD-3-Clause */
#include "queue_agreement.h"

#include "config.h"
#include "queue_process.h"
#include "queue_rpc.h"
#include "session.h"

/* DSP attributes (docs/abi.md): it takes and sends driver signals. */
#define ATTRIBUTE_SIGNALS 130u

static bool wants_driver_signals(const struct frpc_queue_service *service, uint32_t effective,
				 uint32_t id)
{
	struct frpc_remote *remote = frpc_session_remote(service->session);
	const struct frpc_transport_ops *ops = remote->transport->ops;
	uint32_t there = 0;
	int32_t status = 0;

	if (!ops->signal_create || effective >= FRPC_EFFECTIVE)
		return false;
	if (ops->get_info(remote->transport, remote, effective & 7, ATTRIBUTE_SIGNALS, &there,
			  &status) ||
	    status || !there)
		return false;
	if (ops->signal_create(remote, FRPC_QUEUE_SIGNALS * id))
		return false;
	ops->signal_destroy(remote, FRPC_QUEUE_SIGNALS * id);
	return true;
}

static int create_as(const struct frpc_queue_agreement *agreement,
		     const struct frpc_queue_service *service, struct frpc_queue_entry *entry,
		     uint32_t version, uint32_t flags)
{
	const struct frpc_buffer *buffer = frpc_queue_memory_buffer(entry->memory);
	struct frpc_queue_header *header = buffer->bytes;

	entry->header.version = version;
	entry->header.flags = flags;
	entry->header.count = agreement->created;
	*header = entry->header;
	return frpc_queue_rpc_create(service, entry->id, buffer->fd, agreement->created,
				     &entry->exported);
}

/* A DSP that takes the version nobody has is of the first kind. No is the answer hoped for. */
static int agree(struct frpc_queue_agreement *agreement, const struct frpc_queue_service *service,
		 uint32_t effective, struct frpc_queue_entry *entry)
{
	uint32_t flags = FRPC_QUEUE_WAIT_COUNTS;
	int error;

	error = create_as(agreement, service, entry, FRPC_QUEUE_VERSION_PROBE, 0);
	if (!error) {
		frpc_queue_rpc_destroy(service, entry->exported);
		agreement->version = 1;
		agreement->flags = 0;
		return create_as(agreement, service, entry, 1, 0);
	}
	if (!frpc_queue_rpc_is_unsupported(error))
		return error;
	if (wants_driver_signals(service, effective, entry->id))
		flags |= FRPC_QUEUE_DRIVER_SIGNALS;
	error = create_as(agreement, service, entry, FRPC_QUEUE_VERSION, flags);
	if (frpc_queue_rpc_is_unsupported(error) && flags & FRPC_QUEUE_DRIVER_SIGNALS) {
		flags = FRPC_QUEUE_WAIT_COUNTS;
		error = create_as(agreement, service, entry, FRPC_QUEUE_VERSION, flags);
	}
	agreement->version = FRPC_QUEUE_VERSION;
	agreement->flags = flags;
	return error;
}

int frpc_queue_agreement_create(struct frpc_queue_agreement *agreement,
				const struct frpc_queue_service *service, uint32_t effective,
				struct frpc_queue_entry *entry)
{
	int error;

	agreement->created++;
	if (agreement->reached)
		return create_as(agreement, service, entry, agreement->version, agreement->flags);
	error = agree(agreement, service, effective, entry);
	agreement->reached = !error;
	return error;
}
