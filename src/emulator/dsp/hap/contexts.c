/* SPDX-License-Identifier: BSD-3-Clause */
#include "contexts.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "../low_memory.h"

#define PAGE 4096u

enum state {
	IDLE,
	TAKING,
	HELD
};

struct emu_hap_context {
	struct emu_hap_context *next; /* under hap->lock, as all of it */
	struct emu_vtcm_request request;
	uint32_t id;
	enum state state;
	bool cached;
	/*
	 * Of a cached one: memory of its own, since its address stays while the DSP's VTCM is anybody's.
	 * What is taken in turn is the right to use so much of it.
	 */
	void *bytes;
	uint32_t size;
};

/* With the process's lock held. NULL: none. */
static struct emu_hap_context **find(struct emu_hap *hap, uint32_t id)
{
	struct emu_hap_context **at = &hap->contexts;

	while (*at && (*at)->id != id)
		at = &(*at)->next;
	return *at ? at : NULL;
}

/* What vtcm.c calls, on the thread of whoever wants it. The context may be gone by now. */
static int ask_skel(unsigned int id, void *context)
{
	struct emu_hap *hap = context;
	struct emu_vtcm_request request = {0};
	struct emu_hap_context **at;

	pthread_mutex_lock(&hap->lock);
	at = find(hap, id);
	if (at)
		request = (*at)->request;
	pthread_mutex_unlock(&hap->lock);
	return request.release ? emu_hap_visit(hap, request.release, id, request.release_context)
			       : 0;
}

/* Takes what @context says, which is TAKING. Does not return if the process ends. */
static int take(struct emu_hap *hap, struct emu_hap_context *context, uint64_t timeout_us,
		struct emu_vtcm_grant *ret_grant)
{
	struct emu_vtcm_request request = context->request;
	int res;

	request.priority = emu_hap_thread_priority();
	if (request.release) {
		request.release = ask_skel;
		request.release_context = hap;
	}
	res = emu_vtcm_acquire(hap->config.vtcm, hap, &request, context->id, timeout_us,
			       &hap->ended, ret_grant);
	if (res == -ECANCELED)
		emu_hap_escape();
	return res;
}

/* Gives a cached context its address. 0, -E2BIG, -ENOMEM. */
static int give_place(struct emu_hap *hap, struct emu_hap_context *context)
{
	uint32_t total = emu_vtcm_total(hap->config.vtcm), least = context->request.least;
	uint32_t size = context->request.size;

	if (!size)
		return 0;
	if (!total || least > total)
		return -E2BIG;
	if (size > total)
		size = total;
	size = (size + PAGE - 1) & ~(PAGE - 1);
	context->bytes = emu_low_map(-1, 0, size);
	if (context->bytes == MAP_FAILED) {
		context->bytes = NULL;
		return -ENOMEM;
	}
	mprotect(context->bytes, size, PROT_NONE);
	context->size = context->request.size = context->request.least = size;
	return 0;
}

static void destroy(struct emu_hap_context *context)
{
	if (context->bytes)
		munmap(context->bytes, context->size);
	free(context);
}

/* Off the list, and its memory back. */
static void drop(struct emu_hap *hap, uint32_t id)
{
	struct emu_hap_context **at, *context;

	pthread_mutex_lock(&hap->lock);
	at = find(hap, id);
	context = *at;
	*at = context->next;
	pthread_mutex_unlock(&hap->lock);
	destroy(context);
}

