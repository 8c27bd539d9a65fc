/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The program that is one DSP process: it loads skels and runs their methods, in memory that the
 * emulator shows it at the addresses that the emulator uses. It ends with its control socket; what a
 * skel does to it concerns nobody else.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fastrpc/abi/smq.h>

#include "child.h"
#include "child/host.h"
#include "child_io.h"
#include "hap/hap.h"

#define STACK_BYTES (1024u * 1024u)

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static struct emu_hap *hap; /* before anything but the control socket is served */

struct library {
	void *library;
	int fd;
};

static void load(const struct emu_child_request *request, int fd, struct emu_child_answer *answer)
{
	struct library *library = calloc(1, sizeof(*library));
	const char *words;
	char path[48];

	if (!library) {
		close(fd);
		answer->res = -ENOMEM;
		return;
	}
	/* Under this name debuggers and sanitizers find it; it stays open for them. */
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), fd);
	library->fd = fd;
	library->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library->library) {
		answer->value = (uintptr_t)library;
		return;
	}
	words = dlerror();
	if (words && !strncmp(words, path, strlen(path)))
		words += strlen(path) + 2 * (words[strlen(path)] == ':');
	snprintf(answer->words, sizeof(answer->words), "%s", words ? words : request->name);
	answer->res = -ENOENT;
	close(fd);
	free(library);
}

static void find_symbol(const struct emu_child_request *request, struct emu_child_answer *answer)
{
	const struct library *library = (void *)(uintptr_t)request->module;
	void *entry = dlsym(library->library, request->name);

	answer->value = (uintptr_t)entry;
	if (entry)
		return;
	answer->res = -ENOENT;
	snprintf(answer->words, sizeof(answer->words), "undefined symbol: %.256s", request->name);
}

static void unload(const struct emu_child_request *request)
{
	struct library *library = (void *)(uintptr_t)request->module;

	dlclose(library->library);
	close(library->fd);
	free(library);
}

static void map(const struct emu_child_request *request, int fd, struct emu_child_answer *answer)
{
	void *at = (void *)(uintptr_t)request->address;
	void *place = mmap(at, (size_t)request->size, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_FIXED_NOREPLACE, fd, (off_t)request->offset);

	if (place == MAP_FAILED)
		answer->res = -errno;
	else if (place != at && !munmap(place, (size_t)request->size))
		answer->res = -EEXIST;
	close(fd);
}

/* Makes pointers of the marks, or marks of the pointers again. False: an argument that is neither. */
static bool point(struct emu_child_call *call, remote_arg *args, unsigned char *bytes)
{
	for (uint32_t i = 0; i < FRPC_SC_BUFS(call->sc); i++) {
		uintptr_t at = (uintptr_t)args[i].buf.pv;

		if (!(at & EMU_CHILD_INLINE_MARK) || !args[i].buf.nLen)
			continue;
		at &= ~EMU_CHILD_INLINE_MARK;
		if (at > call->inline_bytes || args[i].buf.nLen > call->inline_bytes - at)
			return false;
		args[i].buf.pv = bytes + at;
	}
	return true;
}

static void run_call(struct emu_child_call *call)
{
	remote_arg args[540], *given = (remote_arg *)(call + 1);
	unsigned char *bytes = (unsigned char *)(given + call->count);

	memcpy(args, given, call->count * sizeof(*args));
	if (!point(call, args, bytes)) {
		call->result = -1;
		return;
	}
	emu_child_set_nested(call->nested);
	call->result =
		emu_hap_run((uintptr_t)call->entry, call->with_handle, call->h, call->sc, args);
	/* Buffers stay where they were; handles are the module's answer. */
	for (uint32_t i = FRPC_SC_BUFS(call->sc); i < call->count; i++)
		given[i] = args[i];
}

static void *serve_thread(void *arg)
{
	int fd = (int)(intptr_t)arg;
	struct emu_child_call *call = malloc(EMU_CHILD_CALL_MOST);
	struct emu_hap_thread thread;
	ssize_t len;

	if (hap) {
		emu_hap_thread_add(&thread, hap, "dsp", 0);
		emu_hap_thread_enter(&thread);
	}
	while (call && (len = recv(fd, call, EMU_CHILD_CALL_MOST, 0)) != 0) {
		if (len < 0 && errno == EINTR)
			continue;
		if (len < (ssize_t)sizeof(*call) || call->count > 540 ||
		    call->inline_bytes > EMU_CHILD_INLINE_MOST ||
		    (size_t)len != sizeof(*call) + call->count * sizeof(remote_arg) +
					   (size_t)call->inline_bytes)
			break;
		emu_child_order();
		run_call(call);
		emu_child_order();
		if (send(fd, call, (size_t)len, MSG_NOSIGNAL) != len)
			break;
	}
	if (hap)
		emu_hap_thread_remove(&thread);
	free(call);
	close(fd);
	return NULL;
}

