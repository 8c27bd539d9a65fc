/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Parking lots: where threads wait at an address, the most urgent first, the earliest of equals. Every
 * QuRT object is a few words in the skel's memory, changed under the lock of the lot of its address.
 */
#ifndef EMU_DSP_HAP_PARK_H
#define EMU_DSP_HAP_PARK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct emu_hap;
struct emu_lot;

#define EMU_PARK_FOREVER UINT64_MAX

struct emu_parked {
	struct emu_parked *next;
	const void *address;
	struct emu_hap *hap;
	uint32_t thread_id, priority;
	uint64_t want; /* the object's own: what it waits for */
	uint32_t how;  /* likewise */
	pthread_cond_t cond;
	bool woken, killed;
};

struct emu_lot *emu_lot_lock(const void *address);
void emu_lot_unlock(struct emu_lot *lot);

/* Puts the calling thread into the queue of @address. It must wait then. */
void emu_lot_enter(struct emu_lot *lot, struct emu_parked *parked, const void *address);
/*
 * Waits until it is woken: 0, or -ETIMEDOUT after @us (then it is out of the queue). If the process
 * ends it does not return; the lot is unlocked then.
 */
int emu_lot_wait(struct emu_lot *lot, struct emu_parked *parked, uint64_t us);
/* The first that waits at @address, from @after (NULL: the beginning). NULL: none. */
struct emu_parked *emu_lot_next(struct emu_lot *lot, const void *address, struct emu_parked *after);
/* Takes it out of the queue and wakes it. It may be gone when the lot is unlocked. */
void emu_lot_wake(struct emu_lot *lot, struct emu_parked *parked);

/* Ends every wait of @hap's threads. */
void emu_lots_kill(struct emu_hap *hap);

#endif
