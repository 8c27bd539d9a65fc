/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FastRPC calls from the CPU into a DSP: the interface of Qualcomm's libcdsprpc and libadsprpc.
 *
 * Unless said otherwise a function returns 0 (AEE_SUCCESS), a number of AEEStdErr.h for a failure
 * on the CPU, or whatever a DSP method returned (its own error numbers carry 0x80000400); it may be
 * called from any thread, and fastrpc.h tells the details of a failure. Calls that reach the DSP
 * block until it answers. A `domain` is a DSP (0..7) or an effective domain id (domain + 8 *
 * session, session 0..3); -1 means the library's default domain, cdsp in libfastrpc.
 */
#ifndef REMOTE_H
#define REMOTE_H

#include <stddef.h>
#include <stdint.h>

#include "AEEStdDef.h"
#include "dsp_side.h"
#ifdef FASTRPC_SKEL
#include "hap/adsp_mmap.h" /* which generated skels declare and do not include */
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- domains ---- */

#define ADSP_DOMAIN_ID	0
#define MDSP_DOMAIN_ID	1
#define SDSP_DOMAIN_ID	2
#define CDSP_DOMAIN_ID	3
#define CDSP1_DOMAIN_ID 4

#define ADSP_DOMAIN_NAME  "adsp"
#define MDSP_DOMAIN_NAME  "mdsp"
#define SDSP_DOMAIN_NAME  "sdsp"
#define CDSP_DOMAIN_NAME  "cdsp"
#define CDSP1_DOMAIN_NAME "cdsp1"
#define GDSP0_DOMAIN_NAME "gdsp0"
#define GDSP1_DOMAIN_NAME "gdsp1"

/* What a module's URI ends with to choose its domain. */
#define ADSP_DOMAIN  "&_dom=adsp"
#define MDSP_DOMAIN  "&_dom=mdsp"
#define SDSP_DOMAIN  "&_dom=sdsp"
#define CDSP_DOMAIN  "&_dom=cdsp"
#define CDSP1_DOMAIN "&_dom=cdsp1"
#define GDSP0_DOMAIN "&_dom=gdsp0"
#define GDSP1_DOMAIN "&_dom=gdsp1"

#define MAX_DOMAIN_URI_SIZE 12
#define MAX_DOMAIN_NAMELEN  30

/* Names that begin with these characters are commands to the library, not modules. */
#define ITRANSPORT_PREFIX "'\":;./\\"

struct domain {
	int id;
	char uri[MAX_DOMAIN_URI_SIZE];
};
typedef struct domain domain_t;
#ifdef __cplusplus
typedef struct domain domain;
#endif

/*
 * ---- calls ----
 *
 * In a skel the same functions call the CPU: they open the services that the client library offers
 * there by plain name (apps_std, apps_mem, adspmsgd_apps), and calls wait for its listener.
 */

typedef uint32_t remote_handle;
typedef uint64_t remote_handle64;

/*
 * The scalars word of a call: attribute (3 bits), method (5), number of in buffers (8), of out
 * buffers (8), of in handles (4), of out handles (4).
 */
#define REMOTE_SCALARS_METHOD_ATTR(dwScalars) (((dwScalars) >> 29) & 0x7)
#define REMOTE_SCALARS_METHOD(dwScalars)      (((dwScalars) >> 24) & 0x1f)
#define REMOTE_SCALARS_INBUFS(dwScalars)      (((dwScalars) >> 16) & 0x0ff)
#define REMOTE_SCALARS_OUTBUFS(dwScalars)     (((dwScalars) >> 8) & 0x0ff)
#define REMOTE_SCALARS_INHANDLES(dwScalars)   (((dwScalars) >> 4) & 0x0f)
#define REMOTE_SCALARS_OUTHANDLES(dwScalars)  ((dwScalars)&0x0f)

#define REMOTE_SCALARS_MAKEX(nAttr, nMethod, nIn, nOut, noIn, noOut)            \
	((((uint32_t)(nAttr)&0x7) << 29) | (((uint32_t)(nMethod)&0x1f) << 24) | \
	 (((uint32_t)(nIn)&0xff) << 16) | (((uint32_t)(nOut)&0xff) << 8) |      \
	 (((uint32_t)(noIn)&0x0f) << 4) | ((uint32_t)(noOut)&0x0f))
