/* SPDX-License-Identifier: BSD-3-Clause */
/* Mapping and registering memory: the memory functions of remote.h. */
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "AEEStdErr.h"
#include "buffer.h"
#include "config.h"
#include "error.h"
#include "maps.h"
#include "memory.h"
#include "remote.h"
#include "session.h"
#include "static_maps.h"

static int bad(const char *what, const char *why)
{
	return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0, "%s: %s", what, why);
}

/* The driver's answer to a map command as a code. */
static int answer(const char *what, int res, int32_t status)
{
	if (res)
		return frpc_fail_driver(res, "%s failed", what);
	if (status)
		return frpc_fail(status, FRPC_ORIGIN_DSP, 0, "%s: the DSP answered 0x%x", what,
				 (unsigned int)status);
	return AEE_SUCCESS;
}

/* Has the driver map what has been claimed, or gives up the claim. */
static int map_claimed(struct frpc_session *session, const struct frpc_map_params *params)
{
	struct frpc_remote *remote = frpc_session_remote(session);
	const void *addr = (const void *)(uintptr_t)params->vaddr;
	uint64_t address = 0;
	int32_t status = 0;
	int res;

	res = remote->transport->ops->mem_map(remote, params, &address, &status);
	if (!res && !status)
		frpc_maps_set(session, params->fd, addr, params->length, address);
	if (frpc_session_lost(session, res))
		res = -ECONNRESET;
	if (!res && !status)
		return AEE_SUCCESS;
	/* Whoever finds a session dead takes its maps, and what they held of it, away. */
	if (!frpc_maps_drop(session, params->fd, addr, params->length, &address))
		frpc_session_close(session);
	return answer("fastrpc_mmap", res, status);
}

int fastrpc_mmap(int domain, int fd, void *addr, int offset, size_t length,
		 enum fastrpc_map_flags flags)
{
	struct frpc_map_params params = {
		.fd = fd,
		.offset = offset,
		.flags = flags,
		.vaddr = (uintptr_t)addr,
		.length = length,
	};
	struct frpc_session *session;
	uint32_t effective;
	int res;

	if (frpc_effective_domain(domain, &effective))
		return bad("fastrpc_mmap", "no such domain");
	if (fd < 0 || !length || offset)
		return bad("fastrpc_mmap", "fd is negative, length is 0, or offset is not 0");
	if (flags == FASTRPC_MAP_FD_EXTENDED || flags == FASTRPC_MAP_FD_DELAYED_EXTENDED)
		return frpc_fail(AEE_EUNSUPPORTED, FRPC_ORIGIN_LIBRARY, 0,
				 "fastrpc_mmap: no kernel driver known here maps into the extended "
				 "address space of a DSP");
	if (flags != FASTRPC_MAP_STATIC && flags != FASTRPC_MAP_FD &&
	    flags != FASTRPC_MAP_FD_DELAYED && flags != FASTRPC_MAP_FD_NOMAP)
		return bad("fastrpc_mmap", "no such flags");
	res = frpc_session_open(effective, &session);
	if (res)
		return res;
	/* The map is the session's user from the claim on, and gone if the session dies meanwhile. */
	frpc_session_ref(session);
	res = frpc_maps_claim(session, fd, addr, length);
	if (res) {
		frpc_session_close(session);
		res = frpc_fail(res, FRPC_ORIGIN_LIBRARY, 0,
				res == AEE_EALREADY
					? "fastrpc_mmap: fd %d is mapped on domain %u already"
					: "fastrpc_mmap: no memory to keep fd %d of domain %u",
				fd, effective);
	} else {
		res = map_claimed(session, &params);
	}
	frpc_session_unref(session);
	return res;
}

int fastrpc_munmap(int domain, int fd, void *addr, size_t length)
{
	struct frpc_session *session;
	uint32_t effective;
	uint64_t address;
	int32_t status = 0;
	int res, ended;

	if (frpc_effective_domain(domain, &effective))
		return bad("fastrpc_munmap", "no such domain");
	if (!frpc_session_open_existing(effective, &session))
		return frpc_fail(AEE_ENOSUCHMAP, FRPC_ORIGIN_LIBRARY, 0,
				 "fastrpc_munmap: no session of domain %u is open", effective);
	res = frpc_maps_drop(session, fd, addr, length, &address);
	if (res) {
		frpc_session_close(session);
		if (res == -EBUSY)
			return frpc_fail(AEE_EBADMAPREFCNT, FRPC_ORIGIN_LIBRARY, 0,
					 "fastrpc_munmap: packets of a queue still refer to fd %d",
					 fd);
		return frpc_fail(AEE_ENOSUCHMAP, FRPC_ORIGIN_LIBRARY, 0,
				 "fastrpc_munmap: %zu bytes of fd %d are not mapped", length, fd);
	}
	res = frpc_session_remote(session)->transport->ops->mem_unmap(frpc_session_remote(session),
								      fd, address, length, &status);
	if (res && frpc_session_lost(session, res))
		res = -ECONNRESET;
	res = answer("fastrpc_munmap", res, status);
	frpc_session_close(session);	     /* ours */
	ended = frpc_session_close(session); /* the map's */
	return res ? res : ended;
}

