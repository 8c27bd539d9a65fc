/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Takes up changes of the program's .farf file while sessions are open: one thread of the process
 * watches the folders of the search path that were there when a session opened.
 */
#ifndef FRPC_LIB_FARF_WATCH_H
#define FRPC_LIB_FARF_WATCH_H

#include <stdint.h>

/* A session of @domain opens: its folders are watched from now on. */
void frpc_farf_watch_begin(uint32_t domain);
/* It has ended. The thread ends with the last one. */
void frpc_farf_watch_end(void);

#endif
