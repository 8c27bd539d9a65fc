/* SPDX-License-Identifier: BSD-3-Clause */
/* An end whose other end is in another process, over a SOCK_SEQPACKET socket. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link.h"

#define LARGEST_DATAGRAM 256

struct socket_end {
	struct emu_end end;
	int fd;
	pthread_t thread; /* from the first connect() on: nothing that came before is lost */
	bool started;
	pthread_rwlock_t lock; /* read: receiving; write: connecting */
	emu_receive_fn *receive;
	void *context;
};

static int socket_send(struct emu_end *end, const void *bytes, size_t len)
{
	struct socket_end *mine = (struct socket_end *)end;
	ssize_t sent;

	do
		sent = send(mine->fd, bytes, len, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent == (ssize_t)len)
		return 0;
	return sent < 0 && errno == EMSGSIZE ? -EMSGSIZE : -ENODEV;
}

/* Ends when the peer goes away or free() shuts the socket down. */
static void *receive_loop(void *arg)
{
	struct socket_end *end = arg;
	char bytes[LARGEST_DATAGRAM];

	for (;;) {
		ssize_t len = recv(end->fd, bytes, sizeof(bytes), 0);

		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			return NULL;
		pthread_rwlock_rdlock(&end->lock);
		if (end->receive)
			end->receive(end->context, bytes, (size_t)len);
		pthread_rwlock_unlock(&end->lock);
	}
}

static void socket_connect(struct emu_end *end, emu_receive_fn *receive, void *context)
{
	struct socket_end *mine = (struct socket_end *)end;

	pthread_rwlock_wrlock(&mine->lock);
	mine->receive = receive;
	mine->context = context;
	if (receive && !mine->started)
		mine->started = !pthread_create(&mine->thread, NULL, receive_loop, mine);
	pthread_rwlock_unlock(&mine->lock);
}

static void socket_free(struct emu_end *end)
{
	struct socket_end *mine = (struct socket_end *)end;

	shutdown(mine->fd, SHUT_RDWR);
	if (mine->started)
		pthread_join(mine->thread, NULL);
	close(mine->fd);
	pthread_rwlock_destroy(&mine->lock);
	free(mine);
}

static const struct emu_end_ops socket_ops = {
	.send = socket_send,
	.connect = socket_connect,
	.free = socket_free,
};

int emu_socket_end_new(int fd, struct emu_end **ret_end)
{
	struct socket_end *end = calloc(1, sizeof(*end));

	if (!end)
		return -ENOMEM;
	end->end.ops = &socket_ops;
	end->fd = fd;
	pthread_rwlock_init(&end->lock, NULL);
	*ret_end = &end->end;
	return 0;
}
