/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What users of other libraries for this interface have met, posed to ours: each as far as an app can
 * bring it about. docs/testing.md says which test answers what.
 */
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "emulator.h"
#include "fastrpc.h"
#include "remote.h"
#include "rpcmem.h"
#include "support/counts.h"
#include "support/emulated.h"
#include "support/ok.h"
#include "support/testmod.h"

#define CDSP 3
#define URI  TESTMOD_URI "&_dom=cdsp"

extern char **environ;

static remote_handle64 open_module(void)
{
	remote_handle64 h = 0;

	OK(remote_handle64_open(URI, &h));
	return h;
}

static void expect_alive(remote_handle64 h)
{
	const int32_t vector[] = {20, 22};
	int64_t sum = 0;

	OK(testmod_sum(h, vector, 2, &sum));
	assert_int_equal(sum, 42);
}

static int close_session(int domain)
{
	struct remote_rpc_session_close request = {.domain = domain};

	return remote_session_control(FASTRPC_SESSION_CLOSE, &request, sizeof(request));
}

/* The first test of all: nothing has been opened yet in this process. */
static void before_any_open_every_handle_is_refused(void **state)
{
	(void)state;
	for (remote_handle64 h = 0; h < 300; h++) {
		assert_int_equal(testmod_call0(h, TESTMOD_EMPTY), AEE_EINVHANDLE);
		assert_int_equal(remote_handle64_close(h), AEE_EINVHANDLE);
	}
	assert_int_equal(testmod_call0((uintptr_t)state, TESTMOD_EMPTY), AEE_EINVHANDLE);
	assert_int_equal(testmod_call0(UINT64_MAX, TESTMOD_EMPTY), AEE_EINVHANDLE);
}

static void closing_a_session_of_which_nothing_is_open_says_so(void **state)
{
	(void)state;
	assert_int_equal(close_session(CDSP), AEE_ENOSESSION);
	assert_non_null(strstr(frpc_last_error(), "no session of domain 3 is open"));
}

/* What the app's heap holds. Sanitizers have allocators of their own, which look for leaks themselves. */
static size_t heap_in_use(void)
{
#if defined(__GLIBC__) && !UNDER_SANITIZER
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
#else
	return 0;
#endif
}

static void a_handle_that_is_closed_leaves_no_memory_behind(void **state)
{
	int cycles = count_of(500, 500, 500);
	remote_handle64 held = open_module();
	size_t before = 0;

	(void)state;
	for (int i = 0; i < 2 * cycles; i++) {
		if (i == cycles)
			before = heap_in_use();
		OK(remote_handle64_close(open_module()));
	}
	/* A record of a hundred bytes each would be more. */
	assert_true(heap_in_use() < before + 40 * (size_t)cycles);
	OK(remote_handle64_close(held));
}

static void a_call_on_a_closed_handle_is_refused_also_while_its_session_lives(void **state)
{
	remote_handle64 closed = open_module(), other = open_module();

	(void)state;
	OK(remote_handle64_close(closed));
	assert_int_equal(testmod_call0(closed, TESTMOD_EMPTY), AEE_EINVHANDLE);
	expect_alive(other);
	OK(remote_handle64_close(other));
}

static void a_made_up_handle_is_refused_also_while_others_are_open(void **state)
{
	remote_handle64 open = open_module();

	(void)state;
	for (remote_handle64 h = 0x100; h < 0x10000; h += 0x10)
		if (h != open)
			assert_int_equal(testmod_call0(h, TESTMOD_EMPTY), AEE_EINVHANDLE);
	assert_int_equal(testmod_call0(0, TESTMOD_EMPTY), AEE_EINVHANDLE);
	assert_int_equal(testmod_call0((uintptr_t)&open, TESTMOD_EMPTY), AEE_EINVHANDLE);
	expect_alive(open);
	OK(remote_handle64_close(open));
}

static void closing_twice_is_refused_and_costs_nobody_else_the_session(void **state)
{
	remote_handle64 first = open_module(), second = open_module();

	(void)state;
	OK(remote_handle64_close(first));
	for (int i = 0; i < 3; i++)
		assert_int_equal(remote_handle64_close(first), AEE_EINVHANDLE);
	expect_alive(second);
	OK(remote_handle64_close(second));
}

