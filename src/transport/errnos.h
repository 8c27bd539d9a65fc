/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of the errno values that FastRPC drivers answer with. */
#ifndef FRPC_TRANSPORT_ERRNOS_H
#define FRPC_TRANSPORT_ERRNOS_H

/* "EPIPE" for 32, or NULL. */
const char *frpc_errno_name(int error);
/* 32 for "EPIPE", or 0: no such name. */
int frpc_errno_number(const char *name);

#endif
