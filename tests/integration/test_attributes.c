/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the attributes of buffers and the flags of rpcmem do, seen from both ends: on machines whose
 * banks are coherent, and on one (FRPC_EMULATOR=coherent=off) whose DSP has copies of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "emulator.h"
#include "fastrpc.h"
#include "remote.h"
#include "rpcmem.h"
#include "support/dsp.h"
#include "support/machine.h"
#include "support/testmod.h"

#define SIZE  65536
#define PLAIN (RPCMEM_DEFAULT_FLAGS | RPCMEM_HEAP_NOREG)

static bool downstream, coherent;

static void expect_text(const char *part)
{
	if (!strstr(frpc_last_error(), part))
		fail_msg("\"%s\" is not in \"%s\"", part, frpc_last_error());
}

static void expect_code(int code)
{
	struct frpc_error error = {.size = sizeof(error)};

	frpc_last_error_detail(&error);
	assert_int_equal(error.code, code);
}

static uint64_t bytes_copied(void)
{
	struct frpc_emulator_counters counters;

	frpc_emulator_get_counters(machine, &counters);
	return counters.bytes_copied_in + counters.bytes_copied_out;
}

static remote_handle64 open_module(void)
{
	remote_handle64 h = 0;

	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	return h;
}

/* A shared buffer, registered with @attr (negative: not at all). */
static unsigned char *registered(int attr)
{
	unsigned char *buffer = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, PLAIN, SIZE);

	assert_non_null(buffer);
	frpc_clear_last_error();
	if (attr >= 0)
		remote_register_buf_attr2(buffer, SIZE, rpcmem_to_fd(buffer), attr);
	assert_string_equal(frpc_last_error(), "");
	return buffer;
}

static void forget(unsigned char *buffer)
{
	remote_register_buf(buffer, SIZE, -1);
	rpcmem_free(buffer);
}

/* The DSP's end of the buffer, and ours: what it read of @in, and what we read of @out afterwards. */
static int echo(remote_handle64 h, unsigned char *in, unsigned char *out)
{
	return testmod_pass(h, TESTMOD_ECHO, in, SIZE, out, SIZE);
}

static void expect_bytes(const unsigned char *bytes, unsigned char wanted)
{
	for (size_t i = 0; i < SIZE; i++)
		if (bytes[i] != wanted)
			fail_msg("byte %zu is %u, not %u", i, bytes[i], wanted);
}

/* What goes in comes back whole, and no driver has copied it. */
static void expect_in_place(remote_handle64 h, unsigned char *in, unsigned char *out,
			    unsigned char value)
{
	uint64_t copied = bytes_copied();

	memset(in, value, SIZE);
	memset(out, 99, SIZE);
	assert_int_equal(echo(h, in, out), 0);
	expect_bytes(out, value);
	assert_int_equal(bytes_copied(), copied);
}

/* Which banks are coherent is the machine's affair: the attributes say it to nobody's effect. */
static void coherent_and_non_coherent_buffers_arrive_whole_and_in_place(void **state)
{
	static const int attrs[] = {FASTRPC_ATTR_NONE, FASTRPC_ATTR_COHERENT,
				    FASTRPC_ATTR_NON_COHERENT};
	remote_handle64 h = open_module();

	(void)state;
	for (size_t i = 0; i < sizeof(attrs) / sizeof(*attrs); i++) {
		unsigned char *in = registered(attrs[i]), *out = registered(attrs[i]);

		expect_in_place(h, in, out, (unsigned char)(i + 1));
		forget(in);
		forget(out);
	}
	assert_int_equal(remote_handle64_close(h), 0);
}

