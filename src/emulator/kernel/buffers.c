/* SPDX-License-Identifier: BSD-3-Clause */
#include "buffers.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "hugepages.h"

#define PAGE	   UINT64_C(4096)
#define IDLE_BYTES (UINT64_C(256) << 20)
#define IDLE_COUNT 64u

struct emu_buffers {
	struct emu_buffers_config config;
	pthread_mutex_t lock;
	uint32_t live[EMU_BUFFER_KINDS];
	struct emu_buffer *cached; /* downstream's cache: still visible to the DSP */
	uint32_t cached_count;
	struct emu_buffer *headers_block, *headers; /* persistent header pages, and those free */
	uint32_t header_count, free_headers;
	struct emu_buffer *idle; /* freed, hidden, pages kept warm */
	uint32_t idle_count;
	uint64_t idle_bytes;
};

static bool is_downstream(const struct emu_buffers *buffers)
{
	return buffers->config.dialect == EMU_DOWNSTREAM;
}

int emu_buffers_new(const struct emu_buffers_config *config, struct emu_buffers **ret_buffers)
{
	struct emu_buffers *buffers = calloc(1, sizeof(*buffers));

	if (!buffers)
		return -ENOMEM;
	buffers->config = *config;
	pthread_mutex_init(&buffers->lock, NULL);
	*ret_buffers = buffers;
	return 0;
}

static void destroy(struct emu_buffers *buffers, struct emu_buffer *buffer)
{
	emu_hugepages_unmap(buffer->bytes, buffer->size);
	emu_smmu_unmap(buffers->config.smmu, buffer->map);
	free(buffer);
}

static void destroy_list(struct emu_buffers *buffers, struct emu_buffer *list)
{
	struct emu_buffer *buffer;

	while ((buffer = list)) {
		list = buffer->next;
		destroy(buffers, buffer);
	}
}

static void free_headers(struct emu_buffers *buffers)
{
	struct emu_buffer *page;

	while ((page = buffers->headers)) {
		buffers->headers = page->next;
		free(page);
	}
	if (buffers->headers_block)
		destroy(buffers, buffers->headers_block);
}

void emu_buffers_free(struct emu_buffers *buffers)
{
	if (!buffers)
		return;
	destroy_list(buffers, buffers->cached);
	destroy_list(buffers, buffers->idle);
	free_headers(buffers);
	pthread_mutex_destroy(&buffers->lock);
	free(buffers);
}

static int create(struct emu_buffers *buffers, uint64_t size, struct emu_buffer **ret_buffer)
{
	struct emu_buffer *buffer = calloc(1, sizeof(*buffer));
	struct emu_dmabuf *dmabuf;
	int res = -ENOMEM;

	if (!buffer)
		return -ENOMEM;
	res = emu_dmabuf_new("fastrpc-driver", size, &dmabuf);
	if (res)
		goto fail;
	buffer->size = size;
	buffer->bytes = emu_hugepages_map(dmabuf->fd, size);
	if (buffer->bytes == MAP_FAILED) {
		emu_dmabuf_put(dmabuf);
		res = -ENOMEM;
		goto fail;
	}
	res = emu_smmu_map(buffers->config.smmu, buffers->config.bank, dmabuf, &buffer->map);
	emu_dmabuf_put(dmabuf);
	if (res) {
		emu_hugepages_unmap(buffer->bytes, size);
		goto fail;
	}
	buffer->address = buffer->map->address;
	*ret_buffer = buffer;
	return 0;
fail:
	free(buffer);
	return res;
}

/* Takes the smallest buffer of @size..@most bytes off @list. */
static struct emu_buffer *take(struct emu_buffer **list, uint64_t size, uint64_t most)
{
	struct emu_buffer **best = NULL, *buffer;

	for (struct emu_buffer **at = list; *at; at = &(*at)->next)
		if ((*at)->size >= size && (*at)->size <= most &&
		    (!best || (*at)->size < (*best)->size))
			best = at;
	if (!best)
		return NULL;
	buffer = *best;
	*best = buffer->next;
	return buffer;
}

