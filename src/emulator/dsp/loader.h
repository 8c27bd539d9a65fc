/* SPDX-License-Identifier: BSD-3-Clause */
/* How a DSP process gets at a library: it asks the CPU for the file, piece by piece. */
#ifndef EMU_DSP_LOADER_H
#define EMU_DSP_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct emu_process;

/* What a name means: file and entry symbol. */
struct emu_module_name {
	char file[256];
	char symbol[256];
	bool with_handle; /* handle style: the entry takes the handle, methods 0 and 1 open and close */
};

/* 0, or -EINVAL: neither a plain name nor file:///FILE?SYMBOL[&KEY[=VALUE]]... */
int emu_module_name_parse(const char *text, struct emu_module_name *name);

/*
 * Fetches @file through apps_std into memory that the caller frees. A DSP error with @text;
 * *@std_handle keeps the reverse handle of apps_std between calls (0: not open yet).
 */
int32_t emu_loader_fetch(struct emu_process *process, const char *file, uint32_t *std_handle,
			 void **ret_image, size_t *ret_size, char *text, size_t textlen);

#endif