static void a_session_closes_under_its_handles_and_a_new_one_opens(void **state)
{
	remote_handle64 first = open_module(), second = open_module(), third;

	(void)state;
	OK(close_session(CDSP));
	assert_int_equal(testmod_call0(first, TESTMOD_EMPTY), AEE_EINVHANDLE);
	assert_int_equal(remote_handle64_close(second), AEE_EINVHANDLE);
	third = open_module();
	expect_alive(third);
	OK(remote_handle64_close(third));
}

static void a_context_that_cannot_be_made_leaves_the_session_as_it_was(void **state)
{
	uint32_t domains[] = {CDSP, 77};
	fastrpc_context_create request = {
		.effec_domain_ids = domains,
		.num_domain_ids = 2,
	};
	remote_handle64 h = open_module();

	(void)state;
	assert_int_not_equal(
		remote_session_control(FASTRPC_CONTEXT_CREATE, &request, sizeof(request)), 0);
	expect_alive(h);
	OK(remote_handle64_close(h));
}

static void more_than_64_buffers_cross_in_a_process_that_checks_sums(void **state)
{
	unsigned char bytes[250];
	uint64_t total = 0, expected = 0;
	remote_arg args[251];
	remote_handle64 h;

	(void)state;
	setenv("FASTRPC_PROCESS_ATTRS", "4", 1);
	h = open_module();
	unsetenv("FASTRPC_PROCESS_ATTRS");
	for (int i = 0; i < 250; i++) {
		bytes[i] = (unsigned char)(i * 7 + 1);
		expected += bytes[i];
		args[i] = (remote_arg){.buf = {&bytes[i], 1}};
	}
	args[250] = (remote_arg){.buf = {&total, sizeof(total)}};
	OK(remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(TESTMOD_SPAN, 250, 1), args));
	assert_int_equal(total, expected);
	OK(remote_handle64_close(h));
}

static void a_domain_that_does_not_exist_is_refused_by_every_request(void **state)
{
	static const int domains[] = {-2, 7, 8, 32, 77, 1 << 20, INT32_MAX, INT32_MIN};
	static const uint32_t requests[] = {
		FASTRPC_REMOTE_PROCESS_KILL,
		FASTRPC_REMOTE_PROCESS_EXCEPTION,
		FASTRPC_SESSION_CLOSE,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(domains) / sizeof(*domains); i++)
		for (size_t k = 0; k < sizeof(requests) / sizeof(*requests); k++) {
			int domain = domains[i];
			int res = remote_session_control(requests[k], &domain, sizeof(domain));

			/* Domains 7 and 8 are places for domains, of which nothing is open. */
			if (res != AEE_ENOSESSION)
				assert_int_equal(res, AEE_EBADPARM);
		}
}

static void a_buffer_of_three_gigabytes_is_as_long_as_it_was_asked_for(void **state)
{
	const uint64_t size = UINT64_C(3) << 30;
	unsigned char *buffer, in[64] = "on the stack", out[64] = {0};
	remote_handle64 h;

	(void)state;
	if (size > SIZE_MAX / 2)
		skip(); /* addresses of 32 bits */
	/* A kernel's heap takes it from the machine's memory at once, and ends whoever is large. */
	if (size / (uint64_t)sysconf(_SC_PAGESIZE) > (uint64_t)sysconf(_SC_PHYS_PAGES))
		skip();
	buffer = rpcmem_alloc2(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, (size_t)size);
	if (!buffer)
		skip(); /* a machine that lends nobody so much */
	h = open_module();
	/* What lies elsewhere is not taken for a part of it. */
	OK(testmod_pass(h, TESTMOD_ECHO, in, sizeof(in), out, sizeof(out)));
	assert_memory_equal(in, out, sizeof(in));
	assert_int_equal(testmod_pass(h, TESTMOD_ECHO, buffer + size - 8, 9, out, 9), AEE_EBADPARM);
	assert_non_null(strstr(frpc_last_error(), "which has 3221225472 bytes"));
	OK(remote_handle64_close(h));
	rpcmem_free(buffer);
}

