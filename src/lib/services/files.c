/* SPDX-License-Identifier: BSD-3-Clause */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../log.h"
#include "AEEStdErr.h"
#include "args.h"
#include "transport/transport.h"

#define MOST_FILES 64u
#define FIRST_FILE 100 /* numbers begin where the incumbent's do */

struct open_file {
	int fd; /* -1: free */
	bool eof, failed;
};

struct frpc_files {
	struct open_file files[MOST_FILES];
	pthread_mutex_t lock; /* tried */
	char tried[1024];
};

int frpc_files_new(struct frpc_files **ret_files)
{
	struct frpc_files *files = calloc(1, sizeof(*files));

	if (!files)
		return -ENOMEM;
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

/* The file whose number is the word at @offset of the first buffer, or NULL. */
static struct open_file *file_of(struct frpc_files *files, const struct frpc_reverse_call *call,
				 size_t offset)
{
	int32_t number = (int32_t)frpc_args_u32(call, offset);

	if (number < FIRST_FILE || number >= FIRST_FILE + (int32_t)MOST_FILES ||
	    files->files[number - FIRST_FILE].fd < 0)
		return NULL;
	return &files->files[number - FIRST_FILE];
}

/* fopen()'s mode as open(2)'s flags. False: no such mode. */
static bool parse_mode(const char *mode, int *ret_flags)
{
	bool plus = strchr(mode, '+') != NULL;

	for (const char *at = mode + (*mode != 0); *at; at++)
		if (!strchr("b+te", *at))
			return false;
	switch (*mode) {
	case 'r':
		*ret_flags = plus ? O_RDWR : O_RDONLY;
		return true;
	case 'w':
		*ret_flags = (plus ? O_RDWR : O_WRONLY) | O_CREAT | O_TRUNC;
		return true;
	case 'a':
		*ret_flags = (plus ? O_RDWR : O_WRONLY) | O_CREAT | O_APPEND;
		return true;
	default:
		return false;
	}
}

static int open_fd(struct frpc_std *std, const char *name, const char *mode, int *ret_fd)
{
	struct frpc_files *files = std->files;
	char tried[sizeof(files->tried)];
	int flags, fd, res;

	if (!parse_mode(mode, &flags))
		return AEE_EBADPARM;
	res = frpc_roots_open(&std->roots, name,
			      flags == O_RDONLY ? FRPC_ROOTS_READ : FRPC_ROOTS_WRITE, flags, &fd,
			      tried, sizeof(tried));
	if (res) {
		pthread_mutex_lock(&files->lock);
		memcpy(files->tried, tried, sizeof(tried));
		pthread_mutex_unlock(&files->lock);
		return frpc_std_code(res);
	}
	*ret_fd = fd;
	return AEE_SUCCESS;
}

int frpc_files_open(struct frpc_std *std, const char *name, const char *mode, int32_t *ret_number)
{
	struct frpc_files *files = std->files;
	uint32_t slot = 0;
	int fd = -1, res;

	while (slot < MOST_FILES && files->files[slot].fd >= 0)
		slot++;
	if (slot == MOST_FILES)
		return AEE_EFOPEN;
	res = open_fd(std, name, mode, &fd);
	if (res)
		return res;
	files->files[slot] = (struct open_file){.fd = fd};
	*ret_number = FIRST_FILE + (int32_t)slot;
	return AEE_SUCCESS;
}

int frpc_files_take(struct frpc_files *files, int32_t number)
{
	int fd = files->files[number - FIRST_FILE].fd;

	files->files[number - FIRST_FILE].fd = -1;
	return fd;
}

static int call_fopen(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	int32_t number;
	int res;

	if (!frpc_args_shape(call, 3, 1, 8, 4) || !frpc_args_string(call, 1) ||
	    !frpc_args_string(call, 2))
		return AEE_EBADPARM;
	res = frpc_files_open(std, frpc_args_string(call, 1), frpc_args_string(call, 2), &number);
	if (!res)
		frpc_args_put(call, 0, &number, sizeof(number));
	return res;
}

/* The number stays, the file behind it is another one. As with freopen() the old one is closed anyway. */
static int call_freopen(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	struct open_file *file;
	uint32_t number;
	int fd = -1, res;

	if (!frpc_args_shape(call, 3, 1, 12, 4) || !frpc_args_string(call, 1) ||
	    !frpc_args_string(call, 2))
		return AEE_EBADPARM;
	file = file_of(std->files, call, 0);
	if (!file)
		return AEE_EBADFD;
	number = frpc_args_u32(call, 0);
	close(file->fd);
	file->fd = -1;
	res = open_fd(std, frpc_args_string(call, 1), frpc_args_string(call, 2), &fd);
	if (res)
		return res;
	*file = (struct open_file){.fd = fd};
	frpc_args_put(call, 0, &number, sizeof(number));
	return AEE_SUCCESS;
}

static int call_fclose(struct open_file *file, const struct frpc_reverse_call *call)
{
	int res;

	(void)call;
	res = close(file->fd) && errno != EINTR ? AEE_EFCLOSE : AEE_SUCCESS;
	file->fd = -1;
	return res;
}

/* Nothing is held back here: what was written is with the system. */
static int call_fflush(struct open_file *file, const struct frpc_reverse_call *call)
{
	(void)file, (void)call;
	return AEE_SUCCESS;
}

static int call_fsync(struct open_file *file, const struct frpc_reverse_call *call)
{
	(void)call;
	/* A file opened for reading may lie where nothing can be synced. */
	return fsync(file->fd) && errno != EINVAL && errno != EROFS ? AEE_EFFLUSH : AEE_SUCCESS;
}

static int call_fread(struct open_file *file, const struct frpc_reverse_call *call)
{
	size_t want = call->args[2].buf.nLen, got = 0;
	int32_t out[2] = {0, 0};

	while (got < want) {
		ssize_t done = read(file->fd, (char *)call->args[2].buf.pv + got, want - got);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0) {
			file->failed = true;
			return AEE_EFREAD;
		}
		if (!done)
			break;
		got += (size_t)done;
	}
	file->eof = got < want;
	out[0] = (int32_t)got;
	out[1] = file->eof;
	frpc_args_put(call, 0, out, sizeof(out));
	return AEE_SUCCESS;
}