static void uncached_and_non_coherent_memory_of_rpcmem_arrives_whole_and_in_place(void **state)
{
	static const uint32_t flags[] = {RPCMEM_FLAG_UNCACHED, RPCMEM_FLAG_CACHED,
					 RPCMEM_HEAP_NONCOHERENT,
					 RPCMEM_HEAP_DEFAULT | RPCMEM_FLAG_CACHED};
	remote_handle64 h = open_module();

	(void)state;
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		unsigned char *in = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, flags[i], SIZE);
		unsigned char *out = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, flags[i], SIZE);

		expect_in_place(h, in, out, (unsigned char)(i + 1));
		rpcmem_free(in);
		rpcmem_free(out);
	}
	assert_int_equal(remote_handle64_close(h), 0);
}

/* @in is not flushed: a DSP with a copy of its own has not seen what was written. */
static void expect_unflushed(unsigned char *in)
{
	static unsigned char out[SIZE];
	remote_handle64 h = open_module();

	memset(in, 5, SIZE);
	memset(out, 99, SIZE);
	assert_int_equal(echo(h, in, out), 0);
	expect_bytes(out, coherent ? 5 : 0);
	assert_int_equal(remote_handle64_close(h), 0);
}

static void what_is_not_flushed_the_dsp_does_not_see_where_it_has_a_copy(void **state)
{
	unsigned char *in = registered(FASTRPC_ATTR_FORCE_NOFLUSH);
	static unsigned char out[SIZE];
	remote_handle64 h = open_module();

	(void)state;
	expect_unflushed(in);
	/* The same memory without the attribute is flushed. */
	remote_register_buf(in, SIZE, -1);
	remote_register_buf(in, SIZE, rpcmem_to_fd(in));
	assert_int_equal(echo(h, in, out), 0);
	expect_bytes(out, 5);
	forget(in);
	in = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_FLAG_CACHED | RPCMEM_FORCE_NOFLUSH, SIZE);
	assert_non_null(in);
	expect_unflushed(in);
	rpcmem_free(in);
	assert_int_equal(remote_handle64_close(h), 0);
}

/* @out is not invalidated: we do not see what a DSP with a copy of its own has written. */
static void expect_uninvalidated(remote_handle64 h, unsigned char *out)
{
	static unsigned char in[SIZE];

	memset(in, 6, SIZE);
	memset(out, 99, SIZE);
	assert_int_equal(echo(h, in, out), 0);
	expect_bytes(out, coherent ? 6 : 99);
}

static void what_is_not_invalidated_the_app_does_not_see_where_the_dsp_has_a_copy(void **state)
{
	unsigned char *out = registered(FASTRPC_ATTR_FORCE_NOINVALIDATE);
	static unsigned char in[SIZE];
	remote_handle64 h = open_module();

	(void)state;
	expect_uninvalidated(h, out);
	remote_register_buf(out, SIZE, -1);
	remote_register_buf(out, SIZE, rpcmem_to_fd(out));
	memset(in, 7, SIZE);
	assert_int_equal(echo(h, in, out), 0);
	expect_bytes(out, 7);
	forget(out);
	out = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_FLAG_CACHED | RPCMEM_FORCE_NOINVALIDATE,
			   SIZE);
	assert_non_null(out);
	expect_uninvalidated(h, out);
	rpcmem_free(out);
	assert_int_equal(remote_handle64_close(h), 0);
}

static void a_kept_map_outlives_its_calls_until_the_buffer_is_forgotten(void **state)
{
	unsigned char *in = registered(FASTRPC_ATTR_KEEP_MAP);
	static unsigned char out[SIZE];
	remote_handle64 h = open_module();
	uint32_t maps;

	(void)state;
	assert_int_equal(testmod_call0(h, TESTMOD_EMPTY), 0);
	maps = held().maps;
	memset(in, 8, SIZE);
	if (downstream) {
		assert_int_equal(echo(h, in, out), 0);
		expect_bytes(out, 8);
		assert_int_equal(held().maps, maps + 1);
		assert_int_equal(echo(h, in, out), 0);
		assert_int_equal(held().maps, maps + 1);
		remote_register_buf(in, SIZE, -1);
		/* A 32-bit client's driver cannot be told: there the map ends with the session. */
		maps += sizeof(void *) == 4;
		assert_int_equal(held().maps, maps);
		remote_register_buf(in, SIZE, rpcmem_to_fd(in));
	} else {
		assert_int_equal(echo(h, in, out), AEE_EUNSUPPORTED);
		expect_text("it knows neither FASTRPC_ATTR_KEEP_MAP nor FASTRPC_ATTR_NOMAP");
	}
	/* Without it nothing stays. */
	forget(in);
	in = registered(FASTRPC_ATTR_NONE);
	memset(in, 9, SIZE);
	assert_int_equal(echo(h, in, out), 0);
	expect_bytes(out, 9);
	assert_int_equal(held().maps, maps);
	forget(in);
	assert_int_equal(remote_handle64_close(h), 0);
}

