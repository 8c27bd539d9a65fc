/* SPDX-License-Identifier: BSD-3-Clause */
#include "async.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "AEEStdErr.h"
#include "error.h"
#include "invoke.h"
#include "session.h"
#include "thread.h"

#define BUCKETS	      1024u
#define DSP_EBADSTATE ((int32_t)0x8000040d)

struct job {
	struct job *next;
	uint64_t id;
	struct frpc_async *async;
	enum fastrpc_async_notify_type type;
	fastrpc_async_callback_t cb;
	bool done;
	int result;
};

/* All jobs of the process, by id. Ids are never used again. */
static struct {
	pthread_once_t once;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	uint32_t waiting; /* threads that wait for one to end */
	uint64_t last_id;
	struct job *buckets[BUCKETS];
} jobs = {.once = PTHREAD_ONCE_INIT};

/* Of one session. */
struct frpc_async {
	_Atomic int refs; /* the session's, the thread's */
	struct frpc_session *session;
	pthread_t thread;
	/* Under jobs.lock: */
	bool over;     /* the session ends */
	bool ended;    /* no job is taken any more */
	bool finished; /* and the last callback has returned */
};

static void init_jobs(void)
{
	pthread_mutex_init(&jobs.lock, NULL);
	frpc_cond_init(&jobs.ended);
}

/* Inherited jobs are unknown to the child; ids go on. */
static void after_fork_in_child(void)
{
	init_jobs();
	jobs.waiting = 0;
	for (uint32_t i = 0; i < BUCKETS; i++)
		jobs.buckets[i] = NULL;
}

static void set_up(void)
{
	init_jobs();
	pthread_atfork(NULL, NULL, after_fork_in_child);
}

static void lock_jobs(void)
{
	pthread_once(&jobs.once, set_up);
	pthread_mutex_lock(&jobs.lock);
}

/* The place where the job is linked, or the end of its bucket. With the lock held. */
static struct job **find(uint64_t id)
{
	struct job **at = &jobs.buckets[id % BUCKETS];

