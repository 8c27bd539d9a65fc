/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A third party's program: calls every method of its module and prints TAP. With the argument
 * "overflow" it only makes the call that a sanitizer must report.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <AEEStdErr.h>
#include <fastrpc.h>
#include <rpcmem.h>

#include "mixer.h"

static remote_handle64 mixer;

/* 0, or the line that was not as it should be. */
#define EXPECT(condition)                                                          \
	do {                                                                       \
		if (!(condition)) {                                                \
			fprintf(stderr, "line %d: " #condition ": %s\n", __LINE__, \
				frpc_last_error());                                \
			return __LINE__;                                           \
		}                                                                  \
	} while (0)

static int several_buffers_go_in_and_out(void)
{
	const int32 a[5] = {1, -2, 3, -4, 5};
	const unsigned char b[3] = {100, 200, 255};
	int32 product[5] = {0};
	char greeting[20] = "";
	int64 total = 0;

	EXPECT(!mixer_blend(mixer, a, 5, b, 3, 7, "mixer", product, 5, greeting, 20, &total));
	EXPECT(total == 3 + 555);
	for (int i = 0; i < 5; i++)
		EXPECT(product[i] == a[i] * 7);
	EXPECT(!strcmp(greeting, "mixer, hello"));
	/* The skel's check of a length comes back as the DSP's error, and nothing is written. */
	EXPECT(mixer_blend(mixer, a, 5, b, 3, 7, "mixer", product, 4, greeting, 20, &total) ==
	       (int)(DSP_AEE_EOFFSET + AEE_EBADPARM));
	return 0;
}

static int buffers_of_length_zero_keep_their_places(void)
{
	const unsigned char two[2] = {3, 4}, three[3] = {10, 20, 30};
	unsigned char out[3] = {0};
	int64 bytes = 0;

	EXPECT(!mixer_lengths(mixer, NULL, 0, three, 3, out, 3, &bytes) && bytes == 3003);
	EXPECT(out[0] == 10 && out[2] == 30);
	EXPECT(!mixer_lengths(mixer, two, 2, NULL, 0, out, 3, &bytes) && bytes == 2000003);
	EXPECT(out[0] == 3 && out[1] == 4 && out[2] == 0);
	EXPECT(!mixer_lengths(mixer, two, 2, three, 3, NULL, 0, &bytes) && bytes == 2003000);
	EXPECT(!mixer_lengths(mixer, two, 0, three, 0, out, 0, &bytes) && bytes == 0);
	EXPECT(!mixer_lengths(mixer, NULL, 0, NULL, 0, NULL, 0, &bytes) && bytes == 0);
	return 0;
}

/* Bytes 0..299 are a, 200..499 are b, 450..749 are the marks. */
static int overlapping(unsigned char *area)
{
	int64 total = 0, expected = 0;

	for (int i = 0; i < 750; i++)
		area[i] = (unsigned char)(i * 7);
	for (int i = 0; i < 300; i++)
		expected += area[i] + 1000 * area[200 + i];
	EXPECT(!mixer_overlap(mixer, area, 300, area + 200, 300, area + 450, 300, &total));
	EXPECT(total == expected);
	for (int i = 0; i < 450; i++)
		EXPECT(area[i] == (unsigned char)(i * 7));
	for (int i = 450; i < 750; i++)
		EXPECT(area[i] == 0x5a);
	return 0;
}

static int buffers_may_overlap(void)
{
	unsigned char local[750];
	unsigned char *shared = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 8192);
	int where = overlapping(local);

	EXPECT(shared);
	if (!where)
		where = overlapping(shared + 4000); /* across a page */
	rpcmem_free(shared);
	return where;
}

static int handles_go_in_and_out(void)
{
	int32 seen[10];
	void *buffers[3];
	int fds[3], where = 0;

	for (int i = 0; i < 3; i++) {
		buffers[i] = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 16384);
		fds[i] = rpcmem_to_fd(buffers[i]);
		EXPECT(fds[i] >= 0);
	}
	EXPECT(!mixer_handles(mixer, fds[0], 0, 16384, 42, fds[1], 4096, 8192, fds[2], 100, 5000,
			      seen, 10));
	/* An fd has another number on the DSP's side only if the driver says so: these do not. */
	if (seen[0] != fds[0] || seen[1] != 0 || seen[3] != 42 || seen[4] != fds[1] ||
	    seen[5] != 4096 || seen[7] != fds[2] || seen[8] != 100)
		where = __LINE__;
	/* Where the DSP can tell lengths, they are what was registered. */
	if (seen[2] && (seen[2] != 16384 || seen[6] != 8192 || seen[9] != 5000))
		where = __LINE__;
	for (int i = 0; i < 3; i++) {
		EXPECT(!remote_register_dma_handle(fds[i], 0));
		rpcmem_free(buffers[i]);
	}
	return where;
}