int emu_hap_context_new(struct emu_hap *hap, const struct emu_vtcm_request *request, bool cached,
			uint64_t timeout_us, struct emu_vtcm_grant *ret_grant)
{
	struct emu_hap_context *context = calloc(1, sizeof(*context));
	int res = 0;

	if (!context)
		return -ENOMEM;
	context->request = *request;
	context->id = emu_vtcm_new_id(hap->config.vtcm);
	context->cached = cached;
	context->state = cached ? IDLE : TAKING;
	if (!context->id)
		res = -EPIPE; /* the DSP gave none: it is gone */
	else if (cached)
		res = give_place(hap, context);
	if (res) {
		destroy(context);
		return res;
	}
	*ret_grant = (struct emu_vtcm_grant){context->id, context->bytes, context->size};
	pthread_mutex_lock(&hap->lock);
	context->next = hap->contexts;
	hap->contexts = context;
	pthread_mutex_unlock(&hap->lock);
	if (cached)
		return 0;
	res = take(hap, context, timeout_us, ret_grant);
	if (res) {
		drop(hap, context->id);
		return res;
	}
	pthread_mutex_lock(&hap->lock);
	context->state = HELD;
	pthread_mutex_unlock(&hap->lock);
	return 0;
}

int emu_hap_context_take(struct emu_hap *hap, uint32_t id, uint64_t timeout_us)
{
	struct emu_hap_context *context = NULL, **at;
	struct emu_vtcm_grant grant;
	int res = -ENOENT;

	pthread_mutex_lock(&hap->lock);
	at = find(hap, id);
	if (at && (*at)->cached) {
		context = *at;
		res = context->state == IDLE ? 0 : -EBUSY;
		if (!res)
			context->state = TAKING; /* nobody frees it now */
	}
	pthread_mutex_unlock(&hap->lock);
	if (res)
		return res;
	res = take(hap, context, timeout_us, &grant);
	if (!res && context->bytes)
		mprotect(context->bytes, context->size, PROT_READ | PROT_WRITE);
	pthread_mutex_lock(&hap->lock);
	context->state = res ? IDLE : HELD;
	pthread_mutex_unlock(&hap->lock);
	return res;
}

/* With the lock held: the next one who takes it is not kept waiting for the memory. */
static void give(struct emu_hap *hap, struct emu_hap_context *context)
{
	if (context->bytes) {
		madvise(context->bytes, context->size, MADV_DONTNEED);
		mprotect(context->bytes, context->size, PROT_NONE);
	}
	context->state = IDLE;
	emu_vtcm_release(hap->config.vtcm, hap, context->id);
}

int emu_hap_context_give(struct emu_hap *hap, uint32_t id)
{
	struct emu_hap_context **at;
	int res = -ENOENT;

	pthread_mutex_lock(&hap->lock);
	at = find(hap, id);
	if (at && (*at)->cached) {
		res = (*at)->state == HELD ? 0 : -EPERM;
		if (!res)
			give(hap, *at);
	}
	pthread_mutex_unlock(&hap->lock);
	return res;
}

int emu_hap_context_free(struct emu_hap *hap, uint32_t id)
{
	struct emu_hap_context **at, *context = NULL;
	int res = -ENOENT;

	pthread_mutex_lock(&hap->lock);
	at = find(hap, id);
	if (at) {
		res = (*at)->state == TAKING ? -EBUSY : 0;
		if (!res) {
			context = *at;
			*at = context->next;
		}
	}
	if (context && context->state == HELD)
		give(hap, context);
	pthread_mutex_unlock(&hap->lock);
	if (context)
		destroy(context);
	return res;
}

bool emu_hap_context_holds_hmx(struct emu_hap *hap, uint32_t id)
{
	struct emu_hap_context **at;
	bool holds;

	pthread_mutex_lock(&hap->lock);
	at = find(hap, id);
	holds = at && (*at)->state == HELD && (*at)->request.hmx;
	pthread_mutex_unlock(&hap->lock);
	return holds;
}

bool emu_hap_contexts_can_be_asked(struct emu_hap *hap)
{
	struct emu_hap_context *context;

	pthread_mutex_lock(&hap->lock);
	context = hap->contexts;
	while (context && !context->request.release)
		context = context->next;
	pthread_mutex_unlock(&hap->lock);
	return context != NULL;
}

void emu_hap_contexts_free(struct emu_hap *hap)
{
	struct emu_hap_context *context;

	while ((context = hap->contexts)) {
		hap->contexts = context->next;
		destroy(context);
	}
}
