/* SPDX-License-Identifier: BSD-3-Clause */
/* apps_std: the C library that a DSP process uses on the CPU. Its parts, one file each. */
#ifndef FRPC_LIB_SERVICES_STD_H
#define FRPC_LIB_SERVICES_STD_H

#include "roots.h"
#include "services.h"

struct frpc_environment;
struct frpc_files;
struct frpc_folders;
struct frpc_transport;
struct frpc_whole_files;

struct frpc_std {
	struct frpc_roots roots;
	struct frpc_files *files;
	struct frpc_folders *folders;
	struct frpc_environment *environment;
	struct frpc_whole_files *whole_files;
};

/* @transport, which may be NULL, lends its driver's memory. */
int frpc_std_new(uint32_t domain, const char *data_dir, struct frpc_transport *transport,
		 struct frpc_std **ret_std);
/* Takes NULL. */
void frpc_std_free(struct frpc_std *std);
int frpc_std_call(struct frpc_std *std, const struct frpc_reverse_call *call);
/* Where the last file that was not there had been looked for. Any thread. */
void frpc_std_tried(struct frpc_std *std, char *text, size_t textlen);

/* The code that the DSP gets for what roots.h or the system answered: 0 or -errno. */
int frpc_std_code(int res);

#endif
