/* SPDX-License-Identifier: BSD-3-Clause */
/* MMAP and MUNMAP, MEM_MAP and MEM_UNMAP: the driver's memory and the client's for a process. */
#include <unistd.h>

#include "conf.h"

#define GROUP	  FRPC_HANDLE_PROCESS_GROUP
#define METHOD(s) FRPC_SC_METHOD(FRPC_SC_##s)
#define LEN	  16384u
#define DSP_FAULT ((long)(int32_t)0x80000483)

static long map_pages(struct conf_client *client, uint32_t flags, uint64_t size,
		      uint64_t *ret_address)
{
	struct frpc_ml_req_mmap request = {.fd = -1, .flags = flags, .size = size};
	long res = conf_ioctl(client, FRPC_ML_IOCTL_MMAP, &request);

	*ret_address = request.vaddrout;
	return res;
}

static long unmap_pages(struct conf_client *client, uint64_t address, uint64_t size)
{
	struct frpc_ml_req_munmap request = {.vaddrout = address, .size = size};

	return conf_ioctl(client, FRPC_ML_IOCTL_MUNMAP, &request);
}

/* The in-buffer @index of the newest call of that method, or NULL. */
static const void *sent(struct conf *conf, uint64_t mark, uint32_t method, uint32_t index,
			struct conf_record *record)
{
	uint64_t at;

	if (!conf_find(conf, mark, GROUP, method, record) ||
	    !conf_record_place(conf, record, index, &at))
		return NULL;
	return record->payload + at;
}

static void mmap_donates_pages(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t id = conf_client_id(client), bank = conf_bank(client);
	uint64_t mark = conf_mark(conf), address;
	const struct frpc_smq_mmap *map;
	const struct frpc_smq_page *page;
	struct conf_record record;

	conf_equal(conf, map_pages(client, FRPC_ML_MMAP_ADD_PAGES, 8192, &address), 0);
	conf_true(conf, address);
	map = sent(conf, mark, METHOD(MMAP), 0, &record);
	if (!map)
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_MMAP);
	conf_equal(conf, record.head.pid, 0);
	conf_equal(conf, map->pid, (int32_t)id);
	conf_equal(conf, map->flags, FRPC_ML_MMAP_ADD_PAGES);
	conf_equal(conf, map->vaddrin, 0);
	conf_equal(conf, map->num, 16);
	page = sent(conf, mark, METHOD(MMAP), 1, &record);
	if (!page)
		return;
	conf_equal(conf, page->size, 8192);
	conf_equal(conf, page->addr >> 32, bank);
	conf_equal(conf, page->addr % 4096, 0);
}

static void mmap_passes_the_size_on_as_it_is(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf), address;
	const struct frpc_smq_page *page;
	struct conf_record record;

	conf_equal(conf, map_pages(client, FRPC_ML_MMAP_ADD_PAGES, 5000, &address), 0);
	page = sent(conf, mark, METHOD(MMAP), 1, &record);
	if (page)
		conf_equal(conf, page->size, 5000);
	conf_equal(conf, unmap_pages(client, address, 5000), 0);
}

static void mmap_knows_few_flags(struct conf *conf)
{
	static const uint32_t wrong[] = {0, 1, 2, 4, 16, 0x1001, 0x1008, 0x2000, UINT32_MAX};
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf), address;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		conf_equal(conf, map_pages(client, wrong[i], 4096, &address), -EINVAL);
	conf_equal(conf, conf_count(conf, mark, GROUP, METHOD(MMAP)), 0);
}

static void mmap_wants_no_address(struct conf *conf)
{
	struct frpc_ml_req_mmap request = {
		.flags = FRPC_ML_MMAP_ADD_PAGES, .size = 4096, .vaddrin = 4096};

	conf_equal(conf, conf_ioctl(conf_process(conf), FRPC_ML_IOCTL_MMAP, &request), -EINVAL);
}

static void mmap_does_not_look_at_its_fd(struct conf *conf)
{
	struct frpc_ml_req_mmap request = {
		.fd = 987, .flags = FRPC_ML_MMAP_ADD_PAGES, .size = 4096};

	conf_equal(conf, conf_ioctl(conf_process(conf), FRPC_ML_IOCTL_MMAP, &request), 0);
}

