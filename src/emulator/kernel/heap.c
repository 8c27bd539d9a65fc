/* SPDX-License-Identifier: BSD-3-Clause */
#include "heap.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define PAGE UINT64_C(4096)

struct emu_heap {
	uint64_t size;
	struct emu_inject *inject;
	pthread_mutex_t lock;
	uint64_t used;
	struct emu_heap_block *list;
};

int emu_heap_new(uint64_t size, struct emu_inject *inject, struct emu_heap **ret_heap)
{
	struct emu_heap *heap = calloc(1, sizeof(*heap));

	if (!heap)
		return -ENOMEM;
	heap->size = size;
	heap->inject = inject;
	pthread_mutex_init(&heap->lock, NULL);
	*ret_heap = heap;
	return 0;
}

/* With the lock held, off the list. */
static void destroy(struct emu_heap *heap, struct emu_heap_block *block)
{
	heap->used -= block->size;
	emu_smmu_unmap(block->smmu, block->map);
	free(block);
}

void emu_heap_free(struct emu_heap *heap)
{
	struct emu_heap_block *block;

	if (!heap)
		return;
	while ((block = heap->list)) {
		heap->list = block->next;
		destroy(heap, block);
	}
	pthread_mutex_destroy(&heap->lock);
	free(heap);
}

static int create(const struct emu_heap_request *request, uint64_t size,
		  struct emu_heap_block **ret_block)
{
	struct emu_heap_block *block = calloc(1, sizeof(*block));
	struct emu_dmabuf *dmabuf;
	int res;

	if (!block)
		return -ENOMEM;
	res = emu_dmabuf_new("fastrpc-heap", size, &dmabuf);
	if (!res) {
		res = emu_smmu_map(request->smmu, 0, dmabuf, &block->map);
		emu_dmabuf_put(dmabuf);
	}
	if (res) {
		free(block);
		return -ENOBUFS;
	}
	*block = (struct emu_heap_block){
		.smmu = request->smmu,
		.map = block->map,
		.size = size,
		.len = request->len,
		.address = block->map->address,
		.fd = request->fd,
		.flags = request->flags,
		.service = request->service,
		.persistent = request->persistent,
		.in_use = true,
	};
	*ret_block = block;
	return 0;
}

/* A persistent block that nobody uses; it stays listed. With the lock held. */
static struct emu_heap_block *find_persistent(struct emu_heap *heap,
					      const struct emu_heap_request *request)
{
	struct emu_heap_block *block = heap->list;

	while (block && (!block->persistent || block->in_use || block->len != request->len ||
			 block->smmu != request->smmu))
		block = block->next;
	return block;
}

int emu_heap_take(struct emu_heap *heap, const struct emu_heap_request *request,
		  struct emu_heap_block **ret_block)
{
	uint64_t size = (request->len + PAGE - 1) & ~(PAGE - 1);
	struct emu_heap_block *block, *found;
	int res = 0;

	if (!heap->size)
		return -ENODEV;
	if (!request->len || request->len >= request->limit)
		return -EFAULT;
	if (emu_inject_fails(heap->inject, EMU_INJECT_ALLOCATION))
		return -ENOBUFS;
	pthread_mutex_lock(&heap->lock);
	block = found = request->persistent ? find_persistent(heap, request) : NULL;
	if (found) {
		found->in_use = true;
		found->service = request->service;
	} else if (size > heap->size - heap->used) {
		res = -ENOBUFS;
	} else {
		res = create(request, size, &block);
	}
	if (!res && !found) {
		heap->used += size;
		if (request->persistent) {
			block->next = heap->list;
			heap->list = block;
		}
	}
	pthread_mutex_unlock(&heap->lock);
	if (!res)
		*ret_block = block;
	return res;
}

void emu_heap_list(struct emu_heap *heap, struct emu_heap_block *block)
{
	pthread_mutex_lock(&heap->lock);
	block->next = heap->list;
	heap->list = block;
	pthread_mutex_unlock(&heap->lock);
}

struct emu_heap_block *emu_heap_detach(struct emu_heap *heap, int32_t fd, uint64_t dsp_address,
				       uint64_t len)
{
	struct emu_heap_block **at, *block;

	pthread_mutex_lock(&heap->lock);
	at = &heap->list;
	while (*at && ((*at)->persistent || (*at)->dsp_address != dsp_address ||
		       (*at)->len != len || (fd >= 0 && (*at)->fd != fd)))
		at = &(*at)->next;
	block = *at;
	if (block)
		*at = block->next;
	pthread_mutex_unlock(&heap->lock);
	return block;
}

void emu_heap_give_back(struct emu_heap *heap, struct emu_heap_block *block)
{
	if (!block)
		return;
	pthread_mutex_lock(&heap->lock);
	if (block->persistent)
		block->in_use = false;
	else
		destroy(heap, block);
	pthread_mutex_unlock(&heap->lock);
}

void emu_heap_release_service(struct emu_heap *heap, const void *service)
{
	struct emu_heap_block **at, *block;

	pthread_mutex_lock(&heap->lock);
	at = &heap->list;
	while ((block = *at)) {
		if (block->service == service && !block->persistent) {
			*at = block->next;
			destroy(heap, block);
			continue;
		}
		if (block->service == service)
			block->in_use = false;
		at = &block->next;
	}
	pthread_mutex_unlock(&heap->lock);
}

uint64_t emu_heap_used(struct emu_heap *heap, uint32_t *ret_blocks)
{
	uint64_t used;

	pthread_mutex_lock(&heap->lock);
	used = heap->used;
	*ret_blocks = 0;
	for (const struct emu_heap_block *block = heap->list; block; block = block->next)
		++*ret_blocks;
	pthread_mutex_unlock(&heap->lock);
	return used;
}
