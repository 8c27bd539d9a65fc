/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The memory of a fuzzed client. Its bytes are the input's; values of a certain form become
 * addresses in it, or the descriptor of a real dma-buf, so that inputs can mean something. None is an
 * address of the fuzzer's own.
 */
#ifndef FUZZ_ARENA_H
#define FUZZ_ARENA_H

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ARENA_SIZE 16384u

struct arena {
	unsigned char *bytes;
	int fd; /* a dma-buf of one page, mapped at page */
	unsigned char *page;
};

#define ARENA_GUARD 4096u

/*
 * Where the fuzzer's own memory lies, of sanitizers, heap, program and libraries; a DSP's addresses lie
 * below. libFuzzer learns such addresses from comparisons, and a driver that a client gives one writes there.
 */
#define FUZZER_STARTS (UINT64_C(1) << 40)
#define FUZZER_ENDS   (UINT64_C(1) << 47)

/*
 * Memory with a hole behind it: an input that asks the driver to write beyond has it write into the
 * fuzzer itself otherwise.
 */
static inline void *arena_map(size_t size, int fd)
{
	unsigned char *room =
		mmap(NULL, size + ARENA_GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *place;

	if (room == MAP_FAILED)
		_exit(1);
	place = mmap(room, size, PROT_READ | PROT_WRITE,
		     MAP_FIXED | (fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED), fd, 0);
	if (place == MAP_FAILED)
		_exit(1);
	return place;
}

static inline void arena_init(struct arena *arena)
{
	if (arena->bytes)
		return;
	arena->bytes = arena_map(ARENA_SIZE, -1);
	arena->fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (ftruncate(arena->fd, 8192))
		_exit(1);
	arena->page = arena_map(8192, arena->fd);
}

/* 0xa5xxxxxxxxxxoooo: address o in the arena; 0xa6...: in the dma-buf. 0xfd in a 32-bit word: its fd. */
static inline void arena_fill(struct arena *arena, const uint8_t *data, size_t size)
{
	memset(arena->bytes, 0, ARENA_SIZE);
	memcpy(arena->bytes, data, size < ARENA_SIZE ? size : ARENA_SIZE);
	for (size_t at = 0; at + 8 <= ARENA_SIZE; at += 8) {
		uint64_t value, place;
		uint32_t words[2];

		memcpy(&value, arena->bytes + at, 8);
		memcpy(words, &value, 8);
		place = value & 0xffff;
		if (value >> 56 == 0xa5)
			value = (uintptr_t)arena->bytes + place;
		else if (value >> 56 == 0xa6)
			value = (uintptr_t)arena->page + (place & 0x1fff);
		else if (value >= FUZZER_STARTS && value < FUZZER_ENDS)
			value %= FUZZER_STARTS;
		else {
			for (int i = 0; i < 2; i++)
				if (words[i] == 0xfd)
					words[i] = (uint32_t)arena->fd;
			memcpy(&value, words, 8);
		}
		memcpy(arena->bytes + at, &value, 8);
	}
}

#endif
