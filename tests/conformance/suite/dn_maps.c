/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: MMAP, MUNMAP, MEM_MAP and MEM_UNMAP, what they send and what they refuse. */
#include "dn.h"

#define NO_SUCH_FD 987
#define MAP_DMA_FD 2u
#define MAP_NOMAP  16u

struct mapped {
	struct conf_client *client;
	struct conf_buffer buffer;
	uint64_t address;
};

/* A buffer that the DSP knows by MMAP, by MEM_MAP. */
static struct mapped by_mmap(struct conf *conf)
{
	struct mapped mapped = {.client = conf_process(conf)};

	mapped.buffer = conf_alloc(mapped.client, DN_LEN);
	conf_equal(conf, dn_mmap(mapped.client, &mapped.buffer, 0, DN_LEN, &mapped.address), 0);
	return mapped;
}

static struct mapped by_mem_map(struct conf *conf)
{
	struct mapped mapped = {.client = conf_process(conf)};

	mapped.buffer = conf_alloc(mapped.client, DN_LEN);
	conf_equal(conf, dn_mem_map(mapped.client, &mapped.buffer, 0, 0, &mapped.address), 0);
	return mapped;
}

/* ---- MMAP ---- */

static void the_older_numbers_do_the_same(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct frpc_dn_mmap map = {.fd = -1, .flags = FRPC_DN_MMAP_ADD_PAGES, .size = 4096};
	struct frpc_dn_munmap unmap = {.size = 4096};
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MMAP, &map), 0);
	unmap.vaddrout = map.vaddrout;
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MUNMAP, &unmap), 0);
	conf_equal(conf, conf_count(conf, mark, DN_GROUP, DN_MMAP), 1);
	conf_equal(conf, conf_count(conf, mark, DN_GROUP, DN_MUNMAP), 1);
}

static void mmap_tells_the_dsp_address_and_flags(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	uint32_t id = conf_client_id(client);
	uint64_t mark = conf_mark(conf);
	const struct frpc_smq_mmap *told;
	struct conf_record record;

	conf_equal(conf, dn_mmap(client, &buffer, 2, 5000, NULL), 0);
	if (!conf_find(conf, mark, DN_GROUP, DN_MMAP, &record))
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_MMAP);
	told = dn_in(conf, &record, 0);
	if (!told)
		return;
	conf_equal(conf, told->pid, id);
	conf_equal(conf, told->flags, 2);
	conf_equal(conf, told->vaddrin, (uintptr_t)buffer.bytes);
	conf_equal(conf, told->num, 16);
}

static void mmap_tells_the_mapped_size(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	uint64_t mark = conf_mark(conf);
	const struct frpc_smq_page *page;
	struct conf_record record;

	conf_equal(conf, dn_mmap(client, &buffer, 0, 5000, NULL), 0);
	if (conf_find(conf, mark, DN_GROUP, DN_MMAP, &record) && (page = dn_in(conf, &record, 1)))
		conf_equal(conf, page->size, DN_LEN);
}

static void mmaps_result_is_the_dsps_and_the_map_goes(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);

	conf_answer(conf, DN_GROUP, DN_MMAP, 39);
	conf_equal(conf, dn_mmap(client, &buffer, 0, DN_LEN, NULL), 39);
	/* Else the next one would find it, and be told that it exists. */
	conf_equal(conf, dn_mem_map(client, &buffer, 0, 0, NULL), 0);
}

static void more_than_the_buffer_has(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);

	conf_equal(conf, dn_mmap(client, &buffer, 0, DN_LEN + 1, NULL), -EFAULT);
}

static void pages_of_the_last_level_cache(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct frpc_dn_mmap request = {
		.fd = -1, .flags = FRPC_DN_MMAP_ADD_PAGES_LLC, .size = 4096, .vaddrin = 4096};

	conf_equal(conf, dn_mmap(client, NULL, FRPC_DN_MMAP_ADD_PAGES_LLC, 4096, NULL), 0);
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MMAP_64, &request), -EINVAL);
}

