/* SPDX-License-Identifier: BSD-3-Clause */
/* How INVOKE packs its arguments: the metadata block to the byte, places, overlaps. */
#include <stdlib.h>

#include "conf.h"

#define FIRST_PLACE(n) ((FRPC_SMQ_LEN_MAINLINE(n) + 4 + 127) / 128 * 128) /* of all versions */

/* Memory for arguments that lie to each other as a row wants it. */
static unsigned char *arena(struct conf *conf)
{
	struct conf_buffer buffer = conf_alloc(conf_observer(conf), 128 * 1024);

	return buffer.bytes;
}

static void one_page_entry_an_argument(struct conf *conf)
{
	unsigned char a[100], b[200];
	struct conf_record record;

	if (!conf_packed(conf, 1, 1,
			 (struct conf_arg[]){conf_plain(a, sizeof(a)), conf_plain(b, sizeof(b))},
			 &record))
		return;
	for (int32_t i = 0; i < 2; i++) {
		conf_equal(conf, conf_record_list(&record)[i].num, 1);
		conf_equal(conf, conf_record_list(&record)[i].pgidx, i);
		conf_equal(conf, conf_record_pages(&record)[i].addr % 4096, 0);
		conf_equal(conf, conf_record_pages(&record)[i].size % 4096, 0);
		conf_equal(conf, conf_record_args(&record)[i].buf.len, i ? 200 : 100);
	}
}

static void pv_of_a_copy_is_no_user_address(struct conf *conf)
{
	unsigned char a[100];
	struct conf_record record;
	uint64_t at;

	memset(a, 0x3c, sizeof(a));
	if (!conf_packed(conf, 1, 0, (struct conf_arg[]){conf_plain(a, sizeof(a))}, &record))
		return;
	conf_true(conf, conf_record_args(&record)[0].buf.pv != (uintptr_t)a);
	conf_true(conf, conf_record_args(&record)[0].buf.pv != record.head.page_addr);
	if (conf_record_place(conf, &record, 0, &at))
		conf_bytes(conf, record.payload + at, a, sizeof(a));
}

static void an_empty_argument_has_no_page(struct conf *conf)
{
	unsigned char a[8] = {0};
	struct conf_record record;

	if (!conf_packed(conf, 2, 0, (struct conf_arg[]){conf_plain(a, 0), conf_plain(a, 8)},
			 &record))
		return;
	conf_equal(conf, conf_record_list(&record)[0].num, 0);
	conf_equal(conf, conf_record_list(&record)[0].pgidx, 0);
	conf_equal(conf, conf_record_args(&record)[0].buf.pv, 0);
	conf_equal(conf, conf_record_args(&record)[0].buf.len, 0);
	conf_equal(conf, conf_record_pages(&record)[0].addr, 0);
	conf_equal(conf, conf_record_pages(&record)[0].size, 0);
}

static void places_follow_user_addresses(struct conf *conf)
{
	unsigned char *room = arena(conf);
	struct conf_record record;

	if (!room ||
	    !conf_packed(conf, 3, 0,
			 (struct conf_arg[]){conf_plain(room + 8192, 10), conf_plain(room, 10),
					     conf_plain(room + 4096, 10)},
			 &record))
		return;
	conf_lies_at(conf, &record, 1, FIRST_PLACE(3));
	conf_lies_at(conf, &record, 2, FIRST_PLACE(3) + 128);
	conf_lies_at(conf, &record, 0, FIRST_PLACE(3) + 256);
}

static void three_small_buffers(struct conf *conf)
{
	conf_three_small_buffers(conf, arena(conf), 0x200);
}

static void copies_count_in_the_messages_size(struct conf *conf)
{
	unsigned char *room = arena(conf);
	struct conf_record record;

	if (!room || !conf_packed(conf, 1, 1,
				  (struct conf_arg[]){conf_plain(room + 0x1000, 100),
						      conf_plain(room + 0x10000, 5000)},
				  &record))
		return;
	conf_equal(conf, record.head.page_size, 0x2000);
	conf_lies_at(conf, &record, 0, 0x200);
	conf_lies_at(conf, &record, 1, 0x280);
	conf_equal(conf, conf_record_pages(&record)[1].addr, record.head.page_addr);
	conf_equal(conf, conf_record_pages(&record)[1].size, 0x2000);
}

