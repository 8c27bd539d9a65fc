/* SPDX-License-Identifier: BSD-3-Clause */
#include "vtcm.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../deadline.h"
#include "low_memory.h"

#define PAGE	    4096u
#define CACHE_BYTES (512u << 10) /* that can be locked */

struct grant {
	struct grant *next; /* by offset */
	const void *owner;
	uint64_t serial; /* as they came: an id is what its owner says */
	uint32_t id, offset, size;
	bool placed; /* its owner knows it by its address alone */
	struct emu_vtcm_request request;
};

/* A holder that is just being asked, by a thread that has this on its stack. */
struct asking {
	struct asking *next;
	const void *owner;
};

struct emu_vtcm {
	uint32_t total, hvx_units;
	pthread_mutex_t lock; /* everything below */
	pthread_cond_t changed;
	unsigned char *bytes; /* made when first asked for */
	int fd;		      /* of them */
	struct grant *grants;
	struct asking *asking;
	bool hmx_taken;
	uint64_t last_serial;
	uint32_t last_id, waiting, hvx_free, cache_free;
};

int emu_vtcm_new(uint32_t size, uint32_t hvx_units, struct emu_vtcm **ret_vtcm)
{
	struct emu_vtcm *vtcm = calloc(1, sizeof(*vtcm));

	if (!vtcm)
		return -ENOMEM;
	vtcm->total = size & ~(PAGE - 1);
	vtcm->hvx_units = vtcm->hvx_free = hvx_units;
	vtcm->cache_free = CACHE_BYTES;
	vtcm->fd = -1;
	pthread_mutex_init(&vtcm->lock, NULL);
	emu_cond_init(&vtcm->changed);
	*ret_vtcm = vtcm;
	return 0;
}

void emu_vtcm_free(struct emu_vtcm *vtcm)
{
	struct grant *grant;

	if (!vtcm)
		return;
	while ((grant = vtcm->grants)) {
		vtcm->grants = grant->next;
		free(grant);
	}
	if (vtcm->bytes) {
		munmap(vtcm->bytes, vtcm->total);
		close(vtcm->fd);
	}
	pthread_cond_destroy(&vtcm->changed);
	pthread_mutex_destroy(&vtcm->lock);
	free(vtcm);
}

/* The first gap of @least bytes or more; how much of it up to @size. With the lock held. */
static struct grant **find_gap(struct emu_vtcm *vtcm, uint32_t least, uint32_t size,
			       uint32_t *ret_offset, uint32_t *ret_size)
{
	struct grant **at = &vtcm->grants, **best = NULL;
	uint32_t begin = 0;

	*ret_size = 0;
	for (;; at = &(*at)->next) {
		uint32_t end = *at ? (*at)->offset : vtcm->total;

		if (end - begin >= least && end - begin > *ret_size) {
			best = at;
			*ret_offset = begin;
			*ret_size = end - begin;
		}
		if (!*at)
			break;
		begin = (*at)->offset + (*at)->size;
	}
	if (best && *ret_size > size)
		*ret_size = size;
	return best;
}

static bool is_free(const struct emu_vtcm *vtcm, const struct emu_vtcm_request *request)
{
	for (const struct grant *grant = vtcm->grants; grant; grant = grant->next)
		if ((request->serialize && grant->request.serialize) ||
		    (request->hmx && grant->request.hmx))
			return false;
	return true;
}

static uint32_t rounded(uint32_t size)
{
	return size > UINT32_MAX - PAGE ? UINT32_MAX & ~(PAGE - 1)
					: (size + PAGE - 1) & ~(PAGE - 1);
}

/* Shared memory, so that a DSP process which is one of the host's has it too. With the lock held. */
static int make_memory(struct emu_vtcm *vtcm)
{
	void *bytes = MAP_FAILED;

	if (vtcm->bytes)
		return 0;
	vtcm->fd = memfd_create("vtcm", MFD_CLOEXEC);
	if (vtcm->fd >= 0 && !ftruncate(vtcm->fd, (off_t)vtcm->total))
		bytes = emu_low_map(vtcm->fd, 0, vtcm->total);
	if (bytes != MAP_FAILED) {
		vtcm->bytes = bytes;
		return 0;
	}
	if (vtcm->fd >= 0)
		close(vtcm->fd);
	vtcm->fd = -1;
	return -ENOMEM;
}

int emu_vtcm_memory(struct emu_vtcm *vtcm, void **ret_bytes, int *ret_fd)
{
	int res;

	pthread_mutex_lock(&vtcm->lock);
	res = vtcm->total ? make_memory(vtcm) : -ENOENT;
	*ret_bytes = vtcm->bytes;
	*ret_fd = vtcm->fd;
	pthread_mutex_unlock(&vtcm->lock);
	return res;
}

/* Has @owner (NULL: anybody) a grant of that id? With the lock held. */
static bool is_known(const struct emu_vtcm *vtcm, const void *owner, uint32_t id)
{
	const struct grant *grant = vtcm->grants;

	while (grant && (grant->id != id || (owner && grant->owner != owner)))
		grant = grant->next;
	return grant != NULL;
}

