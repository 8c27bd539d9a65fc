/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ioctl interface of the downstream driver (adsprpc), nodes /dev/adsprpc-smd and
 * /dev/adsprpc-smd-secure. frpc_dn_*: 64-bit clients; frpc_dn32_*: 32-bit ARM clients. Commands
 * without a frpc_dn32_ form have one layout for both. Four commands have the same number for both
 * but different layouts (MMAP_64, MUNMAP_64, MEM_MAP, MEM_UNMAP): the caller's bitness decides.
 * Source of the numbers: docs/abi.md.
 */
#ifndef FASTRPC_ABI_DOWNSTREAM_H
#define FASTRPC_ABI_DOWNSTREAM_H

#include "types.h"

/* ---- 64-bit clients ---- */

/* User-side argument. Handles: offset in pv, length in len, fd in fds[]. */
struct frpc_dn_arg {
	frpc_abi_u64 pv;
	frpc_abi_u64 len;
};

struct frpc_dn_invoke {
	uint32_t handle;
	uint32_t sc;
	frpc_abi_u64 pra; /* address of frpc_dn_arg[] */
};

struct frpc_dn_invoke_fd {
	struct frpc_dn_invoke inv;
	frpc_abi_u64 fds; /* int32_t[], -1 = none */
};

struct frpc_dn_invoke_attrs {
	struct frpc_dn_invoke inv;
	frpc_abi_u64 fds;
	frpc_abi_u64 attrs; /* uint32_t[] */
};

struct frpc_dn_invoke_crc {
	struct frpc_dn_invoke inv;
	frpc_abi_u64 fds;
	frpc_abi_u64 attrs;
	frpc_abi_u64 crc; /* uint32_t[64], out */
};

struct frpc_dn_invoke_perf {
	struct frpc_dn_invoke inv;
	frpc_abi_u64 fds;
	frpc_abi_u64 attrs;
	frpc_abi_u64 crc;
	frpc_abi_u64 perf_kernel; /* uint64_t[10], out */
	frpc_abi_u64 perf_dsp;	  /* uint64_t[12], out */
};

struct frpc_dn_init {
	uint32_t flags; /* enum frpc_dn_init_flags */
	uint32_t pad;
	frpc_abi_u64 file;
	uint32_t filelen;
	int32_t filefd;
	frpc_abi_u64 mem; /* must be 0 for a dynamic create */
	uint32_t memlen;
	int32_t memfd;
};

struct frpc_dn_init_attrs {
	struct frpc_dn_init init;
	int32_t attrs;
	uint32_t siglen;
};

struct frpc_dn_mmap {
	int32_t fd;
	uint32_t flags;
	frpc_abi_u64 vaddrin;
	frpc_abi_u64 size;
	frpc_abi_u64 vaddrout; /* out */
};

struct frpc_dn_munmap {
	frpc_abi_u64 vaddrout;
	frpc_abi_u64 size;
};

struct frpc_dn_munmap_fd {
	int32_t fd;
	uint32_t flags;
	frpc_abi_u64 va;
	frpc_abi_u64 len;
};

struct frpc_dn_mem_map {
	int32_t version;
	int32_t pad;
	int32_t fd;
	int32_t offset;
	uint32_t flags;
	int32_t attrs;
	frpc_abi_u64 vaddrin;
	frpc_abi_u64 length;
	frpc_abi_u64 vaddrout; /* out */
	int32_t reserved[4];
};

struct frpc_dn_mem_unmap {
	int32_t version;
	int32_t pad;
	int32_t fd;
	int32_t pad2;
	frpc_abi_u64 vaddr;
	frpc_abi_u64 length;
	int32_t reserved[4];
};

struct frpc_dn_invoke2 {
	uint32_t req;
	uint32_t pad;
	frpc_abi_u64 invparam;
	uint32_t size;
	int32_t err;
};

/* INVOKE2 ASYNC. The older form has no counters: its job stands 16 bytes earlier. */
struct frpc_dn_invoke_async {
	struct frpc_dn_invoke inv;
	frpc_abi_u64 fds;
	frpc_abi_u64 attrs;
	frpc_abi_u64 crc;
	frpc_abi_u64 perf_kernel;
	frpc_abi_u64 perf_dsp;
	frpc_abi_u64 job; /* address of a frpc_dn_async_job; 0 = an ordinary call */
};

