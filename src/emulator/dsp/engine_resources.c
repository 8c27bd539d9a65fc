/* SPDX-License-Identifier: BSD-3-Clause */
#include "engine_resources.h"

#include <errno.h>
#include <unistd.h>

#include "wanted.h"

void emu_engine_resources_init(struct emu_engine_resources *resources, struct emu_hap *hap)
{
	*resources = (struct emu_engine_resources){.hap = hap, .events = -1};
}

void emu_engine_resources_destroy(struct emu_engine_resources *resources)
{
	emu_wanted_forget(resources, 0, 0);
	if (resources->events >= 0)
		close(resources->events);
}

/* What the request says fits its fields; and what is to be asked for can be told by its number. */
static bool makes_sense(const struct emu_host_call *call)
{
	return call->value[EMU_VTCM_SIZE] <= UINT32_MAX &&
	       call->value[EMU_VTCM_LEAST] <= call->value[EMU_VTCM_SIZE] &&
	       call->value[EMU_VTCM_PRIORITY] <= UINT32_MAX &&
	       (!call->value[EMU_VTCM_RELEASE] || call->number);
}

static int acquire(struct emu_engine_resources *resources, struct emu_host_call *call)
{
	const uint64_t function = call->value[EMU_VTCM_RELEASE];
	struct emu_hap *hap = resources->hap;
	struct emu_vtcm_request request = {
		.size = (uint32_t)call->value[EMU_VTCM_SIZE],
		.least = (uint32_t)call->value[EMU_VTCM_LEAST],
		.serialize = call->value[EMU_VTCM_SERIALIZE] != 0,
		.hmx = call->value[EMU_VTCM_HMX] != 0,
		.priority = (uint32_t)call->value[EMU_VTCM_PRIORITY],
	};
	struct emu_vtcm_grant grant;
	uintptr_t key = 0;
	int res;

	if (!makes_sense(call))
		return -EINVAL;
	if (function) {
		/* Before it is granted: another thread may release it at once. */
		key = emu_wanted_add(resources, resources->events, call->number, function,
				     call->value[EMU_VTCM_CONTEXT]);
		if (!key)
			return -ENOMEM;
		request.release = emu_wanted_tell;
		request.release_context = (void *)key;
	}
	res = emu_vtcm_acquire(hap->config.vtcm, hap, &request, call->number,
			       call->value[EMU_VTCM_TIMEOUT], &hap->ended, &grant);
	if (res) {
		if (key)
			emu_wanted_forget(resources, key, 0);
		return res;
	}
	call->number = grant.id;
	call->value[0] = (uintptr_t)grant.bytes;
	call->value[1] = grant.size;
	return 0;
}

/* ---- what is counted: the process gives back at its end what is in @hap then ---- */

/* Puts @count, which it has taken, on @held; returns it. */
static uint32_t put_on(struct emu_hap *hap, uint32_t *held, uint32_t count)
{
	pthread_mutex_lock(&hap->lock);
	*held += count;
	pthread_mutex_unlock(&hap->lock);
	return count;
}

/* Takes @count off @held, if it is so much. */
static bool take_off(struct emu_hap *hap, uint32_t *held, uint32_t count)
{
	bool enough;

	pthread_mutex_lock(&hap->lock);
	enough = count <= *held;
	if (enough)
		*held -= count;
	pthread_mutex_unlock(&hap->lock);
	return enough;
}

static uint32_t take_hvx(struct emu_hap *hap, const struct emu_host_call *call)
{
	return put_on(hap, &hap->hvx_reserved,
		      emu_vtcm_take_hvx(hap->config.vtcm, call->number, call->value[0] != 0,
					&hap->ended));
}

static int give_hvx(struct emu_hap *hap, uint32_t count)
{
	if (!take_off(hap, &hap->hvx_reserved, count))
		return -EINVAL;
	emu_vtcm_give_hvx(hap->config.vtcm, count);
	return 0;
}

static uint32_t take_hmx(struct emu_hap *hap, bool wait)
{
	return put_on(hap, &hap->remote_hmx,
		      emu_vtcm_take_hmx(hap->config.vtcm, wait, &hap->ended));
}

static int give_hmx(struct emu_hap *hap)
{
	if (!take_off(hap, &hap->remote_hmx, 1))
		return -EINVAL;
	emu_vtcm_give_hmx(hap->config.vtcm);
	return 0;
}

static uint32_t take_cache(struct emu_hap *hap, uint32_t bytes)
{
	bool taken = emu_vtcm_take_cache(hap->config.vtcm, bytes);

	put_on(hap, &hap->remote_cache, taken ? bytes : 0);
	return taken;
}

static int give_cache(struct emu_hap *hap, uint32_t bytes)
{
	if (!take_off(hap, &hap->remote_cache, bytes))
		return -EINVAL;
	emu_vtcm_give_cache(hap->config.vtcm, bytes);
	return 0;
}

bool emu_engine_resources_answer(struct emu_engine_resources *resources, struct emu_host_call *call)
{
	struct emu_hap *hap = resources->hap;
	struct emu_vtcm *vtcm = hap->config.vtcm;

	switch (call->kind) {
	case EMU_HOST_VTCM_ACQUIRE:
		call->res = acquire(resources, call);
		break;
	case EMU_HOST_VTCM_RELEASE:
		call->res = emu_vtcm_release(vtcm, hap, call->number);
		if (call->number)
			emu_wanted_forget(resources, 0, call->number);
		break;
	case EMU_HOST_VTCM_RELEASE_AT:
		call->res = emu_vtcm_release_at(vtcm, hap, (void *)(uintptr_t)call->value[0]);
		break;
	case EMU_HOST_VTCM_IS_WANTED:
		call->res = emu_vtcm_is_wanted(vtcm, hap, call->number);
		break;
	case EMU_HOST_VTCM_NEW_ID:
		call->number = emu_vtcm_new_id(vtcm);
		break;
	case EMU_HOST_VTCM_AVAILABLE:
		call->number = emu_vtcm_available(vtcm);
		break;
	case EMU_HOST_HVX_TAKE:
		call->number = take_hvx(hap, call);
		break;
	case EMU_HOST_HVX_GIVE:
		call->res = give_hvx(hap, call->number);
		break;
	case EMU_HOST_HMX_TAKE:
		call->number = take_hmx(hap, call->value[0] != 0);
		break;
	case EMU_HOST_HMX_GIVE:
		call->res = give_hmx(hap);
		break;
	case EMU_HOST_CACHE_TAKE:
		call->number = take_cache(hap, call->number);
		break;
	case EMU_HOST_CACHE_GIVE:
		call->res = give_cache(hap, call->number);
		break;
	case EMU_HOST_CACHE_AVAILABLE:
		call->number = emu_vtcm_cache_available(vtcm);
		break;
	default:
		return false;
	}
	return true;
}
