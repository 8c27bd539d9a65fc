/* SPDX-License-Identifier: BSD-3-Clause */
/* The DSP domains by id: supported_domains[id].uri is what a module's URI ends with. */
#ifndef FASTRPC_DOMAIN_H
#define FASTRPC_DOMAIN_H

#include <stddef.h>

#include "remote.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
__attribute__((unused))
#endif
static domain_t supported_domains[] = {
	{ADSP_DOMAIN_ID, ADSP_DOMAIN},	 {MDSP_DOMAIN_ID, MDSP_DOMAIN},
	{SDSP_DOMAIN_ID, SDSP_DOMAIN},	 {CDSP_DOMAIN_ID, CDSP_DOMAIN},
	{CDSP1_DOMAIN_ID, CDSP1_DOMAIN},
};

/* The entry of @id in supported_domains, or NULL. */
static inline domain_t *get_domain(int id)
{
	int count = (int)(sizeof(supported_domains) / sizeof(supported_domains[0]));

	return id >= 0 && id < count ? &supported_domains[id] : NULL;
}

#ifdef __cplusplus
}
#endif

#endif
