/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Building and steering an emulated machine from a test (libfastrpc-emulator). Results are 0 or
 * -errno, if nothing else is said; texts and structs are the caller's. Every function may be called
 * from any thread; frpc_emulator_ioctl() blocks as the driver does. A domain is a number of
 * remote.h (CDSP_DOMAIN_ID).
 */
#ifndef FASTRPC_EMULATOR_H
#define FASTRPC_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct frpc_emulator;

/*
 * A machine of one's own, from @spec: what FRPC_EMULATOR may hold ("abi=mainline,domains=cdsp";
 * NULL: the default). -EINVAL or -EOPNOTSUPP, with words in @text (which may be NULL).
 */
int frpc_emulator_new(const char *spec, struct frpc_emulator **ret_emulator, char *text,
		      size_t textlen);
/* The machine that FRPC_TRANSPORT=emulator uses in this process; made if there is none. */
int frpc_emulator_default(struct frpc_emulator **ret_emulator, char *text, size_t textlen);
/* Gives the reference back; takes NULL. The machine ends with its last user. */
void frpc_emulator_free(struct frpc_emulator *emulator);

/*
 * The device nodes: what open(), ioctl() and close() do on a phone. open() gives a file of this
 * machine's, which is no descriptor and is the caller's until close(); ioctl() what the driver
 * answers. @compat: a 32-bit client's layouts.
 */
int frpc_emulator_open(struct frpc_emulator *emulator, const char *path, int flags);
long frpc_emulator_ioctl(struct frpc_emulator *emulator, int file, uint32_t cmd, uintptr_t arg,
			 bool compat);
int frpc_emulator_close(struct frpc_emulator *emulator, int file);

/* What the machine has counted since it was made. */
struct frpc_emulator_counters {
	uint64_t nodes_opened;
	uint64_t processes_created;
	uint64_t calls;
	uint64_t bytes_copied_in;
	uint64_t bytes_copied_out;
	uint64_t bytes_mapped;
	uint64_t module_calls;
	uint64_t modules_loaded;
	uint64_t reverse_calls;
	uint64_t skel_bytes_read;
	uint64_t stray_responses; /* late, duplicate or for no call: dropped */
	uint64_t dsp_signals;	  /* that reached a DSP */
	uint64_t latency_votes;	  /* CONTROL LATENCY */
	uint64_t wake_events;	  /* CONTROL PM, and the milliseconds asked for */
	uint64_t wake_ms;
	/* The downstream driver's own buffers: header pages, out of its cache, new ones. */
	uint64_t buffers_persistent;
	uint64_t buffers_cached;
	uint64_t buffers_new;
};
void frpc_emulator_get_counters(struct frpc_emulator *emulator,
				struct frpc_emulator_counters *ret_counters);

/*
 * How the DSP of @domain misbehaves: a set of bits; 0 puts it right and lets go what it held back.
 */
enum frpc_emulator_fault {
	FRPC_EMULATOR_SILENT = 1,	 /* answers nothing any more */
	FRPC_EMULATOR_KEEP_LISTENER = 2, /* never ends the listener's call */
	FRPC_EMULATOR_DUPLICATE = 4,	 /* answers everything twice */
	FRPC_EMULATOR_TRUNCATE = 8,	 /* sends a too short answer before each right one */
	FRPC_EMULATOR_HOSTILE = 16,	 /* sends garbage and wrong answers before each right one */
	FRPC_EMULATOR_LONG = 32,	 /* answers in the form with flags (downstream) */
	/*
	 * What is no misbehaviour, but what a DSP may do (downstream): it announces each answer of
	 * a module, as it does by itself once CONTROL's latency request has told it that the CPUs
	 * wake up in time; or it says before a module's method runs that it will soon be done.
	 */
	FRPC_EMULATOR_EARLY = 64,
	FRPC_EMULATOR_USER_EARLY = 128,
};
int frpc_emulator_set_faults(struct frpc_emulator *emulator, uint32_t domain, uint32_t faults);

/* Which driver, where a machine has both. */
enum frpc_emulator_dialect {
	FRPC_EMULATOR_DOWNSTREAM,
	FRPC_EMULATOR_MAINLINE,
};

/*
 * Sends @bytes to the driver as if the DSP of @domain had. 0; -ENODEV: no such DSP, or its link is
 * down; or what the driver says of them: -EINVAL malformed, -ENOENT nobody waits for that.
 */
int frpc_emulator_inject(struct frpc_emulator *emulator, enum frpc_emulator_dialect dialect,
			 uint32_t domain, const void *bytes, size_t len);

/*
 * Restarts the DSP of @domain in both dialects, by all steps or by one. What ran on it is gone; the
 * link is down from the first step to the last. Downstream the calls that wait end at the third.
 * 0; -ENODEV: no such domain; -EINVAL: it is not that step's turn.
 */
enum frpc_emulator_restart_step {
	FRPC_EMULATOR_SHUTDOWN_BEGINS,
	FRPC_EMULATOR_SHUTDOWN_ENDS,
	FRPC_EMULATOR_POWERUP_BEGINS,
	FRPC_EMULATOR_POWERUP_ENDS,
};
int frpc_emulator_restart(struct frpc_emulator *emulator, uint32_t domain);
int frpc_emulator_restart_step(struct frpc_emulator *emulator, uint32_t domain,
			       enum frpc_emulator_restart_step step);

/*
 * Ends processes on the DSP of @domain as an exception or a kill does: those of @client
 * (downstream: the client id, mainline: the process id), or all with 0. Their calls end with 39,
 * and a downstream driver is told @status (1 exit, 2 kill, 3 exception). 0, -ENODEV, -ESRCH.
 */
