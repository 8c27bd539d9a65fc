/* SPDX-License-Identifier: BSD-3-Clause */
#include "queues.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../process.h"
#include "../shared.h"
#include "AEEStdErr.h"
#include "hap.h"

#define SIGNALS (FRPC_QUEUES * FRPC_QUEUE_SIGNALS)

enum method {
	METHOD_OPEN = 0,
	METHOD_CLOSE = 1,
	METHOD_INIT = 2,
	METHOD_CREATE = 3,
	METHOD_DESTROY = 4,
	METHOD_IS_IMPORTED = 5,
	METHOD_WAIT = 6,
	METHOD_CANCEL = 7,
	METHOD_SIGNAL = 8,
};

/* The end's thread as one of the process. */
struct queue_thread {
	struct emu_hap_thread thread;
	struct emu_hap *hap;
};

/* A queue that the CPU has made. Freed when it is neither made nor imported any more. */
struct made {
	struct emu_queues *queues;
	uint32_t id;
	uint64_t exported;
	struct frpc_queue_header header; /* checked copy */
	int32_t fd;			 /* of the memory; held as long as we are there */
	void *base;
	dspqueue_callback_t packet_callback, error_callback; /* the skel's */
	void *callback_context;
	struct queue_thread *thread; /* for the end's thread, until it has begun */
	dspqueue_t imported;	     /* NULL: not, or it is just happening */
	bool busy;		     /* imported or being so */
	bool destroyed;		     /* by the CPU, while a skel had it */
	struct made *next;	     /* then: in the list of such */
};

struct emu_queues {
	struct emu_process *process;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct made *made[FRPC_QUEUES];
	struct made *orphans; /* destroyed by the CPU, but imported */
	int32_t state_fd;
	struct frpc_queue_process_state *state; /* NULL: the CPU has not introduced itself */
	uint32_t seen[2][FRPC_QUEUES];		/* of the CPU's counts */
	bool pending[SIGNALS];			/* to the CPU, by the waiting call */
	bool cancelled, ended;
	uint32_t generation;
};

int emu_queues_new(struct emu_process *process, struct emu_queues **ret_queues)
{
	struct emu_queues *queues = calloc(1, sizeof(*queues));

	if (!queues)
		return -ENOMEM;
	queues->process = process;
	pthread_mutex_init(&queues->lock, NULL);
	pthread_cond_init(&queues->changed, NULL);
	*ret_queues = queues;
	return 0;
}

static void destroy_made(struct made *made)
{
	if (made->base)
		emu_shared_put(made->queues->process->shared, made->fd);
	free(made);
}

void emu_queues_free(struct emu_queues *queues)
{
	struct made *made;

	if (!queues)
		return;
	/* Nobody of the process runs any more: what a skel left open is closed for it. */
	while ((made = queues->orphans)) {
		queues->orphans = made->next;
		if (frpc_queue_end_close(made->imported, NULL))
			destroy_made(made);
	}
	for (uint32_t i = 0; i < FRPC_QUEUES; i++) {
		made = queues->made[i];
		if (made && made->imported)
			frpc_queue_end_close(made->imported, NULL);
		if (made)
			destroy_made(made);
	}
	if (queues->state)
		emu_shared_put(queues->process->shared, queues->state_fd);
	pthread_cond_destroy(&queues->changed);
	pthread_mutex_destroy(&queues->lock);
	free(queues);
}

/* Calls @fn for the end of each imported queue, without the lock. */
static void for_each_end(struct emu_queues *queues,
			 void (*fn)(struct frpc_queue_end *end, uint32_t id, void *arg), void *arg)
{
	struct frpc_queue_end *end;

	for (uint32_t i = 0; i < FRPC_QUEUES; i++) {
		dspqueue_t name = NULL;

		pthread_mutex_lock(&queues->lock);
		if (queues->made[i])
			name = queues->made[i]->imported;
		pthread_mutex_unlock(&queues->lock);
		if (!name || !frpc_queue_end_get(name, &end))
			continue;
		fn(end, i, arg);
		frpc_queue_end_put(end);
	}
}

static void die(struct frpc_queue_end *end, uint32_t id, void *arg)
{
	(void)id, (void)arg;
	frpc_queue_end_die(end, AEE_ECONNRESET);
}

