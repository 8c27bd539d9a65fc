/* SPDX-License-Identifier: BSD-3-Clause */
/* A skel that makes whatever reverse call the app asks for: what it sends, and how to ask. */
#ifndef PROXY_H
#define PROXY_H

#include <stdint.h>

#define PROXY_URI "file:///libproxy_skel.so?proxy_skel_handle_invoke&_modver=1.0"

#define PROXY_BUFFERS 8
#define PROXY_METHOD  2
#define PROXY_OPEN    3 /* in: a module's name; out: an AEE code and the handle, for .held */
#define PROXY_ROOM    8192

/* First in buffer of PROXY_METHOD; the second has the in buffers one after the other, the out buffer the outs. */
struct proxy_call {
	char module[128];
	uint32_t sc;
	uint32_t keep; /* leave the module open */
	uint32_t held; /* not 0: the handle of a module that is open, and stays so */
	uint32_t in_len[PROXY_BUFFERS], out_len[PROXY_BUFFERS];
};

#endif
