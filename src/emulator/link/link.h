/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The link seam: one channel between a driver and a DSP. SMQ messages (fastrpc/abi/smq.h) cross it
 * and nothing else; each is one datagram. A channel has two ends; each end receives through the
 * function its owner connected, on the sender's thread (in-process) or the channel's own thread.
 */
#ifndef EMU_LINK_H
#define EMU_LINK_H

#include <stdbool.h>
#include <stddef.h>

struct emu_end;

/*
 * Receives one datagram, valid for the call only. The result goes back to the sender where the
 * channel can carry it (0 or -errno, e.g. -EINVAL short message, -ENOENT unknown context).
 */
typedef int emu_receive_fn(void *context, const void *bytes, size_t len);

struct emu_end_ops {
	/* Hands @bytes to the other end. 0, the receiver's result, or -ENODEV: channel down. */
	int (*send)(struct emu_end *end, const void *bytes, size_t len);
	/* From now on @receive gets what arrives. With NULL: returns after the last call of the old one. */
	void (*connect)(struct emu_end *end, emu_receive_fn *receive, void *context);
	void (*free)(struct emu_end *end);
};

struct emu_end {
	const struct emu_end_ops *ops;
};

static inline int emu_end_send(struct emu_end *end, const void *bytes, size_t len)
{
	return end->ops->send(end, bytes, len);
}

static inline void emu_end_connect(struct emu_end *end, emu_receive_fn *receive, void *context)
{
	end->ops->connect(end, receive, context);
}

/* Takes NULL. The end must have been disconnected (connect with NULL). */
static inline void emu_end_free(struct emu_end *end)
{
	if (end)
		end->ops->free(end);
}

/*
 * An rpmsg channel inside this process: two ends, up at once. emu_rpmsg_set_up(false) makes every
 * send fail with -ENODEV. Either end may be freed first.
 */
int emu_rpmsg_new(struct emu_end **ret_driver, struct emu_end **ret_dsp);
void emu_rpmsg_set_up(struct emu_end *either, bool up);

/* The end of a channel whose DSP does not exist: every send is -ENODEV. Static; never to be freed. */
struct emu_end *emu_rpmsg_absent(void);

/*
 * An end whose other end is in another process, over @fd, a connected SOCK_SEQPACKET socket which
 * it takes over. It has a receiving thread of its own, from connect() on. A peer that goes away means -ENODEV.
 */
int emu_socket_end_new(int fd, struct emu_end **ret_end);

#endif
