/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One call as it goes to a DSP process of the host's, and comes back (struct emu_child_call). Arguments
 * in shared buffers stay there; the bytes of others travel.
 */
#ifndef EMU_DSP_CALL_MESSAGE_H
#define EMU_DSP_CALL_MESSAGE_H

#include <stddef.h>

#include "child.h"
#include "ranges.h"

struct emu_call_message {
	struct emu_child_call *call; /* what is sent, and what the answer overwrites */
	size_t len;
	remote_arg *sent; /* the arguments as sent: the answer says what a skel has left of them */
};

/* @head: all that the call says before its arguments. 0; -ENOMEM: also, too many bytes to send. */
int emu_call_message_pack(struct emu_call_message *message, const struct emu_child_call *head,
			  struct emu_ranges *shared, const remote_arg *args);
/* What the module wrote, back to where it belongs. */
void emu_call_message_unpack(const struct emu_call_message *message, uint32_t sc, remote_arg *args);
void emu_call_message_free(struct emu_call_message *message);

#endif
