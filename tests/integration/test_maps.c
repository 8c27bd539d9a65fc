/* SPDX-License-Identifier: BSD-3-Clause */
/* Mapping and registering memory through the public API. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "emulator.h"
#include "fastrpc.h"
#include "remote.h"
#include "rpcmem.h"
#include "support/machine.h"
#include "support/testmod.h"

#define SIZE	  65536
#define WITH_CRCS "0x4" /* FASTRPC_PROCESS_ATTRS: of a process's calls */

static uint64_t bytes_copied(void)
{
	struct frpc_emulator_counters counters;

	frpc_emulator_get_counters(machine, &counters);
	return counters.bytes_copied_in;
}

static void expect_text(const char *part)
{
	if (!strstr(frpc_last_error(), part))
		fail_msg("\"%s\" is not in \"%s\"", part, frpc_last_error());
}

static void a_map_opens_the_session_and_keeps_it_until_it_is_undone(void **state)
{
	void *buffer = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, SIZE);
	int fd = rpcmem_to_fd(buffer);
	remote_handle64 h;

	(void)state;
	assert_int_equal(fastrpc_mmap(CDSP_DOMAIN_ID, fd, buffer, 0, SIZE, FASTRPC_MAP_FD), 0);
	assert_int_equal(frpc_emulator_processes(machine, CDSP_DOMAIN_ID), 1);
	assert_true(held().maps >= 1);
	/* Handles come and go; the process stays. */
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	assert_int_equal(remote_handle64_close(h), 0);
	assert_int_equal(frpc_emulator_processes(machine, CDSP_DOMAIN_ID), 1);
	assert_int_equal(fastrpc_munmap(CDSP_DOMAIN_ID, fd, buffer, SIZE), 0);
	assert_true(becomes_idle());
	rpcmem_free(buffer);
}

static void every_kind_of_map_can_be_made_and_undone(void **state)
{
	static const enum fastrpc_map_flags flags[] = {
		FASTRPC_MAP_STATIC,
		FASTRPC_MAP_FD,
		FASTRPC_MAP_FD_DELAYED,
		FASTRPC_MAP_FD_NOMAP,
	};
	void *buffer = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, SIZE);
	int fd = rpcmem_to_fd(buffer);
	remote_handle64 h;

	(void)state;
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		int res = fastrpc_mmap(CDSP_DOMAIN_ID, fd, buffer, 0, SIZE, flags[i]);

		if (res)
			fail_msg("flags %d: %s", (int)flags[i], frpc_last_error());
		res = fastrpc_munmap(CDSP_DOMAIN_ID, fd, buffer, SIZE);
		if (res)
			fail_msg("flags %d, unmap: %s", (int)flags[i], frpc_last_error());
	}
	assert_int_equal(remote_handle64_close(h), 0);
	rpcmem_free(buffer);
}

static void what_cannot_be_mapped_or_unmapped_is_refused(void **state)
{
	void *buffer = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, SIZE);
	int fd = rpcmem_to_fd(buffer), dom = CDSP_DOMAIN_ID;

	(void)state;
	assert_int_equal(fastrpc_munmap(dom, fd, buffer, SIZE), AEE_ENOSUCHMAP);
	assert_int_equal(fastrpc_mmap(99, fd, buffer, 0, SIZE, FASTRPC_MAP_FD), AEE_EBADPARM);
	assert_int_equal(fastrpc_mmap(dom, -1, buffer, 0, SIZE, FASTRPC_MAP_FD), AEE_EBADPARM);
	assert_int_equal(fastrpc_mmap(dom, fd, buffer, 4096, SIZE, FASTRPC_MAP_FD), AEE_EBADPARM);
	assert_int_equal(fastrpc_mmap(dom, fd, buffer, 0, 0, FASTRPC_MAP_FD), AEE_EBADPARM);
	assert_int_equal(fastrpc_mmap(dom, fd, buffer, 0, SIZE, FASTRPC_MAP_RESERVED),
			 AEE_EBADPARM);
	/* An fd that is no dma-buf: the driver says no, and the session is not left open. */
	assert_int_not_equal(fastrpc_mmap(dom, 0, buffer, 0, SIZE, FASTRPC_MAP_FD), 0);
	assert_true(becomes_idle());
	assert_int_equal(fastrpc_mmap(dom, fd, buffer, 0, SIZE, FASTRPC_MAP_FD), 0);
	assert_int_equal(fastrpc_mmap(dom, fd, buffer, 0, SIZE, FASTRPC_MAP_FD), AEE_EALREADY);
	expect_text("mapped on domain 3 already");
	assert_int_equal(fastrpc_munmap(dom, fd, buffer, SIZE - 4096), AEE_ENOSUCHMAP);
	assert_int_equal(fastrpc_munmap(dom, fd, buffer, SIZE), 0);
	assert_int_equal(fastrpc_munmap(dom, fd, buffer, SIZE), AEE_ENOSUCHMAP);
	rpcmem_free(buffer);
}

