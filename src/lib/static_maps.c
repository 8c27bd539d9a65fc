/* SPDX-License-Identifier: BSD-3-Clause */
#include "static_maps.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "config.h"
#include "log.h"
#include "remote.h"
#include "session.h"

/* One buffer on one session. */
struct place {
	const struct frpc_session *session; /* only compared; NULL: none */
	bool mapped;			    /* and not: it is just being done */
	uint64_t address;
};

struct buffer {
	struct buffer *next;
	const void *start;
	uint64_t size, number; /* of no other buffer, ever */
	int32_t fd;
	struct place places[FRPC_EFFECTIVE];
};

static struct {
	pthread_once_t once;
	pthread_mutex_t lock; /* never held over a call of the driver */
	struct buffer *buffers;
	uint64_t last_number;
} maps = {.once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER};

static void before_fork(void)
{
	pthread_mutex_lock(&maps.lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&maps.lock);
}

/* The child's buffers are the parent's, its sessions are not: those places are taken over by its own. */
static void after_fork_in_child(void)
{
	pthread_mutex_init(&maps.lock, NULL);
}

static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

static void unmap(struct frpc_session *session, int32_t fd, uint64_t address, uint64_t size)
{
	struct frpc_remote *remote = frpc_session_remote(session);
	int32_t status = 0;
	int res;

	if (frpc_session_is_dead(session))
		return; /* gone with its process */
	res = remote->transport->ops->mem_unmap(remote, fd, address, size, &status);
	frpc_session_lost(session, res);
}

/* With the lock held. */
static struct buffer *find(uint64_t number)
{
	struct buffer *buffer = maps.buffers;

	while (buffer && buffer->number != number)
		buffer = buffer->next;
	return buffer;
}

/* Enters the outcome; false: the buffer was forgotten meanwhile. */
static bool enter(uint64_t number, const struct frpc_session *session, bool mapped,
		  uint64_t address)
{
	struct place *place;
	struct buffer *buffer;

	pthread_mutex_lock(&maps.lock);
	buffer = find(number);
	if (buffer) {
		place = &buffer->places[frpc_session_effective(session)];
		if (place->session == session)
			*place =
				mapped ? (struct place){session, true, address} : (struct place){0};
	}
	pthread_mutex_unlock(&maps.lock);
	return buffer;
}

static void map(struct frpc_session *session, const struct frpc_map_params *params, uint64_t number)
{
	struct frpc_remote *remote = frpc_session_remote(session);
	uint64_t address = 0;
	int32_t status = 0;
	bool mapped;
	int res;

	res = remote->transport->ops->mem_map(remote, params, &address, &status);
	frpc_session_lost(session, res);
	mapped = !res && !status;
	if (!mapped)
		frpc_log(FRPC_LOG_INFO,
			 "fd %d is not mapped on domain %u ahead of calls (%d, 0x%x)", params->fd,
			 frpc_session_effective(session), res, (unsigned int)status);
	if (!enter(number, session, mapped, address) && mapped)
		unmap(session, params->fd, address, params->length);
}

/* The first buffer behind number @after that the session lacks is claimed for it: its number, or 0. */
static uint64_t claim(const struct frpc_session *session, uint64_t after,
		      struct frpc_map_params *ret_params)
{
	struct buffer *next = NULL;
	struct place *place;

	pthread_mutex_lock(&maps.lock);
	for (struct buffer *buffer = maps.buffers; buffer; buffer = buffer->next) {
		place = &buffer->places[frpc_session_effective(session)];
		if (buffer->number > after && place->session != session &&
		    (!next || buffer->number < next->number))
			next = buffer;
	}
	if (next) {
		next->places[frpc_session_effective(session)] = (struct place){.session = session};
		*ret_params = (struct frpc_map_params){
			.fd = next->fd,
			.flags = FASTRPC_MAP_STATIC,
			.vaddr = (uintptr_t)next->start,
			.length = next->size,
		};
	}
	pthread_mutex_unlock(&maps.lock);
	return next ? next->number : 0;
}

void frpc_static_maps_session_opened(struct frpc_session *session)
{
	struct frpc_map_params params;
	uint64_t number = 0;

	while ((number = claim(session, number, &params)))
		map(session, &params, number);
}

void frpc_static_maps_session_ended(const struct frpc_session *session)
{
	struct place *place;

	pthread_mutex_lock(&maps.lock);
	for (struct buffer *buffer = maps.buffers; buffer; buffer = buffer->next) {
		place = &buffer->places[frpc_session_effective(session)];
		if (place->session == session)
			*place = (struct place){0};
	}
	pthread_mutex_unlock(&maps.lock);
}

void frpc_static_maps_add(const void *start, uint64_t size, int32_t fd)
{
	struct buffer *buffer = calloc(1, sizeof(*buffer));
	struct frpc_session *session;

	if (!buffer)
		return; /* calls map it */
	pthread_once(&maps.once, watch_forks);
	*buffer = (struct buffer){.start = start, .size = size, .fd = fd};
	pthread_mutex_lock(&maps.lock);
	buffer->number = ++maps.last_number;
	buffer->next = maps.buffers;
	maps.buffers = buffer;
	pthread_mutex_unlock(&maps.lock);
	for (uint32_t i = 0; i < FRPC_EFFECTIVE; i++)
		if (frpc_session_open_existing(i, &session)) {
			frpc_static_maps_session_opened(session);
			frpc_session_close(session);
		}
}

static struct buffer *take(const void *start)
{
	struct buffer **at = &maps.buffers, *buffer;

	pthread_mutex_lock(&maps.lock);
	while (*at && (*at)->start != start)
		at = &(*at)->next;
	buffer = *at;
	if (buffer)
		*at = buffer->next;
	pthread_mutex_unlock(&maps.lock);
	return buffer;
}

void frpc_static_maps_remove(const void *start)
{
	struct buffer *buffer = take(start);
	struct frpc_session *session;

	if (!buffer)
		return;
	for (uint32_t i = 0; i < FRPC_EFFECTIVE; i++) {
		if (!buffer->places[i].mapped || !frpc_session_open_existing(i, &session))
			continue;
		if (session == buffer->places[i].session)
			unmap(session, buffer->fd, buffer->places[i].address, buffer->size);
		frpc_session_close(session);
	}
	free(buffer);
}
