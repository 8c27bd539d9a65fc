/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A DSP uses files on the CPU: every method of apps_std, through a skel that makes the reverse calls
 * which the test composes. What it must not reach: test_escapes.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "fastrpc.h"
#include "remote.h"
#include "rpcmem.h"

#include "dsp_files.h"

/* ---- the tests ---- */

static void the_dsp_reads_and_seeks_as_the_app_does(void **state)
{
	int32_t fd = 0, words[2], in[3];
	uint64_t length = 0;
	char bytes[64];

	(void)state;
	assert_int_equal(std_fopen("both", "r", &fd), 0);
	assert_int_equal(std_read(4, fd, bytes, 64, words, 2), 0);
	assert_int_equal(words[0], 13); /* the domain's own folder goes first */
	assert_memory_equal(bytes, "of the domain", 13);
	assert_int_equal(words[1], 1);
	assert_int_equal(std_words(12, &fd, 1, words, 4), 0);
	assert_int_equal(words[0], 1);
	assert_int_equal(std_words(14, &fd, 1, NULL, 0), 0);
	assert_int_equal(std_words(12, &fd, 1, words, 4), 0);
	assert_int_equal(words[0], 0);
	assert_int_equal(std_words(13, &fd, 1, words, 4), 0);
	assert_int_equal(words[0], 0);
	assert_int_equal(std_words(10, &fd, 1, &length, 8), 0);
	assert_int_equal(length, 13);
	memcpy(in, (int32_t[]){fd, -6, 2}, sizeof(in));
	assert_int_equal(std_words(9, in, 3, NULL, 0), 0);
	assert_int_equal(std_words(8, &fd, 1, words, 4), 0);
	assert_int_equal(words[0], 7);
	assert_int_equal(std_read(4, fd, bytes, 6, words, 2), 0);
	assert_memory_equal(bytes, "domain", 6);
	assert_int_equal(words[1], 0);
	memcpy(in, (int32_t[]){fd, -1, 0}, sizeof(in));
	assert_int_not_equal(std_words(9, in, 3, NULL, 0), 0);
	memcpy(in, (int32_t[]){fd, 0, 7}, sizeof(in));
	assert_int_equal(std_words(9, in, 3, NULL, 0), AEE_EBADPARM);
	assert_int_equal(std_words(11, &fd, 1, NULL, 0), 0);
	assert_int_equal(std_words(8, &fd, 1, words, 4), 0);
	assert_int_equal(words[0], 0);
	assert_int_equal(std_fclose(fd), 0);
	assert_int_equal(std_fclose(fd), AEE_EBADFD);
	assert_int_equal(std_fclose(-1), AEE_EBADFD);
}

static void lines_positions_and_other_files_under_one_number(void **state)
{
	int32_t fd = 0, words[2], in[3] = {0};
	struct wire wire;
	char bytes[32];

	(void)state;
	assert_int_equal(std_fopen("lines", "rb", &fd), 0);
	assert_int_equal(std_read(20, fd, bytes, 32, words, 1), 0);
	assert_string_equal(bytes, "first\n");
	begin(&wire); /* fgetpos */
	put(&wire, (int32_t[]){fd, 8}, 8);
	room(&wire, 4);
	room(&wire, 8);
	assert_int_equal(run(&wire, 6), 0);
	assert_int_equal(wire.out[0], 8);
	assert_int_equal(std_read(20, fd, bytes, 4, words, 1), 0);
	assert_string_equal(bytes, "sec");
	memcpy(bytes, wire.out + 4, 8);
	begin(&wire); /* fsetpos */
	put(&wire, (int32_t[]){fd, 8}, 8);
	put(&wire, bytes, 8);
	assert_int_equal(run(&wire, 7), 0);
	assert_int_equal(std_read(20, fd, bytes, 32, words, 1), 0);
	assert_string_equal(bytes, "second\n");
	assert_int_equal(std_read(20, fd, bytes, 32, words, 1), 0);
	assert_string_equal(bytes, "last without end");
	assert_int_equal(words[0], 0);
	assert_int_equal(std_read(20, fd, bytes, 32, words, 1), 0);
	assert_int_equal(words[0], 1);
	in[0] = fd; /* freopen */
	begin(&wire);
	put(&wire, in, sizeof(in));
	put_text(&wire, "inside");
	put_text(&wire, "r");
	room(&wire, 4);
	assert_int_equal(run(&wire, 1), 0);
	assert_memory_equal(wire.out, &fd, 4);
	assert_int_equal(std_read(4, fd, bytes, 5, words, 2), 0);
	assert_memory_equal(bytes, "plain", 5);
	assert_int_equal(std_fclose(fd), 0);
}

