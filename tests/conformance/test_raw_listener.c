/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client with a listener of its own, without our library: it serves a skel from memory, under a
 * name that no file has. The older static handles (0, 3) are used throughout.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "support/raw_client.h"
#include "support/testmod.h"

#define NAME "file:///a-name-that-no-file-has?testmod_skel_handle_invoke&_modver=1.0"

struct image {
	unsigned char *bytes;
	size_t size;
};

struct server {
	struct raw_client *client;
	struct image image;
	size_t position;
	int opened, closed, reads;
};

/* Reverse calls, unpacked by hand: in buffers 8-aligned behind their lengths, then out lengths. */
struct request {
	const unsigned char *in[8];
	uint32_t in_len[8], out_len[8], ins, outs;
};

static void unpack(struct request *request, uint32_t sc, const unsigned char *bytes)
{
	size_t at = 0;

	request->ins = FRPC_SC_INBUFS(sc);
	request->outs = FRPC_SC_OUTBUFS(sc);
	assert_true(request->ins <= 8 && request->outs <= 8);
	for (uint32_t i = 0; i < request->ins; i++) {
		memcpy(&request->in_len[i], bytes + at, 4);
		at += 4;
		if (request->in_len[i])
			at = (at + 7) & ~(size_t)7;
		request->in[i] = bytes + at;
		at += request->in_len[i];
	}
	for (uint32_t i = 0; i < request->outs; i++, at += 4)
		memcpy(&request->out_len[i], bytes + at, 4);
}

static size_t put(unsigned char *answer, size_t at, const void *bytes, uint32_t len)
{
	memcpy(answer + at, &len, 4);
	at = (at + 4 + 7) & ~(size_t)7;
	memcpy(answer + at, bytes, len);
	return at + len;
}

/* Serves one request; the length of the answer. */
static size_t serve(struct server *server, uint32_t handle, uint32_t sc, const struct request *in,
		    unsigned char *answer)
{
	static unsigned char piece[1 << 17];
	uint64_t size = server->image.size;
	int32_t two[2] = {0, 0};
	uint32_t len;
	size_t at;

	if (handle == 0) { /* apps_remotectl.open */
		char words[64] = "";

		assert_int_equal(sc, 0x00020200);
		assert_string_equal((const char *)in->in[1], "apps_std");
		two[0] = 77;
		at = put(answer, 0, two, 8);
		return put(answer, at, words, in->out_len[1]);
	}
	assert_int_equal(handle, 77);
	switch (sc) {
	case 0x13050100: /* fopen_with_env */
		assert_string_equal((const char *)in->in[1], "ADSP_LIBRARY_PATH");
		assert_string_equal((const char *)in->in[3], "a-name-that-no-file-has");
		server->opened++;
		two[0] = 5;
		return put(answer, 0, two, 4);
	case 0x0a010100: /* flen */
		return put(answer, 0, &size, 8);
	case 0x04010200: /* fread */
		len = in->out_len[1];
		two[0] = (int32_t)(size - server->position < len ? size - server->position : len);
		two[1] = (uint32_t)two[0] < len;
		memcpy(piece, server->image.bytes + server->position, (size_t)two[0]);
		server->position += (size_t)two[0];
		server->reads++;
		at = put(answer, 0, two, 8);
		return put(answer, at, piece, len);
	case 0x03010000: /* fclose */
		server->closed++;
		return 0;
	default:
		fail_msg("unexpected reverse call 0x%08x", sc);
		return 0;
	}
}

static void *listen(void *arg)
{
	static unsigned char request[4096], answer[1 << 18];
	struct server *server = arg;
	uint32_t in[4] = {0, 0xffffffff, 0, sizeof(request)}, out[4] = {0};
	size_t answer_len = 0;

	for (;;) {
		struct request unpacked;
		long res;

		in[2] = (uint32_t)answer_len;
		res = raw_invoke(server->client, 3, 0x04020200,
				 (struct raw_arg[]){
					 raw_plain(in, sizeof(in)),
					 raw_plain(answer, answer_len),
					 raw_plain(out, sizeof(out)),
					 raw_plain(request, sizeof(request)),
				 });
		if (res)
			return (void *)(intptr_t)res;
		assert_true(out[3] <= sizeof(request));
		unpack(&unpacked, out[2], request);
		answer_len = serve(server, out[1], out[2], &unpacked, answer);
		in[0] = out[0];
		in[1] = 0;
	}
}

static void read_image(struct image *image)
{
	char path[300];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/libtestmod_skel.so", getenv("TESTMOD_FOLDER"));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	image->size = (size_t)st.st_size;
	image->bytes = malloc(image->size);
	assert_non_null(image->bytes);
	assert_int_equal(read(fd, image->bytes, image->size), st.st_size);
	close(fd);
}