static void the_older_maps_give_the_dsps_address_and_take_it_back(void **state)
{
	void *buffer = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, SIZE);
	uint64_t address = 0, wide = 0;
	int fd = rpcmem_to_fd(buffer);
	uint32_t narrow = 0;
	remote_handle64 h;

	(void)state;
	/* They act on an open session only. */
	assert_int_equal(remote_mem_map(CDSP_DOMAIN_ID, fd, 0, (uintptr_t)buffer, SIZE, &address),
			 AEE_ENOSESSION);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	assert_int_equal(remote_mem_map(CDSP_DOMAIN_ID, fd, 0, (uintptr_t)buffer, SIZE, &address),
			 0);
	assert_true(address != 0);
	assert_int_equal(remote_mem_unmap(CDSP_DOMAIN_ID, address, SIZE), 0);
	assert_int_not_equal(remote_mem_unmap(CDSP_DOMAIN_ID, address, SIZE), 0);
	assert_int_equal(remote_mem_map(CDSP_DOMAIN_ID, fd, 1, (uintptr_t)buffer, SIZE, &address),
			 AEE_EBADPARM);
	assert_int_equal(remote_mmap64(fd, 0, (uintptr_t)buffer, SIZE, &wide), 0);
	assert_true(wide != 0);
	assert_int_equal(remote_munmap64(wide, SIZE), 0);
	assert_int_equal(remote_mmap64(fd, 0, (uintptr_t)buffer, SIZE, NULL), AEE_EBADPARM);
	assert_int_equal(remote_mmap64(fd, 0, (uintptr_t)buffer, -1, &wide), AEE_EBADPARM);
	/* The emulated DSP's addresses have 32 bits, so that the oldest form works as well. */
	assert_int_equal(remote_mmap(fd, 0, (uint32_t)(uintptr_t)buffer, SIZE, &narrow), 0);
	assert_true(narrow != 0);
	assert_int_equal(remote_munmap(narrow, SIZE), 0);
	/* What fails leaves the address as it was. */
	narrow = 0x1234;
	assert_int_equal(remote_mmap(fd, 0, (uint32_t)(uintptr_t)buffer, -1, &narrow),
			 AEE_EBADPARM);
	assert_int_equal(narrow, 0x1234);
	assert_int_equal(remote_handle64_close(h), 0);
	rpcmem_free(buffer);
}

