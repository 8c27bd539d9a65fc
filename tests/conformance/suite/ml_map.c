/* SPDX-License-Identifier: BSD-3-Clause */
/* INVOKE with dma-bufs: buffers in place, handles, and what the DSP's fd list does. */
#include <sys/mman.h>
#include <unistd.h>

#include "conf.h"

#define LEN 16384u

/* A dma-buf as buffer argument of ECHO on @client: its page entry. */
static bool page_of(struct conf *conf, struct conf_client *client, struct conf_arg arg,
		    struct frpc_smq_page *ret_page, union frpc_smq_arg *ret_arg)
{
	uint64_t mark = conf_mark(conf);
	struct conf_record record;

	memset(ret_page, 0, sizeof(*ret_page));
	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 1, 0, &arg), 0);
	if (!conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record) ||
	    !conf_true(conf, conf_record_pages(&record)))
		return false;
	*ret_page = conf_record_pages(&record)[0];
	if (ret_arg)
		*ret_arg = conf_record_args(&record)[0];
	return true;
}

/* A call of @method with handle arguments only. */
static long call_with_handles(struct conf_client *client, uint32_t method, uint32_t in_handles,
			      uint32_t out_handles, const struct conf_arg *args)
{
	return conf_invoke(client, EMU_TESTMOD_HANDLE,
			   FRPC_SC_MAKEX(method, 0, 0, in_handles, out_handles), args);
}

/* What the DSP says when a process reads at @address: 0, or 0x80000483 where nothing is mapped. */
static long dsp_reads(struct conf *conf, uint64_t address, unsigned char *bytes, size_t len)
{
	return conf_call(conf_observer(conf), EMU_TESTMOD_READ, 1, 1,
			 (struct conf_arg[]){conf_plain(&address, 8), conf_plain(bytes, len)});
}

static void secure_maps_are_physical(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_smq_page page;

	if (buffer.bytes &&
	    page_of(conf, client,
		    (struct conf_arg){buffer.bytes, LEN, buffer.fd, FRPC_ML_ATTR_SECUREMAP}, &page,
		    NULL)) {
		conf_true(conf, page.addr);
		conf_equal(conf, page.addr >> 32, 0);
	}
}

static void secure_maps_of_6_1_are_the_banks(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_smq_page page;

	if (buffer.bytes &&
	    page_of(conf, client,
		    (struct conf_arg){buffer.bytes, LEN, buffer.fd, FRPC_ML_ATTR_SECUREMAP}, &page,
		    NULL))
		conf_equal(conf, page.addr >> 32, conf_bank(client));
}

static void a_secure_map_is_no_longer_secure_when_it_is_gone(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_smq_page page;

	if (!buffer.bytes)
		return;
	page_of(conf, client,
		(struct conf_arg){buffer.bytes, LEN, buffer.fd, FRPC_ML_ATTR_SECUREMAP}, &page,
		NULL);
	if (page_of(conf, client, (struct conf_arg){buffer.bytes, LEN, buffer.fd, 0}, &page, NULL))
		conf_equal(conf, page.addr >> 32, conf_bank(client));
}

static void other_attributes_are_ignored(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	unsigned char out[100] = {0};

	if (!buffer.bytes)
		return;
	/* With downstream's NOVA it would be the buffer's start that the DSP sees. */
	memset(buffer.bytes + 8192, 0x42, sizeof(out));
	conf_equal(conf,
		   conf_call(client, EMU_TESTMOD_ECHO, 1, 1,
			     (struct conf_arg[]){{buffer.bytes + 8192, sizeof(out), buffer.fd, ~1u},
						 conf_plain(out, sizeof(out))}),
		   0);
	conf_bytes(conf, out, buffer.bytes + 8192, sizeof(out));
}

#define DSP_FAULT ((long)(int32_t)0x80000483)

static void a_dma_buf_is_used_in_place(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer in = conf_alloc(client, LEN), out = conf_alloc(client, LEN);

	if (!in.bytes || !out.bytes)
		return;
	memset(in.bytes, 0x41, LEN);
	conf_equal(conf,
		   conf_call(client, EMU_TESTMOD_ECHO, 1, 1,
			     (struct conf_arg[]){{in.bytes, LEN, in.fd}, {out.bytes, LEN, out.fd}}),
		   0);
	conf_bytes(conf, out.bytes, in.bytes, LEN);
}

