/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the process engine and the process that it starts say to each other. Both come from one build.
 *
 * The engine asks over SOCK_SEQPACKET sockets, each served by a thread of the child: the control
 * socket (memory and threads, which never waits for a skel), one for loading, one for orders to its
 * HAP functions, one on which nothing is answered; and one for each thread that runs calls.
 *
 * The child's HAP functions call the DSP over a SOCK_STREAM socket of each thread that does, whose
 * other end it sends to the engine over the host socket.
 */
#ifndef EMU_DSP_CHILD_H
#define EMU_DSP_CHILD_H

#include <stdint.h>

#include "remote.h"
#include "subsystem.h"

#define EMU_CHILD_PROGRAM    "dsp-process"
#define EMU_CHILD_CONTROL_FD 3
#define EMU_CHILD_WORDS	     600u
#define EMU_CHILD_NAME	     256u

enum emu_child_request_kind {
	/* control */
	EMU_CHILD_HOST,	  /* fd: the host socket; a struct emu_child_config waits in it */
	EMU_CHILD_SERVE,  /* fd: a further socket for requests */
	EMU_CHILD_MAP,	  /* fd; address, size, offset */
	EMU_CHILD_UNMAP,  /* address, size */
	EMU_CHILD_THREAD, /* fd: the socket that it serves */
	/* loading */
	EMU_CHILD_LOAD,	  /* fd: the image; name */
	EMU_CHILD_SYMBOL, /* module; name */
	EMU_CHILD_UNLOAD, /* module */
	/* orders */
	EMU_CHILD_CALL_THREADS, /* address: their priority; size: of their stacks */
	EMU_CHILD_LOGGING, /* fd: size names, each with its NUL, offset bytes in all; address: the mask */
	EMU_CHILD_FLUSH,
	EMU_CHILD_AT_WORK, /* value */
	/* not answered */
	EMU_CHILD_QUEUE_SIGNAL, /* module: the queue; address: which */
	EMU_CHILD_QUEUE_DIE,	/* module: the queue; address: the error */
	EMU_CHILD_WANTED, /* module: the grant; address: the skel's function; offset: for it */
};

/* A descriptor comes with it where one is needed. */
struct emu_child_request {
	uint32_t kind;
	uint64_t module, address, size, offset;
	char name[EMU_CHILD_NAME];
};

struct emu_child_answer {
	int32_t res;
	uint64_t value; /* module, or entry */
	char words[EMU_CHILD_WORDS];
};

/* What its HAP functions have to know from the beginning. */
struct emu_child_config {
	uint32_t domain, pid, is_unsigned;
	uint32_t vtcm_total, hvx_units, cache_total;
	uint32_t attributes[EMU_DSP_ATTRIBUTES];
};

/*
 * A call, on a thread's socket. Behind it come its arguments, then the bytes of those buffers that
 * are not in shared memory, each at a multiple of 8; the answer has the same form, so that what the
 * module wrote comes back.
 */
struct emu_child_call {
	uint64_t entry, h;
	uint32_t sc, with_handle, count;
	uint32_t nested; /* the CPU serves a reverse call just now */
	int32_t result;
	uint64_t inline_bytes;
};

#define EMU_CHILD_INLINE_MOST 65536u
#define EMU_CHILD_CALL_MOST \
	(sizeof(struct emu_child_call) + 540u * sizeof(remote_arg) + EMU_CHILD_INLINE_MOST)

/* A buffer whose bytes travel in the message: its address is their offset there, marked. */
#define EMU_CHILD_INLINE_MARK ((uintptr_t)1 << (sizeof(uintptr_t) * 8 - 1))

/* What the child asks of the DSP: a function of struct emu_hap_host or of vtcm.h. */
enum emu_host_call_kind {
	/*
	 * number: handle; value[0]: sc. Behind it the lengths of its buffers, 32 bits each, and the bytes
	 * of the in buffers; behind the answer those of the out buffers, if res is 0.
	 */
	EMU_HOST_REVERSE,
	EMU_HOST_BUFFER_GET, /* number: fd; bytes, length, address */
	EMU_HOST_BUFFER_PUT,
	EMU_HOST_BUFFER_LENGTH, /* length */
	/* number: id; enum emu_host_vtcm; id, bytes, size */
	EMU_HOST_VTCM_ACQUIRE,
	EMU_HOST_VTCM_RELEASE,	  /* number: id */
	EMU_HOST_VTCM_RELEASE_AT, /* value[0]: where */
	EMU_HOST_VTCM_IS_WANTED,  /* number: id */
	EMU_HOST_VTCM_NEW_ID,	  /* id */
	EMU_HOST_VTCM_AVAILABLE,  /* bytes */
	EMU_HOST_HVX_TAKE,	  /* number; value[0]: wait; how many it got */
	EMU_HOST_HVX_GIVE,	  /* number */
	EMU_HOST_HMX_TAKE,	  /* value[0]: wait; 1: got it */
	EMU_HOST_HMX_GIVE,
	EMU_HOST_CACHE_TAKE,	  /* number: bytes; 1: got them */
	EMU_HOST_CACHE_GIVE,	  /* number: bytes */
	EMU_HOST_CACHE_AVAILABLE, /* bytes */
	/* value[0]: the queue, in all three; base, packets, space, from value[3] on the header */
	EMU_HOST_QUEUE_CLAIM,
	EMU_HOST_QUEUE_RELEASE,
	EMU_HOST_QUEUE_SIGNAL, /* number: which */
};

/* The values of EMU_HOST_VTCM_ACQUIRE. */
enum emu_host_vtcm {
	EMU_VTCM_SIZE,
	EMU_VTCM_LEAST,
	EMU_VTCM_SERIALIZE,
	EMU_VTCM_HMX,
	EMU_VTCM_PRIORITY,
	EMU_VTCM_TIMEOUT,
	EMU_VTCM_RELEASE, /* the skel's function, or 0 */
	EMU_VTCM_CONTEXT,
};

/* Both ways; @bytes of them follow. */
struct emu_host_call {
	uint32_t kind;
	int32_t res;
	uint32_t number, reserved;
	uint64_t value[12];
	uint64_t bytes;
};

#define EMU_HOST_BYTES_MOST (UINT64_C(1) << 28)

#endif