	while (*at && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

static void unref(struct frpc_async *async)
{
	if (atomic_fetch_sub(&async->refs, 1) == 1)
		free(async);
}

/* Ends the job at @at, which may go away with that. With the lock held; given up over a callback. */
static void complete(struct job **at, int result)
{
	struct job *job = *at;
	const fastrpc_async_callback_t cb = job->cb;
	uint64_t id = job->id;
	bool call = job->type == FASTRPC_ASYNC_CALLBACK;

	job->done = true;
	job->result = result;
	if (job->type == FASTRPC_ASYNC_NO_SYNC) {
		*at = job->next;
		free(job);
	}
	if (jobs.waiting)
		pthread_cond_broadcast(&jobs.ended);
	if (!call)
		return;
	pthread_mutex_unlock(&jobs.lock);
	cb.fn(id, cb.context, result);
	pthread_mutex_lock(&jobs.lock);
}

/* What a job is told: of how its process went, in the words for that, whoever was quicker to answer. */
static int code_of(struct frpc_async *async, int32_t result)
{
	bool refused = result < 0 && result >= -FRPC_MAX_ERRNO;
	bool over;

	if (!refused && result != AEE_ENOSUCH && result != DSP_EBADSTATE)
		return result;
	lock_jobs();
	over = async->over;
	pthread_mutex_unlock(&jobs.lock);
	if (over)
		return AEE_EINTERRUPTED;
	if (refused)
		return frpc_code_from_errno(result);
	return frpc_session_is_gone(async->session, result) ? AEE_ECONNRESET : result;
}

/* A response names any id; only a job of this session that is under way is ended by it. */
static void take_response(struct frpc_async *async, uint64_t id, int32_t result)
{
	int code = code_of(async, result);
	struct job **at;

	lock_jobs();
	at = find(id);
	if (*at && (*at)->async == async && !(*at)->done)
		complete(at, code);
	pthread_mutex_unlock(&jobs.lock);
}

/* With the lock held: a job of @async that is under way, or NULL. */
static struct job **find_pending(const struct frpc_async *async)
{
	for (uint32_t i = 0; i < BUCKETS; i++)
		for (struct job **at = &jobs.buckets[i]; *at; at = &(*at)->next)
			if ((*at)->async == async && !(*at)->done)
				return at;
	return NULL;
}

static void cancel_rest(struct frpc_async *async)
{
	struct job **at;

	lock_jobs();
	async->ended = true;
	while ((at = find_pending(async)))
		complete(at, async->over ? AEE_EINTERRUPTED : AEE_ECONNRESET);
	pthread_mutex_unlock(&jobs.lock);
}

static void finish(struct frpc_async *async)
{
	lock_jobs();
	async->finished = true;
	pthread_cond_broadcast(&jobs.ended);
	pthread_mutex_unlock(&jobs.lock);
	unref(async);
}

static void *run(void *arg)
{
	struct frpc_async *async = arg;
	struct frpc_session *session = async->session;
	struct frpc_remote *remote = frpc_session_remote(session);
	int32_t result = 0;
	uint64_t id = 0;
	int res;

	/* The creator enters our name under the lock. */
	lock_jobs();
	pthread_mutex_unlock(&jobs.lock);
	do {
		res = remote->transport->ops->async_response(remote, &id, &result);
		if (!res)
			take_response(async, id, result);
	} while (!res || res == -EINTR);
	cancel_rest(async);
	/* First: who waits for us may rely on the session's file being closed with it. */
	frpc_session_unref(session);
	finish(async);
	return NULL;
}

/* Can this driver and this DSP do it? Asking makes the driver know, too. */
static int check_support(struct frpc_session *session)
{
	struct frpc_remote *remote = frpc_session_remote(session);
	const struct frpc_transport_ops *ops = remote->transport->ops;
	uint32_t domain = frpc_session_effective(session) & 7, there = 0;
	int32_t status = 0;
	int res;

	if (!ops->submit)
		return frpc_fail(AEE_EUNSUPPORTED, FRPC_ORIGIN_LIBRARY, 0,
				 "this kernel driver has no asynchronous calls");
	res = ops->get_info(remote->transport, remote, domain, ASYNC_FASTRPC_SUPPORT, &there,
			    &status);
	if (res)
		return frpc_fail_driver(res, "the DSP cannot be asked for asynchronous calls");
	if (status || !there)
		return frpc_fail(AEE_EUNSUPPORTED, FRPC_ORIGIN_DSP, 0,
				 "the DSP has no asynchronous calls");
	return AEE_SUCCESS;
}

/* With the session's parts locked. */
static int start(struct frpc_session *session, struct frpc_async **ret_async)
{
	struct frpc_async *async;
	int res = check_support(session);

	if (res)
		return res;
	async = calloc(1, sizeof(*async));
	if (!async)
		return frpc_fail(AEE_ENOMEMORY, FRPC_ORIGIN_LIBRARY, ENOMEM,
				 "no memory for asynchronous calls");
	atomic_init(&async->refs, 2);
	async->session = frpc_session_ref(session);
	lock_jobs();
	res = frpc_thread_start(&async->thread, run, async);
	pthread_mutex_unlock(&jobs.lock);
	if (res) {
		frpc_session_unref(session);
		free(async);
		return frpc_fail(AEE_ENOMEMORY, FRPC_ORIGIN_LIBRARY, res,
				 "no thread for asynchronous calls");
	}
	*ret_async = async;
	return AEE_SUCCESS;
}

static int closing(void)
{
	return frpc_fail(AEE_ECONNRESET, FRPC_ORIGIN_LIBRARY, 0,
			 "the session takes no more jobs: its DSP went down, or it is closing");
}

/* With a reference. */
static int async_of(struct frpc_session *session, struct frpc_async **ret_async)
{
	struct frpc_session_parts *parts = frpc_session_parts(session);
	int res = AEE_SUCCESS;

	pthread_mutex_lock(&parts->lock);
	if (parts->closed)
		res = closing();
	else if (!parts->async)
		res = start(session, &parts->async);
	if (!res) {
		*ret_async = parts->async;
		atomic_fetch_add(&parts->async->refs, 1);
	}
	pthread_mutex_unlock(&parts->lock);
	return res;
}

/* Enters a job before it is sent: its answer may come before the sending returns. */
static int enter(struct frpc_async *async, fastrpc_async_descriptor_t *desc)
{
	struct job *job = calloc(1, sizeof(*job));
	bool ended;

	if (!job)
		return frpc_fail(AEE_ENOMEMORY, FRPC_ORIGIN_LIBRARY, ENOMEM, "no memory for a job");
	*job = (struct job){.async = async, .type = desc->type, .cb = desc->cb};
	lock_jobs();
	ended = async->ended;
	job->id = ++jobs.last_id;
	if (!ended) {
		job->next = jobs.buckets[job->id % BUCKETS];
		jobs.buckets[job->id % BUCKETS] = job;
		desc->jobid = job->id;
	}
	pthread_mutex_unlock(&jobs.lock);
	if (!ended)
		return AEE_SUCCESS;
	free(job);
	return closing();
}

/* The driver refused it: unless it was ended already, it never was. */
static bool withdraw(uint64_t id)
{
	struct job **at, *job;
	bool pending;

	lock_jobs();
	at = find(id);
	job = *at;
	pending = job && !job->done;
	if (pending)
		*at = job->next;
	pthread_mutex_unlock(&jobs.lock);
	if (pending)
		free(job);
	return pending;
}

int frpc_async_submit(struct frpc_session *session, uint32_t handle,
		      fastrpc_async_descriptor_t *desc, uint32_t sc, const remote_arg *pra)
{
	struct frpc_async *async;
	uint64_t id;
	int res;

	if (!desc || (desc->type != FASTRPC_ASYNC_NO_SYNC && desc->type != FASTRPC_ASYNC_CALLBACK &&
		      desc->type != FASTRPC_ASYNC_POLL))
		return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
				 "asynchronous call: no descriptor, or one of no such type");
	if (desc->type == FASTRPC_ASYNC_CALLBACK && !desc->cb.fn)
		return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
				 "asynchronous call: the callback is NULL");
	res = async_of(session, &async);
	if (res)
		return res;
	res = enter(async, desc);
	if (!res) {
		id = desc->jobid;
		res = frpc_invoke_submit(session, handle, sc, pra, id);
		/* Not withdrawn: the session's end has told it to its owner already. */
		if (res && !withdraw(id))
			res = AEE_SUCCESS;
	}
	unref(async);
	return res;
}

