/* SPDX-License-Identifier: BSD-3-Clause */
/* The transport that finds out: mainline's nodes first, then downstream's, domain by domain. */
#include <errno.h>
#include <stdlib.h>

#include "dialect.h"

#define DIALECTS 2u

struct auto_transport {
	struct frpc_transport transport;
	struct frpc_transport *dialects[DIALECTS];
};

static struct auto_transport *to_auto(struct frpc_transport *transport)
{
	return (struct auto_transport *)transport;
}

/* The remote belongs to the dialect that opened it, so that every other hook is reached directly. */
static int auto_open(struct frpc_transport *transport, uint32_t domain, uint32_t session,
		     struct frpc_open_report *report, struct frpc_remote **ret_remote)
{
	int res = -ENOENT;

	for (unsigned int i = 0; i < DIALECTS; i++) {
		struct frpc_transport *dialect = to_auto(transport)->dialects[i];

		res = dialect->ops->open(dialect, domain, session, report, ret_remote);
		if (res != -ENOENT)
			return res;
	}
	return res;
}

static int auto_alloc(struct frpc_transport *transport, uint64_t size, int32_t *ret_fd)
{
	struct frpc_transport *mainline = to_auto(transport)->dialects[0];

	return mainline->ops->alloc(mainline, size, ret_fd);
}

static int auto_get_info(struct frpc_transport *transport, struct frpc_remote *remote,
			 uint32_t domain, uint32_t attribute, uint32_t *ret_value,
			 int32_t *ret_status)
{
	int res = -ENOENT;

	if (remote)
		return remote->transport->ops->get_info(remote->transport, remote, domain,
							attribute, ret_value, ret_status);
	for (unsigned int i = 0; i < DIALECTS && res == -ENOENT; i++) {
		struct frpc_transport *dialect = to_auto(transport)->dialects[i];

		res = dialect->ops->get_info(dialect, NULL, domain, attribute, ret_value,
					     ret_status);
	}
	return res;
}

static void auto_free(struct frpc_transport *transport)
{
	struct frpc_device *device = transport->device;

	for (unsigned int i = 0; i < DIALECTS; i++)
		free(to_auto(transport)->dialects[i]);
	free(transport);
	device->ops->free(device);
}

static struct frpc_transport_ops auto_ops = {
	.name = "auto",
	.version = FRPC_TRANSPORT_VERSION,
	.open = auto_open,
	.alloc = auto_alloc,
	.get_info = auto_get_info,
	.free = auto_free,
};

int frpc_transport_auto_new(struct frpc_device *device, struct frpc_transport **ret_transport)
{
	struct auto_transport *transport = calloc(1, sizeof(*transport));
	int res = -ENOMEM;

	if (!transport)
		goto fail;
	transport->transport.ops = &auto_ops;
	transport->transport.device = device;
	/* The dialects borrow the device: their own free() is never called. */
	for (unsigned int i = 0; i < DIALECTS; i++) {
		res = (i ? frpc_transport_downstream_new
			 : frpc_transport_mainline_new)(device, &transport->dialects[i]);
		if (res) {
			if (i)
				free(transport->dialects[0]);
			free(transport);
			return res; /* the dialect has given back the device */
		}
	}
	*ret_transport = &transport->transport;
	return 0;
fail:
	device->ops->free(device);
	return res;
}
