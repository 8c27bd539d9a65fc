/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The calls to a DSP's queue service, dspqueue_rpc. Errors: 0, -errno of the driver, or what the DSP
 * answered (positive, or with its offset). Those that end something wait for the DSP at most 2 s, so
 * that a dead one cannot keep a closer. Nothing is recorded, but by frpc_queue_rpc_fail().
 */
#ifndef FRPC_LIB_QUEUE_RPC_H
#define FRPC_LIB_QUEUE_RPC_H

#include <stdbool.h>
#include <stdint.h>

#define FRPC_QUEUE_RPC_URI \
	"file:///libdspqueue_rpc_skel.so?dspqueue_rpc_skel_handle_invoke&_modver=1.0"

struct frpc_queue_entry;
struct frpc_queue_memory;
struct frpc_session;

struct frpc_queue_service {
	struct frpc_session *session; /* a reference */
	uint32_t handle;
};

int frpc_queue_rpc_init(const struct frpc_queue_service *service, int fd);
int frpc_queue_rpc_create(const struct frpc_queue_service *service, uint32_t id, int fd,
			  uint32_t count, uint64_t *ret_exported);
int frpc_queue_rpc_destroy(const struct frpc_queue_service *service, uint64_t exported);
/* Blocks until the DSP signals something; *@ret_signal -1: there will be nothing more. */
int frpc_queue_rpc_wait(const struct frpc_queue_service *service, int32_t *ret_signal);
int frpc_queue_rpc_signal(const struct frpc_queue_service *service);

/* Bounded. */
bool frpc_queue_rpc_is_imported(const struct frpc_queue_service *service, uint64_t exported);
/*
 * Destroys the queue, if it is exported, and unmaps its memory. Its number is returned when the DSP says
 * that it has let the queue go, be it later.
 */
void frpc_queue_rpc_remove(const struct frpc_queue_service *service,
			   const struct frpc_queue_entry *entry);
/* Ends the waiting call, closes the service, and unmaps the process state. */
void frpc_queue_rpc_end(const struct frpc_queue_service *service, struct frpc_queue_memory *memory);

/* Did the DSP say that it does not do that? */
bool frpc_queue_rpc_is_unsupported(int error);
/* The AEE code for an error, recorded. */
int frpc_queue_rpc_fail(int error, const char *what);

#endif
