/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes from a DSP's process on the host, whose skels may have written over anything in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator/dsp/child.h"
#include "emulator/dsp/child_io.h"

static void the_words_of_an_answer_end_though_their_sender_does_not_end_them(void **state)
{
	const struct emu_child_request request = {.kind = EMU_CHILD_LOAD};
	struct emu_child_answer sent, got;
	int ends[2];

	(void)state;
	memset(&sent, 'x', sizeof(sent));
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	assert_int_equal(send(ends[1], &sent, sizeof(sent), 0), sizeof(sent));
	assert_int_equal(emu_child_ask(ends[0], &request, -1, &got), 0);
	assert_int_equal(strnlen(got.words, sizeof(got.words)), sizeof(got.words) - 1);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words_of_an_answer_end_though_their_sender_does_not_end_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
