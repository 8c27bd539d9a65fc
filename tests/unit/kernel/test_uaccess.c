/* SPDX-License-Identifier: BSD-3-Clause */
/* User access: what crosses, and what is a fault instead of a signal. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator/kernel/uaccess.h"

#define PAGE 4096u
#define LEN  (64u * PAGE)

/* LEN bytes that may be read and written between two pages that may not. */
static uint8_t *memory;
static uint8_t kernel[LEN], copy[LEN];
static struct frpc_task task;

static int set_up(void **state)
{
	(void)state;
	memory = mmap(NULL, LEN + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return -1;
	memory += PAGE;
	frpc_task_current(&task);
	emu_user_hold();
	for (uint32_t i = 0; i < LEN; i++)
		kernel[i] = (uint8_t)(i * 11 + i / 253);
	return mprotect(memory, LEN, PROT_READ | PROT_WRITE);
}

static int tear_down(void **state)
{
	(void)state;
	emu_user_release();
	return munmap(memory - PAGE, LEN + 2 * PAGE);
}

static void any_length_crosses_both_ways(void **state)
{
	static const uint64_t lengths[] = {0, 1, 7, 4095, 4096, 65535, 65536, 65537, LEN};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		uint64_t at = (uintptr_t)memory + LEN - lengths[i];

		memset(copy, 0, sizeof(copy));
		memset(memory, 0, LEN);
		assert_int_equal(emu_user_write(&task, at, kernel, lengths[i]), 0);
		assert_int_equal(emu_user_read(&task, copy, at, lengths[i]), 0);
		assert_memory_equal(copy, kernel, lengths[i]);
	}
}

static void one_bad_byte_is_a_fault(void **state)
{
	static const uint64_t lengths[] = {1, 100, 70000, LEN};
	uint64_t end = (uintptr_t)memory + LEN;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		assert_int_equal(emu_user_read(&task, copy, end - lengths[i] + 1, lengths[i]),
				 -EFAULT);
		assert_int_equal(emu_user_write(&task, end - lengths[i] + 1, kernel, lengths[i]),
				 -EFAULT);
		assert_int_equal(emu_user_read(&task, copy, (uintptr_t)memory - 1, lengths[i]),
				 -EFAULT);
	}
	assert_int_equal(emu_user_read(&task, copy, 0, 1), -EFAULT);
	assert_int_equal(emu_user_read(&task, copy, UINT64_MAX - 4, 8), -EFAULT);
	assert_int_equal(emu_user_read(&task, copy, UINT64_C(0xffff000000000000), 8), -EFAULT);
	assert_int_equal(emu_user_read(&task, copy, (uintptr_t)memory, UINT64_MAX), -EFAULT);
	/* Nothing to copy is no fault, wherever it lies. */
	assert_int_equal(emu_user_read(&task, copy, 1, 0), 0);
}

static void what_may_only_be_read_is_not_written(void **state)
{
	(void)state;
	memcpy(memory, kernel, LEN);
	assert_int_equal(mprotect(memory, LEN, PROT_READ), 0);
	assert_int_equal(emu_user_write(&task, (uintptr_t)memory, copy, 8), -EFAULT);
	assert_int_equal(emu_user_write(&task, (uintptr_t)memory, copy, LEN), -EFAULT);
	assert_int_equal(emu_user_read(&task, copy, (uintptr_t)memory, LEN), 0);
	assert_memory_equal(copy, kernel, LEN);
}

static void a_batch_has_as_many_ranges_as_it_likes(void **state)
{
	struct emu_copy copies[300];

	(void)state;
	memcpy(memory, kernel, LEN);
	memset(copy, 0, sizeof(copy));
	for (uint32_t i = 0; i < 300; i++)
		copies[i] = (struct emu_copy){copy + i * 300, (uintptr_t)memory + i * 300,
					      i % 5 ? 300 : 0};
	assert_int_equal(emu_user_read_batch(&task, copies, 300), 0);
	for (uint32_t i = 0; i < 300; i++)
		if (i % 5)
			assert_memory_equal(copy + i * 300, kernel + i * 300, 300);
		else
			assert_int_equal(copy[i * 300 + 7], 0);
	copies[299].user = (uintptr_t)memory + LEN - 1;
	assert_int_equal(emu_user_read_batch(&task, copies, 300), -EFAULT);
}

