/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The process engine: a DSP process is a process of the host (dsp_process.c), started with its first
 * skel. Shared buffers lie at the same addresses in both, so that arguments in them travel as
 * pointers; others travel in the message. What a skel does to itself ends that process alone, and
 * kill() ends whatever it is doing.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fastrpc/abi/smq.h>

#include "call.h"
#include "call_message.h"
#include "child.h"
#include "child_io.h"
#include "elf_image.h"
#include "engine.h"
#include "engine_host.h"
#include "engine_orders.h"
#include "hap/hap.h"
#include "idle_threads.h"
#include "map_cache.h"
#include "ranges.h"
#include "spawn.h"

/* A socket for requests, one at a time. */
struct line {
	pthread_mutex_t lock;
	int fd;
};

struct process_engine {
	struct emu_engine engine;
	struct emu_map_cache *cache;
	struct emu_hap *hap; /* NULL: skels get no functions */
	struct emu_engine_host *host;
	char program[PATH_MAX];
	_Atomic bool dead, killed;
	_Atomic uint32_t calls; /* that run */
	_Atomic int pidfd;	/* -1: not started */
	_Atomic bool started;	/* all of it */
	struct line loading;
	struct emu_engine_orders orders;
	struct emu_ranges ranges; /* changed with the lock held */
	struct emu_idle_threads idle;
	pthread_mutex_t lock; /* everything below, and the control socket */
	int control;
};

struct emu_module {
	struct process_engine *engine;
	uint64_t id;
};

static struct process_engine *to_process(struct emu_engine *engine)
{
	return (struct process_engine *)engine;
}

/* It hung up: by itself, unless we have killed it. */
static int note_death(struct process_engine *engine)
{
	if (!atomic_load(&engine->killed))
		atomic_store(&engine->dead, true);
	return -EPIPE;
}

static bool is_over(struct process_engine *engine)
{
	return atomic_load(&engine->dead) || atomic_load(&engine->killed);
}

/* Without the lock, which somebody may hold while he waits for the very process. */
static void process_kill(struct emu_engine *base)
{
	struct process_engine *engine = to_process(base);
	int pidfd;

	/* In this order: who starts it just now sees the one, or we the other. */
	atomic_store(&engine->killed, true);
	pidfd = atomic_load(&engine->pidfd);
	if (pidfd >= 0)
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}

/* ---- talking ---- */

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* One request with an optional descriptor, and its answer. One at a time. 0 or -EPIPE. */
static int ask(struct process_engine *engine, int socket, const struct emu_child_request *request,
	       int fd, struct emu_child_answer *answer)
{
	return emu_child_ask(socket, request, fd, answer) ? note_death(engine) : 0;
}

static int ask_line(struct process_engine *engine, struct line *line,
		    const struct emu_child_request *request, int fd,
		    struct emu_child_answer *answer)
{
	int res;

	pthread_mutex_lock(&line->lock);
	res = ask(engine, line->fd, request, fd, answer);
	pthread_mutex_unlock(&line->lock);
	return res;
}

static int tell_range(struct process_engine *engine, struct emu_range *range)
{
	const struct emu_child_request request = {
		.kind = EMU_CHILD_MAP,
		.address = range->address,
		.size = range->size,
		.offset = range->offset,
	};
	struct emu_child_answer answer;
	int res = ask(engine, engine->control, &request, range->fd, &answer);

	close(range->fd);
	range->fd = -1;
	return res ? res : answer.res;
}

/* Gives the child the descriptor @fd for @kind, which is closed here. With the lock held. */
static int hand_over(struct process_engine *engine, uint32_t kind, int fd)
{
	const struct emu_child_request request = {.kind = kind};
	struct emu_child_answer answer;
	int res = ask(engine, engine->control, &request, fd, &answer);

	close(fd);
	return res ? res : answer.res;
}

/* A further socket that the child serves as @kind says. With the lock held. */
static int open_line(struct process_engine *engine, uint32_t kind, int *ret_fd)
{
	int ends[2], res;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	res = hand_over(engine, kind, ends[1]);
	if (res)
		close(ends[0]);
	else
		*ret_fd = ends[0];
	return res;
}

