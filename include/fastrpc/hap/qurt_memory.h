/* SPDX-License-Identifier: BSD-3-Clause */
/* Caches and memory. The host keeps its caches coherent: cleaning checks its arguments, no more. */
#ifndef QURT_MEMORY_H
#define QURT_MEMORY_H

#include <stdlib.h>

#include "qurt_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef uintptr_t qurt_addr_t;
typedef size_t qurt_size_t;

typedef enum {
	QURT_MEM_CACHE_FLUSH,
	QURT_MEM_CACHE_INVALIDATE,
	QURT_MEM_CACHE_FLUSH_INVALIDATE,
	QURT_MEM_CACHE_FLUSH_ALL,
	QURT_MEM_CACHE_FLUSH_INVALIDATE_ALL,
} qurt_mem_cache_op_t;

typedef enum {
	QURT_MEM_ICACHE,
	QURT_MEM_DCACHE,
} qurt_mem_cache_type_t;

int qurt_mem_cache_clean(qurt_addr_t addr, qurt_size_t size, qurt_mem_cache_op_t opcode,
			 qurt_mem_cache_type_t type) FRPC_DSP_SIDE(qurt_mem_cache_clean);

/*
 * Holds lines of the L2 cache, out of the budget of sysmon_cachelock.h. QURT_EVAL: not whole lines
 * of 128 bytes, or not locked; QURT_ENOTALLOWED: an unsigned process; QURT_EMEM: not so many left.
 */
int qurt_mem_l2cache_line_lock(qurt_addr_t addr, qurt_size_t size)
	FRPC_DSP_SIDE(qurt_mem_l2cache_line_lock);
int qurt_mem_l2cache_line_unlock(qurt_addr_t addr, qurt_size_t size)
	FRPC_DSP_SIDE(qurt_mem_l2cache_line_unlock);

static inline void *qurt_malloc(unsigned int size)
{
	return malloc(size);
}

static inline void *qurt_calloc(unsigned int count, unsigned int size)
{
	return calloc(count, size);
}

static inline void *qurt_realloc(void *memory, int size)
{
	return realloc(memory, (size_t)size);
}

static inline void qurt_free(void *memory)
{
	free(memory);
}

#ifdef __cplusplus
}
#endif

#endif
