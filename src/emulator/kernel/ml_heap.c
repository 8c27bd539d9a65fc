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

int emu_ml_heap_static(struct emu_channel *channel, uint64_t size, struct frpc_smq_page *ret_page)
{
	struct emu_buffer *made = NULL, *heap;
	int res;

	pthread_mutex_lock(&channel->lock);
	heap = channel->remote_heap;
	if (heap)
		*ret_page = (struct frpc_smq_page){heap->address, heap->wanted};
	pthread_mutex_unlock(&channel->lock);
	if (!heap) {
		res = emu_ml_heap_get(channel, size, &made);
		if (res)
			return res;
		pthread_mutex_lock(&channel->lock);
		if (!channel->remote_heap) {
			channel->remote_heap = made;
			made = NULL;
		}
		heap = channel->remote_heap;
		*ret_page = (struct frpc_smq_page){heap->address, heap->wanted};
		pthread_mutex_unlock(&channel->lock);
		if (made) /* another file was faster */
			emu_ml_heap_put(channel, made);
	}
	return 0;
}

void emu_ml_heap_drop_static(struct emu_channel *channel)
{
	struct emu_buffer *heap;

	pthread_mutex_lock(&channel->lock);
	heap = channel->remote_heap;
	channel->remote_heap = NULL;
	pthread_mutex_unlock(&channel->lock);
	if (heap)
		emu_ml_heap_put(channel, heap);
}

void emu_channel_free_heap(struct emu_channel *channel)
{
	emu_ml_heap_drop_static(channel);
	emu_buffers_free(channel->heap);
}
