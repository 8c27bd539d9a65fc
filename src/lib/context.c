/* SPDX-License-Identifier: BSD-3-Clause */
#include "context.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "AEEStdErr.h"
#include "config.h"
#include "error.h"
#include "session.h"

struct context {
	struct context *next;
	uint64_t number; /* never used twice */
	uint32_t count;
	uint32_t domains[FRPC_EFFECTIVE];
	struct frpc_session *sessions[FRPC_EFFECTIVE];
};

static struct {
	pthread_once_t once;
	pthread_mutex_t lock;
	struct context *first;
	uint64_t last_number;
} contexts = {.once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER};

static int fail(const char *what, int code, const char *why)
{
	return frpc_fail(code, FRPC_ORIGIN_LIBRARY, 0, "%s: %s", what, why);
}

/* The parent's sessions are not ours to close. */
static void after_fork_in_child(void)
{
	pthread_mutex_init(&contexts.lock, NULL);
	contexts.first = NULL;
}

static void watch_forks(void)
{
	pthread_atfork(NULL, NULL, after_fork_in_child);
}

static void lock(void)
{
	pthread_once(&contexts.once, watch_forks);
	pthread_mutex_lock(&contexts.lock);
}

static void unlock(void)
{
	pthread_mutex_unlock(&contexts.lock);
}

/* Where @number is linked in, or where NULL is. With the lock held. */
static struct context **find(uint64_t number)
{
	struct context **at = &contexts.first;

	while (*at && (*at)->number != number)
		at = &(*at)->next;
	return at;
}

/* Checks the ids and writes them down as effective ones. */
static int take_domains(struct context *context, const uint32_t *domains, uint32_t count)
{
	bool seen[FRPC_EFFECTIVE] = {false};

	for (uint32_t i = 0; i < count; i++) {
		uint32_t effective;

		if (frpc_effective_domain((int)domains[i], &effective))
			return fail("context", AEE_EBADPARM, "no such domain");
		if (seen[effective])
			return fail("context", AEE_EBADPARM, "a domain is named twice");
		seen[effective] = true;
		context->domains[i] = effective;
	}
	context->count = count;
	return AEE_SUCCESS;
}

/* The last opened first. The first failure counts. */
static int close_sessions(struct context *context, uint32_t count)
{
	int res = AEE_SUCCESS;

	while (count--) {
		int one = frpc_session_close(context->sessions[count]);

		res = res ? res : one;
	}
	return res;
}

static int open_sessions(struct context *context)
{
	struct frpc_error_saved saved;

	for (uint32_t i = 0; i < context->count; i++) {
		int res = frpc_session_open(context->domains[i], &context->sessions[i]);

		if (!res)
			continue;
		frpc_error_save(&saved);
		close_sessions(context, i);
		frpc_error_restore(&saved);
		return res;
	}
	return AEE_SUCCESS;
}

int frpc_context_create(const uint32_t *domains, uint32_t count, uint64_t flags,
			uint64_t *ret_context)
{
	struct context *context;
	int res;

	if (!domains || !count || count > FRPC_EFFECTIVE)
		return fail("context", AEE_EBADPARM, "no domains, or more than there are");
	if (flags)
		return fail("context", AEE_EBADPARM, "flags are not 0");
	context = calloc(1, sizeof(*context));
	if (!context)
		return fail("context", AEE_ENOMEMORY, "no memory");
	res = take_domains(context, domains, count);
	if (!res)
		res = open_sessions(context);
	if (res) {
		free(context);
		return res;
	}
	lock();
	context->number = ++contexts.last_number;
	context->next = contexts.first;
	contexts.first = context;
	*ret_context = context->number;
	unlock();
	return AEE_SUCCESS;
}

int frpc_context_destroy(uint64_t context, uint64_t flags)
{
	struct context **at, *found;
	int res;

	if (flags)
		return fail("context", AEE_EBADPARM, "flags are not 0");
	lock();
	at = find(context);
	found = *at;
	if (found)
		*at = found->next;
	unlock();
	if (!found)
		return fail("context", AEE_EBADCONTEXT, "there is no such context");
	res = close_sessions(found, found->count);
	free(found);
	return res;
}

int frpc_context_domains(uint64_t context, uint32_t *ret_domains, uint32_t *ret_count)
{
	const struct context *found;

	lock();
	found = *find(context);
	if (found) {
		*ret_count = found->count;
		for (uint32_t i = 0; i < found->count; i++)
			ret_domains[i] = found->domains[i];
	}
	unlock();
	return found ? AEE_SUCCESS : fail("context", AEE_EBADCONTEXT, "there is no such context");
}
