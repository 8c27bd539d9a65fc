/* SPDX-License-Identifier: BSD-3-Clause */
/* apps_remotectl: gives the other services their numbers, and calls reach them by these. */
#include "services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#include "AEEStdErr.h"
#include "files.h"

#define HANDLE_REMOTECTL 0u
#define HANDLE_FILES	 1u

struct frpc_services {
	struct frpc_files *files;
};

int frpc_services_new(uint32_t domain, const char *data_dir, struct frpc_services **ret_services)
{
	struct frpc_services *services = calloc(1, sizeof(*services));
	int res;

	if (!services)
		return -ENOMEM;
	res = frpc_files_new(domain, data_dir, &services->files);
	if (res) {
		free(services);
		return res;
	}
	*ret_services = services;
	return 0;
}

void frpc_services_free(struct frpc_services *services)
{
	if (!services)
		return;
	frpc_files_free(services->files);
	free(services);
}

void frpc_services_tried(struct frpc_services *services, char *text, size_t textlen)
{
	frpc_files_tried(services->files, text, textlen);
}

/* open: the error goes beside the handle; the call itself succeeds. */
static int remotectl_open(const struct frpc_reverse_call *call)
{
	struct {
		uint32_t handle;
		int32_t error;
	} out = {0, AEE_ENOSUCHMOD};
	const remote_arg *args = call->args;

	if (FRPC_SC_INBUFS(call->sc) != 2 || FRPC_SC_OUTBUFS(call->sc) != 2 ||
	    args[2].buf.nLen < sizeof(out) || !args[1].buf.nLen)
		return AEE_EBADPARM;
	if (args[1].buf.nLen == sizeof("apps_std") &&
	    !memcmp(args[1].buf.pv, "apps_std", sizeof("apps_std"))) {
		out.handle = HANDLE_FILES;
		out.error = AEE_SUCCESS;
	}
	memcpy(args[2].buf.pv, &out, sizeof(out));
	return AEE_SUCCESS;
}

static int remotectl_close(const struct frpc_reverse_call *call)
{
	uint32_t handle;
	int32_t error = AEE_SUCCESS;

	if (FRPC_SC_INBUFS(call->sc) != 1 || FRPC_SC_OUTBUFS(call->sc) != 2 ||
	    call->args[0].buf.nLen < sizeof(handle) || call->args[1].buf.nLen < sizeof(error))
		return AEE_EBADPARM;
	memcpy(&handle, call->args[0].buf.pv, sizeof(handle));
	if (handle != HANDLE_FILES)
		error = AEE_EINVHANDLE;
	memcpy(call->args[1].buf.pv, &error, sizeof(error));
	return AEE_SUCCESS;
}

int frpc_services_call(struct frpc_services *services, struct frpc_reverse_call *call)
{
	switch (call->handle) {
	case HANDLE_REMOTECTL:
		switch (FRPC_SC_METHOD(call->sc)) {
		case 0:
			return remotectl_open(call);
		case 1:
			return remotectl_close(call);
		default:
			return AEE_EUNSUPPORTED;
		}
	case HANDLE_FILES:
		return frpc_files_call(services->files, call);
	default:
		return AEE_ENOSUCHMOD;
	}
}
