/* SPDX-License-Identifier: BSD-3-Clause */
/* vtcm.h in the program that is a DSP process: what is the DSP's is asked for there. */
#include "../vtcm.h"

#include <errno.h>
#include <stdlib.h>

#include "host.h"

struct emu_vtcm {
	uint32_t total, hvx_units, cache_total;
};

struct emu_vtcm *emu_child_vtcm(const struct emu_child_config *config)
{
	struct emu_vtcm *vtcm = calloc(1, sizeof(*vtcm));

	if (vtcm)
		*vtcm = (struct emu_vtcm){config->vtcm_total, config->hvx_units,
					  config->cache_total};
	return vtcm;
}

/* The number that comes back; 0 if there is no DSP. */
static uint32_t ask_number(uint32_t kind, uint32_t number, uint64_t value)
{
	struct emu_host_call call = {.kind = kind, .number = number, .value = {value}};

	return emu_child_ask_host(&call) ? 0 : call.number;
}

static int ask(uint32_t kind, uint32_t number, uint64_t value)
{
	struct emu_host_call call = {.kind = kind, .number = number, .value = {value}};

	return emu_child_ask_host(&call);
}

/* The DSP knows whose calls these are, and sees itself when the process ends. */
int emu_vtcm_acquire(struct emu_vtcm *vtcm, const void *owner,
		     const struct emu_vtcm_request *request, uint32_t id, uint64_t timeout_us,
		     const _Atomic bool *ended, struct emu_vtcm_grant *ret_grant)
{
	struct emu_host_call call = {
		.kind = EMU_HOST_VTCM_ACQUIRE,
		.number = id,
		.value = {[EMU_VTCM_SIZE] = request->size,
			  [EMU_VTCM_LEAST] = request->least,
			  [EMU_VTCM_SERIALIZE] = request->serialize,
			  [EMU_VTCM_HMX] = request->hmx,
			  [EMU_VTCM_PRIORITY] = request->priority,
			  [EMU_VTCM_TIMEOUT] = timeout_us,
			  [EMU_VTCM_RELEASE] = (uintptr_t)request->release,
			  [EMU_VTCM_CONTEXT] = (uintptr_t)request->release_context},
	};
	int res = emu_child_ask_host(&call);

	(void)vtcm, (void)owner, (void)ended;
	if (!res)
		*ret_grant = (struct emu_vtcm_grant){call.number, (void *)(uintptr_t)call.value[0],
						     (uint32_t)call.value[1]};
	return res;
}

int emu_vtcm_release(struct emu_vtcm *vtcm, const void *owner, uint32_t id)
{
	(void)vtcm, (void)owner;
	return ask(EMU_HOST_VTCM_RELEASE, id, 0);
}

int emu_vtcm_release_at(struct emu_vtcm *vtcm, const void *owner, const void *bytes)
{
	(void)vtcm, (void)owner;
	return ask(EMU_HOST_VTCM_RELEASE_AT, 0, (uintptr_t)bytes);
}

/* With the process, by the DSP. */
void emu_vtcm_release_all(struct emu_vtcm *vtcm, const void *owner)
{
	(void)vtcm, (void)owner;
}

int emu_vtcm_is_wanted(struct emu_vtcm *vtcm, const void *owner, uint32_t id)
{
	(void)vtcm, (void)owner;
	return ask(EMU_HOST_VTCM_IS_WANTED, id, 0);
}

uint32_t emu_vtcm_new_id(struct emu_vtcm *vtcm)
{
	(void)vtcm;
	return ask_number(EMU_HOST_VTCM_NEW_ID, 0, 0);
}

void emu_vtcm_wake(struct emu_vtcm *vtcm)
{
	(void)vtcm; /* who waits does so there */
}

uint32_t emu_vtcm_total(const struct emu_vtcm *vtcm)
{
	return vtcm->total;
}

uint32_t emu_vtcm_available(struct emu_vtcm *vtcm)
{
	(void)vtcm;
	return ask_number(EMU_HOST_VTCM_AVAILABLE, 0, 0);
}

uint32_t emu_vtcm_take_hvx(struct emu_vtcm *vtcm, uint32_t want, bool wait,
			   const _Atomic bool *ended)
{
	(void)vtcm, (void)ended;
	return ask_number(EMU_HOST_HVX_TAKE, want, wait);
}

void emu_vtcm_give_hvx(struct emu_vtcm *vtcm, uint32_t count)
{
	(void)vtcm;
	ask(EMU_HOST_HVX_GIVE, count, 0);
}

uint32_t emu_vtcm_hvx_units(const struct emu_vtcm *vtcm)
{
	return vtcm->hvx_units;
}

bool emu_vtcm_take_hmx(struct emu_vtcm *vtcm, bool wait, const _Atomic bool *ended)
{
	(void)vtcm, (void)ended;
	return ask_number(EMU_HOST_HMX_TAKE, 0, wait) != 0;
}

void emu_vtcm_give_hmx(struct emu_vtcm *vtcm)
{
	(void)vtcm;
	ask(EMU_HOST_HMX_GIVE, 0, 0);
}

bool emu_vtcm_take_cache(struct emu_vtcm *vtcm, uint32_t bytes)
{
	(void)vtcm;
	return ask_number(EMU_HOST_CACHE_TAKE, bytes, 0) != 0;
}

void emu_vtcm_give_cache(struct emu_vtcm *vtcm, uint32_t bytes)
{
	(void)vtcm;
	ask(EMU_HOST_CACHE_GIVE, bytes, 0);
}

uint32_t emu_vtcm_cache_available(struct emu_vtcm *vtcm)
{
	(void)vtcm;
	return ask_number(EMU_HOST_CACHE_AVAILABLE, 0, 0);
}

uint32_t emu_vtcm_cache_total(const struct emu_vtcm *vtcm)
{
	return vtcm->cache_total;
}