/* A dma-buf of the app's own is passed in place once it is registered, and copied otherwise. */
static void a_registered_buffer_is_passed_in_place(void **state)
{
	unsigned char *shared =
		rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS | RPCMEM_HEAP_NOREG, SIZE);
	static unsigned char out[SIZE];
	int fd = rpcmem_to_fd(shared);
	uint64_t copied;
	remote_handle64 h;

	(void)state;
	memset(shared, 7, SIZE);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	copied = bytes_copied();
	assert_int_equal(testmod_pass(h, TESTMOD_ECHO, shared, SIZE, out, SIZE), 0);
	assert_true(bytes_copied() - copied >= SIZE);
	remote_register_buf(shared, SIZE, fd);
	assert_string_equal(frpc_last_error(), "");
	copied = bytes_copied();
	memset(out, 0, SIZE);
	assert_int_equal(testmod_pass(h, TESTMOD_ECHO, shared, SIZE, out, SIZE), 0);
	assert_int_equal(bytes_copied(), copied);
	assert_int_equal(out[SIZE - 1], 7);
	/* Twice is refused, and so is to forget what is not there. */
	remote_register_buf_attr2(shared + 4096, 4096, fd, 0);
	expect_text("overlap a registered buffer");
	remote_register_buf(shared, SIZE, -1);
	frpc_clear_last_error();
	remote_register_buf_attr(shared, SIZE, -1, 0);
	expect_text("no buffer of 65536 bytes is registered");
	remote_register_buf(shared, 0, fd);
	expect_text("size is not positive");
	copied = bytes_copied();
	assert_int_equal(testmod_pass(h, TESTMOD_ECHO, shared, SIZE, out, SIZE), 0);
	assert_true(bytes_copied() - copied >= SIZE);
	assert_int_equal(remote_handle64_close(h), 0);
	rpcmem_free(shared);
}

static void *unregistered_buffer(unsigned char content, int *ret_fd)
{
	void *buffer =
		rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS | RPCMEM_HEAP_NOREG, SIZE);

	*ret_fd = rpcmem_to_fd(buffer);
	memset(buffer, content, SIZE);
	return buffer;
}

/* A driver maps what the fd says; whose memory the address is does not matter to it. */
static void a_buffer_registered_with_another_ones_fd_is_that_one_to_the_dsp(void **state)
{
	static unsigned char out[SIZE];
	int fd, other_fd;
	void *shared = unregistered_buffer(7, &fd), *other = unregistered_buffer(9, &other_fd);
	remote_handle64 h;

	(void)state;
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	remote_register_buf(shared, SIZE, fd);
	assert_int_equal(testmod_pass(h, TESTMOD_ECHO, shared, SIZE, out, SIZE), 0);
	assert_int_equal(out[0], 7);
	remote_register_buf(shared, SIZE, -1);
	remote_register_buf(shared, SIZE, other_fd);
	assert_int_equal(testmod_pass(h, TESTMOD_ECHO, shared, SIZE, out, SIZE), 0);
	assert_int_equal(out[0], 9);
	remote_register_buf(shared, SIZE, -1);
	assert_int_equal(remote_handle64_close(h), 0);
	rpcmem_free(shared);
	rpcmem_free(other);
}

/* With CRCs its DSP process looks at the buffers once more, and handles it gives back in any case. */
static void a_skel_that_spoils_its_arguments_harms_nobody(void **state)
{
	unsigned char *buffer = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, SIZE);
	unsigned char in[64] = {1}, out[64];
	remote_arg args[] = {
		{.buf = {in, sizeof(in)}},
		{.buf = {out, sizeof(out)}},
		{.dma = {rpcmem_to_fd(buffer), 0}},
	};
	remote_handle64 h;
	uint32_t maps;

	(void)state;
	setenv("FASTRPC_PROCESS_ATTRS", WITH_CRCS, 1);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	unsetenv("FASTRPC_PROCESS_ATTRS");
	assert_int_equal(testmod_call0(h, TESTMOD_EMPTY), 0);
	maps = held().maps;
	assert_int_equal(
		remote_handle64_invoke(h, REMOTE_SCALARS_MAKEX(0, TESTMOD_SPOIL, 1, 1, 1, 0), args),
		0);
	assert_int_equal(held().maps, maps);
	assert_int_equal(remote_handle64_close(h), 0);
	rpcmem_free(buffer);
}

