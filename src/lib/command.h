/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Commands to the library: what is opened by a name that begins with ITRANSPORT_PREFIX is no module.
 * Daemons use them: COMMAND[&_dom=DOMAIN][&_session=N].
 *
 *   attachguestos, createstaticpd:rootpd    a session attached to the domain's root PD
 *   createstaticpd:sensorspd, :audiopd      the same with that PD
 *   attachuserpd                            a session with a process of its own
 *   geteventfd                              an event descriptor of the session that is open
 */
#ifndef FRPC_LIB_COMMAND_H
#define FRPC_LIB_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Carries out @command (without the prefix). *@ret_handle keeps the session open, is closed as a
 * module's is, and has no methods; geteventfd's is the descriptor itself, which stays the library's. An
 * AEE code, recorded: AEE_EUNSUPPORTED no such command or PD; AEE_EBADPARM a wrong domain;
 * AEE_EALREADYLOADED the session is of another kind; AEE_ENOSESSION geteventfd without one; or the open's.
 */
int frpc_command_open(const char *command, bool wide, uint64_t *ret_handle);

#endif