static void the_dsp_writes_into_the_clients_memory(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	uint64_t mark = conf_mark(conf);
	struct conf_record record;
	struct conf_job job;
	uint64_t address;

	if (!buffer.bytes)
		return;
	/* While the call is held its buffer is mapped. */
	conf_hold(conf, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, 1);
	conf_start_invoke(&job, client, EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 0, 1),
			  (struct conf_arg[]){{buffer.bytes, LEN, buffer.fd}});
	if (conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record) &&
	    conf_true(conf, conf_record_pages(&record))) {
		address = conf_record_pages(&record)[0].addr + 5000;
		conf_equal(conf,
			   conf_call(conf_observer(conf), EMU_TESTMOD_WRITE, 2, 0,
				     (struct conf_arg[]){conf_plain(&address, 8),
							 conf_plain("seen", 4)}),
			   0);
		conf_bytes(conf, buffer.bytes + 5000, "seen", 4);
	}
	conf_let_go(conf, 0);
	conf_equal(conf, conf_join(&job), 0);
}

static void pv_of_a_mapped_buffer_is_the_clients(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_smq_page page;
	union frpc_smq_arg arg;

	if (buffer.bytes &&
	    page_of(conf, client, (struct conf_arg){buffer.bytes, LEN, buffer.fd}, &page, &arg)) {
		conf_equal(conf, arg.buf.pv, (uintptr_t)buffer.bytes);
		conf_equal(conf, arg.buf.len, LEN);
		conf_equal(conf, page.size, LEN);
	}
}

static void a_pointer_into_the_middle(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	unsigned char seen[4] = {0};
	struct frpc_smq_page page;
	union frpc_smq_arg arg;
	struct conf_job job;
	uint64_t mark = conf_mark(conf);
	struct conf_record record;

	if (!buffer.bytes)
		return;
	memcpy(buffer.bytes + 5000, "mid.", 4);
	conf_hold(conf, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, 1);
	conf_start_invoke(&job, client, EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 1, 0),
			  (struct conf_arg[]){{buffer.bytes + 5000, 4, buffer.fd}});
	if (conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record) &&
	    conf_true(conf, conf_record_pages(&record))) {
		page = conf_record_pages(&record)[0];
		arg = conf_record_args(&record)[0];
		conf_equal(conf, page.size, 4096);
		conf_equal(conf, dsp_reads(conf, page.addr + (arg.buf.pv & 4095), seen, 4), 0);
		conf_bytes(conf, seen, "mid.", 4);
	}
	conf_let_go(conf, 0);
	conf_equal(conf, conf_join(&job), 0);
}

static void pages_touched_are_counted(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_smq_page page;

	if (buffer.bytes &&
	    page_of(conf, client, (struct conf_arg){buffer.bytes + 4000, 200, buffer.fd}, &page,
		    NULL))
		conf_equal(conf, page.size, 8192);
}

static void a_mapped_buffer_takes_no_room(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	uint64_t mark = conf_mark(conf);
	struct conf_record record;
	const struct conf_arg arg = {buffer.bytes, LEN, buffer.fd};

	if (!buffer.bytes)
		return;
	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 1, 0, &arg), 0);
	if (conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record))
		conf_equal(conf, record.head.page_size, 4096);
}

static void fd_0_means_none(struct conf *conf)
{
	unsigned char in[100], out[100] = {0};

	memset(in, 0x19, sizeof(in));
	conf_equal(conf,
		   conf_call(conf_observer(conf), EMU_TESTMOD_ECHO, 1, 1,
			     (struct conf_arg[]){{in, sizeof(in), 0}, {out, sizeof(out), 0}}),
		   0);
	conf_bytes(conf, out, in, sizeof(in));
}