/* @stack: bytes that its skels may need. */
static int32_t start_thread(void *(*fn)(void *), int fd, uint32_t stack)
{
	pthread_attr_t attr;
	pthread_t thread;
	int res;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_BYTES + stack);
	res = pthread_create(&thread, &attr, fn, (void *)(intptr_t)fd);
	pthread_attr_destroy(&attr);
	if (res)
		close(fd);
	return -res;
}

/* ---- the functions that skels call ---- */

static int32_t open_host(int fd)
{
	static struct emu_child_config config; /* its attributes stay */
	struct emu_hap_config hap_config = {.host = &emu_child_hap_host};

	if (recv(fd, &config, sizeof(config), 0) != sizeof(config))
		return -EPROTO;
	emu_child_set_host(fd);
	hap_config.domain = config.domain;
	hap_config.pid = config.pid;
	hap_config.is_unsigned = config.is_unsigned;
	hap_config.attributes = config.attributes;
	hap_config.vtcm = emu_child_vtcm(&config);
	return hap_config.vtcm ? emu_hap_new(&hap_config, &hap) : -ENOMEM;
}

static int32_t set_logging(const struct emu_child_request *request, int fd)
{
	const char *files[256], *at;
	uint32_t count = 0;
	char *names = calloc(1, (size_t)request->offset + 1);
	int32_t res = -ENOMEM;

	if (names && pread(fd, names, (size_t)request->offset, 0) == (ssize_t)request->offset) {
		for (at = names; count < request->size && count < 256; at += strlen(at) + 1)
			files[count++] = at;
		res = emu_hap_set_logging(hap, (uint32_t)request->address, files, count);
	}
	free(names);
	close(fd);
	return res;
}

/* Somebody needs what the skel holds, and it wants to be told. */
static void tell_wanted(const struct emu_child_request *request)
{
	int (*function)(unsigned int, void *) =
		(int (*)(unsigned int, void *))(uintptr_t)request->address;

	function((unsigned int)request->module, (void *)(uintptr_t)request->offset);
}

static void *serve_line(void *arg);

/* False: it is one that nobody waits for. */
static bool answer_request(const struct emu_child_request *request, int fd,
			   struct emu_child_answer *answer)
{
	switch (request->kind) {
	case EMU_CHILD_HOST:
		answer->res = open_host(fd);
		break;
	case EMU_CHILD_SERVE:
		answer->res = start_thread(serve_line, fd, 0);
		break;
	case EMU_CHILD_LOAD:
		load(request, fd, answer);
		break;
	case EMU_CHILD_SYMBOL:
		find_symbol(request, answer);
		break;
	case EMU_CHILD_UNLOAD:
		unload(request);
		break;
	case EMU_CHILD_MAP:
		map(request, fd, answer);
		break;
	case EMU_CHILD_UNMAP:
		munmap((void *)(uintptr_t)request->address, (size_t)request->size);
		break;
	case EMU_CHILD_THREAD:
		answer->res =
			start_thread(serve_thread, fd, hap ? atomic_load(&hap->call_stack) : 0);
		break;
	case EMU_CHILD_CALL_THREADS:
		answer->res = emu_hap_set_call_threads(hap, (uint32_t)request->address,
						       (uint32_t)request->size);
		break;
	case EMU_CHILD_LOGGING:
		answer->res = set_logging(request, fd);
		break;
	case EMU_CHILD_FLUSH:
		emu_hap_flush(hap);
		break;
	case EMU_CHILD_AT_WORK:
		answer->value = emu_hap_is_at_work(hap);
		break;
	case EMU_CHILD_QUEUE_SIGNAL:
		emu_hap_queue_signalled(hap, request->module, (unsigned int)request->address);
		return false;
	case EMU_CHILD_QUEUE_DIE:
		emu_hap_queue_die(hap, request->module, (int)request->address);
		return false;
	case EMU_CHILD_WANTED:
		tell_wanted(request);
		return false;
	default:
		answer->res = -ENOSYS;
	}
	return true;
}

/* Serves the requests of one socket. Returns when the emulator is gone. */
static void serve_requests(int socket)
{
	struct emu_child_request request;
	int fd;

	while (emu_child_receive(socket, &request, sizeof(request), &fd) == sizeof(request)) {
		struct emu_child_answer answer = {0};
		bool wanted;

		request.name[sizeof(request.name) - 1] = 0;
		emu_child_order();
		wanted = answer_request(&request, fd, &answer);
		emu_child_order();
		if (wanted && send(socket, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
			break;
	}
}

static void *serve_line(void *arg)
{
	struct emu_hap_thread thread;

	/* A skel's constructors and the function that it wants to be called run here. */
	if (hap) {
		emu_hap_thread_add(&thread, hap, "dsp-loader", 0);
		emu_hap_thread_enter(&thread);
	}
	serve_requests((int)(intptr_t)arg);
	return NULL;
}

int main(void)
{
	serve_requests(EMU_CHILD_CONTROL_FD);
	/* Threads may be inside skels: nothing of theirs is waited for or cleaned up. */
	_exit(0);
}
