/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The program that is one DSP process: it loads skels and runs their methods, in memory that the
 * emulator shows it at the addresses that the emulator uses. It ends with its control socket; what a
 * skel does to it concerns nobody else.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fastrpc/abi/smq.h>

#include "child.h"

#define STACK_BYTES (1024u * 1024u)

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/* Held for each request: a call that comes after one sees what it did, and says so to sanitizers. */
static pthread_mutex_t requests = PTHREAD_MUTEX_INITIALIZER;

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
	if (call->with_handle)
		call->result = ((int (*)(remote_handle64, uint32_t, remote_arg *))(
					uintptr_t)call->entry)(call->h, call->sc, args);
	else
		call->result =
			((int (*)(uint32_t, remote_arg *))(uintptr_t)call->entry)(call->sc, args);
	/* Buffers stay where they were; handles are the module's answer. */
	for (uint32_t i = FRPC_SC_BUFS(call->sc); i < call->count; i++)
		given[i] = args[i];
}

static void *serve_thread(void *arg)
{
	int fd = (int)(intptr_t)arg;
	struct emu_child_call *call = malloc(EMU_CHILD_CALL_MOST);
	ssize_t len;

	while (call && (len = recv(fd, call, EMU_CHILD_CALL_MOST, 0)) != 0) {
		if (len < 0 && errno == EINTR)
			continue;
		if (len < (ssize_t)sizeof(*call) || call->count > 540 ||
		    call->inline_bytes > EMU_CHILD_INLINE_MOST ||
		    (size_t)len != sizeof(*call) + call->count * sizeof(remote_arg) +
					   (size_t)call->inline_bytes)
			break;
		pthread_mutex_lock(&requests);
		pthread_mutex_unlock(&requests);
		run_call(call);
		if (send(fd, call, (size_t)len, MSG_NOSIGNAL) != len)
			break;
	}
	free(call);
	close(fd);
	return NULL;
}

static int32_t start_thread(int fd)
{
	pthread_attr_t attr;
	pthread_t thread;
	int res;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	res = pthread_create(&thread, &attr, serve_thread, (void *)(intptr_t)fd);
	pthread_attr_destroy(&attr);
	if (res)
		close(fd);
	return -res;
}

static void answer_request(const struct emu_child_request *request, int fd,
			   struct emu_child_answer *answer)
{
	switch (request->kind) {
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
		answer->res = start_thread(fd);
		break;
	default:
		answer->res = -ENOSYS;
	}
}

/* The next request with its descriptor, -1 if none came. False: the emulator is gone. */
static bool receive(struct emu_child_request *request, int *ret_fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {request, sizeof(*request)};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	struct cmsghdr *part;
	ssize_t len;

	do
		len = recvmsg(EMU_CHILD_CONTROL_FD, &message, MSG_CMSG_CLOEXEC);
	while (len < 0 && errno == EINTR);
	if (len != sizeof(*request))
		return false;
	*ret_fd = -1;
	part = CMSG_FIRSTHDR(&message);
	if (part && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
		memcpy(ret_fd, CMSG_DATA(part), sizeof(int));
	return true;
}

int main(void)
{
	struct emu_child_request request;
	int fd;

	while (receive(&request, &fd)) {
		struct emu_child_answer answer = {0};

		request.name[sizeof(request.name) - 1] = 0;
		pthread_mutex_lock(&requests);
		answer_request(&request, fd, &answer);
		pthread_mutex_unlock(&requests);
		if (send(EMU_CHILD_CONTROL_FD, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
			break;
	}
	/* Threads may be inside skels: nothing of theirs is waited for or cleaned up. */
	_exit(0);
}
