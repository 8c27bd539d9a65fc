/* SPDX-License-Identifier: BSD-3-Clause */
#include "low_memory.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>

/* ASan's shadow begins at 0x7fff8000 on x86-64; i386 programs have their own things further up. */
#define FIRST_ADDRESS UINT64_C(0x10000000)
#define LAST_ADDRESS  UINT64_C(0x7fff0000)
#define STEP	      UINT64_C(0x100000)

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/* The first free place from a moving start: all DSP processes of this process share the range. */
void *emu_low_map(int fd, uint64_t fd_offset, uint64_t size)
{
	static _Atomic uint64_t next = FIRST_ADDRESS;
	int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	uint64_t at = atomic_load(&next);

	errno = ENOMEM;
	if (size > LAST_ADDRESS - FIRST_ADDRESS)
		return MAP_FAILED;
	for (uint64_t tried = 0; tried < LAST_ADDRESS - FIRST_ADDRESS + size; tried += STEP) {
		void *place;

		if (at < FIRST_ADDRESS || at + size > LAST_ADDRESS)
			at = FIRST_ADDRESS;
		place = mmap((void *)(uintptr_t)at, (size_t)size, PROT_READ | PROT_WRITE,
			     flags | MAP_FIXED_NOREPLACE, fd, (off_t)fd_offset);
		if (place == (void *)(uintptr_t)at) {
			atomic_store(&next, at + ((size + STEP) & ~(STEP - 1)));
			return place;
		}
		if (place != MAP_FAILED)
			munmap(place, (size_t)size); /* a kernel that does not know the flag */
		else if (errno != EEXIST)
			return MAP_FAILED;
		at += STEP;
	}
	errno = ENOMEM;
	return MAP_FAILED;
}