#define REMOTE_SCALARS_MAKE(nMethod, nIn, nOut) REMOTE_SCALARS_MAKEX(0, nMethod, nIn, nOut, 0, 0)

/* Number of entries of a call's remote_arg array. */
#define REMOTE_SCALARS_LENGTH(sc)                                                                \
	(REMOTE_SCALARS_INBUFS(sc) + REMOTE_SCALARS_OUTBUFS(sc) + REMOTE_SCALARS_INHANDLES(sc) + \
	 REMOTE_SCALARS_OUTHANDLES(sc))

/* A buffer: nLen bytes; pv may be NULL when nLen is 0. */
typedef struct remote_buf {
	void *pv;
	size_t nLen;
} remote_buf;

typedef struct remote_buf64 {
	uint64_t pv;
	int64_t nLen;
} remote_buf64;

/* A dma-buf as a handle argument; its length is told with remote_register_dma_handle(). */
typedef struct remote_dma_handle {
	int32_t fd;
	uint32_t offset;
} remote_dma_handle;

typedef struct remote_dma_handle64 {
	int32_t fd;
	uint32_t offset;
	uint32_t len;
} remote_dma_handle64;

/* One argument of a call; order: in buffers, out buffers, in handles, out handles. */
typedef union remote_arg {
	remote_buf buf;
	remote_handle h;
	remote_handle64 h64;
	remote_dma_handle dma;
} remote_arg;

typedef union remote_arg64 {
	remote_buf64 buf;
	remote_handle h;
	remote_handle64 h64;
	remote_dma_handle64 dma;
} remote_arg64;

/*
 * Opens the module @name on the default domain ("calculator": libcalculator_skel.so, entry
 * calculator_skel_invoke; a URI as below works too). *@ph is written on success only.
 */
int remote_handle_open(const char *name, remote_handle *ph) FRPC_DSP_SIDE(remote_handle_open);

/*
 * Opens the module that the URI @name describes, on the domain and session it names, and the
 * session if need be: file:///LIBRARY?ENTRY&_modver=1.0&_dom=cdsp[&_session=N]. AEE_EBADPARM: no
 * URI of this form, unknown domain or session; 0x80000406: the DSP did not find the library;
 * 0x80000442: no such entry in it; 0x80000452: no library for this DSP.
 */
int remote_handle64_open(const char *name, remote_handle64 *ph) FRPC_DSP_SIDE(remote_handle64_open);

/*
 * Calls a method: @dwScalars says which and how many arguments @pra has. @pra and the buffers are
 * the caller's and are used until the call returns. Buffers that lie in registered memory
 * (rpcmem.h, remote_register_buf()) are passed in place, others are copied. AEE_EINVHANDLE: @h is
 * not open; AEE_EBADPARM: NULL where there must be an argument, or a length beyond the registered
 * buffer; AEE_EEXPIRED: the driver's limit of calls at a time is reached.
 */
int remote_handle_invoke(remote_handle h, uint32_t dwScalars, remote_arg *pra)
	FRPC_DSP_SIDE(remote_handle_invoke);
int remote_handle64_invoke(remote_handle64 h, uint32_t dwScalars, remote_arg *pra)
	FRPC_DSP_SIDE(remote_handle64_invoke);

/*
 * Closes a handle: at once invalid for everybody; calls that run on it end normally. The last one
 * of a session ends the session, waiting for the DSP at most 2 s (then AEE_EEXPIRED).
 */
int remote_handle_close(remote_handle h) FRPC_DSP_SIDE(remote_handle_close);
int remote_handle64_close(remote_handle64 h) FRPC_DSP_SIDE(remote_handle64_close);

/* ---- asynchronous calls ---- */

enum fastrpc_async_notify_type {
	FASTRPC_ASYNC_NO_SYNC,
	FASTRPC_ASYNC_CALLBACK,
	FASTRPC_ASYNC_POLL,
};

typedef uint64_t fastrpc_async_jobid;

typedef struct fastrpc_async_callback {
	void (*fn)(fastrpc_async_jobid jobid, void *context, int result);
	void *context;
} fastrpc_async_callback_t;