static void mmap_of_more_than_there_is(struct conf *conf)
{
	uint64_t address;

	conf_equal(conf,
		   map_pages(conf_process(conf), FRPC_ML_MMAP_ADD_PAGES, UINT64_C(1) << 40,
			     &address),
		   -ENOMEM);
}

static void mmap_that_the_dsp_refuses(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t address;

	conf_answer(conf, GROUP, METHOD(MMAP), (int32_t)0x80000402);
	conf_equal(conf, map_pages(client, FRPC_ML_MMAP_ADD_PAGES, 4096, &address),
		   (int32_t)0x80000402);
	conf_equal(conf, unmap_pages(client, 0, 4096), -EINVAL);
}

static void mmap_with_a_bad_pointer(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_MMAP, conf_no_page(conf)), -EFAULT);
	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_MUNMAP, conf_no_page(conf)), -EFAULT);
}

static void mmap_that_cannot_tell_the_address(struct conf *conf)
{
	const struct frpc_ml_req_mmap request = {.flags = FRPC_ML_MMAP_ADD_PAGES, .size = 4096};
	struct conf_client *client = conf_process(conf);
	void *unwritable = conf_read_only_copy(conf, &request, sizeof(request));
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_MMAP, unwritable), -EFAULT);
	conf_equal(conf, conf_count(conf, mark, GROUP, METHOD(MMAP)), 1);
	conf_equal(conf, conf_count(conf, mark, GROUP, METHOD(MUNMAP)), 1);
}

static void mmap_times_out(struct conf *conf)
{
	struct frpc_ml_req_mmap request = {.flags = FRPC_ML_MMAP_ADD_PAGES, .size = 4096};
	struct conf_client *client = conf_process(conf);
	struct conf_job job;

	conf_hold(conf, GROUP, METHOD(MMAP), 1);
	conf_start(&job, client, FRPC_ML_IOCTL_MMAP, &request);
	conf_equal(conf, conf_join_timed_out(&job), -ETIMEDOUT);
}

static void mmap_memory_is_clean_and_reachable(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf), out;
	unsigned char seen[64] = {1}, zeros[64] = {0};
	const struct frpc_smq_page *page;
	struct conf_record record;
	uint64_t address;

	conf_equal(conf, map_pages(client, FRPC_ML_MMAP_ADD_PAGES, 4096, &out), 0);
	page = sent(conf, mark, METHOD(MMAP), 1, &record);
	if (!page)
		return;
	address = page->addr;
	conf_equal(conf,
		   conf_call(conf_observer(conf), EMU_TESTMOD_READ, 1, 1,
			     (struct conf_arg[]){conf_plain(&address, 8),
						 conf_plain(seen, sizeof(seen))}),
		   0);
	conf_bytes(conf, seen, zeros, sizeof(seen));
}

static void pages_go_with_the_file(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf), out, address;
	const struct frpc_smq_page *page;
	struct conf_record record;
	unsigned char seen;

	conf_equal(conf, map_pages(client, FRPC_ML_MMAP_ADD_PAGES, 4096, &out), 0);
	page = sent(conf, mark, METHOD(MMAP), 1, &record);
	if (!page)
		return;
	address = page->addr;
	conf_equal(conf, conf_close(client), 0);
	conf_equal(conf,
		   conf_call(conf_observer(conf), EMU_TESTMOD_READ, 1, 1,
			     (struct conf_arg[]){conf_plain(&address, 8), conf_plain(&seen, 1)}),
		   DSP_FAULT);
}

static void munmap_takes_pages_back(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t id = conf_client_id(client);
	uint64_t mark = conf_mark(conf), address;
	const struct frpc_smq_munmap *unmap;
	struct conf_record record;

	conf_equal(conf, map_pages(client, FRPC_ML_MMAP_ADD_PAGES, 8192, &address), 0);
	conf_equal(conf, unmap_pages(client, address, 8192), 0);
	unmap = sent(conf, mark, METHOD(MUNMAP), 0, &record);
	if (!unmap)
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_MUNMAP);
	conf_equal(conf, unmap->pid, (int32_t)id);
	conf_equal(conf, unmap->vaddrout, address);
	conf_equal(conf, unmap->size, 8192);
}

