/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A PD (protection domain: a process on the DSP) as a session sees it, at the other end of a device
 * file of its own. What reaches the DSP blocks until it answers; any thread. Failures are AEE codes,
 * recorded.
 */
#ifndef FRPC_LIB_PD_H
#define FRPC_LIB_PD_H

#include <stdbool.h>
#include <stdint.h>

#include "transport/transport.h"

/*
 * A process of ours, or a static PD that is there for everybody. One of those stays attached until the
 * DSP goes down: nobody can take leave of it without ending it.
 */
enum frpc_pd_kind {
	FRPC_PD_USER,
	FRPC_PD_ROOT,
	FRPC_PD_SENSORS,
	FRPC_PD_AUDIO,
};

struct frpc_pd {
	struct frpc_transport *transport; /* borrowed */
	struct frpc_remote *remote;	  /* the device file; NULL: not open */
	uint32_t effective;
	enum frpc_pd_kind kind;
};

/*
 * Opens the device file of @pd, whose other members are set, and has the DSP create the process or
 * attach to it. A failure may leave the file open: frpc_pd_close() follows in any case.
 */
int frpc_pd_open(struct frpc_pd *pd);
/* Closes the device file, if there is one. */
void frpc_pd_close(struct frpc_pd *pd);

/* The domain's name, and the folder of the emulated machine's own DSP files (NULL: none). */
const char *frpc_pd_domain_name(const struct frpc_pd *pd);
const char *frpc_pd_data_dir(const struct frpc_pd *pd);

/* Fails with @status, which the DSP answered to what the words @what say. Returns it. */
int frpc_pd_fail_refused(const struct frpc_pd *pd, int32_t status, const char *what);

/* Ends the process on the DSP, which tells nobody whether it did. */
void frpc_pd_exit(const struct frpc_pd *pd);
/* Has the DSP raise an exception in the process, which is no more if it succeeds. */
int frpc_pd_raise(const struct frpc_pd *pd);
/* Asks the process for what every process can tell. 0 or -errno, and what it answered. */
int frpc_pd_ask(const struct frpc_pd *pd, int32_t *ret_status);
/* Is @status the DSP's word for a process that is no more? */
bool frpc_pd_means_gone(int32_t status);

#endif
