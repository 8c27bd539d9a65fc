/* SPDX-License-Identifier: BSD-3-Clause */
#include "call.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_MASK UINT64_C(4095)

/* Room for the decoded arguments. */
static int32_t make_room(struct emu_call *call)
{
	call->args = call->inline_args;
	call->pins = call->inline_pins;
	if (call->count > EMU_CALL_INLINE_ARGS) {
		call->args = malloc(call->count * sizeof(*call->args));
		call->pins = malloc((call->count + 1) * sizeof(struct emu_pin *));
		if (!call->args || !call->pins)
			return EMU_DSP_ENOMEMORY;
	}
	memset(call->args, 0, call->count * sizeof(*call->args));
	memset(call->pins, 0, (call->count + 1) * sizeof(struct emu_pin *));
	return 0;
}

/* The pages that are mapped for the metadata: small buffers lie behind it in the same message. */
struct message_pages {
	unsigned char *metadata;
	uint64_t address, end; /* of the metadata, and of the last page with some of it */
};

/* Where those pages show @len bytes at @address, or NULL: a mapping costs much behind a real driver. */
static void *find_in_message(const struct message_pages *pages, uint64_t address, uint64_t len)
{
	if (address < pages->address || address >= pages->end || len > pages->end - address)
		return NULL;
	return pages->metadata + (address - pages->address);
}

/* The bytes of buffer @i: on its page, at the low twelve bits of pv. pv itself means nothing here. */
static int32_t map_buffer(struct emu_call *call, struct emu_engine *engine,
			  const struct message_pages *pages, uint32_t i)
{
	const unsigned char *metadata = pages->metadata;
	uint64_t n = call->count;
	union frpc_smq_arg arg;
	struct frpc_smq_list list;
	struct frpc_smq_page page;
	uint64_t offset;
	void *bytes;

	memcpy(&arg, metadata + FRPC_SMQ_ARGS_AT(n) + i * sizeof(arg), sizeof(arg));
	memcpy(&list, metadata + FRPC_SMQ_LIST_AT(n) + i * sizeof(list), sizeof(list));
	if (!arg.buf.len || !list.num)
		return arg.buf.len ? EMU_DSP_EBADPARM : 0;
	if (list.num < 0 || list.pgidx < 0 || (uint64_t)list.pgidx >= n)
		return EMU_DSP_EBADPARM;
	memcpy(&page, metadata + FRPC_SMQ_PAGES_AT(n) + (uint32_t)list.pgidx * sizeof(page),
	       sizeof(page));
	offset = arg.buf.pv & PAGE_MASK;
	if (offset >= page.size || arg.buf.len > page.size - offset || arg.buf.len > SIZE_MAX)
		return EMU_DSP_EBADPARM;
	bytes = find_in_message(pages, page.addr + offset, arg.buf.len);
	if (!bytes &&
	    engine->ops->map(engine, page.addr + offset, arg.buf.len, &call->pins[i], &bytes))
		return EMU_DSP_EBADVA;
	call->args[i].buf.pv = bytes;
	call->args[i].buf.nLen = (size_t)arg.buf.len;
	return 0;
}

/* A message ends on a page, unless who sent it is no driver that we know. */
static uint64_t end_of_pages(const struct frpc_smq_msg *message, uint64_t mapped)
{
	uint64_t end = (message->page_addr + mapped + PAGE_MASK) & ~PAGE_MASK;
	uint64_t last = message->page_addr + message->page_size;

	return end < last ? end : last;
}

