/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The static processes of a phone's DSPs: the audio PD and the sensors PDs. They are there before
 * any client, and can restart without their DSP.
 */
#ifndef EMU_KERNEL_STATIC_PD_H
#define EMU_KERNEL_STATIC_PD_H

#include <stdbool.h>
#include <stdint.h>

#include "../clock.h"

enum emu_static_pd_name {
	EMU_PD_AUDIO,	     /* audio_pdr_adsprpc, msm/adsp/audio_pd */
	EMU_PD_SENSORS_ADSP, /* sensors_pdr_adsprpc, msm/adsp/sensor_pd */
	EMU_PD_SENSORS_SDSP, /* sensors_pdr_sdsprpc, msm/slpi/sensor_pd */
	EMU_STATIC_PDS,
};

struct emu_static_pd {
	const char *service, *name;
	uint32_t domain;
	_Atomic uint32_t up;	   /* waited for */
	_Atomic uint32_t restarts; /* times it came down */
	_Atomic uint32_t seen;	   /* restarts when it was last initialised */
	bool donates;		   /* audio: lives on a heap that a client brings */
	_Atomic bool lent;	   /* that heap has been donated */
	_Atomic uint32_t creating; /* a client is at that; waited for */
};

/* All up. */
void emu_static_pds_init(struct emu_static_pd pds[EMU_STATIC_PDS]);
void emu_static_pd_set_up(struct emu_static_pd *pd, struct emu_clock *clock, bool up);

/*
 * Creates of @pd come one after the other, or each of two clients would donate a heap. 0, then _end() is
 * due; -EINTR.
 */
int emu_static_pd_begin(struct emu_static_pd *pd, struct emu_clock *clock);
void emu_static_pd_end(struct emu_static_pd *pd, struct emu_clock *clock);

/*
 * Before a call of a client of @pd (NULL: none): waits until it is up. 0; -EINTR; -ECONNRESET: the
 * audio PD has restarted and not been initialised since.
 */
int emu_static_pd_wait(struct emu_static_pd *pd, struct emu_clock *clock);

#endif