static void an_unsigned_process_brings_its_own_pages(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);

	conf_equal(conf, dn_create(client, FRPC_PROC_ATTR_UNSIGNED, 0), 0);
	conf_equal(conf, dn_mmap(client, NULL, FRPC_DN_MMAP_ADD_PAGES, 4096, NULL), -EBADFD);
	conf_equal(conf, dn_mmap(client, &buffer, FRPC_DN_MMAP_ADD_PAGES, DN_LEN, NULL), 0);
}

static void no_remote_heap_for_an_unsigned_process(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);

	conf_equal(conf, dn_create(client, FRPC_PROC_ATTR_UNSIGNED, 0), 0);
	conf_equal(conf, dn_mmap(client, NULL, FRPC_DN_MMAP_REMOTE_HEAP, 4096, NULL), -EINVAL);
}

static void the_reserved_heap_needs_no_fd(struct conf *conf)
{
	struct conf_client *client;
	const struct frpc_smq_mmap *told;
	struct conf_record record;
	uint64_t mark, address;

	if (!conf_on(conf, "heap=12582912"))
		return;
	client = conf_process(conf);
	mark = conf_mark(conf);
	conf_equal(conf, dn_mmap(client, NULL, FRPC_DN_MMAP_REMOTE_HEAP, 65536, &address), 0);
	if (conf_find(conf, mark, DN_GROUP, DN_MMAP, &record) && (told = dn_in(conf, &record, 0)))
		conf_equal(conf, told->vaddrin, 0);
	conf_equal(conf, dn_munmap(client, address, 65536), 0);
	conf_equal(conf, conf_count(conf, mark, DN_GROUP, DN_HEAP_UNMAP), 0);
}

static void protected_heap_is_unlocked_by_the_dsp(struct conf *conf)
{
	struct conf_client *client;
	struct conf_record record;
	uint64_t mark, address;

	if (!conf_on(conf, "heap=12582912"))
		return;
	client = conf_process(conf);
	mark = conf_mark(conf);
	conf_equal(conf, dn_mmap(client, NULL, FRPC_DN_MMAP_HEAP, 65536, &address), 0);
	conf_equal(conf, dn_munmap(client, address, 65536), 0);
	if (conf_find(conf, mark, DN_GROUP, DN_HEAP_UNMAP, &record))
		conf_equal(conf, record.head.sc, FRPC_SC_HEAP_UNMAP);
}

static void no_reserved_heap(struct conf *conf)
{
	struct conf_client *client;

	if (!conf_on(conf, "heap=0"))
		return;
	client = conf_process(conf);
	conf_equal(conf, dn_mmap(client, NULL, FRPC_DN_MMAP_HEAP, 4096, NULL), -ENODEV);
	conf_equal(conf, dn_mmap(client, NULL, FRPC_DN_MMAP_REMOTE_HEAP, 4096, NULL), -ENODEV);
}

static void heap_of_no_size(struct conf *conf)
{
	if (conf_on(conf, "heap=12582912"))
		conf_equal(conf,
			   dn_mmap(conf_process(conf), NULL, FRPC_DN_MMAP_REMOTE_HEAP, 0, NULL),
			   -EFAULT);
}

static void an_mmap_that_cannot_be_answered(struct conf *conf)
{
	const struct frpc_dn_mmap request = {
		.fd = -1, .flags = FRPC_DN_MMAP_ADD_PAGES, .size = 4096};
	struct conf_client *client = conf_process(conf);
	void *argument = conf_read_only_copy(conf, &request, sizeof(request));

	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MMAP_64, argument), conf_fault(conf));
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MMAP, argument), conf_fault(conf));
}

static void a_range_that_is_mapped_twice(struct conf *conf)
{
	struct mapped mapped = by_mmap(conf);
	uint64_t second;

	conf_equal(conf, dn_mmap(mapped.client, &mapped.buffer, 0, DN_LEN, &second), 0);
	conf_equal(conf, dn_munmap(mapped.client, second, DN_LEN), -ETOOMANYREFS);
}

