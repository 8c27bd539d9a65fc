/* SPDX-License-Identifier: BSD-3-Clause */
/* fastrpc-emu: programs on the emulator, and a look at what this machine has. */
#include <stdio.h>
#include <string.h>

#include "fastrpc.h"
#include "verbs.h"

static const struct {
	const char *name, *arguments, *what;
	int (*run)(int argc, char **argv);
} verbs[] = {
	{"run", "[-p] [-m MACHINE] [-L FOLDERS] [-t TRANSPORT] PROGRAM [ARGUMENT...]",
	 "run a program on the emulator", emu_verb_run},
	{"trace", "[-p] [-o FILE] [-m MACHINE] [-L FOLDERS] [-t TRANSPORT] PROGRAM [ARGUMENT...]",
	 "the same, with a line for every system call on FastRPC nodes", emu_verb_trace},
	{"info", "[-m MACHINE]", "what the emulated machine has: nodes, domains, attributes",
	 emu_verb_info},
	{"doctor", "", "what this machine has, what is missing for FastRPC, what to do",
	 emu_verb_doctor},
};

#define VERBS (sizeof(verbs) / sizeof(*verbs))

static void usage(FILE *out)
{
	fprintf(out, "usage: fastrpc-emu VERB\n\n");
	for (size_t i = 0; i < VERBS; i++)
		fprintf(out, "  %s%s%s\n      %s\n", verbs[i].name, *verbs[i].arguments ? " " : "",
			verbs[i].arguments, verbs[i].what);
	fprintf(out, "\nMACHINE is what FRPC_EMULATOR may hold (domains=cdsp,version=6.1), FOLDERS "
		     "what\n"
		     "DSP_LIBRARY_PATH may hold, TRANSPORT what FRPC_TRANSPORT may hold "
		     "(emulator). -p is\n"
		     "for programs with a library of their own, or none: they meet the emulator "
		     "when they\n"
		     "open FastRPC nodes or a dma-buf heap.\n");
}

int main(int argc, char **argv)
{
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		usage(stdout);
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		printf("fastrpc-emu %s\n", frpc_version());
		return 0;
	}
	for (size_t i = 0; argc > 1 && i < VERBS; i++)
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(argc - 1, argv + 1);
	if (argc > 1)
		fprintf(stderr, "fastrpc-emu: no such verb: %s\n", argv[1]);
	usage(stderr);
	return EXIT_USAGE;
}