/* The older calls act on the session of the default domain, and only while it is open. */
static int map_address(int domain, const struct frpc_map_params *params, bool driver_memory,
		       uint64_t *ret_address)
{
	struct frpc_session *session;
	struct frpc_remote *remote;
	uint32_t effective;
	int32_t status = 0;
	int res;

	if (frpc_effective_domain(domain, &effective) || !ret_address || !params->length)
		return bad("map", "no such domain, no length, or nowhere to write the address");
	if (!frpc_session_open_existing(effective, &session))
		return frpc_fail(AEE_ENOSESSION, FRPC_ORIGIN_LIBRARY, 0,
				 "map: no session of domain %u is open", effective);
	remote = frpc_session_remote(session);
	res = (driver_memory ? remote->transport->ops->mmap : remote->transport->ops->mem_map)(
		remote, params, ret_address, &status);
	frpc_session_close(session);
	return answer("map", res, status);
}

static int unmap_address(int domain, uint64_t address, uint64_t size, bool driver_memory)
{
	struct frpc_session *session;
	struct frpc_remote *remote;
	uint32_t effective;
	int32_t status = 0;
	int res;

	if (frpc_effective_domain(domain, &effective))
		return bad("unmap", "no such domain");
	if (!frpc_session_open_existing(effective, &session))
		return frpc_fail(AEE_ENOSESSION, FRPC_ORIGIN_LIBRARY, 0,
				 "unmap: no session of domain %u is open", effective);
	remote = frpc_session_remote(session);
	res = driver_memory ? remote->transport->ops->munmap(remote, address, size, &status)
			    : remote->transport->ops->mem_unmap(remote, -1, address, size, &status);
	frpc_session_close(session);
	return answer("unmap", res, status);
}

int remote_mem_map(int domain, int fd, int flags, uint64_t virtAddr, size_t size,
		   uint64_t *remoteVirtAddr)
{
	const struct frpc_map_params params = {.fd = fd, .vaddr = virtAddr, .length = size};

	if (flags != REMOTE_MAP_MEM_STATIC || fd < 0)
		return bad("remote_mem_map", "flags are not 0, or fd is negative");
	return map_address(domain, &params, false, remoteVirtAddr);
}

int remote_mem_unmap(int domain, uint64_t remoteVirtAddr, size_t size)
{
	return unmap_address(domain, remoteVirtAddr, size, false);
}

int remote_mmap64(int fd, uint32_t flags, uint64_t vaddrin, int64_t size, uint64_t *vaddrout)
{
	const struct frpc_map_params params = {
		.fd = fd,
		.flags = flags,
		.vaddr = vaddrin,
		.length = size < 0 ? 0 : (uint64_t)size,
	};

	return map_address(-1, &params, fd < 0, vaddrout);
}

int remote_munmap64(uint64_t vaddrout, int64_t size)
{
	/* By its address alone one cannot tell which of the two it was. */
	int res = unmap_address(-1, vaddrout, (uint64_t)size, false);

	return res ? unmap_address(-1, vaddrout, (uint64_t)size, true) : res;
}

int remote_mmap(int fd, uint32_t flags, uint32_t vaddrin, int size, uint32_t *vaddrout)
{
	uint64_t address = 0;
	int res;

	if (!vaddrout)
		return bad("remote_mmap", "nowhere to write the address");
	res = remote_mmap64(fd, flags, vaddrin, size, &address);
	if (!res && address > UINT32_MAX) {
		remote_munmap64(address, size);
		return frpc_fail(AEE_EBADSIZE, FRPC_ORIGIN_LIBRARY, 0,
				 "remote_mmap: the DSP's address has more than 32 bits; use "
				 "remote_mmap64()");
	}
	if (!res)
		*vaddrout = (uint32_t)address;
	return res;
}

int remote_munmap(uint32_t vaddrout, int size)
{
	return remote_munmap64(vaddrout, size);
}

#define ATTRIBUTES                                                                           \
	(FASTRPC_ATTR_NON_COHERENT | FASTRPC_ATTR_COHERENT | FASTRPC_ATTR_KEEP_MAP |         \
	 FASTRPC_ATTR_NOMAP | FASTRPC_ATTR_FORCE_NOFLUSH | FASTRPC_ATTR_FORCE_NOINVALIDATE | \
	 FASTRPC_ATTR_TRY_MAP_STATIC)