static void an_unlisted_flag_maps_the_fd(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	uint64_t address;

	conf_equal(conf, dn_mmap(client, &buffer, 0x12345, DN_LEN, &address), 0);
	conf_equal(conf, dn_munmap(client, address, DN_LEN), 0);
}

/* ---- MUNMAP ---- */

static void nothing_was_mapped(struct conf *conf)
{
	conf_equal(conf, dn_munmap(conf_process(conf), 0x10000, 4096), -ETOOMANYREFS);
}

static void another_length_unmaps_nothing(struct conf *conf)
{
	struct mapped mapped = by_mmap(conf);

	conf_equal(conf, dn_munmap(mapped.client, mapped.address, DN_LEN - 1), -ETOOMANYREFS);
	conf_equal(conf, dn_munmap(mapped.client, mapped.address, DN_LEN), 0);
	conf_equal(conf, dn_munmap(mapped.client, mapped.address, DN_LEN), -ETOOMANYREFS);
}

static void munmap_tells_the_mapped_size(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	const struct frpc_smq_munmap *told;
	struct conf_record record;
	uint64_t mark, address;

	conf_equal(conf, dn_mmap(client, &buffer, 0, 5000, &address), 0);
	mark = conf_mark(conf);
	conf_equal(conf, dn_munmap(client, address, 5000), 0);
	if (!conf_find(conf, mark, DN_GROUP, DN_MUNMAP, &record) ||
	    !(told = dn_in(conf, &record, 0)))
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_MUNMAP);
	conf_equal(conf, told->vaddrout, address);
	conf_equal(conf, told->size, DN_LEN);
}

static void a_refused_munmap_may_be_tried_again(struct conf *conf)
{
	struct mapped mapped = by_mmap(conf);

	conf_answer(conf, DN_GROUP, DN_MUNMAP, 14);
	conf_equal(conf, dn_munmap(mapped.client, mapped.address, DN_LEN), 14);
	conf_equal(conf, dn_munmap(mapped.client, mapped.address, DN_LEN), 0);
}

static void refused_pages_are_kept(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t address;

	conf_equal(conf, dn_mmap(client, NULL, FRPC_DN_MMAP_ADD_PAGES, 8192, &address), 0);
	conf_answer(conf, DN_GROUP, DN_MUNMAP, 14);
	conf_equal(conf, dn_munmap(client, address, 8192), 14);
	conf_equal(conf, dn_munmap(client, address, 8192), 0);
}

static void a_map_that_a_call_uses_cannot_be_unmapped(struct conf *conf)
{
	struct mapped mapped = by_mmap(conf);
	const struct conf_arg arg = {mapped.buffer.bytes, DN_LEN, mapped.buffer.fd};
	struct conf_held *held =
		conf_hold_call(conf, mapped.client, EMU_TESTMOD_STATUS, 1, 0, &arg);

	if (!held)
		return;
	conf_equal(conf, dn_munmap(mapped.client, mapped.address, DN_LEN), -ETOOMANYREFS);
	conf_equal(conf, conf_end_held(held, 0), 0);
	conf_equal(conf, dn_munmap(mapped.client, mapped.address, DN_LEN), 0);
}

/* ---- MEM_MAP ---- */

static void mem_map_tells_the_dsp_all(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	struct frpc_dn_mem_map request = {.fd = buffer.fd,
					  .offset = 4096,
					  .flags = MAP_DMA_FD,
					  .vaddrin = (uintptr_t)buffer.bytes,
					  .length = 5000};
	uint64_t mark = conf_mark(conf);
	const struct frpc_smq_mem_map *told;
	const struct frpc_smq_page *page;
	struct conf_record record;

	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MEM_MAP, &request), 0);
	if (!conf_find(conf, mark, DN_GROUP, DN_MEM_MAP, &record) ||
	    !(told = dn_in(conf, &record, 0)) || !(page = dn_in(conf, &record, 1)))
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_MEM_MAP);
	conf_equal(conf, told->fd, buffer.fd);
	conf_equal(conf, told->offset, 4096);
	conf_equal(conf, told->flags, MAP_DMA_FD);
	conf_equal(conf, told->num, 16);
	conf_equal(conf, told->data_len, 0);
	conf_equal(conf, page->size, DN_LEN);
	conf_equal(conf, conf_record_args(&record)[2].buf.len, 0);
}