struct frpc_dn_invoke_async_no_perf {
	struct frpc_dn_invoke inv;
	frpc_abi_u64 fds;
	frpc_abi_u64 attrs;
	frpc_abi_u64 crc;
	frpc_abi_u64 job;
};

/* INVOKE2 ASYNC_RESPONSE: all out. 32-bit clients get this layout, too, over their own. */
struct frpc_dn_async_response {
	frpc_abi_u64 jobid;
	int32_t result;
	frpc_abi_u64 perf_kernel; /* as given at submission */
	frpc_abi_u64 perf_dsp;
	uint32_t handle;
	uint32_t sc;
};

/* ---- both bitnesses ---- */

struct frpc_dn_async_job {
	uint32_t isasyncjob;
	frpc_abi_u64 jobid;
	uint32_t reserved;
};

/* INVOKE2 PROC_SHAREDBUF_INFO. */
struct frpc_dn_sharedbuf_info {
	int32_t buf_fd; /* -1 = none */
	int32_t buf_size;
};

struct frpc_dn_control {
	uint32_t req; /* enum frpc_dn_control_req */
	union {
		struct {
			uint32_t enable;
			uint32_t latency;
		} lp;
		uint32_t kalloc_support;
		uint32_t wp_enable;
		uint32_t pm_timeout;
		uint32_t smmu_sharedcb;
	};
};

struct frpc_dn_capability {
	uint32_t domain;
	uint32_t attribute_id;
	uint32_t capability; /* out */
};

struct frpc_dn_proc_sharedbuf {
	int32_t buf_fd;
	int32_t buf_size;
};

struct frpc_dn_sess_info {
	uint32_t domain_id; /* in: channel; out: 1 with SMMU, else 0 */
	uint32_t session_id;
	uint32_t pd_type;
	uint32_t sharedcb;
};

struct frpc_dn_notif_rsp {
	int32_t domain;
	int32_t session;
	uint32_t status;
};

struct frpc_dn_dspsignal_create {
	uint32_t signal_id;
	uint32_t flags;
};

struct frpc_dn_dspsignal_wait {
	uint32_t signal_id;
	uint32_t timeout_usec;
};

/* ---- 32-bit ARM clients ---- */

struct frpc_dn32_arg {
	uint32_t pv;
	uint32_t len;
};

struct frpc_dn32_invoke {
	uint32_t handle;
	uint32_t sc;
	uint32_t pra;
};

struct frpc_dn32_invoke_fd {
	struct frpc_dn32_invoke inv;
	uint32_t fds;
};

struct frpc_dn32_invoke_attrs {
	struct frpc_dn32_invoke inv;
	uint32_t fds;
	uint32_t attrs;
};

struct frpc_dn32_invoke_crc {
	struct frpc_dn32_invoke inv;
	uint32_t fds;
	uint32_t attrs;
	uint32_t crc;
};

struct frpc_dn32_invoke_perf {
	struct frpc_dn32_invoke inv;
	uint32_t fds;
	uint32_t attrs;
	uint32_t crc;
	uint32_t perf_kernel;
	uint32_t perf_dsp;
};

struct frpc_dn32_invoke_async {
	struct frpc_dn32_invoke inv;
	uint32_t fds;
	uint32_t attrs;
	uint32_t crc; /* not read by the driver */
	uint32_t perf_kernel;
	uint32_t perf_dsp;
	uint32_t job;
};

struct frpc_dn32_invoke_async_no_perf {
	struct frpc_dn32_invoke inv;
	uint32_t fds;
	uint32_t attrs;
	uint32_t crc;
	uint32_t job;
};

/* What a 32-bit client sets aside; the driver writes frpc_dn_async_response over it. */
struct frpc_dn32_async_response {
	frpc_abi_u64 jobid;
	int32_t result;
	uint32_t perf_kernel;
	uint32_t perf_dsp;
	uint32_t handle;
	uint32_t sc;
};

struct frpc_dn32_init {
	uint32_t flags;
	uint32_t file;
	uint32_t filelen;
	int32_t filefd;
	uint32_t mem;
	uint32_t memlen;
	int32_t memfd;
};

