/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a DSP process of the host's takes of what all processes of the DSP share (vtcm.h), as far as
 * its calls say: vector memory, vector contexts, the matrix unit, locked cache.
 */
#ifndef EMU_DSP_ENGINE_RESOURCES_H
#define EMU_DSP_ENGINE_RESOURCES_H

#include <stdbool.h>

#include "child.h"
#include "hap/hap.h"

struct emu_engine_resources {
	struct emu_hap *hap;
	int events; /* the socket on which the child is asked to release something; -1: none yet */
};

/* @hap is borrowed. The events are this object's as soon as somebody sets them. */
void emu_engine_resources_init(struct emu_engine_resources *resources, struct emu_hap *hap);
/* Nobody asks the child any more when it returns. The process's HAP functions may be gone. */
void emu_engine_resources_destroy(struct emu_engine_resources *resources);
/* Leaves the answer in @call. False: it is about something else. */
bool emu_engine_resources_answer(struct emu_engine_resources *resources,
				 struct emu_host_call *call);

#endif