static uint64_t told_address(struct conf *conf, struct conf_buffer *ret_buffer)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);
	const struct frpc_smq_mem_map *told;
	struct conf_record record;

	*ret_buffer = conf_alloc(client, DN_LEN);
	conf_equal(conf, dn_mem_map(client, ret_buffer, 0, 0, NULL), 0);
	if (!conf_find(conf, mark, DN_GROUP, DN_MEM_MAP, &record) ||
	    !(told = dn_in(conf, &record, 0)))
		return UINT64_MAX;
	return told->vaddrin;
}

static void mem_map_passes_the_address(struct conf *conf)
{
	struct conf_buffer buffer;
	uint64_t told = told_address(conf, &buffer);

	conf_equal(conf, told, (uintptr_t)buffer.bytes);
}

static void a_narrow_mem_map_has_no_address(struct conf *conf)
{
	struct conf_buffer buffer;

	conf_equal(conf, told_address(conf, &buffer), 0);
}

static void a_refused_mem_map_leaves_no_map(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);

	conf_answer(conf, DN_GROUP, DN_MEM_MAP, 39);
	conf_equal(conf, dn_mem_map(client, &buffer, 0, 0, NULL), 39);
	conf_equal(conf, dn_mem_map(client, &buffer, 0, 0, NULL), 0);
}

static void mem_map_of_no_dma_buf(struct conf *conf)
{
	struct conf_buffer none = {.fd = NO_SUCH_FD, .len = DN_LEN};

	conf_equal(conf, dn_mem_map(conf_process(conf), &none, 0, 0, NULL), -EBADFD);
	conf_equal(conf, dn_mem_map(conf_process(conf), &none, MAP_NOMAP, 0, NULL), -EBADFD);
}

static void mem_map_of_too_much(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);

	buffer.len++;
	conf_equal(conf, dn_mem_map(client, &buffer, 0, 0, NULL), -EFAULT);
}

static void a_map_without_a_map_cannot_be_kept(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);

	conf_equal(conf, dn_mem_map(client, &buffer, MAP_NOMAP, FRPC_DN_ATTR_KEEP_MAP, NULL),
		   -EINVAL);
}

static void flag_16_is_recorded_as_3(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	uint64_t address;

	conf_equal(conf, dn_mem_map(client, &buffer, MAP_NOMAP, 0, &address), 0);
	conf_equal(conf, dn_mem_unmap(client, buffer.fd, address, DN_LEN), 0);
}

static void a_kept_map_is_not_free_to_be_unmapped(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	uint64_t address;

	conf_equal(conf, dn_mem_map(client, &buffer, 0, FRPC_DN_ATTR_KEEP_MAP, &address), 0);
	conf_equal(conf, dn_mem_unmap(client, buffer.fd, address, DN_LEN), -ETOOMANYREFS);
	conf_equal(conf, dn_munmap_fd(client, buffer.fd, buffer.bytes, DN_LEN), 0);
	conf_equal(conf, dn_mem_unmap(client, buffer.fd, address, DN_LEN), 0);
}

static void a_mem_map_that_cannot_be_answered(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	const struct frpc_dn_mem_map request = {
		.fd = buffer.fd, .vaddrin = (uintptr_t)buffer.bytes, .length = DN_LEN};

	conf_equal(conf,
		   conf_ioctl(client, FRPC_DN_IOCTL_MEM_MAP,
			      conf_read_only_copy(conf, &request, sizeof(request))),
		   conf_fault(conf));
}

/* Both commands, told that they are of @version. */
static void with_version(struct conf *conf, int32_t version, long wanted)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	struct frpc_dn_mem_map map = {.version = version,
				      .fd = buffer.fd,
				      .vaddrin = (uintptr_t)buffer.bytes,
				      .length = DN_LEN};
	struct frpc_dn_mem_unmap unmap = {.version = version, .fd = buffer.fd, .length = DN_LEN};

	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MEM_MAP, &map), wanted);
	if (wanted)
		dn_mem_map(client, &buffer, 0, 0, &map.vaddrout);
	unmap.vaddr = map.vaddrout;
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MEM_UNMAP, &unmap), wanted);
}