typedef struct fastrpc_async_descriptor {
	enum fastrpc_async_notify_type type;
	fastrpc_async_jobid jobid; /* out */
	fastrpc_async_callback_t cb;
} fastrpc_async_descriptor_t;

/*
 * Starts a call and does not wait for it; @desc says how its end is told, and gets the job's id. In
 * buffers may be used again at once, out buffers (which must be rpcmem or registered ones) when the
 * job has ended. NO_SYNC: it is not told. CALLBACK: @cb.fn gets the result, on a thread of the
 * session, one at a time; it may call everything, but what it waits for must not be another
 * callback. POLL: fastrpc_async_get_status() tells. Jobs end in no particular order. When the
 * session is closed, those under way end with AEE_EINTERRUPTED, when its DSP goes down with
 * AEE_ECONNRESET. AEE_EUNSUPPORTED where driver or DSP have no such calls (ASYNC_FASTRPC_SUPPORT);
 * AEE_EEXPIRED: too many calls are under way.
 */
int remote_handle_invoke_async(remote_handle h, fastrpc_async_descriptor_t *desc,
			       uint32_t dwScalars, remote_arg *pra);
int remote_handle64_invoke_async(remote_handle64 h, fastrpc_async_descriptor_t *desc,
				 uint32_t dwScalars, remote_arg *pra);
/*
 * Waits up to @timeout_us (0: not at all, negative: without end) and writes the call's result.
 * AEE_EBUSY: it is still under way; AEE_EBADPARM: no such job, or a NO_SYNC one.
 */
int fastrpc_async_get_status(fastrpc_async_jobid jobid, int timeout_us, int *result);
/*
 * Forgets a job that has ended, but NO_SYNC ones, which are forgotten then. AEE_EBUSY,
 * AEE_EBADPARM.
 */
int fastrpc_release_async_job(fastrpc_async_jobid jobid);

/* ---- control of a handle or a DSP ---- */

enum handle_control_req_id {
	DSPRPC_RESERVED = 0,
	DSPRPC_CONTROL_LATENCY = 1,
	DSPRPC_GET_DSP_INFO = 2,
	DSPRPC_CONTROL_WAKELOCK = 3,
	DSPRPC_GET_DOMAIN = 4,
	DSPRPC_SET_PATH = 5,
	DSPRPC_GET_PATH = 6,
	DSPRPC_SMMU_SUPPORT = 7,
	DSPRPC_KALLOC_SUPPORT = 8,
	DSPRPC_PM = 9,
	DSPRPC_RPC_POLL = 10,
	DSPRPC_ASYNC_WAKE = 11,
	DSPRPC_NOTIF_WAKE = 12,
	DSPRPC_REMOTE_PROCESS_KILL = 13,
	DSPRPC_SET_MODE = 14,
};

enum remote_rpc_latency_flags {
	RPC_DISABLE_QOS = 0,
	RPC_PM_QOS = 1,
	RPC_ADAPTIVE_QOS = 2,
	RPC_POLL_QOS = 3,
};

struct remote_rpc_control_latency {
	uint32_t enable;  /* enum remote_rpc_latency_flags */
	uint32_t latency; /* microseconds */
};

enum remote_dsp_attributes {
	DOMAIN_SUPPORT = 0,
	UNSIGNED_PD_SUPPORT = 1,
	HVX_SUPPORT_64B = 2,
	HVX_SUPPORT_128B = 3,
	VTCM_PAGE = 4,
	VTCM_COUNT = 5,
	ARCH_VER = 6,
	HMX_SUPPORT_DEPTH = 7,
	HMX_SUPPORT_SPATIAL = 8,
	ASYNC_FASTRPC_SUPPORT = 9,
	STATUS_NOTIFICATION_SUPPORT = 10,
	MCID_MULTICAST = 11,
};

/* DSPRPC_GET_DSP_INFO */
typedef struct remote_dsp_capability {
	uint32_t domain;
	uint32_t attribute_ID; /* enum remote_dsp_attributes */
	uint32_t capability;   /* out */
} fastrpc_capability;

#define FASTRPC_WAKELOCK_CONTROL_SUPPORTED 1

