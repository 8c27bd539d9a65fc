/* SPDX-License-Identifier: BSD-3-Clause */
#include "engine_host.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fastrpc/abi/smq.h>

#include "child.h"
#include "child_io.h"

struct emu_engine_host {
	struct emu_hap *hap;
	int fd; /* the host socket */
	int events;
	void (*gone)(void *context);
	void *gone_context;
};

/* A socket of one thread of the child. */
struct channel {
	struct emu_engine_host *host;
	int fd;
};

/* ---- vector memory ---- */

/*
 * The functions that the skels of all such processes want to be called when somebody needs what they
 * hold. They are known by number: who calls one may do so when its process has just gone.
 */
struct wanted {
	struct wanted *next;
	struct emu_engine_host *host;
	uint64_t function, context;
	uintptr_t key;
	uint32_t id; /* of the grant; 0: not yet */
};

static struct {
	pthread_mutex_t lock;
	struct wanted *first;
	uintptr_t last_key;
} wanted = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* A request of vtcm.c: told the child, which calls the skel. Nobody waits for it. */
static int tell_wanted(unsigned int id, void *context)
{
	struct emu_child_request request = {.kind = EMU_CHILD_WANTED, .module = id};

	pthread_mutex_lock(&wanted.lock);
	for (struct wanted *w = wanted.first; w; w = w->next)
		if (w->key == (uintptr_t)context) {
			request.address = w->function;
			request.offset = w->context;
			send(w->host->events, &request, sizeof(request),
			     MSG_NOSIGNAL | MSG_DONTWAIT);
			break;
		}
	pthread_mutex_unlock(&wanted.lock);
	return 0;
}

static struct wanted *add_wanted(struct emu_engine_host *host, const struct emu_host_call *call)
{
	struct wanted *new = calloc(1, sizeof(*new));

	if (!new)
		return NULL;
	new->host = host;
	new->function = call->value[EMU_VTCM_RELEASE];
	new->context = call->value[EMU_VTCM_CONTEXT];
	pthread_mutex_lock(&wanted.lock);
	new->key = ++wanted.last_key;
	new->next = wanted.first;
	wanted.first = new;
	pthread_mutex_unlock(&wanted.lock);
	return new;
}

/* Those of @host: the one with @key, the one of the grant @id, or with neither all. */
static void forget_wanted(const struct emu_engine_host *host, uintptr_t key, uint32_t id)
{
	pthread_mutex_lock(&wanted.lock);
	for (struct wanted **at = &wanted.first, *w; (w = *at);) {
		if (w->host != host || (key && w->key != key) || (id && w->id != id)) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		free(w);
	}
	pthread_mutex_unlock(&wanted.lock);
}

static int acquire(struct emu_engine_host *host, struct emu_host_call *call)
{
	struct emu_hap *hap = host->hap;
	struct emu_vtcm_request request = {
		.size = (uint32_t)call->value[EMU_VTCM_SIZE],
		.least = (uint32_t)call->value[EMU_VTCM_LEAST],
		.serialize = call->value[EMU_VTCM_SERIALIZE] != 0,
		.hmx = call->value[EMU_VTCM_HMX] != 0,
		.priority = (uint32_t)call->value[EMU_VTCM_PRIORITY],
	};
	struct emu_vtcm_grant grant;
	struct wanted *entry = NULL;
	uintptr_t key = 0;
	int res;

	if (call->value[EMU_VTCM_RELEASE]) {
		entry = add_wanted(host, call);
		if (!entry)
			return -ENOMEM;
		key = entry->key;
		request.release = tell_wanted;
		request.release_context = (void *)key;
	}
	res = emu_vtcm_acquire(hap->config.vtcm, hap, &request, call->number,
			       call->value[EMU_VTCM_TIMEOUT], &hap->ended, &grant);
	if (res) {
		if (key)
			forget_wanted(host, key, 0);
		return res;
	}
	if (entry) {
		pthread_mutex_lock(&wanted.lock);
		entry->id = grant.id; /* its thread is this one: nobody has released it yet */
		pthread_mutex_unlock(&wanted.lock);
	}
	call->number = grant.id;
	call->value[0] = (uintptr_t)grant.bytes;
	call->value[1] = grant.size;
	return 0;
}

