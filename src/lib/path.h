/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where DSP libraries lie: DSP_LIBRARY_PATH, else ADSP_LIBRARY_PATH (";" between folders), then the
 * folder of this board (machine_folder.h) and the system's folders; in each first the domain's own
 * subfolder. Nothing outside of them is opened.
 */
#ifndef FRPC_LIB_PATH_H
#define FRPC_LIB_PATH_H

#include <stddef.h>
#include <stdint.h>

/*
 * Opens the regular file @name for reading, O_CLOEXEC. @extra, if not NULL, is searched last. -ENOENT
 * or the errno of the last file that was there but could not be opened; -EINVAL: @name leads out of
 * the folders. @tried, if not NULL, gets every path tried, with its errno in words where it was there.
 */
int frpc_path_open(uint32_t domain, const char *name, const char *extra, int *ret_fd, char *tried,
		   size_t triedlen);

/* Calls @each for every folder of the search path that exists, subfolders first. Stops at non-zero. */
int frpc_path_each(uint32_t domain, const char *extra,
		   int (*each)(void *context, const char *folder), void *context);

/*
 * Adds @folder/@name to the list of paths tried, as far as it fits, with @error in words unless it
 * says that nothing is there. @tried may be NULL.
 */
void frpc_path_note(char *tried, size_t triedlen, const char *folder, const char *name, int error);

#endif