static void files_are_made_changed_renamed_and_removed_where_that_is_allowed(void **state)
{
	char path[256], to[256], bytes[16];
	int32_t fd = 0, words[2], in[3];
	struct stat st;

	(void)state;
	path_of(path, "work/new");
	assert_int_equal(std_fopen(path, "w", &fd), 0);
	assert_int_equal(std_fwrite(fd, "0123456789", 10, words), 0);
	assert_int_equal(words[0], 10);
	assert_int_equal(std_words(2, &fd, 1, NULL, 0), 0);
	assert_int_equal(std_words(23, &fd, 1, NULL, 0), 0);
	memcpy(in, (int32_t[]){32, fd, 4}, sizeof(in));
	assert_int_equal(std_words(32, in, 3, NULL, 0), 0);
	assert_int_equal(std_fclose(fd), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 4);
	assert_int_equal(std_fopen("new", "a+", &fd), 0); /* found by its name alone, too */
	assert_int_equal(std_fwrite(fd, "xyz", 3, words), 0);
	assert_int_equal(std_words(11, &fd, 1, NULL, 0), 0);
	assert_int_equal(std_read(4, fd, bytes, 7, words, 2), 0);
	assert_memory_equal(bytes, "0123xyz", 7);
	assert_int_equal(std_fclose(fd), 0);
	path_of(to, "work/sub");
	assert_int_equal(std_name(29, to, 0700, NULL, 0), 0);
	assert_int_not_equal(std_name(29, to, 0700, NULL, 0), 0);
	path_of(to, "work/sub/moved");
	assert_int_equal(std_rename(path, to), 0);
	assert_int_not_equal(stat(path, &st), 0);
	path_of(path, "work/sub");
	assert_int_not_equal(std_name(30, path, 0, NULL, 0), 0); /* not empty */
	assert_int_equal(std_name(24, to, 0, NULL, 0), 0);
	assert_int_equal(std_name(30, path, 0, NULL, 0), 0);
	assert_int_equal(std_name(24, to, 0, NULL, 0), AEE_ENOSUCHFILE);
}

static void folders_and_their_files_are_listed_with_what_stat_says(void **state)
{
	char record[264], wire_stat[96], path[256];
	unsigned char exists = 9;
	bool seen = false;
	uint64_t dir = 0, size;
	int32_t eof = 0;

	(void)state;
	path_of(path, "read");
	assert_int_equal(std_name(26, path, 0, &dir, 8), 0);
	for (int i = 0; i < 10 && !eof; i++) {
		assert_int_equal(std_words(28, (int32_t *)&dir, 2, record, sizeof(record)), 0);
		seen |= !strcmp(record + 4, "note");
		memcpy(&eof, record + 260, 4);
	}
	assert_true(seen && eof);
	assert_int_equal(std_words(27, (int32_t *)&dir, 2, NULL, 0), 0);
	assert_int_equal(std_words(27, (int32_t *)&dir, 2, NULL, 0), AEE_EBADFD);
	assert_int_equal(std_name(26, "cdsp", 0, &dir, 8), 0); /* in the search path */
	assert_int_equal(std_words(27, (int32_t *)&dir, 2, NULL, 0), 0);
	assert_int_equal(std_name(31, "note", 0, wire_stat, sizeof(wire_stat)), 0);
	memcpy(&size, wire_stat + 40, 8);
	assert_int_equal(size, 11);
	assert_int_equal(std_name(31, "nothing", 0, wire_stat, sizeof(wire_stat)), AEE_ENOSUCHFILE);
	assert_int_equal(std_name(22, "note", 0, &exists, 1), 0);
	assert_int_equal(exists, 1);
	assert_int_equal(std_name(22, "nothing", 0, &exists, 1), 0);
	assert_int_equal(exists, 0);
}

