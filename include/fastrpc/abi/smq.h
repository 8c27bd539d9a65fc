/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What crosses the link between a FastRPC driver and a DSP, and what the shared metadata buffer
 * holds. Little endian, one datagram a message. Source of the numbers: docs/abi.md.
 */
#ifndef FASTRPC_ABI_SMQ_H
#define FASTRPC_ABI_SMQ_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* CPU to DSP: one call. */
struct frpc_smq_msg {
	uint32_t pid; /* client id (downstream) or tgid (mainline); 0: the driver's own call */
	uint32_t tid; /* Linux thread id of the caller */
	uint64_t ctx; /* names the call in its response; the low 4 bits are the PD type */
	uint32_t handle;
	uint32_t sc;	    /* scalars word */
	uint64_t page_addr; /* device address of the metadata buffer, bank id in bits 35..32 */
	uint64_t page_size; /* multiple of 4096 */
};

/* DSP to CPU: the short response, read by both drivers. */
struct frpc_smq_rsp {
	uint64_t ctx;
	int32_t retval;
	uint32_t pad;
};

/* DSP to CPU: the response with flags (downstream). */
struct frpc_smq_rsp_v2 {
	uint64_t ctx;
	int32_t retval;
	uint32_t flags;		  /* enum frpc_smq_rsp_flags */
	uint32_t early_wake_time; /* microseconds */
	uint32_t version;	  /* FRPC_SMQ_RSP_VERSION */
};

/* DSP to CPU: a process changed its state (downstream). */
struct frpc_smq_notif {
	uint64_t ctx;  /* FRPC_SMQ_NOTIF_CTX */
	uint32_t type; /* FRPC_SMQ_NOTIF_TYPE */
	uint32_t pid;
	uint32_t status;
	uint32_t pad;
};

enum frpc_smq_rsp_flags {
	FRPC_SMQ_NORMAL_RESPONSE = 0,
	FRPC_SMQ_EARLY_RESPONSE = 1,
	FRPC_SMQ_USER_EARLY_SIGNAL = 2,
	FRPC_SMQ_COMPLETE_SIGNAL = 3,
	FRPC_SMQ_STATUS_RESPONSE = 4,
	FRPC_SMQ_POLL_MODE = 5,
};

/* What a DSP writes into the poll word: an early response is announced; done with success. */
#define FRPC_SMQ_POLL_EARLY 0xABBCCDDEu
#define FRPC_SMQ_POLL_DONE  0xDECAFu

#define FRPC_SMQ_RSP_VERSION 2u
#define FRPC_SMQ_NOTIF_CTX   UINT64_C(0xABCDABCD)
#define FRPC_SMQ_NOTIF_TYPE  4u

/* Low 4 bits of frpc_smq_msg.ctx. */
#define FRPC_SMQ_PD_MASK    0xfu
#define FRPC_SMQ_PD_ROOT    0u
#define FRPC_SMQ_PD_USER    1u
#define FRPC_SMQ_PD_SENSORS 2u

/*
 * An argument as the DSP reads it. A copied argument's pv is a kernel address: use its low 12 bits.
 */
union frpc_smq_arg {
	struct {
		uint64_t pv;
		uint64_t len;
	} buf;
	struct {
		int32_t fd;
		uint32_t offset;
		uint32_t len;
		uint32_t pad;
	} dma;
};

struct frpc_smq_list {
	int32_t num;   /* page entries: 0 (empty argument) or 1 */
	int32_t pgidx; /* index of the page entry */
};

struct frpc_smq_page {
	uint64_t addr;
	uint64_t size;
};

#define FRPC_SMQ_MAX_FDS      16u
#define FRPC_SMQ_MAX_CRC      64u
#define FRPC_SMQ_MAX_COUNTERS 12u

/* Offsets of the parts of the metadata buffer, n = number of scalars. */
#define FRPC_SMQ_ARGS_AT(n)	   ((uint64_t)(n)*0)
#define FRPC_SMQ_LIST_AT(n)	   ((uint64_t)(n)*16)
#define FRPC_SMQ_PAGES_AT(n)	   ((uint64_t)(n)*24)
#define FRPC_SMQ_FDS_AT(n)	   ((uint64_t)(n)*40)
#define FRPC_SMQ_CRC_AT(n)	   ((uint64_t)(n)*40 + 128)
#define FRPC_SMQ_POLL_AT(n)	   ((uint64_t)(n)*40 + 384) /* downstream */
#define FRPC_SMQ_COUNTERS_AT(n)	   ((uint64_t)(n)*40 + 388) /* downstream; only 4-byte aligned */
#define FRPC_SMQ_LEN_DOWNSTREAM(n) ((uint64_t)(n)*40 + 484)
#define FRPC_SMQ_LEN_MAINLINE(n)   ((uint64_t)(n)*40 + 384)
#define FRPC_SMQ_LEN_ML_POLL(n)	   ((uint64_t)(n)*40 + 388) /* mainline 7.3 */

