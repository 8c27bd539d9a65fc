/* SPDX-License-Identifier: BSD-3-Clause */
#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#define RESOLVE_NO_MAGICLINKS 0x02
#define RESOLVE_BENEATH	      0x08
#define MOST_LINKS	      40 /* as the kernel's */
#define MOST_FOLDERS	      64 /* open at the same time */

/* As in the kernel's openat2.h, which older systems lack. */
struct how {
	uint64_t flags, mode, resolve;
};

/*
 * A way down from the root: each folder that was entered stays open, so that ".." leads back to
 * where we came from, whatever has been moved meanwhile.
 */
struct walk {
	int folders[MOST_FOLDERS];
	int depth;
	int links;
	char rest[PATH_MAX]; /* still to be walked */
};

static int top(const struct walk *walk)
{
	return walk->folders[walk->depth];
}

/* Takes the next part of the way. Empty: there is none. *@ret_last: nothing follows it. */
static int next_part(struct walk *walk, char *part, bool *ret_last)
{
	char *rest = walk->rest + strspn(walk->rest, "/");
	size_t len = strcspn(rest, "/");

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(part, rest, len);
	part[len] = 0;
	/* "a/" is the folder a, and nothing else that may have the name. */
	*ret_last = !rest[len];
	memmove(walk->rest, rest + len, strlen(rest + len) + 1);
	if (!*ret_last && !walk->rest[strspn(walk->rest, "/")])
		strcpy(walk->rest, "/.");
	return 0;
}

/* Puts a link's text in front of what is still to be walked. 1: @part is none. */
static int follow(struct walk *walk, const char *part)
{
	char text[PATH_MAX];
	ssize_t len = readlinkat(top(walk), part, text, sizeof(text) - 1);
	size_t rest = strlen(walk->rest);

	if (len < 0)
		return errno == EINVAL || errno == ENOENT ? 1 : -errno;
	if (++walk->links > MOST_LINKS)
		return -ELOOP;
	if (!len || text[0] == '/')
		return len ? -EXDEV : -ENOENT;
	if ((size_t)len + rest >= sizeof(walk->rest))
		return -ENAMETOOLONG;
	memmove(walk->rest + len, walk->rest, rest + 1);
	memcpy(walk->rest, text, (size_t)len);
	return 0;
}

static int enter(struct walk *walk, const char *part)
{
	int folder;

	if (walk->depth + 1 == MOST_FOLDERS)
		return -ENAMETOOLONG;
	folder = openat(top(walk), part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return -errno;
	walk->folders[++walk->depth] = folder;
	return 0;
}

static int leave(struct walk *walk)
{
	if (!walk->depth)
		return -EXDEV;
	close(walk->folders[walk->depth--]);
	return 0;
}

/* Goes on until it is opened. */
static int go(struct walk *walk, int flags, mode_t mode)
{
	char part[NAME_MAX + 1];
	int res = 0, fd;
	bool last;

	while (!res) {
		res = next_part(walk, part, &last);
		if (res)
			break;
		if (!strcmp(part, "..")) {
			res = leave(walk);
		} else if (*part && strcmp(part, ".") != 0) {
			res = flags & O_NOFOLLOW && last ? 1 : follow(walk, part);
			if (res <= 0)
				continue;
			if (last) {
				/* A link that it has become meanwhile is not followed. */
				fd = openat(top(walk), part, flags | O_NOFOLLOW, mode);
				return fd < 0 ? -errno : fd;
			}
			res = enter(walk, part);
		}
		if (!res && last) {
			fd = openat(top(walk), ".", flags, mode);
			return fd < 0 ? -errno : fd;
		}
	}
	return res;
}

int frpc_walk_beneath(int root, const char *name, int flags, mode_t mode)
{
	struct walk walk = {.folders = {root}};
	int res;

	if (*name == '/')
		return -EXDEV;
	if (strlen(name) >= sizeof(walk.rest))
		return -ENAMETOOLONG;
	strcpy(walk.rest, name);
	res = go(&walk, flags | O_CLOEXEC, mode);
	while (walk.depth)
		close(walk.folders[walk.depth--]);
	return res;
}

int frpc_open_beneath(int root, const char *name, int flags, mode_t mode)
{
	struct how how = {
		.flags = (uint32_t)(flags | O_CLOEXEC),
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, root, *name ? name : ".", &how, sizeof(how));

	if (fd >= 0)
		return fd;
	/*
	 * Some sandboxes answer a call that they do not know with EPERM; EAGAIN means that somebody
	 * somewhere has moved a folder meanwhile.
	 */
	if (errno == ENOSYS || errno == EPERM || errno == EAGAIN)
		return frpc_walk_beneath(root, name, flags, mode);
	return -errno;
}
