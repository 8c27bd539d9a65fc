/* SPDX-License-Identifier: BSD-3-Clause */
/* Looking at the arguments of a reverse call: all of it comes from the DSP. */
#ifndef FRPC_LIB_SERVICES_ARGS_H
#define FRPC_LIB_SERVICES_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#include "../reverse.h"

/* Exactly @ins and @outs buffers, the first of each with at least so many bytes? */
static inline bool frpc_args_shape(const struct frpc_reverse_call *call, uint32_t ins,
				   uint32_t outs, size_t prim_in, size_t prim_out)
{
	return FRPC_SC_INBUFS(call->sc) == ins && FRPC_SC_OUTBUFS(call->sc) == outs &&
	       (!ins || call->args[0].buf.nLen >= prim_in) &&
	       (!outs || call->args[ins].buf.nLen >= prim_out);
}

/* In buffer @index as a string that ends where the buffer does, or NULL. */
static inline const char *frpc_args_string(const struct frpc_reverse_call *call, uint32_t index)
{
	const remote_buf *buffer = &call->args[index].buf;
	const char *text = buffer->pv;

	if (index >= FRPC_SC_INBUFS(call->sc) || !buffer->nLen || text[buffer->nLen - 1])
		return NULL;
	return text;
}

static inline uint32_t frpc_args_u32(const struct frpc_reverse_call *call, size_t offset)
{
	uint32_t value;

	memcpy(&value, (const char *)call->args[0].buf.pv + offset, sizeof(value));
	return value;
}

static inline uint64_t frpc_args_u64(const struct frpc_reverse_call *call, size_t offset)
{
	uint64_t value;

	memcpy(&value, (const char *)call->args[0].buf.pv + offset, sizeof(value));
	return value;
}

/* Writes @len bytes to out buffer @index (counted from the first out buffer), which has them. */
static inline void frpc_args_put(const struct frpc_reverse_call *call, uint32_t index,
				 const void *bytes, size_t len)
{
	memcpy(call->args[FRPC_SC_INBUFS(call->sc) + index].buf.pv, bytes, len);
}

/* As much of @text as out buffer @index has room for, with its NUL. */
static inline void frpc_args_put_text(const struct frpc_reverse_call *call, uint32_t index,
				      const char *text)
{
	size_t room = call->args[FRPC_SC_INBUFS(call->sc) + index].buf.nLen, len = strlen(text);

	if (!room)
		return;
	len = len < room ? len : room - 1;
	frpc_args_put(call, index, text, len); /* the buffer was zero */
}

#endif
