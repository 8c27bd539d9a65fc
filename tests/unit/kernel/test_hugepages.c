/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory that may get huge pages: the same bytes as anybody sees in the file, and nothing left behind. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator/kernel/hugepages.h"

#define PAGE	  4096u
#define HUGE_PAGE (2u << 20)

static const uint64_t sizes[] = {PAGE,		HUGE_PAGE / 2 - PAGE,
				 HUGE_PAGE / 2, HUGE_PAGE / 2 + PAGE,
				 HUGE_PAGE,	5 * HUGE_PAGE / 2};
#define SIZES (sizeof(sizes) / sizeof(*sizes))

static int file_of(uint64_t size)
{
	int fd = memfd_create("hugepages-test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	return fd;
}

/* How many pages of this process's address space lie in [start, end). */
static uint64_t mapped_pages(uintptr_t start, uintptr_t end)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long long from, to;
	uint64_t pages = 0;
	char line[512];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%llx-%llx", &from, &to) != 2 || to <= start || from >= end)
			continue;
		pages += ((to < end ? to : end) - (from > start ? from : start)) / PAGE;
	}
	fclose(maps);
	return pages;
}

static unsigned char at(uint64_t i)
{
	return (unsigned char)(i * 7 + i / 251);
}

static void the_file_and_the_memory_hold_the_same_also_after_a_collapse(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		int fd = file_of(sizes[i]);
		unsigned char *bytes = emu_hugepages_map(fd, sizes[i]);
		unsigned char *seen = mmap(NULL, (size_t)sizes[i], PROT_READ, MAP_SHARED, fd, 0);

		assert_true(bytes != MAP_FAILED && seen != MAP_FAILED);
		for (uint64_t k = 0; k < sizes[i]; k++)
			bytes[k] = at(k);
		emu_hugepages_collapse(bytes, sizes[i]);
		assert_memory_equal(bytes, seen, sizes[i]);
		bytes[sizes[i] - 1] ^= 1;
		assert_int_equal(seen[sizes[i] - 1], at(sizes[i] - 1) ^ 1);
		assert_int_equal(lseek(fd, 0, SEEK_END), sizes[i]);
		munmap(seen, (size_t)sizes[i]);
		emu_hugepages_unmap(bytes, sizes[i]);
		close(fd);
	}
}

static void large_memory_begins_where_a_huge_page_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		int fd = file_of(sizes[i]);
		unsigned char *bytes = emu_hugepages_map(fd, sizes[i]);

		assert_true(bytes != MAP_FAILED);
		if (sizes[i] >= HUGE_PAGE / 2)
			assert_int_equal((uintptr_t)bytes % HUGE_PAGE, 0);
		emu_hugepages_unmap(bytes, sizes[i]);
		close(fd);
	}
}

static void what_was_mapped_is_given_back_whole(void **state)
{
	uint64_t before = mapped_pages(0, UINTPTR_MAX);

	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		int fd = file_of(sizes[i]);
		unsigned char *bytes = emu_hugepages_map(fd, sizes[i]);

		assert_true(bytes != MAP_FAILED);
		emu_hugepages_unmap(bytes, sizes[i]);
		assert_int_equal(mapped_pages(0, UINTPTR_MAX), before);
		close(fd);
	}
}

static void what_cannot_be_mapped_leaves_its_errno_and_no_memory(void **state)
{
	uint64_t before = mapped_pages(0, UINTPTR_MAX);

	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		assert_ptr_equal(emu_hugepages_map(-1, sizes[i]), MAP_FAILED);
		assert_int_equal(errno, EBADF);
	}
	assert_ptr_equal(emu_hugepages_map(-1, (uint64_t)SIZE_MAX - PAGE), MAP_FAILED);
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(mapped_pages(0, UINTPTR_MAX), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_and_the_memory_hold_the_same_also_after_a_collapse),
		cmocka_unit_test(large_memory_begins_where_a_huge_page_does),
		cmocka_unit_test(what_was_mapped_is_given_back_whole),
		cmocka_unit_test(what_cannot_be_mapped_leaves_its_errno_and_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
