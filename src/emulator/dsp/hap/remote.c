/* SPDX-License-Identifier: BSD-3-Clause */
/* remote_handle_* on the DSP: a skel calls the CPU. */
#define FASTRPC_SKEL 1

#include <stdlib.h>
#include <string.h>

#include "../service.h"
#include "AEEStdErr.h"
#include "hap.h"
#include "remote.h"

#define SC_REMOTECTL_CLOSE 0x01010200u
#define ERROR_TEXT	   255u

static int open_on_cpu(const char *name, uint32_t *ret_handle)
{
	struct emu_hap *hap = emu_hap_current();

	if (!hap || !name || strlen(name) >= UINT16_MAX)
		return AEE_EBADPARM;
	return emu_service_open(hap->config.host->reverse_call, hap->config.context, name,
				ret_handle);
}

static int invoke_on_cpu(uint32_t handle, uint32_t sc, const remote_arg *pra)
{
	struct emu_hap *hap = emu_hap_current();
	struct emu_reverse_buffer *buffers;
	uint32_t count = FRPC_SC_BUFS(sc);
	int res;

	if (!hap || FRPC_SC_INHANDLES(sc) || FRPC_SC_OUTHANDLES(sc) || (count && !pra))
		return AEE_EBADPARM;
	buffers = calloc(count ? count : 1, sizeof(*buffers));
	if (!buffers)
		return AEE_ENOMEMORY;
	for (uint32_t i = 0; i < count; i++) {
		const remote_buf buf = pra[i].buf; /* once: another thread may change it */

		if (buf.nLen > INT32_MAX || (buf.nLen && !buf.pv)) {
			free(buffers);
			return AEE_EBADPARM;
		}
		buffers[i] = (struct emu_reverse_buffer){buf.pv, (uint32_t)buf.nLen};
	}
	res = hap->config.host->reverse_call(hap->config.context, handle, sc, buffers);
	free(buffers);
	return res;
}

static int close_on_cpu(uint32_t handle)
{
	struct emu_hap *hap = emu_hap_current();
	char text[ERROR_TEXT];
	struct {
		uint32_t handle, text_len;
	} in = {handle, sizeof(text)};
	int32_t error = 0;
	const struct emu_reverse_buffer buffers[] = {
		{&in, sizeof(in)},
		{&error, sizeof(error)},
		{text, sizeof(text)},
	};
	int res;

	if (!hap)
		return AEE_EBADPARM;
	res = hap->config.host->reverse_call(hap->config.context, 0, SC_REMOTECTL_CLOSE, buffers);
	return res ? res : error;
}

int remote_handle_open(const char *name, remote_handle *ph)
{
	return ph ? open_on_cpu(name, ph) : (int)AEE_EBADPARM;
}

int remote_handle64_open(const char *name, remote_handle64 *ph)
{
	uint32_t handle = 0;
	int res = ph ? open_on_cpu(name, &handle) : (int)AEE_EBADPARM;

	if (!res)
		*ph = handle;
	return res;
}

int remote_handle_invoke(remote_handle h, uint32_t dwScalars, remote_arg *pra)
{
	return invoke_on_cpu(h, dwScalars, pra);
}

int remote_handle64_invoke(remote_handle64 h, uint32_t dwScalars, remote_arg *pra)
{
	return h > UINT32_MAX ? (int)AEE_EINVHANDLE : invoke_on_cpu((uint32_t)h, dwScalars, pra);
}

int remote_handle_close(remote_handle h)
{
	return close_on_cpu(h);
}

int remote_handle64_close(remote_handle64 h)
{
	return h > UINT32_MAX ? (int)AEE_EINVHANDLE : close_on_cpu((uint32_t)h);
}
