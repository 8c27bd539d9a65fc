/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Folders that the app lets DSP processes reach besides the search path: with frpc_allow_folder(), or
 * for programs that do not know of it, with FRPC_FILES_READ and FRPC_FILES_WRITE (";" between folders).
 */
#ifndef FRPC_LIB_FOLDERS_H
#define FRPC_LIB_FOLDERS_H

#include <stdbool.h>

/*
 * Calls @each for every folder of the kind: all that may be read, or only those that may be written.
 * Stops at non-zero and returns that.
 */
int frpc_folders_each(bool writable, int (*each)(void *context, const char *folder), void *context);

/* FRPC_FILES=unconfined: a DSP may follow symbolic links out of the folders, and read any path. */
bool frpc_folders_are_unconfined(void);

#endif