static void a_partial_overlap_shares_its_bytes(struct conf *conf)
{
	unsigned char *room = arena(conf);
	struct conf_record record;

	if (!room || !conf_packed(conf, 1, 1,
				  (struct conf_arg[]){conf_plain(room + 0x1000, 256),
						      conf_plain(room + 0x1080, 256)},
				  &record))
		return;
	conf_lies_at(conf, &record, 0, 0x200);
	conf_lies_at(conf, &record, 1, 0x280);
}

static void an_in_and_out_buffer_is_one_copy(struct conf *conf)
{
	unsigned char *room = arena(conf);
	struct conf_record record;

	if (!room)
		return;
	memset(room + 0x1000, 0x77, 256);
	if (!conf_packed(conf, 1, 1,
			 (struct conf_arg[]){conf_plain(room + 0x1000, 256),
					     conf_plain(room + 0x1000, 256)},
			 &record))
		return;
	conf_lies_at(conf, &record, 0, 0x200);
	conf_lies_at(conf, &record, 1, 0x200);
	conf_equal(conf, room[0x1000], 0x77);
}

static void a_contained_buffer_takes_no_room(struct conf *conf)
{
	unsigned char *room = arena(conf);
	struct conf_record record;

	if (!room || !conf_packed(conf, 2, 1,
				  (struct conf_arg[]){conf_plain(room + 0x1000, 300),
						      conf_plain(room + 0x1064, 50),
						      conf_plain(room + 0x4000, 10)},
				  &record))
		return;
	conf_lies_at(conf, &record, 0, 0x200);
	conf_lies_at(conf, &record, 1, 0x264);
	conf_lies_at(conf, &record, 2, 0x380);
}

static void neighbours_are_aligned_each(struct conf *conf)
{
	unsigned char *room = arena(conf);
	struct conf_record record;

	if (!room ||
	    !conf_packed(conf, 2, 0,
			 (struct conf_arg[]){conf_plain(room, 10), conf_plain(room + 10, 10)},
			 &record))
		return;
	conf_lies_at(conf, &record, 0, 0x200);
	conf_lies_at(conf, &record, 1, 0x280);
}

static void outputs_are_not_copied_in(struct conf *conf)
{
	static const unsigned char zeros[64];
	unsigned char out[64];
	struct conf_record record;
	uint64_t at;

	memset(out, 0xee, sizeof(out));
	if (conf_packed(conf, 0, 1, (struct conf_arg[]){conf_plain(out, sizeof(out))}, &record) &&
	    conf_record_place(conf, &record, 0, &at))
		conf_bytes(conf, record.payload + at, zeros, sizeof(zeros));
}

static void the_lists_are_sent_empty(struct conf *conf)
{
	static const unsigned char zeros[384];
	unsigned char a[4] = {1, 2, 3, 4};
	struct conf_record record;

	/* Twice: memory used before must come back clean. */
	for (int i = 0; i < 2; i++)
		if (conf_packed(conf, 1, 0, (struct conf_arg[]){conf_plain(a, 4)}, &record))
			conf_bytes(conf, record.payload + FRPC_SMQ_FDS_AT(1), zeros, sizeof(zeros));
}

static void metadata_ends_behind_the_checksums(struct conf *conf)
{
	unsigned char *room = arena(conf), one = 1;
	/* With so many empty arguments the end of the metadata decides where the copy lies. */
	struct conf_arg args[17];
	struct conf_record record;
	uint64_t len = FRPC_SMQ_LEN_MAINLINE(17);

	if (!room)
		return;
	for (int i = 0; i < 16; i++)
		args[i] = conf_plain(NULL, 0);
	args[16] = conf_plain(&one, 1);
	if (conf_version(conf) == CONF_73)
		len += 4;
	if (conf_packed(conf, 17, 0, args, &record))
		conf_lies_at(conf, &record, 16, (len + 127) / 128 * 128);
}

static void a_mebibyte_goes_there_and_back(struct conf *conf)
{
	size_t len = 1 << 20;
	unsigned char *in = malloc(len), *out = calloc(1, len);

	if (conf_true(conf, in && out)) {
		for (size_t i = 0; i < len; i++)
			in[i] = (unsigned char)(i ^ i >> 8 ^ i >> 16);
		conf_equal(
			conf,
			conf_call(conf_observer(conf), EMU_TESTMOD_ECHO, 1, 1,
				  (struct conf_arg[]){conf_plain(in, len), conf_plain(out, len)}),
			0);
		conf_bytes(conf, out, in, len);
	}
	free(in);
	free(out);
}

