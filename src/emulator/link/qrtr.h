/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The downstream driver's other transport: datagrams over the Qualcomm router (AF_QIPCRTR), as a
 * trusted VM's build has it. Services are found through the router's name service by control packets
 * between it (port 0xfffffffe of the own node) and the two ends. Where the kernel has no router, a
 * network of local datagram sockets carries the same packets, with a name service of our own.
 */
#ifndef EMU_LINK_QRTR_H
#define EMU_LINK_QRTR_H

#include <stdint.h>

#include "link.h"

#define EMU_QRTR_SERVICE      5012u
#define EMU_QRTR_CONTROL_PORT 0xfffffffeu

/* Bits 1..0 the channel, 9..8 the remote domain. */
#define EMU_QRTR_INSTANCE(channel, domain) (((uint32_t)(domain) << 8) | ((uint32_t)(channel)&3u))
#define EMU_QRTR_SECURE_PD		   0u
#define EMU_QRTR_GUEST_OS		   1u

enum emu_qrtr_command {
	EMU_QRTR_NEW_SERVER = 4,
	EMU_QRTR_DEL_SERVER = 5,
	EMU_QRTR_NEW_LOOKUP = 10,
};

/* Little endian on the wire. */
struct emu_qrtr_packet {
	uint32_t command, service, instance, node, port;
};

struct emu_qrtr_address {
	uint32_t node, port;
};

/* A network: the kernel's, or one of this process. */
struct emu_qrtr_network;

/* @local: a network of one's own even where the kernel has a router. 0, -ENOMEM, -EMFILE. */
int emu_qrtr_network_new(bool local, struct emu_qrtr_network **ret_network);
/* Is it of this process alone: the caller wished so, or the kernel has no router with names? */
bool emu_qrtr_network_is_local(const struct emu_qrtr_network *network);
/* No socket on it may be left. Takes NULL. */
void emu_qrtr_network_free(struct emu_qrtr_network *network);

struct emu_qrtr_socket;

/* 0 or -errno. */
int emu_qrtr_socket_new(struct emu_qrtr_network *network, struct emu_qrtr_socket **ret_socket);
/* Takes NULL. */
void emu_qrtr_socket_free(struct emu_qrtr_socket *socket);
struct emu_qrtr_address emu_qrtr_socket_address(const struct emu_qrtr_socket *socket);
int emu_qrtr_socket_send(struct emu_qrtr_socket *socket, struct emu_qrtr_address to,
			 const void *bytes, size_t len);
int emu_qrtr_socket_control(struct emu_qrtr_socket *socket, const struct emu_qrtr_packet *packet);
/* Waits. The length, or -errno: -EPIPE once the socket has been stopped. */
long emu_qrtr_socket_receive(struct emu_qrtr_socket *socket, void *bytes, size_t room,
			     struct emu_qrtr_address *ret_from);
/* Wakes a waiting receive for good. */
void emu_qrtr_socket_stop(struct emu_qrtr_socket *socket);
/* Is @from the name service of this node? */
bool emu_qrtr_is_control(const struct emu_qrtr_socket *socket, struct emu_qrtr_address from);

/* Tells that a server has come (or gone). On the end's own thread. */
typedef void emu_qrtr_state_fn(void *context, bool online);

/*
 * The driver's end: looks for the server of @instance from connect() on, with a thread of its own.
 * Sends are -EPIPE while there is none. What it hands on always has 24 bytes, whatever arrived: the
 * driver's receive buffer has that size, and it goes by the buffer.
 */
int emu_qrtr_client_new(struct emu_qrtr_network *network, uint32_t instance,
			emu_qrtr_state_fn *state, void *context, struct emu_end **ret_end);
/* Waits until the server is there, at most @ms. 0 or -ETIMEDOUT. */
int emu_qrtr_client_wait(struct emu_end *end, uint32_t ms);

/*
 * The DSP's end: a server of @instance, announced from connect() on and withdrawn by connect(NULL).
 * It answers whoever sent last.
 */
int emu_qrtr_server_new(struct emu_qrtr_network *network, uint32_t instance,
			struct emu_end **ret_end);
/* Withdraws the server without disconnecting, or announces it again. */
void emu_qrtr_server_set_up(struct emu_end *end, bool up);

#endif