struct frpc_dn32_init_attrs {
	struct frpc_dn32_init init;
	int32_t attrs;
	uint32_t siglen;
};

struct frpc_dn32_mmap {
	int32_t fd;
	uint32_t flags;
	uint32_t vaddrin;
	uint32_t size;
	uint32_t vaddrout;
};

struct frpc_dn32_munmap {
	uint32_t vaddrout;
	uint32_t size;
};

struct frpc_dn32_munmap_fd {
	int32_t fd;
	uint32_t flags;
	uint32_t va;
	int32_t len;
};

struct frpc_dn32_mmap_64 {
	int32_t fd;
	uint32_t flags;
	frpc_abi_u64 vaddrin;
	uint32_t size;
	uint32_t pad;
	frpc_abi_u64 vaddrout;
};

struct frpc_dn32_munmap_64 {
	frpc_abi_u64 vaddrout;
	uint32_t size;
	uint32_t pad;
};

struct frpc_dn32_mem_map {
	int32_t version;
	int32_t pad;
	int32_t fd;
	int32_t offset;
	uint32_t flags;
	int32_t attrs;
	uint32_t vaddrin;
	uint32_t length;
	frpc_abi_u64 vaddrout;
	int32_t reserved[6];
};

struct frpc_dn32_mem_unmap {
	int32_t version;
	int32_t pad;
	int32_t fd;
	int32_t pad2;
	frpc_abi_u64 vaddr;
	uint32_t length;
	int32_t reserved[5];
};

struct frpc_dn32_invoke2 {
	uint32_t req;
	uint32_t invparam;
	uint32_t size;
	int32_t err;
};

/*
 * ---- commands ----
 * SETMODE's argument is the value itself. NOTIF_RSP is declared but not dispatched.
 */

/* SETMODE takes the value itself; NOTIF_RSP is not dispatched. */
#define FRPC_DN_IOCTL_INVOKE		    FRPC_ABI_IOWR(1, struct frpc_dn_invoke)
#define FRPC_DN_IOCTL_MMAP		    FRPC_ABI_IOWR(2, struct frpc_dn_mmap)
#define FRPC_DN_IOCTL_MUNMAP		    FRPC_ABI_IOWR(3, struct frpc_dn_munmap)
#define FRPC_DN_IOCTL_INVOKE_FD		    FRPC_ABI_IOWR(4, struct frpc_dn_invoke_fd)
#define FRPC_DN_IOCTL_SETMODE		    FRPC_ABI_IOWR(5, uint32_t)
#define FRPC_DN_IOCTL_INIT		    FRPC_ABI_IOWR(6, struct frpc_dn_init)
#define FRPC_DN_IOCTL_INVOKE_ATTRS	    FRPC_ABI_IOWR(7, struct frpc_dn_invoke_attrs)
#define FRPC_DN_IOCTL_GETINFO		    FRPC_ABI_IOWR(8, uint32_t)
#define FRPC_DN_IOCTL_INIT_ATTRS	    FRPC_ABI_IOWR(10, struct frpc_dn_init_attrs)
#define FRPC_DN_IOCTL_INVOKE_CRC	    FRPC_ABI_IOWR(11, struct frpc_dn_invoke_crc)
#define FRPC_DN_IOCTL_CONTROL		    FRPC_ABI_IOWR(12, struct frpc_dn_control)
#define FRPC_DN_IOCTL_MUNMAP_FD		    FRPC_ABI_IOWR(13, struct frpc_dn_munmap_fd)
#define FRPC_DN_IOCTL_MMAP_64		    FRPC_ABI_IOWR(14, struct frpc_dn_mmap)
#define FRPC_DN_IOCTL_MUNMAP_64		    FRPC_ABI_IOWR(15, struct frpc_dn_munmap)
#define FRPC_DN_IOCTL_GET_DSP_INFO	    FRPC_ABI_IOWR(17, struct frpc_dn_capability)
#define FRPC_DN_IOCTL_INVOKE2		    FRPC_ABI_IOWR(18, struct frpc_dn_invoke2)
#define FRPC_DN_IOCTL_MEM_MAP		    FRPC_ABI_IOWR(19, struct frpc_dn_mem_map)
#define FRPC_DN_IOCTL_MEM_UNMAP		    FRPC_ABI_IOWR(20, struct frpc_dn_mem_unmap)
#define FRPC_DN_IOCTL_INVOKE_PERF	    FRPC_ABI_IOWR(21, struct frpc_dn_invoke_perf)
#define FRPC_DN_IOCTL_NOTIF_RSP		    FRPC_ABI_IOWR(22, struct frpc_dn_notif_rsp)
#define FRPC_DN_IOCTL_DSPSIGNAL_CREATE	    FRPC_ABI_IOWR(23, struct frpc_dn_dspsignal_create)
#define FRPC_DN_IOCTL_DSPSIGNAL_DESTROY	    FRPC_ABI_IOWR(24, uint32_t)
#define FRPC_DN_IOCTL_DSPSIGNAL_SIGNAL	    FRPC_ABI_IOWR(25, uint32_t)
#define FRPC_DN_IOCTL_DSPSIGNAL_WAIT	    FRPC_ABI_IOWR(26, struct frpc_dn_dspsignal_wait)
#define FRPC_DN_IOCTL_DSPSIGNAL_CANCEL_WAIT FRPC_ABI_IOWR(27, uint32_t)