static void sum_through(struct raw_client *client, uint32_t handle)
{
	int32_t vector[3] = {1, 2, 39};
	uint32_t count = 3;
	int64_t sum = 0;
	long res = raw_invoke(client, handle, FRPC_SC_MAKE(TESTMOD_SUM, 2, 1),
			      (struct raw_arg[]){
				      raw_plain(&count, 4),
				      raw_plain(vector, sizeof(vector)),
				      raw_plain(&sum, sizeof(sum)),
			      });

	assert_int_equal(res, 0);
	assert_int_equal(sum, 42);
}

static void serve_from_memory(bool mainline)
{
	struct frpc_emulator_counters counters;
	struct raw_client client;
	struct server server = {.client = &client};
	uint32_t in[2] = {sizeof(NAME), 255}, out[2] = {0}, close_out[1] = {1};
	struct frpc_emulator *emulator;
	char words[255] = "";
	pthread_t listener;
	void *ended;

	assert_int_equal(frpc_emulator_new("domains=cdsp", &emulator, NULL, 0), 0);
	assert_int_equal(raw_open(&client, emulator, mainline, 3), 0);
	assert_int_equal(raw_create(&client), 0);
	read_image(&server.image);
	assert_int_equal(raw_invoke(&client, 3, 0x03000000, NULL), 0); /* init2 */
	assert_int_equal(pthread_create(&listener, NULL, listen, &server), 0);
	assert_int_equal(raw_invoke(&client, 0, 0x00020200,
				    (struct raw_arg[]){
					    raw_plain(in, sizeof(in)),
					    raw_plain(NAME, sizeof(NAME)),
					    raw_plain(out, sizeof(out)),
					    raw_plain(words, sizeof(words)),
				    }),
			 0);
	assert_string_equal(words, "");
	assert_int_equal(out[1], 0);
	sum_through(&client, out[0]);
	in[0] = out[0];
	assert_int_equal(raw_invoke(&client, 0, 0x01010200,
				    (struct raw_arg[]){
					    raw_plain(in, sizeof(in)),
					    raw_plain(close_out, 4),
					    raw_plain(words, sizeof(words)),
				    }),
			 0);
	assert_int_equal(close_out[0], 0);
	assert_int_equal(raw_invoke(&client, 4, 0x02000000, NULL), 0); /* exit */
	pthread_join(listener, &ended);
	assert_int_equal((int)(intptr_t)ended, (int)0x8000040d);
	frpc_emulator_get_counters(emulator, &counters);
	assert_int_equal(counters.skel_bytes_read, server.image.size);
	assert_int_equal(counters.modules_loaded, 1);
	assert_int_equal(server.opened, 1);
	assert_int_equal(server.closed, 1);
	assert_int_equal(frpc_emulator_close(emulator, client.file), 0);
	assert_int_equal(frpc_emulator_processes(emulator, 3), 0);
	frpc_emulator_free(emulator);
	free(server.image.bytes);
}

static void a_skel_served_from_memory_loads_over_mainline(void **state)
{
	(void)state;
	serve_from_memory(true);
}

static void a_skel_served_from_memory_loads_over_downstream(void **state)
{
	(void)state;
	serve_from_memory(false);
}

static void a_module_open_without_a_listener_fails_instead_of_hanging(void **state)
{
	struct raw_client client;
	uint32_t in[2] = {sizeof(NAME), 255}, out[2] = {0};
	struct frpc_emulator *emulator;
	char words[255] = "";

	(void)state;
	assert_int_equal(frpc_emulator_new("domains=cdsp", &emulator, NULL, 0), 0);
	assert_int_equal(raw_open(&client, emulator, true, 3), 0);
	assert_int_equal(raw_create(&client), 0);
	assert_int_equal(raw_invoke(&client, 0, 0x00020200,
				    (struct raw_arg[]){
					    raw_plain(in, sizeof(in)),
					    raw_plain(NAME, sizeof(NAME)),
					    raw_plain(out, sizeof(out)),
					    raw_plain(words, sizeof(words)),
				    }),
			 0);
	assert_int_equal((int)out[1], (int)0x80000406);
	assert_int_equal(frpc_emulator_close(emulator, client.file), 0);
	frpc_emulator_free(emulator);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_skel_served_from_memory_loads_over_mainline),
		cmocka_unit_test(a_skel_served_from_memory_loads_over_downstream),
		cmocka_unit_test(a_module_open_without_a_listener_fails_instead_of_hanging),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
