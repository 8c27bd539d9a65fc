/* SPDX-License-Identifier: BSD-3-Clause */
#include "buffers.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE	   UINT64_C(4096)
#define IDLE_BYTES (UINT64_C(256) << 20)
#define IDLE_COUNT 64u

struct emu_buffers {
	enum emu_dialect dialect;
	struct emu_smmu *smmu;
	uint32_t bank;
	pthread_mutex_t lock;
	struct emu_buffer *cached; /* downstream's cache: still visible to the DSP */
	uint32_t cached_count;
	struct emu_buffer *idle; /* freed, hidden, pages kept warm */
	uint32_t idle_count;
	uint64_t idle_bytes;
};

int emu_buffers_new(enum emu_dialect dialect, struct emu_smmu *smmu, uint32_t bank,
		    struct emu_buffers **ret_buffers)
{
	struct emu_buffers *buffers = calloc(1, sizeof(*buffers));

	if (!buffers)
		return -ENOMEM;
	buffers->dialect = dialect;
	buffers->smmu = smmu;
	buffers->bank = bank;
	pthread_mutex_init(&buffers->lock, NULL);
	*ret_buffers = buffers;
	return 0;
}

static void destroy(struct emu_buffers *buffers, struct emu_buffer *buffer)
{
	munmap(buffer->bytes, (size_t)buffer->size);
	emu_smmu_unmap(buffers->smmu, buffer->map);
	free(buffer);
}

void emu_buffers_free(struct emu_buffers *buffers)
{
	struct emu_buffer *buffer;

	if (!buffers)
		return;
	while ((buffer = buffers->cached)) {
		buffers->cached = buffer->next;
		destroy(buffers, buffer);
	}
	while ((buffer = buffers->idle)) {
		buffers->idle = buffer->next;
		destroy(buffers, buffer);
	}
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
	if (size > SIZE_MAX / 2)
		goto fail;
	res = emu_dmabuf_new("fastrpc-driver", size, &dmabuf);
	if (res)
		goto fail;
	buffer->size = size;
	buffer->bytes = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, dmabuf->fd, 0);
	if (buffer->bytes == MAP_FAILED) {
		emu_dmabuf_put(dmabuf);
		res = -ENOMEM;
		goto fail;
	}
	res = emu_smmu_map(buffers->smmu, buffers->bank, dmabuf, &buffer->map);
	emu_dmabuf_put(dmabuf);
	if (res) {
		munmap(buffer->bytes, (size_t)size);
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

/*
 * What the driver's allocator gives: zeroed, visible. Who fills it at once clears the rest himself
 * (@kind CALL): a pass over memory less.
 */
static int allocate(struct emu_buffers *buffers, enum emu_buffer_kind kind, uint64_t size,
		    struct emu_buffer **ret_buffer)
{
	struct emu_buffer *buffer;

	pthread_mutex_lock(&buffers->lock);
	buffer = take(&buffers->idle, size, size * 2);
	if (buffer) {
		buffers->idle_count--;
		buffers->idle_bytes -= buffer->size;
	}
	pthread_mutex_unlock(&buffers->lock);
	if (!buffer)
		return create(buffers, size, ret_buffer);
	if (kind == EMU_BUFFER_CALL)
		buffer->stale = size;
	else
		memset(buffer->bytes, 0, (size_t)size);
	emu_smmu_show(buffers->smmu, buffer->map, true);
	*ret_buffer = buffer;
	return 0;
}

int emu_buffers_get(struct emu_buffers *buffers, enum emu_buffer_kind kind, uint64_t size,
		    struct emu_buffer **ret_buffer)
{
	bool downstream = buffers->dialect == EMU_DOWNSTREAM;
	struct emu_buffer *buffer = NULL;
	uint64_t rounded;
	int res;

	if (!size || size >= (downstream ? EMU_BUFFER_LIMIT : UINT32_MAX))
		return downstream ? -EFAULT : -ENOMEM;
	rounded = (size + PAGE - 1) & ~(PAGE - 1);
	if (downstream && kind == EMU_BUFFER_CALL) {
		pthread_mutex_lock(&buffers->lock);
		buffer = take(&buffers->cached, rounded, UINT64_MAX);
		if (buffer)
			buffers->cached_count--;
		pthread_mutex_unlock(&buffers->lock);
	}
	if (!buffer) {
		res = allocate(buffers, kind, rounded, &buffer);
		if (res)
			return downstream && res == -ENOMEM ? -ENOBUFS : res;
	}
	buffer->wanted = size;
	buffer->dsp_address = 0;
	*ret_buffer = buffer;
	return 0;
}

void emu_buffers_put(struct emu_buffers *buffers, enum emu_buffer_kind kind,
		     struct emu_buffer *buffer)
{
	bool kept = false;

	if (!buffer)
		return;
	buffer->stale = 0;
	pthread_mutex_lock(&buffers->lock);
	if (buffers->dialect == EMU_DOWNSTREAM && kind == EMU_BUFFER_CALL &&
	    buffer->size < EMU_CACHED_BUFFER_LIMIT && buffers->cached_count < EMU_CACHED_BUFFERS) {
		buffer->next = buffers->cached;
		buffers->cached = buffer;
		buffers->cached_count++;
		kept = true;
	} else if (kind == EMU_BUFFER_CALL && buffers->idle_count < IDLE_COUNT &&
		   buffers->idle_bytes + buffer->size <= IDLE_BYTES) {
		emu_smmu_show(buffers->smmu, buffer->map, false);
		buffer->next = buffers->idle;
		buffers->idle = buffer;
		buffers->idle_count++;
		buffers->idle_bytes += buffer->size;
		kept = true;
	}
	pthread_mutex_unlock(&buffers->lock);
	if (!kept)
		destroy(buffers, buffer);
}
