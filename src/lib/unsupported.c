/* SPDX-License-Identifier: BSD-3-Clause */
/* Functions that are declared but not built yet. docs/features.md lists them. */
#include "AEEStdErr.h"
#include "error.h"
#include "remote.h"

static int unsupported(const char *name)
{
	return frpc_fail(AEE_EUNSUPPORTED, FRPC_ORIGIN_LIBRARY, 0, "%s is not supported yet", name);
}

int remote_set_mode(uint32_t mode)
{
	(void)mode;
	return unsupported("remote_set_mode");
}
