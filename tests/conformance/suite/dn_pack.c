/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: what stands in a call's metadata, and where copied buffers lie. */
#include "dn.h"

#define METHOD EMU_TESTMOD_KEEP /* takes any arguments, touches none */

/* A call of the observer's process, whose buffers are copied; what the DSP saw of it. */
static bool pack(struct conf *conf, uint32_t ins, uint32_t outs, const struct conf_arg *args,
		 struct conf_record *record)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);

	return conf_equal(conf, conf_call(client, METHOD, ins, outs, args), 0) &&
	       conf_find(conf, mark, EMU_TESTMOD_HANDLE, METHOD, record) &&
	       conf_true(conf, conf_record_args(record) && conf_record_pages(record) &&
				       conf_record_list(record));
}

/* Where buffer @index lies, from the start of the metadata. */
static long long place(struct conf *conf, const struct conf_record *record, uint32_t index)
{
	const union frpc_smq_arg *args = conf_record_args(record);
	const struct frpc_smq_page *pages = conf_record_pages(record);

	if (!conf_true(conf, args && pages))
		return -1;
	return (long long)(pages[index].addr + (args[index].buf.pv & 4095) -
			   record->head.page_addr);
}

static void overlapping_buffers_share_bytes(struct conf *conf)
{
	unsigned char *room = conf_room(conf, 8192);
	struct conf_record record;

	if (!room ||
	    !pack(conf, 1, 1,
		  (struct conf_arg[]){conf_plain(room, 256), conf_plain(room + 128, 256)}, &record))
		return;
	conf_equal(conf, place(conf, &record, 0), 0x280);
	conf_equal(conf, place(conf, &record, 1), 0x300);
}

static void the_same_buffer_in_and_out_has_one_place(struct conf *conf)
{
	unsigned char *room = conf_room(conf, 4096);
	struct conf_record record;

	if (!room ||
	    !pack(conf, 1, 1, (struct conf_arg[]){conf_plain(room, 256), conf_plain(room, 256)},
		  &record))
		return;
	conf_equal(conf, place(conf, &record, 0), 0x280);
	conf_equal(conf, place(conf, &record, 1), 0x280);
}

static void contained_buffers_need_no_place(struct conf *conf)
{
	unsigned char *room = conf_room(conf, 8192);
	struct conf_record record;

	if (!room || !pack(conf, 2, 1,
			   (struct conf_arg[]){conf_plain(room, 300), conf_plain(room + 100, 50),
					       conf_plain(room + 4096, 10)},
			   &record))
		return;
	conf_equal(conf, place(conf, &record, 0), 0x280);
	conf_equal(conf, place(conf, &record, 1), 0x280 + 100);
	conf_equal(conf, place(conf, &record, 2), 0x400);
}

static void buffers_lie_in_the_order_of_their_addresses(struct conf *conf)
{
	unsigned char *room = conf_room(conf, 8192);
	struct conf_record record;

	if (!room ||
	    !pack(conf, 2, 0,
		  (struct conf_arg[]){conf_plain(room + 4096, 10), conf_plain(room, 10)}, &record))
		return;
	conf_equal(conf, place(conf, &record, 1), 0x280);
	conf_equal(conf, place(conf, &record, 0), 0x300);
}

static void outputs_are_cleared(struct conf *conf)
{
	unsigned char *room = conf_room(conf, 4096);
	static const unsigned char zeros[500];
	struct conf_record record;
	uint64_t at;

	if (!room)
		return;
	memset(room, 0xee, 500);
	if (pack(conf, 0, 1, (struct conf_arg[]){conf_plain(room, 500)}, &record) &&
	    conf_record_place(conf, &record, 0, &at))
		conf_bytes(conf, record.payload + at, zeros, sizeof(zeros));
}

static void lists_are_empty_when_the_call_begins(struct conf *conf)
{
	static const unsigned char zeros[484];
	unsigned char *room = conf_room(conf, 4096);
	struct conf_record record;

	if (room && pack(conf, 1, 0, (struct conf_arg[]){conf_plain(room, 50)}, &record))
		conf_bytes(conf, record.payload + FRPC_SMQ_FDS_AT(1), zeros, sizeof(zeros));
}

static void every_buffer_has_one_page_entry(struct conf *conf)
{
	unsigned char *room = conf_room(conf, 4096);
	const struct frpc_smq_list *list;
	struct conf_record record;

	if (!room || !pack(conf, 2, 1,
			   (struct conf_arg[]){conf_plain(room, 10), conf_plain(room + 100, 10),
					       conf_plain(room + 200, 10)},
			   &record))
		return;
	list = conf_record_list(&record);
	for (uint32_t i = 0; list && i < 3; i++) {
		conf_equal(conf, list[i].num, 1);
		conf_equal(conf, list[i].pgidx, i);
	}
}

