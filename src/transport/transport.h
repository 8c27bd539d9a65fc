/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The transport seam: what FastRPC does, apart from how a kernel driver wants to hear it. A
 * transport writes each operation as the ioctls of one driver dialect, over a device.
 *
 * Results are 0 or -errno. What the DSP itself answered is no error of the transport: it comes back
 * as *ret_status (0 = success), which is written whenever the operation returns 0. Every hook may
 * be called from any thread; hooks that reach the DSP block until it answers.
 */
#ifndef FRPC_TRANSPORT_TRANSPORT_H
#define FRPC_TRANSPORT_TRANSPORT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device.h"

#define FRPC_TRANSPORT_VERSION 1u

#define FRPC_DOMAINS 8u /* domain ids 0..7; names in domain_name() */

/* One argument of a call, in the order in buffers, out buffers, in handles, out handles. */
struct frpc_arg {
	uint64_t ptr;	 /* buffer: address; handle: offset in the dma-buf */
	uint64_t length; /* bytes */
	int32_t fd;	 /* dma-buf that holds it, or -1 */
	uint32_t attr;	 /* FRPC_ARG_* */
};

/* A buffer that lies in no dma-buf. */
static inline struct frpc_arg frpc_arg_plain(const void *bytes, size_t len)
{
	return (struct frpc_arg){.ptr = (uintptr_t)bytes, .length = len, .fd = -1};
}

#define FRPC_ARG_NOVA	  0x1u /* a handle: no user address belongs to the fd */
#define FRPC_ARG_KEEP_MAP 0x8u
#define FRPC_ARG_NOMAP	  0x10u
/* The remaining FASTRPC_ATTR_* bits of remote.h (2, 4, 32, 64) pass unchanged where a driver has them. */

struct frpc_call {
	uint32_t handle; /* the DSP's */
	uint32_t sc;
	const struct frpc_arg *args; /* as many as sc says */
};

/* The number of arguments, for calls that mostly pass no handles. */
static inline uint32_t frpc_argument_count(uint32_t sc)
{
	uint32_t bufs = (sc >> 16 & 0xff) + (sc >> 8 & 0xff);

	return sc & 0xff ? bufs + (sc >> 4 & 0xf) + (sc & 0xf) : bufs;
}

struct frpc_process_params {
	const void *shell; /* mapped shell image, or NULL */
	uint32_t shell_len;
	int32_t shell_fd; /* dma-buf of the image, or -1 */
	uint32_t attrs;	  /* FRPC_PROC_ATTR_* */
	uint32_t siglen;
	uint32_t memlen; /* initial memory in bytes; 0 = the driver's default */
};

struct frpc_map_params {
	int32_t fd;
	int32_t offset;
	uint32_t flags; /* enum fastrpc_map_flags */
	uint32_t attrs;
	uint64_t vaddr;
	uint64_t length;
};

enum frpc_attach_kind {
	FRPC_ATTACH_ROOT,
	FRPC_ATTACH_SENSORS,
	FRPC_ATTACH_AUDIO, /* brings its heap; -EOPNOTSUPP: a driver that has no such command */
};

#define FRPC_AUDIO_PD	   "audiopd"
#define FRPC_AUDIO_PD_HEAP (3u << 20)

struct frpc_transport;
struct frpc_remote; /* an open file on one domain: one process of ours on that DSP */

/* Where an open failed and how, for the text the user sees. */
struct frpc_open_report {
	char text[512]; /* "/dev/fastrpc-cdsp-secure: No such file or directory; ..." */
};

struct frpc_transport_ops {
	const char *name; /* the word used in FRPC_TRANSPORT */
	uint32_t version; /* FRPC_TRANSPORT_VERSION the table was written for */

	/*
	 * Opens the domain's node (secure first, then plain) and chooses the domain on it.
	 * @session counts this process's sessions on the domain (0..3). @unsigned_pd: the plain node
	 * suffices. -ENOENT/-EACCES/... of the last node tried; @report names every node tried.
	 */
	int (*open)(struct frpc_transport *transport, uint32_t domain, uint32_t session,
		    struct frpc_open_report *report, struct frpc_remote **ret_remote);
	int (*create)(struct frpc_remote *remote, const struct frpc_process_params *params,
		      int32_t *ret_status);
	int (*attach)(struct frpc_remote *remote, enum frpc_attach_kind kind, int32_t *ret_status);

	/* -EOPNOTSUPP: it demands FRPC_ARG_KEEP_MAP or FRPC_ARG_NOMAP of a driver without them. */
	int (*invoke)(struct frpc_remote *remote, const struct frpc_call *call,
		      int32_t *ret_status);

	/* The older map pair: the driver's memory (ADD_PAGES, fd -1), or a dma-buf where it takes one. */
	int (*mmap)(struct frpc_remote *remote, const struct frpc_map_params *params,
		    uint64_t *ret_address, int32_t *ret_status);
	int (*munmap)(struct frpc_remote *remote, uint64_t address, uint64_t length,
		      int32_t *ret_status);
	/* Maps a dma-buf into the DSP process. */
	int (*mem_map)(struct frpc_remote *remote, const struct frpc_map_params *params,
		       uint64_t *ret_address, int32_t *ret_status);
	int (*mem_unmap)(struct frpc_remote *remote, int32_t fd, uint64_t address, uint64_t length,
			 int32_t *ret_status);
	/* Optional: ends the map that a call with FRPC_ARG_KEEP_MAP left, if there is one. */
	int (*kept_unmap)(struct frpc_remote *remote, int32_t fd, uint64_t vaddr, uint64_t length);

