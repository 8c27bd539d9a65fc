/* SPDX-License-Identifier: BSD-3-Clause */
#define FASTRPC_SKEL 1

#include "hmx.h"

#include <errno.h>

#include "hap.h"
#include "qurt_hmx.h"

int emu_hap_hmx_lock(uint32_t context, bool wait)
{
	struct emu_hap_thread *thread = emu_hap_thread();

	if (!thread)
		return -EINVAL;
	if (thread->hmx_depth && thread->hmx_context != context)
		return -EBUSY;
	if (!thread->hmx_depth &&
	    !emu_vtcm_take_hmx(thread->hap->config.vtcm, wait, &thread->hap->ended)) {
		if (atomic_load(&thread->hap->ended))
			emu_hap_escape();
		return -EBUSY;
	}
	thread->hmx_context = context;
	thread->hmx_depth++;
	return 0;
}

int emu_hap_hmx_unlock(uint32_t context)
{
	struct emu_hap_thread *thread = emu_hap_thread();

	if (!thread || !thread->hmx_depth || thread->hmx_context != context)
		return -EPERM;
	if (!--thread->hmx_depth)
		emu_vtcm_give_hmx(thread->hap->config.vtcm);
	return 0;
}

void emu_hap_hmx_drop(struct emu_hap_thread *thread)
{
	if (thread->hmx_depth)
		emu_vtcm_give_hmx(thread->hap->config.vtcm);
	thread->hmx_depth = 0;
}

static int lock(bool wait)
{
	struct emu_hap *hap = emu_hap_current();
	int res;

	if (!hap || !emu_hap_has_hmx(hap))
		return QURT_EFATAL;
	res = emu_hap_hmx_lock(0, wait);
	return !res ? QURT_EOK : res == -EBUSY ? QURT_EFAILED : QURT_EVAL;
}

int qurt_hmx_lock(void)
{
	return lock(true);
}

int qurt_hmx_try_lock(void)
{
	return lock(false);
}

int qurt_hmx_unlock(void)
{
	return emu_hap_hmx_unlock(0) ? QURT_EFAILED : QURT_EOK;
}
