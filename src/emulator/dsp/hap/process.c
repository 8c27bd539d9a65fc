/* SPDX-License-Identifier: BSD-3-Clause */
/* HAP_ps, and what else a process asks of itself and its DSP. */
#define FASTRPC_SKEL 1

#include <stdio.h>
#include <unistd.h>

#include "AEEStdErr.h"
#include "HAP_debug.h"
#include "HAP_ps.h"
#include "hap.h"
#include "qurt_memory.h"
#include "qurt_thread.h"

#define USER_PD		 7
#define UNSIGNED_CEILING 64
#define HARDWARE_THREADS 6
#define ATTRIBUTE_ARCH	 6

int HAP_get_userpd_params(HAP_get_userpd_params_req_t *request)
{
	struct emu_hap *hap = emu_hap_current();

	if (!hap || !request)
		return AEE_EBADPARM;
	if (request->req_id != HAP_USERPD_PID)
		return AEE_EUNSUPPORTED;
	request->pid = (int32_t)hap->config.pid;
	return AEE_SUCCESS;
}

uint32_t emu_hap_priority_ceiling(const struct emu_hap *hap)
{
	return hap->config.is_unsigned ? UNSIGNED_CEILING : 1;
}

int HAP_get_thread_priority_ceiling(void)
{
	struct emu_hap *hap = emu_hap_current();

	return hap ? (int)emu_hap_priority_ceiling(hap) : 1;
}

int HAP_get_pd_type(void)
{
	return USER_PD;
}

int HAP_set_process_name(const char *name)
{
	struct emu_hap *hap = emu_hap_current();

	if (!hap || !name)
		return AEE_EBADPARM;
	pthread_mutex_lock(&hap->lock);
	snprintf(hap->name, sizeof(hap->name), "%s", name);
	pthread_mutex_unlock(&hap->lock);
	return AEE_SUCCESS;
}

/* Nobody here debugs with it, and no clock tells when a call of the host's threads will end. */
long HAP_debug_ptrace(int req, unsigned int pid, void *addr, void *data)
{
	(void)req, (void)pid, (void)addr, (void)data;
	return (int)AEE_EUNSUPPORTED;
}

int HAP_send_early_signal(uint32_t tid, uint32_t us)
{
	(void)tid, (void)us;
	return AEE_EUNSUPPORTED;
}

int qurt_sysenv_get_max_hw_threads(qurt_sysenv_max_hthreads_t *mhwt)
{
	if (!mhwt)
		return QURT_EVAL;
	mhwt->max_hthreads = HARDWARE_THREADS;
	return QURT_EOK;
}

int qurt_sysenv_get_arch_version(qurt_arch_version_t *vers)
{
	struct emu_hap *hap = emu_hap_current();

	if (!hap || !vers)
		return QURT_EVAL;
	vers->arch_version = hap->config.attributes[ATTRIBUTE_ARCH];
	return QURT_EOK;
}

int qurt_process_get_id(void)
{
	struct emu_hap *hap = emu_hap_current();

	return hap ? (int)hap->config.pid : QURT_EFATAL;
}

int qurt_sysenv_get_process_name(qurt_sysenv_procname_t *pname)
{
	struct emu_hap *hap = emu_hap_current();

	if (!hap || !pname)
		return QURT_EVAL;
	pname->asid = hap->config.pid;
	pthread_mutex_lock(&hap->lock);
	snprintf(pname->name, sizeof(pname->name), "%s", hap->name);
	pthread_mutex_unlock(&hap->lock);
	return QURT_EOK;
}

int qurt_mem_cache_clean(qurt_addr_t addr, qurt_size_t size, qurt_mem_cache_op_t opcode,
			 qurt_mem_cache_type_t type)
{
	if ((unsigned)opcode > QURT_MEM_CACHE_FLUSH_INVALIDATE_ALL ||
	    (unsigned)type > QURT_MEM_DCACHE ||
	    (opcode < QURT_MEM_CACHE_FLUSH_ALL && (!addr || addr + size < addr)))
		return QURT_EVAL;
	return QURT_EOK;
}
