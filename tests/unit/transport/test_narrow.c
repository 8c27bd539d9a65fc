/* SPDX-License-Identifier: BSD-3-Clause */
/* What a 32-bit program asks of the downstream driver: each command's number and bytes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <fastrpc/abi/downstream.h>

#include "fake_device.h"
#include "transport/dialect.h"

#define W32(x) (uint8_t)(x), (uint8_t)((x) >> 8), (uint8_t)((x) >> 16), (uint8_t)((x) >> 24)
#define W64(x) W32((uint64_t)(x)), W32((uint64_t)(x) >> 32)

static struct fake_device fake;
static struct frpc_file file;
#ifndef __SANITIZE_ADDRESS__
static uint8_t seen[8 * 540];
#endif

/*
 * The arguments lie on the stack of the call. A 64-bit test knows the half of the address that the
 * command has no room for, unless the sanitizer keeps the stack's variables elsewhere.
 */
static void look(struct fake_device *device, uint32_t cmd, void *arg)
{
	const uint64_t address = 0xe0001000;
	uint32_t sc, pra;

	(void)device;
	if ((uintptr_t)arg < 4096)
		return; /* a value */
	memcpy(&sc, (uint8_t *)arg + 4, 4);
	memcpy(&pra, (uint8_t *)arg + 8, 4);
#ifndef __SANITIZE_ADDRESS__
	if (cmd == 0xC00C5201 || cmd == 0xC0105204 || cmd == 0xC0145207)
		memcpy(seen, (void *)(((uintptr_t)&sc & ~(uintptr_t)UINT32_MAX) | pra),
		       8 * ((sc >> 16 & 0xff) + (sc >> 8 & 0xff)));
#endif
	if (cmd == 0xC020520E)
		memcpy((uint8_t *)arg + 24, &address, 8);
	if (cmd == 0xC0405213)
		memcpy((uint8_t *)arg + 32, &address, 8);
}

static int set_up(void **state)
{
	(void)state;
	fake_init(&fake);
	fake.act = look;
	frpc_file_init(&file, &fake.device, 7);
	return 0;
}

static void calls_have_arguments_of_8_bytes_and_32_bit_pointers(void **state)
{
	const struct frpc_dn_arg args[] = {{0x20011223, 100}, {0x20020000, 200}};
	struct frpc_dn_invoke_attrs invoke = {
		{5000, 0x02010100, (uintptr_t)args}, 0x30000000, 0x30001000};
	const uint8_t expected[] = {W32(0x20011223), W32(100), W32(0x20020000), W32(200)};
	const uint8_t head[] = {W32(5000), W32(0x02010100)};
	const uint8_t tail[] = {W32(0x30000000), W32(0x30001000)};

	(void)state;
	fake.results[2] = 5;
	assert_int_equal(frpc_narrow_ioctl(&file, FRPC_DN_IOCTL_INVOKE, &invoke), 0);
	assert_int_equal(fake.ioctls[0].cmd, 0xC00C5201);
	assert_int_equal(frpc_narrow_ioctl(&file, FRPC_DN_IOCTL_INVOKE_FD, &invoke), 0);
	assert_int_equal(fake.ioctls[1].cmd, 0xC0105204);
	assert_memory_equal(fake.ioctls[1].bytes + 12, tail, 4);
	assert_int_equal(frpc_narrow_ioctl(&file, FRPC_DN_IOCTL_INVOKE_ATTRS, &invoke), 5);
	assert_int_equal(fake.ioctls[2].cmd, 0xC0145207);
	assert_memory_equal(fake.ioctls[2].bytes, head, sizeof(head));
	assert_memory_equal(fake.ioctls[2].bytes + 12, tail, sizeof(tail));
#ifndef __SANITIZE_ADDRESS__
	assert_memory_equal(seen, expected, sizeof(expected));
#else
	(void)expected;
#endif
	/* What is passed on stays as it was: an interrupted call is made again with it. */
	assert_int_equal(invoke.inv.pra, (uintptr_t)args);
	assert_int_equal(args[1].pv, 0x20020000);
}

static void init_and_its_attributes_are_28_and_36_bytes(void **state)
{
	struct frpc_dn_init_attrs init = {
		.init = {.flags = 1,
			 .file = 0x20000000,
			 .filelen = 0x1234,
			 .filefd = 17,
			 .memlen = 0x300000,
			 .memfd = -1},
		.attrs = 0x88,
		.siglen = 0x200,
	};
	const uint8_t expected[] = {W32(1),	   W32(0x20000000), W32(0x1234), W32(17),   W32(0),
				    W32(0x300000), W32(-1),	    W32(0x88),	 W32(0x200)};

	(void)state;
	assert_int_equal(frpc_narrow_ioctl(&file, FRPC_DN_IOCTL_INIT_ATTRS, &init), 0);
	fake_expect(&fake, 0, 0xC024520A, expected, 36);
	assert_int_equal(frpc_narrow_ioctl(&file, FRPC_DN_IOCTL_INIT, &init.init), 0);
	fake_expect(&fake, 1, 0xC01C5206, expected, 28);
}