bool emu_queues_are_imported(struct emu_queues *queues)
{
	bool imported;

	pthread_mutex_lock(&queues->lock);
	imported = queues->orphans != NULL;
	for (uint32_t i = 0; i < FRPC_QUEUES; i++)
		imported |= queues->made[i] && queues->made[i]->busy;
	pthread_mutex_unlock(&queues->lock);
	return imported;
}

void emu_queues_end(struct emu_queues *queues)
{
	pthread_mutex_lock(&queues->lock);
	queues->ended = true;
	pthread_cond_broadcast(&queues->changed);
	for (uint32_t i = 0; i < FRPC_QUEUES; i++)
		if (queues->made[i] && queues->made[i]->busy) {
			struct frpc_queue_header *header = queues->made[i]->base;

			__atomic_store_n(&header->error, AEE_ECONNRESET, __ATOMIC_RELEASE);
		}
	pthread_mutex_unlock(&queues->lock);
	for_each_end(queues, die, NULL);
}

/* ---- signals ---- */

/* Bits: which of the two signals of each queue have been sent. */
static void signal_end(struct frpc_queue_end *end, uint32_t id, void *arg)
{
	const unsigned char *which = arg;

	if (which[id] & 1)
		frpc_queue_end_signalled(end, FRPC_REQUEST_PACKET);
	if (which[id] & 2)
		frpc_queue_end_signalled(end, FRPC_RESPONSE_SPACE);
}

void emu_queues_signalled(struct emu_queues *queues, uint32_t id)
{
	unsigned char which[FRPC_QUEUES] = {0};

	if (id >= SIGNALS)
		return; /* not a queue's */
	if (id % FRPC_QUEUE_SIGNALS == FRPC_REQUEST_PACKET)
		which[id / FRPC_QUEUE_SIGNALS] = 1;
	else if (id % FRPC_QUEUE_SIGNALS == FRPC_RESPONSE_SPACE)
		which[id / FRPC_QUEUE_SIGNALS] = 2;
	for_each_end(queues, signal_end, which);
}

/* The CPU says that something has happened; what, is seen by the counts. */
static int32_t take_signal(struct emu_queues *queues)
{
	unsigned char which[FRPC_QUEUES] = {0};

	pthread_mutex_lock(&queues->lock);
	for (uint32_t i = 0; queues->state && i < FRPC_QUEUES; i++) {
		const uint32_t *counts[] = {&queues->state->request_packets[i],
					    &queues->state->response_space[i]};

		for (uint32_t kind = 0; kind < 2; kind++) {
			uint32_t now = __atomic_load_n(counts[kind], __ATOMIC_ACQUIRE);

			if (now != queues->seen[kind][i])
				which[i] |= (unsigned char)(1u << kind);
			queues->seen[kind][i] = now;
		}
	}
	pthread_mutex_unlock(&queues->lock);
	for_each_end(queues, signal_end, which);
	return 0;
}

static int32_t wait_signal(struct emu_queues *queues, remote_arg *args)
{
	int32_t signal = -1;

	pthread_mutex_lock(&queues->lock);
	while (!queues->ended && !queues->cancelled && signal < 0) {
		for (uint32_t i = 0; i < SIGNALS && signal < 0; i++)
			if (queues->pending[i])
				signal = (int32_t)i;
		if (signal < 0)
			pthread_cond_wait(&queues->changed, &queues->lock);
	}
	if (signal >= 0)
		queues->pending[signal] = false;
	if (queues->ended)
		signal = -1;
	pthread_mutex_unlock(&queues->lock);
	memcpy(args[0].buf.pv, &signal, sizeof(signal));
	return queues->ended ? EMU_DSP_EBADSTATE : 0;
}

static int32_t cancel_wait(struct emu_queues *queues)
{
	pthread_mutex_lock(&queues->lock);
	queues->cancelled = true;
	pthread_cond_broadcast(&queues->changed);
	pthread_mutex_unlock(&queues->lock);
	return 0;
}

/* ---- the ends' ops ---- */

