/* SPDX-License-Identifier: BSD-3-Clause */
/* What stands before a transport in FRPC_TRANSPORT: trace=FILE: and fault=SPEC:. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "dspqueue.h"
#include "fastrpc.h"
#include "remote.h"
#include "rpcmem.h"
#include "support/leaks.h"
#include "support/testmod.h"

#define WARNINGS 2000

static char base[40]; /* mainline@emulator or downstream@emulator */

/* The next transport made is @words in front of the dialect's. */
static void put_before(const char *words)
{
	char spec[400];

	snprintf(spec, sizeof(spec), "%s%s", words, base);
	setenv("FRPC_TRANSPORT", spec, 1);
}

static int open_module(remote_handle64 *h)
{
	return remote_handle64_open(TESTMOD_URI "&_dom=cdsp", h);
}

/* A session of one call; its result. */
static int one_call(void)
{
	remote_handle64 h;
	int res = open_module(&h), closed;

	if (res)
		return res;
	res = testmod_call0(h, TESTMOD_EMPTY);
	closed = remote_handle64_close(h);
	return res ? res : closed;
}

static char *read_all(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = calloc(1, 1 << 20);

	assert_non_null(file);
	assert_non_null(text);
	text[fread(text, 1, (1 << 20) - 1, file)] = 0;
	fclose(file);
	return text;
}

static void a_trace_names_every_command_its_fields_and_its_result(void **state)
{
	char path[] = "/tmp/frpc-trace-XXXXXX", words[64], *text;
	bool mainline = !strncmp(base, "mainline", 8);
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	snprintf(words, sizeof(words), "trace=%s:", path);
	put_before(words);
	assert_int_equal(one_call(), 0);
	text = read_all(path);
	assert_non_null(strstr(text, mainline ? " open /dev/fastrpc-cdsp-secure = "
					      : " open /dev/adsprpc-smd-secure = "));
	assert_non_null(
		strstr(text, mainline ? " INIT_CREATE filelen=" : " INIT_ATTRS flags=1 filelen="));
	/* The listener's and remotectl's calls, with their arguments' sizes. */
	assert_non_null(strstr(text, " handle=0x7 sc=0x5000000 method=5\n"));
	assert_non_null(strstr(text, " handle=0x8 sc=0x2020200 method=2 in[8] in["));
	/* The call itself. */
	assert_non_null(strstr(text, " sc=0x2000000 method=2\n"));
	assert_non_null(strstr(text, "INVOKE = 0 ("));
	assert_non_null(strstr(text, " close "));
	free(text);
	unlink(path);
}

/* The attributes of the process that one session is made with, as the driver gets them. */
static unsigned long attributes_of_a_process(void)
{
	char path[] = "/tmp/frpc-trace-XXXXXX", words[64], *text, *at;
	unsigned long attributes;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	snprintf(words, sizeof(words), "trace=%s:", path);
	put_before(words);
	assert_int_equal(one_call(), 0);
	text = read_all(path);
	at = strstr(text, " INIT_");
	assert_non_null(at);
	at = strstr(at, " attrs=");
	assert_non_null(at);
	attributes = strtoul(at + strlen(" attrs="), NULL, 0);
	free(text);
	unlink(path);
	return attributes;
}

static void a_process_is_created_with_what_requests_and_environment_ask_for(void **state)
{
	struct remote_rpc_control_pd_dump dump = {.domain = CDSP_DOMAIN_ID, .enable = 1};
	struct remote_rpc_control_unsigned_module module = {.domain = CDSP_DOMAIN_ID, .enable = 1};

	(void)state;
	assert_int_equal(attributes_of_a_process(), 0);
	assert_int_equal(remote_session_control(FASTRPC_CONTROL_PD_DUMP, &dump, sizeof(dump)), 0);
	assert_int_equal(attributes_of_a_process(), 0x80);
	setenv("FASTRPC_PROCESS_ATTRS", "0x600", 1);
	assert_int_equal(attributes_of_a_process(), 0x680);
	assert_int_equal(
		remote_session_control(DSPRPC_CONTROL_UNSIGNED_MODULE, &module, sizeof(module)), 0);
	assert_int_equal(attributes_of_a_process(), 0x688);
	unsetenv("FASTRPC_PROCESS_ATTRS");
	dump.enable = module.enable = 0;
	assert_int_equal(remote_session_control(FASTRPC_CONTROL_PD_DUMP, &dump, sizeof(dump)), 0);
	assert_int_equal(
		remote_session_control(DSPRPC_CONTROL_UNSIGNED_MODULE, &module, sizeof(module)), 0);
	assert_int_equal(attributes_of_a_process(), 0);
}

