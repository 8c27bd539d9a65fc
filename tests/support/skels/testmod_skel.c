/* SPDX-License-Identifier: BSD-3-Clause */
/* The DSP half of the test module: checks what arrives as generated skels do. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "AEEStdErr.h"
#include "remote.h"
#include "testmod.h"

int testmod_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra);

/* One per open handle: proves that methods 0 and 1 are the module's own open and close. */
struct instance {
	uint32_t magic;
	bool held; /* its close waits */
};

#define INSTANCE_MAGIC 0x7e57d00du

static _Atomic uint32_t call_count;
static unsigned char closes_may_go;

static int module_open(uint32_t sc, remote_arg *pra)
{
	struct instance *instance;
	uint64_t handle;

	if (REMOTE_SCALARS_INBUFS(sc) != 2 || REMOTE_SCALARS_OUTHANDLES(sc) != 1 ||
	    pra[0].buf.nLen < 4)
		return AEE_EBADPARM;
	instance = calloc(1, sizeof(*instance));
	if (!instance)
		return AEE_ENOMEMORY;
	instance->magic = INSTANCE_MAGIC;
	handle = (uintptr_t)instance;
	pra[2].h64 = handle;
	return 0;
}

static int sum(const remote_arg *pra)
{
	const int32_t *vector = pra[1].buf.pv;
	int64_t total = 0;
	uint32_t count;

	if (pra[0].buf.nLen < sizeof(count) || pra[2].buf.nLen < sizeof(total))
		return AEE_EBADPARM;
	memcpy(&count, pra[0].buf.pv, sizeof(count));
	if (pra[1].buf.nLen / sizeof(*vector) < count)
		return AEE_EBADPARM;
	for (uint32_t i = 0; i < count; i++)
		total += vector[i];
	memcpy(pra[2].buf.pv, &total, sizeof(total));
	return 0;
}

static int span(uint32_t sc, const remote_arg *pra)
{
	uint32_t ins = REMOTE_SCALARS_INBUFS(sc);
	uint64_t total = 0;

	if (REMOTE_SCALARS_OUTBUFS(sc) != 1 || pra[ins].buf.nLen < sizeof(total))
		return AEE_EBADPARM;
	for (uint32_t i = 0; i < ins; i++) {
		const unsigned char *bytes = pra[i].buf.pv;

		for (size_t k = 0; k < pra[i].buf.nLen; k++)
			total += bytes[k];
	}
	memcpy(pra[ins].buf.pv, &total, sizeof(total));
	return 0;
}

static int wait_at_gate(const unsigned char *gate)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	while (!__atomic_load_n(gate, __ATOMIC_ACQUIRE))
		nanosleep(&pause, NULL);
	return 0;
}

static int call(struct instance *instance, uint32_t method, uint32_t sc, remote_arg *pra)
{
	uint32_t count = atomic_fetch_add(&call_count, 1);
	int32_t value;

	switch (method) {
	case TESTMOD_EMPTY:
		return 0;
	case TESTMOD_SUM:
		if (sc != REMOTE_SCALARS_MAKE(TESTMOD_SUM, 2, 1))
			return AEE_EBADPARM;
		return sum(pra);
	case TESTMOD_ECHO:
		if (pra[0].buf.nLen != pra[1].buf.nLen)
			return AEE_EBADPARM;
		if (pra[0].buf.nLen)
			memcpy(pra[1].buf.pv, pra[0].buf.pv, pra[0].buf.nLen);
		return 0;
	case TESTMOD_ENDS:
		if (!pra[0].buf.nLen || !pra[1].buf.nLen)
			return AEE_EBADPARM;
		((unsigned char *)pra[1].buf.pv)[pra[1].buf.nLen - 1] =
			*(const unsigned char *)pra[0].buf.pv;
		return 0;
	case TESTMOD_COUNT:
		memcpy(pra[0].buf.pv, &count, sizeof(count));
		return 0;
	case TESTMOD_RETURN:
		memcpy(&value, pra[0].buf.pv, sizeof(value));
		return value;
	case TESTMOD_WAIT:
		return wait_at_gate(pra[0].buf.pv);
	case TESTMOD_SPAN:
		return span(sc, pra);
	case TESTMOD_TOUCH:
		if (!pra[0].buf.nLen)
			return AEE_EBADPARM;
		((unsigned char *)pra[0].buf.pv)[pra[0].buf.nLen - 1] =
			*(unsigned char *)pra[0].buf.pv;
		return 0;
	case TESTMOD_HOLD:
		instance->held = true;
		__atomic_store_n(&closes_may_go, 0, __ATOMIC_RELEASE);
		return 0;
	case TESTMOD_SPOIL:
		memset(pra, 0x7f, REMOTE_SCALARS_LENGTH(sc) * sizeof(*pra));
		return 0;
	case TESTMOD_LET_GO:
		__atomic_store_n(&closes_may_go, 1, __ATOMIC_RELEASE);
		return 0;
	default:
		return AEE_EUNSUPPORTED;
	}
}

__attribute__((visibility("default"))) int testmod_skel_handle_invoke(remote_handle64 h,
								      uint32_t sc, remote_arg *pra)
{
	struct instance *instance = (struct instance *)(uintptr_t)h;
	uint32_t method = REMOTE_SCALARS_METHOD(sc);

	if (method == TESTMOD_OPEN)
		return module_open(sc, pra);
	if (!instance || instance->magic != INSTANCE_MAGIC)
		return AEE_EINVHANDLE;
	if (method == TESTMOD_CLOSE) {
		if (instance->held)
			wait_at_gate(&closes_may_go);
		free(instance);
		return 0;
	}
	return call(instance, method, sc, pra);
}