static void a_bad_fd_in_a_call(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	unsigned char a[64] = {0};
	int ends[2];

	conf_equal(conf,
		   conf_call(client, EMU_TESTMOD_ECHO, 1, 0, (struct conf_arg[]){{a, 64, 987}}),
		   -EINVAL);
	conf_equal(conf,
		   conf_call(client, EMU_TESTMOD_ECHO, 1, 0, (struct conf_arg[]){{a, 64, -2}}),
		   -EINVAL);
	if (!conf_equal(conf, pipe(ends), 0))
		return;
	conf_equal(conf,
		   conf_call(client, EMU_TESTMOD_ECHO, 1, 0, (struct conf_arg[]){{a, 64, ends[0]}}),
		   -EINVAL);
	close(ends[0]);
	close(ends[1]);
}

static void an_empty_buffer_needs_no_fd(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct frpc_smq_page page;

	if (page_of(conf, client, (struct conf_arg){NULL, 0, 987}, &page, NULL)) {
		conf_equal(conf, page.addr, 0);
		conf_equal(conf, page.size, 0);
	}
}

static void longer_than_the_dma_buf(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	const struct conf_arg arg = {buffer.bytes, LEN + 1, buffer.fd};

	if (buffer.bytes)
		conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 1, 0, &arg), -EINVAL);
}

static void longer_than_the_dma_buf_in_6_1(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_smq_page page;

	if (!buffer.bytes)
		return;
	conf_answer(conf, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, 0);
	if (page_of(conf, client, (struct conf_arg){buffer.bytes, 1 << 20, buffer.fd}, &page, NULL))
		conf_equal(conf, page.size, 1 << 20);
}

static void an_fd_with_a_foreign_pointer(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_smq_page right, foreign;
	unsigned char *area;

	if (!buffer.bytes)
		return;
	/* An area of its own between pages that nobody can touch. */
	area = mmap(NULL, LEN + 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!conf_true(conf, area != MAP_FAILED))
		return;
	conf_equal(conf, mprotect(area + 4096, LEN, PROT_READ | PROT_WRITE), 0);
	conf_answer(conf, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, 0);
	page_of(conf, client, (struct conf_arg){buffer.bytes + 4096, 64, buffer.fd}, &right, NULL);
	conf_answer(conf, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, 0);
	page_of(conf, client, (struct conf_arg){area + 8192, 64, buffer.fd}, &foreign, NULL);
	conf_equal(conf, foreign.addr & 0xfff, 0);
	conf_equal(conf, foreign.size, right.size);
	munmap(area, LEN + 8192);
}

static void mapped_at_an_offset(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct conf_record record;
	uint64_t mark = conf_mark(conf);
	unsigned char *second;

	if (!buffer.bytes)
		return;
	second = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, buffer.fd, 4096);
	if (second == MAP_FAILED) {
		/* A real driver's own buffers refuse that; those of a dma-buf heap do not. */
		conf_equal(conf, errno, ENXIO);
		return;
	}
	/* The driver counts from the area's start: both arguments get the buffer's first page. */
	conf_equal(conf,
		   conf_call(client, EMU_TESTMOD_ECHO, 2, 0,
			     (struct conf_arg[]){{buffer.bytes, 64, buffer.fd},
						 {second, 64, buffer.fd}}),
		   0);
	if (conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record) &&
	    conf_true(conf, conf_record_pages(&record)))
		conf_equal(conf, conf_record_pages(&record)[1].addr,
			   conf_record_pages(&record)[0].addr);
	munmap(second, 4096);
}

static void one_map_serves_an_fd(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct conf_record record;
	uint64_t mark = conf_mark(conf);

	if (!buffer.bytes)
		return;
	conf_equal(conf,
		   conf_call(client, EMU_TESTMOD_ECHO, 2, 0,
			     (struct conf_arg[]){{buffer.bytes, 64, buffer.fd},
						 {buffer.bytes + 8192, 64, buffer.fd}}),
		   0);
	if (conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record) &&
	    conf_true(conf, conf_record_pages(&record)))
		conf_equal(conf, conf_record_pages(&record)[1].addr,
			   conf_record_pages(&record)[0].addr + 8192);
}