int32_t emu_call_open(struct emu_call *call, struct emu_engine *engine,
		      const struct frpc_smq_msg *message)
{
	uint64_t n = FRPC_SC_LENGTH(message->sc);
	uint64_t needed = FRPC_SMQ_LEN_MAINLINE(n); /* the shorter one: all that must be there */
	uint64_t most = FRPC_SMQ_LEN_DOWNSTREAM(n);
	uint32_t buffers = FRPC_SC_BUFS(message->sc);
	struct message_pages pages = {.address = message->page_addr};
	void *metadata;
	int32_t res;

	if (most > message->page_size)
		most = message->page_size;
	call->ctx = message->ctx;
	call->handle = message->handle;
	call->sc = message->sc;
	call->count = (uint32_t)n;
	call->metadata = call->fd_list = NULL;
	res = make_room(call);
	if (!res && (message->page_size < needed ||
		     engine->ops->map(engine, message->page_addr, most, &call->pins[n], &metadata)))
		res = EMU_DSP_EBADVA;
	if (!res) {
		pages.metadata = metadata;
		pages.end = end_of_pages(message, most);
	}
	for (uint32_t i = 0; i < buffers && !res; i++)
		res = map_buffer(call, engine, &pages, i);
	if (res) {
		emu_call_close(call, engine);
		return res;
	}
	for (uint32_t i = buffers; i < n; i++) {
		union frpc_smq_arg arg;

		memcpy(&arg, (unsigned char *)metadata + i * sizeof(arg), sizeof(arg));
		call->args[i].dma.fd = arg.dma.fd;
		call->args[i].dma.offset = arg.dma.offset;
	}
	call->metadata = metadata;
	call->fd_list = (unsigned char *)metadata + FRPC_SMQ_FDS_AT(n);
	call->lists_len = most - FRPC_SMQ_FDS_AT(n);
	return 0;
}

/* Polynomial 0x04C11DB7, most significant bit first, nothing inverted. */
static uint32_t crc_of(const unsigned char *bytes, size_t len)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < len; i++) {
		crc ^= (uint32_t)bytes[i] << 24;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 0x80000000u ? crc << 1 ^ 0x04C11DB7u : crc << 1;
	}
	return crc;
}

void emu_call_write_crcs(const struct emu_call *call)
{
	unsigned char *list = call->fd_list + FRPC_SMQ_CRC_AT(0);

	for (uint32_t i = 0; i < FRPC_SC_BUFS(call->sc) && i < FRPC_SMQ_MAX_CRC; i++) {
		uint32_t crc = crc_of(call->args[i].buf.pv, call->args[i].buf.nLen);

		memcpy(list + i * sizeof(crc), &crc, sizeof(crc));
	}
}

void emu_call_write_counters(const struct emu_call *call, const uint64_t *counters)
{
	uint64_t at = FRPC_SMQ_COUNTERS_AT(0), len = FRPC_SMQ_MAX_COUNTERS * sizeof(*counters);

	if (call->lists_len >= at + len)
		memcpy(call->fd_list + at, counters, len);
}

/* The CPU looks for it from another mapping. */
void emu_call_write_poll_word(const struct emu_call *call, uint32_t word)
{
	uint64_t at = FRPC_SMQ_POLL_AT(0);

	if (call->lists_len >= at + sizeof(word))
		__atomic_store_n((uint32_t *)(call->metadata + FRPC_SMQ_POLL_AT(call->count)), word,
				 __ATOMIC_RELEASE);
}

bool emu_call_handle(const struct emu_call *call, uint32_t index, struct frpc_smq_page *ret_page,
		     uint32_t *ret_length)
{
	uint64_t n = call->count;
	struct frpc_smq_list list;
	union frpc_smq_arg arg;

	memcpy(&arg, call->metadata + FRPC_SMQ_ARGS_AT(n) + index * sizeof(arg), sizeof(arg));
	*ret_length = arg.dma.len;
	memcpy(&list, call->metadata + FRPC_SMQ_LIST_AT(n) + index * sizeof(list), sizeof(list));
	if (list.num <= 0 || list.pgidx < 0 || (uint64_t)list.pgidx >= n)
		return false;
	memcpy(ret_page,
	       call->metadata + FRPC_SMQ_PAGES_AT(n) + (uint32_t)list.pgidx * sizeof(*ret_page),
	       sizeof(*ret_page));
	return true;
}

void emu_call_close(struct emu_call *call, struct emu_engine *engine)
{
	if (call->pins)
		for (uint32_t i = 0; i <= call->count; i++)
			engine->ops->unmap(engine, call->pins[i]);
	if (call->args != call->inline_args)
		free(call->args);
	if (call->pins != call->inline_pins)
		free(call->pins);
	call->args = NULL;
	call->pins = NULL;
	call->metadata = call->fd_list = NULL;
}

void *emu_call_buffer(const struct emu_call *call, uint32_t index, size_t least)
{
	if (index >= FRPC_SC_BUFS(call->sc) || call->args[index].buf.nLen < least)
		return NULL;
	return call->args[index].buf.pv;
}
