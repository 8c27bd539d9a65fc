/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: memory that it gives a process, buffers that it announces there, restart. */
#include "conf.h"

#define CDSP	       3u
#define GROUP	       FRPC_HANDLE_PROCESS_GROUP
#define ADD_PAGES      0x1000u
#define LEN	       16384u
#define POSITIVE_EBADR 53

static long map_pages(struct conf_client *client, uint32_t flags, uint64_t size,
		      uint64_t *ret_address)
{
	struct frpc_dn_mmap request = {.fd = -1, .flags = flags, .size = size};
	long res = conf_ioctl(client, FRPC_DN_IOCTL_MMAP_64, &request);

	*ret_address = request.vaddrout;
	return res;
}

static long unmap_pages(struct conf_client *client, uint64_t address, uint64_t size)
{
	struct frpc_dn_munmap request = {.vaddrout = address, .size = size};

	return conf_ioctl(client, FRPC_DN_IOCTL_MUNMAP_64, &request);
}

static struct conf_client *without_process(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, conf_choose(client, CDSP), 0);
	return client;
}

static void maps_need_a_process(struct conf *conf)
{
	struct conf_client *client = without_process(conf);
	struct frpc_dn_mem_map map = {.fd = -1};
	struct frpc_dn_mem_unmap unmap = {.fd = -1};
	struct frpc_dn_munmap_fd munmap_fd = {.fd = -1};
	uint64_t address;

	conf_equal(conf, map_pages(client, ADD_PAGES, 4096, &address), -EHOSTDOWN);
	conf_equal(conf, unmap_pages(client, 4096, 4096), -EHOSTDOWN);
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MUNMAP_FD, &munmap_fd),
		   conf_narrow(conf) ? -ENOTTY : -EHOSTDOWN);
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MEM_MAP, &map), POSITIVE_EBADR);
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MEM_UNMAP, &unmap), POSITIVE_EBADR);
}

static void pages_are_donated_and_taken_back(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf), address, at;
	struct conf_record record;

	conf_equal(conf, map_pages(client, ADD_PAGES, 8192, &address), 0);
	if (conf_find(conf, mark, GROUP, 4, &record)) {
		conf_equal(conf, record.head.sc, FRPC_SC_MMAP);
		if (conf_record_place(conf, &record, 1, &at))
			conf_equal(conf,
				   ((const struct frpc_smq_page *)(record.payload + at))->size,
				   8192);
	}
	conf_equal(conf, unmap_pages(client, address, 4096), -ETOOMANYREFS);
	conf_equal(conf, unmap_pages(client, address, 8192), 0);
	conf_equal(conf, unmap_pages(client, address, 8192), -ETOOMANYREFS);
}

static void donating_has_its_errors(struct conf *conf)
{
	struct frpc_dn_mmap request = {.fd = -1, .flags = ADD_PAGES, .size = 4096, .vaddrin = 4096};
	struct conf_client *client = conf_process(conf);
	uint64_t address;

	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MMAP_64, &request), -EINVAL);
	conf_equal(conf, map_pages(client, ADD_PAGES, 0, &address), -EFAULT);
	conf_equal(conf, map_pages(client, ADD_PAGES, UINT64_C(0x78000000), &address), -EFAULT);
	conf_answer(conf, GROUP, 4, 39);
	conf_equal(conf, map_pages(client, ADD_PAGES, 4096, &address), 39);
}

static void a_buffer_is_mapped_by_its_fd(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_dn_mmap request = {
		.fd = buffer.fd, .flags = 0, .vaddrin = (uintptr_t)buffer.bytes, .size = LEN};

	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MMAP_64, &request), 0);
	conf_equal(conf, unmap_pages(client, request.vaddrout, LEN), 0);
	request.fd = 987;
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MMAP_64, &request), -EBADFD);
}

static void mem_map_and_mem_unmap(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, LEN);
	struct frpc_dn_mem_map map = {
		.fd = buffer.fd, .flags = 2, .vaddrin = (uintptr_t)buffer.bytes, .length = LEN};
	struct frpc_dn_mem_unmap unmap = {.fd = buffer.fd, .length = LEN};
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MEM_MAP, &map), 0);
	conf_equal(conf, conf_count(conf, mark, GROUP, 10), 1);
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MEM_MAP, &map), -EEXIST);
	unmap.vaddr = map.vaddrout + 4096;
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MEM_UNMAP, &unmap), -ETOOMANYREFS);
	unmap.vaddr = map.vaddrout;
	conf_answer(conf, GROUP, 11, 14);
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MEM_UNMAP, &unmap), 14);
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MEM_UNMAP, &unmap), 0);
	conf_equal(conf, conf_count(conf, mark, GROUP, 11), 2);
}

static void munmap_fd_of_what_is_not_kept(struct conf *conf)
{
	struct frpc_dn_munmap_fd request = {.fd = 987, .len = 4096};
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MUNMAP_FD, &request), -ENXIO);
	request.va = UINT64_MAX;
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_MUNMAP_FD, &request), -EFAULT);
}

static void a_restart_ends_calls_and_files(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);
	struct conf_job job;

	conf_hold(conf, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, 1);
	conf_start_invoke(&job, client, EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(EMU_TESTMOD_STATUS, 0, 0),
			  NULL);
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, NULL);
	if (!conf_restart(conf))
		return;
	conf_equal(conf, conf_join(&job), -ECONNRESET);
	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL), -ECONNRESET);
	conf_equal(conf, conf_create(client, 4096, 0), -EALREADY);
	conf_equal(conf, conf_call(conf_process(conf), EMU_TESTMOD_ECHO, 0, 0, NULL), 0);
}

#define ROW(id, sentence, fact, needs, run)                                      \
	{                                                                        \
		id, sentence, fact, CONF_TESTMOD | (needs), CONF_DOWNSTREAM, run \
	}

static const struct conf_row rows[] = {
	ROW("dn.map.order", "without a process maps are EHOSTDOWN, or 53 as result", "abi A2.8", 0,
	    maps_need_a_process),
	ROW("dn.mmap.pages", "pages are donated, and taken back by address and size", "abi A2.8", 0,
	    pages_are_donated_and_taken_back),
	ROW("dn.mmap.errors", "donating: an address, no size, too much, and the DSP's refusal",
	    "abi A2.8", 0, donating_has_its_errors),
	ROW("dn.mmap.fd", "other flags map the fd's buffer", "abi A2.8", 0,
	    a_buffer_is_mapped_by_its_fd),
	ROW("dn.mem-map", "MEM_MAP once, MEM_UNMAP by address and length, again after a refusal",
	    "abi A2.8", 0, mem_map_and_mem_unmap),
	ROW("dn.munmap-fd", "MUNMAP_FD of no map is ENXIO, with a range that wraps EFAULT",
	    "abi A2.8", CONF_WIDE, munmap_fd_of_what_is_not_kept),
	ROW("dn.restart", "a restart ends calls and files with ECONNRESET; a new file works",
	    "abi A4.6", CONF_RESTART, a_restart_ends_calls_and_files),
};

const struct conf_group conf_dn_memory = {rows, sizeof(rows) / sizeof(*rows)};