static void the_map_goes_with_the_call(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_smq_page page;
	unsigned char byte;

	if (buffer.bytes &&
	    page_of(conf, client, (struct conf_arg){buffer.bytes, LEN, buffer.fd}, &page, NULL))
		conf_equal(conf, dsp_reads(conf, page.addr, &byte, 1), DSP_FAULT);
}

/* ---- handles ---- */

static bool handle_record(struct conf *conf, uint64_t mark, uint32_t method,
			  struct conf_record *record)
{
	return conf_find(conf, mark, EMU_TESTMOD_HANDLE, method, record) &&
	       conf_true(conf, conf_record_pages(record));
}

static void a_handle_travels_as_fd_offset_length(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	const struct conf_arg arg = {(void *)(uintptr_t)0x123, 0x1000, buffer.fd};
	uint64_t mark = conf_mark(conf);
	struct conf_record record;

	if (!buffer.bytes)
		return;
	conf_equal(conf, call_with_handles(client, EMU_TESTMOD_ECHO, 1, 0, &arg), 0);
	if (!handle_record(conf, mark, EMU_TESTMOD_ECHO, &record))
		return;
	conf_equal(conf, conf_record_args(&record)[0].dma.fd, buffer.fd);
	conf_equal(conf, conf_record_args(&record)[0].dma.offset, 0x123);
	conf_equal(conf, conf_record_args(&record)[0].dma.len, 0x1000);
	conf_equal(conf, conf_record_list(&record)[0].num, 1);
	conf_equal(conf, conf_record_list(&record)[0].pgidx, 0);
	conf_equal(conf, conf_record_pages(&record)[0].size,
		   conf_version(conf) == CONF_61 ? 0x1000 : LEN);
}

static void out_handles_travel_alike(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	const struct conf_arg args[] = {{NULL, LEN, buffer.fd}, {NULL, LEN, buffer.fd}};
	uint64_t mark = conf_mark(conf);
	struct conf_record record;

	if (!buffer.bytes)
		return;
	conf_equal(conf, call_with_handles(client, EMU_TESTMOD_ECHO, 1, 1, args), 0);
	if (!handle_record(conf, mark, EMU_TESTMOD_ECHO, &record))
		return;
	conf_equal(conf, conf_record_args(&record)[1].dma.fd, buffer.fd);
	conf_equal(conf, conf_record_list(&record)[1].pgidx, 1);
	conf_equal(conf, conf_record_pages(&record)[1].size, LEN);
}

static void each_handle_gets_a_fresh_map(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	const struct conf_arg args[] = {{NULL, LEN, buffer.fd}, {NULL, LEN, buffer.fd}};
	uint64_t mark = conf_mark(conf);
	struct conf_record record;

	if (!buffer.bytes)
		return;
	conf_equal(conf, call_with_handles(client, EMU_TESTMOD_ECHO, 2, 0, args), 0);
	if (handle_record(conf, mark, EMU_TESTMOD_ECHO, &record))
		conf_true(conf,
			  conf_record_pages(&record)[0].addr != conf_record_pages(&record)[1].addr);
}

static void a_handle_stays_until_the_dsp_lists_it(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	const struct conf_arg arg = {NULL, LEN, buffer.fd};
	uint64_t mark = conf_mark(conf), list = (uint32_t)buffer.fd, address;
	struct conf_record record;
	unsigned char byte;

	if (!buffer.bytes)
		return;
	conf_equal(conf, call_with_handles(client, EMU_TESTMOD_KEEP, 1, 0, &arg), 0);
	if (!handle_record(conf, mark, EMU_TESTMOD_KEEP, &record))
		return;
	address = conf_record_pages(&record)[0].addr;
	conf_equal(conf, dsp_reads(conf, address, &byte, 1), 0);
	conf_equal(conf,
		   conf_call(client, EMU_TESTMOD_LIST_FDS, 1, 0,
			     (struct conf_arg[]){conf_plain(&list, 8)}),
		   0);
	conf_equal(conf, dsp_reads(conf, address, &byte, 1), DSP_FAULT);
}

