/* SPDX-License-Identifier: BSD-3-Clause */
/* The remote heap of a channel (mainline since 6.12): for static PDs, and for MMAP with flag 8. */
#include <errno.h>

#include "ioctl_mainline.h"

static int buffers_of(struct emu_channel *channel, struct emu_buffers **ret_buffers)
{
	const struct emu_buffers_config config = {
		.dialect = EMU_MAINLINE,
		.smmu = channel->smmu,
		.inject = emu_driver_inject(channel->driver),
		.stats = emu_driver_stats(channel->driver),
	};
	int res = 0;

	pthread_mutex_lock(&channel->lock);
	if (!channel->heap)
		res = emu_buffers_new(&config, &channel->heap);
	*ret_buffers = channel->heap;
	pthread_mutex_unlock(&channel->lock);
	return res;
}

int emu_ml_heap_get(struct emu_channel *channel, uint64_t size, struct emu_buffer **ret_buffer)
{
	struct emu_buffers *buffers;
	int res = buffers_of(channel, &buffers);

	return res ? res : emu_buffers_get(buffers, EMU_BUFFER_HEAP, size, ret_buffer);
}

void emu_ml_heap_put(struct emu_channel *channel, struct emu_buffer *buffer)
{
	emu_buffers_put(channel->heap, EMU_BUFFER_HEAP, buffer);
}

/* With the lock held: one more process is, or may come to be, on it. */
static void use_static(struct emu_channel *channel, struct frpc_smq_page *ret_page)
{
	const struct emu_buffer *heap = channel->remote_heap;

	channel->remote_heap_users++;
	*ret_page = (struct frpc_smq_page){heap->address, heap->wanted};
}

int emu_ml_heap_static(struct emu_channel *channel, uint64_t size, struct frpc_smq_page *ret_page)
{
	struct emu_buffer *made = NULL;
	bool there;
	int res;

	pthread_mutex_lock(&channel->lock);
	there = channel->remote_heap;
	if (there)
		use_static(channel, ret_page);
	pthread_mutex_unlock(&channel->lock);
	if (there)
		return 0;
	res = emu_ml_heap_get(channel, size, &made);
	if (res)
		return res;
	pthread_mutex_lock(&channel->lock);
	if (!channel->remote_heap) {
		channel->remote_heap = made;
		made = NULL;
	}
	use_static(channel, ret_page);
	pthread_mutex_unlock(&channel->lock);
	if (made) /* another file was faster */
		emu_ml_heap_put(channel, made);
	return 0;
}

void emu_ml_heap_leave_static(struct emu_file *file)
{
	struct emu_channel *channel = file->channel;
	struct emu_buffer *unused = NULL;

	pthread_mutex_lock(&channel->lock);
	/* Of a channel that is no more: its heap went with it, and what is there is another's. */
	if (!emu_file_is_stale(file) && channel->remote_heap && !--channel->remote_heap_users) {
		unused = channel->remote_heap;
		channel->remote_heap = NULL;
	}
	pthread_mutex_unlock(&channel->lock);
	if (unused)
		emu_ml_heap_put(channel, unused);
}

void emu_ml_heap_drop_static(struct emu_channel *channel)
{
	struct emu_buffer *heap;

	pthread_mutex_lock(&channel->lock);
	heap = channel->remote_heap;
	channel->remote_heap = NULL;
	channel->remote_heap_users = 0;
	pthread_mutex_unlock(&channel->lock);
	if (heap)
		emu_ml_heap_put(channel, heap);
}

void emu_channel_free_heap(struct emu_channel *channel)
{
	emu_ml_heap_drop_static(channel);
	emu_buffers_free(channel->heap);
}