static void the_environment_is_an_overlay_of_the_sessions_own(void **state)
{
	char value[600], folder[256];
	int32_t needed, fd;

	(void)state;
	setenv("APP_SECRET", "mine", 1);
	assert_int_equal(std_getenv("APP_SECRET", value, 600, &needed), AEE_EGETENV);
	assert_int_equal(std_getenv("DSP_LIBRARY_PATH", value, 600, &needed), 0);
	assert_string_equal(value, getenv("DSP_LIBRARY_PATH"));
	assert_int_equal(needed, strlen(value) + 1);
	assert_int_equal(std_setenv("APP_SECRET", "the DSP's", 1), 0);
	assert_int_equal(std_setenv("APP_SECRET", "again", 0), 0);
	assert_int_equal(std_getenv("APP_SECRET", value, 600, &needed), 0);
	assert_string_equal(value, "the DSP's");
	assert_int_equal(std_getenv("APP_SECRET", value, 4, &needed), 0);
	assert_memory_equal(value, "the ", 4);
	assert_int_equal(needed, 10);
	assert_string_equal(getenv("APP_SECRET"), "mine");
	assert_int_equal(std_name(18, "APP_SECRET", 0, NULL, 0), 0);
	assert_int_equal(std_getenv("APP_SECRET", value, 600, &needed), AEE_EGETENV);
	assert_int_equal(std_setenv("a=b", "c", 1), AEE_EBADPARM);
	assert_int_equal(std_setenv("", "c", 1), AEE_EBADPARM);
	/* A list of folders that the DSP makes itself opens nothing that is not open anyway. */
	path_of(folder, "secret");
	assert_int_equal(std_setenv("MY_PATH", folder, 1), 0);
	assert_int_not_equal(std_fopen_with_env("MY_PATH", "key", &fd), 0);
	path_of(folder, "nowhere;");
	path_of(folder + strlen(folder), "read");
	assert_int_equal(std_setenv("MY_PATH", folder, 1), 0);
	assert_int_equal(std_fopen_with_env("MY_PATH", "note", &fd), 0);
	assert_int_equal(std_fclose(fd), 0);
	assert_int_equal(std_setenv("DSP_LIBRARY_PATH", "/etc", 1), 0);
	assert_int_not_equal(std_fopen_with_env("DSP_LIBRARY_PATH", "passwd", &fd), 0);
	assert_int_equal(std_fopen_with_env("ADSP_LIBRARY_PATH", "both", &fd), 0);
	assert_int_equal(std_fclose(fd), 0);
	assert_int_equal(std_name(18, "DSP_LIBRARY_PATH", 0, NULL, 0), 0);
}

static void the_search_path_is_told_with_the_domains_folders_first(void **state)
{
	struct wire wire;
	char path[256];
	uint32_t count;

	(void)state;
	for (uint32_t n = 0; n <= 2; n += 2) {
		uint32_t in[3] = {18, 2, n}, capacity[2] = {300, 300};

		begin(&wire);
		put(&wire, in, sizeof(in));
		put_text(&wire, "ADSP_LIBRARY_PATH");
		put_text(&wire, ";");
		put(&wire, capacity, n * 4);
		room(&wire, 8);
		for (uint32_t i = 0; i < n; i++)
			room(&wire, 300);
		assert_int_equal(run(&wire, 21), 0);
		memcpy(&count, wire.out, 4);
		assert_true(count >= 3);
	}
	path_of(path, "search/cdsp");
	assert_string_equal((char *)wire.out + 8, path);
	path_of(path, "search");
	assert_string_equal((char *)wire.out + 308, path);
}

