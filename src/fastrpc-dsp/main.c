/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The emulator's DSP behind a real kernel driver: one process that plays one DSP, on the node that
 * tests/rig/module offers. When the driver takes the channel down (a subsystem restart) every
 * process of the DSP ends; when the node is there again the DSP is up anew.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "board.h"
#include "emulator/machine.h"
#include "node.h"

#define USAGE "usage: fastrpc-dsp NODE DOMAIN [KEY=VALUE,...]\n"

static int find_domain(const char *name, uint32_t *ret_domain)
{
	for (uint32_t domain = 0; domain < EMU_DOMAINS; domain++)
		if (!strcmp(name, emu_domain_names[domain])) {
			*ret_domain = domain;
			return 0;
		}
	return -EINVAL;
}

/* So long may the node be missing when we start: its DSP may be in the middle of a restart. */
#define FIRST_TRIES 5000 /* with 2 ms between */

/* The node of a restarted DSP: absent for a moment, or still the old one, held by us no longer. */
static int open_node(const char *path, bool again, struct frpc_dsp_node **ret_node)
{
	const struct timespec pause = {.tv_nsec = 2000000};
	int res = frpc_dsp_node_open(path, ret_node);

	for (int tries = 0; again || tries < FIRST_TRIES; tries++) {
		if (res != -ENOENT && res != -ENODEV && res != -ENXIO)
			break;
		nanosleep(&pause, NULL);
		res = frpc_dsp_node_open(path, ret_node);
	}
	return res;
}

static int run(const char *path, const struct emu_subsystem_config *config)
{
	struct emu_subsystem *subsystem;
	struct frpc_dsp_node *node;
	int res;

	for (bool again = false;; again = true) {
		res = open_node(path, again, &node);
		if (res) {
			fprintf(stderr, "fastrpc-dsp: %s: %s\n", path, strerror(-res));
			return EXIT_FAILURE;
		}
		res = emu_subsystem_new(config, frpc_dsp_node_end(node), frpc_dsp_node_memory(node),
					NULL, &subsystem);
		if (!res) {
			fprintf(stderr, "fastrpc-dsp: %s is up on %s\n", config->name, path);
			res = frpc_dsp_node_serve(node);
			emu_subsystem_free(subsystem);
		}
		frpc_dsp_node_close(node);
		if (res) {
			fprintf(stderr, "fastrpc-dsp: %s: %s\n", path, strerror(-res));
			return EXIT_FAILURE;
		}
		fprintf(stderr, "fastrpc-dsp: %s is down\n", config->name);
	}
}

int main(int argc, char **argv)
{
	struct emu_subsystem_config config;
	struct frpc_dsp_board *board = NULL;
	struct emu_machine_spec spec;
	char text[256] = "";
	uint32_t domain;
	int res;

	if (argc < 3 || argc > 4 || find_domain(argv[2], &domain)) {
		fputs(USAGE, stderr);
		return EXIT_FAILURE;
	}
	if (emu_machine_spec_parse(argc > 3 ? argv[3] : NULL, &spec, text, sizeof(text))) {
		fprintf(stderr, "fastrpc-dsp: %s\n", text);
		return EXIT_FAILURE;
	}
	emu_machine_describe_dsp(&spec, EMU_MAINLINE, domain, &config);
	if (!frpc_dsp_board_find(argv[1], &board)) {
		config.restart = frpc_dsp_board_restart;
		config.restart_context = board;
	}
	res = run(argv[1], &config);
	frpc_dsp_board_free(board);
	return res;
}
