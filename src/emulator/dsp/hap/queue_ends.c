/* SPDX-License-Identifier: BSD-3-Clause */
/* The ends of the CPU's queues that a process's skels have imported. */
#include "queue_ends.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "AEEStdErr.h"
#include "hap.h"
#include "lib/queue_end.h"

/* The end's thread as one of the process. */
struct queue_thread {
	struct emu_hap_thread thread;
	struct emu_hap *hap;
};

/* One queue, from before it is claimed until it has been released. */
struct emu_hap_import {
	struct emu_hap_import *next; /* under hap->lock */
	struct emu_hap *hap;
	uint64_t exported;
	struct emu_hap_queue queue;
	dspqueue_callback_t packet_callback, error_callback; /* the skel's */
	void *callback_context;
	struct queue_thread *thread; /* for the end's thread, until it has begun */
	dspqueue_t imported;	     /* NULL: not yet; under hap->lock, as is */
	int dead;		     /* the error with which it ends */
};

/* The end of that number, to be put. NULL: there is none, or not yet. */
static struct frpc_queue_end *find_end(struct emu_hap *hap, uint64_t exported, int dead)
{
	struct frpc_queue_end *end = NULL;
	dspqueue_t name = NULL;

	pthread_mutex_lock(&hap->lock);
	for (struct emu_hap_import *import = hap->imports; import; import = import->next)
		if (import->exported == exported) {
			if (dead)
				import->dead = dead;
			name = import->imported ? import->imported : name;
		}
	pthread_mutex_unlock(&hap->lock);
	return name && frpc_queue_end_get(name, &end) ? end : NULL;
}

void emu_hap_queue_signalled(struct emu_hap *hap, uint64_t exported, unsigned int which)
{
	struct frpc_queue_end *end;

	if (hap->remote) {
		hap->remote->queue_signalled(hap->remote_context, exported, which);
		return;
	}
	end = find_end(hap, exported, 0);
	if (!end)
		return;
	if (which & EMU_HAP_QUEUE_PACKET)
		frpc_queue_end_signalled(end, FRPC_REQUEST_PACKET);
	if (which & EMU_HAP_QUEUE_SPACE)
		frpc_queue_end_signalled(end, FRPC_RESPONSE_SPACE);
	frpc_queue_end_put(end);
}

void emu_hap_queue_die(struct emu_hap *hap, uint64_t exported, int error)
{
	struct frpc_queue_end *end;

	if (hap->remote) {
		hap->remote->queue_die(hap->remote_context, exported, error);
		return;
	}
	end = find_end(hap, exported, error);
	if (!end)
		return;
	frpc_queue_end_die(end, error);
	frpc_queue_end_put(end);
}

/* The next one that is not dead. False: none. */
static bool next_alive(struct emu_hap *hap, uint64_t *ret_exported)
{
	struct emu_hap_import *import;

	pthread_mutex_lock(&hap->lock);
	import = hap->imports;
	while (import && import->dead)
		import = import->next;
	if (import)
		*ret_exported = import->exported; /* also 0, which a skel may have asked for */
	pthread_mutex_unlock(&hap->lock);
	return import != NULL;
}

void emu_hap_queues_end(struct emu_hap *hap)
{
	uint64_t exported;

	while (next_alive(hap, &exported))
		emu_hap_queue_die(hap, exported, AEE_ECONNRESET);
}

void emu_hap_queues_free(struct emu_hap *hap)
{
	struct emu_hap_import *import;

	/* Nobody of the process runs any more: what a skel left open is closed for it. */
	while ((import = hap->imports))
		if (!import->imported || frpc_queue_end_close(import->imported, NULL)) {
			hap->imports = import->next;
			free(import->thread);
			free(import);
		}
}

/* ---- the ends' ops ---- */

static void count(void *context, enum frpc_queue_signal signal)
{
	struct emu_hap_import *import = context;

	__atomic_fetch_add(signal == FRPC_RESPONSE_PACKET ? import->queue.packets
							  : import->queue.space,
			   1, __ATOMIC_SEQ_CST);
}

static int signal_cpu(void *context, enum frpc_queue_signal signal)
{
	struct emu_hap_import *import = context;
	const struct emu_hap_config *config = &import->hap->config;

	config->host->queue_signal(config->context, import->exported, signal);
	return 0;
}

/* Caches are coherent here: the flags about them need no work. */
static int find_buffer(void *context, struct dspqueue_buffer *buffer)
{
	const struct emu_hap_import *import = context;
	const struct emu_hap_config *config = &import->hap->config;
	struct emu_hap_view view;

	buffer->address = 0;
	if (config->host->buffer_get(config->context, (int)buffer->fd, &view))
		return AEE_ENOSUCHMAP;
	/* It stays as long as the app has it mapped. */
	config->host->buffer_put(config->context, (int)buffer->fd);
	if (buffer->offset > view.length || buffer->size > view.length - buffer->offset)
		return AEE_EBADPARM;
	if (!buffer->size && view.length - buffer->offset <= UINT32_MAX)
		buffer->size = (uint32_t)(view.length - buffer->offset);
	buffer->ptr = (char *)view.bytes + buffer->offset;
	return AEE_SUCCESS;
}

static void unsend_buffer(void *context, const struct dspqueue_buffer *buffer)
{
	(void)context, (void)buffer; /* references are counted on the CPU */
}