/* A buffer that comes back: what is used often is worth its huge pages. */
static void settle(struct emu_buffer *buffer)
{
	if (buffer->collapsed)
		return;
	buffer->collapsed = true;
	emu_hugepages_collapse(buffer->bytes, buffer->size);
}

/*
 * What the driver's allocator gives: zeroed, visible. Who fills it at once clears the rest himself
 * (metadata and copies): a pass over memory less. Only mainline's calls do not mind a larger one.
 */
static int allocate(struct emu_buffers *buffers, enum emu_buffer_kind kind, uint64_t size,
		    struct emu_buffer **ret_buffer)
{
	bool roomy = !is_downstream(buffers) && kind <= EMU_BUFFER_COPY;
	struct emu_buffer *buffer;

	if (emu_inject_fails(buffers->config.inject, EMU_INJECT_ALLOCATION))
		return -ENOMEM;
	pthread_mutex_lock(&buffers->lock);
	buffer = take(&buffers->idle, size, roomy ? size * 2 : size);
	if (buffer) {
		buffers->idle_count--;
		buffers->idle_bytes -= buffer->size;
	}
	pthread_mutex_unlock(&buffers->lock);
	if (!buffer)
		return create(buffers, size, ret_buffer);
	settle(buffer);
	if (kind <= EMU_BUFFER_COPY)
		buffer->stale = size;
	else
		memset(buffer->bytes, 0, (size_t)size);
	emu_smmu_show(buffers->config.smmu, buffer->map, true);
	*ret_buffer = buffer;
	return 0;
}

/* What downstream has at hand: a header page, else the smallest cached buffer that is large enough. */
static struct emu_buffer *reuse(struct emu_buffers *buffers, enum emu_buffer_kind kind,
				uint64_t size)
{
	struct emu_buffer *buffer = NULL;

	if (!is_downstream(buffers) || kind == EMU_BUFFER_HEAP)
		return NULL;
	pthread_mutex_lock(&buffers->lock);
	if (kind == EMU_BUFFER_METADATA && size <= PAGE && buffers->headers) {
		buffer = buffers->headers;
		buffers->headers = buffer->next;
		buffers->free_headers--;
		emu_count(&buffers->config.stats->buffers_persistent, 1);
	} else if ((buffer = take(&buffers->cached, size, UINT64_MAX))) {
		buffers->cached_count--;
		emu_count(&buffers->config.stats->buffers_cached, 1);
	}
	pthread_mutex_unlock(&buffers->lock);
	if (buffer)
		settle(buffer);
	return buffer;
}

/* Downstream's second try, after it has let its cache go. */
static int allocate_again(struct emu_buffers *buffers, enum emu_buffer_kind kind, uint64_t size,
			  struct emu_buffer **ret_buffer)
{
	struct emu_buffer *cached;

	pthread_mutex_lock(&buffers->lock);
	cached = buffers->cached;
	buffers->cached = NULL;
	buffers->cached_count = 0;
	pthread_mutex_unlock(&buffers->lock);
	destroy_list(buffers, cached);
	return allocate(buffers, kind, size, ret_buffer) ? -ENOBUFS : 0;
}

int emu_buffers_get(struct emu_buffers *buffers, enum emu_buffer_kind kind, uint64_t size,
		    struct emu_buffer **ret_buffer)
{
	bool downstream = is_downstream(buffers);
	struct emu_buffer *buffer;
	uint64_t rounded;
	int res = 0;

	if (!size || size >= (downstream ? buffers->config.limit : UINT32_MAX))
		return downstream ? -EFAULT : -ENOMEM;
	rounded = (size + PAGE - 1) & ~(PAGE - 1);
	buffer = reuse(buffers, kind, rounded);
	if (!buffer) {
		res = allocate(buffers, kind, rounded, &buffer);
		if (res && downstream)
			res = allocate_again(buffers, kind, rounded, &buffer);
		if (res)
			return res;
		emu_count(&buffers->config.stats->buffers_new, 1);
	}
	buffer->home = buffers;
	buffer->wanted = size;
	buffer->dsp_address = 0;
	pthread_mutex_lock(&buffers->lock);
	buffers->live[kind]++;
	pthread_mutex_unlock(&buffers->lock);
	*ret_buffer = buffer;
	return 0;
}