static void the_version_is_not_looked_at(struct conf *conf)
{
	with_version(conf, 77, 0);
}

static void a_narrow_clients_version_is_0(struct conf *conf)
{
	with_version(conf, 1, -EINVAL);
}

/* ---- MEM_UNMAP ---- */

static void mem_unmap_compares_the_fd(struct conf *conf)
{
	struct mapped mapped = by_mem_map(conf);
	struct conf_buffer other = conf_alloc(mapped.client, DN_LEN);

	conf_equal(conf, dn_mem_unmap(mapped.client, other.fd, mapped.address, DN_LEN),
		   -ETOOMANYREFS);
}

static void a_negative_fd_is_any(struct conf *conf)
{
	struct mapped mapped = by_mem_map(conf);

	conf_equal(conf, dn_mem_unmap(mapped.client, -1, mapped.address, DN_LEN), 0);
}

static void mem_unmap_compares_the_length(struct conf *conf)
{
	struct mapped mapped = by_mem_map(conf);

	conf_equal(conf, dn_mem_unmap(mapped.client, mapped.buffer.fd, mapped.address, 4096),
		   -ETOOMANYREFS);
}

static void mem_unmap_tells_fd_address_and_mapped_size(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	const struct frpc_smq_mem_unmap *told;
	struct conf_record record;
	uint64_t mark, address;

	buffer.len = 5000;
	conf_equal(conf, dn_mem_map(client, &buffer, 0, 0, &address), 0);
	mark = conf_mark(conf);
	conf_equal(conf, dn_mem_unmap(client, buffer.fd, address, 5000), 0);
	if (!conf_find(conf, mark, DN_GROUP, DN_MEM_UNMAP, &record) ||
	    !(told = dn_in(conf, &record, 0)))
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_MEM_UNMAP);
	conf_equal(conf, told->fd, buffer.fd);
	conf_equal(conf, told->vaddrin, address);
	conf_equal(conf, told->len, DN_LEN);
}

static void only_flags_0_2_and_3_are_unmapped(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	uint64_t address;

	conf_equal(conf, dn_mem_map(client, &buffer, 1, 0, &address), 0);
	conf_equal(conf, dn_mem_unmap(client, buffer.fd, address, DN_LEN), -EBADMSG);
	conf_equal(conf, dn_mem_unmap(client, buffer.fd, address, DN_LEN), -EBADMSG);
}

static void a_call_uses_what_mem_map_mapped(struct conf *conf)
{
	struct mapped mapped = by_mem_map(conf);
	const struct conf_arg arg = {mapped.buffer.bytes, DN_LEN, mapped.buffer.fd};
	struct conf_held *held;

	held = conf_hold_call(conf, mapped.client, EMU_TESTMOD_STATUS, 1, 0, &arg);
	if (!held)
		return;
	conf_equal(conf, dn_mem_unmap(mapped.client, mapped.buffer.fd, mapped.address, DN_LEN),
		   -ETOOMANYREFS);
	conf_equal(conf, conf_end_held(held, 0), 0);
	conf_equal(conf, dn_mem_unmap(mapped.client, mapped.buffer.fd, mapped.address, DN_LEN), 0);
}

static void two_ranges_of_one_fd_are_two_maps(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN), half = buffer;
	uint64_t first, second;

	half.len = DN_LEN / 2;
	conf_equal(conf, dn_mem_map(client, &half, 0, 0, &first), 0);
	conf_equal(conf, dn_mem_map(client, &buffer, 0, 0, &second), 0);
	conf_equal(conf, dn_mem_unmap(client, buffer.fd, first, half.len), 0);
	conf_equal(conf, dn_mem_unmap(client, buffer.fd, second, DN_LEN), 0);
}