static void an_fd_gets_an_address_that_stands_for_it(void **state)
{
	unsigned char *shared = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, SIZE);
	unsigned char out[16] = {0};
	int fd = rpcmem_to_fd(shared);
	void *address;
	remote_handle64 h;

	(void)state;
	memset(shared, 9, SIZE);
	address = remote_register_fd(fd, SIZE);
	assert_non_null(address);
	assert_ptr_not_equal(address, shared);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	assert_int_equal(testmod_pass(h, TESTMOD_ECHO, address, sizeof(out), out, sizeof(out)), 0);
	assert_int_equal(out[15], 9);
	assert_int_equal(remote_handle64_close(h), 0);
	remote_register_buf(address, SIZE, -1);
	assert_null(remote_register_fd(-1, SIZE));
	frpc_clear_last_error();
	assert_null(remote_register_fd(fd, -1));
	assert_non_null(strstr(frpc_last_error(), "size is not positive"));
	assert_null(remote_register_fd2(fd, 0));
	rpcmem_free(shared);
}

/* Reserved one after the other: a kernel makes one mapping of anonymous neighbours. */
static void addresses_for_fds_side_by_side_each_stand_for_their_own(void **state)
{
	unsigned char *shared[4], *address[4], out[16];
	remote_handle64 h;

	(void)state;
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	for (int i = 0; i < 4; i++) {
		shared[i] = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, SIZE);
		memset(shared[i], 0, SIZE);
		memset(shared[i] + SIZE / 2, i + 1, SIZE / 2);
	}
	for (int i = 0; i < 4; i++) {
		address[i] = remote_register_fd(rpcmem_to_fd(shared[i]), SIZE);
		assert_non_null(address[i]);
	}
	for (int i = 0; i < 4; i++) {
		assert_int_equal(testmod_pass(h, TESTMOD_ECHO, address[i] + SIZE / 2, sizeof(out),
					      out, sizeof(out)),
				 0);
		assert_int_equal(out[0], i + 1);
		assert_int_equal(out[15], i + 1);
	}
	assert_int_equal(remote_handle64_close(h), 0);
	for (int i = 0; i < 4; i++) {
		remote_register_buf(address[i], SIZE, -1);
		rpcmem_free(shared[i]);
	}
}

static void at_most_256_handles_have_a_length(void **state)
{
	(void)state;
	for (int i = 0; i < 256; i++)
		assert_int_equal(remote_register_dma_handle(1000 + i, 4096), 0);
	assert_int_equal(remote_register_dma_handle(2000, 4096), AEE_EOUTOFHANDLES);
	assert_int_equal(remote_register_dma_handle(1000, 8192), 0); /* told again: changed */
	for (int i = 0; i < 256; i++)
		assert_int_equal(remote_register_dma_handle(1000 + i, 0), 0);
	assert_int_equal(remote_register_dma_handle(1000, 0), AEE_EBADPARM);
	assert_int_equal(remote_register_dma_handle(-1, 4096), AEE_EBADPARM);
	assert_int_equal(remote_register_dma_handle_attr(1000, 4096, FASTRPC_ATTR_COHERENT),
			 AEE_EBADPARM);
	assert_int_equal(remote_register_dma_handle_attr(1000, 4096, FASTRPC_ATTR_NOMAP), 0);
	assert_int_equal(remote_register_dma_handle(1000, 0), 0);
}

