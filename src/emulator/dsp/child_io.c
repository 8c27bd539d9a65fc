/* SPDX-License-Identifier: BSD-3-Clause */
#include "child_io.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool emu_child_read(int socket, void *bytes, size_t len)
{
	unsigned char *at = bytes;

	while (len) {
		ssize_t got = recv(socket, at, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		len -= (size_t)got;
	}
	return true;
}

bool emu_child_write(int socket, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	while (len) {
		ssize_t put = send(socket, at, len, MSG_NOSIGNAL);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		at += put;
		len -= (size_t)put;
	}
	return true;
}

bool emu_child_send(int socket, const void *message, size_t len, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {(void *)(uintptr_t)message, len};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t sent;

	if (fd >= 0) {
		header.msg_control = control.room;
		header.msg_controllen = sizeof(control.room);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	do
		sent = sendmsg(socket, &header, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)len;
}

int emu_child_ask(int socket, const struct emu_child_request *request, int fd,
		  struct emu_child_answer *answer)
{
	ssize_t len;

	if (!emu_child_send(socket, request, sizeof(*request), fd))
		return -EPIPE;
	do
		len = recv(socket, answer, sizeof(*answer), 0);
	while (len < 0 && errno == EINTR);
	if (len != sizeof(*answer))
		return -EPIPE;
	/* A skel may have written over them. */
	answer->words[sizeof(answer->words) - 1] = 0;
	return 0;
}

/* The first descriptor that came, or -1. Who sends may be hostile: all others are closed. */
static int take_fd(struct msghdr *header)
{
	int fd = -1;

	for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
		size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int one;

			memcpy(&one, CMSG_DATA(part) + i * sizeof(one), sizeof(one));
			if (fd < 0)
				fd = one;
			else
				close(one);
		}
	}
	return fd;
}

ssize_t emu_child_receive(int socket, void *message, size_t len, int *ret_fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {message, len};
	struct msghdr header = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	ssize_t got;

	*ret_fd = -1;
	do
		got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got >= 0)
		*ret_fd = take_fd(&header);
	if (!got && *ret_fd >= 0) {
		close(*ret_fd);
		*ret_fd = -1;
	}
	return got;
}