/* The DSP's vector memory is where it is for all processes. With the lock held. */
static int show_vtcm(struct process_engine *engine)
{
	struct emu_vtcm *vtcm = engine->hap->config.vtcm;
	struct emu_child_request request = {.kind = EMU_CHILD_MAP, .size = emu_vtcm_total(vtcm)};
	struct emu_child_answer answer;
	void *bytes;
	int fd, res = emu_vtcm_memory(vtcm, &bytes, &fd);

	if (res)
		return res == -ENOENT ? 0 : res;
	request.address = (uintptr_t)bytes;
	res = ask(engine, engine->control, &request, fd, &answer);
	return res ? res : answer.res;
}

/* It is no more. Calls that run see it for themselves, and say which of them it was. */
static void gone(void *context)
{
	struct process_engine *engine = context;

	note_death(engine);
	if (atomic_load(&engine->dead) && !atomic_load(&engine->calls))
		engine->hap->config.host->died(engine->hap->config.context);
}

/* What the functions that skels call need there. With the lock held. */
static int start_hap(struct process_engine *engine)
{
	int orders = -1, queues = -1, events = -1, fd, res;

	res = emu_engine_host_new(engine->hap, gone, engine, &engine->host, &fd);
	if (!res)
		res = hand_over(engine, EMU_CHILD_HOST, fd);
	if (!res)
		res = open_line(engine, EMU_CHILD_SERVE, &events);
	if (!res)
		emu_engine_host_set_events(engine->host, events);
	if (!res)
		res = show_vtcm(engine);
	if (!res)
		res = open_line(engine, EMU_CHILD_SERVE, &orders);
	if (!res)
		res = open_line(engine, EMU_CHILD_SERVE, &queues);
	if (!res)
		return emu_engine_orders_open(&engine->orders, orders, queues);
	close_if_open(orders);
	close_if_open(queues);
	return res;
}

/* With the lock held. */
static int start(struct process_engine *engine, const void *image, size_t size)
{
	int ends[2], res = 0;

	if (engine->pidfd >= 0)
		return atomic_load(&engine->started) ? 0 : -EPIPE;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	res = emu_spawn(engine->program, image, size, ends[1]);
	close(ends[1]);
	if (res < 0) {
		close(ends[0]);
		return res;
	}
	engine->control = ends[0];
	atomic_store(&engine->pidfd, res);
	res = 0;
	/* Whoever has ended the process just now has not seen it. */
	if (atomic_load(&engine->killed))
		process_kill(&engine->engine);
	if (engine->hap)
		res = start_hap(engine);
	if (!res)
		res = open_line(engine, EMU_CHILD_SERVE, &engine->loading.fd);
	for (struct emu_range *range = engine->ranges.first; range && !res; range = range->next)
		if (range->fd >= 0)
			res = tell_range(engine, range);
	atomic_store(&engine->started, !res);
	return res;
}

static int process_load(struct emu_engine *base, const void *image, size_t size, const char *name,
			struct emu_module **ret_module, char *text, size_t textlen)
{
	struct process_engine *engine = to_process(base);
	struct emu_child_request request = {.kind = EMU_CHILD_LOAD};
	struct emu_module *module;
	struct emu_child_answer answer = {0};
	int fd, res;

	res = emu_elf_check(image, size, text, textlen);
	if (res)
		return res;
	res = emu_engine_copy_image(image, size, name, &fd);
	if (res)
		return res;
	snprintf(request.name, sizeof(request.name), "%s", name);
	module = calloc(1, sizeof(*module));
	pthread_mutex_lock(&engine->lock);
	res = module ? start(engine, image, size) : -ENOMEM;
	pthread_mutex_unlock(&engine->lock);
	if (!res)
		res = ask_line(engine, &engine->loading, &request, fd, &answer);
	close(fd);
	if (!res)
		res = answer.res;
	if (res) {
		snprintf(text, textlen, "%s",
			 answer.words[0] ? answer.words
					 : "the DSP process cannot be started or died");
		free(module);
		return res;
	}
	module->engine = engine;
	module->id = answer.value;
	*ret_module = module;
	return 0;
}

static int process_symbol(struct emu_module *module, const char *name, uintptr_t *ret_entry,
			  char *text, size_t textlen)
{
	struct emu_child_request request = {.kind = EMU_CHILD_SYMBOL, .module = module->id};
	struct emu_child_answer answer = {0};
	int res;

	snprintf(request.name, sizeof(request.name), "%s", name);
	res = ask_line(module->engine, &module->engine->loading, &request, -1, &answer);
	if (res || answer.res) {
		snprintf(text, textlen, "%s", res ? "the DSP process died" : answer.words);
		return -ENOENT;
	}
	*ret_entry = (uintptr_t)answer.value;
	return 0;
}

