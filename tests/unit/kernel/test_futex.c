/* SPDX-License-Identifier: BSD-3-Clause */
/* How long a waiter looks at its word before it sleeps, counted in looks: time plays no part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "emulator/futex.h"

static _Atomic uint32_t word;

static int set_up(void **state)
{
	(void)state;
	emu_spinners_max = 1;
	emu_spins_in_vain = 0;
	word = 0;
	return 0;
}

static void a_spin_in_vain_halves_the_next_one_down_to_a_16th(void **state)
{
	static const uint32_t parts[] = {1, 2, 4, 8, 16, 16, 16, 16, 16};

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		assert_int_equal(emu_spins_worth(), EMU_SPINS / parts[i]);
		assert_int_equal(emu_spin(&word, 0), 0);
	}
}

static void one_spin_in_sixteen_is_made_in_full_whatever_came_before(void **state)
{
	int full = 0;

	(void)state;
	for (int i = 0; i < 160; i++) {
		full += emu_spins_worth() == EMU_SPINS;
		emu_spin(&word, 0);
	}
	assert_int_equal(full, 10 + 1); /* and the first */
}

static void a_spin_that_sees_the_change_makes_the_next_one_full_again(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		emu_spin(&word, 0);
	assert_int_equal(emu_spins_worth(), EMU_SPINS / 16);
	assert_int_equal(emu_spin(&word, 1), 1);
	assert_int_equal(emu_spins_worth(), EMU_SPINS);
}

/* Large copies take that long: to look on was right, and whoever sleeps has to be woken. */
static void a_sleep_that_was_short_makes_the_next_spin_full_again(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		emu_spin(&word, 0);
	emu_spins_slept(EMU_SHORT_SLEEP_NS);
	assert_int_equal(emu_spins_worth(), EMU_SPINS / 16);
	emu_spins_slept(EMU_SHORT_SLEEP_NS - 1);
	assert_int_equal(emu_spins_worth(), EMU_SPINS);
}

/* With as many that spin as there are CPUs nobody looked, and nothing has been learnt. */
static void a_spin_that_was_not_made_counts_for_nothing(void **state)
{
	(void)state;
	emu_spinners_max = 0;
	assert_int_equal(emu_spin(&word, 0), 0);
	assert_int_equal(emu_spins_worth(), EMU_SPINS);
	assert_int_equal(emu_spinners, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_spin_in_vain_halves_the_next_one_down_to_a_16th, set_up),
		cmocka_unit_test_setup(one_spin_in_sixteen_is_made_in_full_whatever_came_before,
				       set_up),
		cmocka_unit_test_setup(a_spin_that_sees_the_change_makes_the_next_one_full_again,
				       set_up),
		cmocka_unit_test_setup(a_sleep_that_was_short_makes_the_next_spin_full_again,
				       set_up),
		cmocka_unit_test_setup(a_spin_that_was_not_made_counts_for_nothing, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
