/* SPDX-License-Identifier: BSD-3-Clause */
/* apps_std: files of the search path, for reading. */
#ifndef FRPC_LIB_SERVICES_FILES_H
#define FRPC_LIB_SERVICES_FILES_H

#include "services.h"

struct frpc_files;

int frpc_files_new(uint32_t domain, const char *data_dir, struct frpc_files **ret_files);
void frpc_files_free(struct frpc_files *files);
int frpc_files_call(struct frpc_files *files, struct frpc_reverse_call *call);
void frpc_files_tried(struct frpc_files *files, char *text, size_t textlen);

#endif
