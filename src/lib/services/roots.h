/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a DSP's file names lead: into the search path and the folders that the app allows, and
 * nowhere else. A name is relative to those, or absolute and beneath one of them; "..", symbolic links
 * and special files do not lead out. Writing is possible only in folders allowed for it.
 */
#ifndef FRPC_LIB_SERVICES_ROOTS_H
#define FRPC_LIB_SERVICES_ROOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frpc_roots {
	uint32_t domain;
	const char *data_dir; /* searched last; may be NULL */
};

enum frpc_roots_use {
	FRPC_ROOTS_READ,
	FRPC_ROOTS_WRITE,
};

/*
 * Opens @name with @flags of open(2), O_CLOEXEC. A new file is made in the first folder that may be
 * written. -ENOENT; -EPERM: it leads out, or may not be written; the errno of one that is there but
 * cannot be opened. @tried, if not NULL, gets every path tried.
 */
int frpc_roots_open(const struct frpc_roots *roots, const char *name, enum frpc_roots_use use,
		    int flags, int *ret_fd, char *tried, size_t triedlen);

/*
 * Opens the folder that @name lies in (O_PATH), and says what it is called there: at most
 * @lastlen - 1 characters in @last. The first folder that holds @name, else (to make it) the first
 * that could. Errors as above.
 */
int frpc_roots_open_parent(const struct frpc_roots *roots, const char *name, int *ret_fd,
			   char *last, size_t lastlen);

#endif
