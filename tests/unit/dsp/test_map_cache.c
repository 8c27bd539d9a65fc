/* SPDX-License-Identifier: BSD-3-Clause */
/* A DSP process's views of shared buffers, over a memory of this test's own. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../support/leaks.h"
#include "emulator/dsp/map_cache.h"

#define PAGE	4096u
#define BUFFERS (EMU_MAP_CACHE_ENTRIES + 20)
/* Buffer i lies at (i + 1) MiB, and once more SECOND higher. */
#define AT(i)  ((uint64_t)((i) + 1) << 20)
#define SECOND (UINT64_C(1) << 30)

struct memory {
	struct emu_memory memory;
	int fds[BUFFERS];
	uint64_t sizes[BUFFERS];
};

static int resolve(struct emu_memory *base, uint64_t address, uint64_t length, bool want_fd,
		   struct emu_backing *ret_backing)
{
	struct memory *memory = (struct memory *)base;
	uint64_t at = address & (SECOND - 1), i = (at >> 20) - 1, offset = at & 0xfffff;
	struct stat st;

	if (i >= BUFFERS || offset >= memory->sizes[i] || length > memory->sizes[i] - offset)
		return -EFAULT;
	assert_int_equal(fstat(memory->fds[i], &st), 0);
	*ret_backing = (struct emu_backing){
		.dev = st.st_dev,
		.ino = st.st_ino,
		.offset = offset,
		.size = memory->sizes[i],
		.fd = want_fd ? fcntl(memory->fds[i], F_DUPFD_CLOEXEC, 3) : -1,
	};
	return 0;
}

static const struct emu_memory_ops ops = {.resolve = resolve};
static struct memory memory;
static struct emu_map_cache *cache;
static struct resources before;

static int set_up(void **state)
{
	(void)state;
	before = resources_now();
	memory.memory.ops = &ops;
	for (int i = 0; i < (int)BUFFERS; i++) {
		memory.sizes[i] = PAGE * (1 + (unsigned int)i % 3);
		memory.fds[i] = memfd_create("map-cache", MFD_CLOEXEC);
		if (ftruncate(memory.fds[i], (off_t)memory.sizes[i]))
			return -1;
	}
	return emu_map_cache_new(&memory.memory, &cache);
}

static int tear_down(void **state)
{
	(void)state;
	emu_map_cache_free(cache);
	for (int i = 0; i < (int)BUFFERS; i++)
		close(memory.fds[i]);
	assert_resources_are_back(&before);
	return 0;
}

static unsigned char *pin(uint64_t address, uint64_t length, struct emu_pin **ret_pin)
{
	void *bytes = NULL;

	assert_int_equal(emu_map_cache_pin(cache, address, length, ret_pin, &bytes), 0);
	return bytes;
}

static void a_buffer_is_seen_once_below_4_gib_wherever_it_is_asked_for(void **state)
{
	struct emu_pin *first, *second, *third;
	unsigned char *bytes = pin(AT(2), 3 * PAGE, &first), byte = 0;

	(void)state;
	assert_true((uintptr_t)bytes + 3 * PAGE <= UINT32_MAX);
	assert_ptr_equal(pin(AT(2) + 5000, 100, &second), bytes + 5000);
	/* Mapped at another device address, it is still the same memory. */
	assert_ptr_equal(pin(AT(2) + SECOND + PAGE, 1, &third), bytes + PAGE);
	bytes[5000] = 0x5a;
	assert_int_equal(pread(memory.fds[2], &byte, 1, 5000), 1);
	assert_int_equal(byte, 0x5a);
	assert_int_equal(count_memfd_maps(), before.shared_maps + 1);
	emu_map_cache_unpin(cache, first);
	emu_map_cache_unpin(cache, second);
	emu_map_cache_unpin(cache, third);
	emu_map_cache_unpin(cache, NULL);
}

static void what_is_not_mapped_for_the_dsp_is_a_fault(void **state)
{
	struct emu_pin *none = NULL;
	void *bytes = NULL;

	(void)state;
	assert_int_equal(emu_map_cache_pin(cache, 0, 1, &none, &bytes), -EFAULT);
	assert_int_equal(emu_map_cache_pin(cache, AT(0), PAGE + 1, &none, &bytes), -EFAULT);
	assert_int_equal(emu_map_cache_pin(cache, AT(0) + PAGE, 1, &none, &bytes), -EFAULT);
	assert_int_equal(emu_map_cache_pin(cache, AT(BUFFERS), 1, &none, &bytes), -EFAULT);
	assert_null(none);
	assert_int_equal(count_memfd_maps(), before.shared_maps);
}

static void views_that_nobody_holds_are_bounded_and_those_held_stay(void **state)
{
	struct emu_pin *held, *other;
	unsigned char *bytes = pin(AT(0), PAGE, &held);

	(void)state;
	for (uint64_t i = 1; i < BUFFERS; i++) {
		pin(AT(i), PAGE, &other);
		emu_map_cache_unpin(cache, other);
	}
	assert_int_equal(count_memfd_maps() - before.shared_maps, EMU_MAP_CACHE_ENTRIES);
	assert_ptr_equal(pin(AT(0), PAGE, &other), bytes);
	bytes[0] = 1;
	emu_map_cache_unpin(cache, other);
	emu_map_cache_unpin(cache, held);
}

static void the_view_used_last_goes_last(void **state)
{
	struct emu_pin *other;
	unsigned char *bytes = NULL;

	(void)state;
	for (uint64_t i = 0; i < BUFFERS; i++) {
		/* Buffer 0 is looked at again and again. */
		unsigned char *again = pin(AT(0), PAGE, &other);

		emu_map_cache_unpin(cache, other);
		assert_true(!bytes || again == bytes);
		bytes = again;
		pin(AT(i), PAGE, &other);
		emu_map_cache_unpin(cache, other);
	}
}

static void more_than_the_bound_can_be_held_at_once(void **state)
{
	static struct emu_pin *pins[BUFFERS];

	(void)state;
	for (uint64_t i = 0; i < BUFFERS; i++)
		pin(AT(i), PAGE, &pins[i])[0] = (unsigned char)i;
	for (uint64_t i = 0; i < BUFFERS; i++) {
		struct emu_pin *again;

		assert_int_equal(pin(AT(i), PAGE, &again)[0], (unsigned char)i);
		emu_map_cache_unpin(cache, again);
	}
	for (uint64_t i = 0; i < BUFFERS; i++)
		emu_map_cache_unpin(cache, pins[i]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_buffer_is_seen_once_below_4_gib_wherever_it_is_asked_for),
		TEST(what_is_not_mapped_for_the_dsp_is_a_fault),
		TEST(views_that_nobody_holds_are_bounded_and_those_held_stay),
		TEST(the_view_used_last_goes_last),
		TEST(more_than_the_bound_can_be_held_at_once),
	};

	return cmocka_run_group_tests_name("map cache", tests, NULL, NULL);
}
