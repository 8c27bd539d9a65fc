/* SPDX-License-Identifier: BSD-3-Clause */
#include "files.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fastrpc/abi/smq.h>

#include "../config.h"
#include "../path.h"
#include "AEEStdErr.h"

#define MOST_FILES 64u
#define FIRST_FILE 100 /* numbers begin where the incumbent's do */

struct open_file {
	int fd; /* -1: free */
	bool eof;
};

struct frpc_files {
	uint32_t domain;
	const char *data_dir;
	struct open_file files[MOST_FILES];
	pthread_mutex_t lock; /* tried */
	char tried[1024];
};

int frpc_files_new(uint32_t domain, const char *data_dir, struct frpc_files **ret_files)
{
	struct frpc_files *files = calloc(1, sizeof(*files));

	if (!files)
		return -ENOMEM;
	files->domain = domain;
	files->data_dir = data_dir;
	for (uint32_t i = 0; i < MOST_FILES; i++)
		files->files[i].fd = -1;
	pthread_mutex_init(&files->lock, NULL);
	*ret_files = files;
	return 0;
}

void frpc_files_free(struct frpc_files *files)
{
	if (!files)
		return;
	for (uint32_t i = 0; i < MOST_FILES; i++)
		if (files->files[i].fd >= 0)
			close(files->files[i].fd);
	pthread_mutex_destroy(&files->lock);
	free(files);
}

void frpc_files_tried(struct frpc_files *files, char *text, size_t textlen)
{
	pthread_mutex_lock(&files->lock);
	snprintf(text, textlen, "%s", files->tried);
	pthread_mutex_unlock(&files->lock);
}

/* In buffer @index as a string that ends where it says, or NULL. */
static const char *string_of(const struct frpc_reverse_call *call, uint32_t index)
{
	const remote_buf *buffer = &call->args[index].buf;
	const char *text = buffer->pv;

	if (!buffer->nLen || text[buffer->nLen - 1])
		return NULL;
	return text;
}

static bool shape(const struct frpc_reverse_call *call, uint32_t ins, uint32_t outs, size_t prim_in,
		  size_t prim_out)
{
	return FRPC_SC_INBUFS(call->sc) == ins && FRPC_SC_OUTBUFS(call->sc) == outs &&
	       (!ins || call->args[0].buf.nLen >= prim_in) &&
	       (!outs || call->args[ins].buf.nLen >= prim_out);
}

static struct open_file *file_of(struct frpc_files *files, const struct frpc_reverse_call *call)
{
	int32_t number;

	memcpy(&number, call->args[0].buf.pv, sizeof(number));
	if (number < FIRST_FILE || number >= FIRST_FILE + (int32_t)MOST_FILES ||
	    files->files[number - FIRST_FILE].fd < 0)
		return NULL;
	return &files->files[number - FIRST_FILE];
}

static int open_name(struct frpc_files *files, const char *name, const char *mode, void *ret_number)
{
	char tried[sizeof(files->tried)];
	int32_t number;
	uint32_t slot = 0;
	int fd, res;

	/* Reading only: what the DSP may write is for the app to allow, and it cannot yet. */
	if (mode[0] != 'r' || strchr(mode, '+'))
		return AEE_EBADPERMS;
	while (slot < MOST_FILES && files->files[slot].fd >= 0)
		slot++;
	if (slot == MOST_FILES)
		return AEE_EFOPEN;
	res = frpc_path_open(files->domain, name, files->data_dir, &fd, tried, sizeof(tried));
	if (res) {
		pthread_mutex_lock(&files->lock);
		memcpy(files->tried, tried, sizeof(tried));
		pthread_mutex_unlock(&files->lock);
		return res == -ENOENT ? AEE_ENOSUCHFILE : -res;
	}
	files->files[slot] = (struct open_file){.fd = fd};
	number = FIRST_FILE + (int32_t)slot;
	memcpy(ret_number, &number, sizeof(number));
	return AEE_SUCCESS;
}

static int call_fopen(struct frpc_files *files, const struct frpc_reverse_call *call)
{
	if (!shape(call, 3, 1, 8, 4) || !string_of(call, 1) || !string_of(call, 2))
		return AEE_EBADPARM;
	return open_name(files, string_of(call, 1), string_of(call, 2), call->args[3].buf.pv);
}

