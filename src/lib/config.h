/* SPDX-License-Identifier: BSD-3-Clause */
/* The environment and the domains' names, as every part of the library reads them. */
#ifndef FRPC_LIB_CONFIG_H
#define FRPC_LIB_CONFIG_H

#include <stdint.h>

/* A variable of the environment, NULL in programs with raised privileges. Borrowed. */
const char *frpc_getenv(const char *name);

#define FRPC_SESSIONS  4u  /* per domain */
#define FRPC_EFFECTIVE 32u /* effective domain ids: domain + 8 * session */

/*
 * The domain meant where none is named: cdsp, except inside a call that came through a drop-in
 * library with another default. A property of the calling thread.
 */
uint32_t frpc_default_domain(void);
/* For the drop-in libraries: sets it and returns the one before. */
uint32_t frpc_default_domain_swap(uint32_t domain);

/* An API's domain argument as an effective domain id: -1 is the default. -EINVAL: none such. */
int frpc_effective_domain(int domain, uint32_t *ret_effective);
/* A domain by its name of @len characters ("cdsp"). -EINVAL. */
int frpc_domain_by_name(const char *name, uint64_t len, uint32_t *ret_domain);

#endif
