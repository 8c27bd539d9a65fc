/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One DSP: its root PD, its processes and their threads. It sees calls through a link end and
 * memory through the memory seam, and nothing else of the world: the driver in front of it may be
 * the emulator's or a real one, in this process or another.
 */
#ifndef EMU_DSP_SUBSYSTEM_H
#define EMU_DSP_SUBSYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../link/link.h"
#include "../memory.h"
#include "../stats.h"

struct emu_subsystem;

#define EMU_DSP_ATTRIBUTES 256u

struct emu_subsystem_config {
	uint32_t domain;			 /* 0..7 */
	const char *name;			 /* "cdsp" */
	uint32_t attributes[EMU_DSP_ATTRIBUTES]; /* capability answers; [0] unused */
	bool no_modern_handles;			 /* an old DSP: only static handles 0, 3 and 6 */
	uint32_t queue_version;			 /* of dspqueue: 1, or 2 (also 0) */
	bool test_module; /* testmod/protocol.h; for tests of a driver only */
	/*
	 * Optional: takes the DSP down and up again, soon: it is called on one of the DSP's threads
	 * and must not wait for them. 0 or -errno.
	 */
	int (*restart)(void *context);
	void *restart_context;
	/* Behind a downstream driver: sends notifications, takes signals, fills in counters. */
	bool extended;
	const char *program; /* what runs a process: engine "process"; NULL: engine "native" */
	bool long_responses; /* always with flags and version: 24 bytes */
	bool poll_word;	     /* the driver is mainline 7.3, whose metadata has one */
};

/* How a DSP misbehaves, for tests. Bits. */
enum emu_dsp_fault {
	EMU_DSP_SILENT = 1 << 0,	/* answers nothing at all any more */
	EMU_DSP_KEEP_LISTENER = 1 << 1, /* never ends the listener's call, also at process exit */
	EMU_DSP_DUPLICATE = 1 << 2,	/* answers everything twice */
	EMU_DSP_TRUNCATE = 1 << 3,	/* sends a too short answer before each right one */
	EMU_DSP_HOSTILE = 1 << 4, /* before each right answer: answers for other calls, garbage */
	EMU_DSP_LONG = 1 << 5,	  /* answers in the form with flags */
	EMU_DSP_EARLY = 1 << 6,	  /* announces each answer of a module, then completes it */
	EMU_DSP_USER_EARLY = 1 << 7, /* says before a module runs that it will soon be done */
};

/*
 * Starts a DSP on @end and @memory, both borrowed until emu_subsystem_free(); @stats may be NULL.
 * 0 or -ENOMEM.
 */
int emu_subsystem_new(const struct emu_subsystem_config *config, struct emu_end *end,
		      struct emu_memory *memory, struct emu_stats *stats,
		      struct emu_subsystem **ret_subsystem);

/* Ends every process and thread of it, then returns. Takes NULL. */
void emu_subsystem_free(struct emu_subsystem *subsystem);

/* Sets the fault bits. Clearing one releases what it held back. */
void emu_subsystem_set_faults(struct emu_subsystem *subsystem, uint32_t faults);

/* What has become of a process, as the driver is told it. */
enum emu_dsp_status {
	EMU_DSP_PD_UP,
	EMU_DSP_PD_EXIT,
	EMU_DSP_PD_FORCE_KILL,
	EMU_DSP_PD_EXCEPTION,
};

/*
 * Ends the process @pid of whatever bank (0: every process) at once; its calls are answered for it,
 * with 39, and the driver is told @status. 0 or -ESRCH.
 */
int emu_subsystem_kill(struct emu_subsystem *subsystem, uint32_t pid, enum emu_dsp_status status);

/* The DSP dies: its processes are gone, and nothing that it had yet to answer will be. */
void emu_subsystem_crash(struct emu_subsystem *subsystem);
/* It runs again, empty. */
void emu_subsystem_boot(struct emu_subsystem *subsystem);

/* Sends bytes of any kind over the link. 0, -ENODEV, or what the driver says of them. */
int emu_subsystem_send(struct emu_subsystem *subsystem, const void *bytes, size_t len);

/* Processes alive, for leak checks. */
uint32_t emu_subsystem_processes(struct emu_subsystem *subsystem);

#endif
