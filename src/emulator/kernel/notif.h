/* SPDX-License-Identifier: BSD-3-Clause */
/* Status notifications of one file, in the order in which they came. Unbounded, as in the driver. */
#ifndef EMU_KERNEL_NOTIF_H
#define EMU_KERNEL_NOTIF_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "../clock.h"

/* What happened to the process. */
enum emu_pd_status {
	EMU_PD_UP,
	EMU_PD_EXIT,
	EMU_PD_FORCE_KILL,
	EMU_PD_EXCEPTION,
	EMU_PD_RESTART, /* of the whole DSP */
};

struct emu_notif;

struct emu_notifs {
	pthread_mutex_t lock;
	struct emu_notif *first, **last;
	_Atomic uint32_t events;
	_Atomic bool woken;
};

void emu_notifs_init(struct emu_notifs *notifs);
/* Drops what nobody has read. */
void emu_notifs_destroy(struct emu_notifs *notifs);
/* 0 or -ENOMEM. */
int emu_notifs_push(struct emu_notifs *notifs, uint32_t status);
/* Waits for the oldest one. 0; -EFAULT once emu_notifs_wake() has been called; -EINTR. */
int emu_notifs_read(struct emu_notifs *notifs, struct emu_clock *clock, uint32_t *ret_status);
/* From now on nobody waits any more. */
void emu_notifs_wake(struct emu_notifs *notifs);

uint32_t emu_notifs_count(struct emu_notifs *notifs);

#endif
