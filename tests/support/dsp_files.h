/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For tests of what a DSP does with files on the CPU, included once: reverse calls of apps_std, made by
 * a skel as the test composes them, and the tree that they are about.
 */
#ifndef DSP_FILES_H
#define DSP_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fastrpc.h"
#include "proxy.h"
#include "remote.h"
#include "tree.h"

static remote_handle64 proxy;
/* Of apps_std on the DSP; 0: each call opens and closes it, and is three that way. */
static uint32_t held_std;

/* ---- composing calls ---- */

struct wire {
	struct proxy_call call;
	unsigned char in[PROXY_ROOM], out[PROXY_ROOM];
	size_t in_len;
	uint32_t ins, outs;
};

static inline void begin(struct wire *wire)
{
	memset(wire, 0, sizeof(*wire));
	strcpy(wire->call.module, "apps_std");
	wire->call.held = held_std;
}

static inline void put(struct wire *wire, const void *bytes, size_t len)
{
	assert_true(wire->in_len + len <= sizeof(wire->in) && wire->ins < PROXY_BUFFERS);
	memcpy(wire->in + wire->in_len, bytes, len);
	wire->in_len += len;
	wire->call.in_len[wire->ins++] = (uint32_t)len;
}

static inline void put_text(struct wire *wire, const char *text)
{
	put(wire, text, strlen(text) + 1);
}

static inline void room(struct wire *wire, uint32_t len)
{
	wire->call.out_len[wire->outs++] = len;
}

static inline int run(struct wire *wire, uint32_t method)
{
	int32_t result = -1;
	remote_arg args[4] = {
		{.buf = {&wire->call, sizeof(wire->call)}},
		{.buf = {wire->in, sizeof(wire->in)}},
		{.buf = {&result, sizeof(result)}},
		{.buf = {wire->out, sizeof(wire->out)}},
	};

	wire->call.sc = REMOTE_SCALARS_MAKE(method < 31 ? method : 31, wire->ins, wire->outs);
	assert_int_equal(
		remote_handle64_invoke(proxy, REMOTE_SCALARS_MAKE(PROXY_METHOD, 2, 2), args), 0);
	return result;
}

/* From here on calls go to apps_std as it was opened once: for those that are many. */
static inline void hold_std(void)
{
	uint32_t answer[2] = {1, 0};
	char name[] = "apps_std";
	remote_arg args[2] = {
		{.buf = {name, sizeof(name)}},
		{.buf = {answer, sizeof(answer)}},
	};

	assert_int_equal(remote_handle64_invoke(proxy, REMOTE_SCALARS_MAKE(PROXY_OPEN, 1, 1), args),
			 0);
	assert_int_equal(answer[0], 0);
	assert_int_not_equal(answer[1], 0);
	held_std = answer[1];
}

/* ---- the methods ---- */

/* A method with @len bytes of numbers, then texts in, the last one NULL, and @outlen bytes out. */
static inline int std_texts(uint32_t method, const void *numbers, size_t len,
			    const char *const *texts, void *out, uint32_t outlen)
{
	struct wire wire;
	int res;

	begin(&wire);
	put(&wire, numbers, len);
	while (*texts)
		put_text(&wire, *texts++);
	if (outlen)
		room(&wire, outlen);
	res = run(&wire, method);
	if (outlen)
		memcpy(out, wire.out, outlen);
	return res;
}

static inline int std_fopen(const char *name, const char *mode, int32_t *fd)
{
	uint32_t in[2] = {(uint32_t)strlen(name) + 1, (uint32_t)strlen(mode) + 1};

	return std_texts(0, in, sizeof(in), (const char *[]){name, mode, NULL}, fd, 4);
}

static inline int std_fopen_with_env(const char *env, const char *name, int32_t *fd)
{
	uint32_t in[4] = {0};

	return std_texts(19, in, sizeof(in), (const char *[]){env, ";", name, "r", NULL}, fd, 4);
}

/* A method with words in and words out. */
static inline int std_words(uint32_t method, const int32_t *in, uint32_t ins, void *out,
			    uint32_t outlen)
{
	return std_texts(method, in, ins * 4, (const char *[]){NULL}, out, outlen);
}

