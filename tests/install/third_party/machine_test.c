/* SPDX-License-Identifier: BSD-3-Clause */
/* A third party's test that steers the machine its calls run on: pkg-config fastrpc-emulator. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <time.h>

#include <emulator.h>
#include <fastrpc.h>
#include <remote.h>

/* A process ends on the DSP a moment after its last handle is closed. */
static int all_processes_end(struct frpc_emulator *machine)
{
	const struct timespec pause = {.tv_nsec = 10000000};

	for (int i = 0; i < 1000; i++) {
		if (!frpc_emulator_processes(machine, CDSP_DOMAIN_ID))
			return 1;
		nanosleep(&pause, NULL);
	}
	return 0;
}

int main(void)
{
	struct frpc_emulator_counters before, after;
	struct frpc_emulator *machine;
	remote_handle64 h;
	char text[200] = "";

	if (frpc_emulator_default(&machine, text, sizeof(text))) {
		fprintf(stderr, "no machine: %s\n", text);
		return 1;
	}
	frpc_emulator_get_counters(machine, &before);
	if (remote_handle64_open(
		    "file:///libplain_skel.so?plain_skel_handle_invoke&_modver=1.0&_dom=cdsp",
		    &h) ||
	    frpc_emulator_processes(machine, CDSP_DOMAIN_ID) != 1 || remote_handle64_close(h) ||
	    !all_processes_end(machine)) {
		fprintf(stderr, "%s\n", frpc_last_error());
		return 1;
	}
	frpc_emulator_get_counters(machine, &after);
	printf("%llu processes, %llu bytes of skel\n",
	       (unsigned long long)(after.processes_created - before.processes_created),
	       (unsigned long long)(after.skel_bytes_read - before.skel_bytes_read));
	frpc_emulator_free(machine);
	return after.processes_created != before.processes_created + 1 ||
	       after.skel_bytes_read == before.skel_bytes_read;
}