/* ---- what is counted: the process gives back at its end what is in @hap then ---- */

static uint32_t take_hvx(struct emu_hap *hap, const struct emu_host_call *call)
{
	uint32_t got =
		emu_vtcm_take_hvx(hap->config.vtcm, call->number, call->value[0] != 0, &hap->ended);

	pthread_mutex_lock(&hap->lock);
	hap->hvx_reserved += got;
	pthread_mutex_unlock(&hap->lock);
	return got;
}

/* Takes @count off @held, if it is so much. */
static bool take_off(struct emu_hap *hap, uint32_t *held, uint32_t count)
{
	bool enough;

	pthread_mutex_lock(&hap->lock);
	enough = count <= *held;
	if (enough)
		*held -= count;
	pthread_mutex_unlock(&hap->lock);
	return enough;
}

static int give_hvx(struct emu_hap *hap, uint32_t count)
{
	if (!take_off(hap, &hap->hvx_reserved, count))
		return -EINVAL;
	emu_vtcm_give_hvx(hap->config.vtcm, count);
	return 0;
}

static uint32_t take_hmx(struct emu_hap *hap, bool wait)
{
	bool taken = emu_vtcm_take_hmx(hap->config.vtcm, wait, &hap->ended);

	pthread_mutex_lock(&hap->lock);
	hap->remote_hmx += taken;
	pthread_mutex_unlock(&hap->lock);
	return taken;
}

static int give_hmx(struct emu_hap *hap)
{
	if (!take_off(hap, &hap->remote_hmx, 1))
		return -EINVAL;
	emu_vtcm_give_hmx(hap->config.vtcm);
	return 0;
}

static uint32_t take_cache(struct emu_hap *hap, uint32_t bytes)
{
	bool taken = emu_vtcm_take_cache(hap->config.vtcm, bytes);

	pthread_mutex_lock(&hap->lock);
	hap->remote_cache += taken ? bytes : 0;
	pthread_mutex_unlock(&hap->lock);
	return taken;
}

static int give_cache(struct emu_hap *hap, uint32_t bytes)
{
	if (!take_off(hap, &hap->remote_cache, bytes))
		return -EINVAL;
	emu_vtcm_give_cache(hap->config.vtcm, bytes);
	return 0;
}

/* ---- calls to the CPU ---- */

/* Points @buffers at what @payload holds and at @out. False: it does not hold that. */
static bool point(const struct emu_host_call *call, unsigned char *payload, unsigned char *out,
		  struct emu_reverse_buffer *buffers)
{
	uint32_t sc = (uint32_t)call->value[0], count = FRPC_SC_BUFS(sc);
	uint64_t at = (uint64_t)count * sizeof(uint32_t);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t len;

		memcpy(&len, payload + i * sizeof(len), sizeof(len));
		buffers[i].len = len;
		if (i >= FRPC_SC_INBUFS(sc)) {
			buffers[i].bytes = out;
			out += len;
			continue;
		}
		if (len > call->bytes - at)
			return false;
		buffers[i].bytes = payload + at;
		at += len;
	}
	return at == call->bytes;
}

static uint64_t out_bytes(uint32_t sc, const unsigned char *payload)
{
	uint64_t sum = 0;

	for (uint32_t i = FRPC_SC_INBUFS(sc); i < FRPC_SC_BUFS(sc); i++) {
		uint32_t len;

		memcpy(&len, payload + i * sizeof(len), sizeof(len));
		sum += len;
	}
	return sum;
}

/* In place of *@payload comes what is to be sent behind the answer. False: nonsense. */
static bool reverse(struct emu_engine_host *host, struct emu_host_call *call,
		    unsigned char **payload)
{
	uint32_t sc = (uint32_t)call->value[0], count = FRPC_SC_BUFS(sc);
	struct emu_reverse_buffer buffers[510];
	unsigned char *out;
	uint64_t sum;

	if (FRPC_SC_LENGTH(sc) != count || call->bytes < count * sizeof(uint32_t))
		return false;
	sum = out_bytes(sc, *payload);
	if (sum > EMU_HOST_BYTES_MOST)
		return false;
	out = calloc(1, sum ? (size_t)sum : 1);
	if (!out || !point(call, *payload, out, buffers)) {
		free(out);
		return false;
	}
	call->res = host->hap->config.host->reverse_call(host->hap->config.context, call->number,
							 sc, buffers);
	free(*payload);
	*payload = out;
	call->bytes = call->res ? 0 : sum;
	return true;
}