static void maps_keep_their_numbers_and_change_their_layouts(void **state)
{
	struct frpc_dn_mmap map = {5, 0x3000, 0x20000000, 0x12345, 0};
	struct frpc_dn_munmap unmap = {0xe0001000, 0x12345};
	struct frpc_dn_mem_map mem_map = {.fd = 5,
					  .offset = 0x40,
					  .flags = 3,
					  .attrs = 9,
					  .vaddrin = 0x20000000,
					  .length = 0x12345};
	struct frpc_dn_mem_unmap mem_unmap = {.fd = 5, .vaddr = 0xe0001000, .length = 0x12345};
	const uint8_t mmap_bytes[] = {W32(5),	    W32(0x3000), W64(0x20000000),
				      W32(0x12345), W32(0),	 W64(0)};
	const uint8_t munmap_bytes[] = {W64(0xe0001000), W32(0x12345), W32(0)};
	const uint8_t mem_map_bytes[] = {W32(0), W32(0), W32(5),	  W32(0x40),
					 W32(3), W32(9), W32(0x20000000), W32(0x12345),
					 W64(0), W64(0), W64(0),	  W64(0)};
	const uint8_t mem_unmap_bytes[] = {W32(0),	 W32(0), W32(5), W32(0), W64(0xe0001000),
					   W32(0x12345), W32(0), W64(0), W64(0)};

	(void)state;
	assert_int_equal(frpc_narrow_ioctl(&file, FRPC_DN_IOCTL_MMAP_64, &map), 0);
	fake_expect(&fake, 0, 0xC020520E, mmap_bytes, sizeof(mmap_bytes));
	assert_int_equal(map.vaddrout, 0xe0001000);
	assert_int_equal(frpc_narrow_ioctl(&file, FRPC_DN_IOCTL_MUNMAP_64, &unmap), 0);
	fake_expect(&fake, 1, 0xC010520F, munmap_bytes, sizeof(munmap_bytes));
	assert_int_equal(frpc_narrow_ioctl(&file, FRPC_DN_IOCTL_MEM_MAP, &mem_map), 0);
	fake_expect(&fake, 2, 0xC0405213, mem_map_bytes, sizeof(mem_map_bytes));
	assert_int_equal(mem_map.vaddrout, 0xe0001000);
	assert_int_equal(frpc_narrow_ioctl(&file, FRPC_DN_IOCTL_MEM_UNMAP, &mem_unmap), 0);
	fake_expect(&fake, 3, 0xC0305214, mem_unmap_bytes, sizeof(mem_unmap_bytes));
}

static void a_length_that_32_bits_cannot_say_is_not_cut(void **state)
{
	struct frpc_dn_mmap map = {5, 0x1000, 0, UINT64_C(0x100000000), 0};
	struct frpc_dn_munmap unmap = {0xe0001000, UINT64_C(0x100000001)};

	(void)state;
	assert_int_equal(frpc_narrow_ioctl(&file, FRPC_DN_IOCTL_MMAP_64, &map), -EINVAL);
	assert_int_equal(frpc_narrow_ioctl(&file, FRPC_DN_IOCTL_MUNMAP_64, &unmap), -EINVAL);
	assert_int_equal(fake.ioctl_count, 0);
}

static void requests_and_commands_of_one_layout_pass(void **state)
{
	struct frpc_dn_invoke2 invoke2 = {.req = 6, .invparam = 0x20000000, .size = 16};
	struct frpc_dn_capability capability = {3, 6, 0};

	(void)state;
	assert_int_equal(frpc_narrow_ioctl(&file, FRPC_DN_IOCTL_INVOKE2, &invoke2), 0);
	fake_expect(&fake, 0, 0xC0105212, ((uint8_t[]){W32(6), W32(0x20000000), W32(16), W32(0)}),
		    16);
	assert_int_equal(frpc_narrow_ioctl(&file, FRPC_DN_IOCTL_GET_DSP_INFO, &capability), 0);
	fake_expect(&fake, 1, 0xC00C5211, ((uint8_t[]){W32(3), W32(6), W32(0)}), 12);
	assert_int_equal(frpc_narrow_ioctl(&file, FRPC_DN_IOCTL_SETMODE, (void *)(uintptr_t)4), 0);
	assert_int_equal(fake.ioctls[2].cmd, 0xC0045205);
	assert_int_equal(fake.ioctls[2].arg, 4);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
	const struct CMUnitTest tests[] = {
		TEST(calls_have_arguments_of_8_bytes_and_32_bit_pointers),
		TEST(init_and_its_attributes_are_28_and_36_bytes),
		TEST(maps_keep_their_numbers_and_change_their_layouts),
		TEST(a_length_that_32_bits_cannot_say_is_not_cut),
		TEST(requests_and_commands_of_one_layout_pass),
	};

	return cmocka_run_group_tests_name("narrow", tests, NULL, NULL);
}
