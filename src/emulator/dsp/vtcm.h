/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What all processes of a DSP share and take in turn: the vector memory (VTCM), the matrix unit, the
 * right to run alone, locked cache lines, vector contexts.
 */
#ifndef EMU_DSP_VTCM_H
#define EMU_DSP_VTCM_H

#include <stdbool.h>
#include <stdint.h>

struct emu_vtcm;

/* What somebody asks for at once. */
struct emu_vtcm_request {
	uint32_t size, least; /* bytes of VTCM; 0: none */
	bool serialize, hmx;
	uint32_t priority; /* of the thread that asks */
	/* Asked to give back what it got; called without locks, by the thread that wants it. */
	int (*release)(unsigned int id, void *context);
	void *release_context;
};

struct emu_vtcm_grant {
	uint32_t id; /* never 0 */
	void *bytes;
	uint32_t size;
};

int emu_vtcm_new(uint32_t size, uint32_t hvx_units, struct emu_vtcm **ret_vtcm);
/* Takes NULL. */
void emu_vtcm_free(struct emu_vtcm *vtcm);

/*
 * 0; -E2BIG: more than there is at all; -ETIMEDOUT; -ECANCELED: *@ended became true. @owner is who is
 * named to emu_vtcm_release_all(). With @id not 0 the grant gets that id; -EEXIST: @owner has one of
 * that id. Without, it can also be released by its address.
 */
int emu_vtcm_acquire(struct emu_vtcm *vtcm, const void *owner,
		     const struct emu_vtcm_request *request, uint32_t id, uint64_t timeout_us,
		     const _Atomic bool *ended, struct emu_vtcm_grant *ret_grant);
/* -ENOENT: @owner has no such grant. */
int emu_vtcm_release(struct emu_vtcm *vtcm, const void *owner, uint32_t id);
int emu_vtcm_release_at(struct emu_vtcm *vtcm, const void *owner, const void *bytes);
/* Nobody is asked to release any more when it returns. No thread of @owner's may be waiting. */
void emu_vtcm_release_all(struct emu_vtcm *vtcm, const void *owner);
/* Does somebody wait? -ENOENT. */
int emu_vtcm_is_wanted(struct emu_vtcm *vtcm, const void *owner, uint32_t id);
/* A number for a grant to come, never 0, that no grant has now. */
uint32_t emu_vtcm_new_id(struct emu_vtcm *vtcm);
/* Everybody who waits looks again whether he has ended. */
void emu_vtcm_wake(struct emu_vtcm *vtcm);

/* Its memory, for another process to map at the same address; @ret_fd stays its own. -ENOENT, -ENOMEM. */
int emu_vtcm_memory(struct emu_vtcm *vtcm, void **ret_bytes, int *ret_fd);

uint32_t emu_vtcm_total(const struct emu_vtcm *vtcm);
/* The longest free piece. */
uint32_t emu_vtcm_available(struct emu_vtcm *vtcm);

/* Vector contexts: counted. @want 0: all that are free. How many it got: 0 or @want, or any. */
uint32_t emu_vtcm_take_hvx(struct emu_vtcm *vtcm, uint32_t want, bool wait,
			   const _Atomic bool *ended);
void emu_vtcm_give_hvx(struct emu_vtcm *vtcm, uint32_t count);
uint32_t emu_vtcm_hvx_units(const struct emu_vtcm *vtcm);

/* The matrix unit itself, for one thread at a time. False: it is taken, or @ended. */
bool emu_vtcm_take_hmx(struct emu_vtcm *vtcm, bool wait, const _Atomic bool *ended);
void emu_vtcm_give_hmx(struct emu_vtcm *vtcm);

/* Cache that can be locked: bytes of it, counted. False: not so many are left. */
bool emu_vtcm_take_cache(struct emu_vtcm *vtcm, uint32_t bytes);
void emu_vtcm_give_cache(struct emu_vtcm *vtcm, uint32_t bytes);
uint32_t emu_vtcm_cache_available(struct emu_vtcm *vtcm);
uint32_t emu_vtcm_cache_total(const struct emu_vtcm *vtcm);

#endif