static void the_list_ends_at_the_first_zero(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	const struct conf_arg arg = {NULL, LEN, buffer.fd};
	uint64_t mark = conf_mark(conf), list[2] = {0, (uint32_t)buffer.fd};
	struct conf_record record;
	unsigned char byte;

	if (!buffer.bytes)
		return;
	conf_equal(conf, call_with_handles(client, EMU_TESTMOD_KEEP, 1, 0, &arg), 0);
	conf_equal(conf,
		   conf_call(client, EMU_TESTMOD_LIST_FDS, 1, 0,
			     (struct conf_arg[]){conf_plain(list, sizeof(list))}),
		   0);
	if (handle_record(conf, mark, EMU_TESTMOD_KEEP, &record))
		conf_equal(conf, dsp_reads(conf, conf_record_pages(&record)[0].addr, &byte, 1), 0);
}

static void a_handle_goes_with_the_file(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	const struct conf_arg arg = {NULL, LEN, buffer.fd};
	uint64_t mark = conf_mark(conf);
	struct conf_record record;
	unsigned char byte;

	if (!buffer.bytes)
		return;
	conf_equal(conf, call_with_handles(client, EMU_TESTMOD_KEEP, 1, 0, &arg), 0);
	if (!handle_record(conf, mark, EMU_TESTMOD_KEEP, &record))
		return;
	conf_equal(conf, conf_close(client), 0);
	conf_equal(conf, dsp_reads(conf, conf_record_pages(&record)[0].addr, &byte, 1), DSP_FAULT);
}

static void a_handle_without_length(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	const struct conf_arg arg = {NULL, 0, buffer.fd};
	uint64_t mark = conf_mark(conf);
	struct conf_record record;

	if (!buffer.bytes)
		return;
	conf_equal(conf, call_with_handles(client, EMU_TESTMOD_ECHO, 1, 0, &arg), 0);
	if (!handle_record(conf, mark, EMU_TESTMOD_ECHO, &record))
		return;
	conf_equal(conf, conf_record_args(&record)[0].dma.fd, buffer.fd);
	conf_equal(conf, conf_record_list(&record)[0].num, 0);
	conf_equal(conf, conf_record_pages(&record)[0].addr, 0);
}

static void a_bad_handle(struct conf *conf)
{
	const struct conf_arg arg = {NULL, LEN, 987};

	conf_equal(conf, call_with_handles(conf_process(conf), EMU_TESTMOD_ECHO, 1, 0, &arg),
		   -EINVAL);
}

static void a_listed_fd_that_is_not_mapped(struct conf *conf)
{
	uint64_t list[16];

	for (size_t i = 0; i < 16; i++)
		list[i] = 900 + i;
	conf_equal(conf,
		   conf_call(conf_process(conf), EMU_TESTMOD_LIST_FDS, 1, 0,
			     (struct conf_arg[]){conf_plain(list, sizeof(list))}),
		   0);
}

#define ROW(id, sentence, fact, needs, versions, run)                     \
	{                                                                 \
		id, sentence, fact, CONF_TESTMOD | (needs), versions, run \
	}