/* The scalars word. Arguments come in this order: in buffers, out buffers, in and out handles. */
#define FRPC_SC_ATTR(sc)       (((sc) >> 29) & 0x7u)
#define FRPC_SC_METHOD(sc)     (((sc) >> 24) & 0x1fu)
#define FRPC_SC_INBUFS(sc)     (((sc) >> 16) & 0xffu)
#define FRPC_SC_OUTBUFS(sc)    (((sc) >> 8) & 0xffu)
#define FRPC_SC_INHANDLES(sc)  (((sc) >> 4) & 0xfu)
#define FRPC_SC_OUTHANDLES(sc) ((sc)&0xfu)
#define FRPC_SC_BUFS(sc)       (FRPC_SC_INBUFS(sc) + FRPC_SC_OUTBUFS(sc))
#define FRPC_SC_LENGTH(sc)     (FRPC_SC_BUFS(sc) + FRPC_SC_INHANDLES(sc) + FRPC_SC_OUTHANDLES(sc))
#define FRPC_SC_MAKE(method, in, out)                                          \
	((((uint32_t)(method)&0x1fu) << 24) | (((uint32_t)(in)&0xffu) << 16) | \
	 (((uint32_t)(out)&0xffu) << 8))
#define FRPC_SC_MAKEX(method, in, out, inh, outh) \
	(FRPC_SC_MAKE(method, in, out) | (((uint32_t)(inh)&0xfu) << 4) | ((uint32_t)(outh)&0xfu))
#define FRPC_SC_MAX_ARGS (255u + 255u + 15u + 15u)

/* Handles that exist without being opened. */
enum frpc_static_handle {
	FRPC_HANDLE_REMOTECTL = 0,
	FRPC_HANDLE_PROCESS_GROUP = 1, /* the driver's: create, release, map */
	FRPC_HANDLE_DSP_UTILITIES = 2, /* the driver's: capabilities */
	FRPC_HANDLE_LISTENER = 3,
	FRPC_HANDLE_CURRENT_PROCESS1 = 4,
	FRPC_HANDLE_ADSPMSGD1 = 5,
	FRPC_HANDLE_PERF = 6,
	FRPC_HANDLE_LISTENER1 = 7,
	FRPC_HANDLE_REMOTECTL1 = 8,
	FRPC_HANDLE_PERF1 = 9,
	FRPC_HANDLE_STATIC_LAST = 10,
};

/* Scalars words of the calls that drivers make themselves: handle 1, handle 2. */
#define FRPC_SC_ATTACH	      0x00010000u
#define FRPC_SC_RELEASE	      0x01010000u
#define FRPC_SC_MMAP	      0x04020100u
#define FRPC_SC_MUNMAP	      0x05010000u
#define FRPC_SC_CREATE	      0x06040000u
#define FRPC_SC_CREATE_ATTR   0x07040000u
#define FRPC_SC_CREATE_STATIC 0x08030000u
#define FRPC_SC_HEAP_UNMAP    0x09010100u
#define FRPC_SC_MEM_MAP	      0x0a030100u
#define FRPC_SC_MEM_UNMAP     0x0b010000u
#define FRPC_SC_ATTACH_NAME   0x0c020000u
#define FRPC_SC_CAPABILITIES  0x00010100u /* handle 2 */
#define FRPC_SC_CPU_INFO      0x01010000u /* handle 2 */

/* First in-buffers of those calls. */
struct frpc_smq_create {
	int32_t pgid;
	uint32_t namelen; /* command name with its NUL */
	uint32_t filelen;
	uint32_t pageslen;
	int32_t attrs;
	int32_t siglen;
};

struct frpc_smq_create_static {
	int32_t pgid;
	uint32_t namelen;
	uint32_t pageslen;
};

struct frpc_smq_attach_name {
	uint32_t pgid;
	uint32_t namelen; /* command name with its NUL */
};

struct frpc_smq_mmap {
	int32_t pid;
	uint32_t flags;
	uint64_t vaddrin;
	int32_t num; /* bytes of page data: 16 */
	uint32_t pad;
};

struct frpc_smq_munmap {
	int32_t pid;
	uint32_t pad;
	uint64_t vaddrout;
	uint64_t size;
};

struct frpc_smq_mem_map {
	int32_t pid;
	int32_t fd;
	int32_t offset;
	uint32_t flags;
	uint64_t vaddrin;
	int32_t num;	  /* 16 */
	int32_t data_len; /* 0 */
};

struct frpc_smq_mem_unmap {
	int32_t pid;
	int32_t fd;
	uint64_t vaddrin; /* DSP address */
	uint64_t len;
};

#define FRPC_DSP_ATTRIBUTES 256u /* the DSP answers 1..255 */

static_assert(sizeof(struct frpc_smq_msg) == 40, "smq: call");
static_assert(offsetof(struct frpc_smq_msg, page_addr) == 24, "smq: call page");
static_assert(sizeof(struct frpc_smq_rsp) == 16, "smq: response");
static_assert(sizeof(struct frpc_smq_rsp_v2) == 24, "smq: response v2");
static_assert(sizeof(struct frpc_smq_notif) == 24, "smq: notification");
static_assert(sizeof(union frpc_smq_arg) == 16, "smq: argument");
static_assert(sizeof(struct frpc_smq_list) == 8, "smq: list entry");
static_assert(sizeof(struct frpc_smq_page) == 16, "smq: page entry");
static_assert(sizeof(struct frpc_smq_create) == 24, "smq: create");
static_assert(sizeof(struct frpc_smq_create_static) == 12, "smq: create static");
static_assert(sizeof(struct frpc_smq_attach_name) == 8, "smq: attach with name");
static_assert(sizeof(struct frpc_smq_mmap) == 24, "smq: mmap");
static_assert(sizeof(struct frpc_smq_munmap) == 24, "smq: munmap");
static_assert(sizeof(struct frpc_smq_mem_map) == 32, "smq: mem map");
static_assert(sizeof(struct frpc_smq_mem_unmap) == 24, "smq: mem unmap");

#ifdef __cplusplus
}
#endif

#endif
