/* SPDX-License-Identifier: BSD-3-Clause */
#include "shared.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct shared_buffer {
	struct shared_buffer *next;
	int32_t fd;
	uint64_t address, length, where; /* length 0: known by its fd, not mapped by the driver */
	uint64_t told;			 /* the length that the CPU said */
	struct emu_pin *pin;		 /* NULL: not shown to the process yet */
	void *bytes;
	uint64_t refs;	/* by the skel */
	uint64_t calls; /* that have it as a handle argument just now */
	bool announced; /* by a map of the CPU's */
	bool owed;	/* came as a handle, and no call has given it back */
};

struct emu_shared {
	struct emu_engine *engine;
	pthread_mutex_t lock;
	struct shared_buffer *buffers;
};

int emu_shared_new(struct emu_engine *engine, struct emu_shared **ret_shared)
{
	struct emu_shared *shared = calloc(1, sizeof(*shared));

	if (!shared)
		return -ENOMEM;
	shared->engine = engine;
	pthread_mutex_init(&shared->lock, NULL);
	*ret_shared = shared;
	return 0;
}

static void destroy(struct emu_shared *shared, struct shared_buffer **at)
{
	struct shared_buffer *buffer = *at;

	*at = buffer->next;
	shared->engine->ops->unmap(shared->engine, buffer->pin);
	free(buffer);
}

void emu_shared_free(struct emu_shared *shared)
{
	if (!shared)
		return;
	while (shared->buffers)
		destroy(shared, &shared->buffers);
	pthread_mutex_destroy(&shared->lock);
	free(shared);
}

static struct shared_buffer **find(struct emu_shared *shared, int32_t fd)
{
	struct shared_buffer **at = &shared->buffers;

	while (*at && ((*at)->fd != fd || fd < 0))
		at = &(*at)->next;
	return at;
}

/* Nobody needs it any more. */
static bool is_idle(const struct shared_buffer *buffer)
{
	return !buffer->announced && !buffer->refs && !buffer->calls && !buffer->owed;
}

/* 0, -EFAULT, -ENOMEM. */
static int show(struct emu_shared *shared, struct shared_buffer *buffer)
{
	if (buffer->pin)
		return 0;
	if (!buffer->length)
		return -ENOENT;
	return shared->engine->ops->map(shared->engine, buffer->address, buffer->length,
					&buffer->pin, &buffer->bytes);
}

static void set_place(struct shared_buffer *buffer, uint64_t address, uint64_t length)
{
	buffer->address = address;
	buffer->length = buffer->told = length;
	buffer->where = address & UINT32_MAX;
}

static struct shared_buffer *add(struct emu_shared *shared, int32_t fd, uint64_t address,
				 uint64_t length)
{
	struct shared_buffer *buffer = calloc(1, sizeof(*buffer));

	if (!buffer)
		return NULL;
	buffer->fd = fd;
	set_place(buffer, address, length);
	buffer->next = shared->buffers;
	shared->buffers = buffer;
	return buffer;
}

static void forget_idle(struct emu_shared *shared)
{
	for (struct shared_buffer **at = &shared->buffers; *at;)
		if (is_idle(*at))
			destroy(shared, at);
		else
			at = &(*at)->next;
}

int32_t emu_shared_announce(struct emu_shared *shared, int32_t fd, uint64_t address,
			    uint64_t length, bool now, uint64_t *ret_where)
{
	struct shared_buffer *buffer;
	int32_t res = 0;
	int shown;

	pthread_mutex_lock(&shared->lock);
	buffer = *find(shared, fd);
	if (!buffer || buffer->length)
		buffer = add(shared, fd, address, length);
	if (!buffer) {
		res = EMU_DSP_ENOMEMORY;
	} else {
		set_place(buffer, address, length);
		buffer->announced = true;
		shown = now ? show(shared, buffer) : 0;
		if (shown) {
			buffer->announced = false;
			buffer->length = 0;
			res = shown == -EFAULT ? EMU_DSP_EBADVA : EMU_DSP_ENOMEMORY;
		} else if (now) {
			buffer->where = (uintptr_t)buffer->bytes;
		}
	}
	if (!res)
		*ret_where = buffer->where;
	else
		forget_idle(shared);
	pthread_mutex_unlock(&shared->lock);
	return res;
}

