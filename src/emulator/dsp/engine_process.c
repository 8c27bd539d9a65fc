/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The process engine: a DSP process is a process of the host (dsp_process.c), started with its first
 * skel. Shared buffers lie at the same addresses in both, so that arguments in them travel as
 * pointers; others travel in the message. What a skel does to itself ends that process alone, and
 * kill() ends whatever it is doing.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fastrpc/abi/smq.h>

#include "child.h"
#include "elf_image.h"
#include "engine.h"
#include "map_cache.h"

#define KERNEL_SIGSET_BYTES 8
#define SPAWN_STACK	    65536u
#define GONE		    (-1) /* the result of a call whose process went: nobody sees it */
#define NO_RUNTIME	    ""

/* A buffer that both processes have at @address. */
struct range {
	struct range *next;
	uint64_t address, size, offset;
	int fd; /* until the child has been told: -1 then */
};

struct process_engine {
	struct emu_engine engine;
	struct emu_map_cache *cache;
	char program[PATH_MAX];
	_Atomic bool dead, killed;
	pthread_mutex_t lock; /* everything below */
	_Atomic int pidfd;    /* -1: not started */
	int control;
	struct range *ranges;
	int *idle; /* sockets of threads that wait for a call */
	uint32_t idle_count, idle_room;
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

/* ---- starting ---- */

/*
 * libc's clone() under the name that no sanitizer replaces. TSan's clone() takes every child for a
 * fork's: it makes the child ignore all locks from then on and forget all descriptors. Here parent and
 * child are one memory, so that it would be the parent's thread that ignores them.
 */
#ifdef __GLIBC__
int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...);
#define LIBC_CLONE __clone
#else
#define LIBC_CLONE clone
#endif

/* On the stack that the two short-lived steps share: each has a half of it. */
struct start {
	const char *program;
	char **environment;
	int control;
	char *second_stack;
	pid_t pid;
	int pidfd;
	sigset_t mask;
};

/* In the new process, on a stack of its own but in our memory, until exec. */
__attribute__((no_sanitize("address", "thread", "undefined"))) static int become(void *arg)
{
	struct start *start = arg;
	char *argv[] = {(char *)(uintptr_t)start->program, NULL};

	/*
	 * System calls only: a sanitizer's replacements of libc's functions keep books in the memory that
	 * is shared with the thread that started us, and what never returns spoils them.
	 */
	if (start->control == EMU_CHILD_CONTROL_FD)
		syscall(SYS_fcntl, start->control, F_SETFD, 0);
	else
		syscall(SYS_dup3, start->control, EMU_CHILD_CONTROL_FD, 0);
	syscall(SYS_close_range, EMU_CHILD_CONTROL_FD + 1, ~0u, 0);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &start->mask, NULL, KERNEL_SIGSET_BYTES);
	syscall(SYS_execve, start->program, argv, start->environment);
	syscall(SYS_exit_group, 127);
	return 127; /* not reached */
}

/* A parent between us and it, which is gone at once: our descriptors, so that it leaves the pidfd. */
__attribute__((no_sanitize("address", "thread", "undefined"))) static int stand_between(void *arg)
{
	struct start *start = arg;

	start->pid = LIBC_CLONE(become, start->second_stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD,
				start, &start->pidfd);
	syscall(SYS_exit_group, 0);
	return 0; /* not reached */
}

/* A skel built with a sanitizer needs its runtime loaded before everything else. */
static void find_runtime(const void *image, size_t size, char runtime[64])
{
	static const char *const names[] = {"libasan.so.", "libtsan.so.", "libubsan.so."};

	strcpy(runtime, NO_RUNTIME);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *at = memmem(image, size, names[i], strlen(names[i]));
		size_t room = at ? size - (size_t)(at - (const char *)image) : 0;

		if (at && room < 64 && !memchr(at, 0, room))
			continue;
		if (at && strnlen(at, 64) < 64) {
			snprintf(runtime, 64, "%s", at);
			return;
		}
	}
}

