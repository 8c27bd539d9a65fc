/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Running what may never return, without waiting for it for ever. It runs on threads that are kept
 * for the next time: each thread that calls a DSP process costs a thread there. A second one is
 * started only beside one that is stuck.
 */
#ifndef FRPC_LIB_BOUNDED_H
#define FRPC_LIB_BOUNDED_H

#include <stdbool.h>

struct frpc_bounded;

struct frpc_bounded_job {
	void (*fn)(void *arg);
	void (*ref)(void *arg); /* whoever runs it holds a reference of @arg */
	void (*unref)(void *arg);
	void *arg;
	unsigned int timeout_ms;
	bool urgent; /* runs also beside as many stuck ones as there may be */
};

/* NULL: no memory. Threads are started when they are needed. */
struct frpc_bounded *frpc_bounded_new(void);

/*
 * Runs @job's function and waits for it. 0; -ETIMEDOUT: it still runs, or could not begin, since all
 * threads are stuck; -EAGAIN, -ENOMEM: it was not run.
 */
int frpc_bounded_run(struct frpc_bounded *bounded, const struct frpc_bounded_job *job);

/* Threads are kept no more: those with nothing to do end, a stuck one when its function returns. */
void frpc_bounded_retire(struct frpc_bounded *bounded);
/* Takes NULL. Nobody waits for a job; what is stuck is left behind and cleans up after itself. */
void frpc_bounded_free(struct frpc_bounded *bounded);

#endif
