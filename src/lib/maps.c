/* SPDX-License-Identifier: BSD-3-Clause */
#include "maps.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "AEEStdErr.h"

struct map {
	struct map *next;
	const struct frpc_session *session; /* only compared: the map is one of its users */
	int fd;
	const void *address;
	size_t length;
	uint64_t dsp_address;
	uint32_t refs; /* of packets */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct map *maps;

static struct map **find(const struct frpc_session *session, int fd, const void *address,
			 size_t length)
{
	struct map **at = &maps;

	while (*at && ((*at)->session != session || (*at)->fd != fd || (*at)->address != address ||
		       (*at)->length != length))
		at = &(*at)->next;
	return at;
}

int frpc_maps_claim(struct frpc_session *session, int fd, const void *address, size_t length)
{
	struct map *map = calloc(1, sizeof(*map));
	int res = AEE_SUCCESS;

	if (!map)
		return AEE_ENOMEMORY;
	*map = (struct map){.session = session, .fd = fd, .address = address, .length = length};
	pthread_mutex_lock(&lock);
	if (*find(session, fd, address, length)) {
		res = AEE_EALREADY;
	} else {
		map->next = maps;
		maps = map;
	}
	pthread_mutex_unlock(&lock);
	if (res)
		free(map);
	return res;
}

void frpc_maps_set(struct frpc_session *session, int fd, const void *address, size_t length,
		   uint64_t dsp_address)
{
	struct map *map;

	pthread_mutex_lock(&lock);
	map = *find(session, fd, address, length);
	if (map)
		map->dsp_address = dsp_address;
	pthread_mutex_unlock(&lock);
}

int frpc_maps_drop(struct frpc_session *session, int fd, const void *address, size_t length,
		   uint64_t *ret_dsp_address)
{
	struct map **at, *map;
	int res = 0;

	pthread_mutex_lock(&lock);
	at = find(session, fd, address, length);
	map = *at;
	if (map && map->refs)
		res = -EBUSY;
	else if (map)
		*at = map->next;
	pthread_mutex_unlock(&lock);
	if (!map || res)
		return res ? res : -ENOENT;
	*ret_dsp_address = map->dsp_address;
	free(map);
	return 0;
}

int frpc_maps_refer(struct frpc_session *session, int fd, int change, void **ret_address,
		    size_t *ret_length)
{
	struct map *map;
	int res = 0;

	pthread_mutex_lock(&lock);
	map = maps;
	while (map && (map->session != session || map->fd != fd))
		map = map->next;
	if (!map) {
		res = -ENOENT;
	} else if (change < 0 && !map->refs) {
		res = -ERANGE;
	} else {
		map->refs += (uint32_t)change;
		*ret_address = (void *)(uintptr_t)map->address;
		*ret_length = map->length;
	}
	pthread_mutex_unlock(&lock);
	return res;
}

void frpc_maps_unrefer_all(struct frpc_session *session)
{
	pthread_mutex_lock(&lock);
	for (struct map *map = maps; map; map = map->next)
		if (map->session == session)
			map->refs = 0;
	pthread_mutex_unlock(&lock);
}

uint32_t frpc_maps_forget(const struct frpc_session *session)
{
	struct map **at = &maps, *map;
	uint32_t count = 0;

	pthread_mutex_lock(&lock);
	while ((map = *at)) {
		if (map->session != session) {
			at = &map->next;
			continue;
		}
		*at = map->next;
		free(map);
		count++;
	}
	pthread_mutex_unlock(&lock);
	return count;
}
