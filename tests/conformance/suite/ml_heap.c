/* SPDX-License-Identifier: BSD-3-Clause */
/* dma-bufs of a heap, which the driver did not make, and what an SMMU keeps from the DSP. */
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"

#define LEN	  16384u
#define LARGE	  (8u << 20) /* no allocator has that in one piece */
#define DSP_FAULT ((long)(int32_t)0x80000483)

static long dsp_reads(struct conf *conf, uint64_t address, void *bytes, size_t len)
{
	return conf_call(conf_observer(conf), EMU_TESTMOD_READ, 1, 1,
			 (struct conf_arg[]){conf_plain(&address, 8), conf_plain(bytes, len)});
}

static long dsp_writes(struct conf *conf, uint64_t address, const void *bytes, size_t len)
{
	return conf_call(conf_observer(conf), EMU_TESTMOD_WRITE, 2, 0,
			 (struct conf_arg[]){conf_plain(&address, 8), conf_plain(bytes, len)});
}

/* A call with @arg that the DSP holds: its buffer is mapped until the call is let go. */
static bool hold_call(struct conf *conf, struct conf_client *client, struct conf_arg arg,
		      struct conf_job *job, struct frpc_smq_page *ret_page)
{
	uint64_t mark = conf_mark(conf);
	struct conf_record record;
	bool found;

	conf_hold(conf, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, 1);
	conf_start_invoke(job, client, EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 0, 1),
			  &arg);
	found = conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record) &&
		conf_true(conf, conf_record_pages(&record));
	memset(ret_page, 0, sizeof(*ret_page));
	if (found)
		*ret_page = conf_record_pages(&record)[0];
	return found;
}

static void let_go(struct conf *conf, struct conf_job *job)
{
	conf_let_go(conf, 0);
	conf_equal(conf, conf_join(job), 0);
}

static void a_heaps_buffers_in_a_call(struct conf *conf)
{
	struct conf_buffer in = conf_heap_alloc(conf, LEN), out = conf_heap_alloc(conf, LEN);

	if (!in.bytes || !out.bytes)
		return;
	memset(in.bytes, 0x3a, LEN);
	conf_equal(conf,
		   conf_call(conf_process(conf), EMU_TESTMOD_ECHO, 1, 1,
			     (struct conf_arg[]){{in.bytes, LEN, in.fd}, {out.bytes, LEN, out.fd}}),
		   0);
	conf_bytes(conf, out.bytes, in.bytes, LEN);
}

static void a_heaps_buffer_is_not_copied(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_heap_alloc(conf, LEN);
	unsigned char seen[5] = {0};
	struct frpc_smq_page page;
	struct conf_job job;

	if (!buffer.bytes)
		return;
	if (hold_call(conf, client, (struct conf_arg){buffer.bytes, LEN, buffer.fd}, &job, &page)) {
		conf_equal(conf, dsp_writes(conf, page.addr + 100, "there", 5), 0);
		conf_bytes(conf, buffer.bytes + 100, "there", 5);
		memcpy(buffer.bytes + 9000, "back.", 5);
		conf_equal(conf, dsp_reads(conf, page.addr + 9000, seen, 5), 0);
		conf_bytes(conf, seen, "back.", 5);
	}
	let_go(conf, &job);
}

static void a_large_buffer_is_one_range(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_heap_alloc(conf, LARGE);
	uint32_t seen = 0;
	struct frpc_smq_page page;
	struct conf_job job;

	if (!buffer.bytes)
		return;
	for (uint32_t at = 0; at < LARGE; at += 4096)
		memcpy(buffer.bytes + at, &at, sizeof(at));
	if (hold_call(conf, client, (struct conf_arg){buffer.bytes, LARGE, buffer.fd}, &job,
		      &page)) {
		conf_equal(conf, page.size, LARGE);
		for (uint32_t at = 0; at < LARGE; at += LARGE / 8 + 4096) {
			conf_equal(conf, dsp_reads(conf, page.addr + at, &seen, sizeof(seen)), 0);
			conf_equal(conf, seen, at);
		}
		conf_equal(conf, dsp_reads(conf, page.addr + LARGE - 4096, &seen, sizeof(seen)), 0);
		conf_equal(conf, seen, LARGE - 4096);
	}
	let_go(conf, &job);
}

