/* SPDX-License-Identifier: BSD-3-Clause */
#include "raw_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

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

static void expect(struct raw_server *server, bool right, const char *problem)
{
	if (!right && !server->problem)
		server->problem = problem;
}

/* Serves one request; the length of the answer. */
static size_t serve(struct raw_server *server, uint32_t handle, uint32_t sc,
		    const struct request *in, unsigned char *answer)
{
	static unsigned char piece[1 << 17];
	uint64_t size = server->image.size;
	int32_t two[2] = {0, 0};
	uint32_t len;
	size_t at;

	if (handle == 0) { /* apps_remotectl.open */
		static const unsigned char no_words[256];

		expect(server, sc == 0x00020200 && !strcmp((const char *)in->in[1], "apps_std"),
		       "something else than apps_std was asked for");
		expect(server, in->out_len[1] <= sizeof(no_words), "too much room for words");
		len = in->out_len[1] <= sizeof(no_words) ? in->out_len[1] : 0;
		two[0] = 77;
		at = put(answer, 0, two, 8);
		return put(answer, at, no_words, len);
	}
	expect(server, handle == 77, "a handle that was not given out");
	switch (sc) {
	case 0x13050100: /* fopen_with_env */
		expect(server, !strcmp((const char *)in->in[1], "ADSP_LIBRARY_PATH"),
		       "another variable");
		expect(server, !strcmp((const char *)in->in[3], server->name), "another file");
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
		expect(server, false, "an unexpected reverse call");
		return 0;
	}
}

static void *listen(void *arg)
{
	static unsigned char request[4096], answer[1 << 18];
	struct raw_server *server = arg;
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
		if (out[3] > sizeof(request) || FRPC_SC_INBUFS(out[2]) > 8 ||
		    FRPC_SC_OUTBUFS(out[2]) > 8)
			return (void *)(intptr_t)-1;
		unpack(&unpacked, out[2], request);
		answer_len = serve(server, out[1], out[2], &unpacked, answer);
		in[0] = out[0];
		in[1] = 0;
	}
}

int raw_server_load(struct raw_server *server, const struct raw_client *client, const char *name)
{
	char path[300];
	struct stat st;
	int fd, res = -1;

	memset(server, 0, sizeof(*server));
	server->client = client;
	server->name = name;
	snprintf(path, sizeof(path), "%s/libtestmod_skel.so", getenv("TESTMOD_FOLDER"));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (!fstat(fd, &st)) {
		server->image.size = (size_t)st.st_size;
		server->image.bytes = malloc(server->image.size);
		if (server->image.bytes &&
		    read(fd, server->image.bytes, server->image.size) == st.st_size)
			res = 0;
	}
	close(fd);
	return res;
}

long raw_server_start(struct raw_server *server)
{
	long res = raw_invoke(server->client, 3, 0x03000000, NULL); /* init2 */

	return res ? res : -pthread_create(&server->thread, NULL, listen, server);
}

int raw_server_join(struct raw_server *server)
{
	void *ended;

	pthread_join(server->thread, &ended);
	free(server->image.bytes);
	server->image.bytes = NULL;
	return (int)(intptr_t)ended;
}

int raw_module_open(const struct raw_client *client, const char *uri, uint32_t *ret_handle)
{
	uint32_t in[2] = {(uint32_t)strlen(uri) + 1, 255}, out[2] = {0};
	char words[255] = "";
	long res = raw_invoke(client, 0, 0x00020200,
			      (struct raw_arg[]){
				      raw_plain(in, sizeof(in)),
				      raw_plain(uri, in[0]),
				      raw_plain(out, sizeof(out)),
				      raw_plain(words, sizeof(words)),
			      });

	*ret_handle = out[0];
	return res ? (int)res : (int)out[1];
}

int raw_module_close(const struct raw_client *client, uint32_t handle)
{
	uint32_t in[2] = {handle, 255}, out = 1;
	char words[255] = "";
	long res = raw_invoke(client, 0, 0x01010200,
			      (struct raw_arg[]){
				      raw_plain(in, sizeof(in)),
				      raw_plain(&out, sizeof(out)),
				      raw_plain(words, sizeof(words)),
			      });

	return res ? (int)res : (int)out;
}