/* Keeps a call's buffer for the next one. With the lock held; false: it does not. */
static bool keep(struct emu_buffers *buffers, struct emu_buffer *buffer)
{
	struct emu_buffer **list = NULL;

	if (!buffer->map) {
		list = &buffers->headers;
		buffers->free_headers++;
	} else if (is_downstream(buffers) && buffer->size < EMU_CACHED_BUFFER_LIMIT &&
		   buffers->cached_count < EMU_CACHED_BUFFERS) {
		list = &buffers->cached;
		buffers->cached_count++;
	} else if (buffers->idle_count < IDLE_COUNT &&
		   buffers->idle_bytes + buffer->size <= IDLE_BYTES) {
		emu_smmu_show(buffers->config.smmu, buffer->map, false);
		list = &buffers->idle;
		buffers->idle_count++;
		buffers->idle_bytes += buffer->size;
	}
	if (list) {
		buffer->next = *list;
		*list = buffer;
	}
	return list != NULL;
}

void emu_buffers_put(struct emu_buffers *buffers, enum emu_buffer_kind kind,
		     struct emu_buffer *buffer)
{
	bool kept;

	if (!buffer)
		return;
	buffer->stale = 0;
	pthread_mutex_lock(&buffers->lock);
	buffers->live[kind]--;
	kept = (kind == EMU_BUFFER_METADATA || kind == EMU_BUFFER_COPY) && keep(buffers, buffer);
	pthread_mutex_unlock(&buffers->lock);
	if (!kept)
		destroy(buffers, buffer);
}

void emu_buffers_put_pages(struct emu_buffer *pages)
{
	emu_buffers_put(pages->home, EMU_BUFFER_HEAP, pages);
}

int emu_buffers_set_headers(struct emu_buffers *buffers, struct emu_buffer *block)
{
	uint32_t count = (uint32_t)(block->size / PAGE);
	struct emu_buffer *pages = NULL, **last = &pages, *page;
	int res = 0;

	for (uint32_t i = 0; i < count; i++) {
		page = calloc(1, sizeof(*page));
		if (!page) {
			res = -ENOMEM;
			break;
		}
		page->bytes = block->bytes + i * PAGE;
		page->address = block->address + i * PAGE;
		page->size = PAGE;
		*last = page;
		last = &page->next;
	}
	pthread_mutex_lock(&buffers->lock);
	if (!res && buffers->headers_block)
		res = -EALREADY;
	if (!res) {
		buffers->live[EMU_BUFFER_HEAP]--;
		buffers->headers_block = block;
		buffers->headers = pages;
		buffers->header_count = buffers->free_headers = count;
		pages = NULL;
	}
	pthread_mutex_unlock(&buffers->lock);
	while ((page = pages)) {
		pages = page->next;
		free(page);
	}
	return res;
}

bool emu_buffers_have_headers(struct emu_buffers *buffers)
{
	bool have;

	pthread_mutex_lock(&buffers->lock);
	have = buffers->headers_block != NULL;
	pthread_mutex_unlock(&buffers->lock);
	return have;
}

void emu_buffers_count(struct emu_buffers *buffers, struct emu_buffers_counts *ret_counts)
{
	pthread_mutex_lock(&buffers->lock);
	memcpy(ret_counts->live, buffers->live, sizeof(ret_counts->live));
	ret_counts->cached = buffers->cached_count;
	ret_counts->cached_bytes = 0;
	for (const struct emu_buffer *buffer = buffers->cached; buffer; buffer = buffer->next)
		ret_counts->cached_bytes += buffer->size;
	ret_counts->headers = buffers->header_count;
	ret_counts->free_headers = buffers->free_headers;
	pthread_mutex_unlock(&buffers->lock);
}