static int unknown(const char *what, uint64_t id)
{
	return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
			 "%s: job %llu is not known: released, of no interest, or never started",
			 what, (unsigned long long)id);
}

/* Waits while it is pending. With the lock held. */
static struct job *wait_for(uint64_t id, int timeout_us)
{
	struct timespec until;
	struct job *job;
	int res = timeout_us ? 0 : ETIMEDOUT;

	if (timeout_us > 0)
		until = frpc_deadline((uint64_t)timeout_us);
	jobs.waiting++;
	while ((job = *find(id)) && !job->done && job->type != FASTRPC_ASYNC_NO_SYNC &&
	       res != ETIMEDOUT)
		res = timeout_us < 0 ? pthread_cond_wait(&jobs.ended, &jobs.lock)
				     : pthread_cond_timedwait(&jobs.ended, &jobs.lock, &until);
	jobs.waiting--;
	return job;
}

int frpc_async_status(fastrpc_async_jobid id, int timeout_us, int *ret_result)
{
	const struct job *job;
	int code;

	if (!ret_result)
		return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
				 "fastrpc_async_get_status: nowhere to write the result");
	lock_jobs();
	job = wait_for(id, timeout_us);
	code = !job || job->type == FASTRPC_ASYNC_NO_SYNC ? AEE_EBADPARM
	       : job->done				  ? AEE_SUCCESS
							  : AEE_EBUSY;
	if (!code)
		*ret_result = job->result;
	pthread_mutex_unlock(&jobs.lock);
	return code == AEE_EBADPARM ? unknown("fastrpc_async_get_status", id) : code;
}

int frpc_async_release(fastrpc_async_jobid id)
{
	struct job **at, *job;
	bool busy;

	lock_jobs();
	at = find(id);
	job = *at;
	busy = job && !job->done;
	if (job && !busy)
		*at = job->next;
	pthread_mutex_unlock(&jobs.lock);
	if (!job || (busy && job->type == FASTRPC_ASYNC_NO_SYNC))
		return unknown("fastrpc_release_async_job", id);
	if (busy)
		return frpc_fail(AEE_EBUSY, FRPC_ORIGIN_LIBRARY, 0,
				 "fastrpc_release_async_job: job %llu is still under way",
				 (unsigned long long)id);
	free(job);
	return AEE_SUCCESS;
}

void frpc_async_closing(struct frpc_async *async)
{
	if (!async)
		return;
	lock_jobs();
	async->over = true;
	pthread_mutex_unlock(&jobs.lock);
}

void frpc_async_end(struct frpc_async *async, unsigned int timeout_ms)
{
	struct frpc_remote *remote;
	bool self;

	if (!async)
		return;
	remote = frpc_session_remote(async->session);
	lock_jobs();
	async->over = true;
	self = pthread_equal(async->thread, pthread_self());
	pthread_mutex_unlock(&jobs.lock);
	remote->transport->ops->async_wake(remote);
	lock_jobs();
	jobs.waiting++;
	if (!self)
		frpc_cond_await(&jobs.ended, &jobs.lock, &async->finished, timeout_ms);
	jobs.waiting--;
	pthread_mutex_unlock(&jobs.lock);
	unref(async);
}
