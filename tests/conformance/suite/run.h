/* SPDX-License-Identifier: BSD-3-Clause */
/* What the running of rows keeps for them; for the suite's own files. */
#ifndef CONF_RUN_H
#define CONF_RUN_H

#include "conf.h"

#define CONF_CLIENTS 80u
#define CONF_BUFFERS 80u

struct conf {
	const struct conf_device *device;
	enum conf_version version;
	const char *domain;
	bool narrow;	      /* a 32-bit client */
	unsigned int lacking; /* needs that this device cannot serve */
	const struct conf_row *row;
	bool failed, rules;
	bool elsewhere;	      /* on a machine of the row's own */
	pthread_mutex_t lock; /* failures come from several threads */
	struct conf_client clients[CONF_CLIENTS];
	size_t client_count;
	struct conf_buffer buffers[CONF_BUFFERS];
	size_t buffer_count;
	struct conf_client observer;
	bool observing;
};

/* A process with the test module, in conf->observer. 0, or what went wrong. */
long conf_open_observer(struct conf *conf);

/* Places for the row's clients and buffers, given back when it ends. Never NULL. */
struct conf_client *conf_client_slot(struct conf *conf);
struct conf_buffer *conf_buffer_slot(struct conf *conf);
void conf_buffer_forget(struct conf *conf, const struct conf_buffer *buffer);
/* mmap() of memory that the rows' clients can name: below 4 GiB for 32-bit ones. */
void *conf_low_pages(struct conf *conf, size_t len, int prot, int flags, int fd);
/* The same request as a 32-bit client's. */
long conf_narrow_ioctl(struct conf_client *client, uint32_t cmd, void *arg);
/* Rules have been given to the test module: they are cleared when the row ends. */
void conf_rules_set(struct conf *conf);

#endif
