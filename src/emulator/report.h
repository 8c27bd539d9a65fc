/* SPDX-License-Identifier: BSD-3-Clause */
/* A readable account of the road that a machine's calls took. */
#ifndef EMU_REPORT_H
#define EMU_REPORT_H

#include "stats.h"

/* Appends to @file; "-" is standard error. A file that cannot be written is left alone. */
void emu_report_write(const char *file, const struct emu_stats *stats);

#endif