static char **make_environment(const char *runtime)
{
	static char preload[80];
	size_t count = 0, used = 0;
	char **environment;

	while (environ && environ[count])
		count++;
	environment = calloc(count + 2, sizeof(*environment));
	for (size_t i = 0; environment && i < count; i++)
		if (!*runtime || strncmp(environ[i], "LD_PRELOAD=", 11))
			environment[used++] = environ[i];
	if (environment && *runtime) {
		snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", runtime);
		environment[used] = preload;
	}
	return environment;
}

/*
 * Starts the program. It is nobody's child: the app gets no SIGCHLD, and its wait() sees nothing.
 * The pidfd, or -ENOMEM.
 */
static int spawn(const char *program, const char *runtime, int control)
{
	static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER; /* make_environment()'s text */
	struct start start = {.program = program, .control = control, .pid = -1, .pidfd = -1};
	char *stack = mmap(NULL, 2 * SPAWN_STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	sigset_t all, old;
	pid_t between = -1;

	if (stack == MAP_FAILED)
		return -ENOMEM;
	start.second_stack = stack + 2 * SPAWN_STACK;
	sigfillset(&all);
	pthread_mutex_lock(&one);
	start.environment = make_environment(runtime);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	sigemptyset(&start.mask);
	if (start.environment)
		between = LIBC_CLONE(stand_between, stack + SPAWN_STACK,
				     CLONE_VM | CLONE_VFORK | CLONE_FILES, &start);
	while (between > 0 && waitpid(between, NULL, __WALL) < 0 && errno == EINTR)
		;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	free(start.environment);
	pthread_mutex_unlock(&one);
	munmap(stack, 2 * SPAWN_STACK);
	return start.pid > 0 && start.pidfd >= 0 ? start.pidfd : -ENOMEM;
}

/* ---- talking ---- */

/* One request with an optional descriptor, and its answer. With the lock held. 0 or -EPIPE. */
static int ask(struct process_engine *engine, const struct emu_child_request *request, int fd,
	       struct emu_child_answer *answer)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {(void *)(uintptr_t)request, sizeof(*request)};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t len;

	if (fd >= 0) {
		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	do
		len = sendmsg(engine->control, &message, MSG_NOSIGNAL);
	while (len < 0 && errno == EINTR);
	do
		len = len < 0 ? -1 : recv(engine->control, answer, sizeof(*answer), 0);
	while (len < 0 && errno == EINTR);
	return len == sizeof(*answer) ? 0 : note_death(engine);
}

static int tell_range(struct process_engine *engine, struct range *range)
{
	const struct emu_child_request request = {
		.kind = EMU_CHILD_MAP,
		.address = range->address,
		.size = range->size,
		.offset = range->offset,
	};
	struct emu_child_answer answer;
	int res = ask(engine, &request, range->fd, &answer);

	close(range->fd);
	range->fd = -1;
	return res ? res : answer.res;
}

/* With the lock held. */
static int start(struct process_engine *engine, const void *image, size_t size)
{
	char runtime[64];
	int ends[2], res = 0;

	if (engine->pidfd >= 0)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	find_runtime(image, size, runtime);
	res = spawn(engine->program, runtime, ends[1]);
	close(ends[1]);
	if (res < 0) {
		close(ends[0]);
		return res;
	}
	engine->control = ends[0];
	atomic_store(&engine->pidfd, res);
	res = 0;
	for (struct range *range = engine->ranges; range && !res; range = range->next)
		if (range->fd >= 0)
			res = tell_range(engine, range);
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
	if (!res)
		res = ask(engine, &request, fd, &answer);
	pthread_mutex_unlock(&engine->lock);
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
	pthread_mutex_lock(&module->engine->lock);
	res = ask(module->engine, &request, -1, &answer);
	pthread_mutex_unlock(&module->engine->lock);
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

	pthread_mutex_lock(&engine->lock);
	if (!atomic_load(&engine->dead) && !atomic_load(&engine->killed))
		ask(engine, &request, -1, &answer);
	pthread_mutex_unlock(&engine->lock);
	free(module);
}

/* ---- calls ---- */

/* The socket of a thread that has nothing to do, or of a new one. -1: there is none. */
static int take_thread(struct process_engine *engine)
{
	const struct emu_child_request request = {.kind = EMU_CHILD_THREAD};
	struct emu_child_answer answer;
	int ends[2] = {-1, -1}, mine = -1;

	pthread_mutex_lock(&engine->lock);
	if (engine->idle_count) {
		mine = engine->idle[--engine->idle_count];
	} else if (!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
		if (!ask(engine, &request, ends[1], &answer) && !answer.res)
			mine = ends[0];
		else
			close(ends[0]);
		close(ends[1]);
	}
	pthread_mutex_unlock(&engine->lock);
	return mine;
}

static void give_thread(struct process_engine *engine, int fd, bool usable)
{
	pthread_mutex_lock(&engine->lock);
	if (usable && engine->idle_count == engine->idle_room) {
		uint32_t room = engine->idle_room ? engine->idle_room * 2 : 8;
		int *idle = realloc(engine->idle, room * sizeof(*idle));

		if (idle) {
			engine->idle = idle;
			engine->idle_room = room;
		}
	}
	if (usable && engine->idle_count < engine->idle_room)
		engine->idle[engine->idle_count++] = fd;
	else
		close(fd);
	pthread_mutex_unlock(&engine->lock);
}

static bool is_shared(struct process_engine *engine, uint64_t address, uint64_t len)
{
	struct range *range;

	pthread_mutex_lock(&engine->lock);
	for (range = engine->ranges; range; range = range->next)
		if (address >= range->address && address - range->address < range->size &&
		    len <= range->size - (address - range->address))
			break;
	pthread_mutex_unlock(&engine->lock);
	return range != NULL;
}

/* Puts the arguments behind @call. False: too many bytes outside shared memory. */
static bool pack(struct process_engine *engine, struct emu_child_call *call, const remote_arg *args)
{
	remote_arg *to = (remote_arg *)(call + 1);
	unsigned char *bytes = (unsigned char *)(to + call->count);

	memcpy(to, args, call->count * sizeof(*args));
	for (uint32_t i = 0; i < FRPC_SC_BUFS(call->sc); i++) {
		size_t len = args[i].buf.nLen;

		if (!len || is_shared(engine, (uintptr_t)args[i].buf.pv, len))
			continue;
		if (len > EMU_CHILD_INLINE_MOST - call->inline_bytes)
			return false;
		memcpy(bytes + call->inline_bytes, args[i].buf.pv, len);
		to[i].buf.pv = (void *)((uintptr_t)call->inline_bytes | EMU_CHILD_INLINE_MARK);
		call->inline_bytes += (len + 7) & ~(size_t)7;
		if (call->inline_bytes > EMU_CHILD_INLINE_MOST)
			return false;
	}
	return true;
}

/* What the module wrote, back to where it belongs. */
static void unpack(const struct emu_child_call *call, remote_arg *args)
{
	const remote_arg *from = (const remote_arg *)(call + 1);
	const unsigned char *bytes = (const unsigned char *)(from + call->count);
	uint32_t bufs = FRPC_SC_BUFS(call->sc);

	for (uint32_t i = FRPC_SC_INBUFS(call->sc); i < bufs; i++)
		if ((uintptr_t)from[i].buf.pv & EMU_CHILD_INLINE_MARK && args[i].buf.nLen)
			memcpy(args[i].buf.pv,
			       bytes + ((uintptr_t)from[i].buf.pv & ~EMU_CHILD_INLINE_MARK),
			       args[i].buf.nLen);
	for (uint32_t i = bufs; i < call->count; i++)
		args[i] = from[i];
}

static int exchange(struct process_engine *engine, struct emu_child_call *call, size_t len)
{
	int fd = take_thread(engine);
	ssize_t got;

	if (fd < 0)
		return -EPIPE;
	do
		got = send(fd, call, len, MSG_NOSIGNAL);
	while (got < 0 && errno == EINTR);
	do
		got = got < 0 ? -1 : recv(fd, call, len, 0);
	while (got < 0 && errno == EINTR);
	give_thread(engine, fd, got == (ssize_t)len);
	return got == (ssize_t)len ? 0 : note_death(engine);
}

static int32_t process_invoke(struct emu_engine *base, uintptr_t entry, bool with_handle,
			      uint64_t h, uint32_t sc, remote_arg *args)
{
	struct process_engine *engine = to_process(base);
	struct emu_child_call *call = malloc(EMU_CHILD_CALL_MOST);
	int32_t result = GONE;
	size_t len;

	if (!call)
		return (int32_t)0x80000402;
	*call = (struct emu_child_call){
		.entry = entry,
		.h = h,
		.sc = sc,
		.with_handle = with_handle,
		.count = FRPC_SC_LENGTH(sc),
	};
	if (!pack(engine, call, args)) {
		free(call);
		return (int32_t)0x80000402;
	}
	len = sizeof(*call) + call->count * sizeof(*args) + (size_t)call->inline_bytes;
	if (!exchange(engine, call, len)) {
		unpack(call, args);
		result = call->result;
	}
	free(call);
	return result;
}

/* ---- memory ---- */

/* A buffer has been mapped here: the child gets it at the same address. */
static int mapped(void *context, void *bytes, uint64_t size, int fd, uint64_t offset)
{
	struct process_engine *engine = context;
	struct range *range = calloc(1, sizeof(*range));
	int res = 0;

	if (!range)
		return -ENOMEM;
	*range = (struct range){
		.address = (uintptr_t)bytes,
		.size = size,
		.offset = offset,
		.fd = fcntl(fd, F_DUPFD_CLOEXEC, 3),
	};
	if (range->fd < 0) {
		free(range);
		return -EMFILE;
	}
	pthread_mutex_lock(&engine->lock);
	if (engine->pidfd >= 0 && !atomic_load(&engine->dead) && !atomic_load(&engine->killed))
		res = tell_range(engine, range);
	if (!res) {
		range->next = engine->ranges;
		engine->ranges = range;
	}
	pthread_mutex_unlock(&engine->lock);
	if (res)
		free(range);
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
	struct range **at, *range;

	pthread_mutex_lock(&engine->lock);
	at = &engine->ranges;
	while (*at && (*at)->address != request.address)
		at = &(*at)->next;
	range = *at;
	if (range) {
		*at = range->next;
		if (range->fd >= 0)
			close(range->fd);
		else if (!atomic_load(&engine->dead) && !atomic_load(&engine->killed))
			ask(engine, &request, -1, &answer);
		free(range);
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

/* ---- the end ---- */

static bool process_has_died(struct emu_engine *base)
{
	return atomic_load(&to_process(base)->dead);
}

/* Without the lock, which somebody may hold while he waits for the very process. */
static void process_kill(struct emu_engine *base)
{
	struct process_engine *engine = to_process(base);
	int pidfd = atomic_load(&engine->pidfd);

	atomic_store(&engine->killed, true);
	if (pidfd >= 0)
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}

static void process_free(struct emu_engine *base)
{
	struct process_engine *engine = to_process(base);

	process_kill(base);
	emu_map_cache_free(engine->cache);
	if (engine->pidfd >= 0) {
		close(engine->control);
		close(engine->pidfd);
	}
	for (uint32_t i = 0; i < engine->idle_count; i++)
		close(engine->idle[i]);
	free(engine->idle);
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
	engine->control = -1;
	atomic_init(&engine->pidfd, -1);
	snprintf(engine->program, sizeof(engine->program), "%s", program);
	pthread_mutex_init(&engine->lock, NULL);
	res = emu_map_cache_new(memory, &engine->cache);
	if (res) {
		pthread_mutex_destroy(&engine->lock);
		free(engine);
		return res;
	}
	emu_map_cache_watch(engine->cache, &watch, engine);
	*ret_engine = &engine->engine;
	return 0;
}