#define FRPC_DN32_IOCTL_INVOKE	     FRPC_ABI_IOWR(1, struct frpc_dn32_invoke)
#define FRPC_DN32_IOCTL_MMAP	     FRPC_ABI_IOWR(2, struct frpc_dn32_mmap)
#define FRPC_DN32_IOCTL_MUNMAP	     FRPC_ABI_IOWR(3, struct frpc_dn32_munmap)
#define FRPC_DN32_IOCTL_INVOKE_FD    FRPC_ABI_IOWR(4, struct frpc_dn32_invoke_fd)
#define FRPC_DN32_IOCTL_INIT	     FRPC_ABI_IOWR(6, struct frpc_dn32_init)
#define FRPC_DN32_IOCTL_INVOKE_ATTRS FRPC_ABI_IOWR(7, struct frpc_dn32_invoke_attrs)
#define FRPC_DN32_IOCTL_INIT_ATTRS   FRPC_ABI_IOWR(10, struct frpc_dn32_init_attrs)
#define FRPC_DN32_IOCTL_INVOKE_CRC   FRPC_ABI_IOWR(11, struct frpc_dn32_invoke_crc)
#define FRPC_DN32_IOCTL_MUNMAP_FD    FRPC_ABI_IOWR(13, struct frpc_dn32_munmap_fd)
#define FRPC_DN32_IOCTL_MMAP_64	     FRPC_ABI_IOWR(14, struct frpc_dn32_mmap_64)
#define FRPC_DN32_IOCTL_MUNMAP_64    FRPC_ABI_IOWR(15, struct frpc_dn32_munmap_64)
#define FRPC_DN32_IOCTL_INVOKE2	     FRPC_ABI_IOWR(18, struct frpc_dn32_invoke2)
#define FRPC_DN32_IOCTL_MEM_MAP	     FRPC_ABI_IOWR(19, struct frpc_dn32_mem_map)
#define FRPC_DN32_IOCTL_MEM_UNMAP    FRPC_ABI_IOWR(20, struct frpc_dn32_mem_unmap)
#define FRPC_DN32_IOCTL_INVOKE_PERF  FRPC_ABI_IOWR(21, struct frpc_dn32_invoke_perf)

/* ---- values ---- */

enum frpc_dn_init_flags {
	FRPC_DN_INIT_ATTACH = 0,
	FRPC_DN_INIT_CREATE = 1,
	FRPC_DN_INIT_CREATE_STATIC = 2,
	FRPC_DN_INIT_ATTACH_SENSORS = 3,
};

enum frpc_dn_control_req {
	FRPC_DN_CONTROL_LATENCY = 1,
	FRPC_DN_CONTROL_SMMU = 2,
	FRPC_DN_CONTROL_KALLOC = 3,
	FRPC_DN_CONTROL_WAKELOCK = 4,
	FRPC_DN_CONTROL_PM = 5,
	FRPC_DN_CONTROL_DSPPROCESS_CLEAN = 6,
	FRPC_DN_CONTROL_RPC_POLL = 7,
	FRPC_DN_CONTROL_ASYNC_WAKE = 8,
	FRPC_DN_CONTROL_NOTIF_WAKE = 9,
};