static void calls_of_the_wrong_shape_are_refused(void **state)
{
	struct wire wire;
	int32_t words[2];

	(void)state;
	for (uint32_t method = 0; method <= 40; method++)
		for (uint32_t ins = 0; ins < 3; ins++)
			for (uint32_t outs = 0; outs < 3; outs++) {
				begin(&wire);
				for (uint32_t i = 0; i < ins; i++)
					put(&wire, "abc", 3); /* no NUL, too short */
				for (uint32_t i = 0; i < outs; i++)
					room(&wire, 3);
				assert_int_not_equal(run(&wire, method), 0);
			}
	begin(&wire);
	strcpy(wire.call.module, "apps_nothing");
	assert_int_equal(run(&wire, 0), AEE_EINVHANDLE);
	words[0] = 25;
	assert_int_equal(std_words(25, words, 1, words, 4), AEE_EUNSUPPORTED);
	words[0] = 37;
	words[1] = 100;
	assert_int_equal(std_words(37, words, 2, NULL, 0), AEE_EUNSUPPORTED);
}

/* ---- whole files in shared memory ---- */

static int std_fopen_fd(const char *name, const char *mode, int32_t *words)
{
	uint32_t in[3] = {34, (uint32_t)strlen(name) + 1, (uint32_t)strlen(mode) + 1};

	return std_texts(34, in, sizeof(in), (const char *[]){name, mode, NULL}, words, 8);
}

static int std_fopen_with_env_fd(const char *env, const char *name, const char *mode,
				 int32_t *words)
{
	uint32_t in[5] = {36};

	return std_texts(36, in, sizeof(in), (const char *[]){env, ";", name, mode, NULL}, words,
			 8);
}

static int std_fclose_fd(int32_t fd)
{
	const int32_t in[2] = {35, fd};

	return std_words(35, in, 2, NULL, 0);
}

/* {fd, length}: the memory that the DSP is to map holds the text. */
static void expect_whole(const int32_t *words, const char *text)
{
	char *bytes;

	assert_int_equal(words[1], strlen(text));
	bytes = mmap(NULL, 4096, PROT_READ, MAP_SHARED, words[0], 0);
	assert_ptr_not_equal(bytes, MAP_FAILED);
	assert_memory_equal(bytes, text, strlen(text));
	assert_int_equal(bytes[strlen(text)], 0);
	munmap(bytes, 4096);
}

static int mem_fd(uint32_t method, int32_t fd, int32_t size);

static void the_dsp_gets_whole_files_as_memory_that_it_may_map(void **state)
{
	int32_t first[2], second[2];
	char path[256];

	(void)state;
	assert_int_equal(std_fopen_fd("both", "r", first), 0);
	expect_whole(first, "of the domain");
	assert_int_equal(std_fopen_with_env_fd("ADSP_LIBRARY_PATH", "lines", "rb", second), 0);
	expect_whole(second, "first\nsecond\nlast without end");
	assert_int_not_equal(first[0], second[0]);
	/* Mapped by its fd, as the app's buffers are; beyond its memory it is not. */
	assert_int_equal(mem_fd(6, first[0], first[1]), 0);
	assert_int_equal(mem_fd(7, first[0], first[1]), 0);
	assert_int_equal(mem_fd(6, first[0], 1 << 20), AEE_EBADPARM);
	assert_int_equal(std_fclose_fd(first[0]), 0);
	assert_int_equal(std_fclose_fd(first[0]), AEE_EBADFD);
	assert_int_equal(mem_fd(6, first[0], first[1]), AEE_EBADPARM);
	/* What may not be read, or is to be written, is not given. */
	assert_int_equal(std_fopen_fd("nothing", "r", first), AEE_ENOSUCHFILE);
	assert_int_not_equal(std_fopen_fd("absolute", "r", first), 0);
	assert_int_equal(std_fopen_fd("both", "r+", first), AEE_EBADPARM);
	assert_int_equal(std_fopen_fd("made", "w", first), AEE_EBADPARM);
	assert_int_equal(std_fopen_with_env_fd("ADSP_LIBRARY_PATH", "made", "w", first),
			 AEE_EBADPARM);
	make_file("search/empty", "");
	assert_int_equal(std_fopen_fd("empty", "r", first), AEE_EBADSIZE);
	path_of(path, "search/empty");
	assert_int_equal(unlink(path), 0);
	/* The second one is left for the session's end. */
}

/* ---- apps_mem ---- */

struct map_request {
	int32_t heap;
	uint32_t lflags, rflags, pad;
	uint64_t vin;
	int64_t len;
};

