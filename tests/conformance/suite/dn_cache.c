/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The downstream driver: caches of mapped buffers. Behind banks that are not coherent a DSP sees what
 * was cleaned, and the caller what was invalidated; the emulator keeps two copies to show it.
 */
#include "dn.h"

#define INCOHERENT "coherent=off"
#define NEW	   0x4e
#define ECHO_SC	   FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 1, 1)

struct cached {
	struct conf_client *client;
	struct conf_buffer buffer; /* full of NEW on the caller's side */
	unsigned char *plain;	   /* of the same size, copied by the driver */
	uint64_t counters[10];
};

static struct cached prepare(struct conf *conf)
{
	struct cached cached = {.client = conf_process(conf)};

	cached.buffer = conf_alloc(cached.client, DN_LEN);
	cached.plain = conf_room(conf, DN_LEN);
	if (cached.buffer.bytes)
		memset(cached.buffer.bytes, NEW, DN_LEN);
	conf_equal(conf,
		   conf_ioctl(cached.client, FRPC_DN_IOCTL_SETMODE,
			      (void *)(uintptr_t)FRPC_DN_MODE_PROFILE),
		   0);
	return cached;
}

/* What the DSP finds in the first @len bytes of the buffer goes to the plain one. */
static void show(struct cached *cached, uint64_t len, uint32_t attr)
{
	const uint32_t attrs[] = {attr, 0};
	const struct conf_arg args[] = {{cached->buffer.bytes, len, cached->buffer.fd},
					conf_plain(cached->plain, len)};
	const struct dn_call call = {.handle = EMU_TESTMOD_HANDLE,
				     .sc = ECHO_SC,
				     .args = args,
				     .attrs = attrs,
				     .perf_kernel = cached->counters};

	conf_equal(cached->client->conf, dn_invoke_perf(cached->client, &call), 0);
}

/* The DSP fills the buffer with what the plain one holds. */
static void fill(struct cached *cached, uint32_t attr)
{
	const uint32_t attrs[] = {0, attr};
	const struct conf_arg args[] = {conf_plain(cached->plain, DN_LEN),
					{cached->buffer.bytes, DN_LEN, cached->buffer.fd}};
	const struct dn_call call = {
		.handle = EMU_TESTMOD_HANDLE, .sc = ECHO_SC, .args = args, .attrs = attrs};

	conf_equal(cached->client->conf, dn_invoke_perf(cached->client, &call), 0);
}

/* On a machine whose banks are not coherent. */
static bool prepare_incoherent(struct conf *conf, struct cached *ret_cached)
{
	if (!conf_on(conf, INCOHERENT))
		return false;
	*ret_cached = prepare(conf);
	return ret_cached->buffer.bytes && ret_cached->plain;
}

static void coherent_banks_need_nothing(struct conf *conf)
{
	struct cached cached = prepare(conf);

	if (!cached.buffer.bytes || !cached.plain)
		return;
	show(&cached, DN_LEN, FRPC_DN_ATTR_FORCE_NOFLUSH);
	conf_equal(conf, cached.plain[0], NEW);
	conf_equal(conf, cached.counters[1], 0); /* no time went into it */
	memset(cached.plain, 1, DN_LEN);
	fill(&cached, FRPC_DN_ATTR_FORCE_NOINVALIDATE);
	conf_equal(conf, cached.buffer.bytes[0], 1);
}

static void inputs_are_cleaned(struct conf *conf)
{
	struct cached cached;

	if (!prepare_incoherent(conf, &cached))
		return;
	show(&cached, DN_LEN, 0);
	conf_bytes(conf, cached.plain, cached.buffer.bytes, DN_LEN);
	conf_true(conf, cached.counters[1] > 0);
}

static void inputs_that_are_not_to_be_cleaned(struct conf *conf)
{
	struct cached cached;

	if (!prepare_incoherent(conf, &cached))
		return;
	show(&cached, DN_LEN, FRPC_DN_ATTR_FORCE_NOFLUSH);
	conf_equal(conf, cached.plain[0], 0);
	conf_equal(conf, cached.plain[DN_LEN - 1], 0);
}

