/* SPDX-License-Identifier: BSD-3-Clause */
#include "library.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "AEEStdErr.h"
#include "config.h"
#include "error.h"
#include "memory.h"

static struct {
	pthread_mutex_t lock;
	pthread_once_t once;
	struct frpc_transport *transport;
	unsigned int users;
	frpc_transport_factory *factory;
	_Atomic uint32_t generation;
} library = {.lock = PTHREAD_MUTEX_INITIALIZER, .once = PTHREAD_ONCE_INIT};

static void before_fork(void)
{
	pthread_mutex_lock(&library.lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&library.lock);
}

/* The parent's transport cannot be closed from here: its device would end the parent's sessions. */
static void after_fork_in_child(void)
{
	pthread_mutex_init(&library.lock, NULL);
	library.transport = NULL;
	library.users = 0;
	atomic_fetch_add(&library.generation, 1);
}

static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

static int make(void)
{
	const char *spec = frpc_getenv("FRPC_TRANSPORT");
	char text[512] = "";
	int res;

	if (library.factory)
		return library.factory(&library.transport);
	res = frpc_transport_new(spec, &library.transport, text, sizeof(text));
	if (!res) {
		library.transport->device->known_area = frpc_memory_known_area;
		return AEE_SUCCESS;
	}
	return frpc_fail(res == -ENOMEM	      ? AEE_ENOMEMORY
			 : res == -EOPNOTSUPP ? AEE_EUNSUPPORTED
					      : AEE_EBADPARM,
			 FRPC_ORIGIN_LIBRARY, res, "no transport: %s", text);
}

int frpc_transport_get(struct frpc_transport **ret_transport)
{
	int res = AEE_SUCCESS;

	pthread_once(&library.once, watch_forks);
	pthread_mutex_lock(&library.lock);
	if (!library.transport)
		res = make();
	if (!res) {
		library.users++;
		*ret_transport = library.transport;
	}
	pthread_mutex_unlock(&library.lock);
	return res;
}

void frpc_transport_put(struct frpc_transport *transport)
{
	bool last;

	pthread_mutex_lock(&library.lock);
	/* One that was inherited over a fork is not ours to free. */
	last = transport && transport == library.transport && --library.users == 0;
	if (last)
		library.transport = NULL;
	pthread_mutex_unlock(&library.lock);
	if (last)
		transport->ops->free(transport);
}

uint32_t frpc_fork_generation(void)
{
	return atomic_load_explicit(&library.generation, memory_order_relaxed);
}

void frpc_set_transport_factory(frpc_transport_factory *factory)
{
	pthread_mutex_lock(&library.lock);
	library.factory = factory;
	pthread_mutex_unlock(&library.lock);
}
