/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: fds beside buffers, handle arguments, and the list by which a DSP drops them. */
#include <unistd.h>

#include "dn.h"

#define METHOD	    EMU_TESTMOD_KEEP
#define NO_SUCH_FD  987
#define HANDLES_OFF "attr129=1"
#define HANDLES_ID  129u

/* One buffer or handle with its attribute; what the DSP saw is in *@record unless that is NULL. */
static long pass(struct conf_client *client, uint32_t sc, const struct conf_arg *arg,
		 uint32_t attrs, struct conf_record *record)
{
	const struct dn_call call = {
		.handle = EMU_TESTMOD_HANDLE, .sc = sc, .args = arg, .attrs = &attrs};
	uint64_t mark = conf_mark(client->conf);
	long res = dn_invoke_perf(client, &call);

	if (record && conf_find(client->conf, mark, EMU_TESTMOD_HANDLE, FRPC_SC_METHOD(sc), record))
		conf_true(client->conf, conf_record_args(record) && conf_record_pages(record));
	return res;
}

#define BUFFER_SC FRPC_SC_MAKE(METHOD, 1, 0)
#define HANDLE_SC (FRPC_SC_MAKE(METHOD, 0, 0) | 1u << 4)

static void closed_fds(struct conf *conf)
{
	char byte = 0;
	const struct conf_arg arg = {&byte, 1, NO_SUCH_FD};

	conf_equal(conf, pass(conf_process(conf), BUFFER_SC, &arg, 0, NULL), -EBADFD);
}

static void fds_that_are_no_dma_buf(struct conf *conf)
{
	char byte = 0;
	struct conf_arg arg = {&byte, 1, -1};
	int pipes[2];

	if (!conf_equal(conf, pipe(pipes), 0))
		return;
	arg.fd = pipes[0];
	conf_equal(conf, pass(conf_process(conf), BUFFER_SC, &arg, 0, NULL), -EBADFD);
	close(pipes[0]);
	close(pipes[1]);
}

static void an_empty_buffers_fd_is_looked_up(struct conf *conf)
{
	const struct conf_arg arg = {NULL, 0, NO_SUCH_FD};

	conf_equal(conf, pass(conf_process(conf), BUFFER_SC, &arg, 0, NULL), -EBADFD);
}

static void only_minus_one_is_no_fd(struct conf *conf)
{
	char byte = 0;
	const struct conf_arg arg = {&byte, 1, -2};

	conf_equal(conf, pass(conf_process(conf), BUFFER_SC, &arg, 0, NULL), -EBADFD);
}

/* ---- maps that outlive the call: MUNMAP_FD tells whether there is one ---- */

static void a_buffers_map_ends_with_the_call(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	const struct conf_arg arg = {buffer.bytes, DN_LEN, buffer.fd};

	conf_equal(conf, pass(client, BUFFER_SC, &arg, 0, NULL), 0);
	conf_equal(conf, dn_munmap_fd(client, buffer.fd, buffer.bytes, DN_LEN), -ENXIO);
}

static void a_kept_map_is_dropped_once(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	const struct conf_arg arg = {buffer.bytes, DN_LEN, buffer.fd};

	conf_equal(conf, pass(client, BUFFER_SC, &arg, FRPC_DN_ATTR_KEEP_MAP, NULL), 0);
	conf_equal(conf, dn_munmap_fd(client, buffer.fd, buffer.bytes, DN_LEN), 0);
	conf_equal(conf, dn_munmap_fd(client, buffer.fd, buffer.bytes, DN_LEN), -ENXIO);
}

static void a_kept_map_is_found_by_a_part_of_it(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	const struct conf_arg arg = {buffer.bytes, 8192, buffer.fd};

	conf_equal(conf, pass(client, BUFFER_SC, &arg, FRPC_DN_ATTR_KEEP_MAP, NULL), 0);
	conf_equal(conf, dn_munmap_fd(client, buffer.fd, buffer.bytes, 8193), -ENXIO);
	conf_equal(conf, dn_munmap_fd(client, NO_SUCH_FD, buffer.bytes, 10), -ENXIO);
	conf_equal(conf, dn_munmap_fd(client, buffer.fd, buffer.bytes + 4096, 10), 0);
}

static void a_map_that_is_not_kept_is_left_alone(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	uint64_t address;

	conf_equal(conf, dn_mem_map(client, &buffer, 0, 0, &address), 0);
	conf_equal(conf, dn_munmap_fd(client, buffer.fd, buffer.bytes, DN_LEN), 0);
	conf_equal(conf, dn_munmap_fd(client, buffer.fd, buffer.bytes, DN_LEN), 0);
	conf_equal(conf, dn_mem_unmap(client, buffer.fd, address, DN_LEN), 0);
}

/* ---- handles ---- */

static bool has_handle_map(struct conf_client *client, int fd)
{
	return !dn_munmap_fd(client, fd, NULL, 0);
}

