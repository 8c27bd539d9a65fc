/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A tap on a link end: everything passes, the last messages are remembered. It is the drivers'
 * message log, and costs a channel a lock and a copy for each message.
 */
#ifndef EMU_LINK_TAP_H
#define EMU_LINK_TAP_H

#include <stdint.h>

#include "../clock.h"
#include "link.h"

#define EMU_TAP_MESSAGES 128u
#define EMU_TAP_BYTES	 40u

struct emu_tap_message {
	uint64_t time_ns; /* on the machine's clock */
	bool received;	  /* from the DSP */
	int result;	  /* of sending it, or of handling it */
	uint32_t length;  /* bytes on the wire; at most EMU_TAP_BYTES are kept */
	unsigned char bytes[EMU_TAP_BYTES];
};

/*
 * An end in front of @end. Both and @clock are borrowed: @end is freed after the tap. 0 or -ENOMEM.
 */
int emu_tap_new(struct emu_end *end, struct emu_clock *clock, struct emu_end **ret_tap);
/* Copies the last messages, oldest first. Their number, at most @most. Any thread. */
uint32_t emu_tap_read(struct emu_end *tap, struct emu_tap_message *messages, uint32_t most);

#endif
