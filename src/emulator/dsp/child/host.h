/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * In the program that is a DSP process: the DSP as its HAP functions see it, at the other end of a
 * socket (child.h).
 */
#ifndef EMU_DSP_CHILD_HOST_H
#define EMU_DSP_CHILD_HOST_H

#include <stdbool.h>

#include "../child.h"
#include "../hap/hap.h"

/*
 * Before something is said to the DSP and after something was heard: what one thread did before is
 * done for another one after. It is so by itself, but sanitizers do not see it.
 */
void emu_child_order(void);

/* Where threads send their sockets. Once, before the first call. */
void emu_child_set_host(int fd);
/* One call with what follows it both ways, on the calling thread's socket. False: there is no DSP. */
bool emu_child_call_host(struct emu_host_call *call, const void *bytes, void *out,
			 uint64_t out_len);
/* The same where nothing follows; the answer's result, or -EPIPE. */
int emu_child_ask_host(struct emu_host_call *call);

/* The host operations; they need no context. */
extern const struct emu_hap_host emu_child_hap_host;
/* Says of the calling thread's call whether the CPU serves a reverse call. */
void emu_child_set_nested(bool nested);

/* The DSP's vtcm.h from here. NULL: no memory. */
struct emu_vtcm *emu_child_vtcm(const struct emu_child_config *config);

#endif
