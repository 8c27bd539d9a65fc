/* SPDX-License-Identifier: BSD-3-Clause */
#include "engine_host.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fastrpc/abi/smq.h>

#include "child.h"
#include "child_io.h"
#include "engine_resources.h"

struct emu_engine_host {
	struct emu_hap *hap;
	int fd; /* the host socket */
	_Atomic uint32_t channels;
	struct emu_engine_resources resources;
	void (*gone)(void *context);
	void *gone_context;
};

/* A socket of one thread of the child. */
struct channel {
	struct emu_engine_host *host;
	int fd;
};

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
	void *context = host->hap->config.context;

	if (emu_engine_resources_answer(&host->resources, call))
		return;
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
	atomic_fetch_sub(&channel->host->channels, 1);
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

/* @fd is ours. Where there is no room for it the thread's calls fail. */
static void add_channel(struct emu_engine_host *host, int fd)
{
	struct channel *channel = NULL;

	/* More come from this thread alone. */
	if (atomic_load(&host->channels) < EMU_ENGINE_HOST_CHANNELS)
		channel = calloc(1, sizeof(*channel));
	if (channel) {
		*channel = (struct channel){host, fd};
		atomic_fetch_add(&host->channels, 1);
		if (!start(&host->hap->config, serve_channel, channel))
			return;
		atomic_fetch_sub(&host->channels, 1);
	}
	close(fd);
	free(channel);
}

/* Takes the sockets of the child's threads. When there are no more, the child is gone. */
static void *receive_channels(void *arg)
{
	struct emu_engine_host *host = arg;
	const struct emu_hap_config *config = &host->hap->config;
	char nothing;
	int fd;

	while (emu_child_receive(host->fd, &nothing, sizeof(nothing), &fd) > 0)
		if (fd >= 0)
			add_channel(host, fd);
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
	emu_engine_resources_init(&host->resources, hap);
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
	host->resources.events = fd;
}

void emu_engine_host_free(struct emu_engine_host *host)
{
	if (!host)
		return;
	emu_engine_resources_destroy(&host->resources);
	close(host->fd);
	free(host);
}
