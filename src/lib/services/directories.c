/* SPDX-License-Identifier: BSD-3-Clause */
#include "directories.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "AEEStdErr.h"
#include "args.h"

#define MOST_FOLDERS 32u

struct frpc_folders {
	DIR *open[MOST_FOLDERS]; /* numbered from 1 */
};

/* The records of the wire. */
struct wire_entry {
	int32_t ino;
	char name[255];
	char pad;
	int32_t eof;
};

struct wire_stat {
	uint64_t tsz, dev, ino;
	uint32_t mode, nlink;
	uint64_t rdev, size;
	int64_t atime, atimensec, mtime, mtimensec, ctime, ctimensec;
};

_Static_assert(sizeof(struct wire_entry) == 264, "readdir record of apps_std");
_Static_assert(offsetof(struct wire_entry, eof) == 260, "readdir record of apps_std");
_Static_assert(sizeof(struct wire_stat) == 96, "stat record of apps_std");

int frpc_directories_new(struct frpc_folders **ret_folders)
{
	*ret_folders = calloc(1, sizeof(**ret_folders));
	return *ret_folders ? 0 : -ENOMEM;
}

void frpc_directories_free(struct frpc_folders *folders)
{
	if (!folders)
		return;
	for (uint32_t i = 0; i < MOST_FOLDERS; i++)
		if (folders->open[i])
			closedir(folders->open[i]);
	free(folders);
}

static int call_exists(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	unsigned char exists;
	int fd;

	if (!frpc_args_shape(call, 2, 1, 4, 1) || !frpc_args_string(call, 1))
		return AEE_EBADPARM;
	exists = !frpc_roots_open(&std->roots, frpc_args_string(call, 1), FRPC_ROOTS_READ, O_PATH,
				  &fd, NULL, 0);
	if (exists)
		close(fd);
	frpc_args_put(call, 0, &exists, sizeof(exists));
	return AEE_SUCCESS;
}

static int call_stat(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	struct wire_stat wire;
	struct stat st;
	int fd, res;

	if (!frpc_args_shape(call, 2, 1, 8, sizeof(wire)) || !frpc_args_string(call, 1))
		return AEE_EBADPARM;
	res = frpc_roots_open(&std->roots, frpc_args_string(call, 1), FRPC_ROOTS_READ, O_PATH, &fd,
			      NULL, 0);
	if (res)
		return frpc_std_code(res);
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
	frpc_args_put(call, 0, &wire, sizeof(wire));
	return AEE_SUCCESS;
}

static int call_opendir(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	uint64_t number = 0;
	int fd = -1, res;

	if (!frpc_args_shape(call, 2, 1, 4, sizeof(number)) || !frpc_args_string(call, 1))
		return AEE_EBADPARM;
	while (number < MOST_FOLDERS && std->folders->open[number])
		number++;
	if (number == MOST_FOLDERS)
		return AEE_EFOPEN;
	res = frpc_roots_open(&std->roots, frpc_args_string(call, 1), FRPC_ROOTS_READ,
			      O_RDONLY | O_DIRECTORY, &fd, NULL, 0);
	if (res)
		return frpc_std_code(res);
	std->folders->open[number] = fdopendir(fd);
	if (!std->folders->open[number]) {
		close(fd);
		return AEE_ENOMEMORY;
	}
	number++;
	frpc_args_put(call, 0, &number, sizeof(number));
	return AEE_SUCCESS;
}

static DIR **folder_of(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	uint64_t number = frpc_args_u64(call, 0);

	if (!number || number > MOST_FOLDERS || !std->folders->open[number - 1])
		return NULL;
	return &std->folders->open[number - 1];
}

static int call_closedir(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	DIR **folder;

	if (!frpc_args_shape(call, 1, 0, 8, 0))
		return AEE_EBADPARM;
	folder = folder_of(std, call);
	if (!folder)
		return AEE_EBADFD;
	closedir(*folder);
	*folder = NULL;
	return AEE_SUCCESS;
}

static int call_readdir(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	struct wire_entry wire = {.eof = 1};
	const struct dirent *entry;
	DIR **folder;

	if (!frpc_args_shape(call, 1, 1, 8, sizeof(wire)))
		return AEE_EBADPARM;
	folder = folder_of(std, call);
	if (!folder)
		return AEE_EBADFD;
	errno = 0;
	entry = readdir(*folder);
	if (!entry && errno)
		return AEE_EFREAD;
	if (entry) {
		wire.eof = 0;
		wire.ino = (int32_t)entry->d_ino;
		snprintf(wire.name, sizeof(wire.name), "%.*s", (int)sizeof(wire.name) - 1,
			 entry->d_name);
	}
	frpc_args_put(call, 0, &wire, sizeof(wire));
	return AEE_SUCCESS;
}

static int call_mkdir(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	char last[NAME_MAX + 1];
	int parent, res;

	if (!frpc_args_shape(call, 2, 0, 8, 0) || !frpc_args_string(call, 1))
		return AEE_EBADPARM;
	res = frpc_roots_open_parent(&std->roots, frpc_args_string(call, 1), &parent, last,
				     sizeof(last));
	if (res)
		return frpc_std_code(res);
	/* What a DSP makes is its user's: no special bits. */
	res = mkdirat(parent, last, frpc_args_u32(call, 4) & 0777) ? -errno : 0;
	close(parent);
	return frpc_std_code(res);
}

/* Removes a file, or with @flags AT_REMOVEDIR an empty folder. */
static int call_remove(struct frpc_std *std, const struct frpc_reverse_call *call, int flags)
{
	char last[NAME_MAX + 1];
	int parent, res;

	if (!frpc_args_shape(call, 2, 0, 4, 0) || !frpc_args_string(call, 1))
		return AEE_EBADPARM;
	res = frpc_roots_open_parent(&std->roots, frpc_args_string(call, 1), &parent, last,
				     sizeof(last));
	if (res)
		return frpc_std_code(res);
	res = unlinkat(parent, last, flags) ? -errno : 0;
	close(parent);
	return frpc_std_code(res);
}

static int call_rename(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	char last[2][NAME_MAX + 1];
	int parent[2], res;

	if (!frpc_args_shape(call, 3, 0, 12, 0) || !frpc_args_string(call, 1) ||
	    !frpc_args_string(call, 2))
		return AEE_EBADPARM;
	res = frpc_roots_open_parent(&std->roots, frpc_args_string(call, 1), &parent[0], last[0],
				     sizeof(last[0]));
	if (res)
		return frpc_std_code(res);
	res = frpc_roots_open_parent(&std->roots, frpc_args_string(call, 2), &parent[1], last[1],
				     sizeof(last[1]));
	if (!res) {
		res = renameat(parent[0], last[0], parent[1], last[1]) ? -errno : 0;
		close(parent[1]);
	}
	close(parent[0]);
	return frpc_std_code(res);
}

int frpc_directories_call(struct frpc_std *std, uint32_t method,
			  const struct frpc_reverse_call *call)
{
	switch (method) {
	case 22:
		return call_exists(std, call);
	case 24:
		return call_remove(std, call, 0);
	case 26:
		return call_opendir(std, call);
	case 27:
		return call_closedir(std, call);
	case 28:
		return call_readdir(std, call);
	case 29:
		return call_mkdir(std, call);
	case 30:
		return call_remove(std, call, AT_REMOVEDIR);
	case 31:
		return call_stat(std, call);
	case 33:
		return call_rename(std, call);
	default:
		return AEE_EUNSUPPORTED;
	}
}
