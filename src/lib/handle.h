/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Handles: index and generation, so that a closed, stale or made-up one is known as such. Look-ups
 * take the same time however many there are.
 */
#ifndef FRPC_LIB_HANDLE_H
#define FRPC_LIB_HANDLE_H

#include <stdbool.h>
#include <stdint.h>

struct frpc_session;

/* What a handle stands for, with a reference to its session. */
struct frpc_handle_ref {
	struct frpc_session *session;
	uint32_t dsp_handle;
};

/* The dsp_handle of one that is no module's: it keeps its session open and cannot be called. */
#define FRPC_HANDLE_OF_SESSION UINT32_MAX

/* Enters an open module; holds a reference of @session. 0 or -ENOMEM. */
int frpc_handle_add(struct frpc_session *session, uint32_t dsp_handle, bool wide,
		    uint64_t *ret_handle);
/* -ENOENT: not open, or of the other width. The caller gives back ref->session. */
int frpc_handle_get(uint64_t handle, bool wide, struct frpc_handle_ref *ref);
/* The same, and the handle is gone: exactly one caller gets it. */
int frpc_handle_take(uint64_t handle, bool wide, struct frpc_handle_ref *ref);
/* Takes any handle of @session. */
int frpc_handle_take_any(struct frpc_session *session, struct frpc_handle_ref *ref);

#endif
