/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The arguments of one call: packed into shared memory before it is sent, taken out again when it
 * was answered. What the DSP reads is exact to the byte (docs/abi.md); copies are made only of what
 * the driver copies.
 */
#ifndef EMU_KERNEL_ARGS_H
#define EMU_KERNEL_ARGS_H

#include "buffers.h"
#include "maps.h"
#include "uaccess.h"

/* An argument as both dialects' commands say it. */
struct emu_user_arg {
	uint64_t ptr, len; /* buffer: address and bytes; handle: offset and bytes */
	int32_t fd;	   /* -1: none */
	uint32_t attr;
};

/* Where the memory of a call comes from; the same for all calls of a file. */
struct emu_args_source {
	enum emu_dialect dialect;
	enum emu_version version; /* mainline */
	struct emu_buffers *buffers;
	struct emu_maps *maps;
	struct emu_stats *stats; /* may be NULL */
	/* Downstream: handles are mapped by reverse calls, not here (cached attribute 129). */
	const _Atomic bool *handles_unmapped;
};

#define EMU_INLINE_ARGS 16u

struct emu_arg_place {
	uint64_t start, end;   /* user range */
	uint64_t mstart, mend; /* the part of it that needs room of its own */
	uint64_t offset;       /* how far it begins before the end of what lies there already */
	struct emu_map *map;   /* mapped arguments */
	struct frpc_area area; /* where they lie, if that is cheap to know; end 0: not known */
	unsigned char *bytes;  /* copied arguments: where */
	bool direct;	       /* an output, to be copied as plain memory */
	bool crossed;	       /* lies in one of the other direction */
};

struct emu_perf;

struct emu_args {
	const struct emu_args_source *source;
	struct emu_perf *perf; /* what it takes, if anybody wants to know */
	uint32_t sc, count, bufs;
	bool kernel; /* the driver's own call: addresses without an fd are the driver's */
	bool sent;   /* the DSP has been told of it: handles stay mapped */
	bool no_fds; /* downstream: the caller gave no fd array at all */
	struct emu_user_arg *user;
	struct emu_arg_place *places;
	uint16_t *order; /* buffers sorted by address */
	struct emu_buffer *meta, *copy;
	uint64_t page_addr, page_size; /* for the message */
	uint64_t looked_at;	       /* when the outputs' memory was looked at, in ns; 0: never */
	struct emu_user_arg inline_user[EMU_INLINE_ARGS];
	struct emu_arg_place inline_places[EMU_INLINE_ARGS];
	uint16_t inline_order[EMU_INLINE_ARGS];
};

/* Room for the arguments that @sc counts, all zero, to be filled in by the caller. 0 or -ENOMEM. */
int emu_args_init(struct emu_args *args, const struct emu_args_source *source, uint32_t sc);
/* Maps, places and copies in. On failure emu_args_release() is still due. */
int emu_args_pack(struct emu_args *args, const struct frpc_task *task);
/* About to be sent: the DSP may list its handles from now on. */
void emu_args_sending(struct emu_args *args);
/* Once sent: looks at where large outputs go, while the DSP works. */
void emu_args_look_ahead(struct emu_args *args, const struct frpc_task *task);
/* Copies out and drops the handles that the DSP listed. 0 or -EFAULT. */
int emu_args_finish(struct emu_args *args, const struct frpc_task *task);
/* Gives back everything, also after a failed init. */
void emu_args_release(struct emu_args *args);

#endif
