/* SPDX-License-Identifier: BSD-3-Clause */
#include "queues.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "AEEStdErr.h"
#include "answers.h"
#include "hap/hap.h"
#include "lib/queue_methods.h"
#include "process.h"
#include "shared.h"

#define SIGNALS	 (FRPC_QUEUES * FRPC_QUEUE_SIGNALS)
#define SC_OPEN	 FRPC_SC_MAKEX(0, 2, 0, 0, 1)
#define SC_CLOSE FRPC_SC_MAKEX(1, 0, 0, 1, 0)

/* A queue that the CPU has made. Freed when it is neither made nor imported any more. */
struct made {
	uint32_t id;
	uint64_t exported;
	struct frpc_queue_header header; /* checked copy */
	int32_t fd;			 /* of the memory; held as long as we are there */
	void *base;
	bool busy;	   /* a skel has it */
	struct made *next; /* destroyed by the CPU meanwhile: in the list of such */
};

/* A state that the CPU has replaced while skels had queues: they count in it still. */
struct old_state {
	struct old_state *next;
	int32_t fd;
};

struct emu_queues {
	struct emu_process *process;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct made *made[FRPC_QUEUES];
	struct made *orphans; /* destroyed by the CPU, but imported */
	int32_t state_fd;
	struct frpc_queue_process_state *state; /* NULL: the CPU has not introduced itself */
	struct old_state *old_states;
	uint32_t seen[2][FRPC_QUEUES]; /* of the CPU's counts */
	bool pending[SIGNALS];	       /* to the CPU, by the waiting call */
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

static void destroy_made(struct emu_queues *queues, struct made *made)
{
	if (made->base)
		emu_shared_put(queues->process->shared, made->fd);
	free(made);
}

static void put_states(struct emu_queues *queues, struct old_state *list)
{
	struct old_state *old;

	while ((old = list)) {
		list = old->next;
		emu_shared_put(queues->process->shared, old->fd);
		free(old);
	}
}

void emu_queues_free(struct emu_queues *queues)
{
	struct made *made;

	if (!queues)
		return;
	while ((made = queues->orphans)) {
		queues->orphans = made->next;
		destroy_made(queues, made);
	}
	for (uint32_t i = 0; i < FRPC_QUEUES; i++)
		if (queues->made[i])
			destroy_made(queues, queues->made[i]);
	put_states(queues, queues->old_states);
	if (queues->state)
		emu_shared_put(queues->process->shared, queues->state_fd);
	pthread_cond_destroy(&queues->changed);
	pthread_mutex_destroy(&queues->lock);
	free(queues);
}

/* With the lock held. */
static bool are_imported(const struct emu_queues *queues)
{
	bool imported = queues->orphans != NULL;

	for (uint32_t i = 0; i < FRPC_QUEUES; i++)
		imported |= queues->made[i] && queues->made[i]->busy;
	return imported;
}

bool emu_queues_are_imported(struct emu_queues *queues)
{
	bool imported;

	pthread_mutex_lock(&queues->lock);
	imported = are_imported(queues);
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
}

/* ---- signals ---- */

/* Bits: which of the two signals of each queue have been sent. Told those that skels have. */
static void tell_ends(struct emu_queues *queues, const unsigned char which[FRPC_QUEUES])
{
	for (uint32_t i = 0; i < FRPC_QUEUES; i++) {
		uint64_t exported = 0;

		if (!which[i])
			continue;
		pthread_mutex_lock(&queues->lock);
		if (queues->made[i] && queues->made[i]->busy)
			exported = queues->made[i]->exported;
		pthread_mutex_unlock(&queues->lock);
		if (exported)
			emu_hap_queue_signalled(queues->process->hap, exported, which[i]);
	}
}

void emu_queues_signalled(struct emu_queues *queues, uint32_t id)
{
	unsigned char which[FRPC_QUEUES] = {0};

	if (id >= SIGNALS)
		return; /* not a queue's */
	if (id % FRPC_QUEUE_SIGNALS == FRPC_REQUEST_PACKET)
		which[id / FRPC_QUEUE_SIGNALS] = EMU_HAP_QUEUE_PACKET;
	else if (id % FRPC_QUEUE_SIGNALS == FRPC_RESPONSE_SPACE)
		which[id / FRPC_QUEUE_SIGNALS] = EMU_HAP_QUEUE_SPACE;
	tell_ends(queues, which);
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
	tell_ends(queues, which);
	return 0;
}

static int32_t wait_signal(struct emu_queues *queues, remote_arg *args)
{
	int32_t signal = -1;
	bool ended;

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
	ended = queues->ended;
	if (ended)
		signal = -1;
	pthread_mutex_unlock(&queues->lock);
	memcpy(args[0].buf.pv, &signal, sizeof(signal));
	return ended ? EMU_DSP_EBADSTATE : 0;
}

static int32_t cancel_wait(struct emu_queues *queues)
{
	pthread_mutex_lock(&queues->lock);
	queues->cancelled = true;
	pthread_cond_broadcast(&queues->changed);
	pthread_mutex_unlock(&queues->lock);
	return 0;
}

/* ---- what skels have (struct emu_hap_host) ---- */

static bool has_driver_signals(const struct made *made)
{
	return made->header.version == FRPC_QUEUE_VERSION &&
	       made->header.flags & FRPC_QUEUE_DRIVER_SIGNALS;
}

/* The queue of that number that a skel has, and where it stands. With the lock held. */
static struct made **find_busy(struct emu_queues *queues, uint64_t exported)
{
	struct made **at = &queues->made[exported % FRPC_QUEUES];