static int call_fwrite(struct open_file *file, const struct frpc_reverse_call *call)
{
	size_t want = call->args[1].buf.nLen, put = 0;
	int32_t out[2] = {0, 0};

	while (put < want) {
		ssize_t done =
			write(file->fd, (const char *)call->args[1].buf.pv + put, want - put);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			file->failed = true;
			return AEE_EFWRITE;
		}
		put += (size_t)done;
	}
	out[0] = (int32_t)put;
	frpc_args_put(call, 0, out, sizeof(out));
	return AEE_SUCCESS;
}

/* One line with its end, as far as it fits with a NUL behind it. */
static int call_fgets(struct open_file *file, const struct frpc_reverse_call *call)
{
	size_t room = call->args[2].buf.nLen;
	char *text = call->args[2].buf.pv;
	int32_t eof = 0;
	off_t begin = lseek(file->fd, 0, SEEK_CUR);
	ssize_t got;
	char *end;

	if (!room)
		return AEE_EBADPARM;
	do
		got = pread(file->fd, text, room - 1, begin);
	while (got < 0 && errno == EINTR);
	if (begin < 0 || got < 0) {
		file->failed = true;
		return AEE_EFGETS;
	}
	end = memchr(text, '\n', (size_t)got);
	if (end)
		got = end - text + 1;
	memset(text + got, 0, room - (size_t)got);
	if (lseek(file->fd, begin + got, SEEK_SET) < 0)
		return AEE_EFGETS;
	eof = !got && room > 1;
	file->eof = eof;
	frpc_args_put(call, 0, &eof, sizeof(eof));
	return AEE_SUCCESS;
}

/* A position on the wire: 8 bytes, of which the caller gets what it has room for. */
static int call_fgetpos(struct open_file *file, const struct frpc_reverse_call *call)
{
	off_t at = lseek(file->fd, 0, SEEK_CUR);
	size_t room = call->args[2].buf.nLen;
	int64_t position = at;
	int32_t needed = sizeof(position);

	if (at < 0)
		return AEE_EFGETPOS;
	frpc_args_put(call, 0, &needed, sizeof(needed));
	if (room)
		memcpy(call->args[2].buf.pv, &position,
		       room < sizeof(position) ? room : sizeof(position));
	return AEE_SUCCESS;
}

static int call_fsetpos(struct open_file *file, const struct frpc_reverse_call *call)
{
	int64_t position;

	if (call->args[1].buf.nLen < sizeof(position))
		return AEE_EBADPARM;
	memcpy(&position, call->args[1].buf.pv, sizeof(position));
	if (position < 0 || lseek(file->fd, position, SEEK_SET) < 0)
		return AEE_EFSETPOS;
	file->eof = false;
	return AEE_SUCCESS;
}

static int call_ftell(struct open_file *file, const struct frpc_reverse_call *call)
{
	off_t at = lseek(file->fd, 0, SEEK_CUR);
	int32_t position = (int32_t)at;

	if (at < 0 || at > INT32_MAX)
		return AEE_EFTELL;
	frpc_args_put(call, 0, &position, sizeof(position));
	return AEE_SUCCESS;
}

