/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The listener of a session: a thread that fetches the DSP's reverse calls and answers them. It
 * keeps all signals blocked and holds a reference of its owner as long as it lives.
 */
#ifndef FRPC_LIB_LISTENER_H
#define FRPC_LIB_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transport/transport.h"

struct frpc_listener;

struct frpc_listener_config {
	struct frpc_remote *remote;
	uint32_t effective; /* domain: what served code calls without naming one goes there, too */
	const char *data_dir; /* may be NULL; borrowed as long as the owner lives */
	void (*ref)(void *owner);
	void (*unref)(void *owner);
	/*
	 * On the listener's thread: the DSP's reverse calls cannot be heard any more. @restarted: the driver
	 * says that the DSP went down; else the process may well live, and wait for answers.
	 */
	void (*lost)(void *owner, bool restarted);
	/* On the listener's thread, last: nothing is served any more. Optional. */
	void (*ended)(void *owner);
	void *owner;
};

/* Introduces the listener to the DSP and starts it. 0, -errno, or what the DSP answered in *@ret_status. */
int frpc_listener_start(const struct frpc_listener_config *config,
			struct frpc_listener **ret_listener, int32_t *ret_status);

/*
 * Waits until the DSP has ended it (session exit makes it). 0; -ETIMEDOUT: it is left behind and
 * frees itself when its call returns at last. On its own thread it does not wait. Takes NULL.
 */
int frpc_listener_stop(struct frpc_listener *listener, unsigned int timeout_ms);

/* Waits until the DSP has ended it, for however long, and frees it. */
void frpc_listener_wait(struct frpc_listener *listener);

/* An event descriptor of the listener's, which gets 0xff written when it ends. -errno. */
int frpc_listener_event(struct frpc_listener *listener);

/* Copies the paths where a file was last looked for in vain. */
void frpc_listener_tried(struct frpc_listener *listener, char *text, size_t textlen);

#endif