	if (*at && (*at)->exported == exported && (*at)->busy)
		return at;
	at = &queues->orphans;
	while (*at && (*at)->exported != exported)
		at = &(*at)->next;
	return *at ? at : NULL;
}

int emu_queues_claim(struct emu_queues *queues, uint64_t exported, struct emu_hap_queue *ret_queue)
{
	struct made *made;
	int res = AEE_SUCCESS;

	pthread_mutex_lock(&queues->lock);
	made = queues->made[exported % FRPC_QUEUES];
	if (queues->ended)
		res = AEE_EBADSTATE;
	else if (!made || made->exported != exported)
		res = AEE_EBADPARM;
	else if (made->busy)
		res = AEE_EITEMBUSY;
	if (!res) {
		made->busy = true;
		*ret_queue = (struct emu_hap_queue){
			.base = made->base,
			.packets = &queues->state->response_packets[made->id],
			.space = &queues->state->request_space[made->id],
			.header = made->header,
		};
	}
	pthread_mutex_unlock(&queues->lock);
	return res;
}

void emu_queues_release(struct emu_queues *queues, uint64_t exported)
{
	struct made **at, *orphan = NULL;

	pthread_mutex_lock(&queues->lock);
	at = find_busy(queues, exported);
	if (at && *at != queues->made[exported % FRPC_QUEUES]) {
		orphan = *at;
		*at = orphan->next;
	} else if (at) {
		(*at)->busy = false;
	}
	pthread_mutex_unlock(&queues->lock);
	if (orphan)
		destroy_made(queues, orphan);
}

void emu_queues_signal(struct emu_queues *queues, uint64_t exported, enum frpc_queue_signal signal)
{
	struct made **at;
	uint32_t id = 0;
	bool by_driver = false;

	pthread_mutex_lock(&queues->lock);
	at = signal < FRPC_QUEUE_SIGNALS ? find_busy(queues, exported) : NULL;
	if (at) {
		id = (*at)->id * FRPC_QUEUE_SIGNALS + signal;
		by_driver = has_driver_signals(*at);
		if (!by_driver) {
			queues->pending[id] = true;
			pthread_cond_signal(&queues->changed);
		}
	}
	pthread_mutex_unlock(&queues->lock);
	if (by_driver)
		emu_answers_signal(emu_subsystem_answers(queues->process->subsystem),
				   queues->process->pid, id);
}

/* ---- the service ---- */

static int32_t init_state(struct emu_queues *queues, const remote_arg *args)
{
	struct emu_shared *shared = queues->process->shared;
	struct emu_shared_view view;
	struct old_state *old = calloc(1, sizeof(*old)), *done;
	int32_t fd;

	if (!old)
		return EMU_DSP_ENOMEMORY;
	memcpy(&fd, args[0].buf.pv, sizeof(fd));
	if (emu_shared_get(shared, fd, &view)) {
		free(old);
		return EMU_DSP_ENOSUCHMAP;
	}
	if (view.length < sizeof(*queues->state)) {
		emu_shared_put(shared, fd);
		free(old);
		return EMU_DSP_EBADPARM;
	}
	pthread_mutex_lock(&queues->lock);
	if (queues->state) {
		*old = (struct old_state){queues->old_states, queues->state_fd};
		queues->old_states = old;
		old = NULL;
	}
	done = are_imported(queues) ? NULL : queues->old_states;
	if (done)
		queues->old_states = NULL;
	queues->state_fd = fd;
	queues->state = view.bytes;
	queues->cancelled = false;
	memset(queues->seen, 0, sizeof(queues->seen));
	memset(queues->pending, 0, sizeof(queues->pending));
	pthread_mutex_unlock(&queues->lock);
	put_states(queues, done);
	free(old);
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
	struct frpc_queue_creation in;
	struct made *made;
	int32_t res;

	memcpy(&in, args[0].buf.pv, sizeof(in));
	if (in.id >= FRPC_QUEUES || !queues->state)
		return EMU_DSP_EBADPARM;
	made = calloc(1, sizeof(*made));
	if (!made)
		return EMU_DSP_ENOMEMORY;
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
		destroy_made(queues, made);
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
	struct made *made;
	uint64_t exported = 0;

	pthread_mutex_lock(&queues->lock);
	made = named(queues, args);
	if (made)
		queues->made[made->id] = NULL;
	if (made && made->busy) {
		exported = made->exported;
		made->next = queues->orphans;
		queues->orphans = made;
	}
	pthread_mutex_unlock(&queues->lock);
	if (!made)
		return EMU_DSP_EBADPARM;
	/* The CPU should have asked. Its memory stays mapped here until the skel closes, too. */
	if (exported)
		emu_hap_queue_die(queues->process->hap, exported, AEE_ENOSUCH);
	else
		destroy_made(queues, made);
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
	[FRPC_QUEUES_INIT] = {4, 0},
	[FRPC_QUEUES_CREATE] = {sizeof(struct frpc_queue_creation), 8},
	[FRPC_QUEUES_DESTROY] = {8, 0},
	[FRPC_QUEUES_IS_IMPORTED] = {8, 4},
	[FRPC_QUEUES_WAIT] = {0, 4},
	[FRPC_QUEUES_CANCEL] = {0, 0},
	[FRPC_QUEUES_SIGNAL] = {0, 0},
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
	/* Clients can call these two as well, with whatever arguments. */
	if (sc == SC_OPEN) {
		args[2].h64 = 1;
		return 0;
	}
	if (sc == SC_CLOSE)
		return 0;
	if (method < FRPC_QUEUES_INIT || method > FRPC_QUEUES_SIGNAL)
		return EMU_DSP_EUNSUPPORTED;
	if (!fits(method, sc, args))
		return EMU_DSP_EBADPARM;
	switch (method) {
	case FRPC_QUEUES_INIT:
		return init_state(queues, args);
	case FRPC_QUEUES_CREATE:
		return create(queues, args);
	case FRPC_QUEUES_DESTROY:
		return destroy(queues, args);
	case FRPC_QUEUES_IS_IMPORTED:
		return is_imported(queues, args);
	case FRPC_QUEUES_WAIT:
		return wait_signal(queues, args);
	case FRPC_QUEUES_CANCEL:
		return cancel_wait(queues);
	default:
		return take_signal(queues);
	}
}