static int mem_map(uint32_t rflags, int64_t len, uint64_t *addresses)
{
	const struct map_request in = {25, 0, rflags, 0, 0, len};
	struct wire wire;
	int res;

	begin(&wire);
	strcpy(wire.call.module, "apps_mem");
	put(&wire, &in, sizeof(in));
	room(&wire, 16);
	res = run(&wire, 2);
	memcpy(addresses, wire.out, 16);
	return res;
}

static int mem_unmap(uint64_t address, int64_t len)
{
	const uint64_t in[2] = {address, (uint64_t)len};
	struct wire wire;

	begin(&wire);
	strcpy(wire.call.module, "apps_mem");
	put(&wire, in, sizeof(in));
	return run(&wire, 3);
}

static int mem_fd(uint32_t method, int32_t fd, int32_t size)
{
	const int32_t in[3] = {fd, method == 6 ? 0 : size, size};
	struct wire wire;

	begin(&wire);
	strcpy(wire.call.module, "apps_mem");
	put(&wire, in, sizeof(in));
	if (method == 4)
		room(&wire, 16);
	return run(&wire, method);
}

static void the_dsp_gets_memory_and_gives_it_back(void **state)
{
	uint64_t addresses[2];

	(void)state;
	assert_int_equal(mem_map(0, 65536, addresses), 0);
	assert_int_not_equal(addresses[0], 0);
	assert_int_not_equal(addresses[1], 0);
	assert_int_not_equal(mem_unmap(addresses[1], 4096), 0);
	assert_int_equal(mem_unmap(addresses[1], 65536), 0);
	assert_int_equal(mem_unmap(addresses[1], 65536), AEE_ENOSUCHMAP);
	assert_int_equal(mem_map(0x1000, 1 << 20, addresses), 0); /* pages for its heap */
	assert_int_equal(addresses[0], 0);
	assert_int_not_equal(addresses[1], 0);
	assert_int_equal(mem_unmap(addresses[1], 1 << 20), 0);
	assert_int_equal(mem_map(0x10000, 8192, addresses), 0); /* named by an fd */
	assert_int_equal(mem_unmap(addresses[1], 8192), 0);
	assert_int_equal(mem_map(0, 0, addresses), AEE_EBADSIZE);
	assert_int_equal(mem_map(0, -1, addresses), AEE_EBADSIZE);
	assert_int_equal(mem_map(0, INT64_MAX, addresses), AEE_EBADSIZE);
	assert_int_equal(mem_map(0, INT32_MAX, addresses), AEE_ENORPCMEMORY);
	assert_int_equal(mem_map(0, 4096, addresses), 0); /* left for the session's end */
}

static void the_dsp_maps_only_buffers_that_the_app_passes_around(void **state)
{
	void *buffer = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 8192);
	int fd = rpcmem_to_fd(buffer), own;
	char path[256];

	(void)state;
	assert_non_null(buffer);
	path_of(path, "secret/key");
	own = open(path, O_RDWR | O_CLOEXEC);
	assert_true(own > 0);
	for (uint32_t method = 4; method <= 6; method += 2) {
		assert_int_equal(mem_fd(method, own, 4096), AEE_EBADPARM);
		assert_int_equal(mem_fd(method, -1, 4096), AEE_EBADPARM);
		assert_int_equal(mem_fd(method, fd, 8193), AEE_EBADPARM);
		assert_int_equal(mem_fd(method, fd, -1), AEE_EBADPARM);
	}
	assert_int_equal(mem_fd(6, fd, 8192), 0);
	assert_int_equal(mem_fd(7, fd, 8192), 0);
	assert_int_equal(mem_fd(7, fd, 8192), AEE_ENOSUCHMAP);
	close(own);
	rpcmem_free(buffer);
}

static void folders_are_allowed_by_name_only_if_they_are_there(void **state)
{
	char path[256];

	(void)state;
	assert_int_equal(frpc_allow_folder(NULL, 0), AEE_EBADPARM);
	path_of(path, "nowhere");
	assert_int_equal(frpc_allow_folder(path, 0), AEE_ENOSUCHFILE);
	path_of(path, "read/note");
	assert_int_equal(frpc_allow_folder(path, 0), AEE_EBADPARM);
}