static int call_fopen_with_env(struct frpc_files *files, const struct frpc_reverse_call *call)
{
	const char *env = string_of(call, 1);

	if (!shape(call, 5, 1, 16, 4) || !env || !string_of(call, 2) || !string_of(call, 3) ||
	    !string_of(call, 4))
		return AEE_EBADPARM;
	if (strncmp(env, "ADSP_LIBRARY_PATH", 17) && strncmp(env, "DSP_LIBRARY_PATH", 16))
		return AEE_ENOSUCHFILE; /* no other list of folders is known */
	return open_name(files, string_of(call, 3), string_of(call, 4), call->args[5].buf.pv);
}

static int call_fclose(struct frpc_files *files, const struct frpc_reverse_call *call)
{
	struct open_file *file;

	if (!shape(call, 1, 0, 4, 0))
		return AEE_EBADPARM;
	file = file_of(files, call);
	if (!file)
		return AEE_EBADFD;
	close(file->fd);
	file->fd = -1;
	return AEE_SUCCESS;
}

static int call_fread(struct frpc_files *files, const struct frpc_reverse_call *call)
{
	int32_t out[2] = {0, 0};
	struct open_file *file;
	size_t want, got = 0;

	if (!shape(call, 1, 2, 8, 8))
		return AEE_EBADPARM;
	file = file_of(files, call);
	if (!file)
		return AEE_EBADFD;
	want = call->args[2].buf.nLen;
	while (got < want) {
		ssize_t done = read(file->fd, (char *)call->args[2].buf.pv + got, want - got);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return errno;
		if (!done)
			break;
		got += (size_t)done;
	}
	file->eof = got < want;
	out[0] = (int32_t)got;
	out[1] = file->eof;
	memcpy(call->args[1].buf.pv, out, sizeof(out));
	return AEE_SUCCESS;
}

static int call_ftell(struct frpc_files *files, const struct frpc_reverse_call *call)
{
	struct open_file *file;
	int32_t position;
	off_t at;

	if (!shape(call, 1, 1, 4, 4))
		return AEE_EBADPARM;
	file = file_of(files, call);
	if (!file)
		return AEE_EBADFD;
	at = lseek(file->fd, 0, SEEK_CUR);
	if (at < 0 || at > INT32_MAX)
		return AEE_EFTELL;
	position = (int32_t)at;
	memcpy(call->args[1].buf.pv, &position, sizeof(position));
	return AEE_SUCCESS;
}

static int call_fseek(struct frpc_files *files, const struct frpc_reverse_call *call, bool rewinds)
{
	static const int whence[] = {SEEK_SET, SEEK_CUR, SEEK_END};
	int32_t in[3] = {0};
	struct open_file *file;

	if (!shape(call, 1, 0, rewinds ? 4 : 12, 0))
		return AEE_EBADPARM;
	memcpy(in, call->args[0].buf.pv, rewinds ? 4 : 12);
	if (in[2] < 0 || in[2] > 2)
		return AEE_EBADPARM;
	file = file_of(files, call);
	if (!file)
		return AEE_EBADFD;
	file->eof = false;
	return lseek(file->fd, in[1], whence[in[2]]) < 0 ? AEE_EFSEEK : AEE_SUCCESS;
}

static int call_flen(struct frpc_files *files, const struct frpc_reverse_call *call)
{
	struct open_file *file;
	uint64_t length;
	struct stat st;

	if (!shape(call, 1, 1, 4, 8))
		return AEE_EBADPARM;
	file = file_of(files, call);
	if (!file)
		return AEE_EBADFD;
	if (fstat(file->fd, &st))
		return AEE_EFLEN;
	length = (uint64_t)st.st_size;
	memcpy(call->args[1].buf.pv, &length, sizeof(length));
	return AEE_SUCCESS;
}

static int call_feof(struct frpc_files *files, const struct frpc_reverse_call *call)
{
	struct open_file *file;
	int32_t eof;

	if (!shape(call, 1, 1, 4, 4))
		return AEE_EBADPARM;
	file = file_of(files, call);
	if (!file)
		return AEE_EBADFD;
	eof = file->eof;
	memcpy(call->args[1].buf.pv, &eof, sizeof(eof));
	return AEE_SUCCESS;
}

