/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A machine whose DSP is played by the test: downstream ioctls go in at one side in the layout of a
 * 64-bit or a 32-bit client, the calls that reach the DSP are kept at the other, with their bytes. With
 * abi=mainline among its words it is a mainline driver's DSP, and the test has box_ioctl() alone.
 */
#ifndef TEST_MEMORY_BOX_H
#define TEST_MEMORY_BOX_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/smq.h>

#include "../../support/low_mem.h"
#include "emulator/api.h"

#define ADSP  0u
#define MDSP  1u
#define SDSP  2u
#define CDSP  3u
#define CDSP1 4u

#define SECURE_NODE "/dev/adsprpc-smd-secure"
#define OPEN_NODE   "/dev/adsprpc-smd"
#define PAGE	    UINT64_C(4096)
#define MIB	    UINT64_C(1048576)
#define CALLS_KEPT  64u
#define ARGS_KEPT   6u
#define BYTES_KEPT  64u
#define DSP_ADDRESS UINT64_C(0x40000000)

/* A call as the DSP got it. */
struct box_call {
	struct frpc_smq_msg message;
	struct {
		union frpc_smq_arg arg;
		struct frpc_smq_list list;
		struct frpc_smq_page page;
		int resolved; /* 0: the DSP could read its bytes */
		unsigned char bytes[BYTES_KEPT];
	} args[ARGS_KEPT];
};

struct box {
	struct frpc_emulator *emulator;
	bool compat;
	int file;
	unsigned char *low; /* one page below 4 GiB, for what a 32-bit client points to */
	/* The DSP that the test plays. */
	struct emu_end *dsp[5];
	struct emu_memory *memory[5];
	struct box_call calls[CALLS_KEPT];
	uint32_t count;
	/* The answer to the next driver call of that method; then 0 again. */
	int32_t refuse[32];
	uint32_t capabilities[256];
	uint64_t next_address; /* given for the next map */
	uint32_t fds_listed[16], fds_count;
	void (*during)(struct box *box, struct box_call *call); /* before a user call is answered */
	void (*before)(struct box *box, struct box_call *call); /* the same for a driver call */
	void *context;						/* theirs */
	/* The next user call is not answered until box_answer(); posted when it has arrived. */
	bool hold;
	sem_t held;
	uint64_t held_ctx;
};

/* Starts a machine of @spec with the test in place of its DSPs. Nothing is open yet. */
void box_start(struct box *box, const char *spec, bool compat);
void box_stop(struct box *box);

/* The test plays that DSP again, after somebody else did. */
void box_reconnect(struct box *box, uint32_t domain);

/* The calls after it are kept from the first place on. */
void box_forget(struct box *box);
/* The last call of handle 1 with that scalars word, or NULL. */
const struct box_call *box_find(const struct box *box, uint32_t sc);
uint32_t box_count(const struct box *box, uint32_t sc);

/* Answers the call that was held back. */
void box_answer(struct box *box, uint32_t domain);

/* The node's commands on box->file. */
long box_open(struct box *box, const char *node);
void box_close(struct box *box);
long box_ioctl(struct box *box, uint32_t cmd, void *arg);
long box_getinfo(struct box *box, uint32_t channel, uint32_t *ret_smmu);
long box_sess_info(struct box *box, struct frpc_dn_sess_info *info);
long box_init(struct box *box, const struct frpc_dn_init_attrs *init);
/* A dynamic process with a shell of one page and those attributes. */
long box_create(struct box *box, uint32_t attrs);
/* open, getinfo, create: all must succeed. */
void box_ready(struct box *box, uint32_t channel, uint32_t attrs);

long box_mmap(struct box *box, int fd, uint32_t flags, uint64_t va, uint64_t size, uint64_t *ret);
long box_munmap(struct box *box, uint64_t address, uint64_t size);
long box_mem_map(struct box *box, int fd, uint32_t flags, uint32_t attrs, uint64_t va, uint64_t len,
		 uint64_t *ret);
long box_mem_unmap(struct box *box, int fd, uint64_t address, uint64_t len);
long box_munmap_fd(struct box *box, int fd, uint64_t va, uint64_t len);

struct box_arg {
	uint64_t pv, len;
	int32_t fd;
	uint32_t attr;
};
long box_invoke(struct box *box, uint32_t handle, uint32_t sc, const struct box_arg *args);

/* A dma-buf, mapped below 4 GiB. */
struct box_buffer {
	int fd;
	unsigned char *bytes;
	size_t size;
};
struct box_buffer box_buffer(size_t size);
void box_drop(struct box_buffer *buffer);

/* The only map of the file; there must be one. */
struct frpc_emulator_map box_map(struct box *box);
uint32_t box_maps(struct box *box);
struct frpc_emulator_memory box_memory(struct box *box);

/* Does that thread of this process wait for something? */
bool box_sleeps(pid_t tid);

/* Every test twice: as a 64-bit and as a 32-bit client. */
#define BOX_BOTH(test)                                                    \
	{#test, test, box_setup_64, box_teardown, NULL},                  \
	{                                                                 \
#test " (32-bit)", test, box_setup_32, box_teardown, NULL \
	}
#define BOX_64(test)                                          \
	{                                                     \
#test, test, box_setup_64, box_teardown, NULL \
	}
#define BOX_32(test)                                                      \
	{                                                                 \
#test " (32-bit)", test, box_setup_32, box_teardown, NULL \
	}
/* With an empty box: the test starts its own machine. */
int box_setup_64(void **state);
int box_setup_32(void **state);
int box_teardown(void **state);

#endif
