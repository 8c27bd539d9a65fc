/* SPDX-License-Identifier: BSD-3-Clause */
/* What the lines of a .debugconfig file say about the processes of a program on the DSP. */
#ifndef FRPC_LIB_DEBUG_CONFIG_H
#define FRPC_LIB_DEBUG_CONFIG_H

#include <stdint.h>

/*
 * The process attributes (FRPC_PROC_ATTR_*) that the lines "key=value" of the .debugconfig file @file
 * ask for. Lines that are none, and keys without effect, are skipped with a warning for each, once in
 * the life of the process; '#' begins a comment.
 */
uint32_t frpc_debug_config_parse(const char *file, const char *text);

#endif
