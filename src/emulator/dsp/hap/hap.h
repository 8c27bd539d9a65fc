/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a skel finds on the DSP besides its own code: HAP_*, qurt_* and compute_resource_* functions,
 * exported as emu_dsp_<name>, and here the state behind them, one object for each DSP process. It
 * reaches its process through the host operations only, so that it can live where the skel does.
 */
#ifndef EMU_DSP_HAP_H
#define EMU_DSP_HAP_H

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../listener.h"
#include "../vtcm.h"
#include "lib/ring.h"

struct emu_hap;
struct emu_hap_apps_mem;
struct emu_hap_context;
struct emu_hap_import;
struct emu_hap_locked;
struct emu_hap_log;
struct emu_hap_memory;
struct emu_hap_power;
struct emu_hap_threads;
struct emu_hap_timers;
struct emu_hap_tls_value;

/* A buffer of the CPU's as the process sees it. */
struct emu_hap_view {
	void *bytes;
	uint64_t length, address;
};

/* A queue of the CPU's that a skel has. */
struct emu_hap_queue {
	void *base;
	uint32_t *packets, *space;	 /* where the DSP counts what it has sent and read */
	struct frpc_queue_header header; /* checked copy */
};

struct emu_hap_host {
	/* A call to the CPU; blocks until it is answered. 0 or an error. */
	int32_t (*reverse_call)(void *context, uint32_t handle, uint32_t sc,
				const struct emu_reverse_buffer *buffers);
	/* Is the CPU serving a reverse call just now? Then calls may be part of how it serves it. */
	bool (*reverse_busy)(void *context);
	/* Buffers by the CPU's fd: counted references; -ENOENT. */
	int (*buffer_get)(void *context, int fd, struct emu_hap_view *ret_view);
	int (*buffer_put)(void *context, int fd);
	int (*buffer_length)(void *context, int fd, uint64_t *ret_length);
	/* A queue, by the number that the CPU has exported. From claim to release it is there. AEE. */
	int (*queue_claim)(void *context, uint64_t exported, struct emu_hap_queue *ret_queue);
	void (*queue_release)(void *context, uint64_t exported);
	void (*queue_signal)(void *context, uint64_t exported, enum frpc_queue_signal signal);
	/* A thread of the process begins and ends: as long as one lives, its code stays loaded. */
	void (*thread_begins)(void *context);
	void (*thread_ends)(void *context);
	/* What ran the process has ended by itself: the process ends, as by an exception. */
	void (*died)(void *context);
};

/*
 * Where these functions live in another process than the DSP model, with the skel: what the model
 * tells a process goes there. Any thread.
 */
struct emu_hap_remote {
	/* As the functions below of the same names. */
	int (*set_call_threads)(void *context, uint32_t priority, uint32_t stack_size);
	int (*set_logging)(void *context, uint32_t mask, const char *const *files, uint32_t count);
	void (*flush)(void *context);
	bool (*is_at_work)(void *context);
	void (*queue_signalled)(void *context, uint64_t exported, unsigned int which);
	void (*queue_die)(void *context, uint64_t exported, int error);
	/* The thread of that number is no more. */
	void (*thread_removed)(void *context, uint32_t id);
};

struct emu_hap_config {
	const struct emu_hap_host *host;
	void *context; /* the host's */
	uint32_t domain, pid;
	bool is_unsigned;
	const uint32_t *attributes; /* the DSP's capabilities; borrowed */
	struct emu_vtcm *vtcm;	    /* the DSP's; borrowed */
};

/* A thread that runs a skel's code. */
struct emu_hap_thread {
	struct emu_hap_thread *next; /* under hap->lock */
	struct emu_hap *hap;
	uint32_t id;
	_Atomic uint32_t priority;
	char name[16];
	jmp_buf *escape;    /* where a wait goes when the process ends; NULL: the thread ends */
	int hvx_mode;	    /* -1: no context */
	uint32_t hvx_depth; /* how often it has locked it */
	uint32_t hmx_depth, hmx_context; /* the matrix unit, likewise; for which context, 0: none */
	struct emu_hap_tls_value *tls;	 /* its own */
	bool serves_calls;		 /* and is as the CPU wants such threads */
	bool nested;			 /* this call began while the CPU served a reverse call */
};

#define EMU_HAP_TLS_KEYS 128u

struct emu_hap_tls_key {
	bool used;
	int key; /* its number, or the last it had */
	void (*destructor)(void *value);
};

struct emu_hap {
	struct emu_hap_config config;
	const struct emu_hap_remote *remote; /* NULL: skels run here */
	void *remote_context;
	struct emu_hap *next; /* of all alive */
	_Atomic bool ended;
	pthread_mutex_t lock; /* threads, name, the parts below as they say */
	struct emu_hap_thread *threads;
	uint32_t next_id;
	uint32_t call_priority;	     /* of threads that serve calls */
	_Atomic uint32_t call_stack; /* bytes that such a thread has for its skels */
	char name[32];
	uint32_t hvx_reserved, hvx_reserved_free; /* vector contexts kept for this process */
	struct emu_hap_import *imports;		  /* queues */
	uint32_t remote_cache, remote_hmx;	  /* what is locked where the skels run */
	struct emu_hap_context *contexts;	  /* compute resources */
	struct emu_hap_locked *locked;		  /* cache */
	struct emu_hap_log *log;
	_Atomic bool log_waits; /* messages are on their way */
	struct emu_hap_memory *memory;
	struct emu_hap_apps_mem *apps_mem;
	struct emu_hap_power *power;
	struct emu_hap_threads *made; /* by qurt_thread_create() */
	struct emu_hap_timers *timers;
	struct emu_hap_tls_key tls[EMU_HAP_TLS_KEYS];
};

