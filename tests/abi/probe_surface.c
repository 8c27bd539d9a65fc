/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For test_surface: makes the calls that its arguments name and prints each result as a number.
 *
 *   call=NAME     the exported function, with zeros for arguments
 *   session=ID    remote_session_control() with that request and no data
 *   handle=ID     remote_handle_control(), the same
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remote.h"

/* More zeros than any function takes, each as wide as a register. */
typedef int any_fn(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t,
		   uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t);

static int call(const char *name, int *ret_result)
{
	union {
		void *object;
		any_fn *function;
	} found = {.object = dlsym(RTLD_DEFAULT, name)};

	if (!found.object) {
		fprintf(stderr, "%s is not there\n", name);
		return 1;
	}
	*ret_result = found.function(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	return 0;
}

static int make(const char *what, const char *argument, int *ret_result)
{
	uint32_t id = (uint32_t)strtoul(argument, NULL, 0);

	if (!strcmp(what, "call"))
		return call(argument, ret_result);
	if (!strcmp(what, "session"))
		*ret_result = remote_session_control(id, NULL, 0);
	else if (!strcmp(what, "handle"))
		*ret_result = remote_handle_control(id, NULL, 0);
	else
		return 1;
	return 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *equals = strchr(argv[i], '=');
		int result = 0;

		if (!equals)
			return 2;
		*equals = 0;
		if (make(argv[i], equals + 1, &result))
			return 2;
		*equals = '=';
		printf("%s %d\n", argv[i], result);
	}
	return 0;
}
