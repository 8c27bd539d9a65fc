/* SPDX-License-Identifier: BSD-3-Clause */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "transport/transport.h"

const char *frpc_getenv(const char *name)
{
	/* secure_getenv() exists in glibc and musl, but not in bionic. */
	return getauxval(AT_SECURE) ? NULL : getenv(name);
}

#define CDSP 3u

static _Thread_local uint32_t default_domain = CDSP;

uint32_t frpc_default_domain(void)
{
	return default_domain;
}

uint32_t frpc_default_domain_swap(uint32_t domain)
{
	uint32_t before = default_domain;

	default_domain = domain;
	return before;
}

int frpc_effective_domain(int domain, uint32_t *ret_effective)
{
	if (domain == -1)
		domain = (int)frpc_default_domain();
	if (domain < 0 || (uint32_t)domain >= FRPC_EFFECTIVE || !frpc_domain_name(domain & 7))
		return -EINVAL;
	*ret_effective = (uint32_t)domain;
	return 0;
}

int frpc_domain_by_name(const char *name, uint64_t len, uint32_t *ret_domain)
{
	for (uint32_t domain = 0; domain < FRPC_DOMAINS; domain++) {
		const char *known = frpc_domain_name(domain);

		if (known && strlen(known) == len && !memcmp(known, name, len)) {
			*ret_domain = domain;
			return 0;
		}
	}
	return -EINVAL;
}