static inline int std_fclose(int32_t fd)
{
	return std_words(3, &fd, 1, NULL, 0);
}

/* fread and fgets: words, then bytes. */
static inline int std_read(uint32_t method, int32_t fd, char *bytes, uint32_t len, int32_t *words,
			   uint32_t count)
{
	int32_t in[2] = {fd, (int32_t)len};
	struct wire wire;
	int res;

	begin(&wire);
	put(&wire, in, sizeof(in));
	room(&wire, count * 4);
	room(&wire, len);
	res = run(&wire, method);
	memcpy(words, wire.out, count * 4);
	memcpy(bytes, wire.out + count * 4, len);
	return res;
}

static inline int std_fwrite(int32_t fd, const void *bytes, uint32_t len, int32_t *words)
{
	int32_t in[2] = {fd, (int32_t)len};
	struct wire wire;
	int res;

	begin(&wire);
	put(&wire, in, sizeof(in));
	put(&wire, bytes, len);
	room(&wire, 8);
	res = run(&wire, 5);
	memcpy(words, wire.out, 8);
	return res;
}

/* A method on one name; @extra is a word behind its length, or for 31 in front of it. */
static inline int std_name(uint32_t method, const char *name, int32_t extra, void *out,
			   uint32_t outlen)
{
	int32_t in[2] = {(int32_t)strlen(name) + 1, extra};

	if (method >= 31) {
		in[1] = in[0];
		in[0] = (int32_t)method;
	}
	return std_texts(method, in, sizeof(in), (const char *[]){name, NULL}, out, outlen);
}

static inline int std_rename(const char *from, const char *to)
{
	uint32_t in[3] = {33, (uint32_t)strlen(from) + 1, (uint32_t)strlen(to) + 1};

	return std_texts(33, in, sizeof(in), (const char *[]){from, to, NULL}, NULL, 0);
}

static inline int std_setenv(const char *name, const char *value, int32_t override)
{
	int32_t in[3] = {(int32_t)strlen(name) + 1, (int32_t)strlen(value) + 1, override};

	return std_texts(17, in, sizeof(in), (const char *[]){name, value, NULL}, NULL, 0);
}

static inline int std_getenv(const char *name, char *value, uint32_t len, int32_t *needed)
{
	int32_t in[2] = {(int32_t)strlen(name) + 1, (int32_t)len};
	struct wire wire;
	int res;

	begin(&wire);
	put(&wire, in, sizeof(in));
	put_text(&wire, name);
	room(&wire, 4);
	room(&wire, len);
	res = run(&wire, 16);
	memcpy(needed, wire.out, 4);
	memcpy(value, wire.out + 4, len);
	return res;
}

/* ---- the tree: search/ is the search path; work/ may be written; read/ may be read; secret/ nothing ---- */

static inline int set_up(void **state)
{
	char path[256], list[600];

	(void)state;
	if (make_root("/tmp/frpc-files-XXXXXX"))
		return -1;
	make_folder("search");
	make_folder("search/cdsp");
	make_folder("work");
	make_folder("read");
	make_folder("secret");
	make_file("search/both", "plain");
	make_file("search/cdsp/both", "of the domain");
	make_file("search/lines", "first\nsecond\nlast without end");
	make_file("read/note", "for reading");
	make_file("secret/key", "not for you");
	path_of(path, "secret/key");
	link_to(path, "search/absolute");
	link_to("../secret/key", "search/relative");
	link_to("../secret", "search/folder");
	link_to("both", "search/inside");
	path_of(path, "secret");
	link_to(path, "work/folder");
	link_to("../secret/new", "work/dangling");
	path_of(path, "search/fifo");
	mkfifo(path, 0644);
	path_of(path, "search");
	snprintf(list, sizeof(list), "%s;%s", path, getenv("SKELS"));
	setenv("DSP_LIBRARY_PATH", list, 1);
	path_of(path, "work");
	if (frpc_allow_folder(path, 1))
		return -1;
	path_of(path, "read");
	if (frpc_allow_folder(path, 0))
		return -1;
	if (remote_handle64_open(PROXY_URI CDSP_DOMAIN, &proxy))
		fail_msg("%s", frpc_last_error());
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	remote_handle64_close(proxy);
	return remove_tree(root);
}

#endif