int frpc_emulator_kill_processes(struct frpc_emulator *emulator, uint32_t domain, uint32_t client,
				 uint32_t status);

/* What the drivers hold at this moment; all 0 once every file has been closed. */
struct frpc_emulator_state {
	uint32_t files;
	uint32_t calls;		/* in the tables: running, interrupted, or jobs not yet read */
	uint32_t done_jobs;	/* of them: answered and not yet read */
	uint32_t notifications; /* not yet read */
	uint32_t signals;	/* that exist */
	uint32_t maps;
};
void frpc_emulator_get_state(struct frpc_emulator *emulator, struct frpc_emulator_state *ret_state);

/* Processes alive on the DSP of @domain, of both dialects. */
uint32_t frpc_emulator_processes(struct frpc_emulator *emulator, uint32_t domain);

/*
 * What a dma-buf is beyond its bytes. Without bits it is the caller's alone, and one block. @fd is
 * any descriptor of it. 0, -EBADF, -EINVAL (no dma-buf, unknown bits).
 */
enum frpc_emulator_buffer {
	FRPC_EMULATOR_BUFFER_SECURE = 1,       /* the caller's VM is not its exclusive owner */
	FRPC_EMULATOR_BUFFER_SCATTERED = 2,    /* not one block of physical memory */
	FRPC_EMULATOR_BUFFER_UNQUERIED = 4,    /* asking for its owners fails */
	FRPC_EMULATOR_BUFFER_UNASSIGNABLE = 8, /* it cannot be given to a DSP's VM */
	FRPC_EMULATOR_BUFFER_ASSIGNED = 16,    /* read only: a DSP's VM may access it now */
};
int frpc_emulator_set_buffer(struct frpc_emulator *emulator, int fd, uint32_t bits);
int frpc_emulator_get_buffer(struct frpc_emulator *emulator, int fd, uint32_t *ret_bits);

/* Orders failures: @skip attempts succeed, the @count after them fail. 0 or -EINVAL. */
enum frpc_emulator_failure {
	FRPC_EMULATOR_FAIL_ALLOCATION, /* the driver's own memory, the reserved heap included */
	FRPC_EMULATOR_FAIL_MAP,	       /* a dma-buf into the SMMU */
	FRPC_EMULATOR_FAIL_ASSIGNMENT, /* a buffer to a DSP's VM */
};
int frpc_emulator_fail(struct frpc_emulator *emulator, enum frpc_emulator_failure what,
		       uint32_t skip, uint32_t count);

/*
 * A static PD of the downstream driver ("msm/adsp/audio_pd", "msm/adsp/sensor_pd",
 * "msm/slpi/sensor_pd", or its service name) goes down or comes up. 0 or -ENODEV.
 */
int frpc_emulator_set_static_pd(struct frpc_emulator *emulator, const char *name, bool up);
/* Bytes of the reserved heap that DSPs have now. */
uint64_t frpc_emulator_heap_lent(struct frpc_emulator *emulator);

/*
 * The rpmsg bus offers the downstream driver a channel ("fastrpcglink-apps-dsp"), or takes it away.
 * @label (or, if NULL, the name of its @node) says which DSP's: adsp, mdsp, slpi, cdsp, cdsp1. The
 * domain; -ENODEV: another channel, or no such DSP on this machine; -ECHRNG: an unknown label. All
 * channels have been offered when a machine starts.
 */
int frpc_emulator_rpmsg_probe(struct frpc_emulator *emulator, const char *channel,
			      const char *label, const char *node);
int frpc_emulator_rpmsg_remove(struct frpc_emulator *emulator, const char *label, const char *node);

/* What the driver has for one open file. */
struct frpc_emulator_memory {
	uint32_t client_id;
	uint32_t bank, secure_bank;					     /* ids, 0: none */
	uint32_t metadata_buffers, copy_buffers, init_buffers, heap_buffers; /* in use */
	uint32_t cached_buffers;
	uint64_t cached_bytes;
	uint32_t headers, free_headers;
	uint32_t maps;
};
struct frpc_emulator_map {
	int32_t fd;
	bool secure, assigned, of_process;
	uint64_t va, len, size, address, dsp_address;
	uint32_t attrs, flags;
	uint32_t refs, ctx_refs, dma_handle_refs;
};
/* @maps gets the first @most, the newest first. 0, -EBADF, -EBADR (no DSP chosen yet), -ENOMEM. */
int frpc_emulator_get_memory(struct frpc_emulator *emulator, int file,
			     struct frpc_emulator_memory *ret_memory,
			     struct frpc_emulator_map *maps, uint32_t most);

/* A message between driver and DSP: see fastrpc/abi/smq.h. */
struct frpc_emulator_message {
	uint64_t time_ns; /* on the machine's clock */
	bool received;	  /* from the DSP */
	int result;	  /* -errno of sending it, or of handling what came */
	uint32_t length;  /* on the wire; at most 40 bytes are kept */
	unsigned char bytes[40];
};
/*
 * The last messages of that channel, oldest first. Their number (at most 128), or -ENODEV, -ENOMEM.
 */
int frpc_emulator_messages(struct frpc_emulator *emulator, bool mainline, uint32_t domain,
			   struct frpc_emulator_message *messages, uint32_t most);

/*
 * The driver's state in words: channels, banks, files with their buffers and maps. As snprintf():
 * the length it has, of which @textlen - 1 bytes were written. -ENOMEM.
 */
int frpc_emulator_dump(struct frpc_emulator *emulator, char *text, size_t textlen);

/* Turns the driver's clock forward: what waits with a time-out sees it pass. */
void frpc_emulator_advance_clock(struct frpc_emulator *emulator, uint64_t nanoseconds);

#ifdef __cplusplus
}
#endif

#endif