static void register_buf(const void *buf, size_t size, int fd, uint32_t attr)
{
	int res;

	if (attr & ~(uint32_t)ATTRIBUTES) {
		frpc_fail(AEE_EUNSUPPORTED, FRPC_ORIGIN_LIBRARY, 0,
			  "remote_register_buf: attributes 0x%x are not known", attr);
		return;
	}
	res = frpc_memory_add(buf, size, fd, attr);
	if (res)
		frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, res,
			  "remote_register_buf: %zu bytes at %p cannot be registered%s", size, buf,
			  res == -EEXIST ? ": they overlap a registered buffer" : "");
	else if (attr & FASTRPC_ATTR_TRY_MAP_STATIC)
		frpc_static_maps_add(buf, size, fd);
}

/* The maps that calls left behind, on whichever sessions there are any. */
static void end_kept(const struct frpc_buffer_info *info)
{
	struct frpc_session *session;
	struct frpc_remote *remote;
	int res;

	for (uint32_t i = 0; i < FRPC_EFFECTIVE; i++) {
		if (!frpc_session_open_existing(i, &session))
			continue;
		remote = frpc_session_remote(session);
		res = 0;
		if (remote->transport->ops->kept_unmap)
			res = remote->transport->ops->kept_unmap(remote, info->fd, info->start,
								 info->size);
		if (res && res != -ENXIO)
			frpc_buffer_avoid_fd(info->fd);
		frpc_session_close(session);
	}
}

static void forget_buf(void *buf, size_t size)
{
	struct frpc_buffer_info info;

	if (frpc_memory_remove(buf, size, &info)) {
		frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
			  "remote_register_buf: no buffer of %zu bytes is registered at %p", size,
			  buf);
		return;
	}
	if (info.attr & FASTRPC_ATTR_TRY_MAP_STATIC)
		frpc_static_maps_remove(buf);
	if (info.attr & FASTRPC_ATTR_KEEP_MAP)
		end_kept(&info);
	if (info.fd >= 0 && (info.attr & FRPC_MEMORY_PLACEHOLDER))
		munmap(buf, (size_t)info.size);
}

void remote_register_buf_attr2(void *buf, size_t size, int fd, int attr)
{
	if (fd >= 0)
		register_buf(buf, size, fd, (uint32_t)attr);
	else
		forget_buf(buf, size);
}

void remote_register_buf_attr(void *buf, int size, int fd, int attr)
{
	if (size <= 0) {
		bad("remote_register_buf", "size is not positive");
		return;
	}
	remote_register_buf_attr2(buf, (size_t)size, fd, attr);
}

void remote_register_buf(void *buf, int size, int fd)
{
	remote_register_buf_attr(buf, size, fd, FASTRPC_ATTR_NONE);
}

int remote_register_dma_handle_attr(int fd, uint32_t len, uint32_t attr)
{
	int res;

	if (fd < 0)
		return bad("remote_register_dma_handle", "fd is negative");
	if (attr & ~(uint32_t)FASTRPC_ATTR_NOMAP)
		return bad("remote_register_dma_handle", "attributes other than NOMAP");
	res = frpc_memory_set_handle(fd, len, attr);
	if (res == -ENOSPC)
		return frpc_fail(AEE_EOUTOFHANDLES, FRPC_ORIGIN_LIBRARY, 0,
				 "remote_register_dma_handle: %u handles are registered already",
				 FRPC_MAX_DMA_HANDLES);
	return res ? bad("remote_register_dma_handle", "that fd is not registered") : AEE_SUCCESS;
}

int remote_register_dma_handle(int fd, uint32_t len)
{
	return remote_register_dma_handle_attr(fd, len, FASTRPC_ATTR_NONE);
}

/*
 * Addresses that nothing lies at. They are a mapping of their own (of a file without a byte), since
 * drivers measure from where a mapping begins: anonymous ones side by side become one.
 */
static void *reserve_addresses(size_t size)
{
	int fd = (int)syscall(SYS_memfd_create, "fastrpc-placeholder", MFD_CLOEXEC), error;
	void *address;

	if (fd < 0)
		return MAP_FAILED;
	address = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE, fd, 0);
	error = errno;
	close(fd);
	errno = error;
	return address;
}

void *remote_register_fd2(int fd, size_t size)
{
	void *address;

	if (fd < 0 || !size) {
		bad("remote_register_fd", "fd is negative, or size is not positive");
		return NULL;
	}
	address = reserve_addresses(size);
	if (address == MAP_FAILED) {
		frpc_fail(AEE_ENOMEMORY, FRPC_ORIGIN_LIBRARY, errno,
			  "remote_register_fd: no address space for %zu bytes", size);
		return NULL;
	}
	if (frpc_memory_add(address, size, fd, FRPC_MEMORY_PLACEHOLDER)) {
		munmap(address, size);
		frpc_fail(AEE_ENOMEMORY, FRPC_ORIGIN_LIBRARY, ENOMEM,
			  "remote_register_fd: no memory");
		return NULL;
	}
	return address;
}

void *remote_register_fd(int fd, int size)
{
	return remote_register_fd2(fd, size < 0 ? 0 : (size_t)size);
}
