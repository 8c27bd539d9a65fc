/* SPDX-License-Identifier: BSD-3-Clause */
/* What the host has no more of: memory for a DSP, or what tells of changed files. */
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

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define REFUSES_MEMORY 1
#else
#define REFUSES_MEMORY 0 /* another's allocator cannot be stood in for */
#endif

#define LONG_NAME 5000

static _Atomic int no_watches; /* 1: on */

#if REFUSES_MEMORY
void *__libc_malloc(size_t size);

static _Atomic int refused; /* 0: off; else how often it was, plus 1 */
static _Thread_local bool is_the_app;

/* Found by the libraries instead of the C library's: so much is nothing that the app asks for. */
void *malloc(size_t size)
{
	if (!is_the_app && size >= LONG_NAME && size < LONG_NAME + 200 && atomic_load(&refused)) {
		atomic_fetch_add(&refused, 1);
		errno = ENOMEM;
		return NULL;
	}
	return __libc_malloc(size);
}
#endif

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

static void a_dsp_without_memory_for_a_modules_name_says_so(void **state)
{
#if REFUSES_MEMORY
	static char uri[LONG_NAME + 100] = "file:///libno_such_skel.so?";
	remote_handle64 other, h;
	int res;

	(void)state;
	is_the_app = true;
	memset(uri + strlen(uri), 'x', LONG_NAME);
	strcat(uri, CDSP_DOMAIN);
	assert_int_equal(remote_handle64_open(TESTMOD_URI CDSP_DOMAIN, &other), 0);
	atomic_store(&refused, 1);
	res = remote_handle64_open(uri, &h);
	assert_true(atomic_exchange(&refused, 0) > 1);
	assert_int_equal(res, (int)0x80000402);
	assert_int_equal(remote_handle64_close(other), 0);
#else
	(void)state;
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(that_changed_files_are_not_noticed_is_said_once),
		cmocka_unit_test(a_dsp_without_memory_for_a_modules_name_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