/* Runs this program again as @role. Its wait status; what it wrote goes to @text. */
static int run_as(const char *role, const char *program, char *text, size_t textlen)
{
	int output = memfd_create("output", MFD_CLOEXEC), status = -1;
	ssize_t len;
	pid_t pid;

	assert_true(output >= 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(output, 1);
		dup2(output, 2);
		exec_foreign(program, role);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	len = pread(output, text, textlen - 1, 0);
	text[len < 0 ? 0 : len] = 0;
	close(output);
	return status;
}

static const char *own_path;

static void expect_clean_run(const char *role)
{
	char text[4096];
	int status = run_as(role, own_path, text, sizeof(text));

	if (status || *text)
		fail_msg("%s ends with status 0x%x and says: %s", role, (unsigned int)status, text);
}

static void a_process_may_end_with_everything_open(void **state)
{
	(void)state;
	expect_clean_run("leave-open");
}

/* The counters of a program that is asked to say nothing. */
static int logged;

void openlog(const char *ident, int option, int facility)
{
	(void)ident, (void)option, (void)facility;
	logged++;
}

void syslog(int priority, const char *format, ...)
{
	(void)priority, (void)format;
	logged++;
}

void vsyslog(int priority, const char *format, va_list args)
{
	(void)priority, (void)format, (void)args;
	logged++;
}

static void opening_calling_failing_and_closing_write_nothing_anywhere(void **state)
{
	(void)state;
	expect_clean_run("say-nothing");
}

static void a_dsp_that_computes_nothing_does_not_pass_for_one_that_works(void **state)
{
	const char *app = getenv("CALCULATOR"), *transport = getenv("FRPC_TRANSPORT");
	char text[4096], saved[80], broken[120], skels[512];

	(void)state;
	if (!app || !strstr(transport, "@emulator"))
		skip();
	snprintf(saved, sizeof(saved), "%s", transport);
	snprintf(skels, sizeof(skels), "%s", getenv("DSP_LIBRARY_PATH"));
	setenv("DSP_LIBRARY_PATH", getenv("CALCULATOR_SKEL"), 1);
	assert_int_equal(run_as("-n1000", app, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "= 499500\n"));
	assert_non_null(strstr(text, "= 999\n"));
	/* Every call is answered at once, and nothing has come of it. */
	snprintf(broken, sizeof(broken), "fault=invoke=0:%s", saved);
	setenv("FRPC_TRANSPORT", broken, 1);
	assert_int_not_equal(run_as("-n1000", app, text, sizeof(text)), 0);
	assert_null(strstr(text, "= 499500\n"));
	setenv("FRPC_TRANSPORT", saved, 1);
	setenv("DSP_LIBRARY_PATH", skels, 1);
}

/* ---- manners of a guest in somebody's process ---- */

static size_t environment_length(void)
{
	size_t length = 0;

	for (char **at = environ; *at; at++)
		length += strlen(*at) + 1;
	return length;
}

static void environment_signals_and_locale_stay_the_processs_own(void **state)
{
	struct sigaction before[NSIG], after;
	size_t length = environment_length();
	char *locale = setlocale(LC_ALL, NULL);
	remote_handle64 h;

	(void)state;
	for (int i = 1; i < NSIG; i++)
		sigaction(i, NULL, &before[i]);
	h = open_module();
	expect_alive(h);
	for (int i = 1; i < NSIG; i++)
		if (!sigaction(i, NULL, &after))
			assert_ptr_equal(after.sa_handler, before[i].sa_handler);
	OK(remote_handle64_close(h));
	assert_int_equal(environment_length(), length);
	assert_string_equal(setlocale(LC_ALL, NULL), locale);
}

static void no_descriptor_is_left_open_to_programs_that_are_executed(void **state)
{
	bool theirs[1024];
	remote_handle64 h;
	void *buffer;

	(void)state;
	for (int fd = 0; fd < 1024; fd++)
		theirs[fd] = fcntl(fd, F_GETFD) >= 0;
	h = open_module();
	buffer = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 4096);
	for (int fd = 0; fd < 1024; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0 && !theirs[fd] && !(flags & FD_CLOEXEC))
			fail_msg("descriptor %d is not close-on-exec", fd);
	}
	rpcmem_free(buffer);
	OK(remote_handle64_close(h));
}

static void descriptor_zero_is_as_good_as_any(void **state)
{
	(void)state;
	expect_clean_run("descriptor-zero");
}

static void a_buffer_forgotten_with_a_wrong_size_is_an_error_not_the_end(void **state)
{
	unsigned char *bytes =
		rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS | RPCMEM_HEAP_NOREG, 8192);

	(void)state;
	remote_register_buf(bytes, 8192, rpcmem_to_fd(bytes));
	frpc_clear_last_error();
	remote_register_buf(bytes, 4096, -1);
	assert_non_null(strstr(frpc_last_error(), "no buffer of 4096 bytes is registered"));
	remote_register_buf(bytes, 8192, -1);
	rpcmem_free(bytes);
}