/* Joined: one line a warning. */
static void gather(void *context, int level, const char *text)
{
	char *all = context;

	(void)level;
	snprintf(all + strlen(all), WARNINGS - strlen(all), "%s\n", text);
}

/*
 * Two processes with @text as their .debugconfig file, in a folder that joins the search path: each gets
 * the attributes @wanted. The warnings that came of it, and the file's name: it is gone by then.
 */
static void expect_configured(const char *text, int wanted, char *warnings, char *path, size_t room)
{
	char folder[] = "/tmp/frpc-config-XXXXXX", longer[600];
	char *search = strdup(getenv("DSP_LIBRARY_PATH"));
	FILE *file;

	assert_non_null(search);
	assert_non_null(mkdtemp(folder));
	snprintf(path, room, "%s/%d.debugconfig", folder, (int)getpid());
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	snprintf(longer, sizeof(longer), "%s;%s", folder, search);
	setenv("DSP_LIBRARY_PATH", longer, 1);
	frpc_set_log(gather, warnings, FRPC_LOG_WARNING);
	assert_int_equal(attributes_of_a_process(), wanted);
	assert_int_equal(attributes_of_a_process(), wanted);
	frpc_set_log(NULL, NULL, 0);
	setenv("DSP_LIBRARY_PATH", search, 1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
	free(search);
}

static int count(const char *text, const char *words)
{
	int found = 0;

	for (; (text = strstr(text, words)); text += strlen(words))
		found++;
	return found;
}

static void a_debugconfig_file_sets_attributes_and_warns_once_of_each_key_that_does_nothing(
	void **state)
{
	char path[100], warnings[WARNINGS] = "", line[300];

	(void)state;
	expect_configured("perfkernel=1\nrpctimeout=5\npddumb=1\nperfdsp=1\n", 0x600, warnings,
			  path, sizeof(path));
	snprintf(line, sizeof(line), "%s: the line 'rpctimeout=5'", path);
	assert_int_equal(count(warnings, line), 1);
	snprintf(line, sizeof(line), "%s: the line 'pddumb=1'", path);
	assert_int_equal(count(warnings, line), 1);
	assert_int_equal(count(warnings, "\n"), 2);
}

static void attributes_that_are_no_number_warn_once_and_change_nothing(void **state)
{
	static const char *const words[] = {"0x", "4x", "four", "-4", "0x100000000"};
	char warnings[WARNINGS] = "";

	(void)state;
	frpc_set_log(gather, warnings, FRPC_LOG_WARNING);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		setenv("FASTRPC_PROCESS_ATTRS", words[i], 1);
		assert_int_equal(attributes_of_a_process(), 0);
	}
	setenv("FASTRPC_PROCESS_ATTRS", "", 1);
	assert_int_equal(attributes_of_a_process(), 0);
	frpc_set_log(NULL, NULL, 0);
	unsetenv("FASTRPC_PROCESS_ATTRS");
	assert_int_equal(count(warnings, "FASTRPC_PROCESS_ATTRS=0x changes nothing"), 1);
	assert_int_equal(count(warnings, "\n"), 1);
}

static void what_does_not_fit_of_a_debugconfig_file_is_said_and_not_read(void **state)
{
	char path[100], warnings[WARNINGS] = "", line[300], text[4096 + 20] = "perfdsp=1\n";

	(void)state;
	memset(text + strlen(text), '#', 4086 - strlen(text));
	strcat(text, "\ncallerlevel=7\nperfkernel=1\n");
	expect_configured(text, 0x400, warnings, path, sizeof(path));
	snprintf(line, sizeof(line), "%s: only the lines among its first", path);
	assert_int_equal(count(warnings, line), 1);
	assert_int_equal(count(warnings, "\n"), 1);
}

