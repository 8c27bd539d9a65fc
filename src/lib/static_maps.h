/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Buffers that are to be mapped on every DSP process of ours as long as they are registered
 * (FASTRPC_ATTR_TRY_MAP_STATIC): on the sessions that are open, and on each one that opens. What a
 * DSP does not take it does without: calls then map the buffer as any other one.
 */
#ifndef FRPC_LIB_STATIC_MAPS_H
#define FRPC_LIB_STATIC_MAPS_H

#include <stdint.h>

struct frpc_session;

/* The buffer has just been registered, or is about to be forgotten. Within no session's opening. */
void frpc_static_maps_add(const void *start, uint64_t size, int32_t fd);
void frpc_static_maps_remove(const void *start);

/* The session opens (nobody uses it yet), or is no more. */
void frpc_static_maps_session_opened(struct frpc_session *session);
void frpc_static_maps_session_ended(const struct frpc_session *session);

#endif