static void empty_buffers_are_nothing(struct conf *conf)
{
	unsigned char *room = conf_room(conf, 4096);
	struct conf_record record;

	if (!room || !pack(conf, 2, 0,
			   (struct conf_arg[]){conf_plain(room, 0), conf_plain(room, 10)}, &record))
		return;
	conf_equal(conf, conf_record_list(&record)[0].num, 0);
	conf_equal(conf, conf_record_args(&record)[0].buf.pv, 0);
	conf_equal(conf, conf_record_args(&record)[0].buf.len, 0);
	conf_equal(conf, conf_record_pages(&record)[0].addr, 0);
	conf_equal(conf, conf_record_pages(&record)[0].size, 0);
}

static void a_copys_pv_is_not_the_callers(struct conf *conf)
{
	unsigned char *room = conf_room(conf, 4096);
	struct conf_record record;

	if (room && pack(conf, 1, 0, (struct conf_arg[]){conf_plain(room, 10)}, &record))
		conf_true(conf, conf_record_args(&record)[0].buf.pv != (uintptr_t)room);
}

/* One argument: 524 bytes of metadata, so 640 and 3456 of a copy are a page. */
static void copies_that_just_fit(struct conf *conf)
{
	unsigned char *room = conf_room(conf, 4096);
	struct conf_record record;

	if (!room || !pack(conf, 1, 0, (struct conf_arg[]){conf_plain(room, 3456)}, &record))
		return;
	conf_equal(conf, place(conf, &record, 0), 0x280);
	if (pack(conf, 1, 0, (struct conf_arg[]){conf_plain(room, 3457)}, &record)) {
		conf_true(conf, place(conf, &record, 0) < 0 || place(conf, &record, 0) >= 4096);
		conf_equal(conf, conf_record_args(&record)[0].buf.pv & 4095, 0);
	}
}

static void the_message_names_whole_pages_of_metadata(struct conf *conf)
{
	static struct conf_arg args[240];
	unsigned char *room = conf_room(conf, 4096);
	struct conf_record record;

	if (!room)
		return;
	if (pack(conf, 0, 0, NULL, &record))
		conf_equal(conf, record.head.page_size, 4096);
	for (uint32_t i = 0; i < 240; i++)
		args[i] = conf_plain(room + i, 1);
	if (pack(conf, 240, 0, args, &record)) /* 40 * 240 + 484 */
		conf_equal(conf, record.head.page_size, 12288);
}

static void outputs_are_written_in_order_up_to_a_fault(struct conf *conf)
{
	struct {
		uint32_t byte;
		int32_t result;
	} in = {0x77, 0};
	unsigned char first[8] = {0}, last[8] = {0};
	const struct conf_arg args[] = {conf_plain(&in, sizeof(in)), conf_plain(first, 8),
					conf_plain(conf_read_only_page(conf), 8),
					conf_plain(last, 8)};

	conf_equal(conf, conf_call(conf_process(conf), EMU_TESTMOD_FILL, 1, 3, args), -EFAULT);
	conf_equal(conf, first[0], 0x77);
	conf_equal(conf, last[0], 0);
}

/* ---- buffers that are mapped ---- */

static void a_mapped_buffers_page_is_inside_the_map(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	const struct conf_arg whole[] = {{buffer.bytes, DN_LEN, buffer.fd}};
	const struct conf_arg args[] = {{buffer.bytes, DN_LEN, buffer.fd},
					{buffer.bytes + 8192 + 100, 5000, buffer.fd}};
	const struct frpc_smq_page *pages;
	struct conf_record record;
	uint64_t mark = conf_mark(conf);

	if (!buffer.bytes)
		return;
	conf_equal(conf, conf_call(client, METHOD, 1, 0, whole), 0);
	conf_equal(conf, conf_call(client, METHOD, 2, 0, args), 0);
	if (!conf_find(conf, mark, EMU_TESTMOD_HANDLE, METHOD, &record))
		return;
	pages = conf_record_pages(&record);
	if (!conf_true(conf, pages && conf_record_args(&record)))
		return;
	conf_equal(conf, pages[0].size, DN_LEN);
	conf_equal(conf, pages[1].addr, pages[0].addr + 8192);
	conf_equal(conf, pages[1].size, 8192); /* pages that are touched */
	conf_equal(conf, conf_record_args(&record)[1].buf.pv, (uintptr_t)args[1].ptr);
}

static void page_of(struct conf *conf, struct conf_client *client, const void *at, uint64_t len,
		    int fd, uint32_t attrs, struct frpc_smq_page *ret_page)
{
	const struct conf_arg args[] = {{at, len, fd}};
	const struct dn_call call = {.handle = EMU_TESTMOD_HANDLE,
				     .sc = FRPC_SC_MAKE(METHOD, 1, 0),
				     .args = args,
				     .attrs = &attrs};
	struct conf_record record;
	uint64_t mark = conf_mark(conf);

	memset(ret_page, 0, sizeof(*ret_page));
	conf_equal(conf, dn_invoke_perf(client, &call), 0);
	if (conf_find(conf, mark, EMU_TESTMOD_HANDLE, METHOD, &record) &&
	    conf_true(conf, conf_record_pages(&record)))
		*ret_page = conf_record_pages(&record)[0];
}

