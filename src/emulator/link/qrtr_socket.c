/* SPDX-License-Identifier: BSD-3-Clause */
/* Sockets of a router network, and the name service of a local one. */
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "qrtr.h"

#ifndef AF_QIPCRTR
#define AF_QIPCRTR 42
#endif

#define LOCAL_NODE 1u
#define FIRST_PORT 0x4000u
#define ENTRIES	   64u

/* uapi: linux/qrtr.h */
struct qrtr_sockaddr {
	uint16_t family;
	uint32_t node, port;
};

struct entry {
	bool used;
	uint32_t service, instance;
	struct emu_qrtr_address address;
};

struct emu_qrtr_network {
	bool local;
	unsigned int number; /* names the sockets of this network */
	_Atomic uint32_t next_port;
	/* The name service: its thread alone touches the tables. */
	struct emu_qrtr_socket *socket;
	pthread_t thread;
	struct entry servers[ENTRIES], lookups[ENTRIES];
};

struct emu_qrtr_socket {
	struct emu_qrtr_network *network;
	int fd, stop_fd;
	struct emu_qrtr_address address;
};

static socklen_t local_name(const struct emu_qrtr_network *network, struct emu_qrtr_address address,
			    struct sockaddr_un *name)
{
	int len;

	memset(name, 0, sizeof(*name));
	name->sun_family = AF_UNIX;
	/* Abstract: nothing stays behind. */
	len = snprintf(name->sun_path + 1, sizeof(name->sun_path) - 1, "frpc-qrtr-%d-%u/%08x/%08x",
		       (int)getpid(), network->number, address.node, address.port);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

/* The address in the name of a local socket. */
static int parse_name(const struct sockaddr_un *name, socklen_t len,
		      struct emu_qrtr_address *ret_address)
{
	char text[sizeof(name->sun_path)] = "";
	const char *slash;
	size_t used = len - offsetof(struct sockaddr_un, sun_path);

	if (len <= offsetof(struct sockaddr_un, sun_path) + 1 || used >= sizeof(text))
		return -EINVAL;
	memcpy(text, name->sun_path + 1, used - 1);
	slash = strchr(text, '/');
	return slash && sscanf(slash, "/%8x/%8x", &ret_address->node, &ret_address->port) == 2
		       ? 0
		       : -EINVAL;
}

static int open_local(struct emu_qrtr_network *network, struct emu_qrtr_socket *sock, uint32_t port)
{
	struct sockaddr_un name;
	socklen_t len;

	sock->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock->fd < 0)
		return -errno;
	sock->address = (struct emu_qrtr_address){LOCAL_NODE, port};
	len = local_name(network, sock->address, &name);
	return bind(sock->fd, (struct sockaddr *)&name, len) ? -errno : 0;
}

/* The kernel's router names the node, and gives the socket a port when it is bound to none. */
static int open_router(struct emu_qrtr_socket *sock)
{
	struct qrtr_sockaddr name;
	struct sockaddr *any = (struct sockaddr *)&name;
	socklen_t len = sizeof(name);

	sock->fd = socket(AF_QIPCRTR, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock->fd < 0 || getsockname(sock->fd, any, &len))
		return -errno;
	if (len != sizeof(name) || name.family != AF_QIPCRTR)
		return -EAFNOSUPPORT;
	name.port = 0;
	if (bind(sock->fd, any, len) || getsockname(sock->fd, any, &len))
		return -errno;
	sock->address = (struct emu_qrtr_address){name.node, name.port};
	return 0;
}

static int open_socket(struct emu_qrtr_network *network, uint32_t port,
		       struct emu_qrtr_socket **ret_socket)
{
	struct emu_qrtr_socket *sock = calloc(1, sizeof(*sock));
	int res;

	if (!sock)
		return -ENOMEM;
	sock->network = network;
	sock->fd = -1;
	sock->stop_fd = eventfd(0, EFD_CLOEXEC);
	res = sock->stop_fd < 0 ? -errno
	      : network->local	? open_local(network, sock, port)
				: open_router(sock);
	if (res) {
		emu_qrtr_socket_free(sock);
		return res;
	}
	*ret_socket = sock;
	return 0;
}

