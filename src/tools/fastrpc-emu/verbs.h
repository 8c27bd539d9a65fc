/* SPDX-License-Identifier: BSD-3-Clause */
/* The verbs of fastrpc-emu. Each gets its own name as argv[0] and returns the program's exit code. */
#ifndef FASTRPC_EMU_VERBS_H
#define FASTRPC_EMU_VERBS_H

#include <stdbool.h>

#define EXIT_USAGE 2

int emu_verb_run(int argc, char **argv);
int emu_verb_trace(int argc, char **argv);
int emu_verb_info(int argc, char **argv);
int emu_verb_doctor(int argc, char **argv);

/* The nodes that kernel drivers make, NULL at the end; shared by info and doctor. */
extern const char *const emu_known_nodes[];

/* Asks the DSP of each domain through the library; a line each. False: no domain answered. */
bool emu_show_domains(void);

#endif