static void a_handle_that_is_not_to_be_mapped_is_not_or_the_call_is_refused(void **state)
{
	uint32_t sc = REMOTE_SCALARS_MAKEX(0, TESTMOD_EMPTY, 0, 0, 1, 0);
	unsigned char *buffer = registered(-1);
	int fd = rpcmem_to_fd(buffer);
	remote_arg arg = {.dma = {fd, 0}};
	remote_handle64 h = open_module();

	(void)state;
	assert_int_equal(remote_register_dma_handle_attr(fd, SIZE, FASTRPC_ATTR_NOMAP), 0);
	if (downstream) {
		assert_int_equal(remote_handle64_invoke(h, sc, &arg), 0);
	} else {
		assert_int_equal(remote_handle64_invoke(h, sc, &arg), AEE_EUNSUPPORTED);
		expect_text("it knows neither FASTRPC_ATTR_KEEP_MAP nor FASTRPC_ATTR_NOMAP");
	}
	assert_int_equal(remote_register_dma_handle(fd, SIZE), 0);
	assert_int_equal(remote_handle64_invoke(h, sc, &arg), 0);
	assert_int_equal(remote_register_dma_handle(fd, 0), 0);
	assert_int_equal(remote_handle64_close(h), 0);
	rpcmem_free(buffer);
}

/* Mapped ahead of calls: as many maps as @buffers more than on a session without them. */
static void expect_static_maps(uint32_t without, uint32_t buffers)
{
	if (held().maps != without + buffers)
		fail_msg("%u maps, not %u", held().maps, without + buffers);
}

static uint32_t maps_of_a_session(void)
{
	remote_handle64 h = open_module();
	uint32_t maps = held().maps;

	assert_int_equal(remote_handle64_close(h), 0);
	assert_true(becomes_idle());
	return maps;
}

static void a_static_buffer_is_mapped_on_every_session_while_it_is_registered(void **state)
{
	static unsigned char out[SIZE];
	unsigned char *first, *second;
	remote_handle64 h, other;
	uint32_t maps;

	(void)state;
	if (dsps_are_in_a_rig())
		skip(); /* nobody counts the maps of a real driver */
	maps = maps_of_a_session();
	first = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_FLAG_CACHED | RPCMEM_TRY_MAP_STATIC,
			     SIZE);
	assert_non_null(first);
	/* It opens no session of its own. */
	assert_int_equal(frpc_emulator_processes(machine, CDSP_DOMAIN_ID), 0);
	h = open_module();
	expect_static_maps(maps, 1);
	second = registered(FASTRPC_ATTR_TRY_MAP_STATIC);
	expect_static_maps(maps, 2);
	/* Calls use the map that is there. */
	memset(second, 3, SIZE);
	assert_int_equal(echo(h, second, out), 0);
	expect_bytes(out, 3);
	expect_static_maps(maps, 2);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp&_session=1", &other), 0);
	expect_static_maps(2 * maps, 4);
	rpcmem_free(first);
	expect_static_maps(2 * maps, 2);
	assert_int_equal(remote_handle64_close(h), 0);
	assert_int_equal(remote_handle64_close(other), 0);
	assert_true(becomes_idle());
	h = open_module();
	expect_static_maps(maps, 1);
	forget(second);
	expect_static_maps(maps, 0);
	assert_int_equal(remote_handle64_close(h), 0);
}

