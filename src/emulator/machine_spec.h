/* SPDX-License-Identifier: BSD-3-Clause */
/* What FRPC_EMULATOR says of a machine. */
#ifndef EMU_MACHINE_SPEC_H
#define EMU_MACHINE_SPEC_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/driver.h"

struct emu_machine_spec {
	bool domains[EMU_DOMAINS];
	bool dialects[EMU_DIALECTS];
	uint32_t banks;
	bool test_module;      /* on every DSP: for the conformance suite */
	uint32_t arch;	       /* Hexagon architecture: 68, 73, ... */
	char report[PATH_MAX]; /* file, "-" or empty */
};

extern const char *const emu_domain_names[EMU_DOMAINS];

/* See machine.h for the words. 0, -EINVAL, -EOPNOTSUPP, or what opening the file gave; @text. */
int emu_machine_spec_parse(const char *text, struct emu_machine_spec *spec, char *why,
			   size_t whylen);

#endif
