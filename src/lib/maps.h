/* SPDX-License-Identifier: BSD-3-Clause */
/* What fastrpc_mmap() has mapped: (session, fd, address, length) to the DSP's address. */
#ifndef FRPC_LIB_MAPS_H
#define FRPC_LIB_MAPS_H

#include <stddef.h>
#include <stdint.h>

struct frpc_session;

/* 0, AEE_EALREADY (that fd and range are mapped there), AEE_ENOMEMORY. */
int frpc_maps_claim(struct frpc_session *session, int fd, const void *address, size_t length);
void frpc_maps_set(struct frpc_session *session, int fd, const void *address, size_t length,
		   uint64_t dsp_address);
/* Forgets it and tells the DSP's address: 0, -ENOENT, or -EBUSY: a queue's packets refer to it. */
int frpc_maps_drop(struct frpc_session *session, int fd, const void *address, size_t length,
		   uint64_t *ret_dsp_address);

/*
 * The map of @fd in @session, for packets of queues: its app address and length, and @change (-1, 0,
 * +1) of its references. 0, -ENOENT, -ERANGE (fewer than none).
 */
int frpc_maps_refer(struct frpc_session *session, int fd, int change, void **ret_address,
		    size_t *ret_length);
/* Forgets all of @session and says how many there were. */
uint32_t frpc_maps_forget(const struct frpc_session *session);
/* No queue of @session is left that could give references back. */
void frpc_maps_unrefer_all(struct frpc_session *session);

#endif
