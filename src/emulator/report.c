/* SPDX-License-Identifier: BSD-3-Clause */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void line(FILE *out, const char *what, const _Atomic uint64_t *counter, const char *words)
{
	fprintf(out, "  %-28s %12" PRIu64 "  %s\n", what, atomic_load(counter), words);
}

void emu_report_write(const char *file, const struct emu_stats *stats)
{
	FILE *out = strcmp(file, "-") ? fopen(file, "ae") : stderr;

	if (!out)
		return;
	fprintf(out, "the road of these calls, as the emulated machine saw it\n");
	line(out, "device nodes opened", &stats->nodes_opened, "driver");
	line(out, "DSP processes created", &stats->processes_created, "driver -> root PD");
	line(out, "reverse calls", &stats->reverse_calls, "DSP -> library");
	line(out, "bytes of skel read", &stats->skel_bytes_read, "by reverse calls");
	line(out, "skels loaded", &stats->modules_loaded, "DSP process");
	line(out, "calls sent to the DSP", &stats->calls, "module and static handles");
	line(out, "calls into skels", &stats->module_calls, "engine");
	line(out, "bytes copied in", &stats->bytes_copied_in, "app -> driver memory");
	line(out, "bytes copied out", &stats->bytes_copied_out, "driver memory -> app");
	line(out, "bytes not copied", &stats->bytes_mapped, "passed in place (dma-buf)");
	if (out != stderr)
		fclose(out);
}