int32_t emu_shared_withdraw(struct emu_shared *shared, int32_t fd, uint64_t where)
{
	struct shared_buffer **at;

	pthread_mutex_lock(&shared->lock);
	for (at = &shared->buffers; *at; at = &(*at)->next)
		if ((*at)->announced && (fd >= 0 ? (*at)->fd == fd : (*at)->where == where))
			break;
	if (*at) {
		(*at)->announced = false;
		if (is_idle(*at))
			destroy(shared, at);
	}
	pthread_mutex_unlock(&shared->lock);
	return 0; /* pages given to the process for good are in no table */
}

static int32_t begin_handle(struct emu_shared *shared, const struct emu_call *call, uint32_t i)
{
	struct shared_buffer *buffer;
	struct frpc_smq_page page;
	uint32_t length = 0;
	int32_t fd = call->args[i].dma.fd;

	if (fd <= 0)
		return 0; /* no dma-buf */
	if (!emu_call_handle(call, i, &page, &length))
		page = (struct frpc_smq_page){0}; /* one that the driver has not mapped */
	buffer = *find(shared, fd);
	if (!buffer)
		buffer = add(shared, fd, page.addr, page.size);
	if (!buffer)
		return EMU_DSP_ENOMEMORY;
	if (!buffer->length)
		set_place(buffer, page.addr, page.size);
	buffer->told = length;
	buffer->calls++;
	buffer->owed |= page.size != 0;
	return 0;
}

int32_t emu_shared_call_begins(struct emu_shared *shared, const struct emu_call *call)
{
	int32_t res = 0;

	if (FRPC_SC_BUFS(call->sc) == call->count)
		return 0;
	pthread_mutex_lock(&shared->lock);
	for (uint32_t i = FRPC_SC_BUFS(call->sc); i < call->count && !res; i++)
		res = begin_handle(shared, call, i);
	pthread_mutex_unlock(&shared->lock);
	return res;
}

void emu_shared_call_ends(struct emu_shared *shared, const struct emu_call *call)
{
	uint32_t listed = 0;

	pthread_mutex_lock(&shared->lock);
	for (uint32_t i = FRPC_SC_BUFS(call->sc); i < call->count; i++) {
		struct shared_buffer *buffer = *find(shared, call->args[i].dma.fd);

		if (buffer && buffer->calls)
			buffer->calls--;
	}
	for (struct shared_buffer **at = &shared->buffers; *at && listed < FRPC_SMQ_MAX_FDS;) {
		struct shared_buffer *buffer = *at;
		uint64_t fd = (uint32_t)buffer->fd;

		if (buffer->owed && !buffer->calls && !buffer->refs && call->fd_list) {
			memcpy(call->fd_list + 8 * listed++, &fd, sizeof(fd));
			buffer->owed = false;
		}
		if (is_idle(buffer))
			destroy(shared, at);
		else
			at = &buffer->next;
	}
	pthread_mutex_unlock(&shared->lock);
}

int emu_shared_get(struct emu_shared *shared, int32_t fd, struct emu_shared_view *ret_view)
{
	struct shared_buffer *buffer;
	int res = -ENOENT;

	pthread_mutex_lock(&shared->lock);
	buffer = *find(shared, fd);
	if (buffer)
		res = show(shared, buffer);
	if (!res) {
		buffer->refs++;
		*ret_view = (struct emu_shared_view){buffer->bytes, buffer->length,
						     buffer->address & UINT32_MAX};
	}
	pthread_mutex_unlock(&shared->lock);
	return res;
}

int emu_shared_put(struct emu_shared *shared, int32_t fd)
{
	struct shared_buffer **at;
	int res = -ENOENT;

	pthread_mutex_lock(&shared->lock);
	at = find(shared, fd);
	if (*at && (*at)->refs) {
		(*at)->refs--;
		if (is_idle(*at))
			destroy(shared, at);
		res = 0;
	}
	pthread_mutex_unlock(&shared->lock);
	return res;
}

int emu_shared_length(struct emu_shared *shared, int32_t fd, uint64_t *ret_length)
{
	struct shared_buffer *buffer;

	pthread_mutex_lock(&shared->lock);
	buffer = *find(shared, fd);
	if (buffer)
		*ret_length = buffer->told;
	pthread_mutex_unlock(&shared->lock);
	return buffer ? 0 : -ENOENT;
}