struct remote_rpc_control_wakelock {
	uint32_t enable;
};

/* DSPRPC_GET_DOMAIN */
typedef struct remote_rpc_get_domain {
	int domain; /* out: the effective domain id */
} remote_rpc_get_domain_t;

struct remote_control_custom_path {
	int32_t value_size;
	const char *path;
	char *value;
};

/*
 * Requests that belong to no handle: @req of enum handle_control_req_id, @data the caller's struct
 * for it, of @datalen bytes exactly, used until the function returns.
 * DSPRPC_CONTROL_LATENCY: struct remote_rpc_control_latency, for the default domain's session.
 * DSPRPC_GET_DSP_INFO: struct remote_dsp_capability. DSPRPC_CONTROL_WAKELOCK: struct
 * remote_rpc_control_wakelock. DSPRPC_GET_DOMAIN: struct remote_rpc_get_domain. AEE_EBADPARM: no
 * @data, or another size; AEE_ENOSESSION: latency without an open session; AEE_EUNSUPPORTED: every
 * other request, and what docs/features.md says of these.
 */
int remote_handle_control(uint32_t req, void *data, uint32_t datalen);
/*
 * The same requests, latency and domain being those of the session of @h. AEE_EINVHANDLE: @h is not
 * open; AEE_EUNSUPPORTED: also DSPRPC_GET_DSP_INFO, which belongs to no handle.
 */
int remote_handle64_control(remote_handle64 h, uint32_t req, void *data, uint32_t datalen);

/* ---- control of a session ---- */

enum session_control_req_id {
	FASTRPC_RESERVED_1 = 0,
	FASTRPC_THREAD_PARAMS = 1,
	DSPRPC_CONTROL_UNSIGNED_MODULE = 2,
	FASTRPC_RESERVED_2 = 3,
	FASTRPC_RELATIVE_THREAD_PRIORITY = 4,
	FASTRPC_RESERVED_3 = 5,
	FASTRPC_REMOTE_PROCESS_KILL = 6,
	FASTRPC_SESSION_CLOSE = 7,
	FASTRPC_CONTROL_PD_DUMP = 8,
	FASTRPC_REMOTE_PROCESS_EXCEPTION = 9,
	FASTRPC_REMOTE_PROCESS_TYPE = 10,
	FASTRPC_REGISTER_STATUS_NOTIFICATIONS = 11,
	FASTRPC_PD_INITMEM_SIZE = 12,
	FASTRPC_RESERVE_NEW_SESSION = 13,
	FASTRPC_GET_EFFECTIVE_DOMAIN_ID = 14,
	FASTRPC_GET_URI = 15,
	FASTRPC_MAX_THREAD_PARAM = 16,
	FASTRPC_CONTEXT_CREATE = 17,
	FASTRPC_CONTEXT_DESTROY = 18,
};

/* FASTRPC_THREAD_PARAMS, before the session is opened; domain -1: every domain. */
struct remote_rpc_thread_params {
	int domain;
	int prio;	/* 1 (most urgent)..255, -1: default */
	int stack_size; /* bytes, 16 KiB..8 MiB, -1: default */
};

/* DSPRPC_CONTROL_UNSIGNED_MODULE, before the session is opened (else AEE_EALREADYLOADED). */
struct remote_rpc_control_unsigned_module {
	int domain;
	int enable;
};

/* FASTRPC_RELATIVE_THREAD_PRIORITY: to the default one, which is 192; before the session opens. */
struct remote_rpc_relative_thread_priority {
	int domain;
	int relative_thread_priority; /* negative: more urgent */
};

/*
 * FASTRPC_REMOTE_PROCESS_KILL and FASTRPC_REMOTE_PROCESS_EXCEPTION end the process of an open
 * session: its handles answer AEE_ECONNRESET from then on, and the next open makes a new process.
 */
typedef struct remote_rpc_process_clean_params {
	int domain;
} remote_rpc_process_exception;

/* FASTRPC_SESSION_CLOSE: closes every handle of the session. */
struct remote_rpc_session_close {
	int domain;
};

/* FASTRPC_CONTROL_PD_DUMP: may a crash of the process be dumped? Before the session opens. */
struct remote_rpc_control_pd_dump {
	int domain;
	int enable;
};