static const struct conf_row rows[] = {
	ROW("ml.fd.echo", "dma-bufs as in and out buffer", "abi B5", 0, CONF_ALL,
	    a_dma_buf_is_used_in_place),
	ROW("ml.fd.in-place", "the DSP works on the client's own memory, without copies", "rig 1",
	    0, CONF_ALL, the_dsp_writes_into_the_clients_memory),
	ROW("ml.fd.pv", "pv of a mapped buffer is the client's pointer", "rig 1", 0, CONF_ALL,
	    pv_of_a_mapped_buffer_is_the_clients),
	ROW("ml.fd.middle", "a pointer into the middle of the mapping works", "rig 17", 0, CONF_ALL,
	    a_pointer_into_the_middle),
	ROW("ml.fd.pages", "its page entry counts the pages it touches", "abi B5", 0, CONF_ALL,
	    pages_touched_are_counted),
	ROW("ml.fd.no-room", "a mapped buffer takes no room in the message", "abi B5", 0, CONF_ALL,
	    a_mapped_buffer_takes_no_room),
	ROW("ml.fd.zero", "fd 0 means none: the buffer is copied", "abi B5, rig 16", 0, CONF_ALL,
	    fd_0_means_none),
	ROW("ml.fd.bad", "an fd that is not open, or no dma-buf, is EINVAL in a call", "abi B3", 0,
	    CONF_ALL, a_bad_fd_in_a_call),
	ROW("ml.fd.empty", "an empty buffer with an fd is neither mapped nor copied", "abi B5", 0,
	    CONF_ALL, an_empty_buffer_needs_no_fd),
	ROW("ml.fd.too-long", "a length over the dma-buf's is EINVAL", "abi B3, rig 19",
	    CONF_SURVIVES, CONF_SINCE_612, longer_than_the_dma_buf),
	ROW("ml.fd.too-long-6.1", "a length over the dma-buf's is believed", "rig 19", 0, CONF_61,
	    longer_than_the_dma_buf_in_6_1),
	ROW("ml.fd.foreign", "an fd with a pointer into other memory is accepted", "rig 17", 0,
	    CONF_ALL, an_fd_with_a_foreign_pointer),
	ROW("ml.fd.mmap-offset", "a dma-buf mapped at an offset: the DSP is sent to its first page",
	    "rig 17", 0, CONF_ALL, mapped_at_an_offset),
	ROW("ml.fd.one-map", "address and length are no part of the map's key", "abi B3", 0,
	    CONF_ALL, one_map_serves_an_fd),
	ROW("ml.fd.gone", "after the call the DSP cannot reach the buffer any more", "abi B3",
	    CONF_SMMU, CONF_ALL, the_map_goes_with_the_call),
	ROW("ml.fd.attrs", "other attribute bits than SECUREMAP are ignored", "abi B3", 0, CONF_ALL,
	    other_attributes_are_ignored),
	ROW("ml.secure.address", "with SECUREMAP the page has its physical address", "abi B3",
	    CONF_MONITOR | CONF_SMMU, CONF_SINCE_612, secure_maps_are_physical),
	ROW("ml.secure.address-6.1", "with SECUREMAP the page has the bank's address", "abi B3",
	    CONF_MONITOR | CONF_SMMU, CONF_61, secure_maps_of_6_1_are_the_banks),
	ROW("ml.secure.over", "a buffer that was mapped with SECUREMAP can be mapped without",
	    "abi B3", CONF_MONITOR | CONF_SMMU, CONF_ALL,
	    a_secure_map_is_no_longer_secure_when_it_is_gone),
	ROW("ml.handle.in",
	    "a handle travels as fd, offset, length; its page is the whole dma-buf, "
	    "in 6.1 the given length",
	    "rig 7", 0, CONF_ALL, a_handle_travels_as_fd_offset_length),
	ROW("ml.handle.out", "out handles follow the in handles", "abi A3.1", 0, CONF_SINCE_612,
	    out_handles_travel_alike),
	ROW("ml.handle.fresh", "each handle gets a map of its own", "abi B3", CONF_SMMU, CONF_ALL,
	    each_handle_gets_a_fresh_map),
	ROW("ml.handle.kept", "a handle's map stays until the DSP lists its fd", "abi B5",
	    CONF_SMMU, CONF_ALL, a_handle_stays_until_the_dsp_lists_it),
	ROW("ml.handle.list-end", "the fd list ends at its first zero", "abi B5", CONF_SMMU,
	    CONF_ALL, the_list_ends_at_the_first_zero),
	ROW("ml.handle.close", "a handle's map goes with the file", "abi B3", CONF_SMMU, CONF_ALL,
	    a_handle_goes_with_the_file),
	ROW("ml.handle.empty", "a handle of length 0 travels and is not mapped", "abi B5", 0,
	    CONF_ALL, a_handle_without_length),
	ROW("ml.handle.bad", "a handle that is no dma-buf is EINVAL", "abi B3", 0, CONF_ALL,
	    a_bad_handle),
	ROW("ml.handle.unknown", "listed fds that have no map do no harm", "abi B5", 0, CONF_ALL,
	    a_listed_fd_that_is_not_mapped),
};

const struct conf_group conf_ml_map = {rows, sizeof(rows) / sizeof(*rows)};