	/* Optional: a dma-buf from the driver's own allocator (O_CLOEXEC), without an open process. */
	int (*alloc)(struct frpc_transport *transport, uint64_t size, int32_t *ret_fd);
	/* DSP attribute @attribute of @domain; opens a node of its own when @remote is NULL. */
	int (*get_info)(struct frpc_transport *transport, struct frpc_remote *remote,
			uint32_t domain, uint32_t attribute, uint32_t *ret_value,
			int32_t *ret_status);
	/* Optional: latency vote, enable 0/1. */
	int (*latency)(struct frpc_remote *remote, bool enable, uint32_t latency_us);
	/* Optional: calls look for their end for so long before they sleep. -EOPNOTSUPP, -EPERM: not here. */
	int (*poll)(struct frpc_remote *remote, bool enable, uint32_t timeout_us);

	/*
	 * Optional, all five or none: signals between this process and its DSP side, numbered 0..1023.
	 * send: to the DSP. wait: until the DSP has sent it, or @timeout_us (UINT32_MAX: for ever);
	 * 0, -ETIMEDOUT, -EINTR (cancelled for good, or a signal handler ran). -EOPNOTSUPP: this
	 * driver has none.
	 */
	int (*signal_create)(struct frpc_remote *remote, uint32_t signal);
	int (*signal_destroy)(struct frpc_remote *remote, uint32_t signal);
	int (*signal_send)(struct frpc_remote *remote, uint32_t signal);
	int (*signal_wait)(struct frpc_remote *remote, uint32_t signal, uint32_t timeout_us);
	int (*signal_cancel)(struct frpc_remote *remote, uint32_t signal);

	/*
	 * Optional, all three or none: calls that are not waited for. submit: sends @call as job @job;
	 * out buffers lie in dma-bufs. async_response: waits for a job to end, in no order; *@ret_result is
	 * the DSP's answer or -errno. -EINTR: again; anything else: there will be no more.
	 */
	int (*submit)(struct frpc_remote *remote, const struct frpc_call *call, uint64_t job);
	int (*async_response)(struct frpc_remote *remote, uint64_t *ret_job, int32_t *ret_result);
	int (*async_wake)(struct frpc_remote *remote);
	/*
	 * Optional, both or none: waits until something becomes of the process (enum
	 * remote_rpc_status_flags). -EINTR: again; anything else: there will be no more.
	 */
	int (*notification)(struct frpc_remote *remote, uint32_t *ret_status);
	int (*notification_wake)(struct frpc_remote *remote);
	/* Optional: ends the process on the DSP; the file is good for nothing afterwards. */
	int (*kill)(struct frpc_remote *remote);

	/* Closes the file; takes NULL. Calls still running keep it alive until they return. */
	void (*close)(struct frpc_remote *remote);
	/* Frees @transport; every remote must have been closed. */
	void (*free)(struct frpc_transport *transport);
};

/* The part every transport begins with. */
struct frpc_transport {
	const struct frpc_transport_ops *ops;
	struct frpc_device *device; /* owned */
};

/* The part every remote begins with. */
struct frpc_remote {
	struct frpc_transport *transport; /* borrowed */
};

/* A call on one of the DSP's handles. 0 and *@ret_status, or -errno. */
static inline int frpc_remote_invoke(struct frpc_remote *remote, uint32_t handle, uint32_t sc,
				     const struct frpc_arg *args, int32_t *ret_status)
{
	const struct frpc_call call = {.handle = handle, .sc = sc, .args = args};

	return remote->transport->ops->invoke(remote, &call, ret_status);
}

/*
 * Makes the transport that @spec (the value of FRPC_TRANSPORT; NULL or "" = auto) names: "auto",
 * "mainline", "downstream" on the kernel's nodes; "emulator" on the emulator, whichever dialects it
 * has; "mainline@emulator", "downstream@emulator" one of them. "auto" and "emulator" probe mainline
 * first, then downstream, per domain, at open. Words in front stack devices before it, the first
 * outermost: "trace=FILE:emulator" records every system call on the nodes, "fault=SPEC:emulator"
 * answers some of them with errors (device_wrap.h). -EINVAL: not a transport; @text says which are.
 */
int frpc_transport_new(const char *spec, struct frpc_transport **ret_transport, char *text,
		       size_t textlen);

/* Constructors of the dialects; they take over @device's reference, also on failure. */
int frpc_transport_mainline_new(struct frpc_device *device, struct frpc_transport **ret_transport);
int frpc_transport_downstream_new(struct frpc_device *device,
				  struct frpc_transport **ret_transport);

/* "adsp", "mdsp", "sdsp", "cdsp", "cdsp1", "gdsp0", "gdsp1", or NULL. */
const char *frpc_domain_name(uint32_t domain);

/* Does @error of a driver mean that the DSP, or its channel, went down? Calls of the file end so from then on. */
static inline bool frpc_means_down(int error)
{
	return error == -ECONNRESET || error == -EPIPE || error == -ESHUTDOWN || error == -ENODEV;
}

#endif
