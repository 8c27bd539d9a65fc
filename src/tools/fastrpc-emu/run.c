/* SPDX-License-Identifier: BSD-3-Clause */
/* run and trace: the program itself does everything; here it is only told where. */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fastrpc.h"
#include "verbs.h"

#define EXIT_NOT_RUN   126
#define EXIT_NOT_FOUND 127

struct options {
	const char *transport, *machine, *folders, *trace;
};

static int parse(int argc, char **argv, const char *letters, struct options *options)
{
	int option;

	while ((option = getopt(argc, argv, letters)) != -1)
		switch (option) {
		case 't':
			options->transport = optarg;
			break;
		case 'm':
			options->machine = optarg;
			break;
		case 'L':
			options->folders = optarg;
			break;
		case 'o':
			options->trace = optarg;
			break;
		default:
			return EXIT_USAGE; /* getopt has said why */
		}
	if (optind < argc)
		return 0;
	fprintf(stderr, "fastrpc-emu %s: which program?\n", argv[0]);
	return EXIT_USAGE;
}

/* Programs linked with Qualcomm's names find our libraries: those that lie beside the one loaded here. */
static void prefer_our_libraries(void)
{
	const char *before = getenv("LD_LIBRARY_PATH");
	char *slash, *folder, *path;
	Dl_info info;

	if (!dladdr((void *)(uintptr_t)frpc_version, &info) || !info.dli_fname)
		return;
	folder = realpath(info.dli_fname, NULL);
	slash = folder ? strrchr(folder, '/') : NULL;
	if (slash) {
		*slash = 0;
		if (asprintf(&path, "%s%s%s", folder, before && *before ? ":" : "",
			     before ? before : "") >= 0) {
			setenv("LD_LIBRARY_PATH", path, 1);
			free(path);
		}
	}
	free(folder);
}

static int execute(const struct options *options, char **argv)
{
	char *transport = NULL;

	if (options->trace &&
	    asprintf(&transport, "trace=%s:%s", options->trace, options->transport) < 0) {
		fprintf(stderr, "fastrpc-emu: no memory\n");
		return EXIT_NOT_RUN;
	}
	setenv("FRPC_TRANSPORT", transport ? transport : options->transport, 1);
	free(transport);
	if (options->machine)
		setenv("FRPC_EMULATOR", options->machine, 1);
	if (options->folders)
		setenv("DSP_LIBRARY_PATH", options->folders, 1);
	prefer_our_libraries();
	execvp(argv[0], argv);
	fprintf(stderr, "fastrpc-emu: %s: %s\n", argv[0], strerror(errno));
	return errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN;
}

int emu_verb_run(int argc, char **argv)
{
	struct options options = {.transport = "emulator"};
	int res = parse(argc, argv, "+t:m:L:", &options);

	return res ? res : execute(&options, argv + optind);
}

int emu_verb_trace(int argc, char **argv)
{
	struct options options = {.transport = "emulator", .trace = "-"};
	int res = parse(argc, argv, "+t:m:L:o:", &options);

	return res ? res : execute(&options, argv + optind);
}