static void a_handle_is_fd_offset_and_length(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	const struct conf_arg arg = {(void *)(uintptr_t)4096, 100, buffer.fd};
	const union frpc_smq_arg *args;
	struct conf_record record;

	conf_equal(conf, pass(client, HANDLE_SC, &arg, 0, &record), 0);
	args = conf_record_args(&record);
	if (!args)
		return;
	conf_equal(conf, args[0].dma.fd, buffer.fd);
	conf_equal(conf, args[0].dma.offset, 4096);
	conf_equal(conf, args[0].dma.len, 100);
}

static void a_handles_page_is_the_whole_buffer(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	const struct conf_arg arg = {(void *)(uintptr_t)4096, 100, buffer.fd};
	struct conf_record record;

	conf_equal(conf, pass(client, HANDLE_SC, &arg, 0, &record), 0);
	if (!conf_record_pages(&record))
		return;
	conf_equal(conf, conf_record_pages(&record)[0].addr >> 32, conf_bank(client));
	conf_equal(conf, conf_record_pages(&record)[0].size, DN_LEN);
}

static void a_handle_without_fds_is_zeros(struct conf *conf)
{
	struct frpc_dn_arg arg = {4096, 100};
	struct frpc_dn_invoke request = {EMU_TESTMOD_HANDLE, HANDLE_SC, (uintptr_t)&arg};
	struct conf_record record;
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, conf_ioctl(conf_process(conf), FRPC_DN_IOCTL_INVOKE, &request), 0);
	if (!conf_find(conf, mark, EMU_TESTMOD_HANDLE, METHOD, &record) ||
	    !conf_true(conf, conf_record_args(&record)))
		return;
	conf_equal(conf, conf_record_args(&record)[0].buf.pv, 0);
	conf_equal(conf, conf_record_args(&record)[0].buf.len, 0);
}

static void a_handles_fd_must_be_a_dma_buf(struct conf *conf)
{
	const struct conf_arg arg = {NULL, 100, NO_SUCH_FD};

	conf_equal(conf, pass(conf_process(conf), HANDLE_SC, &arg, 0, NULL), -EBADFD);
}

static void a_handle_stays_mapped(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	const struct conf_arg arg = {NULL, DN_LEN, buffer.fd};

	conf_equal(conf, pass(client, HANDLE_SC, &arg, 0, NULL), 0);
	conf_true(conf, has_handle_map(client, buffer.fd));
}

/* A call after which the DSP's list holds @fds. */
static void list_fds(struct conf_client *client, const uint64_t *fds, uint32_t count)
{
	const struct conf_arg arg = conf_plain(fds, count * sizeof(*fds));

	conf_equal(client->conf, conf_call(client, EMU_TESTMOD_LIST_FDS, 1, 0, &arg), 0);
}

static void the_dsp_lets_go_of_a_handle(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	const struct conf_arg arg = {NULL, DN_LEN, buffer.fd};
	uint64_t fds[] = {(uint64_t)buffer.fd | UINT64_C(7) << 32}; /* 32 bits of it count */

	conf_equal(conf, pass(client, HANDLE_SC, &arg, 0, NULL), 0);
	list_fds(client, fds, 1);
	conf_true(conf, !has_handle_map(client, buffer.fd));
}

static void the_list_ends_at_the_first_zero(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	const struct conf_arg arg = {NULL, DN_LEN, buffer.fd};
	uint64_t fds[] = {0, (uint64_t)buffer.fd};

	conf_equal(conf, pass(client, HANDLE_SC, &arg, 0, NULL), 0);
	list_fds(client, fds, 2);
	conf_true(conf, has_handle_map(client, buffer.fd));
}

static void sixteen_fds_are_listed(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	const struct conf_arg arg = {NULL, DN_LEN, buffer.fd};
	uint64_t fds[16];

	for (uint32_t i = 0; i < 15; i++)
		fds[i] = NO_SUCH_FD + i; /* of no map: nothing happens */
	fds[15] = (uint64_t)buffer.fd;
	conf_equal(conf, pass(client, HANDLE_SC, &arg, 0, NULL), 0);
	list_fds(client, fds, 16);
	conf_true(conf, !has_handle_map(client, buffer.fd));
}

static void a_handle_and_a_buffer_have_maps_of_their_own(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	const struct conf_arg arg = {buffer.bytes, DN_LEN, buffer.fd};

	conf_equal(conf, pass(client, BUFFER_SC, &arg, FRPC_DN_ATTR_KEEP_MAP, NULL), 0);
	conf_true(conf, !has_handle_map(client, buffer.fd));
	conf_equal(conf, pass(client, HANDLE_SC, &arg, 0, NULL), 0);
	conf_true(conf, has_handle_map(client, buffer.fd));
}

static void a_handle_that_is_not_to_be_mapped(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	const struct conf_arg arg = {NULL, DN_LEN, buffer.fd};
	struct conf_record record;

	conf_equal(conf, pass(client, HANDLE_SC, &arg, FRPC_DN_ATTR_NOMAP, &record), 0);
	if (conf_record_pages(&record))
		conf_equal(conf, conf_record_pages(&record)[0].addr >> 32, 0);
}

