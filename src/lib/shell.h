/* SPDX-License-Identifier: BSD-3-Clause */
/* The shell: the program that a new DSP process runs, read from the search path into shared memory. */
#ifndef FRPC_LIB_SHELL_H
#define FRPC_LIB_SHELL_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

struct frpc_shell {
	struct frpc_buffer buffer; /* bytes NULL: none */
	uint32_t length;
};

/*
 * 0; -ENOENT with the paths in @tried; other errnos of reading it. Which file: fastrpc_shell_<domain>
 * or, for unsigned processes, fastrpc_shell_unsigned_<domain>.
 */
int frpc_shell_load(struct frpc_transport *transport, uint32_t domain, bool unsigned_pd,
		    const char *data_dir, struct frpc_shell *ret_shell, char *tried,
		    size_t triedlen);
void frpc_shell_free(struct frpc_shell *shell);

#endif