enum frpc_dn_invoke2_req {
	FRPC_DN_INVOKE2_ASYNC = 1,
	FRPC_DN_INVOKE2_ASYNC_RESPONSE = 2,
	FRPC_DN_INVOKE2_KERNEL_OPTIMIZATIONS = 3,
	FRPC_DN_INVOKE2_STATUS_NOTIF = 4,
	FRPC_DN_INVOKE2_PROC_SHAREDBUF_INFO = 5,
	FRPC_DN_INVOKE2_SESS_INFO = 6,
};

/* SETMODE. */
enum frpc_dn_mode {
	FRPC_DN_MODE_PARALLEL = 0,
	FRPC_DN_MODE_SERIAL = 1,
	FRPC_DN_MODE_PROFILE = 2,
	FRPC_DN_MODE_SESSION = 4,
};

#define FRPC_DN_ATTR_NOVA		0x1u
#define FRPC_DN_ATTR_NON_COHERENT	0x2u
#define FRPC_DN_ATTR_COHERENT		0x4u
#define FRPC_DN_ATTR_KEEP_MAP		0x8u
#define FRPC_DN_ATTR_NOMAP		0x10u
#define FRPC_DN_ATTR_FORCE_NOFLUSH	0x20u
#define FRPC_DN_ATTR_FORCE_NOINVALIDATE 0x40u

#define FRPC_DN_MMAP_HEAP	   4u
#define FRPC_DN_MMAP_DMA_BUFFER	   6u
#define FRPC_DN_MMAP_REMOTE_HEAP   8u
#define FRPC_DN_MMAP_ADD_PAGES	   0x1000u
#define FRPC_DN_MMAP_ADD_PAGES_LLC 0x3000u
#define FRPC_DN_MMAP_PERSIST_HDR   0x4000u

/* Process attributes (INIT_ATTRS on both drivers). */
#define FRPC_PROC_ATTR_DEBUG	       (1u << 0)
#define FRPC_PROC_ATTR_CRC	       (1u << 2)
#define FRPC_PROC_ATTR_UNSIGNED	       (1u << 3)
#define FRPC_PROC_ATTR_ADAPTIVE_QOS    (1u << 4)
#define FRPC_PROC_ATTR_PRIVILEGED      (1u << 6)
#define FRPC_PROC_ATTR_PD_DUMP	       (1u << 7)
#define FRPC_PROC_ATTR_KERNEL_COUNTERS (1u << 9)
#define FRPC_PROC_ATTR_DSP_COUNTERS    (1u << 10)
#define FRPC_PROC_ATTR_SYSTEM_UNSIGNED (1u << 17)

static_assert(sizeof(struct frpc_dn_invoke) == 16, "downstream: invoke");
static_assert(sizeof(struct frpc_dn_invoke_perf) == 56, "downstream: invoke_perf");
static_assert(sizeof(struct frpc_dn_invoke_async) == 64, "downstream: invoke_async");
static_assert(sizeof(struct frpc_dn_invoke_async_no_perf) == 48,
	      "downstream: invoke_async_no_perf");
static_assert(offsetof(struct frpc_dn_invoke_async_no_perf, job) == 40, "downstream: no_perf.job");
static_assert(sizeof(struct frpc_dn_async_job) == 24, "downstream: async_job");
static_assert(sizeof(struct frpc_dn_async_response) == 40, "downstream: async_response");
static_assert(offsetof(struct frpc_dn_async_response, handle) == 32, "downstream: response.handle");
static_assert(sizeof(struct frpc_dn_notif_rsp) == 12, "downstream: notif_rsp");
static_assert(sizeof(struct frpc_dn_sharedbuf_info) == 8, "downstream: sharedbuf_info");
static_assert(sizeof(struct frpc_dn32_invoke_perf) == 32, "downstream: invoke_perf (32-bit)");
static_assert(sizeof(struct frpc_dn32_invoke_async) == 36, "downstream: invoke_async (32-bit)");
static_assert(sizeof(struct frpc_dn32_invoke_async_no_perf) == 28,
	      "downstream: invoke_async_no_perf (32-bit)");
