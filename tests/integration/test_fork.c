/* SPDX-License-Identifier: BSD-3-Clause */
/* After fork(): inherited handles fail at once in the child, and it can open sessions of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "fastrpc.h"
#include "remote.h"
#include "rpcmem.h"
#include "support/emulated.h"
#include "support/testmod.h"

static remote_handle64 inherited;
static unsigned char *buffer;

/* In the child. The number of the step that failed, or 0. */
static int use_it_in_the_child(void)
{
	remote_handle64 own = 0;
	int32_t vector[2] = {20, 22};
	int64_t sum = 0;

	if (testmod_call0(inherited, TESTMOD_EMPTY) != AEE_EINVHANDLE)
		return 1;
	if (remote_handle64_close(inherited) != AEE_EINVHANDLE)
		return 2;
	if (buffer[100] != 77) /* shared memory stays usable */
		return 3;
	if (remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &own))
		return 4;
	if (own == inherited)
		return 5;
	if (testmod_sum(own, vector, 2, &sum) || sum != 42)
		return 6;
	if (testmod_call0(inherited, TESTMOD_EMPTY) != AEE_EINVHANDLE)
		return 7;
	return remote_handle64_close(own) ? 8 : 0;
}

static void a_child_cannot_use_inherited_handles_but_can_open_its_own(void **state)
{
	int status = -1;
	pid_t child;

	(void)state;
	if (!children_may_have_threads()) {
		print_message("what runs this program lets no forked child start a thread\n");
		skip();
	}
	buffer = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 4096);
	assert_non_null(buffer);
	buffer[100] = 77;
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &inherited), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		_exit(use_it_in_the_child());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	/* The parent's session has noticed nothing. */
	assert_int_equal(testmod_call0(inherited, TESTMOD_EMPTY), 0);
	assert_int_equal(remote_handle64_close(inherited), 0);
	rpcmem_free(buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_cannot_use_inherited_handles_but_can_open_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