static void a_fault_strikes_the_commands_and_times_it_names(void **state)
{
	struct frpc_error error = {.size = sizeof(error)};
	remote_handle64 h;
	void *buffer;
	int fd;

	(void)state;
	put_before("fault=mem_map=ENOMEM@2,mem_map=0x80000483@3:");
	assert_int_equal(open_module(&h), 0);
	buffer = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 4096);
	assert_non_null(buffer);
	fd = rpcmem_to_fd(buffer);
	assert_int_equal(fastrpc_mmap(CDSP_DOMAIN_ID, fd, buffer, 0, 4096, FASTRPC_MAP_FD), 0);
	assert_int_equal(fastrpc_munmap(CDSP_DOMAIN_ID, fd, buffer, 4096), 0);
	assert_int_not_equal(fastrpc_mmap(CDSP_DOMAIN_ID, fd, buffer, 0, 4096, FASTRPC_MAP_FD), 0);
	assert_int_equal(frpc_last_error_detail(&error), 0);
	assert_int_equal(error.origin, FRPC_ORIGIN_DRIVER);
	assert_int_equal(error.error_number, ENOMEM);
	/* A number is what the DSP is said to have answered. */
	assert_int_not_equal(fastrpc_mmap(CDSP_DOMAIN_ID, fd, buffer, 0, 4096, FASTRPC_MAP_FD), 0);
	assert_int_equal(frpc_last_error_detail(&error), 0);
	assert_int_equal(error.origin, FRPC_ORIGIN_DSP);
	assert_int_equal(fastrpc_mmap(CDSP_DOMAIN_ID, fd, buffer, 0, 4096, FASTRPC_MAP_FD), 0);
	assert_int_equal(fastrpc_munmap(CDSP_DOMAIN_ID, fd, buffer, 4096), 0);
	rpcmem_free(buffer);
	assert_int_equal(remote_handle64_close(h), 0);
}

static void a_node_that_cannot_be_opened_is_named_with_its_errno(void **state)
{
	(void)state;
	put_before("fault=open=EACCES:");
	assert_int_not_equal(one_call(), 0);
	assert_non_null(strstr(frpc_last_error(), "Permission denied"));
	assert_non_null(strstr(frpc_last_error(), "/dev/"));
	assert_non_null(strstr(frpc_last_error(), "be a member of the node's group"));
	assert_non_null(strstr(frpc_last_error(), "DSPRPC_CONTROL_UNSIGNED_MODULE"));
	assert_null(strstr(frpc_last_error(), "FRPC_EMULATOR=domains="));
}

static void a_process_that_the_driver_refuses_is_told_with_what_to_do(void **state)
{
	const char *create = strstr(base, "mainline") ? "INIT_CREATE" : "INIT_ATTRS";
	static const char *const errors[] = {"ECONNREFUSED", "EACCES"};
	char words[60];

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		snprintf(words, sizeof(words), "fault=%s=%s:", create, errors[i]);
		put_before(words);
		assert_int_not_equal(one_call(), 0);
		assert_non_null(strstr(frpc_last_error(), "no signed process"));
		assert_non_null(strstr(frpc_last_error(), "DSPRPC_CONTROL_UNSIGNED_MODULE"));
		assert_int_equal(!!strstr(frpc_last_error(), "is the DSP up"), i == 0);
	}
}

static void a_wrapper_without_a_transport_behind_it_is_quoted_as_it_was_written(void **state)
{
	(void)state;
	setenv("FRPC_TRANSPORT", "fault=open=EACCES:", 1);
	assert_int_equal(one_call(), AEE_EBADPARM);
	assert_non_null(strstr(frpc_last_error(), "FRPC_TRANSPORT=fault=open=EACCES:"));
	assert_non_null(strstr(frpc_last_error(), "\"\" is not a transport"));
}

/* Each system call in turn fails once: the library says so, or does without, and loses nothing. */
static void whatever_command_fails_nothing_leaks_and_the_next_session_works(void **state)
{
	static const char *const mainline[] = {"invoke",	 "init_create",	 "mem_map",
					       "alloc_dma_buff", "get_dsp_info", NULL},
				 *const downstream[] = {"invoke",  "init_attrs", "invoke2",
							"getinfo", "mem_map",	 NULL};
	const char *const *commands = strstr(base, "downstream") ? downstream : mainline;
	struct resources before;
	char words[64];

	(void)state;
	put_before("");
	assert_int_equal(one_call(), 0);
	before = resources_at_rest();
	for (size_t i = 0; commands[i]; i++)
		for (int time = 1; time <= 6; time++) {
			snprintf(words, sizeof(words), "fault=%s=EIO@%d:", commands[i], time);
			put_before(words);
			one_call();
			put_before("");
			assert_int_equal(one_call(), 0);
		}
	assert_resources_are_back(&before);
}

/*
 * Two failures in a row also cost the listener its second try, and what a restart answers is not tried
 * twice: nobody may wait for it then. While a library is loaded, all calls are the listener's.
 */
