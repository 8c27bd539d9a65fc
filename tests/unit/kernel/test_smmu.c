/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator/kernel/smmu.h"

#define PAGE 4096u
#define BANK 5u
#define MAPS 64

static struct emu_smmu *smmu;

static int set_up(void **state)
{
	(void)state;
	return emu_smmu_new(&smmu);
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(emu_smmu_count(smmu), 0);
	emu_smmu_free(smmu);
	return 0;
}

static int map(uint32_t bank, uint64_t size, struct emu_smmu_map **ret_map)
{
	struct emu_dmabuf *dmabuf;
	int res;

	assert_int_equal(emu_dmabuf_new("smmu", size, &dmabuf), 0);
	res = emu_smmu_map(smmu, bank, dmabuf, ret_map);
	emu_dmabuf_put(dmabuf);
	return res;
}

static int see(uint64_t address, uint64_t length, struct emu_backing *ret_backing)
{
	return emu_memory_resolve(emu_smmu_memory(smmu), address, length, false, ret_backing);
}

static void a_dsp_sees_a_mapping_in_its_own_bank_and_not_one_byte_more(void **state)
{
	struct emu_backing backing;
	struct emu_smmu_map *one;

	(void)state;
	assert_int_equal(map(BANK, 2 * PAGE, &one), 0);
	assert_int_equal(one->address >> 32, BANK);
	assert_int_not_equal(one->address & UINT32_MAX, 0);
	assert_int_equal(see(one->address, 2 * PAGE, &backing), 0);
	assert_int_equal(backing.offset, 0);
	assert_int_equal(backing.size, 2 * PAGE);
	assert_int_equal(backing.ino, one->dmabuf->ino);
	assert_int_equal(backing.fd, -1);
	assert_int_equal(see(one->address + 5000, 3192, &backing), 0);
	assert_int_equal(backing.offset, 5000);
	assert_int_equal(see(one->address + 5000, 3193, &backing), -EFAULT);
	assert_int_equal(see(one->address, UINT64_MAX, &backing), -EFAULT);
	assert_int_equal(see(one->address - 1, 1, &backing), -EFAULT);
	assert_int_equal(see(one->address + 2 * PAGE, 1, &backing), -EFAULT);
	/* The same address without the bank, or in another one. */
	assert_int_equal(see(one->address & UINT32_MAX, 1, &backing), -EFAULT);
	assert_int_equal(see(one->address + (UINT64_C(1) << 32), 1, &backing), -EFAULT);
	emu_smmu_unmap(smmu, one);
	emu_smmu_unmap(smmu, NULL);
}

static void a_hidden_mapping_faults_and_comes_back_where_it_was(void **state)
{
	struct emu_backing backing;
	struct emu_smmu_map *one, *other;

	(void)state;
	assert_int_equal(map(BANK, PAGE, &one), 0);
	emu_smmu_show(smmu, one, false);
	assert_int_equal(see(one->address, 1, &backing), -EFAULT);
	assert_int_equal(map(BANK, PAGE, &other), 0);
	assert_int_not_equal(other->address, one->address);
	emu_smmu_show(smmu, one, true);
	assert_int_equal(see(one->address, 1, &backing), 0);
	emu_smmu_unmap(smmu, one);
	emu_smmu_unmap(smmu, other);
}

static void mappings_have_a_page_between_them_in_whatever_order_they_come_and_go(void **state)
{
	struct emu_smmu_map *maps[MAPS] = {NULL};
	struct emu_backing backing;

	(void)state;
	for (unsigned int round = 0; round < 8; round++) {
		for (unsigned int i = 0; i < MAPS; i++)
			if (!maps[i])
				assert_int_equal(map(BANK, PAGE * (1 + i % 3), &maps[i]), 0);
		for (unsigned int i = 0; i < MAPS; i++) {
			assert_int_equal(see(maps[i]->address, maps[i]->size, &backing), 0);
			assert_int_equal(backing.ino, maps[i]->dmabuf->ino);
			assert_int_equal(see(maps[i]->address + maps[i]->size, 1, &backing),
					 -EFAULT);
		}
		for (unsigned int i = 0; i < MAPS; i++)
			if ((i * 7 + round) % 3) {
				emu_smmu_unmap(smmu, maps[i]);
				maps[i] = NULL;
			}
	}
	for (unsigned int i = 0; i < MAPS; i++)
		emu_smmu_unmap(smmu, maps[i]);
}

static void a_test_says_where_the_next_mappings_go_and_none_lies_on_another(void **state)
{
	const uint64_t places[] = {0x80000000, 0x90000000, 0x80001000};
	struct emu_smmu_map *maps[4];

	(void)state;
	emu_smmu_fix_next(smmu, places, 3);
	assert_int_equal(map(BANK, 2 * PAGE, &maps[0]), 0);
	assert_int_equal(maps[0]->address, UINT64_C(0x580000000));
	assert_int_equal(map(3, PAGE, &maps[1]), 0);
	assert_int_equal(maps[1]->address, UINT64_C(0x390000000));
	assert_int_equal(map(BANK, PAGE, &maps[2]), -ENOMEM);
	assert_int_equal(map(BANK, PAGE, &maps[3]), 0);
	assert_true((maps[3]->address & UINT32_MAX) < 0x80000000);
	emu_smmu_unmap(smmu, maps[0]);
	emu_smmu_unmap(smmu, maps[1]);
	emu_smmu_unmap(smmu, maps[3]);
}

/* Of a size only: nobody looks at its bytes. */
static int map_large(uint64_t gib, struct emu_smmu_map **ret_map)
{
	static struct emu_dmabuf large = {.refs = 1, .fd = -1};

	large.size = gib << 30;
	return emu_smmu_map(smmu, BANK, &large, ret_map);
}

static void a_bank_has_less_than_4_gib(void **state)
{
	struct emu_smmu_map *large, *other;

	(void)state;
	assert_int_equal(map_large(3, &large), 0);
	assert_int_equal(map_large(3, &other), -ENOMEM);
	emu_smmu_unmap(smmu, large);
	assert_int_equal(map_large(3, &other), 0);
	emu_smmu_unmap(smmu, other);
	assert_int_equal(map_large(5, &other), -ENOMEM);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_dsp_sees_a_mapping_in_its_own_bank_and_not_one_byte_more),
		TEST(a_hidden_mapping_faults_and_comes_back_where_it_was),
		TEST(mappings_have_a_page_between_them_in_whatever_order_they_come_and_go),
		TEST(a_test_says_where_the_next_mappings_go_and_none_lies_on_another),
		TEST(a_bank_has_less_than_4_gib),
	};

	return cmocka_run_group_tests_name("smmu", tests, NULL, NULL);
}