static void a_static_buffer_that_the_dsp_does_not_take_is_mapped_by_calls(void **state)
{
	uint32_t maps = maps_of_a_session();
	static unsigned char out[SIZE];
	unsigned char *buffer;
	remote_handle64 h;

	(void)state;
	buffer = registered(FASTRPC_ATTR_TRY_MAP_STATIC);
	memset(buffer, 4, SIZE);
	h = open_module();
	forget(buffer);
	assert_int_equal(frpc_emulator_fail(machine, FRPC_EMULATOR_FAIL_MAP, 0, 1), 0);
	buffer = registered(FASTRPC_ATTR_TRY_MAP_STATIC);
	expect_static_maps(maps, 0);
	memset(buffer, 4, SIZE);
	assert_int_equal(echo(h, buffer, out), 0);
	expect_bytes(out, 4);
	forget(buffer);
	assert_int_equal(remote_handle64_close(h), 0);
}

static void what_no_driver_has_is_refused_as_unsupported(void **state)
{
	unsigned char *buffer = registered(-1);
	int fd = rpcmem_to_fd(buffer);

	(void)state;
	assert_int_equal(fastrpc_mmap(CDSP_DOMAIN_ID, fd, buffer, 0, SIZE, FASTRPC_MAP_FD_EXTENDED),
			 AEE_EUNSUPPORTED);
	expect_text("extended address space");
	assert_int_equal(fastrpc_mmap(CDSP_DOMAIN_ID, fd, buffer, 0, SIZE,
				      FASTRPC_MAP_FD_DELAYED_EXTENDED),
			 AEE_EUNSUPPORTED);
	assert_int_equal(frpc_emulator_processes(machine, CDSP_DOMAIN_ID), 0);
	frpc_clear_last_error();
	assert_null(rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_HEAP_NOVA, SIZE));
	expect_text("flags 0x10000000 are not supported");
	expect_code(AEE_EUNSUPPORTED);
	assert_null(rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_HEAP_UNCACHED, SIZE));
	expect_code(AEE_EUNSUPPORTED);
	assert_null(rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_TRY_MAP_STATIC | RPCMEM_HEAP_NOREG,
				 SIZE));
	expect_code(AEE_EBADPARM);
	remote_register_buf_attr2(buffer, SIZE, fd, 256);
	expect_code(AEE_EUNSUPPORTED);
	expect_text("attributes 0x100 are not known");
	rpcmem_free(buffer);
}

/* Once before anything is counted: sanitizers start threads, and the driver keeps some buffers. */
static int warm_up(void **state)
{
	static unsigned char in[SIZE], out[SIZE];
	const char *transport = getenv("FRPC_TRANSPORT"), *emulator = getenv("FRPC_EMULATOR");
	remote_handle64 h;

	(void)state;
	downstream = transport && strstr(transport, "downstream");
	coherent = !emulator || !strstr(emulator, "coherent=off");
	return remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h) ||
	       testmod_pass(h, TESTMOD_ECHO, in, SIZE, out, SIZE) || remote_handle64_close(h);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, nothing_is_left)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(coherent_and_non_coherent_buffers_arrive_whole_and_in_place),
		TEST(uncached_and_non_coherent_memory_of_rpcmem_arrives_whole_and_in_place),
		TEST(what_is_not_flushed_the_dsp_does_not_see_where_it_has_a_copy),
		TEST(what_is_not_invalidated_the_app_does_not_see_where_the_dsp_has_a_copy),
		TEST(a_kept_map_outlives_its_calls_until_the_buffer_is_forgotten),
		TEST(a_handle_that_is_not_to_be_mapped_is_not_or_the_call_is_refused),
		TEST(a_static_buffer_is_mapped_on_every_session_while_it_is_registered),
		TEST(a_static_buffer_that_the_dsp_does_not_take_is_mapped_by_calls),
		TEST(what_no_driver_has_is_refused_as_unsupported),
	};

	return cmocka_run_group_tests(tests, warm_up, NULL);
}
