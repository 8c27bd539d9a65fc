/* SPDX-License-Identifier: BSD-3-Clause */
#include "roots.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../folders.h"
#include "../path.h"
#include "beneath.h"

#define FILE_MODE 0644

/* "a/b/../c" would stay inside too, but nothing needs it. */
static bool has_dot_dot(const char *name)
{
	for (const char *part = name; part;) {
		size_t len = strcspn(part, "/");

		if (len == 2 && part[0] == '.' && part[1] == '.')
			return true;
		part = part[len] ? part + len + 1 : NULL;
	}
	return false;
}

/* Opens @name beneath @root: a descriptor or -errno; -EXDEV: it leads out. */
static int open_beneath(int root, const char *name, int flags)
{
	int fd;

	if (!frpc_folders_are_unconfined())
		return frpc_open_beneath(root, name, flags, FILE_MODE);
	fd = openat(root, *name ? name : ".", flags | O_CLOEXEC, FILE_MODE);
	return fd < 0 ? -errno : fd;
}

/* One search through the folders. */
struct search {
	const char *name;
	int flags;
	bool parent; /* look for its folder */
	bool writes; /* only folders that may be written count */
	int fd, error;
	int fallback; /* a folder it could be made in, or -1 */
	char *last;
	size_t lastlen;
	char *tried;
	size_t triedlen;
};

/* @name as seen from @folder; NULL: it is absolute and not beneath it. */
static const char *beneath(const char *folder, const char *name)
{
	size_t len = strlen(folder);

	if (*name != '/')
		return name;
	while (len > 1 && folder[len - 1] == '/')
		len--;
	if (strncmp(folder, name, len) || (len > 1 && name[len] && name[len] != '/'))
		return NULL;
	name += len;
	return name + strspn(name, "/");
}

/* Only regular files, and folders where they may be meant: what else there is may block, or act. */
static int check_kind(int fd, int flags)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return flags & (O_PATH | O_DIRECTORY) ? 0 : -EISDIR;
	return S_ISREG(st.st_mode) ? 0 : -EACCES;
}

static int try_file(struct search *search, int root, const char *name)
{
	/* O_PATH opens nothing that could block, and openat2() wants no other flags with it. */
	int extra = search->flags & O_PATH ? 0 : O_NONBLOCK | O_NOCTTY;
	int fd = open_beneath(root, name, search->flags | extra), res;

	res = fd < 0 ? fd : check_kind(fd, search->flags);
	if (res && fd >= 0)
		close(fd);
	return res ? res : fd;
}

/* Splits "a/b/c" into the folder "a/b" and "c". False: there is no last part. */
static bool split(const char *name, char *folder, size_t room, char *last, size_t lastlen)
{
	size_t len = strlen(name), begin;

	while (len && name[len - 1] == '/')
		len--;
	begin = len;
	while (begin && name[begin - 1] != '/')
		begin--;
	if (len == begin || len - begin >= lastlen || begin >= room ||
	    (len - begin == 1 && name[begin] == '.'))
		return false;
	memcpy(last, name + begin, len - begin);
	last[len - begin] = 0;
	while (begin && name[begin - 1] == '/')
		begin--;
	memcpy(folder, name, begin);
	folder[begin] = 0;
	return true;
}

static int try_parent(struct search *search, int root, const char *name)
{
	char folder[PATH_MAX], last[NAME_MAX + 1];
	int fd;

	if (!split(name, folder, sizeof(folder), last, sizeof(last)) ||
	    strlen(last) >= search->lastlen)
		return -EINVAL;
	fd = open_beneath(root, folder, O_PATH | O_DIRECTORY);
	if (fd < 0)
		return fd;
	strcpy(search->last, last);
	if (!faccessat(fd, last, F_OK, AT_SYMLINK_NOFOLLOW))
		return fd;
	if (search->fallback < 0)
		search->fallback = fd;
	else
		close(fd);
	return -ENOENT;
}

static int try_folder(void *context, const char *folder)
{
	struct search *search = context;
	const char *name = beneath(folder, search->name);
	char *real = NULL;
	int root, fd;

	if (!name) {
		/* The list may name a link to the folder that is meant. */
		real = realpath(folder, NULL);
		name = real ? beneath(real, search->name) : NULL;
		if (!name) {
			free(real);
			return 0;
		}
	}
	free(real);
	root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = root < 0	      ? -errno
	     : search->parent ? try_parent(search, root, name)
			      : try_file(search, root, name);
	if (root >= 0)
		close(root);
	if (fd >= 0) {
		search->fd = fd;
		return 1;
	}
	frpc_path_note(search->tried, search->triedlen, folder, name, -fd);
	if (fd != -ENOENT && fd != -ENOTDIR)
		search->error = -fd == EXDEV ? EPERM : -fd;
	return 0;
}

static int run(const struct frpc_roots *roots, struct search *search)
{
	int res = 0;

	if (search->tried && search->triedlen)
		search->tried[0] = 0;
	if (!*search->name)
		return -ENOENT;
	if (has_dot_dot(search->name) && !frpc_folders_are_unconfined())
		return -EPERM;
	if (!search->writes)
		res = frpc_path_each(roots->domain, roots->data_dir, try_folder, search);
	if (!res)
		res = frpc_folders_each(search->writes, try_folder, search);
	if (!res && !search->writes && *search->name == '/' && frpc_folders_are_unconfined())
		res = try_folder(search, "/");
	if (res < 0)
		return res;
	return search->fd < 0 ? -search->error : 0;
}

/* Does it lie where it may be read? Then what is wrong is that it is to be written. */
static bool is_readable(const struct frpc_roots *roots, const char *name)
{
	int fd;

	if (frpc_roots_open(roots, name, FRPC_ROOTS_READ, O_PATH, &fd, NULL, 0))
		return false;
	close(fd);
	return true;
}

int frpc_roots_open(const struct frpc_roots *roots, const char *name, enum frpc_roots_use use,
		    int flags, int *ret_fd, char *tried, size_t triedlen)
{
	struct search search = {
		.name = name,
		.flags = flags & ~O_CREAT,
		.writes = use == FRPC_ROOTS_WRITE,
		.fd = -1,
		.fallback = -1,
		.error = ENOENT,
		.tried = tried,
		.triedlen = triedlen,
	};
	int res = run(roots, &search);

	/* A file that is nowhere yet is made in the first folder. */
	if (res == -ENOENT && (flags & O_CREAT)) {
		search.flags = flags;
		search.error = ENOENT;
		res = run(roots, &search);
	}
	if (res == -ENOENT && use == FRPC_ROOTS_WRITE && is_readable(roots, name))
		res = -EPERM;
	if (!res)
		*ret_fd = search.fd;
	return res;
}

int frpc_roots_open_parent(const struct frpc_roots *roots, const char *name, int *ret_fd,
			   char *last, size_t lastlen)
{
	struct search search = {
		.name = name,
		.parent = true,
		.writes = true,
		.fd = -1,
		.fallback = -1,
		.error = ENOENT,
		.last = last,
		.lastlen = lastlen,
	};
	int res = run(roots, &search);

	if (res == -ENOENT && search.fallback >= 0) {
		*ret_fd = search.fallback;
		return 0;
	}
	if (search.fallback >= 0)
		close(search.fallback);
	if (res == -ENOENT && is_readable(roots, name))
		res = -EPERM;
	if (!res)
		*ret_fd = search.fd;
	return res;
}
