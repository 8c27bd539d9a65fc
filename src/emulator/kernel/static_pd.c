/* SPDX-License-Identifier: BSD-3-Clause */
#include "static_pd.h"

#include <errno.h>
#include <stdatomic.h>

static const struct {
	const char *service, *name;
	uint32_t domain;
} known[EMU_STATIC_PDS] = {
	[EMU_PD_AUDIO] = {"audio_pdr_adsprpc", "msm/adsp/audio_pd", 0},
	[EMU_PD_SENSORS_ADSP] = {"sensors_pdr_adsprpc", "msm/adsp/sensor_pd", 0},
	[EMU_PD_SENSORS_SDSP] = {"sensors_pdr_sdsprpc", "msm/slpi/sensor_pd", 2},
};

void emu_static_pds_init(struct emu_static_pd pds[EMU_STATIC_PDS])
{
	for (unsigned int i = 0; i < EMU_STATIC_PDS; i++) {
		pds[i].service = known[i].service;
		pds[i].name = known[i].name;
		pds[i].domain = known[i].domain;
		pds[i].donates = i == EMU_PD_AUDIO;
		atomic_store(&pds[i].up, 1);
	}
}

void emu_static_pd_set_up(struct emu_static_pd *pd, struct emu_clock *clock, bool up)
{
	if (atomic_exchange(&pd->up, up) && !up)
		atomic_fetch_add(&pd->restarts, 1);
	emu_clock_wake(clock, &pd->up);
}

int emu_static_pd_begin(struct emu_static_pd *pd, struct emu_clock *clock)
{
	while (atomic_exchange(&pd->creating, 1))
		if (emu_clock_wait(clock, &pd->creating, 1, EMU_FOREVER, true))
			return -EINTR;
	return 0;
}

void emu_static_pd_end(struct emu_static_pd *pd, struct emu_clock *clock)
{
	atomic_store(&pd->creating, 0);
	emu_clock_wake(clock, &pd->creating);
}

int emu_static_pd_wait(struct emu_static_pd *pd, struct emu_clock *clock)
{
	if (!pd)
		return 0;
	while (!atomic_load(&pd->up)) {
		int res = emu_clock_wait(clock, &pd->up, 0, EMU_FOREVER, true);

		if (res)
			return res;
	}
	/* Sensors have nothing to donate again; the audio PD must be created anew. */
	return pd->donates && atomic_load(&pd->restarts) != atomic_load(&pd->seen) ? -ECONNRESET
										   : 0;
}
