/* SPDX-License-Identifier: BSD-3-Clause */
/* Modules of the app, as a DSP opens, calls and closes them: through apps_remotectl. */
#include <dlfcn.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fastrpc/abi/smq.h>

#include "../../support/diary.h"
#include "../../support/reverse_request.h"
#include "AEEStdErr.h"
#include "fastrpc.h"
#include "lib/services/services.h"

#define CDSP	  3u
#define WORDS	  255u
#define OLDER_URI "file:///libappmod_skel.so?appmod_skel_invoke"

static struct frpc_services *services;

/* ---- calls as a DSP packs them ---- */

/* Serves it; what the first two out buffers hold is copied. */
static int serve(const struct request *request, uint32_t handle, uint32_t sc, void *first,
		 void *second)
{
	struct frpc_reverse_call call;
	int res = frpc_reverse_open(&call, handle, sc, request->bytes, request->len);

	if (!res)
		res = frpc_services_call(services, &call);
	for (uint32_t i = 0; !res && i < FRPC_SC_OUTBUFS(sc) && i < 2; i++) {
		const remote_buf *out = &call.args[FRPC_SC_INBUFS(sc) + i].buf;

		if (out->nLen)
			memcpy(i ? second : first, out->pv, out->nLen);
	}
	frpc_reverse_close(&call);
	return res;
}

static int open_module(const char *name, uint32_t *handle, char *words)
{
	const uint32_t in[2] = {(uint32_t)strlen(name) + 1, WORDS};
	struct request request = {.len = 0};
	struct {
		uint32_t handle;
		int32_t error;
	} out = {0, -1};
	char said[WORDS] = "";

	add_in(&request, in, sizeof(in));
	add_in(&request, name, in[0]);
	add_length(&request, sizeof(out));
	add_length(&request, WORDS);
	assert_int_equal(serve(&request, 0, FRPC_SC_MAKE(0, 2, 2), &out, said), 0);
	*handle = out.handle;
	if (words)
		memcpy(words, said, sizeof(said));
	return out.error;
}

static int close_module(uint32_t handle)
{
	const uint32_t in[2] = {handle, WORDS};
	struct request request = {.len = 0};
	int32_t error = -1;
	char said[WORDS];

	add_in(&request, in, sizeof(in));
	add_length(&request, sizeof(error));
	add_length(&request, WORDS);
	assert_int_equal(serve(&request, 0, FRPC_SC_MAKE(1, 1, 2), &error, said), 0);
	return error;
}

static int call_echo(uint32_t handle, const char *text)
{
	struct request request = {.len = 0};
	char back[64] = "";
	int res;

	add_in(&request, text, (uint32_t)strlen(text) + 1);
	add_length(&request, (uint32_t)strlen(text) + 1);
	res = serve(&request, handle, FRPC_SC_MAKE(APPMOD_ECHO, 1, 1), back, NULL);
	if (!res)
		assert_string_equal(back, text);
	return res;
}

static int call_word(uint32_t handle, uint32_t method, int32_t word)
{
	struct request request = {.len = 0};

	add_in(&request, &word, sizeof(word));
	return serve(&request, handle, FRPC_SC_MAKE(method, 1, 0), NULL, NULL);
}

/* ---- the folders ---- */

static void copy_module(const char *to)
{
	char from[512], path[256], bytes[65536];
	FILE *source, *target;
	size_t got;

	snprintf(from, sizeof(from), "%s/libappmod_skel.so", getenv("APP_MODULES"));
	path_of(path, to);
	source = fopen(from, "r");
	target = fopen(path, "w");
	assert_non_null(source);
	assert_non_null(target);
	while ((got = fread(bytes, 1, sizeof(bytes), source)) > 0)
		assert_int_equal(fwrite(bytes, 1, got, target), got);
	fclose(source);
	fclose(target);
}

static int begin(void **state)
{
	const struct frpc_services_config config = {.domain = CDSP};
	char list[600], path[256];

	(void)state;
	path_of(path, "search");
	snprintf(list, sizeof(list), "%s;%s", path, getenv("APP_MODULES"));
	setenv("DSP_LIBRARY_PATH", list, 1);
	return frpc_services_new(&config, &services);
}

static int end(void **state)
{
	(void)state;
	frpc_services_free(services);
	unlink(diary);
	return 0;
}

/* ---- the tests ---- */