static void munmap_of_what_is_not_there(struct conf *conf)
{
	struct conf_client *client = conf_process(conf), *other = conf_process(conf);
	uint64_t address;

	conf_equal(conf, map_pages(client, FRPC_ML_MMAP_ADD_PAGES, 8192, &address), 0);
	conf_equal(conf, unmap_pages(client, address, 4096), -EINVAL);
	conf_equal(conf, unmap_pages(client, address + 4096, 8192), -EINVAL);
	conf_equal(conf, unmap_pages(client, 0, 0), -EINVAL);
	conf_equal(conf, unmap_pages(other, address, 8192), -EINVAL);
	conf_equal(conf, unmap_pages(client, address, 8192), 0);
	conf_equal(conf, unmap_pages(client, address, 8192), -EINVAL);
}

static void munmap_that_the_dsp_refuses(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t address;

	conf_equal(conf, map_pages(client, FRPC_ML_MMAP_ADD_PAGES, 8192, &address), 0);
	conf_answer(conf, GROUP, METHOD(MUNMAP), 14);
	conf_equal(conf, unmap_pages(client, address, 8192), 14);
	conf_equal(conf, unmap_pages(client, address, 8192), 0);
}

static void mmap_of_the_remote_heap(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf), address;
	const struct frpc_smq_mmap *map;
	const struct frpc_smq_page *page;
	struct conf_record record;

	conf_equal(conf, map_pages(client, FRPC_ML_MMAP_REMOTE_HEAP, 8192, &address), 0);
	map = sent(conf, mark, METHOD(MMAP), 0, &record);
	if (map)
		conf_equal(conf, map->flags, FRPC_ML_MMAP_REMOTE_HEAP);
	page = sent(conf, mark, METHOD(MMAP), 1, &record);
	if (page) {
		conf_equal(conf, page->size, 8192);
		conf_equal(conf, page->addr >> 32, 0);
	}
	conf_equal(conf, unmap_pages(client, address, 8192), 0);
}

static void mmap_of_the_remote_heap_in_6_1(struct conf *conf)
{
	uint64_t address;

	conf_equal(conf, map_pages(conf_process(conf), FRPC_ML_MMAP_REMOTE_HEAP, 8192, &address),
		   -EINVAL);
}

/* ---- MEM_MAP ---- */

static long announce(struct conf_client *client, struct frpc_ml_mem_map *request)
{
	return conf_ioctl(client, FRPC_ML_IOCTL_MEM_MAP, request);
}

static long withdraw(struct conf_client *client, int fd, uint64_t address, uint64_t len)
{
	struct frpc_ml_mem_unmap request = {.fd = fd, .vaddr = address, .length = len};

	return conf_ioctl(client, FRPC_ML_IOCTL_MEM_UNMAP, &request);
}

static void mem_map_announces_a_buffer(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	uint32_t id = conf_client_id(client);
	uint64_t mark = conf_mark(conf);
	struct frpc_ml_mem_map request = {
		.fd = buffer.fd,
		.offset = 64,
		.flags = 0x5a,
		.vaddrin = 0x1234000,
		.length = 5000,
	};
	const struct frpc_smq_mem_map *map;
	const struct frpc_smq_page *page;
	struct conf_record record;

	conf_equal(conf, announce(client, &request), 0);
	conf_true(conf, request.vaddrout);
	map = sent(conf, mark, METHOD(MEM_MAP), 0, &record);
	if (!map)
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_MEM_MAP);
	conf_equal(conf, record.head.pid, 0);
	conf_equal(conf, map->pid, (int32_t)id);
	conf_equal(conf, map->fd, buffer.fd);
	conf_equal(conf, map->offset, 64);
	conf_equal(conf, map->flags, 0x5a);
	conf_equal(conf, map->vaddrin, 0x1234000);
	conf_equal(conf, map->num, 16);
	conf_equal(conf, map->data_len, 0);
	page = sent(conf, mark, METHOD(MEM_MAP), 1, &record);
	if (page) {
		conf_equal(conf, page->size, 5000);
		conf_equal(conf, page->addr >> 32, conf_bank(client));
	}
}

static void mem_map_of_a_bad_fd(struct conf *conf)
{
	struct frpc_ml_mem_map request = {.fd = 987, .length = 4096};
	struct conf_client *client = conf_process(conf);
	int ends[2];

	conf_equal(conf, announce(client, &request), -EBADF);
	request.fd = -1;
	conf_equal(conf, announce(client, &request), -EBADF);
	if (!conf_equal(conf, pipe(ends), 0))
		return;
	request.fd = ends[0];
	conf_equal(conf, announce(client, &request), -EINVAL);
	close(ends[0]);
	close(ends[1]);
}

