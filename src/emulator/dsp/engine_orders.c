/* SPDX-License-Identifier: BSD-3-Clause */
#include "engine_orders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "child.h"
#include "child_io.h"

void emu_engine_orders_init(struct emu_engine_orders *orders)
{
	pthread_mutex_init(&orders->lock, NULL);
	orders->fd = -1;
	atomic_init(&orders->events, -1);
}

void emu_engine_orders_destroy(struct emu_engine_orders *orders)
{
	if (orders->fd >= 0) {
		close(orders->fd);
		close(orders->events);
	}
	free(orders->names);
	pthread_mutex_destroy(&orders->lock);
}

/* With the lock held. */
static int tell_logging(struct emu_engine_orders *orders)
{
	const struct emu_child_request request = {
		.kind = EMU_CHILD_LOGGING,
		.address = orders->mask,
		.size = orders->count,
		.offset = orders->length,
	};
	struct emu_child_answer answer;
	int res = -ENOMEM, fd = memfd_create("logging", MFD_CLOEXEC);

	if (fd < 0)
		return -EMFILE;
	if (write(fd, orders->names, orders->length) == (ssize_t)orders->length) {
		res = emu_child_ask(orders->fd, &request, fd, &answer);
		res = res ? res : answer.res;
	}
	close(fd);
	return res;
}

/* With the lock held. */
static int tell_call_threads(struct emu_engine_orders *orders)
{
	const struct emu_child_request request = {
		.kind = EMU_CHILD_CALL_THREADS,
		.address = orders->priority,
		.size = orders->stack_size,
	};
	struct emu_child_answer answer;
	int res = emu_child_ask(orders->fd, &request, -1, &answer);

	return res ? res : answer.res;
}

int emu_engine_orders_open(struct emu_engine_orders *orders, int fd, int events)
{
	int res = 0;

	pthread_mutex_lock(&orders->lock);
	orders->fd = fd;
	atomic_store(&orders->events, events);
	if (orders->logging_set)
		res = tell_logging(orders);
	if (!res && orders->priority)
		res = tell_call_threads(orders);
	pthread_mutex_unlock(&orders->lock);
	return res;
}

static char *join_names(const char *const *files, uint32_t count, size_t *ret_length)
{
	size_t length = 0, at = 0;
	char *names;

	for (uint32_t i = 0; i < count; i++)
		length += strlen(files[i]) + 1;
	names = malloc(length ? length : 1);
	for (uint32_t i = 0; names && i < count; i++) {
		strcpy(names + at, files[i]);
		at += strlen(files[i]) + 1;
	}
	*ret_length = length;
	return names;
}

/* Kept as well: it comes before the first skel is loaded. */
int emu_engine_orders_set_logging(struct emu_engine_orders *orders, uint32_t mask,
				  const char *const *files, uint32_t count)
{
	size_t length;
	char *names = join_names(files, count, &length);
	int res = 0;

	if (!names)
		return -ENOMEM;
	pthread_mutex_lock(&orders->lock);
	free(orders->names);
	orders->logging_set = true;
	orders->mask = mask;
	orders->count = count;
	orders->names = names;
	orders->length = length;
	if (orders->fd >= 0)
		res = tell_logging(orders);
	pthread_mutex_unlock(&orders->lock);
	return res;
}

/* Kept as well. */
int emu_engine_orders_set_call_threads(struct emu_engine_orders *orders, uint32_t priority,
				       uint32_t stack_size)
{
	int res = 0;

	pthread_mutex_lock(&orders->lock);
	orders->priority = priority;
	orders->stack_size = stack_size;
	if (orders->fd >= 0)
		res = tell_call_threads(orders);
	pthread_mutex_unlock(&orders->lock);
	return res;
}

/* One that says everything by its kind. What comes back; 0 if there is no process. */
static uint64_t order(struct emu_engine_orders *orders, uint32_t kind)
{
	const struct emu_child_request request = {.kind = kind};
	struct emu_child_answer answer = {0};

	pthread_mutex_lock(&orders->lock);
	if (orders->fd >= 0 && emu_child_ask(orders->fd, &request, -1, &answer))
		answer.value = 0;
	pthread_mutex_unlock(&orders->lock);
	return answer.value;
}

void emu_engine_orders_flush(struct emu_engine_orders *orders)
{
	order(orders, EMU_CHILD_FLUSH);
}

bool emu_engine_orders_is_at_work(struct emu_engine_orders *orders)
{
	return order(orders, EMU_CHILD_AT_WORK) != 0;
}

void emu_engine_orders_tell_queue(struct emu_engine_orders *orders, uint32_t kind,
				  uint64_t exported, uint64_t value)
{
	const struct emu_child_request request = {
		.kind = kind,
		.module = exported,
		.address = value,
	};
	int events = atomic_load(&orders->events);

	if (events >= 0)
		emu_child_send(events, &request, sizeof(request), -1);
}
