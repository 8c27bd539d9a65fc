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
/* Forgets it and tells the DSP's address: 0 or -ENOENT. */
int frpc_maps_drop(struct frpc_session *session, int fd, const void *address, size_t length,
		   uint64_t *ret_dsp_address);

#endif
