/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory where a 32-bit client has its own: below 2 GiB, on any 64-bit machine. */
#ifndef TESTS_LOW_MEM_H
#define TESTS_LOW_MEM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/* As mmap() at exactly @at, which must be free: old kernels and qemu-user take it for a wish. */
static inline void *mmap_at(uint64_t at, size_t len, int prot, int flags, int fd)
{
	void *wish = (void *)(uintptr_t)at;
	void *place = mmap(wish, len, prot, flags | MAP_FIXED_NOREPLACE, fd, 0);

	if (place == wish || place == MAP_FAILED)
		return place;
	munmap(place, len);
	return MAP_FAILED;
}

/* As mmap() wherever there is room below 2 GiB. MAP_FAILED if there is none. */
static inline void *mmap_low(size_t len, int prot, int flags, int fd)
{
	if (sizeof(void *) == 4)
		return mmap(NULL, len, prot, flags, fd, 0);
	for (uint64_t at = 0x20000000; at + len <= 0x80000000; at += 0x100000) {
		void *place = mmap_at(at, len, prot, flags, fd);

		if (place != MAP_FAILED)
			return place;
	}
	return MAP_FAILED;
}

#endif
