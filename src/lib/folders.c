/* SPDX-License-Identifier: BSD-3-Clause */
#include "folders.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "AEEStdErr.h"
#include "config.h"
#include "error.h"
#include "fastrpc.h"
#include "log.h"

#define MOST_FOLDERS 64u

struct allowed {
	char *path; /* absolute, without links */
	bool writable;
};

static struct {
	pthread_mutex_t lock;
	struct allowed list[MOST_FOLDERS];
	unsigned int count;
} allowed = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int add(char *path, bool writable)
{
	int res = AEE_SUCCESS;
	unsigned int i = 0;

	pthread_mutex_lock(&allowed.lock);
	while (i < allowed.count && strcmp(allowed.list[i].path, path))
		i++;
	if (i == MOST_FOLDERS) {
		res = AEE_ENOMEMORY;
	} else if (i < allowed.count) {
		allowed.list[i].writable = writable;
	} else {
		allowed.list[allowed.count++] = (struct allowed){path, writable};
		path = NULL;
	}
	pthread_mutex_unlock(&allowed.lock);
	free(path);
	return res;
}

int frpc_allow_folder(const char *folder, int may_write)
{
	struct stat st;
	char *path;
	int res;

	if (!folder)
		return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
				 "frpc_allow_folder: the folder is NULL");
	path = realpath(folder, NULL);
	if (!path)
		return frpc_fail(errno == ENOMEM ? AEE_ENOMEMORY : AEE_ENOSUCHFILE,
				 FRPC_ORIGIN_LIBRARY, errno, "frpc_allow_folder: %.200s", folder);
	if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
		free(path);
		return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, ENOTDIR,
				 "frpc_allow_folder: %.200s is no folder", folder);
	}
	res = add(path, may_write != 0);
	return res ? frpc_fail(res, FRPC_ORIGIN_LIBRARY, 0,
			       "frpc_allow_folder: %u folders are allowed already", MOST_FOLDERS)
		   : AEE_SUCCESS;
}

static int each_of_list(const char *list, int (*each)(void *context, const char *folder),
			void *context)
{
	int res = 0;

	while (list && *list && !res) {
		size_t len = strcspn(list, ";");
		char folder[PATH_MAX];

		if (len && len < sizeof(folder)) {
			memcpy(folder, list, len);
			folder[len] = 0;
			res = each(context, folder);
		}
		list += len + (list[len] == ';');
	}
	return res;
}

int frpc_folders_each(bool writable, int (*each)(void *context, const char *folder), void *context)
{
	int res = 0;

	for (unsigned int i = 0; !res; i++) {
		char folder[PATH_MAX] = "";
		bool fits = false;

		pthread_mutex_lock(&allowed.lock);
		if (i >= allowed.count) {
			pthread_mutex_unlock(&allowed.lock);
			break;
		}
		if (allowed.list[i].writable || !writable)
			fits = (size_t)snprintf(folder, sizeof(folder), "%s",
						allowed.list[i].path) < sizeof(folder);
		pthread_mutex_unlock(&allowed.lock);
		if (fits)
			res = each(context, folder);
	}
	if (!res)
		res = each_of_list(frpc_getenv("FRPC_FILES_WRITE"), each, context);
	if (!res && !writable)
		res = each_of_list(frpc_getenv("FRPC_FILES_READ"), each, context);
	return res;
}

bool frpc_folders_are_unconfined(void)
{
	static _Atomic int warned;
	const char *word = frpc_getenv("FRPC_FILES");

	if (!word || !*word || !strcmp(word, "confined"))
		return false;
	if (!strcmp(word, "unconfined"))
		return true;
	frpc_warn_once(&warned, "FRPC_FILES is \"%.40s\", neither confined nor unconfined", word);
	return false;
}
