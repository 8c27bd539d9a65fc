/* SPDX-License-Identifier: BSD-3-Clause */
#include "listener.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <fastrpc/abi/smq.h>

#include "AEEStdErr.h"
#include "config.h"
#include "log.h"
#include "reverse.h"
#include "services/services.h"
#include "thread.h"

#define FIRST_ROOM     4096u
#define LARGEST	       (256u << 20)
#define EVENT_ENDED    0xff
#define DSP_EBADSTATE  ((int32_t)0x8000040d)
#define DSP_ERPC       ((int32_t)0x80000600)
#define DSP_ENOSUCHMOD ((int32_t)0x8000043e)

struct frpc_listener {
	struct frpc_listener_config config;
	struct frpc_services *services;
	uint32_t handle; /* the newer interface, or the older one */
	uint32_t shift;	 /* its methods are numbered from 2 */
	pthread_mutex_t lock;
	pthread_cond_t ended_cond;
	bool ended, abandoned;
	bool served;		/* all that there was to serve */
	int event;		/* -1: nobody has asked for it */
	unsigned char *request; /* what the DSP asks, packed */
	uint32_t room;
};

/* On its own thread: the listener. What it serves may end the session. */
static _Thread_local const struct frpc_listener *serving;

static void destroy(struct frpc_listener *listener)
{
	frpc_services_free(listener->services);
	pthread_cond_destroy(&listener->ended_cond);
	pthread_mutex_destroy(&listener->lock);
	if (listener->event >= 0)
		close(listener->event);
	free(listener->request);
	free(listener);
}

static int invoke(struct frpc_listener *listener, uint32_t method, uint32_t ins, uint32_t outs,
		  const struct frpc_arg *args, int32_t *ret_status)
{
	return frpc_remote_invoke(listener->config.remote, listener->handle,
				  FRPC_SC_MAKE(method + listener->shift, ins, outs), args,
				  ret_status);
}

/* The conversation's state between two calls of next2. */
struct turn {
	uint32_t ctx;
	int32_t result;
	struct frpc_reverse_call call;
	uint32_t handle, sc, needed;
};

static int next2(struct frpc_listener *listener, struct turn *turn, int32_t *ret_status)
{
	struct {
		uint32_t ctx;
		int32_t result;
		uint32_t answer_len, room;
	} in = {turn->ctx, turn->result, turn->result ? 0 : (uint32_t)turn->call.answer_len,
		listener->room};
	struct {
		uint32_t ctx, handle, sc;
		int32_t needed;
	} out = {0};
	const struct frpc_arg args[] = {
		frpc_arg_plain(&in, sizeof(in)),
		frpc_arg_plain(turn->call.answer, in.answer_len),
		frpc_arg_plain(&out, sizeof(out)),
		frpc_arg_plain(listener->request, listener->room),
	};
	int res = invoke(listener, 4, 2, 2, args, ret_status);

	/* What was not delivered is kept, to be sent again. */
	if (res || *ret_status)
		return res;
	frpc_reverse_close(&turn->call);
	turn->ctx = out.ctx;
	turn->handle = out.handle;
	turn->sc = out.sc;
	turn->needed = out.needed < 0 ? UINT32_MAX : (uint32_t)out.needed;
	return res;
}

/* Gets the part of the request that did not fit. 0 or the AEE code to answer with. */
static int fetch_rest(struct frpc_listener *listener, struct turn *turn)
{
	uint32_t old = listener->room, room;
	unsigned char *request;
	int32_t needed = 0, status;

	if (turn->needed <= old)
		return AEE_SUCCESS;
	if (turn->needed > LARGEST)
		return AEE_EBADSIZE;
	room = (turn->needed + 4095u) & ~4095u;
	request = realloc(listener->request, room);
	if (!request)
		return AEE_ENORPCMEMORY;
	memset(request + old, 0, room - old);
	listener->request = request;
	listener->room = room;
	struct {
		uint32_t ctx;
		int32_t offset;
		uint32_t len;
	} in = {turn->ctx, (int32_t)old, room - old};
	const struct frpc_arg args[] = {
		frpc_arg_plain(&in, sizeof(in)),
		frpc_arg_plain(&needed, sizeof(needed)),
		frpc_arg_plain(request + old, room - old),
	};

	if (invoke(listener, 5, 1, 2, args, &status) || status)
		return AEE_EBADPARM;
	return needed < 0 || (uint32_t)needed > room ? AEE_EBADPARM : AEE_SUCCESS;
}

static void serve(struct frpc_listener *listener, struct turn *turn)
{
	turn->result = fetch_rest(listener, turn);
	if (!turn->result)
		turn->result = frpc_reverse_open(&turn->call, turn->handle, turn->sc,
						 listener->request, turn->needed);
	if (!turn->result)
		turn->result = frpc_services_call(listener->services, &turn->call);
	frpc_log(FRPC_LOG_DEBUG, "reverse call: module %u, scalars 0x%08x, result 0x%x",
		 turn->handle, turn->sc, (unsigned int)turn->result);
}

enum ending {
	ENDING_NOT_YET,
	ENDING_BY_DSP,	   /* the process has ended: nobody waits there */
	ENDING_BY_RESTART, /* the driver says that it lost its DSP: nobody waits if that is so */
	ENDING_BY_LOSS, /* the process lives and cannot be heard: whoever waits for us must be freed */
};

