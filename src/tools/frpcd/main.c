/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * frpcd: serves the files of one domain's root, audio or sensors PD, in the place of adsprpcd, cdsprpcd and
 * sdsprpcd. Tries again when the DSP restarts, less and less often when it cannot; says why it cannot once, and
 * is silent else unless asked.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fastrpc.h"
#include "lib/config.h"
#include "serve.h"

#define EXIT_FAILED  1
#define EXIT_USAGE   2
#define EXIT_NO_NODE 3

#define FIRST_PAUSE 1u
#define LAST_PAUSE  60u

struct options {
	struct frpcd_service service;
	bool once, verbose;
};

static void usage(FILE *out)
{
	fprintf(out, "usage: frpcd [-1hv] [-p root|audio|sensors] [-r FOLDER]... [-w FOLDER]... "
		     "DOMAIN\n\n"
		     "  DOMAIN     adsp, mdsp, sdsp, cdsp, cdsp1, gdsp0 or gdsp1\n"
		     "  -p PD      what to attach to: the root PD (default), the audio or the "
		     "sensors PD\n"
		     "  -r FOLDER  the DSP may read this folder, besides the search path\n"
		     "  -w FOLDER  the DSP may change this folder, too\n"
		     "  -1         serve once; do not try again\n"
		     "  -v         say on standard error what happens, and what DSP modules log;\n"
		     "             else only why the DSP cannot be served, once\n\n"
		     "exit status: 1 failed (with -1), 2 usage, 3 there is no such DSP here\n");
}

static void print(void *context, int level, const char *text)
{
	(void)context, (void)level;
	fprintf(stderr, "frpcd: %s\n", text);
}

static bool allow(const char *folder, int may_write)
{
	if (!frpc_allow_folder(folder, may_write))
		return true;
	fprintf(stderr, "frpcd: %s\n", frpc_last_error());
	return false;
}

/* 0, or an exit status; -1: help was given. */
static int parse(int argc, char **argv, struct options *options)
{
	int option;

	options->service.kind = FRPC_ATTACH_ROOT;
	options->service.registers = true;
	while ((option = getopt(argc, argv, "1hp:r:vw:")) != -1) {
		switch (option) {
		case '1':
			options->once = true;
			break;
		case 'v':
			options->verbose = true;
			break;
		case 'r':
		case 'w':
			if (!allow(optarg, option == 'w'))
				return EXIT_USAGE;
			break;
		case 'p':
			if (!strcmp(optarg, "sensors"))
				options->service.kind = FRPC_ATTACH_SENSORS;
			else if (!strcmp(optarg, "audio"))
				options->service.kind = FRPC_ATTACH_AUDIO;
			else if (strcmp(optarg, "root"))
				return EXIT_USAGE;
			break;
		case 'h':
			return -1;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind + 1 != argc ||
	    frpc_domain_by_name(argv[optind], strlen(argv[optind]), &options->service.domain))
		return EXIT_USAGE;
	return 0;
}

static void say_started(void *context)
{
	const struct options *options = context;

	if (options->verbose)
		fprintf(stderr, "frpcd: %s: serving\n", frpc_domain_name(options->service.domain));
}

#define TEXT_BYTES 700

/* How an attachment ended. @said: the refusal that was said last, which is not said again. */
static void say_end(const struct options *options, enum frpcd_end end, const char *text, char *said)
{
	bool new_refusal = end == FRPCD_REFUSED && strcmp(text, said);

	if (options->verbose || options->once || end == FRPCD_NO_NODE || new_refusal)
		fprintf(stderr, "frpcd: %s: %s\n", frpc_domain_name(options->service.domain), text);
	snprintf(said, TEXT_BYTES, "%s", end == FRPCD_REFUSED ? text : "");
}

static time_t seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static int run(struct frpc_transport *transport, struct options *options)
{
	char text[TEXT_BYTES], said[TEXT_BYTES] = "";
	unsigned int pause = FIRST_PAUSE;

	for (;;) {
		time_t began = seconds_now();
		enum frpcd_end end;

		text[0] = '\0';
		end = frpcd_serve(transport, &options->service, say_started, options, text,
				  sizeof(text));
		say_end(options, end, text, said);
		if (end == FRPCD_NO_NODE)
			return EXIT_NO_NODE;
		if (options->once)
			return end == FRPCD_ENDED ? 0 : EXIT_FAILED;
		/* It has served for a while: this is a restart, not a failure that repeats itself. */
		if (seconds_now() - began > (time_t)LAST_PAUSE)
			pause = FIRST_PAUSE;
		sleep(pause);
		pause = pause * 2 < LAST_PAUSE ? pause * 2 : LAST_PAUSE;
	}
}

int main(int argc, char **argv)
{
	struct options options = {.once = false};
	struct frpc_transport *transport;
	char text[512] = "";
	int res;

	res = parse(argc, argv, &options);
	if (res) {
		usage(res < 0 ? stdout : stderr);
		return res < 0 ? 0 : res;
	}
	if (options.verbose)
		frpc_set_log(print, NULL, FRPC_LOG_INFO);
	if (frpc_transport_new(frpc_getenv("FRPC_TRANSPORT"), &transport, text, sizeof(text))) {
		fprintf(stderr, "frpcd: %s\n", text);
		return EXIT_FAILED;
	}
	res = run(transport, &options);
	transport->ops->free(transport);
	return res;
}
