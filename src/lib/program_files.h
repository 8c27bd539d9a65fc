/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files that steer the DSP side of one program, found in the search path by the program's name:
 * NAME.farf (messages at run time) and NAME.debugconfig (how its DSP processes are created). They are
 * read when a session opens; a .farf file also when it changes (farf_watch.h).
 */
#ifndef FRPC_LIB_PROGRAM_FILES_H
#define FRPC_LIB_PROGRAM_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frpc_remote;

#define FRPC_FARF_FILES 64u
#define FRPC_FARF_BYTES 511u /* a device reads no more of a .farf file */

/* A .farf file taken apart: "0x1f001f,calculator_imp.c,other.c". */
struct frpc_farf {
	uint64_t mask; /* bits 0..31: the DSP's levels; 32..63: the CPU's */
	uint32_t count;
	char names[FRPC_FARF_FILES][64];
};

/* 0, or -EINVAL: no hexadecimal number at the beginning, too many names, or too long ones. */
int frpc_farf_parse(const char *text, struct frpc_farf *ret_farf);

/*
 * The process attributes that this program's .debugconfig file asks for (debug_config.h), if it has
 * one, and the bits of FASTRPC_PROCESS_ATTRS.
 */
uint32_t frpc_debug_attributes(uint32_t domain);

/* Applies this program's .farf file, if it has one: to the DSP process behind @remote, and here. */
void frpc_farf_send(struct frpc_remote *remote, uint32_t domain);
/* The same with what such a file says; NULL: it is no more, and neither are the messages. */
void frpc_farf_apply(struct frpc_remote *remote, uint32_t domain, const char *text);

/* What the file may be called; the first is "" where the program's name is not known. */
struct frpc_farf_names {
	char by_program[300], by_process[32];
};
void frpc_farf_names(struct frpc_farf_names *ret_names);
/* At most FRPC_FARF_BYTES and a NUL. False: it cannot be read. */
bool frpc_farf_read(const char *path, char *text);

#endif