/* What a failed turn means. An answer that was not delivered is sent once more. */
static enum ending judge_failure(struct turn *turn, int res, int32_t status, bool *tried_again)
{
	if (status == DSP_EBADSTATE)
		return ENDING_BY_DSP;
	if (frpc_means_down(res))
		return ENDING_BY_RESTART;
	if (status == AEE_EINTERRUPTED) {
		turn->ctx = 0; /* the process moves; it will ask again */
		turn->result = -1;
		return ENDING_NOT_YET;
	}
	if (*tried_again || res == -EBADF)
		return ENDING_BY_LOSS;
	*tried_again = res != -EINTR;
	if (status)
		turn->result = status;
	return ENDING_NOT_YET;
}

/* Until the DSP says it is over, or cannot be talked to. */
static enum ending converse(struct frpc_listener *listener)
{
	struct turn turn = {.ctx = 0, .result = -1};
	enum ending ending = ENDING_NOT_YET;
	bool tried_again = false;

	while (ending == ENDING_NOT_YET) {
		int32_t status = 0;
		int res = next2(listener, &turn, &status);

		if (res || status) {
			ending = judge_failure(&turn, res, status, &tried_again);
		} else {
			tried_again = false;
			serve(listener, &turn);
		}
	}
	frpc_reverse_close(&turn.call);
	return ending;
}

/* With the lock held. */
static void write_event(struct frpc_listener *listener)
{
	if (listener->event >= 0 && listener->served)
		eventfd_write(listener->event, EVENT_ENDED);
}

int frpc_listener_event(struct frpc_listener *listener)
{
	int fd;

	pthread_mutex_lock(&listener->lock);
	if (listener->event < 0) {
		listener->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		write_event(listener);
	}
	fd = listener->event < 0 ? -errno : listener->event;
	pthread_mutex_unlock(&listener->lock);
	return fd;
}

static void *run(void *arg)
{
	struct frpc_listener *listener = arg;
	struct frpc_listener_config config = listener->config;
	enum ending ending;
	bool abandoned;

	frpc_default_domain_swap(config.effective);
	serving = listener;
	ending = converse(listener);
	if (ending != ENDING_BY_DSP)
		config.lost(config.owner, ending == ENDING_BY_RESTART);
	frpc_services_end(listener->services);
	if (config.ended)
		config.ended(config.owner);
	pthread_mutex_lock(&listener->lock);
	listener->served = true;
	write_event(listener);
	pthread_mutex_unlock(&listener->lock);
	/* First: who is told that we have ended may rely on the session's file being closed with it. */
	config.unref(config.owner);
	pthread_mutex_lock(&listener->lock);
	listener->ended = true;
	abandoned = listener->abandoned;
	pthread_cond_signal(&listener->ended_cond);
	pthread_mutex_unlock(&listener->lock);
	if (abandoned)
		destroy(listener);
	return NULL;
}

/* Which interface the DSP has: the newer one, unless it says that it does not know it. */
static int introduce(struct frpc_listener *listener, int32_t *ret_status)
{
	int res;

	listener->handle = FRPC_HANDLE_LISTENER1;
	listener->shift = 2;
	res = invoke(listener, 3, 0, 0, NULL, ret_status);
	if (res || (*ret_status != DSP_ERPC && *ret_status != DSP_ENOSUCHMOD))
		return res;
	listener->handle = FRPC_HANDLE_LISTENER;
	listener->shift = 0;
	return invoke(listener, 3, 0, 0, NULL, ret_status);
}

static int start_thread(struct frpc_listener *listener)
{
	int res;

	listener->config.ref(listener->config.owner);
	res = frpc_thread_start(NULL, run, listener);
	if (res)
		listener->config.unref(listener->config.owner);
	return res;
}

int frpc_listener_start(const struct frpc_listener_config *config,
			struct frpc_listener **ret_listener, int32_t *ret_status)
{
	struct frpc_listener *listener = calloc(1, sizeof(*listener));
	struct frpc_services_config services;
	int res;

	*ret_status = 0;
	if (!listener)
		return -ENOMEM;
	listener->config = *config;
	listener->event = -1;
	listener->room = FIRST_ROOM;
	listener->request = calloc(1, listener->room);
	pthread_mutex_init(&listener->lock, NULL);
	res = frpc_cond_init(&listener->ended_cond);
	if (!listener->request && !res)
		res = -ENOMEM;
	if (res)
		goto fail;
	services.domain = config->effective & 7;
	services.data_dir = config->data_dir;
	services.remote = config->remote;
	res = frpc_services_new(&services, &listener->services);
	if (res)
		goto fail;
	res = introduce(listener, ret_status);
	if (res || *ret_status)
		goto fail;
	res = start_thread(listener);
	if (res)
		goto fail;
	*ret_listener = listener;
	return 0;
fail:
	destroy(listener);
	return res;
}

int frpc_listener_stop(struct frpc_listener *listener, unsigned int timeout_ms)
{
	bool ended;

	if (!listener)
		return 0;
	if (listener == serving) {
		listener->abandoned = true;
		return 0;
	}
	pthread_mutex_lock(&listener->lock);
	ended = frpc_cond_await(&listener->ended_cond, &listener->lock, &listener->ended,
				timeout_ms);
	listener->abandoned = !ended;
	pthread_mutex_unlock(&listener->lock);
	if (!ended)
		return -ETIMEDOUT;
	destroy(listener);
	return 0;
}

void frpc_listener_wait(struct frpc_listener *listener)
{
	pthread_mutex_lock(&listener->lock);
	while (!listener->ended)
		pthread_cond_wait(&listener->ended_cond, &listener->lock);
	pthread_mutex_unlock(&listener->lock);
	destroy(listener);
}

void frpc_listener_tried(struct frpc_listener *listener, char *text, size_t textlen)
{
	frpc_services_tried(listener->services, text, textlen);
}