static void a_module_of_the_apps_is_opened_called_and_closed(void **state)
{
	struct request request = {.len = 0};
	uint64_t h = 0;
	uint32_t handle;

	(void)state;
	assert_int_equal(open_module(APPMOD_URI, &handle, NULL), 0);
	assert_true(handle >= 4);
	expect_diary("open\n");
	assert_int_equal(call_echo(handle, "from the DSP"), 0);
	assert_int_equal(call_word(handle, APPMOD_FAIL, 77), 77);
	assert_int_equal(call_word(handle, 9, 0), AEE_EUNSUPPORTED);
	add_length(&request, sizeof(h));
	assert_int_equal(serve(&request, handle, FRPC_SC_MAKE(APPMOD_HANDLE, 0, 1), &h, NULL), 0);
	assert_int_equal(h, 0x1234567890);
	assert_int_equal(close_module(handle), 0);
	expect_diary("close\nunload\n");
	assert_int_equal(call_echo(handle, "late"), AEE_ENOSUCHMOD);
}

static void one_of_the_older_style_is_found_by_its_plain_name(void **state)
{
	uint32_t plain, by_uri;

	(void)state;
	assert_int_equal(open_module("appmod", &plain, NULL), 0);
	assert_int_equal(open_module(OLDER_URI, &by_uri, NULL), 0);
	assert_int_not_equal(plain, by_uri);
	assert_int_equal(call_echo(plain, "plain"), 0);
	assert_int_equal(call_echo(by_uri, "by URI"), 0);
	/* Methods 0 and 1 are ordinary ones there. */
	assert_int_equal(call_word(plain, 0, 0), AEE_EUNSUPPORTED);
	assert_int_equal(close_module(plain), 0);
	expect_diary("");
	assert_int_equal(close_module(by_uri), 0);
	expect_diary("unload\n");
}

static void what_is_opened_twice_is_one_module_until_it_is_closed_twice(void **state)
{
	uint32_t first, second, third;

	(void)state;
	assert_int_equal(open_module(APPMOD_URI, &first, NULL), 0);
	assert_int_equal(open_module(APPMOD_URI, &second, NULL), 0);
	assert_int_equal(first, second);
	assert_int_equal(close_module(first), 0);
	assert_int_equal(call_echo(second, "still there"), 0);
	expect_diary("open\n");
	assert_int_equal(close_module(second), 0);
	expect_diary("close\nunload\n");
	/* A handle is not used again for what comes later. */
	assert_int_equal(open_module(APPMOD_URI, &third, NULL), 0);
	assert_int_not_equal(third, first);
	assert_int_equal(close_module(first), AEE_EINVHANDLE);
	assert_int_equal(call_echo(first, "stale"), AEE_ENOSUCHMOD);
	assert_int_equal(call_echo(third, "fresh"), 0);
}

static void the_end_closes_and_unloads_what_the_dsp_left_open(void **state)
{
	uint32_t handle;

	(void)state;
	assert_int_equal(open_module(APPMOD_URI, &handle, NULL), 0);
	assert_int_equal(open_module("appmod", &handle, NULL), 0);
	expect_diary("open\n");
	frpc_services_end(services);
	expect_diary("close\nunload\n");
}

static void handles_that_nobody_gave_are_refused(void **state)
{
	static const uint32_t handles[] = {4, 0xff, 0x100, 0x101, 0x13f, 0x140, 0x1ff, 0xffffffff};
	uint32_t handle;

	(void)state;
	for (int open = 0; open < 2; open++) {
		for (size_t i = 0; i < sizeof(handles) / sizeof(*handles); i++) {
			if (open && handles[i] == handle)
				continue;
			assert_int_equal(call_echo(handles[i], "?"), AEE_ENOSUCHMOD);
			assert_int_equal(close_module(handles[i]), AEE_EINVHANDLE);
		}
		if (!open)
			assert_int_equal(open_module(APPMOD_URI, &handle, NULL), 0);
	}
	assert_int_equal(close_module(0), AEE_EINVHANDLE);
	assert_int_equal(close_module(1), 0); /* apps_std */
}

static void opening_and_closing_are_no_methods_of_the_dsps(void **state)
{
	const char uri[] = APPMOD_URI;
	const uint32_t len = sizeof(uri);
	struct request request = {.len = 0};
	uint32_t handle;

	(void)state;
	assert_int_equal(open_module(APPMOD_URI, &handle, NULL), 0);
	add_in(&request, &len, sizeof(len));
	add_in(&request, uri, len);
	assert_int_equal(serve(&request, handle, FRPC_SC_MAKE(0, 2, 0), NULL, NULL), AEE_EBADPARM);
	assert_int_equal(serve(&request, handle, FRPC_SC_MAKEX(0, 2, 0, 0, 1), NULL, NULL),
			 AEE_EBADPARM);
	assert_int_equal(call_word(handle, 1, 0), AEE_EBADPARM);
	expect_diary("open\n");
}

