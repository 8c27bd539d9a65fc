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

	pthread_mutex_lock(&lock);
	at = find(session, fd, address, length);
	map = *at;
	if (map)
		*at = map->next;
	pthread_mutex_unlock(&lock);
	if (!map)
		return -ENOENT;
	*ret_dsp_address = map->dsp_address;
	free(map);
	return 0;
}
