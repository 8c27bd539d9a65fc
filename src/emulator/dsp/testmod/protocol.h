/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The built-in test module of a DSP: what a conformance test asks of it, through ordinary FastRPC
 * calls. It is there only if the subsystem was configured with it. remotectl opens it by its name;
 * the handle is the same in every process. All fields little endian.
 *
 * It keeps a record of every message that reaches the DSP, and applies rules to those that match:
 * hold the answer back, or answer without running the call. A held call is answered by
 * TESTMOD_SEND, byte for byte as the test wants it, or never.
 */
#ifndef EMU_DSP_TESTMOD_PROTOCOL_H
#define EMU_DSP_TESTMOD_PROTOCOL_H

#include <assert.h>
#include <stdint.h>

#define EMU_TESTMOD_NAME   "frpc_conformance"
#define EMU_TESTMOD_HANDLE 0xc0fu /* below the handles of modules, above the static ones */

/* Methods; buffers in the order in, out. What does not have this shape: bad parameter. */
enum emu_testmod_method {
	EMU_TESTMOD_STATUS = 0,	  /* in i32: the method's own result */
	EMU_TESTMOD_ECHO = 1,	  /* in buffer i goes to out buffer i, as far as both reach */
	EMU_TESTMOD_FILL = 2,	  /* in {u32 byte, i32 result}: every out buffer gets that byte */
	EMU_TESTMOD_RULE = 3,	  /* in struct emu_testmod_rule: for messages to come */
	EMU_TESTMOD_CLEAR = 4,	  /* forgets every rule */
	EMU_TESTMOD_FIND = 5,	  /* in query; out record, out payload bytes */
	EMU_TESTMOD_SEND = 6,	  /* in bytes of a response; out i32: what the link said (-errno) */
	EMU_TESTMOD_READ = 7,	  /* in u64 device address; out the bytes there, or 0x80000483 */
	EMU_TESTMOD_WRITE = 8,	  /* in u64 device address, in bytes: written there */
	EMU_TESTMOD_LIST_FDS = 9, /* in u64 fds: the call's fd list; handles are not listed then */
	EMU_TESTMOD_KEEP = 10,	  /* leaves the fd list empty, whatever handles came along */
	EMU_TESTMOD_RESTART = 11, /* the whole DSP goes down and comes back, soon after this */
	EMU_TESTMOD_LET_GO = 12,  /* in i32: every held call is answered with it, once */
};

enum emu_testmod_action {
	EMU_TESTMOD_HOLD = 0,	/* never runs, is not answered */
	EMU_TESTMOD_ANSWER = 1, /* never runs, is answered with `status` */
	EMU_TESTMOD_POLL = 2,	/* as HOLD, but `status` is written to the poll word */
};

#define EMU_TESTMOD_ANY UINT32_MAX

/* The handle under which a driver signal is recorded: `pid` is its client, `ctx` its number. */
#define EMU_TESTMOD_SIGNALS (UINT32_MAX - 1u)

/* Which messages: ANY matches all. A rule is used up after `count` messages. */
struct emu_testmod_rule {
	uint32_t handle, method, bank;
	uint32_t action; /* enum emu_testmod_action */
	uint32_t count;
	int32_t status;
};

/* The newest record after number `after` that matches; waits for one up to `wait_ms`. */
struct emu_testmod_query {
	uint64_t after;
	uint32_t handle, method, bank;
	uint32_t wait_ms;
};

/* `number` 0: none. `payload_len` bytes of the call's memory were kept; as many as fit are given. */
struct emu_testmod_record {
	uint64_t number;
	uint32_t count; /* of messages that matched */
	uint32_t payload_len;
	/* The message: struct frpc_smq_msg. */
	uint32_t pid, tid;
	uint64_t ctx;
	uint32_t handle, sc;
	uint64_t page_addr, page_size;
};

#define EMU_TESTMOD_PAYLOAD_MAX 32768u

static_assert(sizeof(struct emu_testmod_rule) == 24, "testmod: rule");
static_assert(sizeof(struct emu_testmod_query) == 24, "testmod: query");
static_assert(sizeof(struct emu_testmod_record) == 56, "testmod: record");

#endif