int emu_qrtr_socket_new(struct emu_qrtr_network *network, struct emu_qrtr_socket **ret_socket)
{
	return open_socket(network, atomic_fetch_add(&network->next_port, 1), ret_socket);
}

void emu_qrtr_socket_free(struct emu_qrtr_socket *sock)
{
	if (!sock)
		return;
	if (sock->fd >= 0)
		close(sock->fd);
	if (sock->stop_fd >= 0)
		close(sock->stop_fd);
	free(sock);
}

struct emu_qrtr_address emu_qrtr_socket_address(const struct emu_qrtr_socket *sock)
{
	return sock->address;
}

int emu_qrtr_socket_send(struct emu_qrtr_socket *sock, struct emu_qrtr_address to,
			 const void *bytes, size_t len)
{
	struct qrtr_sockaddr router = {AF_QIPCRTR, to.node, to.port};
	struct sockaddr_un local;
	const struct sockaddr *name = (const struct sockaddr *)&router;
	socklen_t namelen = sizeof(router);
	ssize_t sent;

	if (sock->network->local) {
		namelen = local_name(sock->network, to, &local);
		name = (const struct sockaddr *)&local;
	}
	do
		/* The router takes no flags, and raises no signal. */
		sent = sendto(sock->fd, bytes, len, sock->network->local ? MSG_NOSIGNAL : 0, name,
			      namelen);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

int emu_qrtr_socket_control(struct emu_qrtr_socket *sock, const struct emu_qrtr_packet *packet)
{
	const struct emu_qrtr_packet wire = {
		htole32(packet->command), htole32(packet->service), htole32(packet->instance),
		htole32(packet->node),	  htole32(packet->port),
	};
	const struct emu_qrtr_address to = {sock->address.node, EMU_QRTR_CONTROL_PORT};

	return emu_qrtr_socket_send(sock, to, &wire, sizeof(wire));
}

long emu_qrtr_socket_receive(struct emu_qrtr_socket *sock, void *bytes, size_t room,
			     struct emu_qrtr_address *ret_from)
{
	struct pollfd fds[2] = {{sock->fd, POLLIN, 0}, {sock->stop_fd, POLLIN, 0}};
	union {
		struct sockaddr_un local;
		struct qrtr_sockaddr router;
	} name;
	socklen_t len = sizeof(name);
	ssize_t got;

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return -errno;
	if (fds[1].revents)
		return -EPIPE;
	got = recvfrom(sock->fd, bytes, room, 0, (struct sockaddr *)&name, &len);
	if (got < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	if (!sock->network->local)
		*ret_from = (struct emu_qrtr_address){name.router.node, name.router.port};
	else if (parse_name(&name.local, len, ret_from))
		return -EAGAIN; /* from nobody on this network */
	return got;
}

void emu_qrtr_socket_stop(struct emu_qrtr_socket *sock)
{
	eventfd_write(sock->stop_fd, 1);
}

bool emu_qrtr_is_control(const struct emu_qrtr_socket *sock, struct emu_qrtr_address from)
{
	return from.node == sock->address.node && from.port == EMU_QRTR_CONTROL_PORT;
}

/* ---- the name service of a local network ---- */

static void tell(struct emu_qrtr_network *network, struct emu_qrtr_address to, uint32_t command,
		 const struct entry *server)
{
	struct emu_qrtr_packet wire = {.command = htole32(command)};

	if (server)
		wire = (struct emu_qrtr_packet){htole32(command), htole32(server->service),
						htole32(server->instance),
						htole32(server->address.node),
						htole32(server->address.port)};
	emu_qrtr_socket_send(network->socket, to, &wire, sizeof(wire));
}

static bool wants(const struct entry *lookup, const struct entry *server)
{
	return lookup->used && lookup->service == server->service &&
	       (!lookup->instance || lookup->instance == server->instance);
}

static void tell_all(struct emu_qrtr_network *network, uint32_t command, const struct entry *server)
{
	for (uint32_t i = 0; i < ENTRIES; i++)
		if (wants(&network->lookups[i], server))
			tell(network, network->lookups[i].address, command, server);
}

static bool same(const struct entry *a, const struct entry *b)
{
	return a->service == b->service && a->instance == b->instance &&
	       a->address.node == b->address.node && a->address.port == b->address.port;
}

static void enter(struct entry *entries, const struct entry *entry)
{
	for (uint32_t i = 0; i < ENTRIES; i++)
		if (!entries[i].used || same(&entries[i], entry)) {
			entries[i] = *entry;
			return;
		}
}

static bool withdraw(struct entry *entries, const struct entry *entry)
{
	for (uint32_t i = 0; i < ENTRIES; i++)
		if (entries[i].used && same(&entries[i], entry)) {
			entries[i].used = false;
			return true;
		}
	return false;
}

static void look_up(struct emu_qrtr_network *network, const struct entry *lookup)
{
	enter(network->lookups, lookup);
	for (uint32_t i = 0; i < ENTRIES; i++)
		if (network->servers[i].used && wants(lookup, &network->servers[i]))
			tell(network, lookup->address, EMU_QRTR_NEW_SERVER, &network->servers[i]);
	tell(network, lookup->address, EMU_QRTR_NEW_SERVER, NULL); /* that was all */
}

static void *serve_names(void *arg)
{
	struct emu_qrtr_network *network = arg;
	struct emu_qrtr_address from;
	struct emu_qrtr_packet packet;
	long len;

	while ((len = emu_qrtr_socket_receive(network->socket, &packet, sizeof(packet), &from)) !=
	       -EPIPE) {
		struct entry entry = {true, le32toh(packet.service), le32toh(packet.instance),
				      from};

		if (len != sizeof(packet))
			continue;
		switch (le32toh(packet.command)) {
		case EMU_QRTR_NEW_LOOKUP:
			look_up(network, &entry);
			break;
		case EMU_QRTR_NEW_SERVER:
			enter(network->servers, &entry);
			tell_all(network, EMU_QRTR_NEW_SERVER, &entry);
			break;
		case EMU_QRTR_DEL_SERVER:
			if (withdraw(network->servers, &entry))
				tell_all(network, EMU_QRTR_DEL_SERVER, &entry);
			break;
		default:
			break;
		}
	}
	return NULL;
}

/* Sockets alone do not help: somebody must answer for names, which older kernels leave to a program. */
static bool kernel_has_router(void)
{
	const struct emu_qrtr_packet lookup = {EMU_QRTR_NEW_LOOKUP, EMU_QRTR_SERVICE, 0, 0, 0};
	struct emu_qrtr_network network = {.local = false};
	struct emu_qrtr_socket *sock;
	bool answers;

	if (open_socket(&network, 0, &sock))
		return false;
	answers = !emu_qrtr_socket_control(sock, &lookup);
	emu_qrtr_socket_free(sock); /* and with it the lookup */
	return answers;
}

int emu_qrtr_network_new(bool local, struct emu_qrtr_network **ret_network)
{
	static _Atomic unsigned int networks;
	struct emu_qrtr_network *network = calloc(1, sizeof(*network));
	int res = 0;

	if (!network)
		return -ENOMEM;
	network->local = local || !kernel_has_router();
	network->number = atomic_fetch_add(&networks, 1);
	atomic_init(&network->next_port, FIRST_PORT);
	if (network->local) {
		res = open_socket(network, EMU_QRTR_CONTROL_PORT, &network->socket);
		if (!res && pthread_create(&network->thread, NULL, serve_names, network))
			res = -ENOMEM;
	}
	if (res) {
		emu_qrtr_socket_free(network->socket);
		free(network);
		return res;
	}
	*ret_network = network;
	return 0;
}

bool emu_qrtr_network_is_local(const struct emu_qrtr_network *network)
{
	return network->local;
}

void emu_qrtr_network_free(struct emu_qrtr_network *network)
{
	if (!network)
		return;
	if (network->socket) {
		emu_qrtr_socket_stop(network->socket);
		pthread_join(network->thread, NULL);
		emu_qrtr_socket_free(network->socket);
	}
	free(network);
}
