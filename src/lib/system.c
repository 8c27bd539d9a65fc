/* SPDX-License-Identifier: BSD-3-Clause */
#include "system.h"

#include <stdio.h>
#include <string.h>

#include "AEEStdErr.h"
#include "control.h"
#include "error.h"
#include "transport/transport.h"

#define TYPE_MASK UINT64_C(0x1f)

/* By domain. What the types leave out is told only to who asks for all. */
static const int32_t types[FRPC_DOMAINS] = {LPASS, MODEM, SDSP, NSP, NSP, ALL_DOMAINS, ALL_DOMAINS};

static int bad(const char *why)
{
	return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0, "remote_system_request: %s", why);
}

static void describe(uint32_t domain, fastrpc_domain *entry)
{
	memset(entry, 0, sizeof(*entry));
	entry->id = (int32_t)domain;
	snprintf(entry->name, sizeof(entry->name), "%s", frpc_domain_name(domain));
	entry->type = types[domain];
	entry->status = 1; /* its node can be opened */
}

/* As many as there is room for, and how many there are. */
static int list_domains(fastrpc_domains_info *info)
{
	uint64_t type = info->flags & TYPE_MASK;
	int32_t found = 0;

	if (info->flags & ~TYPE_MASK || type > HPASS)
		return bad("unknown flags");
	if (info->max_domains < 0 || (info->max_domains && !info->domains))
		return bad("domains is NULL or max_domains negative");
	for (uint32_t domain = 0; domain < FRPC_DOMAINS; domain++) {
		uint32_t there = 0;
		int res;

		if (!frpc_domain_name(domain) ||
		    (type != ALL_DOMAINS && types[domain] != (int32_t)type))
			continue;
		res = frpc_control_capability(domain, DOMAIN_SUPPORT, &there);
		if (res)
			return res;
		if (!there)
			continue;
		if (found < info->max_domains)
			describe(domain, &info->domains[found]);
		found++;
	}
	info->num_domains = found;
	return AEE_SUCCESS;
}

int frpc_system_request(system_req_payload *request)
{
	if (!request)
		return bad("the request is NULL");
	if (request->id != FASTRPC_GET_DOMAINS)
		return frpc_fail(AEE_EUNSUPPORTED, FRPC_ORIGIN_LIBRARY, 0,
				 "remote_system_request: request %d is not supported", request->id);
	return list_domains(&request->sys);
}