static int call_fseek(struct open_file *file, const struct frpc_reverse_call *call)
{
	static const int whence[] = {SEEK_SET, SEEK_CUR, SEEK_END};
	uint32_t from = frpc_args_u32(call, 8);

	if (from > 2)
		return AEE_EBADPARM;
	if (lseek(file->fd, (int32_t)frpc_args_u32(call, 4), whence[from]) < 0)
		return AEE_EFSEEK;
	file->eof = false;
	return AEE_SUCCESS;
}

static int call_rewind(struct open_file *file, const struct frpc_reverse_call *call)
{
	(void)call;
	if (lseek(file->fd, 0, SEEK_SET) < 0)
		return AEE_EFSEEK;
	file->eof = file->failed = false;
	return AEE_SUCCESS;
}

static int call_flen(struct open_file *file, const struct frpc_reverse_call *call)
{
	uint64_t length;
	struct stat st;

	if (fstat(file->fd, &st))
		return AEE_EFLEN;
	length = (uint64_t)st.st_size;
	frpc_args_put(call, 0, &length, sizeof(length));
	return AEE_SUCCESS;
}

static int call_feof(struct open_file *file, const struct frpc_reverse_call *call)
{
	int32_t value = file->eof;

	frpc_args_put(call, 0, &value, sizeof(value));
	return AEE_SUCCESS;
}

static int call_ferror(struct open_file *file, const struct frpc_reverse_call *call)
{
	int32_t value = file->failed;

	frpc_args_put(call, 0, &value, sizeof(value));
	return AEE_SUCCESS;
}

static int call_clearerr(struct open_file *file, const struct frpc_reverse_call *call)
{
	(void)call;
	file->eof = file->failed = false;
	return AEE_SUCCESS;
}

static int call_ftrunc(struct open_file *file, const struct frpc_reverse_call *call)
{
	int32_t length = (int32_t)frpc_args_u32(call, 8);

	if (length < 0)
		return AEE_EBADPARM;
	return ftruncate(file->fd, length) ? AEE_EFWRITE : AEE_SUCCESS;
}

static int call_print(const struct frpc_std *std, const struct frpc_reverse_call *call)
{
	char text[512];

	if (!frpc_args_shape(call, 2, 0, 4, 0) || !frpc_args_string(call, 1))
		return AEE_EBADPARM;
	snprintf(text, sizeof(text), "%s", frpc_args_string(call, 1));
	for (char *at = text; *at; at++)
		if ((unsigned char)*at < ' ')
			*at = *at == '\n' && !at[1] ? 0 : '?';
	frpc_log(FRPC_LOG_INFO, "%s: %s", frpc_domain_name(std->roots.domain), text);
	return AEE_SUCCESS;
}

/* Methods on an open file, whose number stands at @number of the first buffer. */
static const struct {
	uint32_t method, ins, outs;
	size_t prim_in, prim_out, number;
	int (*call)(struct open_file *file, const struct frpc_reverse_call *call);
} on_files[] = {
	{2, 1, 0, 4, 0, 0, call_fflush},    {3, 1, 0, 4, 0, 0, call_fclose},
	{4, 1, 2, 8, 8, 0, call_fread},	    {5, 2, 1, 8, 8, 0, call_fwrite},
	{6, 1, 2, 8, 4, 0, call_fgetpos},   {7, 2, 0, 8, 0, 0, call_fsetpos},
	{8, 1, 1, 4, 4, 0, call_ftell},	    {9, 1, 0, 12, 0, 0, call_fseek},
	{10, 1, 1, 4, 8, 0, call_flen},	    {11, 1, 0, 4, 0, 0, call_rewind},
	{12, 1, 1, 4, 4, 0, call_feof},	    {13, 1, 1, 4, 4, 0, call_ferror},
	{14, 1, 0, 4, 0, 0, call_clearerr}, {20, 1, 2, 8, 4, 0, call_fgets},
	{23, 1, 0, 4, 0, 0, call_fsync},    {32, 1, 0, 12, 0, 4, call_ftrunc},
};

int frpc_files_call(struct frpc_std *std, uint32_t method, const struct frpc_reverse_call *call)
{
	switch (method) {
	case 0:
		return call_fopen(std, call);
	case 1:
		return call_freopen(std, call);
	case 15:
		return call_print(std, call);
	default:
		break;
	}
	for (size_t i = 0; i < sizeof(on_files) / sizeof(*on_files); i++) {
		struct open_file *file;

		if (on_files[i].method != method)
			continue;
		if (!frpc_args_shape(call, on_files[i].ins, on_files[i].outs, on_files[i].prim_in,
				     on_files[i].prim_out))
			return AEE_EBADPARM;
		file = file_of(std->files, call, on_files[i].number);
		return file ? on_files[i].call(file, call) : AEE_EBADFD;
	}
	return AEE_EUNSUPPORTED;
}