/* Has this DSP a matrix unit? Its capability says how deep it is. */
static inline bool emu_hap_has_hmx(const struct emu_hap *hap)
{
	return hap->config.attributes[7] != 0;
}

int emu_hap_new(const struct emu_hap_config *config, struct emu_hap **ret_hap);
/* Lets everybody go who waits in a function of these; messages not sent yet are lost. Any thread. */
void emu_hap_end(struct emu_hap *hap);
/*
 * Gives back what the DSP's processes take in turn: when it returns nobody calls a skel to ask for it.
 * No thread may be in the process any more.
 */
void emu_hap_give_back(struct emu_hap *hap);
/* No thread may be in the process any more. Takes NULL. */
void emu_hap_free(struct emu_hap *hap);

/* @thread becomes one of @hap's, with a number of its own; @priority 0: of one that serves calls. */
void emu_hap_thread_add(struct emu_hap_thread *thread, struct emu_hap *hap, const char *name,
			uint32_t priority);
/* The calling thread is @thread from now on, and runs code of its process. */
void emu_hap_thread_enter(struct emu_hap_thread *thread);
/* It is one of them no more. */
void emu_hap_thread_remove(struct emu_hap_thread *thread);

/*
 * How threads are that serve calls. @priority: 1, the most urgent, to 255; of those that are there, too, and
 * not beyond the process's ceiling. @stack_size: bytes for skels, of those to come. 0 or -errno.
 */
int emu_hap_set_call_threads(struct emu_hap *hap, uint32_t priority, uint32_t stack_size);

/* Has the skel threads or timers of its own, or functions to be called? Then its code must stay, whoever closes it. */
bool emu_hap_is_at_work(struct emu_hap *hap);

/*
 * Calls a skel's entry. What it has logged is with the CPU when it has returned. Its result, or bad
 * state if the process ends while it waits in one of these functions.
 */
int32_t emu_hap_run(uintptr_t entry, bool with_handle, uint64_t h, uint32_t sc, remote_arg *args);
/*
 * Calls a skel's function on a thread that may be another process's: as a thread of @hap's, with the
 * caller's priority. What it returns; -1: the process ends.
 */
int emu_hap_visit(struct emu_hap *hap, int (*function)(unsigned int number, void *context),
		  unsigned int number, void *context);
/* Waits, for a bounded time, until the CPU has every message. */
void emu_hap_flush(struct emu_hap *hap);
/* The mask for runtime messages: bit N is level N; with @count not 0, only of those files. */
int emu_hap_set_logging(struct emu_hap *hap, uint32_t mask, const char *const *files,
			uint32_t count);

/* Which signals have come for a queue. Bits. */
#define EMU_HAP_QUEUE_PACKET 1u
#define EMU_HAP_QUEUE_SPACE  2u

void emu_hap_queue_signalled(struct emu_hap *hap, uint64_t exported, unsigned int which);
/* The CPU's end is gone: @error (AEE) goes to the skel. */
void emu_hap_queue_die(struct emu_hap *hap, uint64_t exported, int error);
/* Closes what the skels have left open. No thread may be in the process any more. */
void emu_hap_queues_free(struct emu_hap *hap);

/* ---- among the files of this folder ---- */

/* The most urgent priority that a thread of the process may have. */
uint32_t emu_hap_priority_ceiling(const struct emu_hap *hap);

/* Every imported queue is dead. */
void emu_hap_queues_end(struct emu_hap *hap);

/* NULL on a thread that the skel got from elsewhere. */
struct emu_hap_thread *emu_hap_thread(void);
/* The process of the calling thread; of a thread from elsewhere, if there is only one. NULL: unknown. */
struct emu_hap *emu_hap_current(void);
/* The calling thread's process has ended: does not return. No lock may be held. */
_Noreturn void emu_hap_escape(void);
uint32_t emu_hap_thread_id(void);
uint32_t emu_hap_thread_priority(void);
/* Says what the skel does wrong, as a message of level ERROR. */
void emu_hap_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

int emu_hap_log_new(struct emu_hap *hap, struct emu_hap_log **ret_log);
void emu_hap_log_end(struct emu_hap_log *log);
void emu_hap_log_free(struct emu_hap_log *log);
/* @bounded_ms: how long to wait at most until everything is sent. */
void emu_hap_log_drain(struct emu_hap_log *log, unsigned int bounded_ms);

int emu_hap_memory_new(struct emu_hap_memory **ret_memory);
void emu_hap_memory_free(struct emu_hap *hap);
void emu_hap_apps_mem_free(struct emu_hap_apps_mem *mem);
void emu_hap_hvx_drop(struct emu_hap_thread *thread);
void emu_hap_hmx_drop(struct emu_hap_thread *thread);
/* The calling thread @thread ends: destructors of what it has. Then what it kept it in. */
void emu_hap_tls_end(struct emu_hap_thread *thread);
void emu_hap_tls_free(struct emu_hap_thread *thread);
void emu_hap_cache_free(struct emu_hap *hap);
void emu_hap_power_free(struct emu_hap_power *power);
void emu_hap_threads_free(struct emu_hap_threads *threads);
bool emu_hap_threads_are_alive(struct emu_hap_threads *threads);
bool emu_hap_timers_are_set(struct emu_hap_timers *timers);
void emu_hap_timers_end(struct emu_hap *hap);
void emu_hap_timers_free(struct emu_hap_timers *timers);

#endif