static void count(void *context, enum frpc_queue_signal signal)
{
	struct made *made = context;
	struct frpc_queue_process_state *state = made->queues->state;

	__atomic_fetch_add(signal == FRPC_RESPONSE_PACKET ? &state->response_packets[made->id]
							  : &state->request_space[made->id],
			   1, __ATOMIC_SEQ_CST);
}

static bool has_driver_signals(const struct made *made)
{
	return made->header.version == FRPC_QUEUE_VERSION &&
	       made->header.flags & FRPC_QUEUE_DRIVER_SIGNALS;
}

static int signal_cpu(void *context, enum frpc_queue_signal signal)
{
	struct made *made = context;
	struct emu_queues *queues = made->queues;
	uint32_t id = made->id * FRPC_QUEUE_SIGNALS + signal;

	if (has_driver_signals(made)) {
		emu_subsystem_signal(queues->process->subsystem, queues->process->pid, id);
		return 0;
	}
	pthread_mutex_lock(&queues->lock);
	queues->pending[id] = true;
	pthread_cond_signal(&queues->changed);
	pthread_mutex_unlock(&queues->lock);
	return 0;
}

/* Caches are coherent here: the flags about them need no work. */
static int find_buffer(void *context, struct dspqueue_buffer *buffer)
{
	const struct made *made = context;
	struct emu_shared *shared = made->queues->process->shared;
	struct emu_shared_view view;

	buffer->address = 0;
	if (emu_shared_get(shared, (int32_t)buffer->fd, &view))
		return AEE_ENOSUCHMAP;
	emu_shared_put(shared, (int32_t)buffer->fd); /* it stays as long as the app has it mapped */
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
	struct made *made = context;
	struct queue_thread *thread = made->thread;

	made->thread = NULL;
	thread->hap = made->queues->process->hap;
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
static void call_back(struct made *made, dspqueue_callback_t fn, dspqueue_t queue, AEEResult error)
{
	struct emu_hap_thread *thread = emu_hap_thread();
	void *context = made->callback_context;
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
	struct made *made = context;

	call_back(made, made->packet_callback, queue, error);
}

static void on_error(dspqueue_t queue, AEEResult error, void *context)
{
	struct made *made = context;

	call_back(made, made->error_callback, queue, error);
}

static void release(void *context)
{
	struct made *made = context, **at = &made->queues->orphans;
	bool last;

	pthread_mutex_lock(&made->queues->lock);
	free(made->thread);
	made->thread = NULL;
	made->imported = NULL;
	made->busy = false;
	last = made->destroyed;
	while (last && *at && *at != made)
		at = &(*at)->next;
	if (last && *at)
		*at = made->next;
	pthread_mutex_unlock(&made->queues->lock);
	if (last)
		destroy_made(made);
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

/* The queue of that number that can be imported. With the lock held. */
static int claim(struct emu_queues *queues, uint64_t exported, struct made **ret_made)
{
	struct made *made = queues->made[exported % FRPC_QUEUES];

	if (queues->ended)
		return AEE_EBADSTATE;
	if (!made || made->exported != exported)
		return AEE_EBADPARM;
	if (made->busy)
		return AEE_EITEMBUSY;
	made->busy = true;
	*ret_made = made;
	return AEE_SUCCESS;
}

int emu_queues_import(struct emu_queues *queues, uint64_t exported,
		      dspqueue_callback_t packet_callback, dspqueue_callback_t error_callback,
		      void *context, dspqueue_t *ret_queue)
{
	struct frpc_queue_end_config config = {
		.ops = &ops,
		.dsp = true,
		.packet_callback = packet_callback ? on_packet : NULL,
		.error_callback = error_callback ? on_error : NULL,
	};
	struct frpc_queue_end *end;
	struct made *made;
	bool over;
	int res;

	pthread_mutex_lock(&queues->lock);
	res = claim(queues, exported, &made);
	pthread_mutex_unlock(&queues->lock);
	if (res)
		return res;
	made->thread = calloc(1, sizeof(*made->thread));
	if (!made->thread) {
		release(made);
		return AEE_ENOMEMORY;
	}
	made->packet_callback = packet_callback;
	made->error_callback = error_callback;
	made->callback_context = context;
	config.context = config.callback_context = made;
	config.base = made->base;
	config.header = made->header;
	res = frpc_queue_end_open(&config, ret_queue);
	if (res) {
		release(made);
		return res == -EAGAIN	 ? AEE_EQURTTHREADCREATE
		       : res == -EBADMSG ? AEE_EBADITEM
					 : AEE_ENOMEMORY;
	}
	/* A callback may have closed it already; while we hold the end, @made stays. */
	if (!frpc_queue_end_get(*ret_queue, &end))
		return AEE_SUCCESS;
	pthread_mutex_lock(&queues->lock);
	made->imported = *ret_queue;
	over = queues->ended || made->destroyed;
	pthread_mutex_unlock(&queues->lock);
	if (over)
		frpc_queue_end_die(end, AEE_ECONNRESET);
	frpc_queue_end_put(end);
	return AEE_SUCCESS;
}

/* ---- the service ---- */

static int32_t init_state(struct emu_queues *queues, const remote_arg *args)
{
	struct emu_shared *shared = queues->process->shared;
	struct emu_shared_view view;
	int32_t fd, old = -1;

	/* Rings in the address space of another process are not built yet. */
	if (strcmp(queues->process->engine->ops->name, "native"))
		return EMU_DSP_EUNSUPPORTED;
	memcpy(&fd, args[0].buf.pv, sizeof(fd));
	if (emu_shared_get(shared, fd, &view))
		return EMU_DSP_ENOSUCHMAP;
	if (view.length < sizeof(*queues->state)) {
		emu_shared_put(shared, fd);
		return EMU_DSP_EBADPARM;
	}
	pthread_mutex_lock(&queues->lock);
	if (queues->state)
		old = queues->state_fd;
	queues->state_fd = fd;
	queues->state = view.bytes;
	queues->cancelled = false;
	memset(queues->seen, 0, sizeof(queues->seen));
	memset(queues->pending, 0, sizeof(queues->pending));
	pthread_mutex_unlock(&queues->lock);
	if (old >= 0)
		emu_shared_put(shared, old);
	return 0;
}

/* What the CPU may ask for; a DSP of the first kind does not look at the version. */
static int32_t check_version(struct emu_queues *queues, struct frpc_queue_header *header)
{
	struct emu_subsystem *subsystem = queues->process->subsystem;

	if (emu_subsystem_queue_version(subsystem) == 1) {
		header->version = 1;
		header->flags = 0;
		return 0;
	}
	if (header->version == 1)
		return header->flags ? EMU_DSP_EUNSUPPORTED : 0;
	if (header->version != FRPC_QUEUE_VERSION || header->flags & ~FRPC_QUEUE_KNOWN_FLAGS)
		return EMU_DSP_EUNSUPPORTED;
	if (header->flags & FRPC_QUEUE_DRIVER_SIGNALS && !emu_subsystem_has_signals(subsystem))
		return EMU_DSP_EUNSUPPORTED;
	return 0;
}

static int32_t map_queue(struct emu_queues *queues, int32_t fd, struct made *made)
{
	struct emu_shared_view view;
	int32_t res;

	if (emu_shared_get(queues->process->shared, fd, &view))
		return EMU_DSP_ENOSUCHMAP;
	made->fd = fd;
	made->base = view.bytes;
	if (view.length < sizeof(made->header))
		return EMU_DSP_EBADPARM;
	memcpy(&made->header, made->base, sizeof(made->header));
	res = check_version(queues, &made->header);
	if (!res && frpc_queue_check(&made->header, view.length))
		res = EMU_DSP_EBADPARM;
	return res;
}

static int32_t create(struct emu_queues *queues, remote_arg *args)
{
	struct {
		uint32_t id;
		int32_t fd;
		uint32_t count;
	} in;
	struct made *made;
	int32_t res;

	memcpy(&in, args[0].buf.pv, sizeof(in));
	if (in.id >= FRPC_QUEUES || !queues->state)
		return EMU_DSP_EBADPARM;
	made = calloc(1, sizeof(*made));
	if (!made)
		return EMU_DSP_ENOMEMORY;
	made->queues = queues;
	made->id = in.id;
	res = map_queue(queues, in.fd, made);
	pthread_mutex_lock(&queues->lock);
	if (!res && queues->made[in.id])
		res = EMU_DSP_ERROR(AEE_EITEMBUSY);
	if (!res) {
		made->exported = (uint64_t)++queues->generation * FRPC_QUEUES + in.id;
		queues->made[in.id] = made;
		memcpy(args[1].buf.pv, &made->exported, sizeof(made->exported));
	}
	pthread_mutex_unlock(&queues->lock);
	if (res)
		destroy_made(made);
	return res;
}

/* The queue that the argument names. With the lock held. */
static struct made *named(struct emu_queues *queues, const remote_arg *args)
{
	struct made *made;
	uint64_t exported;

	memcpy(&exported, args[0].buf.pv, sizeof(exported));
	made = queues->made[exported % FRPC_QUEUES];
	return made && made->exported == exported ? made : NULL;
}

static int32_t destroy(struct emu_queues *queues, const remote_arg *args)
{
	struct frpc_queue_end *end;
	dspqueue_t imported = NULL;
	struct made *made;
	bool busy = false;

	pthread_mutex_lock(&queues->lock);
	made = named(queues, args);
	if (made) {
		queues->made[made->id] = NULL;
		busy = made->busy;
		imported = made->imported;
	}
	if (busy) {
		made->destroyed = true;
		made->next = queues->orphans;
		queues->orphans = made;
	}
	pthread_mutex_unlock(&queues->lock);
	if (!made)
		return EMU_DSP_EBADPARM;
	if (!busy)
		destroy_made(made);
	/* The CPU should have asked. Its memory stays mapped here until the skel closes, too. */
	if (imported && frpc_queue_end_get(imported, &end)) {
		frpc_queue_end_die(end, AEE_ENOSUCH);
		frpc_queue_end_put(end);
	}
	return 0;
}

static int32_t is_imported(struct emu_queues *queues, remote_arg *args)
{
	struct made *made;
	int32_t imported = 0;

	pthread_mutex_lock(&queues->lock);
	made = named(queues, args);
	if (made)
		imported = made->busy;
	pthread_mutex_unlock(&queues->lock);
	memcpy(args[1].buf.pv, &imported, sizeof(imported));
	return made ? 0 : EMU_DSP_EBADPARM;
}

/* What each method's arguments must be: one buffer each way at most. */
static const struct shape {
	uint32_t in, out;
} shapes[] = {
	[METHOD_INIT] = {4, 0},	       [METHOD_CREATE] = {12, 8}, [METHOD_DESTROY] = {8, 0},
	[METHOD_IS_IMPORTED] = {8, 4}, [METHOD_WAIT] = {0, 4},	  [METHOD_CANCEL] = {0, 0},
	[METHOD_SIGNAL] = {0, 0},
};

static bool fits(uint32_t method, uint32_t sc, const remote_arg *args)
{
	const struct shape *shape;
	uint32_t at = 0;

	if (method >= sizeof(shapes) / sizeof(*shapes))
		return false;
	shape = &shapes[method];
	if (sc != FRPC_SC_MAKE(method, shape->in ? 1 : 0, shape->out ? 1 : 0))
		return false;
	if (shape->in && args[at++].buf.nLen < shape->in)
		return false;
	return !shape->out || args[at].buf.nLen >= shape->out;
}

int32_t emu_queues_call(struct emu_process *process, uint64_t h, uint32_t sc, remote_arg *args)
{
	struct emu_queues *queues = process->queues;
	uint32_t method = FRPC_SC_METHOD(sc);

	(void)h;
	if (method == METHOD_OPEN) {
		args[2].h64 = 1;
		return 0;
	}
	if (method == METHOD_CLOSE)
		return 0;
	if (method > METHOD_SIGNAL)
		return EMU_DSP_EUNSUPPORTED;
	if (!fits(method, sc, args))
		return EMU_DSP_EBADPARM;
	switch (method) {
	case METHOD_INIT:
		return init_state(queues, args);
	case METHOD_CREATE:
		return create(queues, args);
	case METHOD_DESTROY:
		return destroy(queues, args);
	case METHOD_IS_IMPORTED:
		return is_imported(queues, args);
	case METHOD_WAIT:
		return wait_signal(queues, args);
	case METHOD_CANCEL:
		return cancel_wait(queues);
	default:
		return take_signal(queues);
	}
}
