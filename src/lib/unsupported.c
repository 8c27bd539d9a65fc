/* SPDX-License-Identifier: BSD-3-Clause */
/* Functions that are declared but not built yet. docs/features.md lists them. */
#include "AEEStdErr.h"
#include "error.h"
#include "remote.h"

static int unsupported(const char *name)
{
	return frpc_fail(AEE_EUNSUPPORTED, FRPC_ORIGIN_LIBRARY, 0, "%s is not supported yet", name);
}

int remote_handle_invoke_async(remote_handle h, fastrpc_async_descriptor_t *desc,
			       uint32_t dwScalars, remote_arg *pra)
{
	(void)h, (void)desc, (void)dwScalars, (void)pra;
	return unsupported("remote_handle_invoke_async");
}

int remote_handle64_invoke_async(remote_handle64 h, fastrpc_async_descriptor_t *desc,
				 uint32_t dwScalars, remote_arg *pra)
{
	(void)h, (void)desc, (void)dwScalars, (void)pra;
	return unsupported("remote_handle64_invoke_async");
}

int fastrpc_async_get_status(fastrpc_async_jobid jobid, int timeout_us, int *result)
{
	(void)jobid, (void)timeout_us, (void)result;
	return unsupported("fastrpc_async_get_status");
}

int fastrpc_release_async_job(fastrpc_async_jobid jobid)
{
	(void)jobid;
	return unsupported("fastrpc_release_async_job");
}

int remote_set_mode(uint32_t mode)
{
	(void)mode;
	return unsupported("remote_set_mode");
}

int remote_system_request(system_req_payload *request)
{
	(void)request;
	return unsupported("remote_system_request");
}