static void a_heaps_buffer_mapped_at_an_offset(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_heap_alloc(conf, LEN);
	struct frpc_smq_page page;
	struct conf_job job;
	unsigned char *second, seen[6] = {0};

	if (!buffer.bytes)
		return;
	memcpy(buffer.bytes, "first", 6);
	second = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, buffer.fd, 4096);
	if (!conf_true(conf, second != MAP_FAILED))
		return;
	memcpy(second, "other", 6);
	if (hold_call(conf, client, (struct conf_arg){second, 64, buffer.fd}, &job, &page)) {
		conf_equal(conf, dsp_reads(conf, page.addr, seen, 6), 0);
		conf_bytes(conf, seen, "first", 6);
	}
	let_go(conf, &job);
	munmap(second, 4096);
}

static void a_call_keeps_the_buffer(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_heap_alloc(conf, LEN);
	unsigned char seen[5] = {0};
	struct frpc_smq_page page;
	struct conf_job job;

	if (!buffer.bytes)
		return;
	memcpy(buffer.bytes + 4096, "alive", 5);
	if (hold_call(conf, client, (struct conf_arg){buffer.bytes, LEN, buffer.fd}, &job, &page)) {
		conf_drop(conf, &buffer);
		conf_equal(conf, dsp_reads(conf, page.addr + 4096, seen, 5), 0);
		conf_bytes(conf, seen, "alive", 5);
	}
	let_go(conf, &job);
}

static void a_shell_from_a_heap(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	struct conf_buffer shell = conf_heap_alloc(conf, LEN);
	struct frpc_ml_init_create create = {
		.filelen = LEN, .filefd = shell.fd, .file = (uintptr_t)shell.bytes};

	if (!shell.bytes)
		return;
	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_INIT_CREATE, &create), 0);
	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL), 0);
}

/* ---- the SMMU ---- */

/* An address that @client has just had mapped and no longer has. */
static bool stale_address(struct conf *conf, struct conf_client *client, uint64_t *ret_address)
{
	struct conf_buffer buffer = conf_heap_alloc(conf, LEN);
	struct frpc_smq_page page;
	struct conf_job job;
	bool found;

	if (!buffer.bytes)
		return false;
	found = hold_call(conf, client, (struct conf_arg){buffer.bytes, LEN, buffer.fd}, &job,
			  &page);
	let_go(conf, &job);
	*ret_address = page.addr;
	return found;
}

static void the_dsp_cannot_write_what_is_not_mapped(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t address;

	if (!stale_address(conf, client, &address))
		return;
	conf_equal(conf, dsp_writes(conf, address, "no", 2), DSP_FAULT);
	/* The fault was that access's alone. */
	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL), 0);
}

static void a_bank_is_a_sessions_own(struct conf *conf)
{
	struct conf_client *client = conf_process(conf), *other = conf_process(conf);
	struct conf_buffer buffer = conf_heap_alloc(conf, LEN);
	struct frpc_smq_page page;
	struct conf_job job;
	unsigned char byte;

	if (!buffer.bytes)
		return;
	if (hold_call(conf, client, (struct conf_arg){buffer.bytes, LEN, buffer.fd}, &job, &page)) {
		uint64_t bank = conf_bank(other);

		conf_equal(conf, page.addr >> 32, conf_bank(client));
		conf_equal(conf, dsp_reads(conf, page.addr, &byte, 1), 0);
		conf_true(conf, bank != page.addr >> 32);
		conf_equal(conf, dsp_reads(conf, bank << 32 | 0x1000, &byte, 1), DSP_FAULT);
		/* No context bank has this number. */
		conf_equal(conf,
			   dsp_reads(conf, UINT64_C(15) << 32 | (uint32_t)page.addr, &byte, 1),
			   DSP_FAULT);
	}
	let_go(conf, &job);
}