/* ---- serving ---- */

static int get_buffer(struct emu_engine_host *host, struct emu_host_call *call)
{
	struct emu_hap_view view;
	int res = host->hap->config.host->buffer_get(host->hap->config.context, (int)call->number,
						     &view);

	if (res)
		return res;
	call->value[0] = (uintptr_t)view.bytes;
	call->value[1] = view.length;
	call->value[2] = view.address;
	return 0;
}

static int claim_queue(struct emu_engine_host *host, struct emu_host_call *call)
{
	struct emu_hap_queue queue;
	int res = host->hap->config.host->queue_claim(host->hap->config.context, call->value[0],
						      &queue);

	_Static_assert(sizeof(queue.header) <= sizeof(call->value) - 3 * sizeof(*call->value),
		       "room for a queue's header");
	if (res)
		return res;
	call->value[0] = (uintptr_t)queue.base;
	call->value[1] = (uintptr_t)queue.packets;
	call->value[2] = (uintptr_t)queue.space;
	memcpy(&call->value[3], &queue.header, sizeof(queue.header));
	return 0;
}

/* All but calls to the CPU. Leaves the answer in @call. */
static void answer(struct emu_engine_host *host, struct emu_host_call *call)
{
	const struct emu_hap_host *ops = host->hap->config.host;
	struct emu_vtcm *vtcm = host->hap->config.vtcm;
	void *context = host->hap->config.context;

	switch (call->kind) {
	case EMU_HOST_BUFFER_GET:
		call->res = get_buffer(host, call);
		break;
	case EMU_HOST_BUFFER_PUT:
		call->res = ops->buffer_put(context, (int)call->number);
		break;
	case EMU_HOST_BUFFER_LENGTH:
		call->res = ops->buffer_length(context, (int)call->number, &call->value[0]);
		break;
	case EMU_HOST_VTCM_ACQUIRE:
		call->res = acquire(host, call);
		break;
	case EMU_HOST_VTCM_RELEASE:
		call->res = emu_vtcm_release(vtcm, host->hap, call->number);
		if (call->number)
			forget_wanted(host, 0, call->number);
		break;
	case EMU_HOST_VTCM_RELEASE_AT:
		call->res = emu_vtcm_release_at(vtcm, host->hap, (void *)(uintptr_t)call->value[0]);
		break;
	case EMU_HOST_VTCM_IS_WANTED:
		call->res = emu_vtcm_is_wanted(vtcm, host->hap, call->number);
		break;
	case EMU_HOST_VTCM_NEW_ID:
		call->number = emu_vtcm_new_id(vtcm);
		break;
	case EMU_HOST_VTCM_AVAILABLE:
		call->number = emu_vtcm_available(vtcm);
		break;
	case EMU_HOST_HVX_TAKE:
		call->number = take_hvx(host->hap, call);
		break;
	case EMU_HOST_HVX_GIVE:
		call->res = give_hvx(host->hap, call->number);
		break;
	case EMU_HOST_HMX_TAKE:
		call->number = take_hmx(host->hap, call->value[0] != 0);
		break;
	case EMU_HOST_HMX_GIVE:
		call->res = give_hmx(host->hap);
		break;
	case EMU_HOST_CACHE_TAKE:
		call->number = take_cache(host->hap, call->number);
		break;
	case EMU_HOST_CACHE_GIVE:
		call->res = give_cache(host->hap, call->number);
		break;
	case EMU_HOST_CACHE_AVAILABLE:
		call->number = emu_vtcm_cache_available(vtcm);
		break;
	case EMU_HOST_QUEUE_CLAIM:
		call->res = claim_queue(host, call);
		break;
	case EMU_HOST_QUEUE_RELEASE:
		ops->queue_release(context, call->value[0]);
		break;
	case EMU_HOST_QUEUE_SIGNAL:
		ops->queue_signal(context, call->value[0], (enum frpc_queue_signal)call->number);
		break;
	default:
		call->res = -ENOSYS;
	}
}

