/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The downstream commands of a 32-bit program: its driver knows them in 32-bit layouts only, under
 * numbers of their own. Written from the 64-bit ones, so that the dialect says everything once.
 */
#include <errno.h>
#include <stdlib.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/smq.h>

#include "dialect.h"

/* The arguments in @stack, or where there are too many for it in memory that the caller frees. */
static struct frpc_dn32_arg *narrow_args(const struct frpc_dn_invoke *wide,
					 struct frpc_dn32_arg *stack)
{
	const struct frpc_dn_arg *from = (const struct frpc_dn_arg *)(uintptr_t)wide->pra;
	uint32_t count = FRPC_SC_LENGTH(wide->sc);
	struct frpc_dn32_arg *args = stack;

	if (count > FRPC_STACK_ARGS)
		args = calloc(count, sizeof(*args));
	for (uint32_t i = 0; args && i < count; i++)
		args[i] = (struct frpc_dn32_arg){(uint32_t)from[i].pv, (uint32_t)from[i].len};
	return args;
}

/* INVOKE, INVOKE_FD, INVOKE_ATTRS: fds and attributes have the same layout in both. */
static long invoke(struct frpc_file *file, uint32_t cmd, const struct frpc_dn_invoke_attrs *wide)
{
	bool fds = cmd != FRPC_DN_IOCTL_INVOKE, attrs = cmd == FRPC_DN_IOCTL_INVOKE_ATTRS;
	struct frpc_dn32_arg stack[FRPC_STACK_ARGS], *args = narrow_args(&wide->inv, stack);
	struct frpc_dn32_invoke_attrs narrow;
	long res;

	if (!args)
		return -ENOMEM;
	narrow = (struct frpc_dn32_invoke_attrs){
		.inv = {wide->inv.handle, wide->inv.sc, (uint32_t)(uintptr_t)args},
		.fds = fds ? (uint32_t)wide->fds : 0,
		.attrs = attrs ? (uint32_t)wide->attrs : 0,
	};
	/* Each command's struct is the beginning of the next one's. */
	res = frpc_file_ioctl(file,
			      attrs ? FRPC_DN32_IOCTL_INVOKE_ATTRS
			      : fds ? FRPC_DN32_IOCTL_INVOKE_FD
				    : FRPC_DN32_IOCTL_INVOKE,
			      &narrow);
	if (args != stack)
		free(args);
	return res;
}

static struct frpc_dn32_init narrow_init(const struct frpc_dn_init *wide)
{
	return (struct frpc_dn32_init){
		.flags = wide->flags,
		.file = (uint32_t)wide->file,
		.filelen = wide->filelen,
		.filefd = wide->filefd,
		.mem = (uint32_t)wide->mem,
		.memlen = wide->memlen,
		.memfd = wide->memfd,
	};
}

static long init(struct frpc_file *file, const struct frpc_dn_init *wide)
{
	struct frpc_dn32_init narrow = narrow_init(wide);

	return frpc_file_ioctl(file, FRPC_DN32_IOCTL_INIT, &narrow);
}

static long init_attrs(struct frpc_file *file, const struct frpc_dn_init_attrs *wide)
{
	struct frpc_dn32_init_attrs narrow = {narrow_init(&wide->init), wide->attrs, wide->siglen};

	return frpc_file_ioctl(file, FRPC_DN32_IOCTL_INIT_ATTRS, &narrow);
}

static long mmap_64(struct frpc_file *file, struct frpc_dn_mmap *wide)
{
	struct frpc_dn32_mmap_64 narrow = {
		.fd = wide->fd,
		.flags = wide->flags,
		.vaddrin = wide->vaddrin,
		.size = (uint32_t)wide->size,
	};
	long res;

	if (wide->size > UINT32_MAX)
		return -EINVAL;
	res = frpc_file_ioctl(file, FRPC_DN32_IOCTL_MMAP_64, &narrow);
	wide->vaddrout = narrow.vaddrout;
	return res;
}

static long munmap_64(struct frpc_file *file, const struct frpc_dn_munmap *wide)
{
	struct frpc_dn32_munmap_64 narrow = {.vaddrout = wide->vaddrout,
					     .size = (uint32_t)wide->size};

	if (wide->size > UINT32_MAX)
		return -EINVAL;
	return frpc_file_ioctl(file, FRPC_DN32_IOCTL_MUNMAP_64, &narrow);
}