static void a_window_holds_what_follows_a_command_and_asks_for_the_rest(void **state)
{
	uint64_t last = (uintptr_t)memory + LEN - 40;
	struct emu_window window;
	uint8_t bytes[64];

	(void)state;
	memcpy(memory, kernel, LEN);
	/* At the end of what is mapped there is less than a window. */
	assert_int_equal(emu_window_open(&window, &task, last, 16), 0);
	assert_int_equal(emu_window_read(&window, &task, bytes, last + 8, 32), 0);
	assert_memory_equal(bytes, kernel + LEN - 32, 32);
	assert_int_equal(emu_window_read(&window, &task, bytes, last + 8, 33), -EFAULT);
	assert_int_equal(emu_window_read(&window, &task, bytes, last - 100, 64), 0);
	assert_memory_equal(bytes, kernel + LEN - 140, 64);
	assert_int_equal(emu_window_open(&window, &task, last, 41), -EFAULT);
	assert_int_equal(emu_window_open(&window, &task, 0, 16), -EFAULT);
	assert_int_equal(emu_window_open(&window, &task, UINT64_MAX - 3, 16), -EFAULT);
}

/*
 * Is what @pid has at @start to be had from /proc? Of what qemu-user runs it
 * has the memory at the addresses of the emulator's process.
 */
static bool is_where_it_says(pid_t pid, const uint8_t *start)
{
	char path[48], there[16] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (pread(fd, there, sizeof(there), (off_t)(uintptr_t)start) != sizeof(there))
		there[1] = 0;
	close(fd);
	return !memcmp(there, kernel, sizeof(there));
}

static void another_processs_memory_has_its_own_protection(void **state)
{
	struct frpc_task child = task;
	uint8_t *shown = memory;
	int ends[2];

	(void)state;
	memcpy(memory, kernel, LEN);
	assert_int_equal(mprotect(shown, PAGE, PROT_READ), 0);
	assert_int_equal(pipe(ends), 0);
	child.tgid = child.tid = fork();
	assert_true(child.tgid >= 0);
	if (!child.tgid) {
		close(ends[1]);
		_exit(read(ends[0], copy, 1) ? 1 : 0); /* until the parent has closed its end */
	}
	close(ends[0]);
	if (!is_where_it_says(child.tgid, shown)) {
		close(ends[1]);
		assert_int_equal(waitpid(child.tgid, NULL, 0), child.tgid);
		print_message("/proc names other addresses of a process than it has\n");
		skip();
	}
	memset(memory + PAGE, 0, LEN - PAGE);
	assert_int_equal(emu_user_read(&child, copy, (uintptr_t)memory, LEN), 0);
	assert_memory_equal(copy, kernel, LEN);
	assert_int_equal(emu_user_write(&child, (uintptr_t)shown, copy, 8), -EFAULT);
	assert_int_equal(emu_user_write(&child, (uintptr_t)shown + PAGE - 4, copy, 8), -EFAULT);
	assert_int_equal(emu_user_read(&child, copy, (uintptr_t)memory + LEN - 4, 8), -EFAULT);
	assert_int_equal(emu_user_write(&child, (uintptr_t)memory + PAGE, kernel + 9, 8), 0);
	assert_int_equal(emu_user_read(&child, copy, (uintptr_t)memory + PAGE, 8), 0);
	assert_memory_equal(copy, kernel + 9, 8);
	close(ends[1]);
	assert_int_equal(waitpid(child.tgid, NULL, 0), child.tgid);
}

static void an_area_is_one_mapping(void **state)
{
	struct frpc_area area;

	(void)state;
	assert_int_equal(emu_user_area(&task, (uintptr_t)memory + 5 * PAGE + 17, &area), 0);
	assert_int_equal(area.start, (uintptr_t)memory);
	assert_int_equal(area.end, (uintptr_t)memory + LEN);
	/* What is protected otherwise is another one. */
	assert_int_equal(mprotect(memory + 8 * PAGE, PAGE, PROT_READ), 0);
	assert_int_equal(emu_user_area(&task, (uintptr_t)memory + 9 * PAGE, &area), 0);
	assert_int_equal(area.start, (uintptr_t)memory + 9 * PAGE);
	assert_int_equal(emu_user_area(&task, 16, &area), -EFAULT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(any_length_crosses_both_ways),
		TEST(one_bad_byte_is_a_fault),
		TEST(what_may_only_be_read_is_not_written),
		TEST(a_batch_has_as_many_ranges_as_it_likes),
		TEST(a_window_holds_what_follows_a_command_and_asks_for_the_rest),
		TEST(another_processs_memory_has_its_own_protection),
		TEST(an_area_is_one_mapping),
	};

	return cmocka_run_group_tests_name("uaccess", tests, NULL, NULL);
}
