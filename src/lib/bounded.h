/* SPDX-License-Identifier: BSD-3-Clause */
/* Running something that may never return, without waiting for it for ever. */
#ifndef FRPC_LIB_BOUNDED_H
#define FRPC_LIB_BOUNDED_H

/*
 * Runs @fn(@arg) on a thread of its own and waits for it at most @timeout_ms. The thread holds a
 * reference of @arg. 0; -ETIMEDOUT: it still runs; -EAGAIN, -ENOMEM: it was not run.
 */
int frpc_run_bounded(void (*fn)(void *arg), void (*ref)(void *arg), void (*unref)(void *arg),
		     void *arg, unsigned int timeout_ms);

#endif
