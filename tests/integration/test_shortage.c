/* SPDX-License-Identifier: BSD-3-Clause */
/* What the host has no more of: what tells of changed files. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "fastrpc.h"
#include "remote.h"
#include "support/testmod.h"

static _Atomic int no_watches; /* 1: on */

int inotify_init1(int flags)
{
	(void)flags;
	errno = atomic_load(&no_watches) ? EMFILE : ENOSYS;
	return -1;
}

static _Atomic int warnings;

static void count_warnings(void *context, int level, const char *text)
{
	(void)context;
	if (level == FRPC_LOG_WARNING && strstr(text, ".farf"))
		atomic_fetch_add(&warnings, 1);
}

static void that_changed_files_are_not_noticed_is_said_once(void **state)
{
	(void)state;
	atomic_store(&no_watches, 1);
	frpc_set_log(count_warnings, NULL, FRPC_LOG_WARNING);
	for (int i = 0; i < 3; i++) {
		remote_handle64 h;
		int32_t vector[2] = {40, 2};
		int64_t sum = 0;

		assert_int_equal(remote_handle64_open(TESTMOD_URI CDSP_DOMAIN, &h), 0);
		assert_int_equal(testmod_sum(h, vector, 2, &sum), 0);
		assert_int_equal(sum, 42);
		assert_int_equal(remote_handle64_close(h), 0);
		assert_int_equal(atomic_load(&warnings), 1);
	}
	frpc_set_log(NULL, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(that_changed_files_are_not_noticed_is_said_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