/* One that nobody has: processes of the host name theirs as they like. With the lock held. */
static uint32_t free_id(struct emu_vtcm *vtcm)
{
	do
		vtcm->last_id++;
	while (!vtcm->last_id || is_known(vtcm, NULL, vtcm->last_id));
	return vtcm->last_id;
}

/* With the lock held: 0, -EAGAIN (not now), -EEXIST, -ENOMEM. */
static int try_acquire(struct emu_vtcm *vtcm, const void *owner,
		       const struct emu_vtcm_request *request, uint32_t id,
		       struct emu_vtcm_grant *ret_grant)
{
	uint32_t size = rounded(request->size), least = rounded(request->least);
	uint32_t offset = 0, got = 0;
	struct grant **at, *grant;

	if (id && is_known(vtcm, owner, id))
		return -EEXIST;
	if (!is_free(vtcm, request))
		return -EAGAIN;
	/* What takes no memory lies at the beginning, where it splits no gap. */
	at = size ? find_gap(vtcm, least, size, &offset, &got) : &vtcm->grants;
	if (!at)
		return -EAGAIN;
	grant = size && make_memory(vtcm) ? NULL : calloc(1, sizeof(*grant));
	if (!grant)
		return -ENOMEM;
	*grant = (struct grant){.next = *at,
				.owner = owner,
				.serial = ++vtcm->last_serial,
				.id = id ? id : free_id(vtcm),
				.placed = !id,
				.offset = offset,
				.size = got,
				.request = *request};
	*at = grant;
	*ret_grant =
		(struct emu_vtcm_grant){grant->id, size ? vtcm->bytes + offset : NULL, grant->size};
	return 0;
}

static void stop_asking(struct emu_vtcm *vtcm, struct asking *one)
{
	struct asking **at = &vtcm->asking;

	while (*at != one)
		at = &(*at)->next;
	*at = one->next;
	pthread_cond_broadcast(&vtcm->changed);
}

static bool is_asked(const struct emu_vtcm *vtcm, const void *owner)
{
	const struct asking *asking = vtcm->asking;

	while (asking && asking->owner != owner)
		asking = asking->next;
	return asking != NULL;
}

/*
 * Asks the holders that can be asked and are less urgent. Their callbacks run without the lock, and
 * may release; the list is walked by age, since it may change meanwhile.
 */
static void ask_holders(struct emu_vtcm *vtcm, const struct emu_vtcm_request *request)
{
	uint64_t asked = 0;

	for (;;) {
		struct grant *next = NULL, found;
		struct asking one;

		for (struct grant *g = vtcm->grants; g; g = g->next)
			if (g->serial > asked && g->request.release &&
			    g->request.priority > request->priority &&
			    (!next || g->serial < next->serial))
				next = g;
		if (!next)
			return;
		found = *next;
		asked = found.serial;
		one = (struct asking){vtcm->asking, found.owner};
		vtcm->asking = &one;
		pthread_mutex_unlock(&vtcm->lock);
		found.request.release(found.id, found.request.release_context);
		pthread_mutex_lock(&vtcm->lock);
		stop_asking(vtcm, &one);
	}
}

int emu_vtcm_acquire(struct emu_vtcm *vtcm, const void *owner,
		     const struct emu_vtcm_request *request, uint32_t id, uint64_t timeout_us,
		     const _Atomic bool *ended, struct emu_vtcm_grant *ret_grant)
{
	struct timespec until = emu_deadline_us(timeout_us);
	int res, waited = 0;

	if (rounded(request->least) > vtcm->total || (request->size && !vtcm->total))
		return -E2BIG;
	pthread_mutex_lock(&vtcm->lock);
	res = try_acquire(vtcm, owner, request, id, ret_grant);
	if (res == -EAGAIN && timeout_us) {
		vtcm->waiting++;
		ask_holders(vtcm, request);
		while ((res = try_acquire(vtcm, owner, request, id, ret_grant)) == -EAGAIN &&
		       !atomic_load(ended) && waited != ETIMEDOUT)
			waited = pthread_cond_timedwait(&vtcm->changed, &vtcm->lock, &until);
		vtcm->waiting--;
	}
	pthread_mutex_unlock(&vtcm->lock);
	if (res == -EAGAIN)
		res = atomic_load(ended) ? -ECANCELED : -ETIMEDOUT;
	return res;
}

static int release_if(struct emu_vtcm *vtcm, const void *owner, uint32_t id, const void *bytes,
		      bool all)
{
	struct grant **at, *grant;
	int res = -ENOENT;

	pthread_mutex_lock(&vtcm->lock);
	for (at = &vtcm->grants; *at;) {
		grant = *at;
		if (grant->owner != owner || !(all || (id && grant->id == id) ||
					       (bytes && grant->placed && grant->size &&
						vtcm->bytes + grant->offset == bytes))) {
			at = &grant->next;
			continue;
		}
		*at = grant->next;
		free(grant);
		res = 0;
	}
	pthread_cond_broadcast(&vtcm->changed);
	pthread_mutex_unlock(&vtcm->lock);
	return res;
}

