/* SPDX-License-Identifier: BSD-3-Clause */
/* info: what the emulated machine has, asked as a program would ask. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emulator.h"
#include "fastrpc.h"
#include "remote.h"
#include "verbs.h"

const char *const emu_known_nodes[] = {
	"/dev/fastrpc-adsp",
	"/dev/fastrpc-adsp-secure",
	"/dev/fastrpc-mdsp",
	"/dev/fastrpc-mdsp-secure",
	"/dev/fastrpc-sdsp",
	"/dev/fastrpc-sdsp-secure",
	"/dev/fastrpc-cdsp",
	"/dev/fastrpc-cdsp-secure",
	"/dev/fastrpc-cdsp1",
	"/dev/fastrpc-cdsp1-secure",
	"/dev/fastrpc-gdsp0",
	"/dev/fastrpc-gdsp0-secure",
	"/dev/fastrpc-gdsp1",
	"/dev/fastrpc-gdsp1-secure",
	"/dev/adsprpc-smd",
	"/dev/adsprpc-smd-secure",
	NULL,
};

static const char *const domains[] = {"adsp", "mdsp", "sdsp", "cdsp", "cdsp1"};

static const struct {
	const char *name;
	uint32_t id;
	const char *format;
} attributes[] = {
	{"architecture", ARCH_VER, "v%x"},
	{"unsigned PDs", UNSIGNED_PD_SUPPORT, "%u"},
	{"HVX units of 128 bytes", HVX_SUPPORT_128B, "%u"},
	{"VTCM page", VTCM_PAGE, "%u"},
	{"VTCM pages", VTCM_COUNT, "%u"},
	{"asynchronous calls", ASYNC_FASTRPC_SUPPORT, "%u"},
	{"status notifications", STATUS_NOTIFICATION_SUPPORT, "%u"},
};

static bool ask(uint32_t domain, uint32_t attribute, uint32_t *ret_value)
{
	struct remote_dsp_capability capability = {.domain = domain, .attribute_ID = attribute};

	if (remote_handle_control(DSPRPC_GET_DSP_INFO, &capability, sizeof(capability)))
		return false;
	*ret_value = capability.capability;
	return true;
}

bool emu_show_domains(void)
{
	bool any = false;
	uint32_t value;

	for (uint32_t d = 0; d < sizeof(domains) / sizeof(*domains); d++) {
		if (!ask(d, ARCH_VER, &value)) {
			printf("  %-6s no answer: %s\n", domains[d], frpc_last_error());
			continue;
		}
		any = true;
		printf("  %-6s", domains[d]);
		for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); i++)
			if (ask(d, attributes[i].id, &value) && value) {
				printf("%s %s ", i ? "," : "", attributes[i].name);
				printf(attributes[i].format, value & 0xffffffu);
			}
		printf("\n");
	}
	return any;
}

static void show_nodes(struct frpc_emulator *emulator)
{
	for (size_t i = 0; emu_known_nodes[i]; i++) {
		int file = frpc_emulator_open(emulator, emu_known_nodes[i], O_RDONLY);

		if (file < 0)
			continue;
		printf("  %s\n", emu_known_nodes[i]);
		frpc_emulator_close(emulator, file);
	}
}

int emu_verb_info(int argc, char **argv)
{
	struct frpc_emulator *emulator;
	char text[256] = "";
	int option;

	while ((option = getopt(argc, argv, "m:")) != -1) {
		if (option != 'm')
			return EXIT_USAGE;
		setenv("FRPC_EMULATOR", optarg, 1);
	}
	if (optind < argc) {
		fprintf(stderr, "fastrpc-emu info: what is \"%s\"?\n", argv[optind]);
		return EXIT_USAGE;
	}
	setenv("FRPC_TRANSPORT", "emulator", 1);
	if (frpc_emulator_default(&emulator, text, sizeof(text))) {
		fprintf(stderr, "fastrpc-emu: no machine: %s\n", text);
		return 1;
	}
	printf("libfastrpc %s, emulated machine: %s\n", frpc_version(),
	       getenv("FRPC_EMULATOR") ? getenv("FRPC_EMULATOR") : "the default");
	printf("device nodes\n");
	show_nodes(emulator);
	printf("domains\n");
	emu_show_domains();
	frpc_emulator_free(emulator);
	return 0;
}