static void a_library_outside_of_the_search_path_is_not_loaded(void **state)
{
	static const char *const names[] = {
		"file:///../outside/libappmod_skel.so?appmod_skel_handle_invoke&_modver=1.0",
		"file:///folder/libappmod_skel.so?appmod_skel_handle_invoke&_modver=1.0",
		"file:////usr/lib/libappmod_skel.so?appmod_skel_handle_invoke&_modver=1.0",
		"file:///..?appmod_skel_handle_invoke&_modver=1.0",
		"../outside/appmod",
		"/outside/appmod",
		"appmod/",
		"",
		"file:",
		"file:///",
		"file:///libappmod_skel.so",
		"file:///libappmod_skel.so?",
	};
	char words[WORDS];
	uint32_t handle;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		int res = open_module(names[i], &handle, words);

		if (res != AEE_EBADPARM && res != AEE_EINVHANDLE)
			fail_msg("%s: 0x%x %s", names[i], (unsigned int)res, words);
		assert_int_equal(handle, 0);
	}
	/* No library of the system either, loaded or not. */
	assert_int_equal(open_module("file:///libz.so.1?a_skel_invoke", &handle, words),
			 AEE_EINVHANDLE);
	assert_non_null(strstr(words, root));
}

static void nothing_but_a_skels_entry_of_its_style_is_called(void **state)
{
	static const char *const names[] = {
		"file:///libc.so.6?system",
		"file:///libc.so.6?system&_modver=1.0",
		"file:///libappmod_skel.so?_skel_invoke",
		"file:///libappmod_skel.so?appmod_skel_invoke&_modver=1.0",
		"file:///libappmod_skel.so?appmod_skel_handle_invoke",
		"file:///libappmod_skel.so?appmod_skel_handle_invoke&_modver=2.0",
	};
	char words[WORDS];
	uint32_t handle;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(open_module(names[i], &handle, words), AEE_EBADPARM);
		assert_non_null(strstr(words, "entry"));
	}
	expect_diary("");
}

static void a_library_that_the_dsp_may_have_written_is_not_loaded(void **state)
{
	static const char name[] = "file:///libwritten_skel.so?appmod_skel_handle_invoke"
				   "&_modver=1.0";
	char path[256], words[WORDS];
	uint32_t handle;

	(void)state;
	copy_module("search/libwritten_skel.so");
	assert_int_equal(open_module(name, &handle, NULL), 0);
	assert_int_equal(close_module(handle), 0);
	path_of(path, "search");
	setenv("FRPC_FILES_WRITE", path, 1);
	assert_int_equal(open_module(name, &handle, words), AEE_EINVHANDLE);
	assert_non_null(strstr(words, "may write"));
	/* A link to it from where the DSP cannot write is no better. */
	path_of(path, "written");
	setenv("FRPC_FILES_WRITE", path, 1);
	assert_int_equal(open_module("linked", &handle, words), AEE_EINVHANDLE);
	assert_non_null(strstr(words, "may write"));
	unsetenv("FRPC_FILES_WRITE");
	expect_diary("open\nclose\nunload\n");
}

static void what_cannot_be_loaded_says_why(void **state)
{
	char words[WORDS], path[256];
	uint32_t handle;

	(void)state;
	make_file("search/libtext_skel.so", "this is no library");
	assert_int_equal(open_module("text", &handle, words), AEE_EINVHANDLE);
	assert_non_null(strstr(words, "libtext_skel.so"));
	assert_int_equal(open_module("file:///libappmod_skel.so?missing_skel_invoke", &handle,
				     words),
			 AEE_ENOSUCHSYMBOL);
	assert_non_null(strstr(words, "missing_skel_invoke"));
	assert_int_equal(open_module("nowhere", &handle, words), AEE_EINVHANDLE);
	path_of(path, "search/cdsp/libnowhere_skel.so");
	assert_non_null(strstr(words, path));
	assert_int_equal(open_module(APPMOD_URI "&refused", &handle, words), AEE_EBADSTATE);
	assert_non_null(strstr(words, "open"));
	expect_diary("unload\nunload\n");
}

