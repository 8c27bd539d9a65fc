/* SPDX-License-Identifier: BSD-3-Clause */
#include "invoke.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#include "AEEStdErr.h"
#include "error.h"
#include "memory.h"
#include "session.h"

#define STACK_ARGS   16u
#define BUFFER_ATTRS 0x7eu /* those of remote.h that are the driver's to know */

/*
 * A buffer in registered memory goes by its fd, any other by its address. -EFAULT: there is none;
 * -ERANGE: it ends beyond its registered buffer. Within frpc_memory_enter().
 */
static inline int convert_buffer(const remote_buf *buffer, struct frpc_arg *arg)
{
	const struct frpc_buffer_info *info;
	uint64_t start = (uintptr_t)buffer->pv;

	*arg = (struct frpc_arg){.ptr = start, .length = buffer->nLen, .fd = -1};
	if (!buffer->nLen) {
		arg->ptr = 0;
		return 0;
	}
	info = frpc_memory_look(buffer->pv);
	if (!info)
		return start ? 0 : -EFAULT;
	arg->fd = info->fd;
	arg->attr = info->attr & BUFFER_ATTRS;
	return buffer->nLen > info->end - start ? -ERANGE : 0;
}

static int bad_buffer(const remote_buf *buffer, uint32_t index)
{
	struct frpc_buffer_info info;

	if (!buffer->pv)
		return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
				 "argument %u: NULL with a length of %zu bytes", index,
				 buffer->nLen);
	if (frpc_memory_find(buffer->pv, buffer->nLen, &info) == -ENOENT)
		return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
				 "argument %u: the registered buffer at %p goes away", index,
				 buffer->pv);
	return frpc_fail(
		AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
		"argument %u: %zu bytes at %p end beyond their registered buffer, which has "
		"%llu bytes from 0x%llx on",
		index, buffer->nLen, buffer->pv, (unsigned long long)info.size,
		(unsigned long long)info.start);
}

static int convert_handle(const remote_dma_handle *handle, uint32_t index, struct frpc_arg *arg)
{
	uint32_t length, attr;

	if (handle->fd == -1) {
		*arg = (struct frpc_arg){.fd = -1};
		return AEE_SUCCESS;
	}
	if (frpc_memory_find_handle(handle->fd, &length, &attr)) {
		struct frpc_buffer_info info;

		if (frpc_memory_find_fd(handle->fd, &info))
			return frpc_fail(
				AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
				"argument %u: the length of fd %d is not known; tell it with "
				"remote_register_dma_handle()",
				index, handle->fd);
		length = info.size > UINT32_MAX ? UINT32_MAX : (uint32_t)info.size;
		attr = info.attr;
	}
	if (handle->offset > length)
		return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
				 "argument %u: offset %u lies beyond fd %d, which has %u bytes",
				 index, handle->offset, handle->fd, length);
	*arg = (struct frpc_arg){
		.ptr = handle->offset,
		.length = length,
		.fd = handle->fd,
		.attr = FRPC_ARG_NOVA | (attr & FRPC_ARG_NOMAP),
	};
	return AEE_SUCCESS;
}

static int convert_handles(uint32_t from, uint32_t count, const remote_arg *pra,
			   struct frpc_arg *args)
{
	int res = AEE_SUCCESS;

	for (uint32_t i = from; i < count && !res; i++)
		res = convert_handle(&pra[i].dma, i, &args[i]);
	return res;
}

static inline int convert(uint32_t sc, uint32_t count, const remote_arg *pra, struct frpc_arg *args)
{
	uint32_t bufs = FRPC_SC_BUFS(sc), i = 0;

	if (bufs) {
		frpc_memory_enter();
		while (i < bufs && !convert_buffer(&pra[i].buf, &args[i]))
			i++;
		frpc_memory_leave();
		if (i < bufs)
			return bad_buffer(&pra[i].buf, i);
	}
	return bufs < count ? convert_handles(bufs, count, pra, args) : AEE_SUCCESS;
}

/* What a refusal of the driver means for who made the call. */
static int refused(struct frpc_session *session, int error, uint32_t handle, uint32_t sc)
{
	static const char *const hints[] = {
		"",
		"; too many calls are under way in this session",
		"; a signal came in between: the method may or may not have run",
		"; the DSP or its process went down: close the handle and open it again",
		"; it knows neither FASTRPC_ATTR_KEEP_MAP nor FASTRPC_ATTR_NOMAP",
	};
	unsigned int hint = error == -EDQUOT || error == -ENOSPC || error == -ENOKEY ? 1
			    : error == -EINTR					     ? 2
			    : error == -ECONNRESET || error == -EPIPE		     ? 3
			    : error == -EOPNOTSUPP				     ? 4
										     : 0;

	if (frpc_session_lost(session, error)) {
		frpc_fail_driver(error, "method %u of module 0x%x was not called%s",
				 FRPC_SC_METHOD(sc), handle, hints[3]);
		return AEE_ECONNRESET;
	}
	return frpc_fail_driver(error, "method %u of module 0x%x was not called%s",
				FRPC_SC_METHOD(sc), handle, hints[hint]);
}

