/* SPDX-License-Identifier: BSD-3-Clause */
/* The test module of one DSP: the records, the rules, and its methods (protocol.h). */
#ifndef EMU_DSP_TESTMOD_H
#define EMU_DSP_TESTMOD_H

#include "../call.h"
#include "protocol.h"

struct emu_process;
struct emu_subsystem;
struct emu_testmod;

/* @subsystem is borrowed: the module is part of it. 0 or -ENOMEM. */
int emu_testmod_new(struct emu_subsystem *subsystem, struct emu_testmod **ret_testmod);
/* Lets go whoever waits for a record; nobody waits any more afterwards. Takes NULL. */
void emu_testmod_stop(struct emu_testmod *testmod);
/* The DSP starts anew: no rules, nothing held; records stay. */
void emu_testmod_forget(struct emu_testmod *testmod);
/* No call may be inside it. Takes NULL. */
void emu_testmod_free(struct emu_testmod *testmod);

/*
 * Records @message as it arrives, on the link's thread. True: a rule takes it, and *ret_answer says
 * whether to answer *ret_status at once or never.
 */
bool emu_testmod_takes(struct emu_testmod *testmod, const struct frpc_smq_msg *message,
		       bool *ret_answer, int32_t *ret_status);

/* Records a driver signal. */
void emu_testmod_signalled(struct emu_testmod *testmod, uint64_t signal);

/* Runs a method. */
int32_t emu_testmod_call(struct emu_testmod *testmod, struct emu_process *process,
			 struct emu_call *call);

#endif