static void the_words_fit_into_whatever_room_there_is(void **state)
{
	static const char name[] = "nowhere";
	char words[WORDS];

	(void)state;
	for (uint32_t room = 0; room < 40; room++) {
		const uint32_t in[2] = {sizeof(name), room};
		struct request request = {.len = 0};
		int32_t out[2];

		add_in(&request, in, sizeof(in));
		add_in(&request, name, sizeof(name));
		add_length(&request, sizeof(out));
		add_length(&request, room);
		memset(words, '#', sizeof(words));
		assert_int_equal(serve(&request, 0, FRPC_SC_MAKE(0, 2, 2), out, words), 0);
		assert_int_equal(out[1], AEE_EINVHANDLE);
		if (room)
			assert_non_null(memchr(words, 0, room));
	}
}

static void a_library_of_the_system_stands_in_for_one_that_is_not_there(void **state)
{
	uint32_t handle;

	(void)state;
	assert_int_equal(open_module("file:///libother_skel.so?appmod_skel_handle_invoke"
				     "&_modver=1.0",
				     &handle, NULL),
			 0);
	assert_int_equal(call_echo(handle, "the second name"), 0);
}

static void what_the_app_has_loaded_itself_needs_no_path(void **state)
{
	static const char name[] = "file:///libother_skel_system.so?appmod_skel_invoke";
	char path[512];
	uint32_t handle;
	void *library;

	(void)state;
	snprintf(path, sizeof(path), "%s/libother_skel_system.so", getenv("APP_MODULES"));
	setenv("DSP_LIBRARY_PATH", root, 1);
	assert_int_equal(open_module(name, &handle, NULL), AEE_EINVHANDLE);
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	assert_non_null(library);
	assert_int_equal(open_module(name, &handle, NULL), 0);
	assert_int_equal(call_echo(handle, "the app's own"), 0);
	assert_int_equal(close_module(handle), 0);
	expect_diary("");
	dlclose(library);
	expect_diary("unload\n");
}

static void the_loaders_own_path_is_for_apps_that_confine_nothing(void **state)
{
	uint32_t handle;

	(void)state;
	setenv("DSP_LIBRARY_PATH", root, 1); /* LD_LIBRARY_PATH leads to it */
	assert_int_equal(open_module("appmod", &handle, NULL), AEE_EINVHANDLE);
	setenv("FRPC_FILES", "unconfined", 1);
	assert_int_equal(open_module("appmod", &handle, NULL), 0);
	unsetenv("FRPC_FILES");
	assert_int_equal(close_module(handle), 0);
}

static void more_modules_than_there_is_room_for_are_refused(void **state)
{
	char name[128];
	uint32_t handle;
	int res = 0, open = 0;

	(void)state;
	while (!res && open < 1000) {
		snprintf(name, sizeof(name), APPMOD_URI "&number=%d", open);
		res = open_module(name, &handle, NULL);
		open += !res;
	}
	assert_int_equal(res, AEE_EOUTOFHANDLES);
	assert_int_equal(open, 64);
	/* What is open can be opened once more all the same. */
	assert_int_equal(open_module(APPMOD_URI "&number=7", &handle, NULL), 0);
}

static int make_folders(void **state)
{
	static const char *const folders[] = {"search", "search/cdsp", "search/folder", "outside",
					      "written"};

	(void)state;
	if (make_root("/tmp/frpc-modules-XXXXXX"))
		return -1;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		make_folder(folders[i]);
	copy_module("outside/libappmod_skel.so");
	copy_module("search/folder/libappmod_skel.so");
	copy_module("written/libappmod_skel.so");
	link_to("../written/libappmod_skel.so", "search/liblinked_skel.so");
	return keep_diary();
}

static int remove_folders(void **state)
{
	(void)state;
	return remove_tree(root);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_module_of_the_apps_is_opened_called_and_closed),
		TEST(one_of_the_older_style_is_found_by_its_plain_name),
		TEST(what_is_opened_twice_is_one_module_until_it_is_closed_twice),
		TEST(the_end_closes_and_unloads_what_the_dsp_left_open),
		TEST(handles_that_nobody_gave_are_refused),
		TEST(opening_and_closing_are_no_methods_of_the_dsps),
		TEST(a_library_outside_of_the_search_path_is_not_loaded),
		TEST(nothing_but_a_skels_entry_of_its_style_is_called),
		TEST(a_library_that_the_dsp_may_have_written_is_not_loaded),
		TEST(what_cannot_be_loaded_says_why),
		TEST(the_words_fit_into_whatever_room_there_is),
		TEST(a_library_of_the_system_stands_in_for_one_that_is_not_there),
		TEST(what_the_app_has_loaded_itself_needs_no_path),
		TEST(the_loaders_own_path_is_for_apps_that_confine_nothing),
		TEST(more_modules_than_there_is_room_for_are_refused),
	};

	return cmocka_run_group_tests_name("app_modules", tests, make_folders, remove_folders);
}