static void process_unload(struct emu_engine *base, struct emu_module *module)
{
	const struct emu_child_request request = {.kind = EMU_CHILD_UNLOAD, .module = module->id};
	struct process_engine *engine = to_process(base);
	struct emu_child_answer answer;

	if (!is_over(engine))
		ask_line(engine, &engine->loading, &request, -1, &answer);
	free(module);
}

/* ---- calls ---- */

/* The socket of the child's thread for our thread @thread, or of a new one. -1: there is none. */
static int take_thread(struct process_engine *engine, uint32_t thread)
{
	int fd = emu_idle_threads_take(&engine->idle, thread);

	if (fd >= 0)
		return fd;
	pthread_mutex_lock(&engine->lock);
	if (open_line(engine, EMU_CHILD_THREAD, &fd))
		fd = -1;
	pthread_mutex_unlock(&engine->lock);
	return fd;
}

static int exchange(struct process_engine *engine, struct emu_child_call *call, size_t len)
{
	uint32_t thread = emu_hap_thread() ? emu_hap_thread()->id : 0;
	int fd = take_thread(engine, thread);
	ssize_t got;

	if (fd < 0)
		return -EPIPE;
	do
		got = send(fd, call, len, MSG_NOSIGNAL);
	while (got < 0 && errno == EINTR);
	do
		got = got < 0 ? -1 : recv(fd, call, len, 0);
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)len) {
		close(fd);
		return note_death(engine);
	}
	emu_idle_threads_give(&engine->idle, thread, fd);
	return 0;
}

static int32_t process_invoke(struct emu_engine *base, uintptr_t entry, bool with_handle,
			      uint64_t h, uint32_t sc, remote_arg *args)
{
	struct process_engine *engine = to_process(base);
	struct emu_child_call head = {
		.entry = entry,
		.h = h,
		.sc = sc,
		.with_handle = with_handle,
		.count = FRPC_SC_LENGTH(sc),
	};
	int32_t result = EMU_DSP_EBADSTATE; /* if the process goes meanwhile */
	struct emu_call_message message;

	if (engine->hap)
		head.nested = engine->hap->config.host->reverse_busy(engine->hap->config.context);
	if (emu_call_message_pack(&message, &head, &engine->ranges, args))
		return EMU_DSP_ENOMEMORY;
	atomic_fetch_add(&engine->calls, 1);
	if (!exchange(engine, message.call, message.len)) {
		emu_call_message_unpack(&message, sc, args);
		result = message.call->result;
	}
	atomic_fetch_sub(&engine->calls, 1);
	emu_call_message_free(&message);
	return result;
}

/* ---- memory ---- */

/* A buffer has been mapped here: the child gets it at the same address. */
static int mapped(void *context, void *bytes, uint64_t size, int fd, uint64_t offset)
{
	struct process_engine *engine = context;
	struct emu_range *range;
	int res = emu_range_new(bytes, size, fd, offset, &range);

	if (res)
		return res;
	pthread_mutex_lock(&engine->lock);
	if (engine->pidfd >= 0 && !is_over(engine))
		res = tell_range(engine, range);
	if (res)
		emu_range_free(range);
	else
		emu_ranges_add(&engine->ranges, range);
	pthread_mutex_unlock(&engine->lock);
	return res;
}

static void unmapped(void *context, void *bytes, uint64_t size)
{
	const struct emu_child_request request = {
		.kind = EMU_CHILD_UNMAP,
		.address = (uintptr_t)bytes,
		.size = size,
	};
	struct process_engine *engine = context;
	struct emu_child_answer answer;
	struct emu_range *range;

	pthread_mutex_lock(&engine->lock);
	range = emu_ranges_remove(&engine->ranges, request.address);
	if (range) {
		if (range->fd < 0 && !is_over(engine))
			ask(engine, engine->control, &request, -1, &answer);
		emu_range_free(range);
	}
	pthread_mutex_unlock(&engine->lock);
}

static int process_map(struct emu_engine *base, uint64_t address, uint64_t length,
		       struct emu_pin **ret_pin, void **ret_bytes)
{
	return emu_map_cache_pin(to_process(base)->cache, address, length, ret_pin, ret_bytes);
}

static void process_unmap(struct emu_engine *base, struct emu_pin *pin)
{
	emu_map_cache_unpin(to_process(base)->cache, pin);
}

