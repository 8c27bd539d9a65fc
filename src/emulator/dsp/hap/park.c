/* SPDX-License-Identifier: BSD-3-Clause */
#include "park.h"

#include <errno.h>
#include <time.h>

#include "../../deadline.h"
#include "hap.h"

#define LOTS 64u

struct emu_lot {
	pthread_mutex_t lock;
	struct emu_parked *first;
};

static struct emu_lot lots[LOTS];

static void init_lots(void)
{
	for (uint32_t i = 0; i < LOTS; i++)
		pthread_mutex_init(&lots[i].lock, NULL);
}

static void set_up(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, init_lots);
}

struct emu_lot *emu_lot_lock(const void *address)
{
	struct emu_lot *lot = &lots[((uintptr_t)address >> 3) * 0x9e3779b1u % LOTS];

	set_up();
	pthread_mutex_lock(&lot->lock);
	return lot;
}

void emu_lot_unlock(struct emu_lot *lot)
{
	pthread_mutex_unlock(&lot->lock);
}

void emu_lot_enter(struct emu_lot *lot, struct emu_parked *parked, const void *address)
{
	struct emu_parked **at = &lot->first;

	parked->address = address;
	parked->hap = emu_hap_thread() ? emu_hap_thread()->hap : NULL;
	parked->thread_id = emu_hap_thread_id();
	parked->priority = emu_hap_thread_priority();
	parked->woken = parked->killed = false;
	emu_cond_init(&parked->cond);
	while (*at && (*at)->priority <= parked->priority)
		at = &(*at)->next;
	parked->next = *at;
	*at = parked;
}

static void take_out(struct emu_lot *lot, struct emu_parked *parked)
{
	struct emu_parked **at = &lot->first;

	while (*at && *at != parked)
		at = &(*at)->next;
	if (*at)
		*at = parked->next;
}

int emu_lot_wait(struct emu_lot *lot, struct emu_parked *parked, uint64_t us)
{
	bool bounded = us != EMU_PARK_FOREVER;
	const struct timespec until = emu_deadline_us(us);
	int res = 0;

	while (!parked->woken && res != ETIMEDOUT) {
		if (parked->killed || (parked->hap && atomic_load(&parked->hap->ended))) {
			take_out(lot, parked);
			emu_lot_unlock(lot);
			pthread_cond_destroy(&parked->cond);
			emu_hap_escape();
		}
		res = bounded ? pthread_cond_timedwait(&parked->cond, &lot->lock, &until)
			      : pthread_cond_wait(&parked->cond, &lot->lock);
	}
	if (!parked->woken)
		take_out(lot, parked);
	pthread_cond_destroy(&parked->cond);
	return parked->woken ? 0 : -ETIMEDOUT;
}

struct emu_parked *emu_lot_next(struct emu_lot *lot, const void *address, struct emu_parked *after)
{
	struct emu_parked *parked = after ? after->next : lot->first;

	while (parked && parked->address != address)
		parked = parked->next;
	return parked;
}

void emu_lot_wake(struct emu_lot *lot, struct emu_parked *parked)
{
	take_out(lot, parked);
	parked->woken = true;
	pthread_cond_signal(&parked->cond);
}

void emu_lots_kill(struct emu_hap *hap)
{
	set_up();
	for (uint32_t i = 0; i < LOTS; i++) {
		pthread_mutex_lock(&lots[i].lock);
		for (struct emu_parked *p = lots[i].first; p; p = p->next)
			if (p->hap == hap) {
				p->killed = true;
				pthread_cond_signal(&p->cond);
			}
		pthread_mutex_unlock(&lots[i].lock);
	}
}
