/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/memory.h"

#define AT(address) ((const void *)(uintptr_t)(address))

static void add(uintptr_t start, uint64_t size, int32_t fd)
{
	assert_int_equal(frpc_memory_add(AT(start), size, fd, (uint32_t)fd * 2), 0);
}

static void forget(uintptr_t start)
{
	struct frpc_buffer_info info;

	assert_int_equal(frpc_memory_remove(AT(start), 0, &info), 0);
}

static void an_address_finds_the_buffer_it_lies_in_and_no_neighbour(void **state)
{
	struct frpc_buffer_info info;

	(void)state;
	add(0x3000, 0x1000, 3);
	add(0x1000, 0x1000, 1);
	add(0x2000, 0x800, 2);
	assert_int_equal(frpc_memory_find(AT(0x1000), 0x1000, &info), 0);
	assert_int_equal(info.fd, 1);
	assert_int_equal(info.attr, 2);
	assert_int_equal(frpc_memory_find(AT(0x1fff), 1, &info), 0);
	assert_int_equal(info.fd, 1);
	assert_int_equal(frpc_memory_find(AT(0x2000), 1, &info), 0);
	assert_int_equal(info.fd, 2);
	assert_int_equal(frpc_memory_find(AT(0x2800), 1, &info), -ENOENT);
	assert_int_equal(frpc_memory_find(AT(0x2fff), 1, &info), -ENOENT);
	assert_int_equal(frpc_memory_find(AT(0x4000), 0, &info), -ENOENT);
	assert_int_equal(frpc_memory_find(AT(0xfff), 2, &info), -ENOENT);
	forget(0x1000);
	forget(0x2000);
	forget(0x3000);
}

static void a_range_that_leaves_its_buffer_is_told_from_one_that_has_none(void **state)
{
	struct frpc_buffer_info info;

	(void)state;
	add(0x1000, 0x1000, 1);
	add(0x2000, 0x1000, 2);
	assert_int_equal(frpc_memory_find(AT(0x1800), 0x801, &info), -ERANGE);
	assert_int_equal(frpc_memory_find(AT(0x1800), UINT64_MAX, &info), -ERANGE);
	assert_int_equal(frpc_memory_find(AT(0x1800), 0x800, &info), 0);
	forget(0x1000);
	forget(0x2000);
}

static void buffers_do_not_overlap(void **state)
{
	(void)state;
	add(0x2000, 0x1000, 1);
	assert_int_equal(frpc_memory_add(AT(0x2000), 0x1000, 2, 0), -EEXIST);
	assert_int_equal(frpc_memory_add(AT(0x1000), 0x1001, 2, 0), -EEXIST);
	assert_int_equal(frpc_memory_add(AT(0x2fff), 1, 2, 0), -EEXIST);
	assert_int_equal(frpc_memory_add(AT(0x1000), 0x4000, 2, 0), -EEXIST);
	add(0x1000, 0x1000, 2);
	add(0x3000, 0x1000, 3);
	forget(0x1000);
	forget(0x2000);
	forget(0x3000);
}

static void what_is_no_range_of_memory_is_refused(void **state)
{
	(void)state;
	assert_int_equal(frpc_memory_add(NULL, 1, 1, 0), -EINVAL);
	assert_int_equal(frpc_memory_add(AT(0x1000), 0, 1, 0), -EINVAL);
	assert_int_equal(frpc_memory_add(AT(0x1000), UINT64_MAX, 1, 0), -EINVAL);
	assert_int_equal(frpc_memory_add(AT(UINTPTR_MAX), 2, 1, 0), -EINVAL);
}

