/* SPDX-License-Identifier: BSD-3-Clause */
/* The entry points of remote.h for modules and control. They call inwards and do nothing else. */
#include "remote.h"

#include "async.h"
#include "control.h"
#include "module.h"
#include "system.h"

int remote_handle64_open(const char *name, remote_handle64 *ph)
{
	return frpc_module_open(name, true, ph);
}

int remote_handle64_invoke(remote_handle64 h, uint32_t dwScalars, remote_arg *pra)
{
	return frpc_module_invoke(h, true, dwScalars, pra);
}

int remote_handle64_close(remote_handle64 h)
{
	return frpc_module_close(h, true);
}

int remote_handle_open(const char *name, remote_handle *ph)
{
	uint64_t handle = 0;
	int res = frpc_module_open(name, false, ph ? &handle : NULL);

	if (!res)
		*ph = (remote_handle)handle;
	return res;
}

int remote_handle_invoke(remote_handle h, uint32_t dwScalars, remote_arg *pra)
{
	return frpc_module_invoke(h, false, dwScalars, pra);
}

int remote_handle_close(remote_handle h)
{
	return frpc_module_close(h, false);
}

int remote_handle_invoke_async(remote_handle h, fastrpc_async_descriptor_t *desc,
			       uint32_t dwScalars, remote_arg *pra)
{
	return frpc_module_invoke_async(h, false, desc, dwScalars, pra);
}

int remote_handle64_invoke_async(remote_handle64 h, fastrpc_async_descriptor_t *desc,
				 uint32_t dwScalars, remote_arg *pra)
{
	return frpc_module_invoke_async(h, true, desc, dwScalars, pra);
}

int fastrpc_async_get_status(fastrpc_async_jobid jobid, int timeout_us, int *result)
{
	return frpc_async_status(jobid, timeout_us, result);
}

int fastrpc_release_async_job(fastrpc_async_jobid jobid)
{
	return frpc_async_release(jobid);
}

int remote_handle_control(uint32_t req, void *data, uint32_t datalen)
{
	return frpc_control_dsp(req, data, datalen);
}

int remote_handle64_control(remote_handle64 h, uint32_t req, void *data, uint32_t datalen)
{
	return frpc_control_handle(h, req, data, datalen);
}

int remote_session_control(uint32_t req, void *data, uint32_t datalen)
{
	return frpc_control_session(req, data, datalen);
}

int fastrpc_get_cap(uint32_t domain, uint32_t attribute, uint32_t *capability)
{
	return frpc_control_capability(domain, attribute, capability);
}

int remote_system_request(system_req_payload *request)
{
	return frpc_system_request(request);
}
