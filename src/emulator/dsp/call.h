/* SPDX-License-Identifier: BSD-3-Clause */
/* One call as a DSP process sees it: decoded from its message and the metadata that it points to. */
#ifndef EMU_DSP_CALL_H
#define EMU_DSP_CALL_H

#include <fastrpc/abi/smq.h>

#include "engine.h"

#define EMU_CALL_INLINE_ARGS 16u

struct emu_call {
	uint64_t ctx;
	uint32_t handle, sc, count;
	remote_arg *args;      /* buffers: where this process sees them */
	struct emu_pin **pins; /* of the buffers, then of the metadata */
	unsigned char *metadata;
	unsigned char
		*fd_list; /* in it; and the lists behind it, if the driver has left room for them */
	uint64_t lists_len;
	remote_arg inline_args[EMU_CALL_INLINE_ARGS];
	struct emu_pin *inline_pins[EMU_CALL_INLINE_ARGS + 1];
};

/*
 * Decodes @message. 0, or the DSP's error (0x80000400 + AEE) for what cannot be: then nothing is
 * held. Whatever the driver wrote is checked before it is used.
 */
int32_t emu_call_open(struct emu_call *call, struct emu_engine *engine,
		      const struct frpc_smq_msg *message);
/* Lets go of everything. */
void emu_call_close(struct emu_call *call, struct emu_engine *engine);

/* What the DSP times in a call, in microseconds. Its place in the list is the number. */
enum emu_call_counter {
	EMU_CALL_INVOKES, /* 1 */
	EMU_CALL_MAP_HEADER,
	EMU_CALL_MAP_PAGES,
	EMU_CALL_GET_ARGS,
	EMU_CALL_MODULE,
	EMU_CALL_PUT_ARGS,
};

/* For a process that was created with that attribute: a CRC of each of the first 64 buffers. */
void emu_call_write_crcs(const struct emu_call *call);
/* The same for its counters; only behind a driver that leaves room for them. */
void emu_call_write_counters(const struct emu_call *call, const uint64_t *counters);

/* Tells who polls for it that the call is over; only behind a driver that leaves room for it. */
void emu_call_write_poll_word(const struct emu_call *call, uint32_t word);

/* The buffer @index if it has at least @least bytes, else NULL. */
void *emu_call_buffer(const struct emu_call *call, uint32_t index, size_t least);
/* Length and page of the handle argument @index. False: it has no page; *@ret_length is set still. */
bool emu_call_handle(const struct emu_call *call, uint32_t index, struct frpc_smq_page *ret_page,
		     uint32_t *ret_length);
/* Are there exactly that many buffers of each kind, and no handles? */
static inline bool emu_call_shape(const struct emu_call *call, uint32_t in, uint32_t out)
{
	return FRPC_SC_INBUFS(call->sc) == in && FRPC_SC_OUTBUFS(call->sc) == out &&
	       call->count == in + out;
}

/* What a DSP adds to an AEE number. */
#define EMU_DSP_ERROR(aee) ((int32_t)(0x80000400u + (aee)))

#define EMU_DSP_ENOMEMORY     EMU_DSP_ERROR(0x002u)
#define EMU_DSP_EUNABLETOLOAD EMU_DSP_ERROR(0x006u)
#define EMU_DSP_EBADSTATE     EMU_DSP_ERROR(0x00du)
#define EMU_DSP_EBADPARM      EMU_DSP_ERROR(0x00eu)
#define EMU_DSP_EUNSUPPORTED  EMU_DSP_ERROR(0x014u)
#define EMU_DSP_EINVHANDLE    EMU_DSP_ERROR(0x02cu)
#define EMU_DSP_ENOSUCHMOD    EMU_DSP_ERROR(0x03eu)
#define EMU_DSP_ENOSUCHSYMBOL EMU_DSP_ERROR(0x042u)
#define EMU_DSP_EBADELF	      EMU_DSP_ERROR(0x052u)
#define EMU_DSP_EBADSIZE      EMU_DSP_ERROR(0x04du)
#define EMU_DSP_ENOSUCHMAP    EMU_DSP_ERROR(0x048u)
#define EMU_DSP_EBADVA	      EMU_DSP_ERROR(0x083u)
#define EMU_DSP_ERPC	      EMU_DSP_ERROR(0x200u)

#endif