enum fastrpc_process_type {
	PROCESS_TYPE_SIGNED = 0,
	PROCESS_TYPE_UNSIGNED = 1,
};

/* FASTRPC_REMOTE_PROCESS_TYPE: what a session of @domain is, or would be when it opens. */
struct remote_process_type {
	int domain;
	int process_type; /* out: enum fastrpc_process_type */
};

typedef enum remote_rpc_status_flags {
	FASTRPC_USER_PD_UP = 0,
	FASTRPC_USER_PD_EXIT = 1,
	FASTRPC_USER_PD_FORCE_KILL = 2,
	FASTRPC_USER_PD_EXCEPTION = 3,
	FASTRPC_DSP_SSR = 4,
} remote_rpc_status_flags_t;

/*
 * Called on a thread of the library when something has become of the process of @session (0..3) on
 * @domain (0..7). The result does not matter.
 */
typedef int (*fastrpc_notif_fn_t)(void *context, int domain, int session,
				  remote_rpc_status_flags_t status);

/*
 * FASTRPC_REGISTER_STATUS_NOTIFICATIONS: for every session of @domain, now and later (an effective
 * id of another session than 0: for that one). It cannot be undone. AEE_EUNSUPPORTED where the
 * driver cannot tell.
 */
typedef struct remote_rpc_notif_register {
	void *context;
	int domain;
	fastrpc_notif_fn_t notifier_fn;
} remote_rpc_notif_register_t;

/* FASTRPC_PD_INITMEM_SIZE: memory that a new process begins with; before the session opens. */
struct remote_rpc_pd_initmem_size {
	int domain;
	uint32_t pd_initmem_size; /* bytes, 3 MiB..200 MiB */
};

/*
 * FASTRPC_RESERVE_NEW_SESSION: a session that nobody of this process uses yet. Lengths of names
 * count bytes, with or without the NUL.
 */
typedef struct remote_rpc_reserve_new_session {
	char *domain_name;
	uint32_t domain_name_len;
	char *session_name;
	uint32_t session_name_len;
	uint32_t effective_domain_id; /* out */
	uint32_t session_id;	      /* out */
} remote_rpc_reserve_new_session_t;

/* FASTRPC_GET_EFFECTIVE_DOMAIN_ID: of session @session_id (0..3) on the domain of that name. */
typedef struct remote_rpc_effective_domain_id {
	char *domain_name;
	uint32_t domain_name_len;
	uint32_t session_id;
	uint32_t effective_domain_id; /* out */
} remote_rpc_effective_domain_id_t;

/*
 * FASTRPC_GET_URI: @module_uri with domain and session, written to @uri (30 bytes more suffice).
 * AEE_EBADSIZE: @uri_len is too small, and nothing is written.
 */
typedef struct remote_rpc_get_uri {
	char *domain_name;
	uint32_t domain_name_len;
	uint32_t session_id;
	char *module_uri;
	uint32_t module_uri_len;
	char *uri;	  /* out */
	uint32_t uri_len; /* bytes at uri */
} remote_rpc_get_uri_t;

/*
 * FASTRPC_CONTEXT_CREATE: opens the sessions of all those domains, each named once, and keeps them
 * open until FASTRPC_CONTEXT_DESTROY; if one cannot be opened, it answers why and leaves the others
 * as they were. dspqueue_request() makes queues on it. Handles are opened as ever, by the URIs of
 * FASTRPC_GET_URI.
 */
typedef struct fastrpc_context_create {
	uint32_t *effec_domain_ids;
	uint32_t num_domain_ids;
	uint64_t flags; /* 0 */
	uint64_t ctx;	/* out; never 0 */
} fastrpc_context_create;

/*
 * AEE_EBADCONTEXT: there is no such context (any more). Queues made on it, and handles, stay open
 * and keep their sessions.
 */
typedef struct fastrpc_context_destroy {
	uint64_t ctx;
	uint64_t flags; /* 0 */
} fastrpc_context_destroy;