/* ---- the roles of this program's children ---- */

static int leave_open(void)
{
	remote_handle64 first, second;
	void *buffer;

	buffer = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 4096);
	if (!buffer || remote_handle64_open(URI, &first) ||
	    remote_handle64_open(TESTMOD_URI "&_dom=cdsp&_session=1", &second) ||
	    fastrpc_mmap(CDSP, rpcmem_to_fd(buffer), buffer, 0, 4096, FASTRPC_MAP_FD) ||
	    testmod_call0(first, TESTMOD_EMPTY))
		return 1;
	exit(0);
}

/* A daemon that has closed its standard input: the first thing opened is descriptor 0. */
static int use_descriptor_zero(void)
{
	unsigned char *in, *out;
	remote_handle64 h;

	close(0);
	in = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 4096);
	out = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 4096);
	if (!in || !out)
		return 1;
	memset(in, 5, 4096);
	memset(out, 0, 4096);
	if (remote_handle64_open(URI, &h) ||
	    fastrpc_mmap(CDSP, rpcmem_to_fd(in), in, 0, 4096, FASTRPC_MAP_FD) ||
	    testmod_pass(h, TESTMOD_ECHO, in, 4096, out, 4096) || memcmp(in, out, 4096) != 0)
		return 2;
	if (fastrpc_munmap(CDSP, rpcmem_to_fd(in), in, 4096) || remote_handle64_close(h))
		return 3;
	rpcmem_free(in);
	/* And now the device's own files. */
	if (remote_handle64_open(URI, &h) || testmod_call0(h, TESTMOD_EMPTY) ||
	    remote_handle64_close(h))
		return 4;
	rpcmem_free(out);
	return 0;
}

static int say_nothing(void)
{
	remote_handle64 h;

	for (int i = 0; i < 10; i++) {
		if (remote_handle64_open(URI, &h) || testmod_call0(h, TESTMOD_EMPTY))
			return 1;
		if (testmod_return(h, 7) != 7 || testmod_call0(0, TESTMOD_EMPTY) != AEE_EINVHANDLE)
			return 2;
		if (remote_handle64_close(h) || remote_handle64_close(h) != AEE_EINVHANDLE)
			return 3;
	}
	return logged ? 4 : 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_any_open_every_handle_is_refused),
		cmocka_unit_test(closing_a_session_of_which_nothing_is_open_says_so),
		cmocka_unit_test(a_handle_that_is_closed_leaves_no_memory_behind),
		cmocka_unit_test(a_call_on_a_closed_handle_is_refused_also_while_its_session_lives),
		cmocka_unit_test(a_made_up_handle_is_refused_also_while_others_are_open),
		cmocka_unit_test(closing_twice_is_refused_and_costs_nobody_else_the_session),
		cmocka_unit_test(a_session_closes_under_its_handles_and_a_new_one_opens),
		cmocka_unit_test(a_context_that_cannot_be_made_leaves_the_session_as_it_was),
		cmocka_unit_test(more_than_64_buffers_cross_in_a_process_that_checks_sums),
		cmocka_unit_test(a_domain_that_does_not_exist_is_refused_by_every_request),
		cmocka_unit_test(a_buffer_of_three_gigabytes_is_as_long_as_it_was_asked_for),
		cmocka_unit_test(a_process_may_end_with_everything_open),
		cmocka_unit_test(opening_calling_failing_and_closing_write_nothing_anywhere),
		cmocka_unit_test(a_dsp_that_computes_nothing_does_not_pass_for_one_that_works),
		cmocka_unit_test(environment_signals_and_locale_stay_the_processs_own),
		cmocka_unit_test(no_descriptor_is_left_open_to_programs_that_are_executed),
		cmocka_unit_test(descriptor_zero_is_as_good_as_any),
		cmocka_unit_test(a_buffer_forgotten_with_a_wrong_size_is_an_error_not_the_end),
	};

	own_path = argv[0];
	if (argc > 1 && !strcmp(argv[1], "leave-open"))
		return leave_open();
	if (argc > 1 && !strcmp(argv[1], "descriptor-zero"))
		return use_descriptor_zero();
	if (argc > 1 && !strcmp(argv[1], "say-nothing"))
		return say_nothing();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