/* The one answer of every handle of a session whose DSP or process is no more. */
static int gone(uint32_t handle)
{
	return frpc_fail(AEE_ECONNRESET, FRPC_ORIGIN_DSP, 0,
			 "module 0x%x is gone: its DSP or its process on it went down; close the "
			 "handle and open it again",
			 handle);
}

static inline int send(struct frpc_session *session, const struct frpc_call *call)
{
	struct frpc_remote *remote = frpc_session_alive(session);
	int32_t status = 0;
	int res;

	if (!remote)
		return gone(call->handle);
	res = remote->transport->ops->invoke(remote, call, &status);
	if (res)
		return refused(session, res, call->handle, call->sc);
	if (status && frpc_session_is_gone(session, status))
		return gone(call->handle);
	if (status)
		return frpc_fail(status, FRPC_ORIGIN_DSP, 0,
				 "method %u of module 0x%x returned %d (%s)",
				 FRPC_SC_METHOD(call->sc), call->handle, status,
				 frpc_strerror(status));
	return AEE_SUCCESS;
}

static int no_arguments(uint32_t sc, uint32_t count)
{
	return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
			 "the scalars 0x%08x want %u arguments, but pra is NULL", sc, count);
}

/* Has @then carry out @call with more arguments than the stack has room for. */
static int with_many(struct frpc_session *session, struct frpc_call *call, const remote_arg *pra,
		     int (*then)(struct frpc_session *, const struct frpc_call *, uint64_t),
		     uint64_t job)
{
	uint32_t count = frpc_argument_count(call->sc);
	struct frpc_arg *args = malloc(count * sizeof(*args));
	int res;

	if (!args)
		return frpc_fail(AEE_ENOMEMORY, FRPC_ORIGIN_LIBRARY, ENOMEM,
				 "no memory for %u arguments", count);
	res = convert(call->sc, count, pra, args);
	call->args = args;
	if (!res)
		res = then(session, call, job);
	free(args);
	return res;
}

static int send_many(struct frpc_session *session, const struct frpc_call *call, uint64_t job)
{
	(void)job;
	return send(session, call);
}

int frpc_invoke(struct frpc_session *session, uint32_t handle, uint32_t sc, const remote_arg *pra)
{
	struct frpc_arg stack[STACK_ARGS];
	struct frpc_call call = {.handle = handle, .sc = sc, .args = stack};
	uint32_t count = frpc_argument_count(sc);
	int res;

	if (count && !pra)
		return no_arguments(sc, count);
	if (count > STACK_ARGS)
		return with_many(session, &call, pra, send_many, 0);
	res = convert(sc, count, pra, stack);
	return res ? res : send(session, &call);
}

/* Whoever fetches the answer writes it: that memory must be the driver's to write to at any time. */
static int check_outs(const struct frpc_call *call)
{
	uint32_t ins = FRPC_SC_INBUFS(call->sc), bufs = FRPC_SC_BUFS(call->sc);

	for (uint32_t i = ins; i < bufs; i++)
		if (call->args[i].length && call->args[i].fd < 0)
			return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
					 "argument %u: an asynchronous call's out buffers must be "
					 "rpcmem or registered buffers",
					 i);
	return AEE_SUCCESS;
}

static int submit(struct frpc_session *session, const struct frpc_call *call, uint64_t job)
{
	struct frpc_remote *remote = frpc_session_remote(session);
	int res = check_outs(call), error;

	if (res)
		return res;
	error = remote->transport->ops->submit(remote, call, job);
	return error ? refused(session, error, call->handle, call->sc) : AEE_SUCCESS;
}

int frpc_invoke_submit(struct frpc_session *session, uint32_t handle, uint32_t sc,
		       const remote_arg *pra, uint64_t job)
{
	struct frpc_arg stack[STACK_ARGS];
	struct frpc_call call = {.handle = handle, .sc = sc, .args = stack};
	uint32_t count = frpc_argument_count(sc);
	int res;

	if (frpc_session_is_dead(session))
		return gone(handle);
	if (count && !pra)
		return no_arguments(sc, count);
	if (count > STACK_ARGS)
		return with_many(session, &call, pra, submit, job);
	res = convert(sc, count, pra, stack);
	return res ? res : submit(session, &call, job);
}