/*
 * @req of enum session_control_req_id, @data the caller's struct for it, of @datalen bytes exactly,
 * used until the function returns. What must be said before a session opens answers
 * AEE_EALREADYLOADED once there is one; with domain -1 it is for every domain. AEE_EBADPARM: no
 * @data, another size, no such domain, a value out of range; AEE_ENOSESSION: the request needs an
 * open session; AEE_EUNSUPPORTED: no such request, or not with this driver (docs/features.md).
 */
int remote_session_control(uint32_t req, void *data, uint32_t datalen);

/* ---- memory ---- */

/* Attributes of a registered buffer. */
#define FASTRPC_ATTR_NONE		0
#define FASTRPC_ATTR_NON_COHERENT	2
#define FASTRPC_ATTR_COHERENT		4
#define FASTRPC_ATTR_KEEP_MAP		8
#define FASTRPC_ATTR_NOMAP		16
#define FASTRPC_ATTR_FORCE_NOFLUSH	32
#define FASTRPC_ATTR_FORCE_NOINVALIDATE 64
#define FASTRPC_ATTR_TRY_MAP_STATIC	128

#define REMOTE_MODE_PARALLEL 0
#define REMOTE_MODE_SERIAL   1

enum remote_mem_map_flags {
	REMOTE_MAP_MEM_STATIC = 0,
};

enum fastrpc_map_flags {
	FASTRPC_MAP_STATIC = 0, /* keep until unmapped or the session ends */
	FASTRPC_MAP_RESERVED = 1,
	FASTRPC_MAP_FD = 2,	    /* the DSP finds it by fd (HAP_mmap_get) */
	FASTRPC_MAP_FD_DELAYED = 3, /* the same, mapped when the DSP asks */
	FASTRPC_MAP_RESERVED_4 = 4,
	FASTRPC_MAP_RESERVED_5 = 5,
	FASTRPC_MAP_RESERVED_6 = 6,
	FASTRPC_MAP_RESERVED_7 = 7,
	FASTRPC_MAP_RESERVED_8 = 8,
	FASTRPC_MAP_RESERVED_9 = 9,
	FASTRPC_MAP_RESERVED_10 = 10,
	FASTRPC_MAP_RESERVED_11 = 11,
	FASTRPC_MAP_RESERVED_12 = 12,
	FASTRPC_MAP_RESERVED_13 = 13,
	FASTRPC_MAP_RESERVED_14 = 14,
	FASTRPC_MAP_RESERVED_15 = 15,
	FASTRPC_MAP_FD_NOMAP = 16, /* only tell the driver of it */
	FASTRPC_MAP_FD_EXTENDED = 17,
	FASTRPC_MAP_FD_DELAYED_EXTENDED = 18,
};

/*
 * Says that the @size bytes at @buf are the dma-buf @fd (which stays the caller's), or with @fd -1
 * that they no longer are. A registration that overlaps another one is ignored, and so is a
 * deregistration that matches none; frpc_last_error() then says so.
 */
void remote_register_buf(void *buf, int size, int fd);
void remote_register_buf_attr(void *buf, int size, int fd, int attr);
void remote_register_buf_attr2(void *buf, size_t size, int fd, int attr);

/*
 * Says that @fd, passed as a handle argument, has @len bytes; 0 forgets it. The descriptor stays
 * the caller's. AEE_EOUTOFHANDLES: 256 are registered; AEE_EBADPARM: a negative fd, an attribute
 * other than FASTRPC_ATTR_NOMAP, or 0 for what is not registered.
 */
int remote_register_dma_handle(int fd, uint32_t len);
int remote_register_dma_handle_attr(int fd, uint32_t len, uint32_t attr);

/*
 * An address range that stands for the @size bytes of @fd and holds no memory the CPU could read.
 * NULL: failed, frpc_last_error() says why. @fd stays the caller's. Given back with
 * remote_register_buf(address, size, -1).
 */
void *remote_register_fd(int fd, int size);
void *remote_register_fd2(int fd, size_t size);

/*
 * Maps @length bytes (1 or more) of the dma-buf @fd into the DSP process of @domain, opening the
 * session if need be. @addr is where the caller has them, @offset is 0. The descriptor stays the
 * caller's; the map keeps the session open until fastrpc_munmap() with the same @fd, @addr and
 * @length. AEE_EBADPARM: domain, fd, length, offset or flags; AEE_EALREADY: mapped there already;
 * AEE_EUNSUPPORTED: the flags for an extended address space; or what driver or DSP answer, or why
 * there is no session.
 */