/* ---- what the DSP tells the functions that skels call ---- */

static int remote_set_logging(void *context, uint32_t mask, const char *const *files,
			      uint32_t count)
{
	struct process_engine *engine = context;

	return emu_engine_orders_set_logging(&engine->orders, mask, files, count);
}

static int remote_set_call_threads(void *context, uint32_t priority, uint32_t stack_size)
{
	struct process_engine *engine = context;

	return emu_engine_orders_set_call_threads(&engine->orders, priority, stack_size);
}

static void remote_flush(void *context)
{
	struct process_engine *engine = context;

	emu_engine_orders_flush(&engine->orders);
}

static bool remote_is_at_work(void *context)
{
	struct process_engine *engine = context;

	return emu_engine_orders_is_at_work(&engine->orders);
}

static void remote_queue_signalled(void *context, uint64_t exported, unsigned int which)
{
	struct process_engine *engine = context;

	emu_engine_orders_tell_queue(&engine->orders, EMU_CHILD_QUEUE_SIGNAL, exported, which);
}

static void remote_queue_die(void *context, uint64_t exported, int error)
{
	struct process_engine *engine = context;

	emu_engine_orders_tell_queue(&engine->orders, EMU_CHILD_QUEUE_DIE, exported,
				     (uint64_t)error);
}

/* Its counterpart ends as well, and with it what it has left locked. */
static void remote_thread_removed(void *context, uint32_t id)
{
	struct process_engine *engine = context;

	close_if_open(emu_idle_threads_take(&engine->idle, id));
}

static const struct emu_hap_remote remote = {
	.set_logging = remote_set_logging,
	.set_call_threads = remote_set_call_threads,
	.flush = remote_flush,
	.is_at_work = remote_is_at_work,
	.queue_signalled = remote_queue_signalled,
	.queue_die = remote_queue_die,
	.thread_removed = remote_thread_removed,
};

static void process_adopt(struct emu_engine *base, struct emu_hap *hap)
{
	struct process_engine *engine = to_process(base);

	engine->hap = hap;
	hap->remote = &remote;
	hap->remote_context = engine;
}

/* ---- the end ---- */

static bool process_has_died(struct emu_engine *base)
{
	return atomic_load(&to_process(base)->dead);
}

static void process_free(struct emu_engine *base)
{
	struct process_engine *engine = to_process(base);

	process_kill(base);
	emu_map_cache_free(engine->cache);
	emu_engine_host_free(engine->host);
	close_if_open(engine->control);
	close_if_open(engine->loading.fd);
	close_if_open(engine->pidfd);
	emu_idle_threads_destroy(&engine->idle);
	emu_ranges_destroy(&engine->ranges);
	pthread_mutex_destroy(&engine->loading.lock);
	emu_engine_orders_destroy(&engine->orders);
	pthread_mutex_destroy(&engine->lock);
	free(engine);
}

static const struct emu_engine_ops process_ops = {
	.name = "process",
	.version = EMU_ENGINE_VERSION,
	.load = process_load,
	.symbol = process_symbol,
	.invoke = process_invoke,
	.unload = process_unload,
	.map = process_map,
	.unmap = process_unmap,
	.adopt = process_adopt,
	.has_died = process_has_died,
	.kill = process_kill,
	.free = process_free,
};

static const struct emu_map_watch watch = {.mapped = mapped, .unmapped = unmapped};

int emu_engine_process_new(struct emu_memory *memory, const char *program,
			   struct emu_engine **ret_engine)
{
	struct process_engine *engine = calloc(1, sizeof(*engine));
	int res;

	if (!engine)
		return -ENOMEM;
	engine->engine.ops = &process_ops;
	engine->control = engine->loading.fd = -1;
	atomic_init(&engine->pidfd, -1);
	pthread_mutex_init(&engine->loading.lock, NULL);
	emu_engine_orders_init(&engine->orders);
	emu_ranges_init(&engine->ranges);
	emu_idle_threads_init(&engine->idle);
	snprintf(engine->program, sizeof(engine->program), "%s", program);
	pthread_mutex_init(&engine->lock, NULL);
	res = emu_map_cache_new(memory, &engine->cache);
	if (res) {
		process_free(&engine->engine);
		return res;
	}
	emu_map_cache_watch(engine->cache, &watch, engine);
	*ret_engine = &engine->engine;
	return 0;
}