static void outputs_are_invalidated(struct conf *conf)
{
	struct cached cached;

	if (!prepare_incoherent(conf, &cached))
		return;
	memset(cached.plain, 1, DN_LEN);
	fill(&cached, 0);
	conf_bytes(conf, cached.buffer.bytes, cached.plain, DN_LEN);
}

static void outputs_that_are_not_to_be_invalidated(struct conf *conf)
{
	struct cached cached;

	if (!prepare_incoherent(conf, &cached))
		return;
	memset(cached.plain, 1, DN_LEN);
	fill(&cached, FRPC_DN_ATTR_FORCE_NOINVALIDATE);
	conf_equal(conf, cached.buffer.bytes[0], NEW);
	fill(&cached, 0);
	conf_equal(conf, cached.buffer.bytes[0], 1);
}

static void coherence_is_the_banks(struct conf *conf)
{
	struct cached cached;

	if (!prepare_incoherent(conf, &cached))
		return;
	/* If the attribute were believed, nothing would be cleaned. */
	show(&cached, DN_LEN, FRPC_DN_ATTR_COHERENT);
	conf_equal(conf, cached.plain[0], NEW);
}

static void a_part_is_cleaned_for_itself(struct conf *conf)
{
	struct cached cached;

	if (!prepare_incoherent(conf, &cached))
		return;
	show(&cached, DN_LEN / 2, 0);
	show(&cached, DN_LEN, FRPC_DN_ATTR_FORCE_NOFLUSH);
	conf_equal(conf, cached.plain[DN_LEN / 2 - 1], NEW);
	conf_equal(conf, cached.plain[DN_LEN / 2], 0);
}

static void all_pages_are_the_whole_buffer(struct conf *conf)
{
	struct cached cached;

	if (!prepare_incoherent(conf, &cached))
		return;
	show(&cached, DN_LEN - 4095, 0); /* one byte of its last page */
	show(&cached, DN_LEN, FRPC_DN_ATTR_FORCE_NOFLUSH);
	conf_equal(conf, cached.plain[DN_LEN - 1], NEW);
}

static void announced_memory_is_the_users(struct conf *conf)
{
	struct conf_buffer *buffer;
	struct cached cached;
	uint64_t address;

	if (!conf_on(conf, INCOHERENT))
		return;
	cached = prepare(conf);
	buffer = &cached.buffer;
	if (!buffer->bytes || !cached.plain)
		return;
	conf_equal(conf, dn_mem_map(cached.client, buffer, 2, 0, &address), 0);
	show(&cached, DN_LEN, FRPC_DN_ATTR_FORCE_NOFLUSH);
	/* The map is MEM_MAP's, with its attributes: this call does clean. */
	conf_equal(conf, cached.plain[0], conf_narrow(conf) ? 0 : NEW);
}

#define ROW(id, sentence, fact, run) DN_ROW(id, sentence, fact, CONF_MACHINE, run)

static const struct conf_row rows[] = {
	DN_ROW("dn.cache.coherent", "where banks are coherent caches are left alone", "abi A6.4", 0,
	       coherent_banks_need_nothing),
	ROW("dn.cache.clean", "inputs are cleaned, and the time is counted", "abi A6.4, A6.6",
	    inputs_are_cleaned),
	ROW("dn.cache.no-clean", "FORCE_NOFLUSH: the DSP sees what was there before",
	    "abi A3.3, A6.4", inputs_that_are_not_to_be_cleaned),
	ROW("dn.cache.invalidate", "outputs are invalidated", "abi A6.4", outputs_are_invalidated),
	ROW("dn.cache.no-invalidate", "FORCE_NOINVALIDATE: the caller sees what was there before",
	    "abi A3.3, A6.4", outputs_that_are_not_to_be_invalidated),
	ROW("dn.cache.attribute", "COHERENT as an attribute changes nothing", "abi A3.3",
	    coherence_is_the_banks),
	ROW("dn.cache.part", "of a part of a buffer only that part is cleaned", "abi A6.4",
	    a_part_is_cleaned_for_itself),
	ROW("dn.cache.whole", "a part in each of its pages is the whole buffer", "abi A6.4",
	    all_pages_are_the_whole_buffer),
	ROW("dn.cache.mem-map", "a call goes by the attributes of the map that it finds",
	    "abi A3.3, A7.3", announced_memory_is_the_users),
};

DN_ROWS(conf_dn_cache, rows);
