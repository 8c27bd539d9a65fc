/* SPDX-License-Identifier: BSD-3-Clause */
/* Whole messages over the sockets of child.h, with descriptors. */
#ifndef EMU_DSP_CHILD_IO_H
#define EMU_DSP_CHILD_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "child.h"

/* All of it, on a SOCK_STREAM socket. False: the other end is gone. */
bool emu_child_read(int socket, void *bytes, size_t len);
bool emu_child_write(int socket, const void *bytes, size_t len);

/* One message with the descriptor @fd, which stays the caller's; -1: without. False: gone. */
bool emu_child_send(int socket, const void *message, size_t len, int fd);
/* A request with the descriptor @fd or -1, and its answer. 0, or -EPIPE: gone. */
int emu_child_ask(int socket, const struct emu_child_request *request, int fd,
		  struct emu_child_answer *answer);
/* Its length, or 0 or less: gone. *@ret_fd is the caller's, -1: none came. */
ssize_t emu_child_receive(int socket, void *message, size_t len, int *ret_fd);

#endif
