/* SPDX-License-Identifier: BSD-3-Clause */
/* One attachment of the daemon to a DSP: from the opening of the node until the DSP lets it go. */
#ifndef FRPCD_SERVE_H
#define FRPCD_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transport/transport.h"

struct frpcd_service {
	uint32_t domain;
	enum frpc_attach_kind kind;
	bool registers; /* as the listener of all who have none */
};

/* What came of it. */
enum frpcd_end {
	FRPCD_ENDED,   /* the DSP has gone: try again */
	FRPCD_REFUSED, /* it cannot be attached to now: try again, later */
	FRPCD_NO_NODE, /* there is no such DSP here */
};

/*
 * Serves until the DSP is gone, and says in @text how it ended. @started, if not NULL, is called when
 * the DSP may call.
 */
enum frpcd_end frpcd_serve(struct frpc_transport *transport, const struct frpcd_service *service,
			   void (*started)(void *context), void *context, char *text,
			   size_t textlen);

#endif
