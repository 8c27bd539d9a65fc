/* SPDX-License-Identifier: BSD-3-Clause */
#include "queue_rpc.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <fastrpc/abi/smq.h>

#include "AEEStdErr.h"
#include "bounded.h"
#include "error.h"
#include "queue_methods.h"
#include "queue_process.h"
#include "remotectl.h"
#include "session.h"

#define BOUND_MS 2000u

/* One in buffer and one out buffer at most, each left out if it is empty. */
static int call(const struct frpc_queue_service *service, enum frpc_queue_method method,
		const void *in, size_t in_len, void *out, size_t out_len)
{
	struct frpc_remote *remote = frpc_session_remote(service->session);
	struct frpc_arg args[2];
	struct frpc_call invoke = {.handle = service->handle, .args = args};
	uint32_t count = 0;
	int32_t status = 0;
	int res;

	if (in_len)
		args[count++] = (struct frpc_arg){(uintptr_t)in, in_len, -1, 0};
	if (out_len)
		args[count++] = (struct frpc_arg){(uintptr_t)out, out_len, -1, 0};
	invoke.sc = FRPC_SC_MAKE(method, in_len ? 1 : 0, out_len ? 1 : 0);
	res = remote->transport->ops->invoke(remote, &invoke, &status);
	return res ? res : status;
}

int frpc_queue_rpc_init(const struct frpc_queue_service *service, int fd)
{
	int32_t in = fd;

	return call(service, FRPC_QUEUES_INIT, &in, sizeof(in), NULL, 0);
}

int frpc_queue_rpc_create(const struct frpc_queue_service *service, uint32_t id, int fd,
			  uint32_t count, uint64_t *ret_exported)
{
	const struct frpc_queue_creation in = {id, fd, count};

	*ret_exported = 0;
	return call(service, FRPC_QUEUES_CREATE, &in, sizeof(in), ret_exported,
		    sizeof(*ret_exported));
}

int frpc_queue_rpc_destroy(const struct frpc_queue_service *service, uint64_t exported)
{
	return call(service, FRPC_QUEUES_DESTROY, &exported, sizeof(exported), NULL, 0);
}

int frpc_queue_rpc_wait(const struct frpc_queue_service *service, int32_t *ret_signal)
{
	return call(service, FRPC_QUEUES_WAIT, NULL, 0, ret_signal, sizeof(*ret_signal));
}

int frpc_queue_rpc_signal(const struct frpc_queue_service *service)
{
	return call(service, FRPC_QUEUES_SIGNAL, NULL, 0, NULL, 0);
}

bool frpc_queue_rpc_is_unsupported(int error)
{
	return error == AEE_EUNSUPPORTED || error == (int)(DSP_AEE_EOFFSET + AEE_EUNSUPPORTED);
}

int frpc_queue_rpc_fail(int error, const char *what)
{
	if (error < 0 && error >= -FRPC_MAX_ERRNO)
		return frpc_fail_driver(error, "%s", what);
	frpc_fail(error, FRPC_ORIGIN_DSP, 0, "%s (0x%x)", what, (unsigned int)error);
	/* The API's own numbers, where the DSP says the same. */
	return frpc_queue_rpc_is_unsupported(error) ? AEE_EUNSUPPORTED : error;
}

/* ---- what may not take for ever ---- */

struct job {
	_Atomic int refs;
	struct frpc_queue_service service;
	uint64_t exported;
	struct frpc_queue_memory *memory; /* a reference, or NULL */
	uint32_t id;
	int32_t imported;
	int error;
};

static void ref_job(void *arg)
{
	atomic_fetch_add(&((struct job *)arg)->refs, 1);
}

static void unref_job(void *arg)
{
	struct job *job = arg;

	if (atomic_fetch_sub(&job->refs, 1) != 1)
		return;
	frpc_queue_memory_unref(job->memory);
	frpc_session_unref(job->service.session);
	free(job);
}

static struct job *new_job(const struct frpc_queue_service *service, uint64_t exported,
			   struct frpc_queue_memory *memory)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	atomic_init(&job->refs, 1);
	job->service = *service;
	frpc_session_ref(service->session);
	job->exported = exported;
	job->memory = frpc_queue_memory_ref(memory);
	return job;
}

static void run_is_imported(void *arg)
{
	struct job *job = arg;

	job->error = call(&job->service, FRPC_QUEUES_IS_IMPORTED, &job->exported,
			  sizeof(job->exported), &job->imported, sizeof(job->imported));
}

static void run_remove(void *arg)
{
	struct job *job = arg;

	bool gone = job->exported && !frpc_queue_rpc_destroy(&job->service, job->exported);

	frpc_queue_memory_unmap(job->memory);
	/* Another queue of that number would be refused, or taken for this one. */
	if (gone)
		frpc_queue_return_id(job->service.session, job->id);
}

static void run_end(void *arg)
{
	struct job *job = arg;

	call(&job->service, FRPC_QUEUES_CANCEL, NULL, 0, NULL, 0);
	frpc_remotectl_close(job->service.session, job->service.handle);
	frpc_queue_memory_unmap(job->memory);
}

/* True if it was done in time. */
static bool run_bounded(struct job *job, void (*fn)(void *arg))
{
	const struct frpc_bounded_job bounded = {
		.fn = fn,
		.ref = ref_job,
		.unref = unref_job,
		.arg = job,
		.timeout_ms = BOUND_MS,
	};

	return job && !frpc_bounded_run(frpc_session_bounded(job->service.session), &bounded);
}

static void done(struct job *job)
{
	if (job)
		unref_job(job);
}

bool frpc_queue_rpc_is_imported(const struct frpc_queue_service *service, uint64_t exported)
{
	struct job *job = new_job(service, exported, NULL);
	bool imported = run_bounded(job, run_is_imported) && !job->error && job->imported;

	done(job);
	return imported;
}

void frpc_queue_rpc_remove(const struct frpc_queue_service *service,
			   const struct frpc_queue_entry *entry)
{
	struct job *job = new_job(service, entry->exported, entry->memory);

	if (job)
		job->id = entry->id;
	run_bounded(job, run_remove);
	done(job);
}

void frpc_queue_rpc_end(const struct frpc_queue_service *service, struct frpc_queue_memory *memory)
{
	struct job *job = new_job(service, 0, memory);

	run_bounded(job, run_end);
	done(job);
}