static void unmodified_programs_allow_folders_through_the_environment(void **state)
{
	char path[256];
	int32_t fd;

	(void)state;
	path_of(path, "secret");
	setenv("FRPC_FILES_READ", path, 1);
	assert_int_equal(std_fopen("key", "r", &fd), 0);
	assert_int_equal(std_fclose(fd), 0);
	assert_int_equal(std_fopen("key", "r+", &fd), AEE_EBADPERMS);
	unsetenv("FRPC_FILES_READ");
	setenv("FRPC_FILES_WRITE", path, 1);
	assert_int_equal(std_fopen("key", "r+", &fd), 0);
	assert_int_equal(std_fclose(fd), 0);
	unsetenv("FRPC_FILES_WRITE");
	assert_int_not_equal(std_fopen("key", "r", &fd), 0);
	setenv("FRPC_FILES", "unconfined", 1);
	assert_int_equal(std_fopen("absolute", "r", &fd), 0);
	assert_int_equal(std_fclose(fd), 0);
	unsetenv("FRPC_FILES");
}

/* qemu-user's -L shows its own folder where "/" is opened. */
static bool absolute_names_begin_at_the_root(const char *path)
{
	int top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool there = top >= 0 && !faccessat(top, path + 1, F_OK, 0);

	if (top >= 0)
		close(top);
	return there;
}

static void unconfined_programs_read_by_absolute_names(void **state)
{
	char path[256];
	int32_t fd;

	(void)state;
	path_of(path, "secret/key");
	if (!absolute_names_begin_at_the_root(path)) {
		print_message("left out: opening / gives another folder (qemu-user -L)\n");
		skip();
	}
	setenv("FRPC_FILES", "unconfined", 1);
	assert_int_equal(std_fopen(path, "r", &fd), 0);
	assert_int_equal(std_fclose(fd), 0);
	assert_int_not_equal(std_fopen(path, "w", &fd), 0);
	unsetenv("FRPC_FILES");
}

static void a_session_that_ends_closes_what_the_dsp_left_open(void **state)
{
	int32_t fds[64], fd;
	uint64_t dir;

	(void)state;
	for (int i = 0; i < 64; i++)
		assert_int_equal(std_fopen("both", "r", &fds[i]), 0);
	assert_int_equal(std_fopen("both", "r", &fd), AEE_EFOPEN); /* too many */
	assert_int_equal(std_name(26, "cdsp", 0, &dir, 8), 0);
	assert_int_equal(remote_handle64_close(proxy), 0);
	assert_int_equal(remote_handle64_open(PROXY_URI CDSP_DOMAIN, &proxy), 0);
	assert_int_equal(std_fclose(fds[0]), AEE_EBADFD);
	assert_int_equal(std_fopen("both", "r", &fd), 0);
	assert_int_equal(std_fclose(fd), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_dsp_reads_and_seeks_as_the_app_does),
		cmocka_unit_test(lines_positions_and_other_files_under_one_number),
		cmocka_unit_test(files_are_made_changed_renamed_and_removed_where_that_is_allowed),
		cmocka_unit_test(folders_and_their_files_are_listed_with_what_stat_says),
		cmocka_unit_test(the_environment_is_an_overlay_of_the_sessions_own),
		cmocka_unit_test(the_search_path_is_told_with_the_domains_folders_first),
		cmocka_unit_test(calls_of_the_wrong_shape_are_refused),
		cmocka_unit_test(the_dsp_gets_whole_files_as_memory_that_it_may_map),
		cmocka_unit_test(the_dsp_gets_memory_and_gives_it_back),
		cmocka_unit_test(the_dsp_maps_only_buffers_that_the_app_passes_around),
		cmocka_unit_test(folders_are_allowed_by_name_only_if_they_are_there),
		cmocka_unit_test(unmodified_programs_allow_folders_through_the_environment),
		cmocka_unit_test(unconfined_programs_read_by_absolute_names),
		cmocka_unit_test(a_session_that_ends_closes_what_the_dsp_left_open),
	};

	setenv("SKELS", getenv("DSP_LIBRARY_PATH") ? getenv("DSP_LIBRARY_PATH") : ".", 1);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
