/* SPDX-License-Identifier: BSD-3-Clause */
#include "hugepages.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#define HUGE_PAGE (UINT64_C(2) << 20)
/* From half a huge page on: at most as much again is lost behind the end. */
#define SMALLEST (HUGE_PAGE / 2)

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

static uint64_t whole_pages(uint64_t size)
{
	return (size + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
}

/* Address space of @size bytes that begins where a huge page does. */
static char *reserve(uint64_t size)
{
	char *bytes, *start;

	bytes = mmap(NULL, (size_t)(size + HUGE_PAGE), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		     0);
	if (bytes == MAP_FAILED)
		return MAP_FAILED;
	start = bytes + (-(uintptr_t)bytes & (HUGE_PAGE - 1));
	if (start != bytes)
		munmap(bytes, (size_t)(start - bytes));
	munmap(start + size, (size_t)(bytes + HUGE_PAGE - start));
	return start;
}

void *emu_hugepages_map(int fd, uint64_t size)
{
	const int protection = PROT_READ | PROT_WRITE;
	char *place;
	void *bytes;
	int failed;

	if (size > SIZE_MAX / 2) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	if (size < SMALLEST)
		return mmap(NULL, (size_t)size, protection, MAP_SHARED, fd, 0);
	place = reserve(whole_pages(size));
	if (place == MAP_FAILED)
		return MAP_FAILED;
	bytes = mmap(place, (size_t)whole_pages(size), protection, MAP_SHARED | MAP_FIXED, fd, 0);
	if (bytes == MAP_FAILED) {
		failed = errno;
		munmap(place, (size_t)whole_pages(size));
		errno = failed;
	}
	return bytes;
}

void emu_hugepages_unmap(void *bytes, uint64_t size)
{
	munmap(bytes, (size_t)(size < SMALLEST ? size : whole_pages(size)));
}

void emu_hugepages_collapse(void *bytes, uint64_t size)
{
	if (size >= SMALLEST)
		(void)madvise(bytes, (size_t)whole_pages(size), MADV_COLLAPSE);
}
