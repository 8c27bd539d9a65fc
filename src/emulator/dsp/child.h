/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the process engine and the process that it starts say to each other, over SOCK_SEQPACKET
 * sockets: one for what concerns the process, one for each thread of it. Both come from one build.
 */
#ifndef EMU_DSP_CHILD_H
#define EMU_DSP_CHILD_H

#include <stdint.h>

#include "remote.h"

#define EMU_CHILD_PROGRAM    "dsp-process"
#define EMU_CHILD_CONTROL_FD 3
#define EMU_CHILD_WORDS	     600u
#define EMU_CHILD_NAME	     256u

enum emu_child_request_kind {
	EMU_CHILD_LOAD,	  /* fd: the image; name */
	EMU_CHILD_SYMBOL, /* module; name */
	EMU_CHILD_UNLOAD, /* module */
	EMU_CHILD_MAP,	  /* fd; address, size, offset */
	EMU_CHILD_UNMAP,  /* address, size */
	EMU_CHILD_THREAD, /* fd: the socket that it serves */
};

/* On the control socket; a descriptor comes with it where one is needed. */
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

/*
 * A call, on a thread's socket. Behind it come its arguments, then the bytes of those buffers that
 * are not in shared memory, each at a multiple of 8; the answer has the same form, so that what the
 * module wrote comes back.
 */
struct emu_child_call {
	uint64_t entry, h;
	uint32_t sc, with_handle, count;
	int32_t result;
	uint64_t inline_bytes;
};

#define EMU_CHILD_INLINE_MOST 65536u
#define EMU_CHILD_CALL_MOST \
	(sizeof(struct emu_child_call) + 540u * sizeof(remote_arg) + EMU_CHILD_INLINE_MOST)

/* A buffer whose bytes travel in the message: its address is their offset there, marked. */
#define EMU_CHILD_INLINE_MARK ((uintptr_t)1 << (sizeof(uintptr_t) * 8 - 1))

#endif
