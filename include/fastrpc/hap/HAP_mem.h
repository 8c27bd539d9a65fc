/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory of a DSP process: its heap, and buffers that the CPU shares with it, by the CPU's fd. Any
 * thread. Functions return 0 or an error with the DSP's offset, if nothing else is said.
 */
#ifndef HAP_MEM_H
#define HAP_MEM_H

#include <stdint.h>
#include <stdlib.h>

#include "AEEStdErr.h"
#include "adsp_mmap.h"
#include "dsp_side.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The process's heap is the C library's. @pptr is written on success only. */
static inline int HAP_malloc(uint32_t bytes, void **pptr)
{
	void *memory = malloc(bytes);

	if (!memory)
		return AEE_ENOMEMORY;
	*pptr = memory;
	return AEE_SUCCESS;
}

static inline int HAP_free(void *ptr)
{
	free(ptr);
	return AEE_SUCCESS;
}

struct HAP_mem_stats {
	uint64_t bytes_free;
	uint64_t bytes_used;
	uint64_t seg_free;
	uint64_t seg_used;
	uint64_t min_grow_bytes;
};

/* On the emulator: of the host's heap, which all DSP processes share with their app. */
int HAP_mem_get_stats(struct HAP_mem_stats *stats) FRPC_DSP_SIDE(HAP_mem_get_stats);
/* How much the heap grows at a time: kept and reported, the host's heap grows as it likes. */
int HAP_mem_set_grow_size(uint64_t min, uint64_t max) FRPC_DSP_SIDE(HAP_mem_set_grow_size);
/* AEE_EUNSUPPORTED on the emulator, both: its heap is the host's. */
int HAP_mem_set_heap_thresholds(unsigned int low_largest_block_size,
				unsigned int high_largest_block_size)
	FRPC_DSP_SIDE(HAP_mem_set_heap_thresholds);
int HAP_mem_get_heap_info(void *info) FRPC_DSP_SIDE(HAP_mem_get_heap_info);
/* Bytes of stack below the caller's frame. */
uint64_t HAP_mem_available_stack(void) FRPC_DSP_SIDE(HAP_mem_available_stack);

#define HAP_PROT_READ  1
#define HAP_PROT_WRITE 2
#define HAP_PROT_EXEC  4

#define HAP_MEM_CACHE_WRITEBACK	   0x10
#define HAP_MEM_CACHE_NON_SHARED   0x20
#define HAP_MEM_CACHE_WRITETHROUGH 0x40
#define HAP_MEM_FLAGS_EXTENDED_MAP 0x100

/*
 * Maps @len bytes of the buffer that the CPU knows as @fd, which it has passed as a handle argument
 * or mapped with fastrpc_mmap(). @addr is NULL and @offset is 0. (void *)-1: no such buffer, longer
 * than it is, or PROT_EXEC. A buffer passed as a handle stays with the DSP until it is unmapped.
 */
void *HAP_mmap(void *addr, int len, int prot, int flags, int fd, long offset)
	FRPC_DSP_SIDE(HAP_mmap);
void *HAP_mmap2(void *addr, size_t len, int prot, int flags, int fd, long offset)
	FRPC_DSP_SIDE(HAP_mmap2);
int HAP_munmap(void *addr, int len) FRPC_DSP_SIDE(HAP_munmap);
int HAP_munmap2(void *addr, size_t len) FRPC_DSP_SIDE(HAP_munmap2);

/*
 * A buffer mapped with fastrpc_mmap(), counted: where it is and its device address (both optional).
 * HAP_mmap_put() undoes one HAP_mmap_get() and nothing else; AEE_ENOSUCHMAP: there is none left.
 */
int HAP_mmap_get(int fd, void **vaddr, uint64_t *paddr) FRPC_DSP_SIDE(HAP_mmap_get);
int HAP_mmap_put(int fd) FRPC_DSP_SIDE(HAP_mmap_put);

/*
 * Memory that the CPU allocates for this process and shares with its app: *@fd is the CPU's (for
 * HAP_mmap_get() and others), *@va where the app sees it. @flags are those of rpcmem_alloc();
 * rpcmem of this library needs none.
 */
int HAP_apps_mem_request(size_t size, uint32_t flags, int *fd, uint64_t *va)
	FRPC_DSP_SIDE(HAP_apps_mem_request);
/* AEE_ENOSUCHMAP: not of HAP_apps_mem_request(). */
int HAP_apps_mem_release(int fd) FRPC_DSP_SIDE(HAP_apps_mem_release);

enum HAP_mem_request_id {
	REQUEST_MEM_LOG_BLOCKS = 1,
	REQUEST_MEM_MARKER = 2,
	REQUEST_MAP = 3,
	REQUEST_UNMAP = 4,
	REQUEST_RESERVE_VA = 5,
	REQUEST_UNRESERVE_VA = 6,
};

/* Aligned as on the DSP, also in a 32-bit program of a PC. */
typedef uint64_t hap_mem_u64_t __attribute__((aligned(8)));

typedef struct {
	int32_t id; /* enum HAP_mem_request_id */
	__extension__ union {
		__extension__ struct {
			hap_mem_u64_t addr; /* 0; on a DSP also inside a reserved range */
			hap_mem_u64_t len;
			int prot, flags, fd;
			hap_mem_u64_t dsp_pa; /* 0 */
			hap_mem_u64_t dsp_va; /* out */
		} map;
		__extension__ struct {
			hap_mem_u64_t va, len;
		} unmap;
		__extension__ struct {
			hap_mem_u64_t len;
			int prot, flags;
			hap_mem_u64_t va; /* out */
		} reserve;
		__extension__ struct {
			hap_mem_u64_t va, len; /* all that was reserved there */
		} unreserve;
	};
} hap_mem_request_payload_t;

/*
 * Reserves address space, and maps buffers. AEE_EUNSUPPORTED: log blocks and markers, and on the
 * emulator, where a buffer lies in one place, a map into a reserved range; AEE_EBADPARM: no such
 * buffer or range.
 */
int HAP_mem_request(hap_mem_request_payload_t *request) FRPC_DSP_SIDE(HAP_mem_request);

#ifdef __cplusplus
}
#endif

#endif