/* One request and its answer. False: the thread, or the child, is no more, or it asks nonsense. */
static bool serve(const struct channel *channel)
{
	struct emu_host_call call;
	unsigned char *payload = NULL;
	bool good;

	good = emu_child_read(channel->fd, &call, sizeof(call)) &&
	       call.bytes <= EMU_HOST_BYTES_MOST;
	if (good) {
		payload = malloc(call.bytes ? (size_t)call.bytes : 1);
		good = payload && emu_child_read(channel->fd, payload, (size_t)call.bytes);
	}
	if (good && call.kind == EMU_HOST_REVERSE) {
		good = reverse(channel->host, &call, &payload);
	} else if (good) {
		call.res = 0;
		call.bytes = 0;
		answer(channel->host, &call);
	}
	good = good && emu_child_write(channel->fd, &call, sizeof(call)) &&
	       (!call.bytes || emu_child_write(channel->fd, payload, (size_t)call.bytes));
	free(payload);
	return good;
}

static void *serve_channel(void *arg)
{
	struct channel *channel = arg;
	const struct emu_hap_config *config = &channel->host->hap->config;

	while (serve(channel))
		;
	close(channel->fd);
	free(channel);
	config->host->thread_ends(config->context);
	return NULL;
}

/* A detached thread of the process's, without signals. 0 or -EAGAIN. */
static int start(const struct emu_hap_config *config, void *(*fn)(void *), void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;
	int res;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	config->host->thread_begins(config->context);
	res = pthread_create(&thread, &attr, fn, arg);
	if (res)
		config->host->thread_ends(config->context);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -res;
}

/* Takes the sockets of the child's threads. When there are no more, the child is gone. */
static void *receive_channels(void *arg)
{
	struct emu_engine_host *host = arg;
	const struct emu_hap_config *config = &host->hap->config;
	struct channel *channel;
	char nothing;
	int fd;

	while (emu_child_receive(host->fd, &nothing, sizeof(nothing), &fd) > 0) {
		if (fd < 0)
			continue;
		channel = calloc(1, sizeof(*channel));
		if (channel)
			*channel = (struct channel){host, fd};
		if (!channel || start(config, serve_channel, channel)) {
			close(fd); /* the thread's call fails */
			free(channel);
		}
	}
	host->gone(host->gone_context);
	config->host->thread_ends(config->context);
	return NULL;
}

static void make_config(const struct emu_hap *hap, struct emu_child_config *config)
{
	*config = (struct emu_child_config){
		.domain = hap->config.domain,
		.pid = hap->config.pid,
		.is_unsigned = hap->config.is_unsigned,
		.vtcm_total = emu_vtcm_total(hap->config.vtcm),
		.hvx_units = emu_vtcm_hvx_units(hap->config.vtcm),
		.cache_total = emu_vtcm_cache_total(hap->config.vtcm),
	};
	memcpy(config->attributes, hap->config.attributes, sizeof(config->attributes));
}

int emu_engine_host_new(struct emu_hap *hap, void (*gone)(void *context), void *context,
			struct emu_engine_host **ret_host, int *ret_fd)
{
	struct emu_engine_host *host = calloc(1, sizeof(*host));
	struct emu_child_config config;
	int ends[2], res = -EMFILE;

	if (!host)
		return -ENOMEM;
	host->hap = hap;
	host->events = -1;
	host->gone = gone;
	host->gone_context = context;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
		free(host);
		return res;
	}
	host->fd = ends[0];
	make_config(hap, &config);
	if (send(host->fd, &config, sizeof(config), MSG_NOSIGNAL) == sizeof(config))
		res = start(&hap->config, receive_channels, host);
	if (res) {
		close(ends[0]);
		close(ends[1]);
		free(host);
		return res;
	}
	*ret_host = host;
	*ret_fd = ends[1];
	return 0;
}

void emu_engine_host_set_events(struct emu_engine_host *host, int fd)
{
	host->events = fd;
}

void emu_engine_host_free(struct emu_engine_host *host)
{
	if (!host)
		return;
	forget_wanted(host, 0, 0);
	if (host->events >= 0)
		close(host->events);
	close(host->fd);
	free(host);
}
