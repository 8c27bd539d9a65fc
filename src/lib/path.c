/* SPDX-License-Identifier: BSD-3-Clause */
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "log.h"
#include "machine_folder.h"
#include "transport/transport.h"
#include "transport/words.h"

#ifdef __ANDROID__
#define SYSTEM_PATH "/vendor/lib/rfsa/adsp;/vendor/dsp"
#else
#define SYSTEM_PATH "/usr/lib/rfsa/adsp;/usr/lib/dsp"
#endif

/* The name of a file inside a folder: relative, and never up. */
static bool is_confined(const char *name)
{
	const char *part = name;

	if (!*name || *name == '/')
		return false;
	while (part) {
		size_t len = strcspn(part, "/");

		if (len == 2 && part[0] == '.' && part[1] == '.')
			return false;
		part = part[len] ? part + len + 1 : NULL;
	}
	return true;
}

/* A list with ":" between its folders is a common slip: taken as meant, with a warning. */
static const char *separators_of(const char *list)
{
	static _Atomic int warned;

	if (!strchr(list, ';') && strchr(list, ':')) {
		frpc_warn_once(&warned, "DSP_LIBRARY_PATH has ':' between its folders; it is ';' "
					"on a device");
		return ";:";
	}
	return ";";
}

static int each_of_list(const char *list, const char *name,
			int (*each)(void *context, const char *folder), void *context)
{
	const char *separators = separators_of(list);
	int res = 0;

	while (!res) {
		size_t len = strcspn(list, separators);
		char folder[PATH_MAX];

		/* An empty element is the current folder, as on a device; only if it was written so. */
		if (len < sizeof(folder) - 16) {
			int used = snprintf(folder, sizeof(folder), "%.*s/%s", len ? (int)len : 1,
					    len ? list : ".", name);

			if (used > 0 && (size_t)used < sizeof(folder))
				res = each(context, folder);
			if (!res) {
				snprintf(folder, sizeof(folder), "%.*s", len ? (int)len : 1,
					 len ? list : ".");
				res = each(context, folder);
			}
		}
		if (!list[len])
			break;
		list += len + 1;
	}
	return res;
}

int frpc_path_each(uint32_t domain, const char *extra,
		   int (*each)(void *context, const char *folder), void *context)
{
	const char *name = frpc_domain_name(domain), *list = frpc_getenv("DSP_LIBRARY_PATH");
	int res = 0;

	if (!name)
		return -EINVAL;
	if (!list)
		list = frpc_getenv("ADSP_LIBRARY_PATH");
	if (list && *list)
		res = each_of_list(list, name, each, context);
	if (!res && frpc_machine_folder())
		res = each_of_list(frpc_machine_folder(), name, each, context);
	if (!res)
		res = each_of_list(SYSTEM_PATH, name, each, context);
	if (!res && extra && *extra)
		res = each(context, extra);
	return res;
}

struct search {
	const char *name;
	int fd, error;
	char *tried;
	size_t triedlen;
};

void frpc_path_note(char *tried, size_t triedlen, const char *folder, const char *name, int error)
{
	char words[80];
	size_t used;

	if (!tried || !triedlen)
		return;
	used = strlen(tried);
	if (used + 1 >= triedlen)
		return;
	if (error == ENOENT || error == ENOTDIR)
		snprintf(tried + used, triedlen - used, "%s%s/%s", used ? ", " : "", folder, name);
	else
		snprintf(tried + used, triedlen - used, "%s%s/%s (%s)", used ? ", " : "", folder,
			 name,
			 error == EXDEV ? "leads out of the folder"
					: frpc_errno_words(error, words, sizeof(words)));
}

static int try_folder(void *context, const char *folder)
{
	struct search *search = context;
	char path[PATH_MAX];
	struct stat st;
	int fd, error;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, search->name) >= sizeof(path))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	error = fd < 0 ? errno : 0;
	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		fd = -1;
		error = EISDIR;
	}
	if (fd >= 0) {
		search->fd = fd;
		return 1;
	}
	frpc_path_note(search->tried, search->triedlen, folder, search->name, error);
	if (error != ENOENT && error != ENOTDIR)
		search->error = error;
	return 0;
}

int frpc_path_open(uint32_t domain, const char *name, const char *extra, int *ret_fd, char *tried,
		   size_t triedlen)
{
	struct search search = {name, -1, ENOENT, tried, triedlen};

	if (tried && triedlen)
		tried[0] = 0;
	if (!is_confined(name))
		return -EINVAL;
	if (frpc_path_each(domain, extra, try_folder, &search) < 0)
		return -EINVAL;
	if (search.fd < 0)
		return -search.error;
	*ret_fd = search.fd;
	return 0;
}