static void a_listener_that_cannot_be_heard_frees_whoever_waits_for_it(void **state)
{
	static const char *const faults[] = {
		"fault=invoke=EIO@%d,invoke=EIO@%d:", "fault=invoke=EPIPE@%d:",
		"fault=invoke=ECONNRESET@%d:", "fault=invoke=ENODEV@%d:"};
	struct resources before;
	char words[64];

	(void)state;
	put_before("");
	assert_int_equal(one_call(), 0);
	before = resources_at_rest();
	for (int i = 0; i < 12; i++) {
		int time = 4 + i % 3;

		snprintf(words, sizeof(words), faults[i / 3], time, time + 1);
		put_before(words);
		assert_int_not_equal(one_call(), 0);
		put_before("");
		assert_int_equal(one_call(), 0);
	}
	assert_resources_are_back(&before);
}

/* Closes one of two queues and makes another; one of the calls fails. The last one's result. */
static int replace_a_queue(void)
{
	dspqueue_t kept, closed, next;
	int res;

	if (dspqueue_create(CDSP_DOMAIN_ID, 0, 4096, 4096, NULL, NULL, NULL, &kept))
		return AEE_EFAILED;
	if (dspqueue_create(CDSP_DOMAIN_ID, 0, 4096, 4096, NULL, NULL, NULL, &closed)) {
		dspqueue_close(kept);
		return AEE_EFAILED;
	}
	dspqueue_close(closed);
	res = dspqueue_create(CDSP_DOMAIN_ID, 0, 4096, 4096, NULL, NULL, NULL, &next);
	if (!res)
		dspqueue_close(next);
	dspqueue_close(kept);
	return res;
}

/* Which call it is depends on the threads: every one has its turn, the destroying one among them. */
static void the_number_of_a_queue_that_the_dsp_still_has_is_not_given_again(void **state)
{
	struct resources before;
	char words[64];

	(void)state;
	put_before("");
	assert_int_equal(replace_a_queue(), 0);
	before = resources_at_rest();
	for (int time = 1; time <= 16; time++) {
		snprintf(words, sizeof(words), "fault=invoke=EIO@%d:", time);
		put_before(words);
		assert_int_not_equal(replace_a_queue(), (int)(DSP_AEE_EOFFSET + AEE_EITEMBUSY));
		put_before("");
		assert_int_equal(replace_a_queue(), 0);
	}
	assert_resources_are_back(&before);
}

static void words_that_mean_nothing_are_refused_with_what_to_write(void **state)
{
	static const struct {
		const char *words, *hint;
	} bad[] = {
		{"fault=invoke=EPIPX:", "\"invoke=EPIPX\" is no rule"},
		{"fault=innvoke=EPIPE:", "\"innvoke=EPIPE\" is no rule"},
		{"fault=invoke=EPIPE@0:", "is no rule"},
		{"fault=invoke=EPIPE@x:", "is no rule"},
		{"fault=open=7:", "is no rule"},
		{"fault=invoke:", "is no rule"},
		{"fault=:", "write fault=VALUE:TRANSPORT"},
		{"trace=:", "write trace=VALUE:TRANSPORT"},
		{"trace=/nowhere/at/all:", "/nowhere/at/all: No such file"},
		{"trase=/tmp/x:", "not a transport"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		put_before(bad[i].words);
		assert_int_equal(one_call(), AEE_EBADPARM);
		if (!strstr(frpc_last_error(), bad[i].hint))
			fail_msg("%s: \"%s\"", bad[i].words, frpc_last_error());
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trace_names_every_command_its_fields_and_its_result),
		cmocka_unit_test(a_process_is_created_with_what_requests_and_environment_ask_for),
		cmocka_unit_test(
			a_debugconfig_file_sets_attributes_and_warns_once_of_each_key_that_does_nothing),
		cmocka_unit_test(what_does_not_fit_of_a_debugconfig_file_is_said_and_not_read),
		cmocka_unit_test(attributes_that_are_no_number_warn_once_and_change_nothing),
		cmocka_unit_test(a_fault_strikes_the_commands_and_times_it_names),
		cmocka_unit_test(a_node_that_cannot_be_opened_is_named_with_its_errno),
		cmocka_unit_test(a_process_that_the_driver_refuses_is_told_with_what_to_do),
		cmocka_unit_test(
			a_wrapper_without_a_transport_behind_it_is_quoted_as_it_was_written),
		cmocka_unit_test(whatever_command_fails_nothing_leaks_and_the_next_session_works),
		cmocka_unit_test(a_listener_that_cannot_be_heard_frees_whoever_waits_for_it),
		cmocka_unit_test(the_number_of_a_queue_that_the_dsp_still_has_is_not_given_again),
		cmocka_unit_test(words_that_mean_nothing_are_refused_with_what_to_write),
	};

	snprintf(base, sizeof(base), "%s", getenv("FRPC_TRANSPORT"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
