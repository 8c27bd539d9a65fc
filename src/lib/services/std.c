/* SPDX-License-Identifier: BSD-3-Clause */
#include "std.h"

#include <errno.h>
#include <stdlib.h>

#include "AEEStdErr.h"
#include "args.h"
#include "directories.h"
#include "environment.h"
#include "files.h"
#include "whole_files.h"

int frpc_std_new(uint32_t domain, const char *data_dir, struct frpc_transport *transport,
		 struct frpc_std **ret_std)
{
	struct frpc_std *std = calloc(1, sizeof(*std));
	int res;

	if (!std)
		return -ENOMEM;
	std->roots = (struct frpc_roots){domain, data_dir};
	res = frpc_files_new(&std->files);
	if (!res)
		res = frpc_directories_new(&std->folders);
	if (!res)
		res = frpc_environment_new(&std->environment);
	if (!res)
		res = frpc_whole_files_new(transport, &std->whole_files);
	if (res) {
		frpc_std_free(std);
		return res;
	}
	*ret_std = std;
	return 0;
}

void frpc_std_free(struct frpc_std *std)
{
	if (!std)
		return;
	frpc_whole_files_free(std->whole_files);
	frpc_environment_free(std->environment);
	frpc_directories_free(std->folders);
	frpc_files_free(std->files);
	free(std);
}

void frpc_std_tried(struct frpc_std *std, char *text, size_t textlen)
{
	frpc_files_tried(std->files, text, textlen);
}

int frpc_std_code(int res)
{
	switch (res) {
	case 0:
		return AEE_SUCCESS;
	case -ENOENT:
		return AEE_ENOSUCHFILE;
	case -EPERM:
	case -EACCES:
	case -EROFS:
	case -EXDEV:
		return AEE_EBADPERMS;
	case -ENOMEM:
		return AEE_ENOMEMORY;
	default:
		return -res;
	}
}

/* Method 31 and above stand in the first word of the first buffer. */
static int method_of(const struct frpc_reverse_call *call, uint32_t *ret_method)
{
	*ret_method = FRPC_SC_METHOD(call->sc);
	if (*ret_method != 31)
		return AEE_SUCCESS;
	if (!FRPC_SC_INBUFS(call->sc) || call->args[0].buf.nLen < sizeof(*ret_method))
		return AEE_EBADPARM;
	*ret_method = frpc_args_u32(call, 0);
	return *ret_method < 31 ? AEE_EBADPARM : AEE_SUCCESS;
}

int frpc_std_call(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	uint32_t method;
	int res = method_of(call, &method);

	if (!res)
		res = frpc_files_call(std, method, call);
	if (res == AEE_EUNSUPPORTED)
		res = frpc_directories_call(std, method, call);
	if (res == AEE_EUNSUPPORTED)
		res = frpc_environment_call(std, method, call);
	if (res == AEE_EUNSUPPORTED)
		res = frpc_whole_files_call(std, method, call);
	return res;
}