/* 3 and 123 buffers in, 1 and 123 out. */
static int two_hundred_and_fifty_buffers_go_in_one_call(void)
{
	static unsigned char in[123][300], out[123][300];
	mixer_piece pieces[123], reversed[123];
	int64 total = 0, expected = 0;

	for (int i = 0; i < 123; i++) {
		pieces[i].data = in[i];
		pieces[i].dataLen = i * 13 % 300;
		reversed[i].data = out[i];
		reversed[i].dataLen = (122 - i) * 13 % 300;
		for (int k = 0; k < pieces[i].dataLen; k++) {
			in[i][k] = (unsigned char)(i + k);
			expected += in[i][k];
		}
	}
	EXPECT(!mixer_many(mixer, pieces, 123, reversed, 123, &total));
	EXPECT(total == expected);
	for (int i = 0; i < 123; i++) {
		EXPECT(!memcmp(out[i], in[122 - i], (size_t)reversed[i].dataLen));
		EXPECT(out[i][299] == 0); /* beyond what was asked for */
	}
	return 0;
}

static int a_method_number_above_31_travels_in_prim_in(void)
{
	const int32 b[3] = {10, 20, 30};
	int32 c = 0;

	EXPECT(!mixer_distant(mixer, 5, b, 3, &c));
	EXPECT(c == 65);
	return 0;
}

static int a_skels_error_carries_the_dsps_offset(void)
{
	EXPECT((unsigned int)mixer_fail(mixer) == 0x8000040eu);
	EXPECT(strstr(frpc_strerror((int)0x8000040e), "AEE_EBADPARM"));
	return 0;
}

static int a_plainly_built_skel_works_and_returns_the_cpus_numbers(void)
{
	unsigned char in[3] = {1, 2, 3}, out[3] = {0};
	remote_arg pra[2] = {{.buf = {in, 3}}, {.buf = {out, 3}}};
	remote_handle64 h;

	EXPECT(!remote_handle64_open(
		"file:///libplain_skel.so?plain_skel_handle_invoke&_modver=1.0&_dom=cdsp", &h));
	EXPECT(!remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(2, 1, 1), pra));
	EXPECT(out[0] == 2 && out[2] == 6);
	EXPECT(remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(3, 0, 0), NULL) == AEE_EBADPARM);
	EXPECT(!remote_handle64_close(h));
	return 0;
}

static int an_old_style_module_is_opened_by_its_name(void)
{
	unsigned char in[3] = {1, 2, 3}, out[3] = {0};
	remote_arg pra[2] = {{.buf = {in, 3}}, {.buf = {out, 3}}};
	remote_handle h;

	EXPECT(!remote_handle_open("plain", &h));
	EXPECT(!remote_handle_invoke(h, REMOTE_SCALARS_MAKE(0, 1, 1), pra));
	EXPECT(out[0] == 2 && out[1] == 4 && out[2] == 6);
	EXPECT(remote_handle_invoke(h, REMOTE_SCALARS_MAKE(1, 0, 0), NULL) == AEE_EBADPARM);
	EXPECT(!remote_handle_close(h));
	EXPECT(remote_handle_close(h) == AEE_EINVHANDLE);
	return 0;
}

#define TEST(name)          \
	{                   \
#name, name \
	}

static const struct {
	const char *name;
	int (*run)(void);
} tests[] = {
	TEST(several_buffers_go_in_and_out),
	TEST(buffers_of_length_zero_keep_their_places),
	TEST(buffers_may_overlap),
	TEST(handles_go_in_and_out),
	TEST(two_hundred_and_fifty_buffers_go_in_one_call),
	TEST(a_method_number_above_31_travels_in_prim_in),
	TEST(a_skels_error_carries_the_dsps_offset),
	TEST(a_plainly_built_skel_works_and_returns_the_cpus_numbers),
	TEST(an_old_style_module_is_opened_by_its_name),
};

int main(int argc, char **argv)
{
	int count = sizeof(tests) / sizeof(*tests), failed = 0, res;

	res = mixer_open(mixer_URI "&_dom=cdsp", &mixer);
	if (res) {
		fprintf(stderr, "%s: %s\n", frpc_strerror(res), frpc_last_error());
		return 1;
	}
	if (argc > 1 && !strcmp(argv[1], "overflow"))
		return mixer_overflow(mixer, 16);
	for (int i = 0; i < count; i++) {
		int where = tests[i].run();

		printf("%s - %s\n", where ? "not ok" : "ok", tests[i].name);
		failed += where != 0;
	}
	res = mixer_close(mixer);
	if (res)
		fprintf(stderr, "close: %s\n", frpc_last_error());
	return failed || res;
}