static void a_buffer_goes_by_its_start_and_if_asked_its_size(void **state)
{
	struct frpc_buffer_info info = {0};

	(void)state;
	add(0x1000, 0x1000, 7);
	assert_int_equal(frpc_memory_remove(AT(0x1001), 0, &info), -ENOENT);
	assert_int_equal(frpc_memory_remove(AT(0x1000), 0xfff, &info), -ENOENT);
	assert_int_equal(frpc_memory_remove(AT(0x1000), 0x1000, &info), 0);
	assert_int_equal(info.fd, 7);
	assert_int_equal(frpc_memory_remove(AT(0x1000), 0, &info), -ENOENT);
}

static void many_buffers_come_and_go_in_any_order(void **state)
{
	struct frpc_buffer_info info;
	const uint32_t count = 1000;

	(void)state;
	/* 7 is prime to 1000: each one once, out of order. */
	for (uint32_t i = 0; i < count; i++)
		add(0x10000 + (i * 7 % count) * 0x1000, 0x1000, (int32_t)(i * 7 % count));
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(frpc_memory_find(AT(0x10000 + i * 0x1000 + 5), 8, &info), 0);
		assert_int_equal(info.fd, i);
	}
	assert_int_equal(frpc_memory_find_fd(500, &info), 0);
	assert_int_equal(info.start, 0x10000 + 500 * 0x1000);
	for (uint32_t i = 0; i < count; i++)
		forget(0x10000 + i * 13 % count * 0x1000);
	assert_int_equal(frpc_memory_find_fd(500, &info), -ENOENT);
}

static void handles_have_lengths_up_to_a_limit(void **state)
{
	uint32_t length = 0, attr = 0;

	(void)state;
	for (uint32_t i = 0; i < FRPC_MAX_DMA_HANDLES; i++)
		assert_int_equal(frpc_memory_set_handle((int32_t)i, i + 1, i), 0);
	assert_int_equal(frpc_memory_set_handle(10000, 1, 0), -ENOSPC);
	/* One that is there may change. */
	assert_int_equal(frpc_memory_set_handle(100, 5000, 9), 0);
	assert_int_equal(frpc_memory_find_handle(100, &length, &attr), 0);
	assert_int_equal(length, 5000);
	assert_int_equal(attr, 9);
	assert_int_equal(frpc_memory_set_handle(100, 0, 0), 0);
	assert_int_equal(frpc_memory_set_handle(100, 0, 0), -ENOENT);
	assert_int_equal(frpc_memory_find_handle(100, &length, &attr), -ENOENT);
	for (uint32_t i = 0; i < FRPC_MAX_DMA_HANDLES; i++) {
		if (i == 100)
			continue;
		assert_int_equal(frpc_memory_find_handle((int32_t)i, &length, &attr), 0);
		assert_int_equal(length, i + 1);
		assert_int_equal(frpc_memory_set_handle((int32_t)i, 0, 0), 0);
	}
}

static void a_forked_child_knows_the_buffers_and_may_change_its_own(void **state)
{
	struct frpc_buffer_info info;
	int status = 0;
	pid_t child;

	(void)state;
	add(0x1000, 0x1000, 1);
	child = fork();
	if (!child)
		_exit(frpc_memory_find(AT(0x1000), 1, &info) ||
		      frpc_memory_remove(AT(0x1000), 0, &info) ||
		      frpc_memory_add(AT(0x5000), 1, 2, 0));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(frpc_memory_find(AT(0x5000), 1, &info), -ENOENT);
	forget(0x1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_finds_the_buffer_it_lies_in_and_no_neighbour),
		cmocka_unit_test(a_range_that_leaves_its_buffer_is_told_from_one_that_has_none),
		cmocka_unit_test(buffers_do_not_overlap),
		cmocka_unit_test(what_is_no_range_of_memory_is_refused),
		cmocka_unit_test(a_buffer_goes_by_its_start_and_if_asked_its_size),
		cmocka_unit_test(many_buffers_come_and_go_in_any_order),
		cmocka_unit_test(handles_have_lengths_up_to_a_limit),
		cmocka_unit_test(a_forked_child_knows_the_buffers_and_may_change_its_own),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