static void a_calls_own_memory_goes_with_it(struct conf *conf)
{
	const struct timespec pause = {.tv_nsec = 2000000};
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);
	struct conf_record record;
	unsigned char byte;
	long res = 0;

	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL), 0);
	if (!conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record))
		return;
	/* A worker of the driver's frees it, which may come after the caller's return. */
	for (int i = 0; i < 5000 && res != DSP_FAULT; i++) {
		res = dsp_reads(conf, record.head.page_addr, &byte, 1);
		nanosleep(&pause, NULL);
	}
	conf_equal(conf, res, DSP_FAULT);
}

static void what_an_old_file_mapped(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_heap_alloc(conf, LEN);
	struct conf_arg arg = {buffer.bytes, LEN, buffer.fd};
	struct frpc_smq_page page;
	struct conf_job job;
	unsigned char byte;
	bool held;

	if (!buffer.bytes)
		return;
	held = hold_call(conf, client, arg, &job, &page);
	conf_restart(conf);
	conf_equal(conf, conf_join(&job), -EPIPE);
	if (held)
		conf_equal(conf, dsp_reads(conf, page.addr, &byte, 1), DSP_FAULT);
	/* The buffer itself is the client's, and as good as before. */
	memset(buffer.bytes, 0x2b, LEN);
	conf_equal(conf, conf_call(conf_process(conf), EMU_TESTMOD_ECHO, 1, 0, &arg), 0);
}

#define ROW(id, sentence, fact, needs, run)                                            \
	{                                                                              \
		id, sentence, fact, CONF_TESTMOD | CONF_HEAP | (needs), CONF_ALL, run, \
	}

static const struct conf_row rows[] = {
	ROW("ml.heap.echo", "a heap's dma-bufs as in and out buffer", "abi B5", 0,
	    a_heaps_buffers_in_a_call),
	ROW("ml.heap.in-place", "the DSP works on a heap's dma-buf itself, without copies", "rig 1",
	    0, a_heaps_buffer_is_not_copied),
	ROW("ml.heap.large", "behind an SMMU a large dma-buf is one range for the DSP", "rig 18",
	    CONF_SMMU, a_large_buffer_is_one_range),
	ROW("ml.heap.mmap-offset", "mapped at an offset: the DSP is sent to the first page",
	    "rig 17", 0, a_heaps_buffer_mapped_at_an_offset),
	ROW("ml.heap.closed", "a call keeps the dma-buf that its client lets go of", "abi B5", 0,
	    a_call_keeps_the_buffer),
	ROW("ml.heap.shell", "CREATE takes a shell in a heap's dma-buf", "abi B3", 0,
	    a_shell_from_a_heap),
	ROW("ml.smmu.write", "a DSP's write to what is not mapped is a fault of that access alone",
	    "rig 18", CONF_SMMU, the_dsp_cannot_write_what_is_not_mapped),
	ROW("ml.smmu.bank", "a session's memory is in its own context bank only", "rig 5",
	    CONF_SMMU, a_bank_is_a_sessions_own),
	ROW("ml.smmu.call", "a call's own memory goes with the call", "abi B5", CONF_SMMU,
	    a_calls_own_memory_goes_with_it),
	ROW("ml.smmu.restart", "what was mapped before a restart is gone; the dma-buf stays good",
	    "rig 14", CONF_SMMU | CONF_RESTART | CONF_SURVIVES, what_an_old_file_mapped),
};

const struct conf_group conf_ml_heap = {rows, sizeof(rows) / sizeof(*rows)};
