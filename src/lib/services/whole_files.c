/* SPDX-License-Identifier: BSD-3-Clause */
#include "whole_files.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../buffer.h"
#include "../memory.h"
#include "AEEStdErr.h"
#include "args.h"
#include "files.h"

#define MOST_BYTES (UINT64_C(256) << 20) /* of one DSP process at a time */

struct whole {
	struct whole *next;
	struct frpc_buffer buffer;
};

struct frpc_whole_files {
	struct frpc_transport *transport;
	struct whole *first;
	uint64_t bytes;
};

int frpc_whole_files_new(struct frpc_transport *transport, struct frpc_whole_files **ret_files)
{
	struct frpc_whole_files *files = calloc(1, sizeof(*files));

	if (!files)
		return -ENOMEM;
	files->transport = transport;
	*ret_files = files;
	return 0;
}

static void forget(struct frpc_whole_files *files, struct whole *whole)
{
	struct frpc_buffer_info info;

	frpc_memory_remove(whole->buffer.bytes, 0, &info);
	files->bytes -= whole->buffer.size;
	frpc_buffer_free(&whole->buffer);
	free(whole);
}

void frpc_whole_files_free(struct frpc_whole_files *files)
{
	struct whole *whole;

	if (!files)
		return;
	while ((whole = files->first)) {
		files->first = whole->next;
		forget(files, whole);
	}
	free(files);
}

bool frpc_whole_files_mode(const char *mode)
{
	return *mode == 'r' && !strchr(mode, '+');
}

static int read_all(int fd, unsigned char *bytes, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t done = pread(fd, bytes + got, len - got, (off_t)got);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return AEE_EFREAD; /* shorter than it was a moment ago: not the whole file */
		got += (size_t)done;
	}
	return AEE_SUCCESS;
}

/* The DSP may map what is registered, and nothing else. */
static int fill(struct frpc_whole_files *files, struct whole *whole, int fd, uint64_t length)
{
	int res;

	if (length > MOST_BYTES - files->bytes ||
	    frpc_buffer_alloc(files->transport, length, &whole->buffer))
		return AEE_ENORPCMEMORY;
	res = read_all(fd, whole->buffer.bytes, (size_t)length);
	if (!res && frpc_memory_add(whole->buffer.bytes, whole->buffer.size, whole->buffer.fd,
				    FRPC_MEMORY_OWN))
		res = AEE_ENORPCMEMORY;
	if (res) {
		frpc_buffer_free(&whole->buffer);
		return res;
	}
	files->bytes += whole->buffer.size;
	whole->next = files->first;
	files->first = whole;
	return AEE_SUCCESS;
}

int frpc_whole_files_load(struct frpc_std *std, int32_t number, int32_t ret_out[2])
{
	struct whole *whole = calloc(1, sizeof(*whole));
	int fd = frpc_files_take(std->files, number), res;
	struct stat st;

	if (!whole)
		res = AEE_ENORPCMEMORY;
	else if (fstat(fd, &st) || st.st_size <= 0 || st.st_size > INT32_MAX)
		res = AEE_EBADSIZE; /* no memory has no bytes */
	else
		res = fill(std->whole_files, whole, fd, (uint64_t)st.st_size);
	close(fd);
	if (res) {
		free(whole);
		return res;
	}
	ret_out[0] = whole->buffer.fd;
	ret_out[1] = (int32_t)st.st_size;
	return AEE_SUCCESS;
}

static int call_fopen_fd(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	const char *name = frpc_args_string(call, 1), *mode = frpc_args_string(call, 2);
	int32_t number, out[2];
	int res;

	if (!frpc_args_shape(call, 3, 1, 12, 8) || !name || !mode || !frpc_whole_files_mode(mode))
		return AEE_EBADPARM;
	res = frpc_files_open(std, name, mode, &number);
	if (!res)
		res = frpc_whole_files_load(std, number, out);
	if (!res)
		frpc_args_put(call, 0, out, sizeof(out));
	return res;
}

static int call_fclose_fd(struct frpc_whole_files *files, const struct frpc_reverse_call *call)
{
	struct whole **at = &files->first, *whole;

	if (!frpc_args_shape(call, 1, 0, 8, 0))
		return AEE_EBADPARM;
	while (*at && (uint32_t)(*at)->buffer.fd != frpc_args_u32(call, 4))
		at = &(*at)->next;
	whole = *at;
	if (!whole)
		return AEE_EBADFD;
	*at = whole->next;
	forget(files, whole);
	return AEE_SUCCESS;
}

int frpc_whole_files_call(struct frpc_std *std, uint32_t method,
			  const struct frpc_reverse_call *call)
{
	switch (method) {
	case 34:
		return call_fopen_fd(std, call);
	case 35:
		return call_fclose_fd(std->whole_files, call);
	default:
		return AEE_EUNSUPPORTED;
	}
}