static void as_many_buffers_as_the_word_can_count(struct conf *conf)
{
	struct conf_arg args[510];
	unsigned char in[255], out[255] = {0};

	for (size_t i = 0; i < 255; i++) {
		in[i] = (unsigned char)(i + 1);
		args[i] = conf_plain(&in[i], 1);
		args[255 + i] = conf_plain(&out[i], 1);
	}
	conf_equal(conf, conf_call(conf_observer(conf), EMU_TESTMOD_ECHO, 255, 255, args), 0);
	conf_bytes(conf, out, in, sizeof(in));
}

static void a_buffer_no_memory_can_hold(struct conf *conf)
{
	unsigned char a[8];
	const struct conf_arg arg = conf_plain(a, UINT64_C(1) << 40);

	conf_equal(conf, conf_call(conf_observer(conf), EMU_TESTMOD_ECHO, 1, 0, &arg), -ENOMEM);
}

static void bank_bits_are_in_every_address(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t bank = conf_bank(client);
	uint64_t mark = conf_mark(conf);
	struct conf_record record;
	unsigned char a[16] = {0};
	const struct conf_arg arg = conf_plain(a, sizeof(a));

	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 1, 0, &arg), 0);
	if (!conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record) ||
	    !conf_true(conf, conf_record_pages(&record)))
		return;
	conf_true(conf, bank >= 1 && bank <= 15);
	conf_equal(conf, record.head.page_addr >> 32, bank);
	conf_equal(conf, conf_record_pages(&record)[0].addr >> 32, bank);
}

#define ROW(id, sentence, fact, run)                            \
	{                                                       \
		id, sentence, fact, CONF_TESTMOD, CONF_ALL, run \
	}

static const struct conf_row rows[] = {
	ROW("ml.pack.page-entries",
	    "each argument has one page entry of its own index, whole pages", "rig 2",
	    one_page_entry_an_argument),
	ROW("ml.pack.pv",
	    "pv of a copied buffer is no user and no DSP address; its low 12 bits count", "rig 1",
	    pv_of_a_copy_is_no_user_address),
	ROW("ml.pack.empty", "an empty argument has num 0, pv 0 and page 0/0", "rig 2",
	    an_empty_argument_has_no_page),
	ROW("ml.pack.order", "copies lie in the order of user addresses, not of arguments", "rig 3",
	    places_follow_user_addresses),
	ROW("ml.pack.small", "three small buffers: at 0x200, 0x280, 0x380 of one page", "abi F",
	    three_small_buffers),
	ROW("ml.pack.size", "the message's size counts the copies too", "abi B5, F",
	    copies_count_in_the_messages_size),
	ROW("ml.pack.partial-overlap", "partly overlapping buffers share what they have in common",
	    "abi F", a_partial_overlap_shares_its_bytes),
	ROW("ml.pack.same", "the same buffer as input and output is one copy", "abi F",
	    an_in_and_out_buffer_is_one_copy),
	ROW("ml.pack.contained", "a buffer within another takes no room", "abi F",
	    a_contained_buffer_takes_no_room),
	ROW("ml.pack.neighbours", "adjacent buffers are aligned to 128 each", "abi A6.3",
	    neighbours_are_aligned_each),
	ROW("ml.pack.out-zero", "what lies in an out buffer is not sent: the DSP sees zeros",
	    "abi A6.3", outputs_are_not_copied_in),
	ROW("ml.pack.lists", "fd list and checksums are sent as zeros", "abi B5",
	    the_lists_are_sent_empty),
	ROW("ml.pack.length", "metadata are 40 N + 384 bytes, with 7.3's poll word 388", "abi B5",
	    metadata_ends_behind_the_checksums),
	ROW("ml.pack.large", "1 MiB goes there and back", "abi B3", a_mebibyte_goes_there_and_back),
	ROW("ml.pack.most", "255 in and 255 out buffers", "abi A3.1",
	    as_many_buffers_as_the_word_can_count),
	ROW("ml.pack.too-large", "copies that no memory can hold are ENOMEM", "abi B3",
	    a_buffer_no_memory_can_hold),
	ROW("ml.pack.bank", "all addresses carry the session's bank in bits 63..32", "rig 5",
	    bank_bits_are_in_every_address),
};

const struct conf_group conf_ml_pack = {rows, sizeof(rows) / sizeof(*rows)};
