/* SPDX-License-Identifier: BSD-3-Clause */
#include "host.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fastrpc/abi/smq.h>

#include "../call.h"
#include "../child_io.h"
#include "AEEStdErr.h"

static int host = -1;
static pthread_key_t key;     /* closes a thread's socket with it */
static _Thread_local int own; /* the socket plus 1 */
static _Thread_local bool is_nested;

static void close_own(void *value)
{
	close((int)(intptr_t)value - 1);
}

void emu_child_order(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
}

void emu_child_set_host(int fd)
{
	pthread_key_create(&key, close_own);
	host = fd;
}

void emu_child_set_nested(bool nested)
{
	is_nested = nested;
}

/* The thread's socket, or -1. */
static int get_socket(void)
{
	int ends[2];
	char nothing = 0;

	if (own)
		return own - 1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -1;
	if (!emu_child_send(host, &nothing, sizeof(nothing), ends[1]) ||
	    pthread_setspecific(key, (void *)(intptr_t)(ends[0] + 1))) {
		close(ends[0]);
		ends[0] = -1;
	}
	close(ends[1]);
	own = ends[0] + 1;
	return ends[0];
}

bool emu_child_call_host(struct emu_host_call *call, const void *bytes, void *out, uint64_t out_len)
{
	int fd = get_socket();
	bool good;

	emu_child_order();
	if (fd < 0 || !emu_child_write(fd, call, sizeof(*call)) ||
	    !emu_child_write(fd, bytes, (size_t)call->bytes) ||
	    !emu_child_read(fd, call, sizeof(*call)) || call->bytes > out_len)
		return false;
	good = emu_child_read(fd, out, (size_t)call->bytes);
	emu_child_order();
	return good;
}

int emu_child_ask_host(struct emu_host_call *call)
{
	return emu_child_call_host(call, NULL, NULL, 0) ? call->res : -EPIPE;
}

/* Lengths and in buffers one behind the other. The caller's to free; NULL: no memory, or too much. */
static unsigned char *pack(uint32_t sc, const struct emu_reverse_buffer *buffers, uint64_t *ret_len,
			   uint64_t *ret_out)
{
	uint32_t count = FRPC_SC_BUFS(sc), ins = FRPC_SC_INBUFS(sc);
	uint64_t len = (uint64_t)count * sizeof(uint32_t), out = 0;
	unsigned char *bytes, *at;

	for (uint32_t i = 0; i < count; i++)
		*(i < ins ? &len : &out) += buffers[i].len;
	if (len > EMU_HOST_BYTES_MOST || out > EMU_HOST_BYTES_MOST)
		return NULL;
	bytes = calloc(1, len > out ? (size_t)len : (size_t)out + 1);
	if (!bytes)
		return NULL;
	at = bytes + count * sizeof(uint32_t);
	for (uint32_t i = 0; i < count; i++) {
		memcpy(bytes + i * sizeof(uint32_t), &buffers[i].len, sizeof(uint32_t));
		if (i >= ins || !buffers[i].len)
			continue;
		memcpy(at, buffers[i].bytes, buffers[i].len);
		at += buffers[i].len;
	}
	*ret_len = len;
	*ret_out = out;
	return bytes;
}

static int32_t reverse_call(void *context, uint32_t handle, uint32_t sc,
			    const struct emu_reverse_buffer *buffers)
{
	struct emu_host_call call = {.kind = EMU_HOST_REVERSE, .number = handle, .value = {sc}};
	uint64_t out;
	unsigned char *bytes = pack(sc, buffers, &call.bytes, &out), *at = bytes;
	int32_t res = EMU_DSP_ERPC;

	(void)context;
	if (!bytes)
		return EMU_DSP_ENOMEMORY;
	if (emu_child_call_host(&call, bytes, bytes, out))
		res = call.res;
	for (uint32_t i = FRPC_SC_INBUFS(sc); !res && i < FRPC_SC_BUFS(sc); i++) {
		if (buffers[i].len)
			memcpy(buffers[i].bytes, at, buffers[i].len);
		at += buffers[i].len;
	}
	free(bytes);
	return res;
}

static bool reverse_busy(void *context)
{
	(void)context;
	return is_nested;
}

static int buffer_get(void *context, int fd, struct emu_hap_view *ret_view)
{
	struct emu_host_call call = {.kind = EMU_HOST_BUFFER_GET, .number = (uint32_t)fd};
	int res = emu_child_ask_host(&call);

	(void)context;
	if (!res)
		*ret_view = (struct emu_hap_view){(void *)(uintptr_t)call.value[0], call.value[1],
						  call.value[2]};
	return res;
}

static int buffer_put(void *context, int fd)
{
	struct emu_host_call call = {.kind = EMU_HOST_BUFFER_PUT, .number = (uint32_t)fd};

	(void)context;
	return emu_child_ask_host(&call);
}

static int buffer_length(void *context, int fd, uint64_t *ret_length)
{
	struct emu_host_call call = {.kind = EMU_HOST_BUFFER_LENGTH, .number = (uint32_t)fd};
	int res = emu_child_ask_host(&call);

	(void)context;
	*ret_length = call.value[0];
	return res;
}

static int queue_claim(void *context, uint64_t exported, struct emu_hap_queue *ret_queue)
{
	struct emu_host_call call = {.kind = EMU_HOST_QUEUE_CLAIM, .value = {exported}};
	int res = emu_child_ask_host(&call);

	(void)context;
	if (res)
		return res < 0 ? (int)AEE_EBADSTATE : res;
	ret_queue->base = (void *)(uintptr_t)call.value[0];
	ret_queue->packets = (uint32_t *)(uintptr_t)call.value[1];
	ret_queue->space = (uint32_t *)(uintptr_t)call.value[2];
	memcpy(&ret_queue->header, &call.value[3], sizeof(ret_queue->header));
	return 0;
}

static void queue_release(void *context, uint64_t exported)
{
	struct emu_host_call call = {.kind = EMU_HOST_QUEUE_RELEASE, .value = {exported}};

	(void)context;
	emu_child_ask_host(&call);
}

static void queue_signal(void *context, uint64_t exported, enum frpc_queue_signal signal)
{
	struct emu_host_call call = {
		.kind = EMU_HOST_QUEUE_SIGNAL,
		.number = signal,
		.value = {exported},
	};

	(void)context;
	emu_child_ask_host(&call);
}

/* The code stays loaded as long as is_at_work() says; the process ends with everything in it. */
static void thread_begins(void *context)
{
	(void)context;
}

static void thread_ends(void *context)
{
	(void)context;
}

static void died(void *context)
{
	(void)context;
}

const struct emu_hap_host emu_child_hap_host = {
	.reverse_call = reverse_call,
	.reverse_busy = reverse_busy,
	.buffer_get = buffer_get,
	.buffer_put = buffer_put,
	.buffer_length = buffer_length,
	.queue_claim = queue_claim,
	.queue_release = queue_release,
	.queue_signal = queue_signal,
	.thread_begins = thread_begins,
	.thread_ends = thread_ends,
	.died = died,
};
