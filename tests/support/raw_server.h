/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A listener without a library: serves one library's image from memory by reverse calls, on the
 * older static handles (0, 3).
 */
#ifndef TEST_RAW_SERVER_H
#define TEST_RAW_SERVER_H

#include <pthread.h>
#include <stddef.h>

#include "raw_client.h"

struct raw_image {
	unsigned char *bytes;
	size_t size;
};

struct raw_server {
	const struct raw_client *client;
	const char *name; /* the one file it has */
	struct raw_image image;
	size_t position;
	int opened, closed, reads;
	const char *problem; /* the first thing that was not as it should be */
	pthread_t thread;
};

/* Reads the test skel as the file @name. 0 or -1. */
int raw_server_load(struct raw_server *server, const struct raw_client *client, const char *name);
/* Introduces the listener and starts it. 0, or what the DSP answered. */
long raw_server_start(struct raw_server *server);
/* After exit: what ended it. */
int raw_server_join(struct raw_server *server);
/* Opens the module @uri: its handle in *@ret_handle. What remotectl answered. */
int raw_module_open(const struct raw_client *client, const char *uri, uint32_t *ret_handle);
int raw_module_close(const struct raw_client *client, uint32_t handle);

#endif
