/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a DSP may call on the CPU. One set of services belongs to one session; its calls come from
 * the session's listener thread only.
 */
#ifndef FRPC_LIB_SERVICES_H
#define FRPC_LIB_SERVICES_H

#include <stddef.h>

#include "../reverse.h"

struct frpc_remote;
struct frpc_services;

struct frpc_services_config {
	uint32_t domain;
	const char *data_dir;	    /* searched last for files; may be NULL; borrowed */
	struct frpc_remote *remote; /* the session's; NULL: nothing can be mapped; borrowed */
};

/* 0 or -ENOMEM. */
int frpc_services_new(const struct frpc_services_config *config,
		      struct frpc_services **ret_services);
/*
 * Nothing is served any more: closes the app's modules that the DSP left open. On the thread that served,
 * since that is code of the app.
 */
void frpc_services_end(struct frpc_services *services);
/* Closes what the DSP left open. Takes NULL. */
void frpc_services_free(struct frpc_services *services);

/* Serves @call: 0, or an AEE code (without the DSP's offset) or errno for the DSP. */
int frpc_services_call(struct frpc_services *services, struct frpc_reverse_call *call);

/* Copies the paths where the last file that was not found had been looked for. Any thread. */
void frpc_services_tried(struct frpc_services *services, char *text, size_t textlen);

#endif
