/* SPDX-License-Identifier: BSD-3-Clause */
/* What FRPC_EMULATOR says of a machine. */
#ifndef EMU_MACHINE_SPEC_H
#define EMU_MACHINE_SPEC_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/driver.h"

#define EMU_MAX_ATTRIBUTES 256u

struct emu_machine_spec {
	bool domains[EMU_DOMAINS];
	bool dialects[EMU_DIALECTS];
	bool test_module;			    /* on every DSP: for the conformance suite */
	uint32_t banks, secure_banks, shared_banks; /* all; of them the last; those before them */
	bool secure_banks_said;
	bool multimode;		/* mainline nodes of the second downstream generation */
	bool processes;		/* engine=process */
	char program[PATH_MAX]; /* for it; empty: the one beside the library */
	bool qrtr;		/* downstream: the trusted VM's build, over the router */
	bool qrtr_local;	/* over one of its own, even where the kernel has a router */
	uint32_t pd_types[EMU_MAX_BANKS];
	bool secure[EMU_DOMAINS], secure_said; /* domains that the secure nodes are for */
	bool assign[EMU_DOMAINS];	       /* whose DSP must be given access to each buffer */
	bool incoherent;		       /* downstream's banks: the driver maintains caches */
	uint32_t latency_us;		       /* of the downstream driver's vote; 0: its own */
	uint32_t heap, limit, sessions;	       /* 0 limit, sessions: the driver's own */
	uint32_t gids[EMU_MAX_GIDS], gid_count;
	uint32_t attributes[EMU_MAX_ATTRIBUTES];
	bool attribute_said[EMU_MAX_ATTRIBUTES];
	enum emu_version version; /* of the mainline driver */
	uint32_t queue_version;	  /* of dspqueue; 0: the newest */
	uint32_t arch;		  /* Hexagon architecture: 68, 73, ... */
	char report[PATH_MAX];	  /* file, "-" or empty */
};

extern const char *const emu_domain_names[EMU_DOMAINS];

/* See machine.h for the words. 0, -EINVAL, -EOPNOTSUPP, or what opening the file gave; @text. */
int emu_machine_spec_parse(const char *text, struct emu_machine_spec *spec, char *why,
			   size_t whylen);

#endif
