/* SPDX-License-Identifier: BSD-3-Clause */
#include "environment.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "../config.h"
#include "../path.h"
#include "AEEStdErr.h"
#include "args.h"
#include "files.h"
#include "whole_files.h"

#define MOST_VARIABLES 64u
#define MOST_BYTES     4096u /* of a name or a value */
#define SEARCH_PATH    "ADSP_LIBRARY_PATH"
#define FIRST_PATH     5u /* argument: behind four in buffers and the struct that goes out */

/* What the DSP has set; value NULL: it has unset it. */
struct variable {
	char *name, *value;
};

struct frpc_environment {
	struct variable variables[MOST_VARIABLES];
	uint32_t count;
};

int frpc_environment_new(struct frpc_environment **ret_environment)
{
	*ret_environment = calloc(1, sizeof(**ret_environment));
	return *ret_environment ? 0 : -ENOMEM;
}

void frpc_environment_free(struct frpc_environment *environment)
{
	if (!environment)
		return;
	for (uint32_t i = 0; i < environment->count; i++) {
		free(environment->variables[i].name);
		free(environment->variables[i].value);
	}
	free(environment);
}

static struct variable *find(struct frpc_environment *environment, const char *name)
{
	for (uint32_t i = 0; i < environment->count; i++)
		if (!strcmp(environment->variables[i].name, name))
			return &environment->variables[i];
	return NULL;
}

/* Of the app's environment only what concerns DSPs: the rest is its own. */
static const char *apps_value(const char *name)
{
	if (strncmp(name, "ADSP_", 5) && strncmp(name, "DSP_", 4))
		return NULL;
	return frpc_getenv(name);
}

static const char *value_of(struct frpc_environment *environment, const char *name)
{
	const struct variable *variable = find(environment, name);

	return variable ? variable->value : apps_value(name);
}

static int set(struct frpc_environment *environment, const char *name, const char *value)
{
	struct variable *variable = find(environment, name);
	char *copy = value ? strdup(value) : NULL;

	if (value && !copy)
		return AEE_ENOMEMORY;
	if (!variable) {
		char *own_name = environment->count < MOST_VARIABLES ? strdup(name) : NULL;

		if (!own_name) {
			free(copy);
			return AEE_ESETENV;
		}
		variable = &environment->variables[environment->count++];
		variable->name = own_name;
		variable->value = NULL;
	}
	free(variable->value);
	variable->value = copy;
	return AEE_SUCCESS;
}

static bool is_name(const char *name)
{
	return name && *name && !strchr(name, '=') && strlen(name) < MOST_BYTES;
}

static int call_getenv(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	const char *name = frpc_args_string(call, 1), *value;
	size_t room, len;
	int32_t needed;

	if (!frpc_args_shape(call, 2, 2, 8, 4) || !name)
		return AEE_EBADPARM;
	value = value_of(std->environment, name);
	if (!value)
		return AEE_EGETENV;
	len = strlen(value) + 1;
	needed = (int32_t)len;
	frpc_args_put(call, 0, &needed, sizeof(needed));
	room = call->args[3].buf.nLen;
	if (room)
		memcpy(call->args[3].buf.pv, value, len < room ? len : room);
	return AEE_SUCCESS;
}

static int call_setenv(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	const char *name = frpc_args_string(call, 1), *value = frpc_args_string(call, 2);

	if (!frpc_args_shape(call, 3, 0, 12, 0) || !is_name(name) || !value ||
	    strlen(value) >= MOST_BYTES)
		return AEE_EBADPARM;
	if (!frpc_args_u32(call, 8) && value_of(std->environment, name))
		return AEE_SUCCESS;
	return set(std->environment, name, value);
}

static int call_unsetenv(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	const char *name = frpc_args_string(call, 1);

	if (!frpc_args_shape(call, 2, 0, 4, 0) || !is_name(name))
		return AEE_EBADPARM;
	return value_of(std->environment, name) ? set(std->environment, name, NULL) : AEE_SUCCESS;
}

/* The DSP means the library search path, under its old name or its new one. */
static bool is_search_path(const char *name)
{
	return !strncmp(name, SEARCH_PATH, sizeof(SEARCH_PATH) - 1) ||
	       !strncmp(name, &SEARCH_PATH[1], sizeof(SEARCH_PATH) - 2);
}

/* Calls @each with every folder of the list @value, which is cut at any character of @delim. */
static int each_of_list(const char *value, const char *delim,
			int (*each)(void *context, const char *folder), void *context)
{
	int res = 0;

	while (*value && !res) {
		size_t len = strcspn(value, delim);
		char folder[PATH_MAX];

		if (len && len < sizeof(folder)) {
			memcpy(folder, value, len);
			folder[len] = 0;
			res = each(context, folder);
		}
		value += len + (value[len] != 0);
	}
	return res;
}