static void *thread_begins(void *context)
{
	struct emu_hap_import *import = context;
	struct queue_thread *thread = import->thread;

	import->thread = NULL;
	thread->hap = import->hap;
	thread->hap->config.host->thread_begins(thread->hap->config.context);
	emu_hap_thread_add(&thread->thread, thread->hap, "dspqueue", 0);
	emu_hap_thread_enter(&thread->thread);
	return thread;
}

static void thread_ends(void *arg)
{
	struct queue_thread *thread = arg;
	struct emu_hap *hap = thread->hap;

	emu_hap_thread_remove(&thread->thread);
	free(thread);
	hap->config.host->thread_ends(hap->config.context);
}

/* A skel that waits in a callback when its process ends is taken out of it. */
static void call_back(struct emu_hap_import *import, dspqueue_callback_t fn, dspqueue_t queue,
		      AEEResult error)
{
	struct emu_hap_thread *thread = emu_hap_thread();
	void *context = import->callback_context;
	jmp_buf escape;

	if (thread && setjmp(escape)) {
		thread->escape = NULL;
		return;
	}
	if (thread)
		thread->escape = &escape;
	fn(queue, error, context);
	if (thread)
		thread->escape = NULL;
}

static void on_packet(dspqueue_t queue, AEEResult error, void *context)
{
	struct emu_hap_import *import = context;

	call_back(import, import->packet_callback, queue, error);
}

static void on_error(dspqueue_t queue, AEEResult error, void *context)
{
	struct emu_hap_import *import = context;

	call_back(import, import->error_callback, queue, error);
}

static void destroy(struct emu_hap_import *import)
{
	struct emu_hap *hap = import->hap;
	struct emu_hap_import **at;

	pthread_mutex_lock(&hap->lock);
	at = &hap->imports;
	while (*at != import)
		at = &(*at)->next;
	*at = import->next;
	pthread_mutex_unlock(&hap->lock);
	free(import->thread);
	free(import);
}

static void release(void *context)
{
	struct emu_hap_import *import = context;
	const struct emu_hap_config *config = &import->hap->config;

	config->host->queue_release(config->context, import->exported);
	destroy(import);
}

static const struct frpc_queue_end_ops ops = {
	.count = count,
	.signal = signal_cpu,
	.send_buffer = find_buffer,
	.unsend_buffer = unsend_buffer,
	.receive_buffer = find_buffer,
	.thread_begins = thread_begins,
	.thread_ends = thread_ends,
	.release = release,
};

static int open_end(struct emu_hap_import *import, dspqueue_t *ret_queue)
{
	const struct frpc_queue_end_config config = {
		.ops = &ops,
		.context = import,
		.base = import->queue.base,
		.header = import->queue.header,
		.dsp = true,
		.packet_callback = import->packet_callback ? on_packet : NULL,
		.error_callback = import->error_callback ? on_error : NULL,
		.callback_context = import,
	};
	int res = frpc_queue_end_open(&config, ret_queue);

	return !res		 ? AEE_SUCCESS
	       : res == -EAGAIN	 ? AEE_EQURTTHREADCREATE
	       : res == -EBADMSG ? AEE_EBADITEM
				 : AEE_ENOMEMORY;
}

/* It can be found from now on. What came meanwhile, for it or against it, comes now. */
static void enter(struct emu_hap_import *import, dspqueue_t name)
{
	struct frpc_queue_end *end;
	int dead;

	/* A callback may have closed it already; while we hold the end, @import stays. */
	if (!frpc_queue_end_get(name, &end))
		return;
	pthread_mutex_lock(&import->hap->lock);
	import->imported = name;
	dead = import->dead;
	pthread_mutex_unlock(&import->hap->lock);
	frpc_queue_end_signalled(end, FRPC_REQUEST_PACKET);
	frpc_queue_end_signalled(end, FRPC_RESPONSE_SPACE);
	if (dead || atomic_load(&import->hap->ended))
		frpc_queue_end_die(end, dead ? dead : (int)AEE_ECONNRESET);
	frpc_queue_end_put(end);
}

int emu_hap_queue_import(struct emu_hap *hap, uint64_t exported,
			 dspqueue_callback_t packet_callback, dspqueue_callback_t error_callback,
			 void *context, dspqueue_t *ret_queue)
{
	struct emu_hap_import *import = calloc(1, sizeof(*import));
	struct queue_thread *thread = calloc(1, sizeof(*thread));
	dspqueue_t name;
	int res;

	if (!import || !thread) {
		free(import);
		free(thread);
		return AEE_ENOMEMORY;
	}
	*import = (struct emu_hap_import){
		.hap = hap,
		.exported = exported,
		.packet_callback = packet_callback,
		.error_callback = error_callback,
		.callback_context = context,
		.thread = thread,
	};
	/* Before it is claimed: whatever is said of it from then on finds it. */
	pthread_mutex_lock(&hap->lock);
	import->next = hap->imports;
	hap->imports = import;
	pthread_mutex_unlock(&hap->lock);
	res = hap->config.host->queue_claim(hap->config.context, exported, &import->queue);
	if (res) {
		destroy(import);
		return res;
	}
	res = open_end(import, &name);
	if (res) {
		release(import);
		return res;
	}
	*ret_queue = name;
	enter(import, name);
	return AEE_SUCCESS;
}
