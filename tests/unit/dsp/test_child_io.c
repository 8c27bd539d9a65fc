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

/* Sends @len bytes and both ends of a socket pair, which are closed here then. */
static void send_two(int socket, size_t len)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} control = {0};
	char bytes[8] = "";
	struct iovec iov = {bytes, len};
	struct msghdr header = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(&control.header), fds, sizeof(fds));
	assert_int_equal(sendmsg(socket, &header, 0), len);
	close(fds[0]);
	close(fds[1]);
}

static void descriptors_that_nobody_takes_are_closed(void **state)
{
	int ends[2], fd, before, after;
	char got;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	before = dup(ends[0]);
	close(before);
	send_two(ends[1], 1);
	assert_int_equal(emu_child_receive(ends[0], &got, sizeof(got), &fd), 1);
	assert_true(fd >= 0);
	close(fd);
	/* One with a message that is none. */
	send_two(ends[1], 0);
	assert_int_equal(emu_child_receive(ends[0], &got, sizeof(got), &fd), 0);
	assert_int_equal(fd, -1);
	after = dup(ends[0]); /* the lowest that is free */
	assert_int_equal(after, before);
	close(after);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words_of_an_answer_end_though_their_sender_does_not_end_them),
		cmocka_unit_test(descriptors_that_nobody_takes_are_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