struct open_in {
	struct frpc_std *std;
	const char *name, *mode;
	int32_t number;
	int res;
};

/* Whatever list the folder is from: the file must lie where the app allows. */
static int open_in(void *context, const char *folder)
{
	struct open_in *open = context;
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, open->name) >= sizeof(path))
		return 0;
	open->res = frpc_files_open(open->std, path, open->mode, &open->number);
	return open->res == AEE_SUCCESS;
}

/* With @extra bytes in front of the lengths: the method's number, if that is beyond 30. */
static int open_with_env(struct frpc_std *std, const struct frpc_reverse_call *call, size_t extra,
			 size_t prim_out, struct open_in *open)
{
	const char *env = frpc_args_string(call, 1), *delim = frpc_args_string(call, 2);
	const char *name = frpc_args_string(call, 3), *mode = frpc_args_string(call, 4), *value;

	*open = (struct open_in){std, name, mode, 0, AEE_ENOSUCHFILE};
	if (!frpc_args_shape(call, 5, 1, extra + 16, prim_out) || !env || !delim || !name || !mode)
		return AEE_EBADPARM;
	if (is_search_path(env)) {
		open->res = frpc_files_open(std, name, mode, &open->number);
	} else {
		value = value_of(std->environment, env);
		if (value && *name != '/')
			each_of_list(value, delim, open_in, open);
		else if (value)
			open->res = frpc_files_open(std, name, mode, &open->number);
	}
	return open->res;
}

static int call_fopen_with_env(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	struct open_in open;
	int res = open_with_env(std, call, 0, sizeof(open.number), &open);

	if (!res)
		frpc_args_put(call, 0, &open.number, sizeof(open.number));
	return res;
}

static int call_fopen_with_env_fd(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	const char *mode = frpc_args_string(call, 4);
	struct open_in open;
	int32_t out[2];
	int res;

	if (mode && !frpc_whole_files_mode(mode))
		return AEE_EBADPARM;
	res = open_with_env(std, call, 4, sizeof(out), &open);
	if (!res)
		res = frpc_whole_files_load(std, open.number, out);
	if (!res)
		frpc_args_put(call, 0, out, sizeof(out));
	return res;
}

/* Where the paths go: as many as there is room for, all of them counted. */
struct paths {
	const struct frpc_reverse_call *call;
	uint32_t room, count;
	uint16_t longest;
};

static int add_path(void *context, const char *folder)
{
	struct paths *paths = context;
	size_t len = strlen(folder) + 1;
	struct stat st;

	if (stat(folder, &st) || !S_ISDIR(st.st_mode))
		return 0;
	if (paths->count < paths->room) {
		const remote_buf *buffer = &paths->call->args[FIRST_PATH + paths->count].buf;

		if (buffer->nLen) {
			memcpy(buffer->pv, folder, len < buffer->nLen ? len : buffer->nLen);
			((char *)buffer->pv)[buffer->nLen - 1] = 0;
		}
	}
	paths->count++;
	if (len > paths->longest)
		paths->longest = len > UINT16_MAX ? UINT16_MAX : (uint16_t)len;
	return 0;
}

static int call_get_search_paths(struct frpc_std *std, const struct frpc_reverse_call *call)
{
	const char *env = frpc_args_string(call, 1), *delim = frpc_args_string(call, 2);
	struct paths paths = {.call = call};
	struct {
		uint32_t count;
		uint16_t longest;
	} out;

	/* Three in buffers and one more: struct, name, delimiters, capacities. */
	if (FRPC_SC_INBUFS(call->sc) != 4 || !FRPC_SC_OUTBUFS(call->sc) ||
	    call->args[0].buf.nLen < 12 || call->args[4].buf.nLen < 6 || !env || !delim ||
	    frpc_args_u32(call, 8) != FRPC_SC_OUTBUFS(call->sc) - 1u)
		return AEE_EBADPARM;
	if (!is_search_path(env))
		return AEE_EGETENV;
	paths.room = FRPC_SC_OUTBUFS(call->sc) - 1u;
	frpc_path_each(std->roots.domain, std->roots.data_dir, add_path, &paths);
	out.count = paths.count;
	out.longest = paths.longest;
	memcpy(call->args[4].buf.pv, &out, 6);
	return AEE_SUCCESS;
}

int frpc_environment_call(struct frpc_std *std, uint32_t method,
			  const struct frpc_reverse_call *call)
{
	switch (method) {
	case 16:
		return call_getenv(std, call);
	case 17:
		return call_setenv(std, call);
	case 18:
		return call_unsetenv(std, call);
	case 19:
		return call_fopen_with_env(std, call);
	case 21:
		return call_get_search_paths(std, call);
	case 36:
		return call_fopen_with_env_fd(std, call);
	default: /* 25: encrypted files */
		return AEE_EUNSUPPORTED;
	}
}
