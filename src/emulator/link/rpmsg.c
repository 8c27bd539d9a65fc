/* SPDX-License-Identifier: BSD-3-Clause */
/* An rpmsg channel inside this process: what one end sends, the other receives on the same thread. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "link.h"

struct rpmsg_channel;

struct rpmsg_end {
	struct emu_end end;
	struct rpmsg_channel *channel;
	unsigned int index;
	/* Held for reading during a receive, for writing by connect(): no receive outlives it. */
	pthread_rwlock_t lock;
	emu_receive_fn *receive;
	void *context;
};

struct rpmsg_channel {
	_Atomic bool up;
	_Atomic int refs;
	struct rpmsg_end ends[2];
};

static int rpmsg_send(struct emu_end *end, const void *bytes, size_t len)
{
	struct rpmsg_end *mine = (struct rpmsg_end *)end;
	struct rpmsg_end *other = &mine->channel->ends[!mine->index];
	int res = -ENODEV;

	pthread_rwlock_rdlock(&other->lock);
	if (atomic_load(&mine->channel->up) && other->receive)
		res = other->receive(other->context, bytes, len);
	pthread_rwlock_unlock(&other->lock);
	return res;
}

static void rpmsg_connect(struct emu_end *end, emu_receive_fn *receive, void *context)
{
	struct rpmsg_end *mine = (struct rpmsg_end *)end;

	pthread_rwlock_wrlock(&mine->lock);
	mine->receive = receive;
	mine->context = context;
	pthread_rwlock_unlock(&mine->lock);
}

static void rpmsg_free(struct emu_end *end)
{
	struct rpmsg_channel *channel = ((struct rpmsg_end *)end)->channel;

	if (atomic_fetch_sub(&channel->refs, 1) != 1)
		return;
	for (unsigned int i = 0; i < 2; i++)
		pthread_rwlock_destroy(&channel->ends[i].lock);
	free(channel);
}

static const struct emu_end_ops rpmsg_ops = {
	.send = rpmsg_send,
	.connect = rpmsg_connect,
	.free = rpmsg_free,
};

int emu_rpmsg_new(struct emu_end **ret_driver, struct emu_end **ret_dsp)
{
	struct rpmsg_channel *channel = calloc(1, sizeof(*channel));

	if (!channel)
		return -ENOMEM;
	atomic_init(&channel->up, true);
	atomic_init(&channel->refs, 2);
	for (unsigned int i = 0; i < 2; i++) {
		struct rpmsg_end *end = &channel->ends[i];

		end->end.ops = &rpmsg_ops;
		end->channel = channel;
		end->index = i;
		pthread_rwlock_init(&end->lock, NULL);
	}
	*ret_driver = &channel->ends[0].end;
	*ret_dsp = &channel->ends[1].end;
	return 0;
}

void emu_rpmsg_set_up(struct emu_end *either, bool up)
{
	atomic_store(&((struct rpmsg_end *)either)->channel->up, up);
}

static int absent_send(struct emu_end *end, const void *bytes, size_t len)
{
	(void)end, (void)bytes, (void)len;
	return -ENODEV;
}

static void absent_connect(struct emu_end *end, emu_receive_fn *receive, void *context)
{
	(void)end, (void)receive, (void)context;
}

static void absent_free(struct emu_end *end)
{
	(void)end;
}

static const struct emu_end_ops absent_ops = {
	.send = absent_send,
	.connect = absent_connect,
	.free = absent_free,
};

struct emu_end *emu_rpmsg_absent(void)
{
	static struct emu_end absent = {.ops = &absent_ops};

	return &absent;
}