int emu_vtcm_release(struct emu_vtcm *vtcm, const void *owner, uint32_t id)
{
	return release_if(vtcm, owner, id, NULL, false);
}

int emu_vtcm_release_at(struct emu_vtcm *vtcm, const void *owner, const void *bytes)
{
	return release_if(vtcm, owner, 0, bytes, false);
}

void emu_vtcm_release_all(struct emu_vtcm *vtcm, const void *owner)
{
	release_if(vtcm, owner, 0, NULL, true);
	pthread_mutex_lock(&vtcm->lock);
	while (is_asked(vtcm, owner))
		pthread_cond_wait(&vtcm->changed, &vtcm->lock);
	pthread_mutex_unlock(&vtcm->lock);
}

int emu_vtcm_is_wanted(struct emu_vtcm *vtcm, const void *owner, uint32_t id)
{
	int res = -ENOENT;

	pthread_mutex_lock(&vtcm->lock);
	for (struct grant *grant = vtcm->grants; grant; grant = grant->next)
		if (grant->owner == owner && grant->id == id)
			res = vtcm->waiting > 0;
	pthread_mutex_unlock(&vtcm->lock);
	return res;
}

uint32_t emu_vtcm_new_id(struct emu_vtcm *vtcm)
{
	uint32_t id;

	pthread_mutex_lock(&vtcm->lock);
	id = free_id(vtcm);
	pthread_mutex_unlock(&vtcm->lock);
	return id;
}

void emu_vtcm_wake(struct emu_vtcm *vtcm)
{
	pthread_mutex_lock(&vtcm->lock);
	pthread_cond_broadcast(&vtcm->changed);
	pthread_mutex_unlock(&vtcm->lock);
}

uint32_t emu_vtcm_total(const struct emu_vtcm *vtcm)
{
	return vtcm->total;
}

uint32_t emu_vtcm_available(struct emu_vtcm *vtcm)
{
	uint32_t offset, size;

	pthread_mutex_lock(&vtcm->lock);
	find_gap(vtcm, 1, UINT32_MAX, &offset, &size);
	pthread_mutex_unlock(&vtcm->lock);
	return size;
}

uint32_t emu_vtcm_take_hvx(struct emu_vtcm *vtcm, uint32_t want, bool wait,
			   const _Atomic bool *ended)
{
	uint32_t got = 0;

	pthread_mutex_lock(&vtcm->lock);
	while (wait && vtcm->hvx_free < want && !atomic_load(ended))
		pthread_cond_wait(&vtcm->changed, &vtcm->lock);
	if (vtcm->hvx_free >= want)
		got = want ? want : vtcm->hvx_free;
	vtcm->hvx_free -= got;
	pthread_mutex_unlock(&vtcm->lock);
	return got;
}

void emu_vtcm_give_hvx(struct emu_vtcm *vtcm, uint32_t count)
{
	pthread_mutex_lock(&vtcm->lock);
	vtcm->hvx_free += count;
	pthread_cond_broadcast(&vtcm->changed);
	pthread_mutex_unlock(&vtcm->lock);
}

uint32_t emu_vtcm_hvx_units(const struct emu_vtcm *vtcm)
{
	return vtcm->hvx_units;
}

bool emu_vtcm_take_hmx(struct emu_vtcm *vtcm, bool wait, const _Atomic bool *ended)
{
	bool taken;

	pthread_mutex_lock(&vtcm->lock);
	while (wait && vtcm->hmx_taken && !atomic_load(ended))
		pthread_cond_wait(&vtcm->changed, &vtcm->lock);
	taken = !vtcm->hmx_taken;
	vtcm->hmx_taken = true;
	pthread_mutex_unlock(&vtcm->lock);
	return taken;
}

void emu_vtcm_give_hmx(struct emu_vtcm *vtcm)
{
	pthread_mutex_lock(&vtcm->lock);
	vtcm->hmx_taken = false;
	pthread_cond_broadcast(&vtcm->changed);
	pthread_mutex_unlock(&vtcm->lock);
}

bool emu_vtcm_take_cache(struct emu_vtcm *vtcm, uint32_t bytes)
{
	bool taken;

	pthread_mutex_lock(&vtcm->lock);
	taken = bytes <= vtcm->cache_free;
	if (taken)
		vtcm->cache_free -= bytes;
	pthread_mutex_unlock(&vtcm->lock);
	return taken;
}

void emu_vtcm_give_cache(struct emu_vtcm *vtcm, uint32_t bytes)
{
	pthread_mutex_lock(&vtcm->lock);
	vtcm->cache_free += bytes;
	pthread_mutex_unlock(&vtcm->lock);
}

uint32_t emu_vtcm_cache_available(struct emu_vtcm *vtcm)
{
	uint32_t left;

	pthread_mutex_lock(&vtcm->lock);
	left = vtcm->cache_free;
	pthread_mutex_unlock(&vtcm->lock);
	return left;
}

uint32_t emu_vtcm_cache_total(const struct emu_vtcm *vtcm)
{
	(void)vtcm;
	return CACHE_BYTES;
}
