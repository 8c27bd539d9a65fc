/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The library's one transport, made when first needed and given back when nobody needs it. In a
 * forked child it is forgotten, and a new one made when needed.
 */
#ifndef FRPC_LIB_LIBRARY_H
#define FRPC_LIB_LIBRARY_H

#include <stdint.h>

#include "transport/transport.h"

/* A reference to the transport. 0 or an AEE code (the failure is recorded). */
int frpc_transport_get(struct frpc_transport **ret_transport);
void frpc_transport_put(struct frpc_transport *transport);

/* Changes in every forked child: who remembers an older number has inherited something dead. */
uint32_t frpc_fork_generation(void);

/* For tests: what makes transports instead of FRPC_TRANSPORT. NULL: FRPC_TRANSPORT again. */
typedef int frpc_transport_factory(struct frpc_transport **ret_transport);
void frpc_set_transport_factory(frpc_transport_factory *factory);

#endif