static void maps_are_the_files_own(struct conf *conf)
{
	struct mapped mapped = by_mem_map(conf);

	conf_equal(conf, dn_mem_unmap(conf_process(conf), -1, mapped.address, DN_LEN),
		   -ETOOMANYREFS);
}

static const struct conf_row rows[] = {
	DN_ROW("dn.mmap.older", "MMAP and MUNMAP do as their 64 forms", "abi A2, A5.4", 0,
	       the_older_numbers_do_the_same),
	DN_ROW("dn.mmap.message", "MMAP sends client, flags, address and 16 bytes of page",
	       "abi A5.4", 0, mmap_tells_the_dsp_address_and_flags),
	DN_ROW("dn.mmap.page", "MMAP's page is as large as what was mapped", "abi A5.4, A7.4",
	       CONF_SMMU, mmap_tells_the_mapped_size),
	DN_ROW("dn.mmap.status", "MMAP returns the DSP's refusal, and releases the map", "abi A2.8",
	       0, mmaps_result_is_the_dsps_and_the_map_goes),
	DN_ROW("dn.mmap.too-long", "MMAP of more than the dma-buf is EFAULT", "abi A7.4", 0,
	       more_than_the_buffer_has),
	DN_ROW("dn.mmap.llc", "flag 0x3000 donates as 0x1000 does", "abi A2.8", 0,
	       pages_of_the_last_level_cache),
	DN_ROW("dn.mmap.unsigned", "for an unsigned process flag 0x1000 maps the fd", "abi A2.8", 0,
	       an_unsigned_process_brings_its_own_pages),
	DN_ROW("dn.mmap.unsigned-heap", "flag 8 of an unsigned process is EINVAL", "abi A2.8", 0,
	       no_remote_heap_for_an_unsigned_process),
	DN_ROW("dn.mmap.heap", "flag 8 lends reserved memory, without fd and address", "abi A2.8",
	       CONF_MACHINE, the_reserved_heap_needs_no_fd),
	DN_ROW("dn.munmap.heap-key", "MUNMAP of flag 4 asks the DSP for its key too",
	       "abi A2.8, A5.4", CONF_MACHINE, protected_heap_is_unlocked_by_the_dsp),
	DN_ROW("dn.mmap.no-heap", "without a reserved pool flags 4 and 8 are ENODEV", "abi A2.8",
	       CONF_MACHINE, no_reserved_heap),
	DN_ROW("dn.mmap.heap-size", "reserved memory of no size is EFAULT", "abi A2.8",
	       CONF_MACHINE, heap_of_no_size),
	DN_ROW("dn.mmap.fault-out", "an MMAP whose answer cannot be written is a fault",
	       "abi A2.0, A12", 0, an_mmap_that_cannot_be_answered),
	DN_ROW("dn.mmap.twice", "a range mapped twice is one map of two references, and stays",
	       "abi A7.3, A7.5", 0, a_range_that_is_mapped_twice),
	DN_ROW("dn.mmap.any-flag", "an unknown flag maps the fd", "abi A2.8", 0,
	       an_unlisted_flag_maps_the_fd),
	DN_ROW("dn.munmap.unknown", "MUNMAP of what was never mapped is ETOOMANYREFS", "abi A7.5",
	       0, nothing_was_mapped),
	DN_ROW("dn.munmap.length", "MUNMAP of another length, or again, is ETOOMANYREFS",
	       "abi A7.5", 0, another_length_unmaps_nothing),
	DN_ROW("dn.munmap.message", "MUNMAP sends the address and the mapped size", "abi A5.4",
	       CONF_SMMU, munmap_tells_the_mapped_size),
	DN_ROW("dn.munmap.status", "a map whose MUNMAP the DSP refused is still there", "abi A2.8",
	       0, a_refused_munmap_may_be_tried_again),
	DN_ROW("dn.munmap.pages-status", "donated pages that the DSP keeps can be asked for again",
	       "abi A2.8", 0, refused_pages_are_kept),
	DN_ROW("dn.munmap.busy", "MUNMAP of what a running call uses is ETOOMANYREFS", "abi A7.5",
	       0, a_map_that_a_call_uses_cannot_be_unmapped),
	DN_ROW("dn.mem-map.message", "MEM_MAP sends fd, offset, flags, page and an empty buffer",
	       "abi A5.4", CONF_SMMU, mem_map_tells_the_dsp_all),
	DN_ROW("dn.mem-map.address", "MEM_MAP passes the caller's address", "abi A5.4", CONF_WIDE,
	       mem_map_passes_the_address),
	DN_ROW("dn.mem-map.no-address", "a 32-bit client's MEM_MAP has address 0", "abi A12",
	       CONF_NARROW, a_narrow_mem_map_has_no_address),
	DN_ROW("dn.mem-map.status", "MEM_MAP returns the DSP's refusal, and releases the map",
	       "abi A2.8", 0, a_refused_mem_map_leaves_no_map),
	DN_ROW("dn.mem-map.bad-fd", "MEM_MAP of no dma-buf is EBADFD, with flag 16 too", "abi A7.4",
	       0, mem_map_of_no_dma_buf),
	DN_ROW("dn.mem-map.too-long", "MEM_MAP of more than the dma-buf is EFAULT", "abi A7.4", 0,
	       mem_map_of_too_much),
	DN_ROW("dn.mem-map.nomap-keep", "flag 16 with KEEP_MAP is EINVAL", "abi A3.4, A7.4", 0,
	       a_map_without_a_map_cannot_be_kept),
	DN_ROW("dn.mem-map.nomap", "flag 16 is recorded as 3, and can be unmapped", "abi A3.4", 0,
	       flag_16_is_recorded_as_3),
	DN_ROW("dn.mem-map.kept", "KEEP_MAP's second reference ends with MUNMAP_FD", "abi A3.3",
	       CONF_WIDE, a_kept_map_is_not_free_to_be_unmapped),
	DN_ROW("dn.mem-map.fault-out", "a MEM_MAP whose answer cannot be written is a fault",
	       "abi A2.0, A12", 0, a_mem_map_that_cannot_be_answered),
	DN_ROW("dn.mem-map.version", "no version is refused", "abi A2.1", CONF_WIDE,
	       the_version_is_not_looked_at),
	DN_ROW("dn.mem-map.version-0", "a 32-bit client's other version than 0 is EINVAL",
	       "abi A12", CONF_NARROW, a_narrow_clients_version_is_0),
	DN_ROW("dn.mem-unmap.fd", "MEM_UNMAP with another fd is ETOOMANYREFS", "abi A2.8", 0,
	       mem_unmap_compares_the_fd),
	DN_ROW("dn.mem-unmap.any-fd", "MEM_UNMAP with a negative fd goes by address and length",
	       "abi A2.1", 0, a_negative_fd_is_any),
	DN_ROW("dn.mem-unmap.length", "MEM_UNMAP with another length is ETOOMANYREFS", "abi A7.5",
	       0, mem_unmap_compares_the_length),
	DN_ROW("dn.mem-unmap.message", "MEM_UNMAP sends fd, address and the mapped size",
	       "abi A5.4", CONF_SMMU, mem_unmap_tells_fd_address_and_mapped_size),
	DN_ROW("dn.mem-unmap.flags", "MEM_UNMAP of other flags than 0, 2, 3 is EBADMSG, each time",
	       "abi A2.8", 0, only_flags_0_2_and_3_are_unmapped),
	DN_ROW("dn.mem-unmap.busy", "a call uses what MEM_MAP mapped: then it is ETOOMANYREFS",
	       "abi A7.5", CONF_WIDE, a_call_uses_what_mem_map_mapped),
	DN_ROW("dn.mem-map.ranges", "a larger range of an fd is another map", "abi A7.3", CONF_WIDE,
	       two_ranges_of_one_fd_are_two_maps),
	DN_ROW("dn.mem-unmap.file", "another file's map is not found", "abi A7.3", 0,
	       maps_are_the_files_own),
};

DN_ROWS(conf_dn_maps, rows);
