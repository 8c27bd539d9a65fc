/* SPDX-License-Identifier: BSD-3-Clause */
/* What a fuzzer's inputs reached: counted by name, printed when it ends. */
#ifndef FUZZ_REACHED_H
#define FUZZ_REACHED_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reached {
	const char *name;
	unsigned long count;
};

static struct reached reached_names[96];
static size_t reached_count;

static void reached_print(void)
{
	fprintf(stderr, "reached:\n");
	for (size_t i = 0; i < reached_count; i++)
		fprintf(stderr, "reached %-44s %lu\n", reached_names[i].name,
			reached_names[i].count);
}

/* @name must be static. */
static inline void reached(const char *name)
{
	if (!reached_count)
		atexit(reached_print);
	for (size_t i = 0; i < reached_count; i++)
		if (reached_names[i].name == name || !strcmp(reached_names[i].name, name)) {
			reached_names[i].count++;
			return;
		}
	if (reached_count < sizeof(reached_names) / sizeof(*reached_names))
		reached_names[reached_count++] = (struct reached){name, 1};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