static_assert(sizeof(struct frpc_dn32_async_response) == 32, "downstream: async_response (32-bit)");
static_assert(sizeof(struct frpc_dn_init) == 40, "downstream: init");
static_assert(offsetof(struct frpc_dn_init, file) == 8, "downstream: init.file");
static_assert(offsetof(struct frpc_dn_init, filefd) == 20, "downstream: init.filefd");
static_assert(offsetof(struct frpc_dn_init, memlen) == 32, "downstream: init.memlen");
static_assert(sizeof(struct frpc_dn_init_attrs) == 48, "downstream: init_attrs");
static_assert(sizeof(struct frpc_dn_mmap) == 32, "downstream: mmap");
static_assert(sizeof(struct frpc_dn_munmap_fd) == 24, "downstream: munmap_fd");
static_assert(sizeof(struct frpc_dn_mem_map) == 64, "downstream: mem_map");
static_assert(offsetof(struct frpc_dn_mem_map, fd) == 8, "downstream: mem_map.fd");
static_assert(offsetof(struct frpc_dn_mem_map, vaddrout) == 40, "downstream: mem_map.vaddrout");
static_assert(sizeof(struct frpc_dn_mem_unmap) == 48, "downstream: mem_unmap");
static_assert(offsetof(struct frpc_dn_mem_unmap, vaddr) == 16, "downstream: mem_unmap.vaddr");
static_assert(sizeof(struct frpc_dn_invoke2) == 24, "downstream: invoke2");
static_assert(sizeof(struct frpc_dn_control) == 12, "downstream: control");
static_assert(sizeof(struct frpc_dn_capability) == 12, "downstream: capability");
static_assert(sizeof(struct frpc_dn_proc_sharedbuf) == 8, "downstream: proc_sharedbuf_info");
static_assert(sizeof(struct frpc_dn_sess_info) == 16, "downstream: sess_info");
static_assert(sizeof(struct frpc_dn32_init) == 28, "downstream: init (32-bit)");
static_assert(sizeof(struct frpc_dn32_init_attrs) == 36, "downstream: init_attrs (32-bit)");
static_assert(sizeof(struct frpc_dn32_mmap_64) == 32, "downstream: mmap_64 (32-bit)");
static_assert(sizeof(struct frpc_dn32_munmap_64) == 16, "downstream: munmap_64 (32-bit)");
static_assert(sizeof(struct frpc_dn32_mem_map) == 64, "downstream: mem_map (32-bit)");
static_assert(offsetof(struct frpc_dn32_mem_map, vaddrout) == 32, "downstream: mem_map (32-bit)");
static_assert(sizeof(struct frpc_dn32_mem_unmap) == 48, "downstream: mem_unmap (32-bit)");
static_assert(FRPC_DN_IOCTL_INVOKE == 0xC0105201u, "downstream: INVOKE");
static_assert(FRPC_DN_IOCTL_INIT_ATTRS == 0xC030520Au, "downstream: INIT_ATTRS");
static_assert(FRPC_DN_IOCTL_MMAP_64 == 0xC020520Eu, "downstream: MMAP_64");
static_assert(FRPC_DN_IOCTL_INVOKE2 == 0xC0185212u, "downstream: INVOKE2");
static_assert(FRPC_DN_IOCTL_MEM_MAP == 0xC0405213u, "downstream: MEM_MAP");
static_assert(FRPC_DN_IOCTL_MEM_UNMAP == 0xC0305214u, "downstream: MEM_UNMAP");
static_assert(FRPC_DN32_IOCTL_INVOKE == 0xC00C5201u, "downstream: INVOKE (32-bit)");
static_assert(FRPC_DN32_IOCTL_INIT_ATTRS == 0xC024520Au, "downstream: INIT_ATTRS (32-bit)");
static_assert(FRPC_DN32_IOCTL_MMAP_64 == 0xC020520Eu, "downstream: MMAP_64 (32-bit)");
static_assert(FRPC_DN32_IOCTL_MEM_MAP == 0xC0405213u, "downstream: MEM_MAP (32-bit)");

#endif