static void mem_map_longer_than_the_buffer(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_ml_mem_map request = {.fd = buffer.fd, .length = LEN + 1};

	conf_equal(conf, announce(client, &request), -EINVAL);
}

static void mem_map_ignores_fields(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_ml_mem_map request = {
		.version = 77,
		.fd = buffer.fd,
		.length = LEN,
		.attrs = -1,
		.reserved = {1, 2, 3, 4},
	};

	conf_equal(conf, announce(client, &request), 0);
}

static void mem_map_that_the_dsp_refuses(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_ml_mem_map request = {.fd = buffer.fd, .length = LEN};

	conf_answer(conf, GROUP, METHOD(MEM_MAP), 39);
	conf_equal(conf, announce(client, &request), 39);
	conf_equal(conf, withdraw(client, buffer.fd, 0, LEN), -EINVAL);
}

static void mem_map_with_a_bad_pointer(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_MEM_MAP, conf_no_page(conf)), -EFAULT);
	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_MEM_UNMAP, conf_no_page(conf)), -EFAULT);
}

static void mem_map_that_cannot_tell_the_address(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	const struct frpc_ml_mem_map request = {.fd = buffer.fd, .length = LEN};
	void *unwritable = conf_read_only_copy(conf, &request, sizeof(request));

	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_MEM_MAP, unwritable), -EFAULT);
}

static void mem_unmap_revokes_it(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_ml_mem_map request = {.fd = buffer.fd, .length = LEN};
	uint64_t mark = conf_mark(conf);
	const struct frpc_smq_mem_unmap *unmap;
	struct conf_record record;

	conf_equal(conf, announce(client, &request), 0);
	conf_equal(conf, withdraw(client, buffer.fd, request.vaddrout, 1), 0); /* any length */
	unmap = sent(conf, mark, METHOD(MEM_UNMAP), 0, &record);
	if (!unmap)
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_MEM_UNMAP);
	conf_equal(conf, unmap->fd, buffer.fd);
	conf_equal(conf, unmap->vaddrin, request.vaddrout);
	conf_equal(conf, unmap->len, LEN);
}

static void mem_unmap_of_what_is_not_there(struct conf *conf)
{
	struct conf_client *client = conf_process(conf), *other = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_ml_mem_map request = {.fd = buffer.fd, .length = LEN};

	conf_equal(conf, announce(client, &request), 0);
	conf_equal(conf, withdraw(client, buffer.fd + 1, request.vaddrout, LEN), -EINVAL);
	conf_equal(conf, withdraw(client, buffer.fd, request.vaddrout + 4096, LEN), -EINVAL);
	conf_equal(conf, withdraw(other, buffer.fd, request.vaddrout, LEN), -EINVAL);
	conf_equal(conf, withdraw(client, buffer.fd, request.vaddrout, LEN), 0);
	conf_equal(conf, withdraw(client, buffer.fd, request.vaddrout, LEN), -EINVAL);
}

static void mem_unmap_by_address_alone(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_ml_mem_map request = {.fd = buffer.fd, .length = LEN};

	conf_equal(conf, announce(client, &request), 0);
	conf_equal(conf, withdraw(client, -1, request.vaddrout, LEN), 0);
}

static void mem_unmap_that_the_dsp_refuses(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_ml_mem_map request = {.fd = buffer.fd, .length = LEN};

	conf_equal(conf, announce(client, &request), 0);
	conf_answer(conf, GROUP, METHOD(MEM_UNMAP), 14);
	conf_equal(conf, withdraw(client, buffer.fd, request.vaddrout, LEN), 14);
	conf_equal(conf, withdraw(client, buffer.fd, request.vaddrout, LEN), 0);
}

static void mem_unmap_finds_what_was_never_announced(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);
	const struct frpc_smq_mem_unmap *unmap;
	struct conf_record record;

	/* The shell's map: its DSP address is 0, as nobody has set it. */
	conf_equal(conf, withdraw(client, -1, 0, 0), 0);
	unmap = sent(conf, mark, METHOD(MEM_UNMAP), 0, &record);
	if (unmap) {
		conf_equal(conf, unmap->vaddrin, 0);
		conf_equal(conf, unmap->len, 4096);
	}
	conf_equal(conf, withdraw(client, -1, 0, 0), -EINVAL);
}

