/* SPDX-License-Identifier: BSD-3-Clause */
/* Vector contexts: counted for the whole DSP, and for a process what it has reserved. */
#define FASTRPC_SKEL 1

#include "hap.h"
#include "qurt_hvx.h"

/* Takes one context for the thread. False: none is free now. Does not return if the process ends. */
static bool take(struct emu_hap *hap, bool wait)
{
	bool own;
	uint32_t got;

	pthread_mutex_lock(&hap->lock);
	own = hap->hvx_reserved_free > 0;
	if (own)
		hap->hvx_reserved_free--;
	pthread_mutex_unlock(&hap->lock);
	if (own)
		return true;
	got = emu_vtcm_take_hvx(hap->config.vtcm, 1, wait, &hap->ended);
	if (!got && atomic_load(&hap->ended))
		emu_hap_escape();
	return got != 0;
}

static void give(struct emu_hap *hap)
{
	bool own;

	pthread_mutex_lock(&hap->lock);
	own = hap->hvx_reserved_free < hap->hvx_reserved;
	if (own)
		hap->hvx_reserved_free++;
	pthread_mutex_unlock(&hap->lock);
	if (!own)
		emu_vtcm_give_hvx(hap->config.vtcm, 1);
}

static int lock(qurt_hvx_mode_t mode, bool wait)
{
	struct emu_hap_thread *thread = emu_hap_thread();

	if (!thread || mode > QURT_HVX_MODE_128B)
		return QURT_EVAL;
	if (!emu_vtcm_hvx_units(thread->hap->config.vtcm))
		return QURT_EFATAL;
	if (thread->hvx_mode >= 0) {
		if (thread->hvx_mode != (int)mode)
			return QURT_ENOTALLOWED;
		thread->hvx_depth++;
		return QURT_EOK;
	}
	if (!take(thread->hap, wait))
		return QURT_EFAILED;
	thread->hvx_mode = (int)mode;
	thread->hvx_depth = 1;
	return QURT_EOK;
}

int qurt_hvx_lock(qurt_hvx_mode_t lock_mode)
{
	return lock(lock_mode, true);
}

int qurt_hvx_try_lock(qurt_hvx_mode_t lock_mode)
{
	return lock(lock_mode, false);
}

int qurt_hvx_unlock(void)
{
	struct emu_hap_thread *thread = emu_hap_thread();

	if (!thread || thread->hvx_mode < 0)
		return QURT_EFAILED;
	if (--thread->hvx_depth)
		return QURT_EOK;
	thread->hvx_mode = -1;
	give(thread->hap);
	return QURT_EOK;
}

void emu_hap_hvx_drop(struct emu_hap_thread *thread)
{
	if (thread->hvx_mode < 0)
		return;
	thread->hvx_mode = -1;
	give(thread->hap);
}

int qurt_hvx_get_mode(void)
{
	return emu_hap_thread() ? emu_hap_thread()->hvx_mode : -1;
}

int qurt_hvx_get_units(void)
{
	struct emu_hap *hap = emu_hap_current();
	uint32_t units = hap ? emu_vtcm_hvx_units(hap->config.vtcm) : 0;

	return units ? (int)(units << 8 | units) : -1;
}

int qurt_hvx_reserve(int num_units)
{
	struct emu_hap *hap = emu_hap_current();
	uint32_t got;

	if (!hap || num_units < 0 || !emu_vtcm_hvx_units(hap->config.vtcm))
		return -1;
	got = emu_vtcm_take_hvx(hap->config.vtcm, (uint32_t)num_units, false, &hap->ended);
	pthread_mutex_lock(&hap->lock);
	hap->hvx_reserved += got;
	hap->hvx_reserved_free += got;
	pthread_mutex_unlock(&hap->lock);
	return got ? (int)got : -1;
}

int qurt_hvx_cancel_reserve(void)
{
	struct emu_hap *hap = emu_hap_current();
	uint32_t count;

	if (!hap)
		return QURT_EFAILED;
	/* Those in use come back one by one. */
	pthread_mutex_lock(&hap->lock);
	count = hap->hvx_reserved_free;
	hap->hvx_reserved = 0;
	hap->hvx_reserved_free = 0;
	pthread_mutex_unlock(&hap->lock);
	emu_vtcm_give_hvx(hap->config.vtcm, count);
	return QURT_EOK;
}