static void nova_means_the_buffers_start(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	struct frpc_smq_page whole, inside;

	if (!buffer.bytes)
		return;
	/* The first call keeps the map, so that the addresses are of one map. */
	page_of(conf, client, buffer.bytes, DN_LEN, buffer.fd,
		FRPC_DN_ATTR_NOVA | FRPC_DN_ATTR_KEEP_MAP, &whole);
	page_of(conf, client, buffer.bytes + 8192, 100, buffer.fd, 0, &inside);
	conf_true(conf, whole.addr);
	conf_equal(conf, inside.addr, whole.addr);
}

static void the_first_calls_attributes_stay(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	struct frpc_smq_page whole, inside;

	if (!buffer.bytes)
		return;
	page_of(conf, client, buffer.bytes, DN_LEN, buffer.fd, FRPC_DN_ATTR_KEEP_MAP, &whole);
	page_of(conf, client, buffer.bytes + 8192, 100, buffer.fd, FRPC_DN_ATTR_NOVA, &inside);
	conf_equal(conf, inside.addr, whole.addr + 8192);
}

static void a_banks_number_stands_above_the_address(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	struct frpc_smq_page page;

	if (!buffer.bytes)
		return;
	page_of(conf, client, buffer.bytes, DN_LEN, buffer.fd, 0, &page);
	conf_equal(conf, page.addr >> 32, conf_bank(client));
	conf_true(conf, page.addr >> 32 >= 1 && page.addr >> 32 <= 15);
}

static void memory_that_nobody_has_mapped(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	const struct conf_arg args[] = {{(void *)(uintptr_t)4096, 100, buffer.fd}};

	if (buffer.bytes)
		conf_equal(conf, conf_call(client, METHOD, 1, 0, args), -EFAULT);
}

static const struct conf_row rows[] = {
	DN_ROW("dn.pack.overlap", "an overlapping buffer continues the other's bytes",
	       "abi F, A6.3", 0, overlapping_buffers_share_bytes),
	DN_ROW("dn.pack.same", "one buffer as in and out has one place", "abi F, A6.3", 0,
	       the_same_buffer_in_and_out_has_one_place),
	DN_ROW("dn.pack.contained", "a contained buffer lies in the one around it", "abi F, A6.3",
	       0, contained_buffers_need_no_place),
	DN_ROW("dn.pack.order", "copies lie in the order of their addresses", "abi A6.3", 0,
	       buffers_lie_in_the_order_of_their_addresses),
	DN_ROW("dn.pack.out-cleared", "what an out buffer held is not copied in", "abi A6.3", 0,
	       outputs_are_cleared),
	DN_ROW("dn.pack.lists", "fd list, CRCs, poll word and counters begin as zeros", "abi A6.2",
	       0, lists_are_empty_when_the_call_begins),
	DN_ROW("dn.pack.list", "buffer i has one page entry, number i", "abi A6.2", 0,
	       every_buffer_has_one_page_entry),
	DN_ROW("dn.pack.empty", "an empty buffer has no pv, no length and no page", "abi A6.2", 0,
	       empty_buffers_are_nothing),
	DN_ROW("dn.pack.pv", "a copy's pv is not the caller's address", "abi A6.2", 0,
	       a_copys_pv_is_not_the_callers),
	DN_ROW("dn.pack.fits", "copies behind the metadata fill its page to the last byte",
	       "abi A6.3", 0, copies_that_just_fit),
	DN_ROW("dn.pack.message", "the message names whole pages of 40 N + 484 bytes", "abi A5.1",
	       0, the_message_names_whole_pages_of_metadata),
	DN_ROW("dn.pack.out-fault", "outputs are written in order, up to a fault", "abi A6.3", 0,
	       outputs_are_written_in_order_up_to_a_fault),
	DN_ROW("dn.page.inside", "a mapped buffer's page is as far inside as its address",
	       "abi A6.2", 0, a_mapped_buffers_page_is_inside_the_map),
	DN_ROW("dn.page.nova", "with NOVA the page is the dma-buf's start", "abi A3.3, A6.2", 0,
	       nova_means_the_buffers_start),
	DN_ROW("dn.page.attrs-stay", "a map keeps the attributes of the call that made it",
	       "abi A3.3", 0, the_first_calls_attributes_stay),
	DN_ROW("dn.page.bank", "bits 35 to 32 of an address are the context bank", "abi A8.3",
	       CONF_SMMU, a_banks_number_stands_above_the_address),
	DN_ROW("dn.page.nowhere", "an fd with an address that is in no memory area is EFAULT",
	       "abi A6.2", 0, memory_that_nobody_has_mapped),
};

DN_ROWS(conf_dn_pack, rows);