static void rpcmem_refuses_what_it_cannot_give(void **state)
{
	static const int heaps[] = {RPCMEM_HEAP_ID_SYSTEM, RPCMEM_HEAP_ID_CONTIG,
				    RPCMEM_DEFAULT_HEAP};
	int heap = RPCMEM_HEAP_ID_SYSTEM;
	void *buffer;

	(void)state;
	rpcmem_init();
	rpcmem_init();
	rpcmem_deinit();
	assert_null(rpcmem_alloc(heap, RPCMEM_DEFAULT_FLAGS, 0));
	assert_null(rpcmem_alloc(heap, RPCMEM_DEFAULT_FLAGS, -1));
	assert_null(rpcmem_alloc2(heap, RPCMEM_DEFAULT_FLAGS, SIZE_MAX));
	assert_null(rpcmem_alloc(1234, RPCMEM_DEFAULT_FLAGS, SIZE));
	expect_text("heap 1234");
	assert_null(rpcmem_alloc(RPCMEM_HEAP_ID_SECURE, RPCMEM_DEFAULT_FLAGS, SIZE));
	assert_null(rpcmem_alloc(heap, RPCMEM_HEAP_UNCACHED, SIZE));
	expect_text("flags 0x20000000");
	assert_null(rpcmem_alloc(heap, ION_SECURE_FLAGS, SIZE));
	expect_text("flags 0x80000 are not supported");
	for (size_t i = 0; i < sizeof(heaps) / sizeof(*heaps); i++) {
		buffer = rpcmem_alloc(heaps[i], RPCMEM_HEAP_DEFAULT | RPCMEM_FLAG_CACHED, SIZE);
		assert_non_null(buffer);
		assert_true(rpcmem_to_fd(buffer) >= 0);
		rpcmem_free(buffer);
	}
	buffer = rpcmem_alloc_def(1);
	assert_non_null(buffer);
	assert_int_equal(rpcmem_to_fd((char *)buffer + 1), -1);
	assert_int_equal(rpcmem_cache_flush(buffer, 1), 0);
	assert_int_equal(rpcmem_cache_invalidate(buffer, 1), 0);
	assert_int_equal(rpcmem_cache_flush(&heap, 1), AEE_EBADPARM);
	assert_int_equal(rpcmem_cache_invalidate(NULL, 1), AEE_EBADPARM);
	assert_int_equal(rpcmem_cache_flush(buffer, -1), AEE_EBADPARM);
	rpcmem_free((char *)buffer + 1); /* foreign: left alone */
	expect_text("was not allocated by rpcmem");
	rpcmem_free(buffer);
}

/* The message of a DSP that goes down just now cannot be sent; which error that is is the channel's affair. */
static void a_message_that_meets_no_dsp_any_more_ends_like_all_others(void **state)
{
	char saved[80], broken[160];
	int fd;
	void *buffer;

	(void)state;
	snprintf(saved, sizeof(saved), "%s", getenv("FRPC_TRANSPORT"));
	snprintf(broken, sizeof(broken), "fault=mem_unmap=ENODEV@1:%s", saved);
	setenv("FRPC_TRANSPORT", broken, 1);
	buffer = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, SIZE);
	assert_non_null(buffer);
	fd = rpcmem_to_fd(buffer);
	assert_int_equal(fastrpc_mmap(CDSP_DOMAIN_ID, fd, buffer, 0, SIZE, FASTRPC_MAP_FD), 0);
	assert_int_equal(fastrpc_munmap(CDSP_DOMAIN_ID, fd, buffer, SIZE), AEE_ECONNRESET);
	rpcmem_free(buffer);
	setenv("FRPC_TRANSPORT", saved, 1);
}

/* Once before anything is counted: sanitizers start threads, and the driver keeps some buffers. */
static int warm_up(void **state)
{
	static unsigned char in[SIZE], out[SIZE];
	remote_handle64 h;

	(void)state;
	return remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h) ||
	       testmod_pass(h, TESTMOD_ECHO, in, SIZE, out, SIZE) || remote_handle64_close(h);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, nothing_is_left)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_map_opens_the_session_and_keeps_it_until_it_is_undone),
		TEST(every_kind_of_map_can_be_made_and_undone),
		TEST(what_cannot_be_mapped_or_unmapped_is_refused),
		TEST(the_older_maps_give_the_dsps_address_and_take_it_back),
		TEST(a_registered_buffer_is_passed_in_place),
		TEST(a_buffer_registered_with_another_ones_fd_is_that_one_to_the_dsp),
		TEST(a_skel_that_spoils_its_arguments_harms_nobody),
		TEST(an_fd_gets_an_address_that_stands_for_it),
		TEST(addresses_for_fds_side_by_side_each_stand_for_their_own),
		TEST(at_most_256_handles_have_a_length),
		TEST(rpcmem_refuses_what_it_cannot_give),
		TEST(a_message_that_meets_no_dsp_any_more_ends_like_all_others),
	};

	return cmocka_run_group_tests(tests, warm_up, NULL);
}
