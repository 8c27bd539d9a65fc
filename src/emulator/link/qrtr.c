/* SPDX-License-Identifier: BSD-3-Clause */
/* The two ends of a link over the router: the driver's, which looks, and the DSP's, which serves. */
#include "../deadline.h"
#include "qrtr.h"

#include <endian.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DRIVER_ROOM 24u /* the driver's receive buffer: the size of its longest response */
#define SERVER_ROOM 256u

struct qrtr_end {
	struct emu_end end;
	struct emu_qrtr_network *network;
	struct emu_qrtr_socket *socket;
	bool server;
	uint32_t instance;
	emu_qrtr_state_fn *state;
	void *state_context;
	pthread_t thread;
	bool started;
	pthread_rwlock_t lock; /* read: receiving; write: connecting */
	emu_receive_fn *receive;
	void *context;
	pthread_mutex_t peer_lock; /* where the other end is */
	pthread_cond_t peer_came;
	bool online;
	struct emu_qrtr_address peer;
};

static bool get_peer(struct qrtr_end *end, struct emu_qrtr_address *ret_peer)
{
	bool online;

	pthread_mutex_lock(&end->peer_lock);
	online = end->online;
	*ret_peer = end->peer;
	pthread_mutex_unlock(&end->peer_lock);
	return online;
}

static void set_peer(struct qrtr_end *end, bool online, struct emu_qrtr_address peer)
{
	bool changed;

	pthread_mutex_lock(&end->peer_lock);
	changed = end->online != online;
	end->online = online;
	end->peer = peer;
	pthread_cond_broadcast(&end->peer_came);
	pthread_mutex_unlock(&end->peer_lock);
	if (!changed || !end->state)
		return;
	/* Nothing is told to an owner who has disconnected. */
	pthread_rwlock_rdlock(&end->lock);
	if (end->receive)
		end->state(end->state_context, online);
	pthread_rwlock_unlock(&end->lock);
}

static int qrtr_send(struct emu_end *end, const void *bytes, size_t len)
{
	struct qrtr_end *mine = (struct qrtr_end *)end;
	struct emu_qrtr_address peer;

	if (!get_peer(mine, &peer))
		return -EPIPE;
	return emu_qrtr_socket_send(mine->socket, peer, bytes, len);
}

static void deliver(struct qrtr_end *end, const void *bytes, size_t len)
{
	pthread_rwlock_rdlock(&end->lock);
	if (end->receive)
		end->receive(end->context, bytes, len);
	pthread_rwlock_unlock(&end->lock);
}

/* Servers that come and go; what is short, of another kind or for others does not matter. */
static void handle_control(struct qrtr_end *end, const struct emu_qrtr_packet *wire, size_t len)
{
	struct emu_qrtr_address server, peer;

	if (len < sizeof(*wire))
		return;
	server = (struct emu_qrtr_address){le32toh(wire->node), le32toh(wire->port)};
	switch (le32toh(wire->command)) {
	case EMU_QRTR_NEW_SERVER:
		if (!server.node && !server.port)
			return; /* the end of what is known */
		if (le32toh(wire->service) == EMU_QRTR_SERVICE &&
		    le32toh(wire->instance) == end->instance)
			set_peer(end, true, server);
		return;
	case EMU_QRTR_DEL_SERVER:
		if (get_peer(end, &peer) && peer.node == server.node && peer.port == server.port)
			set_peer(end, false, peer);
		return;
	default:
		return;
	}
}

static void *client_loop(void *arg)
{
	struct qrtr_end *end = arg;
	union {
		unsigned char bytes[DRIVER_ROOM];
		struct emu_qrtr_packet packet;
	} buffer;
	struct emu_qrtr_address from;
	long len;

	for (;;) {
		memset(&buffer, 0, sizeof(buffer));
		len = emu_qrtr_socket_receive(end->socket, &buffer, sizeof(buffer), &from);
		if (len == -EPIPE)
			return NULL;
		if (len < 0)
			continue;
		if (emu_qrtr_is_control(end->socket, from))
			handle_control(end, &buffer.packet, (size_t)len);
		else
			deliver(end, &buffer, sizeof(buffer));
	}
}

