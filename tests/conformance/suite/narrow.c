/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rows as a 32-bit client of the downstream driver: each request is written as such a client's
 * (ARM's layout), and what the driver wrote is carried back. What a row names by address lies below
 * 4 GiB then (conf_low_pages); the request itself and the lists beside it need not.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "run.h"

#define PAGE	  4096u
#define ROOM	  (8u * PAGE)
#define LOW_START UINT64_C(0x20000000)
#define LOW_STEP  UINT64_C(0x00100000)

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0
#endif

/* The kernel takes the hint if nothing is there. */
static void *map_low(size_t len, int prot, int flags, int fd)
{
	static _Atomic uint64_t next = LOW_START;

	for (unsigned int tries = 0; tries < 4096; tries++) {
		uint64_t step = (len + LOW_STEP - 1) / LOW_STEP * LOW_STEP, at = next;
		void *bytes;

		next = at + step > UINT32_MAX / 2 ? LOW_START : at + step;
		bytes = mmap((void *)(uintptr_t)at, len, prot, flags | MAP_FIXED_NOREPLACE, fd, 0);
		if (bytes == MAP_FAILED)
			continue;
		if ((uintptr_t)bytes + len <= UINT32_MAX)
			return bytes;
		munmap(bytes, len);
	}
	return MAP_FAILED;
}

void *conf_low_pages(struct conf *conf, size_t len, int prot, int flags, int fd)
{
	return conf->narrow ? map_low(len, prot, flags, fd) : mmap(NULL, len, prot, flags, fd, 0);
}

/*
 * As a kernel copies: false where a caller would get EFAULT. Through a pipe, whose two ends say so,
 * and which programs have wherever they run (qemu-user has no process_vm_readv()).
 */
static bool copy(void *to, const void *from, size_t len)
{
	bool copied = false;
	int ends[2];

	if (!len)
		return true;
	if (pipe2(ends, O_CLOEXEC))
		return false;
	copied =
		write(ends[1], from, len) == (ssize_t)len && read(ends[0], to, len) == (ssize_t)len;
	close(ends[0]);
	close(ends[1]);
	return copied;
}

/* One request's memory: the request alone in its first page, what it points to behind that. */
struct room {
	struct conf *conf;
	unsigned char *bytes;
	size_t used;
};

static void *take(struct room *room, size_t len)
{
	void *at = room->bytes + room->used;

	room->used += (len + 7) & ~(size_t)7;
	return at;
}

static uint32_t cut(const void *address)
{
	return (uint32_t)(uintptr_t)address;
}

/* An address of the row's; nobody's memory may be named by any number. */
static uint32_t low(struct room *room, uint64_t address)
{
	char byte;

	if (address > UINT32_MAX && copy(&byte, (void *)(uintptr_t)address, 1))
		conf_equal_at(room->conf, __LINE__, "an address of a 32-bit client",
			      (long long)address, 0);
	return (uint32_t)address;
}

static uint32_t narrow_words(struct room *room, uint64_t from, uint32_t count)
{
	uint32_t *words = take(room, count * sizeof(*words));

	if (!from || !copy(words, (void *)(uintptr_t)from, count * sizeof(*words)))
		return low(room, from);
	return cut(words);
}

static void narrow_invoke(struct room *room, const struct frpc_dn_invoke *wide,
			  struct frpc_dn32_invoke *narrow)
{
	uint32_t count = FRPC_SC_LENGTH(wide->sc);
	struct frpc_dn32_arg *args = take(room, count * sizeof(*args));
	struct frpc_dn_arg arg;

	*narrow = (struct frpc_dn32_invoke){wide->handle, wide->sc, cut(args)};
	for (uint32_t i = 0; i < count; i++) {
		const char *from = (const char *)(uintptr_t)wide->pra + i * sizeof(arg);

		if (!copy(&arg, from, sizeof(arg))) {
			narrow->pra = low(room, wide->pra);
			return;
		}
		/* A handle's is no address but an offset. */
		args[i].pv = i < FRPC_SC_BUFS(wide->sc) ? low(room, arg.pv) : (uint32_t)arg.pv;
		args[i].len = (uint32_t)arg.len;
	}
}

static void narrow_perf(struct room *room, const struct frpc_dn_invoke_perf *wide,
			struct frpc_dn32_invoke_perf *narrow)
{
	uint32_t count = FRPC_SC_LENGTH(wide->inv.sc);

	narrow_invoke(room, &wide->inv, &narrow->inv);
	narrow->fds = narrow_words(room, wide->fds, count);
	narrow->attrs = narrow_words(room, wide->attrs, count);
	narrow->crc = low(room, wide->crc);
	narrow->perf_kernel = low(room, wide->perf_kernel);
	narrow->perf_dsp = low(room, wide->perf_dsp);
}

static uint32_t narrow_job(struct room *room, uint64_t from)
{
	struct frpc_dn_async_job *job = take(room, sizeof(*job));

	if (!from || !copy(job, (void *)(uintptr_t)from, sizeof(*job)))
		return low(room, from);
	return cut(job);
}

/* INVOKE2's asynchronous call: with counters, or the older form, told apart by the size. */
union wide_async {
	struct frpc_dn_invoke_async with;
	struct frpc_dn_invoke_async_no_perf old;
	struct frpc_dn_invoke_perf perf;
};

union narrow_async {
	struct frpc_dn32_invoke_async with;
	struct frpc_dn32_invoke_async_no_perf old;
	struct frpc_dn32_invoke_perf perf;
};

static void narrow_async(struct room *room, const struct frpc_dn_invoke2 *wide,
			 struct frpc_dn32_invoke2 *narrow)
{
	bool old = wide->size < sizeof(struct frpc_dn_invoke_async);
	union narrow_async *async = take(room, sizeof(*async));
	union wide_async from = {{{0}}};
	uint64_t job;

	narrow->size = old ? sizeof(async->old) : wide->size - 64 + (uint32_t)sizeof(async->with);
	if (!copy(&from, (void *)(uintptr_t)wide->invparam,
		  old ? sizeof(from.old) : sizeof(from.with)))
		return;
	job = old ? from.old.job : from.with.job;
	if (old)
		from.perf.perf_kernel = from.perf.perf_dsp = 0;
	narrow_perf(room, &from.perf, &async->perf);
	if (old)
		async->old.job = narrow_job(room, job);
	else
		async->with.job = narrow_job(room, job);
	narrow->invparam = cut(async);
}

static void narrow_invoke2(struct room *room, const struct frpc_dn_invoke2 *wide,
			   struct frpc_dn32_invoke2 *narrow)
{
	*narrow = (struct frpc_dn32_invoke2){
		.req = wide->req, .invparam = low(room, wide->invparam), .size = wide->size};
	if (wide->req == FRPC_DN_INVOKE2_ASYNC)
		narrow_async(room, wide, narrow);
	else if (wide->req == FRPC_DN_INVOKE2_ASYNC_RESPONSE)
		narrow->size = wide->size - 40 + (uint32_t)sizeof(struct frpc_dn32_async_response);
}

static void narrow_init(struct room *room, const struct frpc_dn_init_attrs *wide,
			struct frpc_dn32_init_attrs *narrow)
{
	*narrow = (struct frpc_dn32_init_attrs){
		.init =
			{
				.flags = wide->init.flags,
				.file = low(room, wide->init.file),
				.filelen = wide->init.filelen,
				.filefd = wide->init.filefd,
				.mem = (uint32_t)wide->init.mem,
				.memlen = wide->init.memlen,
				.memfd = wide->init.memfd,
			},
		.attrs = wide->attrs,
		.siglen = wide->siglen,
	};
}

static void narrow_mmap(struct room *room, const struct frpc_dn_mmap *wide,
			struct frpc_dn32_mmap *narrow)
{
	*narrow = (struct frpc_dn32_mmap){
		.fd = wide->fd,
		.flags = wide->flags,
		.vaddrin = low(room, wide->vaddrin),
		.size = (uint32_t)wide->size,
		.vaddrout = (uint32_t)wide->vaddrout,
	};
}

/* What lies behind `size` is the upper half of a 64-bit client's: not to be read. */
static void narrow_mmap_64(struct room *room, const struct frpc_dn_mmap *wide,
			   struct frpc_dn32_mmap_64 *narrow)
{
	*narrow = (struct frpc_dn32_mmap_64){
		.fd = wide->fd,
		.flags = wide->flags,
		.vaddrin = low(room, wide->vaddrin),
		.size = (uint32_t)wide->size,
		.pad = UINT32_MAX,
		.vaddrout = wide->vaddrout,
	};
}

static void narrow_mem_map(struct room *room, const struct frpc_dn_mem_map *wide,
			   struct frpc_dn32_mem_map *narrow)
{
	*narrow = (struct frpc_dn32_mem_map){
		.version = wide->version,
		.fd = wide->fd,
		.offset = wide->offset,
		.flags = wide->flags,
		.attrs = wide->attrs,
		.vaddrin = low(room, wide->vaddrin),
		.length = (uint32_t)wide->length,
		.vaddrout = wide->vaddrout,
	};
}

/* Writes @wide as the 32-bit client's request. */
static void narrow_request(struct room *room, uint32_t cmd, const void *wide, void *narrow)
{
	const struct frpc_dn_munmap *munmap = wide;
	const struct frpc_dn_mem_unmap *mem_unmap = wide;

	switch (cmd) {
	case FRPC_DN_IOCTL_INVOKE:
	case FRPC_DN_IOCTL_INVOKE_FD:
	case FRPC_DN_IOCTL_INVOKE_ATTRS:
	case FRPC_DN_IOCTL_INVOKE_CRC:
	case FRPC_DN_IOCTL_INVOKE_PERF:
		narrow_perf(room, wide, narrow);
		break;
	case FRPC_DN_IOCTL_INVOKE2:
		narrow_invoke2(room, wide, narrow);
		break;
	case FRPC_DN_IOCTL_INIT:
	case FRPC_DN_IOCTL_INIT_ATTRS:
		narrow_init(room, wide, narrow);
		break;
	case FRPC_DN_IOCTL_MMAP:
		narrow_mmap(room, wide, narrow);
		break;
	case FRPC_DN_IOCTL_MMAP_64:
		narrow_mmap_64(room, wide, narrow);
		break;
	case FRPC_DN_IOCTL_MUNMAP:
		*(struct frpc_dn32_munmap *)narrow = (struct frpc_dn32_munmap){
			(uint32_t)munmap->vaddrout, (uint32_t)munmap->size};
		break;
	case FRPC_DN_IOCTL_MUNMAP_64:
		*(struct frpc_dn32_munmap_64 *)narrow = (struct frpc_dn32_munmap_64){
			munmap->vaddrout, (uint32_t)munmap->size, UINT32_MAX};
		break;
	case FRPC_DN_IOCTL_MEM_MAP:
		narrow_mem_map(room, wide, narrow);
		break;
	case FRPC_DN_IOCTL_MEM_UNMAP:
		*(struct frpc_dn32_mem_unmap *)narrow = (struct frpc_dn32_mem_unmap){
			.version = mem_unmap->version,
			.fd = mem_unmap->fd,
			.vaddr = mem_unmap->vaddr,
			.length = (uint32_t)mem_unmap->length,
		};
		break;
	default:
		break;
	}
}

static uint32_t narrow_command(uint32_t cmd)
{
	static const struct {
		uint32_t wide, narrow;
	} commands[] = {
		{FRPC_DN_IOCTL_INVOKE, FRPC_DN32_IOCTL_INVOKE},
		{FRPC_DN_IOCTL_INVOKE_FD, FRPC_DN32_IOCTL_INVOKE_FD},
		{FRPC_DN_IOCTL_INVOKE_ATTRS, FRPC_DN32_IOCTL_INVOKE_ATTRS},
		{FRPC_DN_IOCTL_INVOKE_CRC, FRPC_DN32_IOCTL_INVOKE_CRC},
		{FRPC_DN_IOCTL_INVOKE_PERF, FRPC_DN32_IOCTL_INVOKE_PERF},
		{FRPC_DN_IOCTL_INVOKE2, FRPC_DN32_IOCTL_INVOKE2},
		{FRPC_DN_IOCTL_INIT, FRPC_DN32_IOCTL_INIT},
		{FRPC_DN_IOCTL_INIT_ATTRS, FRPC_DN32_IOCTL_INIT_ATTRS},
		{FRPC_DN_IOCTL_MMAP, FRPC_DN32_IOCTL_MMAP},
		{FRPC_DN_IOCTL_MUNMAP, FRPC_DN32_IOCTL_MUNMAP},
		{FRPC_DN_IOCTL_MMAP_64, FRPC_DN32_IOCTL_MMAP_64},
		{FRPC_DN_IOCTL_MUNMAP_64, FRPC_DN32_IOCTL_MUNMAP_64},
		{FRPC_DN_IOCTL_MEM_MAP, FRPC_DN32_IOCTL_MEM_MAP},
		{FRPC_DN_IOCTL_MEM_UNMAP, FRPC_DN32_IOCTL_MEM_UNMAP},
		{FRPC_DN_IOCTL_MUNMAP_FD, FRPC_DN32_IOCTL_MUNMAP_FD},
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (commands[i].wide == cmd)
			return commands[i].narrow;
	return 0;
}

/* What the driver wrote into the request. */
static void carry_back(uint32_t cmd, const void *narrow, void *wide)
{
	uint64_t address;

	switch (cmd) {
	case FRPC_DN_IOCTL_MMAP:
		address = ((const struct frpc_dn32_mmap *)narrow)->vaddrout;
		copy(&((struct frpc_dn_mmap *)wide)->vaddrout, &address, sizeof(address));
		break;
	case FRPC_DN_IOCTL_MMAP_64:
		address = ((const struct frpc_dn32_mmap_64 *)narrow)->vaddrout;
		copy(&((struct frpc_dn_mmap *)wide)->vaddrout, &address, sizeof(address));
		break;
	case FRPC_DN_IOCTL_MEM_MAP:
		address = ((const struct frpc_dn32_mem_map *)narrow)->vaddrout;
		copy(&((struct frpc_dn_mem_map *)wide)->vaddrout, &address, sizeof(address));
		break;
	default:
		break;
	}
}

long conf_narrow_ioctl(struct conf_client *client, uint32_t cmd, void *arg)
{
	const struct conf_device *device = conf_device(client->conf);
	uint32_t narrow = narrow_command(cmd);
	struct room room = {.conf = client->conf, .used = PAGE};
	_Alignas(8) unsigned char wide[sizeof(struct frpc_dn_mem_map)] = {0};
	long res;

	/* One layout for both, or a request that cannot be read either way. */
	if (!narrow || !copy(wide, arg, FRPC_ABI_SIZE(cmd)))
		return device->ioctl(client->file, narrow ? narrow : cmd, (uintptr_t)arg, true);
	room.bytes = map_low(ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (!conf_true(client->conf, room.bytes != MAP_FAILED))
		return -ENOMEM;
	narrow_request(&room, cmd, wide, room.bytes);
	if (!copy(arg, wide, 1)) /* a row that shows what comes of that */
		mprotect(room.bytes, PAGE, PROT_READ);
	res = device->ioctl(client->file, narrow, (uintptr_t)room.bytes, true);
	carry_back(cmd, room.bytes, arg);
	munmap(room.bytes, ROOM);
	return res;
}
