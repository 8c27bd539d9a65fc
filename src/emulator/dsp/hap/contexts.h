/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The compute contexts of a process: what it holds of VTCM, the matrix unit and the right to run
 * alone, under a number. A cached one keeps its number and its address while it holds nothing.
 *
 * idle -> taking -> held -> idle ...; one that is not cached is made taking and freed when held.
 */
#ifndef EMU_DSP_HAP_CONTEXTS_H
#define EMU_DSP_HAP_CONTEXTS_H

#include "hap.h"

/*
 * Waits up to @timeout_us for what @request says; its release function is the skel's, and is called as
 * a thread of @hap's. A @cached context holds nothing yet, but has its address and size. 0, -E2BIG
 * (more than there is at all), -ETIMEDOUT, -ENOMEM. Does not return if the process ends meanwhile, and
 * neither does emu_hap_context_take().
 */
int emu_hap_context_new(struct emu_hap *hap, const struct emu_vtcm_request *request, bool cached,
			uint64_t timeout_us, struct emu_vtcm_grant *ret_grant);
/* -ENOENT: no such context, or not a cached one; -EBUSY: held, or being taken; -ETIMEDOUT; -ENOMEM. */
int emu_hap_context_take(struct emu_hap *hap, uint32_t id, uint64_t timeout_us);
/* -ENOENT, -EPERM: it is not held. What was in its memory is lost, and may not be touched. */
int emu_hap_context_give(struct emu_hap *hap, uint32_t id);
/* Held or not. -ENOENT; -EBUSY: being taken. */
int emu_hap_context_free(struct emu_hap *hap, uint32_t id);
bool emu_hap_context_holds_hmx(struct emu_hap *hap, uint32_t id);
/* Would a skel be called to release one? */
bool emu_hap_contexts_can_be_asked(struct emu_hap *hap);
/* All of them, when nothing is held any more. No thread may be in the process any more. */
void emu_hap_contexts_free(struct emu_hap *hap);

#endif