static void *server_loop(void *arg)
{
	struct qrtr_end *end = arg;
	unsigned char bytes[SERVER_ROOM];
	struct emu_qrtr_address from;
	long len;

	while ((len = emu_qrtr_socket_receive(end->socket, bytes, sizeof(bytes), &from)) !=
	       -EPIPE) {
		if (len < 0 || emu_qrtr_is_control(end->socket, from))
			continue;
		set_peer(end, true, from);
		deliver(end, bytes, (size_t)len);
	}
	return NULL;
}

/* Says to the name service what this end is, or that it is no more. */
static void announce(struct qrtr_end *end, uint32_t command)
{
	struct emu_qrtr_address own = emu_qrtr_socket_address(end->socket);
	struct emu_qrtr_packet packet = {command, EMU_QRTR_SERVICE, end->instance, 0, 0};

	if (end->server) {
		packet.node = own.node;
		packet.port = own.port;
	}
	emu_qrtr_socket_control(end->socket, &packet);
}

static void qrtr_connect(struct emu_end *end, emu_receive_fn *receive, void *context)
{
	struct qrtr_end *mine = (struct qrtr_end *)end;
	bool was_connected;

	pthread_rwlock_wrlock(&mine->lock);
	was_connected = mine->receive != NULL;
	mine->receive = receive;
	mine->context = context;
	if (receive && !mine->started)
		mine->started = !pthread_create(&mine->thread, NULL,
						mine->server ? server_loop : client_loop, mine);
	pthread_rwlock_unlock(&mine->lock);
	if (mine->server && receive)
		announce(mine, EMU_QRTR_NEW_SERVER);
	else if (mine->server && was_connected)
		announce(mine, EMU_QRTR_DEL_SERVER);
	else if (receive && !was_connected)
		announce(mine, EMU_QRTR_NEW_LOOKUP);
}

static void qrtr_free(struct emu_end *end)
{
	struct qrtr_end *mine = (struct qrtr_end *)end;

	emu_qrtr_socket_stop(mine->socket);
	if (mine->started)
		pthread_join(mine->thread, NULL);
	emu_qrtr_socket_free(mine->socket);
	pthread_cond_destroy(&mine->peer_came);
	pthread_mutex_destroy(&mine->peer_lock);
	pthread_rwlock_destroy(&mine->lock);
	free(mine);
}

static const struct emu_end_ops qrtr_ops = {
	.send = qrtr_send,
	.connect = qrtr_connect,
	.free = qrtr_free,
};

static int new_end(struct emu_qrtr_network *network, uint32_t instance, struct qrtr_end **ret_end)
{
	struct qrtr_end *end = calloc(1, sizeof(*end));
	int res;

	if (!end)
		return -ENOMEM;
	res = emu_qrtr_socket_new(network, &end->socket);
	if (res) {
		free(end);
		return res;
	}
	end->end.ops = &qrtr_ops;
	end->network = network;
	end->instance = instance;
	pthread_rwlock_init(&end->lock, NULL);
	pthread_mutex_init(&end->peer_lock, NULL);
	emu_cond_init(&end->peer_came);
	*ret_end = end;
	return 0;
}

int emu_qrtr_client_new(struct emu_qrtr_network *network, uint32_t instance,
			emu_qrtr_state_fn *state, void *context, struct emu_end **ret_end)
{
	struct qrtr_end *end;
	int res = new_end(network, instance, &end);

	if (res)
		return res;
	end->state = state;
	end->state_context = context;
	*ret_end = &end->end;
	return 0;
}

int emu_qrtr_client_wait(struct emu_end *end, uint32_t ms)
{
	struct qrtr_end *mine = (struct qrtr_end *)end;
	const struct timespec until = emu_deadline_ns(ms * UINT64_C(1000000));
	int res = 0;

	pthread_mutex_lock(&mine->peer_lock);
	while (!mine->online && !res)
		res = pthread_cond_timedwait(&mine->peer_came, &mine->peer_lock, &until);
	pthread_mutex_unlock(&mine->peer_lock);
	return -res;
}

int emu_qrtr_server_new(struct emu_qrtr_network *network, uint32_t instance,
			struct emu_end **ret_end)
{
	struct qrtr_end *end;
	int res = new_end(network, instance, &end);

	if (res)
		return res;
	end->server = true;
	*ret_end = &end->end;
	return 0;
}

void emu_qrtr_server_set_up(struct emu_end *end, bool up)
{
	announce((struct qrtr_end *)end, up ? EMU_QRTR_NEW_SERVER : EMU_QRTR_DEL_SERVER);
}