/* Only what concerns DSP libraries: an app's environment is its own. */
static int call_getenv(const struct frpc_reverse_call *call)
{
	const char *name = string_of(call, 1), *value;
	size_t room, len;
	int32_t needed;

	if (!shape(call, 2, 2, 8, 4) || !name)
		return AEE_EBADPARM;
	if (strcmp(name, "ADSP_LIBRARY_PATH") && strcmp(name, "DSP_LIBRARY_PATH"))
		return AEE_EGETENV;
	value = frpc_getenv(name);
	if (!value)
		return AEE_EGETENV;
	len = strlen(value) + 1;
	needed = (int32_t)len;
	memcpy(call->args[2].buf.pv, &needed, sizeof(needed));
	room = call->args[3].buf.nLen;
	if (room)
		memcpy(call->args[3].buf.pv, value, len < room ? len : room);
	return AEE_SUCCESS;
}

static int call_file_exists(struct frpc_files *files, const struct frpc_reverse_call *call)
{
	const char *name = string_of(call, 1);
	unsigned char exists;
	int fd;

	if (!shape(call, 2, 1, 4, 1) || !name)
		return AEE_EBADPARM;
	exists = !frpc_path_open(files->domain, name, files->data_dir, &fd, NULL, 0);
	if (exists)
		close(fd);
	memcpy(call->args[2].buf.pv, &exists, sizeof(exists));
	return AEE_SUCCESS;
}

/* The stat record of the wire: 96 bytes. */
struct wire_stat {
	uint64_t tsz, dev, ino;
	uint32_t mode, nlink;
	uint64_t rdev, size;
	int64_t atime, atimensec, mtime, mtimensec, ctime, ctimensec;
};

_Static_assert(sizeof(struct wire_stat) == 96, "stat record of apps_std");

static int call_stat(struct frpc_files *files, const struct frpc_reverse_call *call)
{
	const char *name = string_of(call, 1);
	struct wire_stat wire;
	struct stat st;
	int fd, res;

	if (!shape(call, 2, 1, 8, sizeof(wire)) || !name)
		return AEE_EBADPARM;
	res = frpc_path_open(files->domain, name, files->data_dir, &fd, NULL, 0);
	if (res)
		return res == -ENOENT ? AEE_ENOSUCHFILE : -res;
	res = fstat(fd, &st);
	close(fd);
	if (res)
		return AEE_EFAILED;
	wire = (struct wire_stat){
		.tsz = sizeof(wire),
		.dev = st.st_dev,
		.ino = st.st_ino,
		.mode = st.st_mode,
		.nlink = (uint32_t)st.st_nlink,
		.rdev = st.st_rdev,
		.size = (uint64_t)st.st_size,
		.atime = st.st_atim.tv_sec,
		.atimensec = st.st_atim.tv_nsec,
		.mtime = st.st_mtim.tv_sec,
		.mtimensec = st.st_mtim.tv_nsec,
		.ctime = st.st_ctim.tv_sec,
		.ctimensec = st.st_ctim.tv_nsec,
	};
	memcpy(call->args[2].buf.pv, &wire, sizeof(wire));
	return AEE_SUCCESS;
}

/* Method 31 and above stand in the first word of the first buffer. */
static uint32_t method_of(const struct frpc_reverse_call *call)
{
	uint32_t method = FRPC_SC_METHOD(call->sc);

	if (method == 31 && FRPC_SC_INBUFS(call->sc) && call->args[0].buf.nLen >= sizeof(method))
		memcpy(&method, call->args[0].buf.pv, sizeof(method));
	return method;
}

int frpc_files_call(struct frpc_files *files, struct frpc_reverse_call *call)
{
	switch (method_of(call)) {
	case 0:
		return call_fopen(files, call);
	case 3:
		return call_fclose(files, call);
	case 4:
		return call_fread(files, call);
	case 8:
		return call_ftell(files, call);
	case 9:
		return call_fseek(files, call, false);
	case 10:
		return call_flen(files, call);
	case 11:
		return call_fseek(files, call, true);
	case 12:
		return call_feof(files, call);
	case 16:
		return call_getenv(call);
	case 19:
		return call_fopen_with_env(files, call);
	case 22:
		return call_file_exists(files, call);
	case 31:
		return call_stat(files, call);
	default: /* writing, folders, whole-file fds: docs/features.md */
		return AEE_EUNSUPPORTED;
	}
}
