/* SPDX-License-Identifier: BSD-3-Clause */
#include "call_message.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

/* Puts the arguments behind @call. False: too many bytes outside shared memory. */
static bool put_args(struct emu_child_call *call, struct emu_ranges *shared, const remote_arg *args)
{
	remote_arg *to = (remote_arg *)(call + 1);
	unsigned char *bytes = (unsigned char *)(to + call->count);

	memcpy(to, args, call->count * sizeof(*args));
	for (uint32_t i = 0; i < FRPC_SC_BUFS(call->sc); i++) {
		size_t len = args[i].buf.nLen;

		if (!len || emu_ranges_hold(shared, (uintptr_t)args[i].buf.pv, len))
			continue;
		if (len > EMU_CHILD_INLINE_MOST - call->inline_bytes)
			return false;
		memcpy(bytes + call->inline_bytes, args[i].buf.pv, len);
		to[i].buf.pv = (void *)((uintptr_t)call->inline_bytes | EMU_CHILD_INLINE_MARK);
		call->inline_bytes += (len + 7) & ~(size_t)7;
		if (call->inline_bytes > EMU_CHILD_INLINE_MOST)
			return false;
	}
	return true;
}

int emu_call_message_pack(struct emu_call_message *message, const struct emu_child_call *head,
			  struct emu_ranges *shared, const remote_arg *args)
{
	size_t args_bytes = head->count * sizeof(*args);
	struct emu_child_call *call = malloc(EMU_CHILD_CALL_MOST + args_bytes);

	if (!call)
		return -ENOMEM;
	*call = *head;
	if (!put_args(call, shared, args)) {
		free(call);
		return -ENOMEM;
	}
	message->call = call;
	message->len = sizeof(*call) + args_bytes + (size_t)call->inline_bytes;
	message->sent = (remote_arg *)((unsigned char *)call + EMU_CHILD_CALL_MOST);
	memcpy(message->sent, call + 1, args_bytes);
	return 0;
}

/* How many arguments there are and where they lie is what was sent: the answer is the child's. */
void emu_call_message_unpack(const struct emu_call_message *message, uint32_t sc, remote_arg *args)
{
	uint32_t bufs = FRPC_SC_BUFS(sc), count = FRPC_SC_LENGTH(sc);
	const remote_arg *from = (const remote_arg *)(message->call + 1);
	const unsigned char *bytes = (const unsigned char *)(from + count);
	const remote_arg *sent = message->sent;

	for (uint32_t i = FRPC_SC_INBUFS(sc); i < bufs; i++)
		if ((uintptr_t)sent[i].buf.pv & EMU_CHILD_INLINE_MARK && args[i].buf.nLen)
			memcpy(args[i].buf.pv,
			       bytes + ((uintptr_t)sent[i].buf.pv & ~EMU_CHILD_INLINE_MARK),
			       args[i].buf.nLen);
	for (uint32_t i = bufs; i < count; i++)
		args[i] = from[i];
}

void emu_call_message_free(struct emu_call_message *message)
{
	free(message->call);
	message->call = NULL;
}
