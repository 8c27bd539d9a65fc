/* SPDX-License-Identifier: BSD-3-Clause */
/* apps_std: open files. A call gets the method's number; AEE_EUNSUPPORTED for those of others. */
#ifndef FRPC_LIB_SERVICES_FILES_H
#define FRPC_LIB_SERVICES_FILES_H

#include "std.h"

int frpc_files_new(struct frpc_files **ret_files);
void frpc_files_free(struct frpc_files *files);
int frpc_files_call(struct frpc_std *std, uint32_t method, const struct frpc_reverse_call *call);
void frpc_files_tried(struct frpc_files *files, char *text, size_t textlen);
/* Opens @name as fopen() does; the file's number goes to *@ret_number. */
int frpc_files_open(struct frpc_std *std, const char *name, const char *mode, int32_t *ret_number);
/* The descriptor of an open file, which has no number any more: the caller closes it. */
int frpc_files_take(struct frpc_files *files, int32_t number);

#endif
