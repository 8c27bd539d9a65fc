/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client without a library: the ioctls of either dialect, written by hand.
 */
#ifndef TEST_RAW_CLIENT_H
#define TEST_RAW_CLIENT_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/mainline.h>
#include <fastrpc/abi/smq.h>

struct raw_client {
	/* The machine's ioctl. */
	long (*ioctl)(void *context, int file, uint32_t cmd, uintptr_t arg);
	void *context;
	bool mainline;
	int file;
};

struct raw_arg {
	const void *ptr;
	uint64_t len;
	int32_t fd; /* -1: none */
};

static inline long raw_ioctl(const struct raw_client *client, uint32_t cmd, void *arg)
{
	return client->ioctl(client->context, client->file, cmd, (uintptr_t)arg);
}

/* A process with a shell of one page. */
static inline long raw_create(const struct raw_client *client)
{
	int fd = memfd_create("shell", MFD_CLOEXEC);
	void *shell;
	long res;

	if (fd < 0 || ftruncate(fd, 4096))
		return -1;
	shell = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (client->mainline) {
		struct frpc_ml_init_create create = {
			.filelen = 4096, .filefd = fd, .file = (uintptr_t)shell};

		res = raw_ioctl(client, FRPC_ML_IOCTL_INIT_CREATE, &create);
	} else {
		struct frpc_dn_init_attrs create = {
			.init = {.flags = FRPC_DN_INIT_CREATE,
				 .file = (uintptr_t)shell,
				 .filelen = 4096,
				 .filefd = fd,
				 .memfd = -1},
		};

		res = raw_ioctl(client, FRPC_DN_IOCTL_INIT_ATTRS, &create);
	}
	munmap(shell, 4096);
	close(fd);
	return res;
}

/* Up to 32 arguments. The driver's result: -errno, or what the DSP answered. */
static inline long raw_invoke(const struct raw_client *client, uint32_t handle, uint32_t sc,
			      const struct raw_arg *args)
{
	uint32_t count = FRPC_SC_LENGTH(sc);

	if (client->mainline) {
		struct frpc_ml_invoke_args entries[32] = {0};
		struct frpc_ml_invoke invoke = {handle, sc, (uintptr_t)entries};

		for (uint32_t i = 0; i < count; i++)
			entries[i] = (struct frpc_ml_invoke_args){(uintptr_t)args[i].ptr,
								  args[i].len, args[i].fd, 0};
		return raw_ioctl(client, FRPC_ML_IOCTL_INVOKE, &invoke);
	}
	struct frpc_dn_arg entries[32];
	int32_t fds[32];
	struct frpc_dn_invoke_fd invoke = {{handle, sc, (uintptr_t)entries}, (uintptr_t)fds};

	for (uint32_t i = 0; i < count; i++) {
		entries[i] = (struct frpc_dn_arg){(uintptr_t)args[i].ptr, args[i].len};
		fds[i] = args[i].fd;
	}
	return raw_ioctl(client, FRPC_DN_IOCTL_INVOKE_FD, &invoke);
}

static inline struct raw_arg raw_plain(const void *ptr, uint64_t len)
{
	return (struct raw_arg){ptr, len, -1};
}

#endif
