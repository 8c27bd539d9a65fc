/* SPDX-License-Identifier: BSD-3-Clause */
/* The host operations of a process that runs here. */
#ifndef EMU_DSP_HAP_HOST_H
#define EMU_DSP_HAP_HOST_H

#include "hap/hap.h"

struct emu_process;

/* 0 or -ENOMEM. */
int emu_hap_host_new(struct emu_process *process, struct emu_hap **ret_hap);

#endif
