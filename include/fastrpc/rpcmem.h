/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Buffers that a DSP can use without a copy: dma-bufs, mapped for the CPU and registered, so that
 * remote_handle*_invoke() passes any part of one in place. Every function may be called from any
 * thread; none blocks on the DSP. Memory comes from a dma-buf heap, else from the FastRPC driver,
 * else (where no device could use it anyway) from a memfd.
 */
#ifndef RPCMEM_H
#define RPCMEM_H

#include <stddef.h>
#include <stdint.h>

#include "AEEStdDef.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Flags. Where one says "refused", rpcmem_alloc() returns NULL and frpc_last_error() names it: no
 * heap of a current kernel gives such memory. docs/features.md has them all.
 */
#define RPCMEM_DEFAULT_FLAGS  1
#define RPCMEM_FLAG_UNCACHED  0
#define RPCMEM_FLAG_CACHED    RPCMEM_DEFAULT_FLAGS
#define RPCMEM_TRY_MAP_STATIC 0x04000000 /* mapped on every session; it works without as well */

#define RPCMEM_DEFAULT_HEAP	  -1	     /* means RPCMEM_HEAP_ID_SYSTEM */
#define RPCMEM_HEAP_DEFAULT	  0x80000000 /* means nothing */
#define RPCMEM_HEAP_NOREG	  0x40000000 /* not registered: remote_register_buf() is yours */
#define RPCMEM_HEAP_UNCACHED	  0x20000000 /* refused */
#define RPCMEM_HEAP_NOVA	  0x10000000 /* refused */
#define RPCMEM_HEAP_NONCOHERENT	  0x08000000 /* registered with FASTRPC_ATTR_NON_COHERENT */
#define RPCMEM_FORCE_NOINVALIDATE 0x02000000 /* and with FASTRPC_ATTR_FORCE_NOINVALIDATE */
#define RPCMEM_FORCE_NOFLUSH	  0x01000000 /* and with FASTRPC_ATTR_FORCE_NOFLUSH */
#define ION_SECURE_FLAGS	  ((1u << 31) | (1u << 19))

enum rpc_heap_ids {
	RPCMEM_HEAP_ID_SECURE = 9,
	RPCMEM_HEAP_ID_CONTIG = 22,
	RPCMEM_HEAP_ID_SYSTEM = 25,
};

/* Need not be called; kept for programs that do. May be called more than once. */
void rpcmem_init(void);
void rpcmem_deinit(void);

/*
 * Allocates @size bytes (1 or more; rounded up to pages), zeroed. The caller frees them with
 * rpcmem_free(). NULL: see frpc_last_error().
 */
void *rpcmem_alloc(int heapid, uint32_t flags, int size);
/* The same, for any size_t. */
void *rpcmem_alloc2(int heapid, uint32_t flags, size_t size);

static inline void *rpcmem_alloc_def(int size)
{
	return rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, size);
}

/* Frees what rpcmem_alloc() returned. NULL and foreign pointers are left alone. */
void rpcmem_free(void *po);

/*
 * The dma-buf of the buffer that begins at @po: owned by the library, valid until rpcmem_free().
 * -1: none.
 */
int rpcmem_to_fd(void *po);

/*
 * Makes CPU writes visible to the DSP, or DSP writes to the CPU, for @size bytes at @buffer inside
 * an rpcmem buffer (dma-buf sync). Not needed around remote_handle*_invoke(). 0, AEE_EBADPARM (not
 * in a buffer), AEE_EFAILED.
 */
int rpcmem_cache_flush(void *buffer, int size);
int rpcmem_cache_invalidate(void *buffer, int size);

#ifdef __cplusplus
}
#endif

#endif
