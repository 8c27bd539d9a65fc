/* SPDX-License-Identifier: BSD-3-Clause */
/* doctor: goes down the road of a call on this machine and says where it ends, and what to do. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fastrpc.h"
#include "verbs.h"

static bool show_nodes(void)
{
	bool usable = false, any = false;

	printf("device nodes\n");
	for (size_t i = 0; emu_known_nodes[i]; i++) {
		int fd = open(emu_known_nodes[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC);

		if (fd < 0 && errno == ENOENT)
			continue;
		any = true;
		printf("  %-28s %s\n", emu_known_nodes[i], fd < 0 ? strerror(errno) : "opens");
		if (fd < 0)
			continue;
		usable = true;
		close(fd);
	}
	if (!any)
		printf("  none: no FastRPC driver has found a DSP. On a phone or board: is the "
		       "fastrpc module loaded,\n"
		       "  and does the device tree have a fastrpc node for a running DSP?\n");
	else if (!usable)
		printf("  none can be opened: the nodes' group or SELinux keeps you out\n");
	return usable;
}

static void show_heap(void)
{
	const char *heap = "/dev/dma_heap/system";
	int fd = open(heap, O_RDONLY | O_CLOEXEC);

	printf("shared memory\n  %s: %s\n", heap,
	       fd >= 0 ? "opens"
		       : (errno == ENOENT ? "not there; rpcmem takes the driver's allocator"
					  : strerror(errno)));
	if (fd >= 0)
		close(fd);
}

/* How many skels and shells @folder has. */
static void show_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned int skels = 0, shells = 0;
	struct dirent *entry;

	if (!dir) {
		printf("  %s: %s\n", folder, strerror(errno));
		return;
	}
	while ((entry = readdir(dir))) {
		skels += strstr(entry->d_name, "_skel.so") != NULL;
		shells += !strncmp(entry->d_name, "fastrpc_shell", 13);
	}
	closedir(dir);
	printf("  %s: %u skels, %u shells\n", folder, skels, shells);
}

static void show_libraries(void)
{
	const char *name = "DSP_LIBRARY_PATH", *path = getenv(name);
	char *copy, *rest = NULL;

	if (!path)
		path = getenv(name = "ADSP_LIBRARY_PATH");
	printf("DSP libraries\n");
	if (!path) {
		printf("  neither DSP_LIBRARY_PATH nor ADSP_LIBRARY_PATH is set: only the "
		       "system's folders are searched\n");
		return;
	}
	copy = strdup(path);
	for (char *folder = copy ? strtok_r(copy, ";", &rest) : NULL; folder;
	     folder = strtok_r(NULL, ";", &rest))
		show_folder(folder);
	free(copy);
}

int emu_verb_doctor(int argc, char **argv)
{
	const char *transport = getenv("FRPC_TRANSPORT");
	bool nodes, answers;

	if (argc > 1) {
		fprintf(stderr, "fastrpc-emu doctor: what is \"%s\"?\n", argv[1]);
		return EXIT_USAGE;
	}
	printf("libfastrpc %s, FRPC_TRANSPORT=%s\n", frpc_version(),
	       transport ? transport : "auto (not set)");
	nodes = show_nodes();
	show_heap();
	show_libraries();
	printf("domains, as this transport reaches them\n");
	answers = emu_show_domains();
	if (answers)
		printf("verdict: calls can be made\n");
	else if (nodes)
		printf("verdict: the nodes open, but no DSP answers: is its firmware running "
		       "(/sys/class/remoteproc/*/state)?\n");
	else
		printf("verdict: no DSP here. To run on the emulator: FRPC_TRANSPORT=emulator, or "
		       "fastrpc-emu run PROGRAM\n");
	return !answers;
}
