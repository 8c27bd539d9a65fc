/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: INVOKE2's KERNEL_OPTIMIZATIONS, persistent pages for metadata. */
#include "dn.h"

#define REQ	      FRPC_DN_INVOKE2_KERNEL_OPTIMIZATIONS
#define LARGE_BUFFERS 100u /* 40 * 100 + 484 bytes: more than a page */

static long optimise(struct conf_client *client, uint32_t concurrency)
{
	return dn_invoke2(client, REQ, &concurrency, sizeof(concurrency));
}

/* The block of pages that was announced. */
static struct frpc_smq_page announced(struct conf *conf, uint64_t mark)
{
	struct frpc_smq_page page = {0};
	struct conf_record record;
	const void *told;

	if (conf_find(conf, mark, DN_GROUP, DN_MEM_MAP, &record) &&
	    (told = dn_in(conf, &record, 1)))
		memcpy(&page, told, sizeof(page));
	return page;
}

static void a_block_is_announced(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	const struct frpc_smq_mem_map *told;
	struct conf_record record;
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, optimise(client, 4), 0);
	if (!conf_find(conf, mark, DN_GROUP, DN_MEM_MAP, &record) ||
	    !(told = dn_in(conf, &record, 0)))
		return;
	conf_equal(conf, told->fd, -1);
	conf_equal(conf, told->offset, 0);
	conf_equal(conf, told->flags, FRPC_DN_MMAP_PERSIST_HDR);
	conf_equal(conf, told->vaddrin, 0);
	conf_equal(conf, announced(conf, mark).size, 4 * DN_PAGE);
}

static void there_are_25_at_most(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, optimise(client, UINT32_MAX), 0);
	conf_equal(conf, announced(conf, mark).size, 25 * DN_PAGE);
}

static void none_are_none(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, optimise(client, 0), 0);
	conf_equal(conf, conf_count(conf, mark, DN_GROUP, DN_MEM_MAP), 0);
}

static void once_is_enough(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, optimise(client, 2), 0);
	conf_equal(conf, optimise(client, 8), 0);
	conf_equal(conf, conf_count(conf, mark, DN_GROUP, DN_MEM_MAP), 1);
}

static void a_refusal_undoes_it(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);

	conf_answer(conf, DN_GROUP, DN_MEM_MAP, 14);
	conf_equal(conf, optimise(client, 2), 14);
	conf_equal(conf, optimise(client, 2), 0);
	conf_equal(conf, conf_count(conf, mark, DN_GROUP, DN_MEM_MAP), 2);
}

/* Where the metadata of a call of @client with @buffers empty buffers lies. */
static uint64_t metadata_at(struct conf *conf, struct conf_client *client, uint32_t buffers)
{
	struct conf_arg args[LARGE_BUFFERS] = {{0}};
	struct conf_record record = {{0}};
	uint64_t mark = conf_mark(conf);

	for (uint32_t i = 0; i < buffers; i++)
		args[i].fd = -1;
	conf_equal(conf, conf_call(client, EMU_TESTMOD_KEEP, buffers, 0, args), 0);
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_KEEP, &record);
	return record.head.page_addr;
}

static void metadata_of_a_page_lies_there(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf), at;
	struct frpc_smq_page block;

	conf_equal(conf, optimise(client, 2), 0);
	block = announced(conf, mark);
	at = metadata_at(conf, client, 0);
	conf_true(conf, at >= block.addr && at < block.addr + block.size);
	conf_equal(conf, at & 4095, 0);
}

static void larger_metadata_lies_elsewhere(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf), at;
	struct frpc_smq_page block;

	conf_equal(conf, optimise(client, 4), 0);
	block = announced(conf, mark);
	at = metadata_at(conf, client, LARGE_BUFFERS);
	conf_true(conf, at < block.addr || at >= block.addr + block.size);
}

static void more_calls_than_pages(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf), at;
	struct frpc_smq_page block;
	struct conf_held *held;

	conf_equal(conf, optimise(client, 1), 0);
	block = announced(conf, mark);
	held = conf_hold_call(conf, client, EMU_TESTMOD_STATUS, 0, 0, NULL);
	if (!held)
		return;
	conf_equal(conf, held->record.head.page_addr, block.addr);
	at = metadata_at(conf, client, 0);
	conf_true(conf, at < block.addr || at >= block.addr + block.size);
	conf_equal(conf, conf_end_held(held, 3), 3);
	conf_equal(conf, metadata_at(conf, client, 0), block.addr);
}

static void its_size_is_4(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t word = 1;

	conf_equal(conf, dn_invoke2(client, REQ, &word, 3), conf_narrow(conf) ? -EPERM : -EBADE);
	conf_equal(conf, dn_invoke2(client, REQ, &word, 8), conf_narrow(conf) ? -EPERM : -EBADE);
}

static void an_unreadable_number(struct conf *conf)
{
	conf_equal(conf, dn_invoke2(conf_process(conf), REQ, conf_no_page(conf), 4),
		   conf_narrow(conf) ? -EPERM : 4);
}

static void no_dsp_is_chosen(struct conf *conf)
{
	conf_equal(conf, optimise(conf_open(conf, ""), 2), -EBADR);
}

static const struct conf_row rows[] = {
	DN_ROW("dn.headers.announced", "pages are announced at once: fd -1, flag 0x4000",
	       "abi A7.2", 0, a_block_is_announced),
	DN_ROW("dn.headers.most", "at most 25 pages are made", "abi A7.2", 0, there_are_25_at_most),
	DN_ROW("dn.headers.zero", "a concurrency of 0 does nothing", "abi A7.2", 0, none_are_none),
	DN_ROW("dn.headers.once", "once there are pages, nothing is done", "abi A7.2", 0,
	       once_is_enough),
	DN_ROW("dn.headers.status", "the DSP's refusal is returned and undoes everything",
	       "abi A7.2", 0, a_refusal_undoes_it),
	DN_ROW("dn.headers.used", "metadata of a page lies in one of the pages", "abi A7.2", 0,
	       metadata_of_a_page_lies_there),
	DN_ROW("dn.headers.large", "metadata of more than a page lies elsewhere", "abi A7.2", 0,
	       larger_metadata_lies_elsewhere),
	DN_ROW("dn.headers.busy", "with all pages in use a call's metadata lies elsewhere",
	       "abi A7.2", 0, more_calls_than_pages),
	DN_ROW("dn.headers.size", "another size than 4 is EBADE, EPERM for 32 bits",
	       "abi A2.9, A12", 0, its_size_is_4),
	DN_ROW("dn.headers.fault", "an unreadable number returns 4, EPERM for 32 bits",
	       "abi A2.9, A12", 0, an_unreadable_number),
	DN_ROW("dn.headers.order", "without a DSP it is EBADR", "abi A7.1", 0, no_dsp_is_chosen),
};

DN_ROWS(conf_dn_headers, rows);
