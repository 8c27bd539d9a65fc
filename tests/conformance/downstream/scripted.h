/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The downstream driver between a raw client and a scripted DSP at the link's end: it answers the
 * driver's own calls, and holds back those of users until the test says what to send. Domains: the
 * compute DSP (3), an audio DSP (0).
 */
#ifndef TEST_DOWNSTREAM_SCRIPTED_H
#define TEST_DOWNSTREAM_SCRIPTED_H

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/smq.h>

#include "emulator/kernel/driver.h"

#define CDSP		 3u
#define ADSP		 0u
#define MODULE		 1000u /* a handle as modules have them */
#define SCRIPTED_RECORDS 1400u

struct scripted;

struct scripted_end {
	struct scripted *dsp;
	uint32_t domain;
	struct emu_end *driver, *end;
};

struct scripted {
	struct emu_driver *driver;
	struct emu_clock *clock;
	struct emu_stats stats;
	struct scripted_end ends[2];
	uint32_t attributes[256]; /* what the DSPs answer */
	/* Called for each message, on the sender's thread; true: it has been dealt with. */
	bool (*script)(struct scripted *dsp, const struct frpc_smq_msg *message);
	bool hold_all; /* the driver's own calls, too */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct frpc_smq_msg messages[SCRIPTED_RECORDS]; /* of users, and of the driver if held */
	uint32_t count;
	struct frpc_smq_msg last_own; /* the driver's newest call */
	uint32_t own_count;
	uint64_t signals[16];
	uint32_t signal_count;
};

/* A cmocka setup and teardown: *state is a struct scripted. Teardown proves that nothing is left. */
int scripted_setup(void **state);
int scripted_teardown(void **state);

/* Opens a node. @domain chosen, unless UINT32_MAX. */
int scripted_open(struct scripted *dsp, uint32_t domain);
/* The same with a process of one's own. */
int scripted_create(struct scripted *dsp, uint32_t domain);
void scripted_close(struct scripted *dsp, int file);
long scripted_ioctl(struct scripted *dsp, int file, uint32_t cmd, void *arg);
/* As a 32-bit client; @arg must lie below 4 GiB. */
long scripted_ioctl32(struct scripted *dsp, int file, uint32_t cmd, void *arg);
/* Memory that both kinds of client can name: zeroed, below 4 GiB, one page. */
void *scripted_low_page(void);
void scripted_free_low_page(void *page);

/* Waits until @count user messages have come; the last of them. */
struct frpc_smq_msg scripted_await(struct scripted *dsp, uint32_t count);
uint32_t scripted_count(struct scripted *dsp);

/* Answers: the short form; with flags; anything. What the driver says of it. */
int scripted_answer(struct scripted *dsp, uint64_t ctx, int32_t retval);
int scripted_answer_flags(struct scripted *dsp, uint64_t ctx, int32_t retval, uint32_t flags);
int scripted_send(struct scripted *dsp, uint32_t domain, const void *bytes, size_t len);
int scripted_notify(struct scripted *dsp, uint32_t client, uint32_t status);
int scripted_signal(struct scripted *dsp, uint32_t domain, uint32_t client, uint32_t id);

/* The DSP's reach into the driver's memory. */
void scripted_write(struct scripted *dsp, uint64_t address, const void *bytes, size_t len);
void scripted_read(struct scripted *dsp, uint64_t address, void *bytes, size_t len);

/* One restart of the compute DSP, or one step of it. */
void scripted_restart(struct scripted *dsp);
void scripted_restart_step(struct scripted *dsp, enum emu_restart_step step);

/* Lets the driver learn the attributes: what jobs need. */
void scripted_query(struct scripted *dsp, int file);

/* A call or command on a thread of its own. */
struct pending {
	struct scripted *dsp;
	int file;
	uint32_t cmd;
	void *arg;
	bool compat;
	pthread_t thread;
	_Atomic bool returned;
	long result;
	_Atomic pid_t tid;
	union {
		struct frpc_dn_invoke invoke;
		uint64_t any[16];
	} room;
};

void pending_start(struct pending *pending, struct scripted *dsp, int file, uint32_t cmd,
		   void *arg);
/* A call of @handle without arguments. */
void pending_call(struct pending *pending, struct scripted *dsp, int file, uint32_t handle,
		  uint32_t sc);
long pending_join(struct pending *pending);
/* Sends the thread signals until its command returns. */
long pending_interrupt(struct pending *pending, int signal);

/* A call of @handle without arguments, on this thread. */
long scripted_call(struct scripted *dsp, int file, uint32_t handle, uint32_t sc);

/* Installs a handler that does nothing, with or without SA_RESTART. */
void handle_signal(int signal, bool restart);

#endif
