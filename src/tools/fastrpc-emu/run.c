/* SPDX-License-Identifier: BSD-3-Clause */
/* run and trace: the program itself does everything; here it is only told where. */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
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
	bool preload;
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
		case 'p':
			options->preload = true;
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

/* Where our libraries are: the folder of the one loaded here. NULL: not to be found; to be freed. */
static char *own_folder(void)
{
	char *slash, *folder;
	Dl_info info;

	if (!dladdr((void *)(uintptr_t)frpc_version, &info) || !info.dli_fname)
		return NULL;
	folder = realpath(info.dli_fname, NULL);
	slash = folder ? strrchr(folder, '/') : NULL;
	if (slash)
		*slash = 0;
	return folder;
}

/* Puts @folder/@file before or behind what the list in @variable has. False: no memory. */
static bool add_to_list(const char *variable, const char *folder, const char *file,
			const char *separator, bool before)
{
	const char *list = getenv(variable);
	char *longer;
	int res;

	if (!list || !*list)
		res = asprintf(&longer, "%s%s", folder, file);
	else if (before)
		res = asprintf(&longer, "%s%s%s%s", folder, file, separator, list);
	else
		res = asprintf(&longer, "%s%s%s%s", list, separator, folder, file);
	if (res < 0)
		return false;
	setenv(variable, longer, 1);
	free(longer);
	return true;
}

/*
 * Programs linked with Qualcomm's names find our libraries. Those that bring a library of their own,
 * or none, meet the emulator at the nodes, and the placeholder shells where shells are looked for.
 */
static bool set_up_libraries(const struct options *options)
{
	char *folder = own_folder();
	bool done;

	if (!folder)
		return !options->preload;
	if (options->preload)
		done = add_to_list("LD_PRELOAD", folder, "/libfastrpc-preload.so", ":", true) &&
		       add_to_list("DSP_LIBRARY_PATH", folder, "/fastrpc-emulator", ";", false);
	else
		done = add_to_list("LD_LIBRARY_PATH", folder, "", ":", true);
	free(folder);
	return done;
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
	if (!set_up_libraries(options)) {
		fprintf(stderr, "fastrpc-emu: the libraries cannot be set up\n");
		return EXIT_NOT_RUN;
	}
	execvp(argv[0], argv);
	fprintf(stderr, "fastrpc-emu: %s: %s\n", argv[0], strerror(errno));
	return errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN;
}

int emu_verb_run(int argc, char **argv)
{
	struct options options = {.transport = "emulator"};
	int res = parse(argc, argv, "+pt:m:L:", &options);

	return res ? res : execute(&options, argv + optind);
}

int emu_verb_trace(int argc, char **argv)
{
	struct options options = {.transport = "emulator", .trace = "-"};
	int res = parse(argc, argv, "+pt:m:L:o:", &options);

	return res ? res : execute(&options, argv + optind);
}
