/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What one DSP says to its driver: answers to calls in the forms that the driver knows, status
 * notifications and signals; and how it misbehaves in that, for tests (enum emu_dsp_fault).
 */
#ifndef EMU_DSP_ANSWERS_H
#define EMU_DSP_ANSWERS_H

#include "subsystem.h"

struct emu_answers;

/* On @end, which is borrowed. 0 or -ENOMEM. */
int emu_answers_new(const struct emu_subsystem_config *config, struct emu_end *end,
		    struct emu_answers **ret_answers);
/* What is held back is dropped. Takes NULL. */
void emu_answers_free(struct emu_answers *answers);

/* 0, -ENODEV once it is closed, or what the driver says of the bytes. */
int emu_answers_send(struct emu_answers *answers, const void *bytes, size_t len);
/* The answer to the call @ctx. */
void emu_answers_respond(struct emu_answers *answers, uint64_t ctx, int32_t retval);
/*
 * Says what the call @ctx will be answered with, before it is: the driver looks for the poll word
 * then. False: this DSP says nothing early.
 */
bool emu_answers_announce(struct emu_answers *answers, uint64_t ctx, int32_t retval);
/* The answer to a call that was announced. */
void emu_answers_complete(struct emu_answers *answers, uint64_t ctx, int32_t retval);
/* Says that the call @ctx will be over in @us microseconds. */
void emu_answers_hint(struct emu_answers *answers, uint64_t ctx, uint32_t us);
void emu_answers_notify(struct emu_answers *answers, uint32_t pid, enum emu_dsp_status status);
void emu_answers_signal(struct emu_answers *answers, uint32_t pid, uint32_t id);

/* The CPUs wake up in time for early answers: the DSP announces its answers from now on, or not. */
void emu_answers_set_early(struct emu_answers *answers, bool early);
/* Clearing EMU_DSP_SILENT sends what was held back. The bits before. */
uint32_t emu_answers_set_faults(struct emu_answers *answers, uint32_t faults);
bool emu_answers_have_fault(struct emu_answers *answers, uint32_t fault);
/* Drops what is held back. */
void emu_answers_forget(struct emu_answers *answers);
/* Returns when nobody is sending; nothing is sent any more. */
void emu_answers_close(struct emu_answers *answers);
bool emu_answers_are_closed(struct emu_answers *answers);

#endif
