/* SPDX-License-Identifier: BSD-3-Clause */
#include "service.h"

#include <stdlib.h>
#include <string.h>

#define SC_REMOTECTL_OPEN 0x00020200u

int32_t emu_service_open(emu_reverse_call_fn *call, void *context, const char *service,
			 uint32_t *ret_handle)
{
	char *name = strdup(service), error[255];
	struct {
		uint32_t name_len, error_len;
	} in = {0, sizeof(error)};
	struct {
		uint32_t handle;
		int32_t error;
	} out = {0, 0};
	struct emu_reverse_buffer buffers[] = {
		{&in, sizeof(in)},
		{name, 0},
		{&out, sizeof(out)},
		{error, sizeof(error)},
	};
	int32_t res;

	if (!name)
		return EMU_DSP_ENOMEMORY;
	in.name_len = buffers[1].len = (uint32_t)strlen(name) + 1;
	res = call(context, FRPC_HANDLE_REMOTECTL, SC_REMOTECTL_OPEN, buffers);
	free(name);
	if (!res)
		res = out.error;
	if (!res)
		*ret_handle = out.handle;
	return res;
}
