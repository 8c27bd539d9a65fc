/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of handles alone: sessions are a count here. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/handle.h"
#include "lib/session.h"

struct frpc_session {
	int refs;
};

struct frpc_session *frpc_session_ref(struct frpc_session *session)
{
	session->refs++;
	return session;
}

static uint64_t add(struct frpc_session *session, uint32_t dsp_handle, bool wide)
{
	uint64_t handle = 0;

	assert_int_equal(frpc_handle_add(session, dsp_handle, wide, &handle), 0);
	assert_int_not_equal(handle, 0);
	return handle;
}

static void drop(uint64_t handle, bool wide)
{
	struct frpc_handle_ref ref;

	assert_int_equal(frpc_handle_take(handle, wide, &ref), 0);
	ref.session->refs--;
}

static void a_handle_leads_to_its_module_until_it_is_taken(void **state)
{
	struct frpc_session session = {0};
	struct frpc_handle_ref ref;
	uint64_t handle;

	(void)state;
	handle = add(&session, 77, true);
	assert_int_equal(session.refs, 1);
	assert_int_equal(frpc_handle_get(handle, true, &ref), 0);
	assert_ptr_equal(ref.session, &session);
	assert_int_equal(ref.dsp_handle, 77);
	assert_int_equal(session.refs, 2);
	/* The table's reference goes to whoever takes the handle, and only once. */
	assert_int_equal(frpc_handle_take(handle, true, &ref), 0);
	assert_int_equal(session.refs, 2);
	assert_int_equal(frpc_handle_take(handle, true, &ref), -ENOENT);
	assert_int_equal(frpc_handle_get(handle, true, &ref), -ENOENT);
}

static void a_closed_handle_is_not_the_next_one_in_its_place(void **state)
{
	struct frpc_session session = {0};
	struct frpc_handle_ref ref;
	uint64_t stale[500], handle;

	(void)state;
	for (int width = 0; width < 2; width++) {
		for (int i = 0; i < 500; i++) {
			stale[i] = add(&session, 1, width);
			drop(stale[i], width);
		}
		handle = add(&session, 2, width);
		for (int i = 0; i < 500; i++) {
			assert_int_not_equal(stale[i], handle);
			assert_int_equal(frpc_handle_get(stale[i], width, &ref), -ENOENT);
		}
		drop(handle, width);
	}
	assert_int_equal(session.refs, 0);
}

static void made_up_handles_are_refused_and_touch_nothing(void **state)
{
	struct frpc_session session = {0};
	struct frpc_handle_ref ref;
	uint64_t wide, narrow;

	(void)state;
	wide = add(&session, 1, true);
	narrow = add(&session, 2, false);
	assert_true(narrow <= UINT32_MAX);
	assert_int_equal(frpc_handle_get(0, true, &ref), -ENOENT);
	assert_int_equal(frpc_handle_get(0, false, &ref), -ENOENT);
	assert_int_equal(frpc_handle_get(UINT64_MAX, true, &ref), -ENOENT);
	assert_int_equal(frpc_handle_get(UINT32_MAX, false, &ref), -ENOENT);
	/* Of the other width, with any one bit turned, or with bits that a narrow one cannot have. */
	assert_int_equal(frpc_handle_get(wide, false, &ref), -ENOENT);
	assert_int_equal(frpc_handle_get(narrow, true, &ref), -ENOENT);
	for (int bit = 0; bit < 64; bit++) {
		assert_int_equal(frpc_handle_get(wide ^ UINT64_C(1) << bit, true, &ref), -ENOENT);
		assert_int_equal(frpc_handle_get(narrow ^ UINT64_C(1) << bit, false, &ref),
				 -ENOENT);
	}
	assert_int_equal(session.refs, 2);
	drop(wide, true);
	drop(narrow, false);
}

static void a_narrow_handle_is_never_one_of_the_static_ones(void **state)
{
	struct frpc_session session = {0};

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t handle = add(&session, 1, false);

		assert_true(handle >= 0x1000 && handle <= UINT32_MAX);
		drop(handle, false);
	}
}

static void all_handles_of_a_session_can_be_taken_and_no_others(void **state)
{
	struct frpc_session first = {0}, second = {0};
	struct frpc_handle_ref ref;
	uint64_t others[50];
	int taken = 0;

	(void)state;
	for (uint32_t i = 0; i < 50; i++) {
		add(&first, i, i & 1);
		others[i] = add(&second, i, i & 1);
	}
	while (!frpc_handle_take_any(&first, &ref)) {
		assert_ptr_equal(ref.session, &first);
		taken++;
	}
	assert_int_equal(taken, 50);
	for (uint32_t i = 0; i < 50; i++)
		drop(others[i], i & 1);
	assert_int_equal(second.refs, 0);
}

static void a_forked_child_has_no_handles_and_new_ones_equal_none_of_before(void **state)
{
	struct frpc_session session = {0};
	struct frpc_handle_ref ref;
	uint64_t handle;
	int status = 0;
	pid_t child;

	(void)state;
	handle = add(&session, 1, true);
	child = fork();
	if (!child) {
		uint64_t fresh = 0;

		_exit(!frpc_handle_get(handle, true, &ref) ||
		      frpc_handle_add(&session, 2, true, &fresh) || fresh == handle ||
		      !frpc_handle_get(handle, true, &ref) || frpc_handle_get(fresh, true, &ref));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	drop(handle, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handle_leads_to_its_module_until_it_is_taken),
		cmocka_unit_test(a_closed_handle_is_not_the_next_one_in_its_place),
		cmocka_unit_test(made_up_handles_are_refused_and_touch_nothing),
		cmocka_unit_test(a_narrow_handle_is_never_one_of_the_static_ones),
		cmocka_unit_test(all_handles_of_a_session_can_be_taken_and_no_others),
		cmocka_unit_test(a_forked_child_has_no_handles_and_new_ones_equal_none_of_before),
	};

	return cmocka_run_group_tests_name("handle", tests, NULL, NULL);
}
