/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "lib/maps.h"

/* Sessions are only compared. */
#define SESSION(n) ((struct frpc_session *)(uintptr_t)((n)*64))
#define AT(n)	   ((void *)(uintptr_t)((n)*4096))

static void a_map_is_known_by_session_fd_address_and_length_together(void **state)
{
	uint64_t address = 0;

	(void)state;
	assert_int_equal(frpc_maps_claim(SESSION(1), 5, AT(1), 4096), 0);
	frpc_maps_set(SESSION(1), 5, AT(1), 4096, 0xe0000000);
	assert_int_equal(frpc_maps_drop(SESSION(2), 5, AT(1), 4096, &address), -ENOENT);
	assert_int_equal(frpc_maps_drop(SESSION(1), 6, AT(1), 4096, &address), -ENOENT);
	assert_int_equal(frpc_maps_drop(SESSION(1), 5, AT(2), 4096, &address), -ENOENT);
	assert_int_equal(frpc_maps_drop(SESSION(1), 5, AT(1), 4095, &address), -ENOENT);
	assert_int_equal(address, 0);
	assert_int_equal(frpc_maps_drop(SESSION(1), 5, AT(1), 4096, &address), 0);
	assert_int_equal(address, 0xe0000000);
	assert_int_equal(frpc_maps_drop(SESSION(1), 5, AT(1), 4096, &address), -ENOENT);
}

static void a_range_is_claimed_once_for_each_session(void **state)
{
	uint64_t address;

	(void)state;
	assert_int_equal(frpc_maps_claim(SESSION(1), 5, AT(1), 4096), 0);
	assert_int_equal(frpc_maps_claim(SESSION(1), 5, AT(1), 4096), AEE_EALREADY);
	assert_int_equal(frpc_maps_claim(SESSION(2), 5, AT(1), 4096), 0);
	frpc_maps_set(SESSION(1), 5, AT(1), 4096, 1);
	frpc_maps_set(SESSION(2), 5, AT(1), 4096, 2);
	/* Of something that nobody claimed: nothing happens. */
	frpc_maps_set(SESSION(3), 5, AT(1), 4096, 3);
	assert_int_equal(frpc_maps_drop(SESSION(2), 5, AT(1), 4096, &address), 0);
	assert_int_equal(address, 2);
	assert_int_equal(frpc_maps_claim(SESSION(2), 5, AT(1), 4096), 0);
	assert_int_equal(frpc_maps_drop(SESSION(2), 5, AT(1), 4096, &address), 0);
	assert_int_equal(frpc_maps_drop(SESSION(1), 5, AT(1), 4096, &address), 0);
	assert_int_equal(address, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_is_known_by_session_fd_address_and_length_together),
		cmocka_unit_test(a_range_is_claimed_once_for_each_session),
	};

	return cmocka_run_group_tests_name("maps", tests, NULL, NULL);
}
