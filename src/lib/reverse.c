/* SPDX-License-Identifier: BSD-3-Clause */
#include "reverse.h"

#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#include "AEEStdErr.h"

#define ALIGN 8u

static size_t aligned(size_t at)
{
	return (at + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

/* Reads the length word at *@at. False: it is not there. */
static int take_length(const unsigned char *bytes, size_t len, size_t *at, uint32_t *ret_length)
{
	if (len < sizeof(*ret_length) || *at > len - sizeof(*ret_length))
		return AEE_EBADPARM;
	memcpy(ret_length, bytes + *at, sizeof(*ret_length));
	*at += sizeof(*ret_length);
	return AEE_SUCCESS;
}

static int take_ins(struct frpc_reverse_call *call, const unsigned char *bytes, size_t len,
		    size_t *at)
{
	for (uint32_t i = 0; i < FRPC_SC_INBUFS(call->sc); i++) {
		uint32_t length;

		if (take_length(bytes, len, at, &length))
			return AEE_EBADPARM;
		call->args[i].buf.nLen = length;
		if (!length)
			continue;
		*at = aligned(*at);
		if (*at > len || length > len - *at)
			return AEE_EBADPARM;
		call->args[i].buf.pv = (void *)(uintptr_t)(bytes + *at);
		*at += length;
	}
	return AEE_SUCCESS;
}

/* Lays the answer out: each out buffer's length, padding to 8, room for its bytes. */
static int take_outs(struct frpc_reverse_call *call, const unsigned char *bytes, size_t len,
		     size_t at)
{
	uint32_t ins = FRPC_SC_INBUFS(call->sc), all = FRPC_SC_BUFS(call->sc);
	size_t size = 0;

	for (uint32_t i = ins; i < all; i++) {
		uint32_t length;

		if (take_length(bytes, len, &at, &length))
			return AEE_EBADPARM;
		if (length > FRPC_REVERSE_LARGEST || size > FRPC_REVERSE_LARGEST)
			return AEE_EBADSIZE;
		call->args[i].buf.nLen = length;
		size += sizeof(length);
		if (length)
			size = aligned(size) + length;
	}
	call->answer_len = size;
	call->answer = calloc(1, size ? size : 1);
	if (!call->answer)
		return AEE_ENORPCMEMORY;
	size = 0;
	for (uint32_t i = ins; i < all; i++) {
		uint32_t length = (uint32_t)call->args[i].buf.nLen;

		memcpy(call->answer + size, &length, sizeof(length));
		size += sizeof(length);
		if (!length)
			continue;
		size = aligned(size);
		call->args[i].buf.pv = call->answer + size;
		size += length;
	}
	return AEE_SUCCESS;
}

int frpc_reverse_open(struct frpc_reverse_call *call, uint32_t handle, uint32_t sc,
		      const void *bytes, size_t len)
{
	size_t at = 0;
	int res;

	memset(call, 0, sizeof(*call));
	call->handle = handle;
	call->sc = sc;
	if (FRPC_SC_INHANDLES(sc) || FRPC_SC_OUTHANDLES(sc))
		return AEE_EBADPARM;
	/* Spare empty ones, so that a service may look at the first few without counting. */
	call->args = calloc(FRPC_SC_BUFS(sc) + 8, sizeof(*call->args));
	if (!call->args)
		return AEE_ENORPCMEMORY;
	res = take_ins(call, bytes, len, &at);
	return res ? res : take_outs(call, bytes, len, at);
}

void frpc_reverse_close(struct frpc_reverse_call *call)
{
	free(call->args);
	free(call->answer);
	memset(call, 0, sizeof(*call));
}
