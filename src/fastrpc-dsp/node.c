/* SPDX-License-Identifier: BSD-3-Clause */
#include "node.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define LARGEST_DATAGRAM 256
#define PAGE		 UINT64_C(4096)

struct frpc_dsp_node {
	struct emu_end end;
	struct emu_memory memory;
	int fd;
	pthread_rwlock_t lock; /* read: receiving; write: connecting */
	emu_receive_fn *receive;
	void *context;
};

static struct frpc_dsp_node *node_of_end(struct emu_end *end)
{
	return (struct frpc_dsp_node *)((char *)end - offsetof(struct frpc_dsp_node, end));
}

static struct frpc_dsp_node *node_of_memory(struct emu_memory *memory)
{
	return (struct frpc_dsp_node *)((char *)memory - offsetof(struct frpc_dsp_node, memory));
}

/* The node's write() answers what the driver's callback did. */
static int node_send(struct emu_end *end, const void *bytes, size_t len)
{
	struct frpc_dsp_node *node = node_of_end(end);
	ssize_t done;

	do
		done = write(node->fd, bytes, len);
	while (done < 0 && errno == EINTR);
	if (done < 0)
		return -errno;
	return done == (ssize_t)len ? 0 : -EIO;
}

static void node_connect(struct emu_end *end, emu_receive_fn *receive, void *context)
{
	struct frpc_dsp_node *node = node_of_end(end);

	pthread_rwlock_wrlock(&node->lock);
	node->receive = receive;
	node->context = context;
	pthread_rwlock_unlock(&node->lock);
}

static void node_end_free(struct emu_end *end)
{
	(void)end; /* a part of the node */
}

static const struct emu_end_ops end_ops = {
	.send = node_send,
	.connect = node_connect,
	.free = node_end_free,
};

/* Whether the DSP may see the range is known only when it is mapped. */
static int node_resolve(struct emu_memory *memory, uint64_t address, uint64_t length, bool want_fd,
			struct emu_backing *ret_backing)
{
	struct frpc_dsp_node *node = node_of_memory(memory);
	uint64_t offset = address & (PAGE - 1);

	if (length > UINT32_MAX || (address & UINT32_MAX) + length > UINT64_C(1) << 32)
		return -EFAULT;
	*ret_backing = (struct emu_backing){
		.offset = offset,
		.size = (offset + length + PAGE - 1) & ~(PAGE - 1),
		.fd_offset = address - offset,
		.fd = want_fd ? node->fd : -1,
		.passing = true,
	};
	return 0;
}

static void node_memory_free(struct emu_memory *memory)
{
	(void)memory; /* a part of the node */
}

static const struct emu_memory_ops memory_ops = {
	.resolve = node_resolve,
	.free = node_memory_free,
};

int frpc_dsp_node_open(const char *path, struct frpc_dsp_node **ret_node)
{
	struct frpc_dsp_node *node = calloc(1, sizeof(*node));
	int res;

	if (!node)
		return -ENOMEM;
	node->fd = open(path, O_RDWR | O_CLOEXEC);
	if (node->fd < 0) {
		res = -errno;
		free(node);
		return res;
	}
	node->end.ops = &end_ops;
	node->memory.ops = &memory_ops;
	pthread_rwlock_init(&node->lock, NULL);
	*ret_node = node;
	return 0;
}

void frpc_dsp_node_close(struct frpc_dsp_node *node)
{
	if (!node)
		return;
	close(node->fd);
	pthread_rwlock_destroy(&node->lock);
	free(node);
}

struct emu_end *frpc_dsp_node_end(struct frpc_dsp_node *node)
{
	return &node->end;
}

struct emu_memory *frpc_dsp_node_memory(struct frpc_dsp_node *node)
{
	return &node->memory;
}

int frpc_dsp_node_serve(struct frpc_dsp_node *node)
{
	char bytes[LARGEST_DATAGRAM];

	for (;;) {
		ssize_t len = read(node->fd, bytes, sizeof(bytes));

		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			return len ? -errno : 0;
		pthread_rwlock_rdlock(&node->lock);
		if (node->receive)
			node->receive(node->context, bytes, (size_t)len);
		pthread_rwlock_unlock(&node->lock);
	}
}