static void handles_that_the_dsp_maps_itself(struct conf *conf)
{
	const struct conf_arg arg = {(void *)(uintptr_t)64, 100, NO_SUCH_FD};
	struct conf_client *client;
	struct conf_record record;
	uint32_t value;

	if (!conf_on(conf, HANDLES_OFF))
		return;
	client = conf_process(conf);
	conf_equal(conf, dn_info(client, DN_CDSP, HANDLES_ID, &value), 0);
	conf_equal(conf, pass(client, HANDLE_SC, &arg, 0, &record), 0);
	if (!conf_record_args(&record) || !conf_record_pages(&record))
		return;
	conf_equal(conf, conf_record_args(&record)[0].dma.fd, NO_SUCH_FD);
	conf_equal(conf, conf_record_args(&record)[0].dma.offset, 64);
	conf_equal(conf, conf_record_pages(&record)[0].addr, 0);
}

static void a_capability_counts_once_somebody_asked(struct conf *conf)
{
	const struct conf_arg arg = {NULL, 100, NO_SUCH_FD};

	if (conf_on(conf, HANDLES_OFF))
		conf_equal(conf, pass(conf_process(conf), HANDLE_SC, &arg, 0, NULL), -EBADFD);
}

static const struct conf_row rows[] = {
	DN_ROW("dn.fd.closed", "an fd that is not open is EBADFD", "abi A7.4", 0, closed_fds),
	DN_ROW("dn.fd.pipe", "an open fd that is no dma-buf is EBADFD", "abi A7.4", 0,
	       fds_that_are_no_dma_buf),
	DN_ROW("dn.fd.empty", "the fd of an empty buffer is looked up", "abi A6.1", 0,
	       an_empty_buffers_fd_is_looked_up),
	DN_ROW("dn.fd.minus-two", "-1 alone means none: -2 is EBADFD", "abi A6.1", 0,
	       only_minus_one_is_no_fd),
	DN_ROW("dn.fd.released", "a buffer's map ends with the call", "abi A6.5", CONF_WIDE,
	       a_buffers_map_ends_with_the_call),
	DN_ROW("dn.keep.once", "KEEP_MAP: MUNMAP_FD finds the map once", "abi A3.3, A7.5",
	       CONF_WIDE, a_kept_map_is_dropped_once),
	DN_ROW("dn.keep.part", "MUNMAP_FD finds a map by fd and a range inside", "abi A7.3",
	       CONF_WIDE, a_kept_map_is_found_by_a_part_of_it),
	DN_ROW("dn.keep.not", "MUNMAP_FD leaves a map without KEEP_MAP alone", "abi A2.8",
	       CONF_WIDE, a_map_that_is_not_kept_is_left_alone),
	DN_ROW("dn.handle.dma", "a handle reaches the DSP as fd, offset and length", "abi A3.2", 0,
	       a_handle_is_fd_offset_and_length),
	DN_ROW("dn.handle.page", "a mapped handle's page is its whole map", "abi A6.2", CONF_SMMU,
	       a_handles_page_is_the_whole_buffer),
	DN_ROW("dn.handle.no-fds", "without fds a handle reaches the DSP as zeros", "abi A3.2", 0,
	       a_handle_without_fds_is_zeros),
	DN_ROW("dn.handle.bad-fd", "a handle's fd that is no dma-buf is EBADFD", "abi A6.1, A7.4",
	       0, a_handles_fd_must_be_a_dma_buf),
	DN_ROW("dn.handle.stays", "a handle's map outlives the call", "abi A6.1", CONF_WIDE,
	       a_handle_stays_mapped),
	DN_ROW("dn.handle.listed", "a listed fd's map goes; bits 63 to 32 do not count", "abi A6.5",
	       CONF_WIDE, the_dsp_lets_go_of_a_handle),
	DN_ROW("dn.handle.list-end", "the fd list ends at its first 0", "abi A6.5", CONF_WIDE,
	       the_list_ends_at_the_first_zero),
	DN_ROW("dn.handle.list-most", "the fd list has 16 entries; unknown fds are skipped",
	       "abi A6.2, A6.5", CONF_WIDE, sixteen_fds_are_listed),
	DN_ROW("dn.handle.own-map", "a handle and a buffer of one fd have two maps", "abi A7.3",
	       CONF_WIDE, a_handle_and_a_buffer_have_maps_of_their_own),
	DN_ROW("dn.handle.nomap", "a handle with NOMAP has an address of no bank", "abi A3.3, A8.3",
	       CONF_SMMU, a_handle_that_is_not_to_be_mapped),
	DN_ROW("dn.handle.unmapped", "capability 129: handles are not mapped, nor looked up",
	       "abi A6.1", CONF_MACHINE, handles_that_the_dsp_maps_itself),
	DN_ROW("dn.handle.unasked", "capability 129 counts once somebody has asked", "abi A2.7",
	       CONF_MACHINE, a_capability_counts_once_somebody_asked),
};

DN_ROWS(conf_dn_handles, rows);