static void announced_twice_revoked_twice(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_ml_mem_map request = {.fd = buffer.fd, .length = LEN};

	conf_equal(conf, announce(client, &request), 0);
	conf_equal(conf, announce(client, &request), 0);
	conf_equal(conf, withdraw(client, buffer.fd, request.vaddrout, LEN), 0);
	conf_equal(conf, withdraw(client, buffer.fd, request.vaddrout, LEN), 0);
	conf_equal(conf, withdraw(client, buffer.fd, request.vaddrout, LEN), -EINVAL);
}

static void a_call_uses_the_announced_map(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_ml_mem_map request = {.fd = buffer.fd, .length = LEN};
	uint64_t mark = conf_mark(conf), address;
	const struct conf_arg arg = {buffer.bytes, LEN, buffer.fd};
	const struct frpc_smq_page *page;
	struct conf_record record;

	conf_equal(conf, announce(client, &request), 0);
	page = sent(conf, mark, METHOD(MEM_MAP), 1, &record);
	if (!page)
		return;
	address = page->addr;
	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 1, 0, &arg), 0);
	if (conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record) &&
	    conf_true(conf, conf_record_pages(&record)))
		conf_equal(conf, conf_record_pages(&record)[0].addr, address);
	conf_equal(conf, withdraw(client, buffer.fd, request.vaddrout, LEN), 0);
}

static void a_listed_fd_takes_the_announced_map(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_ml_mem_map request = {.fd = buffer.fd, .length = LEN};
	uint64_t list = (uint32_t)buffer.fd;

	conf_equal(conf, announce(client, &request), 0);
	conf_equal(conf,
		   conf_call(client, EMU_TESTMOD_LIST_FDS, 1, 0,
			     (struct conf_arg[]){conf_plain(&list, 8)}),
		   0);
	conf_equal(conf, withdraw(client, buffer.fd, request.vaddrout, LEN), -EINVAL);
}

#define ROW(id, sentence, fact, needs, versions, run)                     \
	{                                                                 \
		id, sentence, fact, CONF_TESTMOD | (needs), versions, run \
	}

