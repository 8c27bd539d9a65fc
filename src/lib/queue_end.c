/* SPDX-License-Identifier: BSD-3-Clause */
#include "queue_io.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "AEEStdErr.h"
#include "queue_table.h"

static void set_state(struct frpc_queue_end *end, int state)
{
	int old = atomic_load(&end->state);

	while (old < state && !atomic_compare_exchange_weak(&end->state, &old, state))
		;
	frpc_queue_wait_end(&end->wait);
	if (end->config.ops->wake)
		end->config.ops->wake(end->config.context);
}

void frpc_queue_end_die(struct frpc_queue_end *end, int error)
{
	int none = 0;

	atomic_compare_exchange_strong(&end->error, &none, error);
	set_state(end, FRPC_END_DEAD);
}

void frpc_queue_end_signalled(struct frpc_queue_end *end, enum frpc_queue_signal signal)
{
	frpc_queue_wait_post(&end->wait, signal);
}

static void destroy(struct frpc_queue_end *end)
{
	pthread_mutex_destroy(&end->read_lock);
	pthread_mutex_destroy(&end->write_lock);
	frpc_queue_wait_destroy(&end->wait);
	free(end);
}

static void release(struct frpc_queue_end *end)
{
	const struct frpc_queue_end_config config = end->config;

	destroy(end);
	config.ops->release(config.context);
}

static void *run(void *arg)
{
	struct frpc_queue_end *end = arg;
	const struct frpc_queue_end_ops *ops = end->config.ops;
	void *thread_context = NULL;
	bool frees;

	/* Our own entry is complete once the opener lets go. */
	pthread_mutex_lock(&end->wait.lock);
	pthread_mutex_unlock(&end->wait.lock);
	if (ops->thread_begins)
		thread_context = ops->thread_begins(end->config.context);
	while (atomic_load(&end->state) == FRPC_END_OPEN) {
		if (end->config.packet_callback)
			frpc_queue_serve_packets(end);
		else
			frpc_queue_wait_for_end(&end->wait);
	}
	if (atomic_load(&end->state) == FRPC_END_DEAD && end->config.error_callback)
		end->config.error_callback(end->name, atomic_load(&end->error),
					   end->config.callback_context);
	pthread_mutex_lock(&end->wait.lock);
	end->thread_done = true;
	frees = end->thread_frees;
	pthread_mutex_unlock(&end->wait.lock);
	if (frees)
		release(end);
	if (ops->thread_ends)
		ops->thread_ends(thread_context);
	return NULL;
}

/* ---- opening and closing ---- */

static int start_thread(struct frpc_queue_end *end)
{
	sigset_t all, old;
	int res;

	if (!end->config.packet_callback && !end->config.error_callback)
		return 0;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	pthread_mutex_lock(&end->wait.lock);
	res = pthread_create(&end->thread, NULL, run, end);
	end->has_thread = !res;
	pthread_mutex_unlock(&end->wait.lock);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -res;
}

static int open_rings(struct frpc_queue_end *end)
{
	const struct frpc_queue_header *header = &end->config.header;
	bool dsp = end->config.dsp;
	int res;

	end->packet_in = dsp ? FRPC_REQUEST_PACKET : FRPC_RESPONSE_PACKET;
	end->space_in = dsp ? FRPC_RESPONSE_SPACE : FRPC_REQUEST_SPACE;
	end->packet_out = dsp ? FRPC_RESPONSE_PACKET : FRPC_REQUEST_PACKET;
	end->space_out = dsp ? FRPC_REQUEST_SPACE : FRPC_RESPONSE_SPACE;
	res = frpc_ring_open(&end->in, end->config.base, dsp ? &header->request : &header->response,
			     false);
	if (!res)
		res = frpc_ring_open(&end->out, end->config.base,
				     dsp ? &header->response : &header->request, true);
	end->seen = end->in.packets;
	return res;
}

int frpc_queue_end_open(const struct frpc_queue_end_config *config, dspqueue_t *ret_queue)
{
	struct frpc_queue_end *end = calloc(1, sizeof(*end));
	int res;

	if (!end)
		return -ENOMEM;
	end->config = *config;
	res = frpc_queue_wait_init(&end->wait);
	if (res) {
		free(end);
		return res;
	}
	end->wait.sleep = config->ops->sleep;
	end->wait.context = config->context;
	pthread_mutex_init(&end->read_lock, NULL);
	pthread_mutex_init(&end->write_lock, NULL);
	res = open_rings(end);
	if (!res)
		res = frpc_queue_table_add(end, FRPC_QUEUE_SINGLE, &end->name);
	if (res) {
		destroy(end);
		return res;
	}
	*ret_queue = end->name; /* callbacks may need it at once */
	res = start_thread(end);
	if (res) {
		frpc_queue_table_remove(end->name);
		destroy(end);
	}
	return res;
}

void *frpc_queue_end_get(dspqueue_t queue, struct frpc_queue_end **ret_end)
{
	*ret_end = frpc_queue_table_get(queue, FRPC_QUEUE_SINGLE);
	return *ret_end ? (*ret_end)->config.context : NULL;
}

void frpc_queue_end_put(struct frpc_queue_end *end)
{
	frpc_queue_table_put(end->name);
}

/* Waits for the thread, or leaves the rest to it if it is the one that closes. */
static void finish(struct frpc_queue_end *end)
{
	bool self = end->has_thread && pthread_equal(end->thread, pthread_self());

	if (self) {
		pthread_detach(end->thread);
		pthread_mutex_lock(&end->wait.lock);
		end->thread_frees = !end->thread_done;
		self = end->thread_frees;
		pthread_mutex_unlock(&end->wait.lock);
		if (self)
			return;
	} else if (end->has_thread) {
		pthread_join(end->thread, NULL);
	}
	release(end);
}

int frpc_queue_end_close(dspqueue_t queue, int (*may_close)(void *context))
{
	struct frpc_queue_end *end = frpc_queue_table_get(queue, FRPC_QUEUE_SINGLE);
	int code;

	if (!end)
		return AEE_EBADPARM;
	if (!frpc_queue_table_claim(queue)) {
		frpc_queue_table_put(queue);
		return AEE_EBADPARM;
	}
	code = may_close ? may_close(end->config.context) : AEE_SUCCESS;
	if (code) {
		frpc_queue_table_unclaim(queue);
		frpc_queue_table_put(queue);
		return code;
	}
	frpc_queue_table_hide(queue);
	set_state(end, FRPC_END_CLOSED);
	frpc_queue_table_remove(queue);
	finish(end);
	return AEE_SUCCESS;
}
