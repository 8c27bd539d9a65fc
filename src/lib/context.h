/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Contexts: an app's name for a set of domains whose sessions stay open as long as it does; queues
 * over all of them (queue_multi.h) are made on it. They are the library's own: no kernel driver
 * knows of them. Any thread. In a forked child an inherited context is unknown.
 */
#ifndef FRPC_LIB_CONTEXT_H
#define FRPC_LIB_CONTEXT_H

#include <stdint.h>

/*
 * Opens the sessions of @count effective domain ids, none of them twice; @flags is 0. An AEE or DSP
 * code, recorded; then the sessions are as they were before.
 */
int frpc_context_create(const uint32_t *domains, uint32_t count, uint64_t flags,
			uint64_t *ret_context);
/* AEE_EBADCONTEXT: there is none, or not any more. Otherwise as frpc_session_close(). */
int frpc_context_destroy(uint64_t context, uint64_t flags);
/* Its domains in the order of creation, at most FRPC_EFFECTIVE. AEE_EBADCONTEXT, recorded. */
int frpc_context_domains(uint64_t context, uint32_t *ret_domains, uint32_t *ret_count);

#endif