static const struct conf_row rows[] = {
	ROW("ml.mmap.message", "MMAP sends method 4: client, flags, one page of the session's bank",
	    "abi B3, A5.4", 0, CONF_ALL, mmap_donates_pages),
	ROW("ml.mmap.size", "MMAP passes a size that is no multiple of pages on", "abi B3", 0,
	    CONF_ALL, mmap_passes_the_size_on_as_it_is),
	ROW("ml.mmap.flags", "MMAP refuses other flags with EINVAL", "abi B3, rig 16", 0, CONF_ALL,
	    mmap_knows_few_flags),
	ROW("ml.mmap.vaddrin", "MMAP with an address is EINVAL", "abi B3, rig 16", 0, CONF_ALL,
	    mmap_wants_no_address),
	ROW("ml.mmap.fd", "MMAP ignores its fd", "abi B2", 0, CONF_ALL,
	    mmap_does_not_look_at_its_fd),
	ROW("ml.mmap.too-large", "MMAP of more than there is: ENOMEM", "abi B3", 0, CONF_ALL,
	    mmap_of_more_than_there_is),
	ROW("ml.mmap.status", "MMAP returns the DSP's result and keeps nothing", "abi B3", 0,
	    CONF_ALL, mmap_that_the_dsp_refuses),
	ROW("ml.mmap.fault", "MMAP and MUNMAP with an unreadable argument are EFAULT", "abi B3", 0,
	    CONF_ALL, mmap_with_a_bad_pointer),
	ROW("ml.mmap.fault-out", "MMAP whose answer cannot be written takes the pages back",
	    "abi B3", CONF_SURVIVES, CONF_ALL, mmap_that_cannot_tell_the_address),
	ROW("ml.mmap.silent", "MMAP is ETIMEDOUT after 10 s without an answer", "abi B3", CONF_SLOW,
	    CONF_ALL, mmap_times_out),
	ROW("ml.mmap.clean", "donated pages are zero and the DSP reaches them", "abi B3", 0,
	    CONF_ALL, mmap_memory_is_clean_and_reachable),
	ROW("ml.mmap.close", "donated pages go with the file", "abi B3", CONF_SMMU, CONF_ALL,
	    pages_go_with_the_file),
	ROW("ml.munmap.message", "MUNMAP sends method 5 with address and size", "abi B3", 0,
	    CONF_ALL, munmap_takes_pages_back),
	ROW("ml.munmap.unknown",
	    "MUNMAP wants address and size of one MMAP of the file: else EINVAL", "abi B3", 0,
	    CONF_ALL, munmap_of_what_is_not_there),
	ROW("ml.munmap.status", "MUNMAP that the DSP refuses can be tried again", "abi B3", 0,
	    CONF_ALL, munmap_that_the_dsp_refuses),
	ROW("ml.mmap.heap", "MMAP with flag 8 gives the channel's memory, without bank bits",
	    "abi B3", 0, CONF_SINCE_612, mmap_of_the_remote_heap),
	ROW("ml.mmap.no-heap", "MMAP with flag 8 is EINVAL", "abi B7", 0, CONF_61,
	    mmap_of_the_remote_heap_in_6_1),
	ROW("ml.mem-map.message", "MEM_MAP sends method 10; page size is the given length",
	    "abi B3, B4", 0, CONF_ALL, mem_map_announces_a_buffer),
	ROW("ml.mem-map.bad-fd", "MEM_MAP: EBADF not open, EINVAL no dma-buf", "abi B3", 0,
	    CONF_ALL, mem_map_of_a_bad_fd),
	ROW("ml.mem-map.too-long", "MEM_MAP longer than the dma-buf is EINVAL", "abi B3, rig 19",
	    CONF_SURVIVES, CONF_SINCE_612, mem_map_longer_than_the_buffer),
	ROW("ml.mem-map.ignored", "MEM_MAP does not look at version, attrs and reserved", "abi B2",
	    0, CONF_ALL, mem_map_ignores_fields),
	ROW("ml.mem-map.status", "MEM_MAP that the DSP refuses leaves no map", "abi B3", 0,
	    CONF_ALL, mem_map_that_the_dsp_refuses),
	ROW("ml.mem-map.fault", "MEM_MAP and MEM_UNMAP with an unreadable argument are EFAULT",
	    "abi B3", 0, CONF_ALL, mem_map_with_a_bad_pointer),
	ROW("ml.mem-map.fault-out", "MEM_MAP whose answer cannot be written is EFAULT", "abi B3", 0,
	    CONF_ALL, mem_map_that_cannot_tell_the_address),
	ROW("ml.mem-unmap.message", "MEM_UNMAP sends method 11 with the map's own length", "abi B3",
	    0, CONF_ALL, mem_unmap_revokes_it),
	ROW("ml.mem-unmap.unknown", "MEM_UNMAP wants fd and DSP address of one map: else EINVAL",
	    "abi B3", 0, CONF_ALL, mem_unmap_of_what_is_not_there),
	ROW("ml.mem-unmap.any-fd", "MEM_UNMAP with a negative fd goes by the address", "abi B3", 0,
	    CONF_ALL, mem_unmap_by_address_alone),
	ROW("ml.mem-unmap.status", "MEM_UNMAP that the DSP refuses can be tried again", "abi B3", 0,
	    CONF_ALL, mem_unmap_that_the_dsp_refuses),
	ROW("ml.mem-unmap.zero", "MEM_UNMAP of address 0 finds a map that was never announced",
	    "abi B3", 0, CONF_ALL, mem_unmap_finds_what_was_never_announced),
	ROW("ml.mem-map.twice", "mapped twice, a buffer wants to be unmapped twice", "abi B3", 0,
	    CONF_ALL, announced_twice_revoked_twice),
	ROW("ml.mem-map.shared", "a call with the fd uses the map of MEM_MAP", "abi B3", 0,
	    CONF_ALL, a_call_uses_the_announced_map),
	ROW("ml.mem-map.listed", "an fd that the DSP lists loses MEM_MAP's reference", "abi B5", 0,
	    CONF_ALL, a_listed_fd_takes_the_announced_map),
};

const struct conf_group conf_ml_memory = {rows, sizeof(rows) / sizeof(*rows)};