static long mem_map(struct frpc_file *file, struct frpc_dn_mem_map *wide)
{
	struct frpc_dn32_mem_map narrow = {
		.version = wide->version,
		.fd = wide->fd,
		.offset = wide->offset,
		.flags = wide->flags,
		.attrs = wide->attrs,
		.vaddrin = (uint32_t)wide->vaddrin,
		.length = (uint32_t)wide->length,
	};
	long res;

	if (wide->length > UINT32_MAX)
		return -EINVAL;
	res = frpc_file_ioctl(file, FRPC_DN32_IOCTL_MEM_MAP, &narrow);
	wide->vaddrout = narrow.vaddrout;
	return res;
}

static long mem_unmap(struct frpc_file *file, const struct frpc_dn_mem_unmap *wide)
{
	struct frpc_dn32_mem_unmap narrow = {
		.version = wide->version,
		.fd = wide->fd,
		.vaddr = wide->vaddr,
		.length = (uint32_t)wide->length,
	};

	if (wide->length > UINT32_MAX)
		return -EINVAL;
	return frpc_file_ioctl(file, FRPC_DN32_IOCTL_MEM_UNMAP, &narrow);
}

/* A 64-bit kernel does not know it from a 32-bit program, a 32-bit kernel does. */
static long munmap_fd(struct frpc_file *file, const struct frpc_dn_munmap_fd *wide)
{
	struct frpc_dn32_munmap_fd narrow = {
		.fd = wide->fd,
		.va = (uint32_t)wide->va,
		.len = (int32_t)wide->len,
	};

	if (wide->len > INT32_MAX)
		return -EINVAL;
	return frpc_file_ioctl(file, FRPC_DN32_IOCTL_MUNMAP_FD, &narrow);
}

static long run_invoke2(struct frpc_file *file, uint32_t req, const void *param, uint32_t size)
{
	struct frpc_dn32_invoke2 narrow = {req, (uint32_t)(uintptr_t)param, size, 0};

	return frpc_file_ioctl(file, FRPC_DN32_IOCTL_INVOKE2, &narrow);
}

static long invoke2_async(struct frpc_file *file, const struct frpc_dn_invoke_async_no_perf *wide)
{
	struct frpc_dn32_arg stack[FRPC_STACK_ARGS], *args = narrow_args(&wide->inv, stack);
	struct frpc_dn32_invoke_async_no_perf narrow;
	long res;

	if (!args)
		return -ENOMEM;
	narrow = (struct frpc_dn32_invoke_async_no_perf){
		.inv = {wide->inv.handle, wide->inv.sc, (uint32_t)(uintptr_t)args},
		.fds = (uint32_t)wide->fds,
		.attrs = (uint32_t)wide->attrs,
		.job = (uint32_t)wide->job, /* one layout for both */
	};
	res = run_invoke2(file, FRPC_DN_INVOKE2_ASYNC, &narrow, sizeof(narrow));
	if (args != stack)
		free(args);
	return res;
}

static long invoke2(struct frpc_file *file, const struct frpc_dn_invoke2 *wide)
{
	const void *param = (const void *)(uintptr_t)wide->invparam;

	switch (wide->req) {
	case FRPC_DN_INVOKE2_ASYNC:
		return invoke2_async(file, param);
	case FRPC_DN_INVOKE2_ASYNC_RESPONSE:
		/* Job and result stand at the same place in both; the driver checks its own size. */
		return run_invoke2(file, wide->req, param, sizeof(struct frpc_dn32_async_response));
	default:
		return run_invoke2(file, wide->req, param, wide->size);
	}
}

long frpc_narrow_ioctl(struct frpc_file *file, uint32_t cmd, void *arg)
{
	switch (cmd) {
	case FRPC_DN_IOCTL_INVOKE:
	case FRPC_DN_IOCTL_INVOKE_FD:
	case FRPC_DN_IOCTL_INVOKE_ATTRS:
		return invoke(file, cmd, arg);
	case FRPC_DN_IOCTL_INIT:
		return init(file, arg);
	case FRPC_DN_IOCTL_INIT_ATTRS:
		return init_attrs(file, arg);
	case FRPC_DN_IOCTL_MMAP_64:
		return mmap_64(file, arg);
	case FRPC_DN_IOCTL_MUNMAP_64:
		return munmap_64(file, arg);
	case FRPC_DN_IOCTL_MEM_MAP:
		return mem_map(file, arg);
	case FRPC_DN_IOCTL_MEM_UNMAP:
		return mem_unmap(file, arg);
	case FRPC_DN_IOCTL_MUNMAP_FD:
		return munmap_fd(file, arg);
	case FRPC_DN_IOCTL_INVOKE2:
		return invoke2(file, arg);
	default:
		/* The others have one layout and number for both. */
		return frpc_file_ioctl(file, cmd, arg);
	}
}
