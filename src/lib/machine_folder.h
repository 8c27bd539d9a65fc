/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the DSP libraries of this board lie, as its distribution says: files of /usr/share/qcom/conf.d
 * and /usr/share/hexagon-dsp/conf.d map the board's name (of the device tree, or MACHINE_NAME) to a
 * folder.
 */
#ifndef FRPC_LIB_MACHINE_FOLDER_H
#define FRPC_LIB_MACHINE_FOLDER_H

#include <stddef.h>

/* This board's folder, or NULL. Looked up once in the life of the process. */
const char *frpc_machine_folder(void);

/*
 * The same for the board @model and the files @base/conf.d/NAME.yaml or .yml, of which the last one in
 * the order of their names counts. 0; -ENOENT: none names it; -ENAMETOOLONG.
 */
int frpc_machine_folder_find(const char *base, const char *model, char *folder, size_t room);

#endif