int fastrpc_mmap(int domain, int fd, void *addr, int offset, size_t length,
		 enum fastrpc_map_flags flags);
/*
 * AEE_ENOSUCHMAP: not mapped so, or the session or its DSP is gone; AEE_EBADMAPREFCNT: packets of a
 * queue still refer to it, and it stays mapped.
 */
int fastrpc_munmap(int domain, int fd, void *addr, size_t length);

/*
 * The older forms: the result is the DSP's address, by which and by whose size in bytes it is
 * unmapped again. The session must be open (AEE_ENOSESSION), and the map does not keep it so;
 * remote_mmap() and remote_mmap64() mean the default domain. With a negative @fd those two give the
 * DSP memory of the driver's (@flags 0x1000: for the process's heap); @flags are the driver's, and
 * remote_mem_map() takes REMOTE_MAP_MEM_STATIC alone. AEE_EBADSIZE: the address has more than the
 * 32 bits of remote_mmap(), and nothing stays mapped. The address is written on success only.
 */
int remote_mmap(int fd, uint32_t flags, uint32_t vaddrin, int size, uint32_t *vaddrout);
int remote_munmap(uint32_t vaddrout, int size);
int remote_mmap64(int fd, uint32_t flags, uint64_t vaddrin, int64_t size, uint64_t *vaddrout);
int remote_munmap64(uint64_t vaddrout, int64_t size);
int remote_mem_map(int domain, int fd, int flags, uint64_t virtAddr, size_t size,
		   uint64_t *remoteVirtAddr);
int remote_mem_unmap(int domain, uint64_t remoteVirtAddr, size_t size);

/* Not built yet: AEE_EUNSUPPORTED. */
int remote_set_mode(uint32_t mode);

/* ---- what DSPs there are ---- */

typedef enum fastrpc_domain_type {
	ALL_DOMAINS = 0,
	NSP = 1,
	LPASS = 2,
	SDSP = 3,
	MODEM = 4,
	HPASS = 5,
	FASTRPC_ALL_DOMAINS = 0,
	FASTRPC_NSP = 1,
	FASTRPC_LPASS = 2,
	FASTRPC_SDSP = 3,
	FASTRPC_MODEM = 4,
	FASTRPC_HPASS = 5,
} fastrpc_domain_type;

typedef struct fastrpc_domain {
	int32_t id;
	char name[MAX_DOMAIN_NAMELEN];
	int32_t type;	/* fastrpc_domain_type */
	int32_t status; /* 0: down */
	uint32_t card;
	uint32_t soc_id;
} fastrpc_domain;

typedef struct fastrpc_domains_info {
	fastrpc_domain *domains;
	int32_t max_domains;
	int32_t num_domains; /* out */
	uint64_t flags;
} fastrpc_domains_info;

#define DOMAINS_LIST_FLAGS_SET_TYPE(flags, type) ((flags) = ((flags) & ~UINT64_C(0x1f)) | (type))

enum fastrpc_system_req_id {
	FASTRPC_GET_DOMAINS = 0,
};

typedef struct system_req_payload {
	int32_t id; /* FASTRPC_GET_DOMAINS */
	union {
		fastrpc_domains_info sys;
	};
} system_req_payload;

/*
 * The domains of this machine whose node can be opened, by id; of all types or of the one in flags
 * (DOMAINS_LIST_FLAGS_SET_TYPE). At most max_domains are written; num_domains is how many there
 * are, so that a first call with NULL and 0 tells how much room is needed. Other ids:
 * AEE_EUNSUPPORTED.
 */
int remote_system_request(system_req_payload *request);

/*
 * Attribute @attribute (enum remote_dsp_attributes) of @domain (0..7); needs no session, may ask
 * the DSP. AEE_EBADPARM: no such domain, or nowhere to write to; else what driver or DSP answer.
 * DOMAIN_SUPPORT never fails for a domain: 1 if its node is there, 0 if not.
 */
int fastrpc_get_cap(uint32_t domain, uint32_t attribute, uint32_t *capability);

#ifdef __cplusplus
}
#endif

#endif
